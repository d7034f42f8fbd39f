"""Whatever is killed: no claim, cent or message is doubled, lost or stuck."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.under_fire import under_fire

KILLS = {"real": 5, "embedded": 3}
"""Of each kind of thing at least one."""


@pytest.mark.parametrize("kind", KILLS)
def test_nothing_is_doubled_lost_or_stuck_by_kills(kind: str, tmp_path: Path) -> None:
    burnt = under_fire(kind, KILLS[kind], tmp_path, seed=kind)

    assert sum(map(len, burnt.times.values())) == KILLS[kind]
    assert all(burnt.times.values())
    assert {what: count for what, count in burnt.found.faults.items() if count} == {}, burnt.found
    assert burnt.found.claims == burnt.far.payer.received.total() > 0
    assert burnt.far.payer.paid_cents > 0
