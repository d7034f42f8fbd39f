from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from billing.operations.importing.reading.chart_text import ProcedureText
from billing.sessions.charting import chart_sha256
from billing.sessions.models import NeedleSet, Procedure


class Charted(NamedTuple):
    minutes: int = 15
    new_needles: bool = True
    estim: bool = False
    starts_at: datetime | None = datetime(2026, 2, 3, 17, 5, tzinfo=UTC)


SETS = [Charted(), Charted(10, False)]
PROCEDURES = [ProcedureText("97140", ("GP",), 2)]
DIAGNOSES = ["M54.50", "M62.830"]
DIGEST = chart_sha256(SETS, PROCEDURES, DIAGNOSES)


def test_equal_charts_have_equal_digests_whatever_zone_their_instants_are_written_in() -> None:
    here = Charted(starts_at=datetime(2026, 2, 3, 9, 5, tzinfo=ZoneInfo("America/Los_Angeles")))

    assert chart_sha256([here, SETS[1]], PROCEDURES, DIAGNOSES) == DIGEST


def test_a_chart_out_of_the_database_has_the_digest_of_the_one_that_went_in() -> None:
    sets = [NeedleSet(session_id=1, position=at, **one._asdict()) for at, one in enumerate(SETS, 1)]
    procedures = [Procedure(session_id=1, position=1, code="97140", modifiers=["GP"], units=2)]

    assert chart_sha256(sets, procedures, DIAGNOSES) == DIGEST


@pytest.mark.parametrize(
    ("sets", "procedures", "diagnoses"),
    [
        ([Charted(16), SETS[1]], PROCEDURES, DIAGNOSES),
        ([Charted(estim=True), SETS[1]], PROCEDURES, DIAGNOSES),
        ([Charted(starts_at=None), SETS[1]], PROCEDURES, DIAGNOSES),
        (SETS[::-1], PROCEDURES, DIAGNOSES),
        (SETS, [], DIAGNOSES),
        (SETS, [ProcedureText("97140", (), 2)], DIAGNOSES),
        (SETS, [ProcedureText("97140", ("GP",), 1)], DIAGNOSES),
        (SETS, PROCEDURES, DIAGNOSES[::-1]),
        (SETS, PROCEDURES, DIAGNOSES[:1]),
    ],
)
def test_any_change_of_a_chart_changes_its_digest(
    sets: list[Charted], procedures: list[ProcedureText], diagnoses: list[str]
) -> None:
    assert chart_sha256(sets, procedures, diagnoses) != DIGEST
