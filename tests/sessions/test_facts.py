"""What the gate must know is gathered in a fixed number of questions, however many patients there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from billing.database import Database
from billing.errors import Refused
from billing.sessions.facts import gather
from billing.sessions.models import BillTo
from tests.factories import (
    DAY,
    fresh,
    make_authorisation,
    make_benefit,
    make_clinic,
    make_patient,
    make_policy,
    make_score,
    make_session,
    procedure,
    set_scene,
)
from tests.sessions.gate import facts_about


@contextmanager
def questions(database: Database) -> Iterator[list[str]]:
    """The statements that reach the database inside the block."""
    asked: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", hear)
    yield asked
    sa.event.remove(database.engine, "before_cursor_execute", hear)


def test_the_number_of_questions_does_not_grow_with_the_patients_or_their_visits(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.visit(db, procedures=[procedure("97140", "GP")], pain_score=5)
        many = [make_patient(db) for _ in range(12)]
        for position, patient in enumerate(many):
            make_policy(db, patient, scene.payer)
            make_benefit(db, patient, scene.payer)
            make_authorisation(db, patient, scene.payer)
            for week in range(4):
                on = DAY + timedelta(days=7 * week + position % 3)
                make_session(db, patient, scene.practitioner, on, procedures=[procedure("97140")], pain_score=5)

    with questions(database) as of_one, database.reading() as db:
        gather(db, [scene.patient.id], DAY)
    with questions(database) as of_many, database.reading() as db:
        facts = gather(db, [patient.id for patient in many], DAY + timedelta(days=60))

    assert sum(len(visits) for visits in facts.visits.values()) == 48
    assert 0 < len(of_one) == len(of_many)


def test_visits_are_the_signed_ones_up_to_the_day_in_order_of_time(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        second = scene.visit(db, DAY, start="14:00")
        first = scene.visit(db, DAY, start="09:00")
        before = scene.visit(db, DAY - timedelta(days=1))
        scene.visit(db, DAY + timedelta(days=1))
        for state in ("booked", "arrived", "no_show", "cancelled"):
            scene.visit(db, DAY, state=state)

        facts = facts_about(db, first, through=DAY)

        assert [one.session.id for one in facts.visits[scene.patient.id]] == [before.id, first.id, second.id]
        assert facts.visit_of[second.id].session is second


def test_visit_days_are_those_that_go_to_that_payer_first(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        insured = scene.visit(db)
        scene.visit(db, DAY + timedelta(days=1), bill_to=BillTo.SUPERBILL)
        scene.visit(db, DAY + timedelta(days=2), bill_to=BillTo.SELF)

        facts = facts_about(db, insured)

        assert facts.visit_days(scene.patient.id, scene.payer.id) == [DAY]


def test_charts_keep_the_order_in_which_they_were_charted(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(
            db,
            sets=[fresh(15, estim=True), fresh(9)],
            procedures=[procedure("97140", "GP"), procedure("97026")],
            diagnoses=["M62.830", "M54.50"],
        )
        db.expire_all()

        chart = facts_about(db, visit).visit_of[visit.id].chart

        assert chart.sets == [fresh(15, estim=True), fresh(9)]
        assert [one.code for one in chart.procedures] == ["97140", "97026"]
        assert chart.diagnoses == ["M62.830", "M54.50"]


def test_time_is_judged_beside_the_visits_of_patients_nobody_asked_about(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        stranger = make_patient(db)
        make_session(db, stranger, scene.practitioner, minutes=45, sets=[fresh(40)])
        visit = scene.visit(db, minutes=45, sets=[fresh(40)])

        facts = facts_about(db, visit)

        assert set(facts.visits) == {scene.patient.id}
        assert facts.out_of_time == {visit.id}


def test_sessions_that_did_not_take_place_take_no_time(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.visit(db, state="cancelled", minutes=45, sets=[fresh(40)])
        visit = scene.visit(db, minutes=45, sets=[fresh(40)])

        assert facts_about(db, visit).out_of_time == set()


def test_pain_scores_stand_by_patient_and_day(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db, pain_score=6)
        make_score(db, scene.patient, DAY - timedelta(days=7), 8)
        make_score(db, make_patient(db), DAY, 1)

        scores = facts_about(db, visit).pain_scores

        assert scores == {scene.patient.id: {DAY - timedelta(days=7): 8, DAY: 6}}


def test_patients_without_a_signed_visit_give_no_visits(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        patient = make_patient(db)

        facts = gather(db, [patient.id], DAY)

        assert facts.visit_of == {}
        assert facts.patients == {patient.id: patient}


def test_without_a_clinic_there_is_nothing_to_gather(database: Database) -> None:
    with database.transaction() as db, pytest.raises(Refused, match="no clinic"):
        gather(db, [], DAY)
