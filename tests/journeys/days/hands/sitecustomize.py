"""Python reads this first where its folder is on the path: the house's clocks are in a test's hand.

They go on by themselves from where the test has put them, and the rounds come every second. Nothing else is changed:
the processes are those of a clinic.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from billing import clock
from billing.operations import rounds

HANDS = "TESTS_CLOCK_HANDS"
"""Names the file that says by how many seconds the house's clocks are ahead of the world's."""
ROUND = timedelta(seconds=1)


def now() -> datetime:
    """This instant in the house."""
    ahead = float(Path(os.environ[HANDS]).read_text(encoding="ascii"))
    return clock._stopped.get() or datetime.now(UTC) + timedelta(seconds=ahead)


if HANDS in os.environ:
    clock.now = now
    rounds.ROUNDS = tuple(replace(one, every=ROUND) for one in rounds.ROUNDS)
