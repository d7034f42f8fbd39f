"""Python reads this first where its folder is on the path: rounds and leases of minutes are seconds then.

Nothing else is changed: the processes are those of a clinic.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from billing.claims.filing import sending as claims
from billing.cli import minding
from billing.operations import rounds
from billing.operations.errands import running as errands
from billing.reminders import sending as messages
from tests.journeys.fire.times import LEASE, LONGEST_PAUSE, ROUND, UPKEEP

_UPKEEP = (rounds.SEAL_AUDIT, rounds.GIVE_SIGN, rounds.READ_REPLIES, rounds.ASK_WHAT_IS_REGULAR, rounds.DRAW_PAPERS)

rounds.ROUNDS = tuple(replace(one, every=UPKEEP if one.task in _UPKEEP else ROUND) for one in rounds.ROUNDS)
claims.LEASE = errands.LEASE = messages.LEASE = LEASE
claims.RESTS = ((timedelta(), ROUND),)
messages._PATIENCE = LEASE / 2
messages.BACK_OFF = (ROUND, 2 * ROUND, 4 * ROUND)
minding.LONGEST_PAUSE = LONGEST_PAUSE
