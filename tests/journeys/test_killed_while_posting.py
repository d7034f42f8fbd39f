"""A payment is in the books whole or not at all, whenever the program that posts it is killed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.journeys.killing import Clinic, kill

KILLS = 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_cent_is_posted_twice_or_lost_by_a_kill(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("empty_postgresql_url") if kind == "postgresql" else ""

    tally = kill(Clinic(tmp_path, url), KILLS, random.Random(kind))

    assert tally.kills == KILLS
    assert tally.before_the_end > 0
    assert tally.half_posted == 0
    assert tally.cents_off == 0
    assert tally.problems == []
