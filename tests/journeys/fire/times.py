"""How long things take while a clinic is under fire, where minutes would be waited for otherwise."""

from __future__ import annotations

from datetime import timedelta

LEASE = timedelta(seconds=8)
"""Of claim files, messages and errands: in life ten minutes, five and one."""
ROUND = timedelta(seconds=2)
"""Between two rounds: in life half a minute to five minutes."""
UPKEEP = timedelta(seconds=8)
"""The same of rounds that only look after the house."""
LONGEST_PAUSE = 2.0
"""Seconds until ``meridian serve`` starts its worker anew, however often it dies: in life a minute."""
TOLD = (
    f"Leases last {LEASE.seconds} s instead of 10, 5 and 1 minutes (claim files, messages, errands), and a round comes "
    f"every {ROUND.seconds} or {UPKEEP.seconds} s instead of every half to five minutes; what was not taken is offered "
    "again, and a worker that died is started again, after seconds too; everything else is as in life."
)
