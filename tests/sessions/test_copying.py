"""A note may begin with the words of the last visit, never with what was measured there."""

from __future__ import annotations

from datetime import timedelta

from billing.database import Database
from billing.sessions.charting import ChartContent, ChartedProcedure, ChartedSet
from billing.sessions.copying import last_chart_before, outline_of
from billing.sessions.lifecycle import SessionState
from tests.factories import DAY, make_patient, make_session, moment, set_scene
from tests.sessions.notes import FIRST, TEXT, arrived, charted


def test_the_last_signed_visit_before_this_one_is_what_is_copied(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.visit(db, DAY - timedelta(days=14), diagnoses=["M54.2"])
        scene.visit(db, DAY - timedelta(days=7), diagnoses=["M62.830"])
        scene.visit(db, DAY - timedelta(days=3), diagnoses=["M54.6"], state=SessionState.ARRIVED)
        scene.visit(db, DAY + timedelta(days=7), diagnoses=["M54.50"])
        make_session(db, make_patient(db), scene.practitioner, DAY - timedelta(days=1))
        session = arrived(db, scene)

        last = last_chart_before(db, session)

        assert last is not None
        assert last.diagnoses == ("M62.830",)
        assert last.text.subjective == "Low back pain."


def test_an_earlier_visit_of_the_same_day_comes_before(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.visit(db, DAY, start="08:00", diagnoses=["M54.2"])
        session = arrived(db, scene, start="14:00")

        last = last_chart_before(db, session)

        assert last is not None
        assert last.diagnoses == ("M54.2",)


def test_at_the_first_visit_there_is_nothing_to_copy(database: Database) -> None:
    with database.transaction() as db:
        assert last_chart_before(db, arrived(db, set_scene(db))) is None


def test_words_points_and_diagnoses_are_taken_over_and_nothing_measured_or_counted() -> None:
    last = charted(
        sets=(ChartedSet(15, True, True, moment(DAY, "09:05"), FIRST.points, 6, 6),),
        procedures=(ChartedProcedure("97140"),),
        acupuncture_modifiers=("KX",),
    )

    assert outline_of(last) == ChartContent(
        text=TEXT, sets=(ChartedSet(0, True, False, None, FIRST.points),), diagnoses=("M54.50",)
    )
