"""One patient at a glance."""

from __future__ import annotations

from datetime import date

import pytest

from billing import clock
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, Responsibility
from billing.coverage.summary import Cover
from billing.database import Database
from billing.errors import NotFound
from billing.payments.models import PaymentMethod
from billing.payments.taking import take_payment
from billing.reports.pain import pain_course
from billing.reports.patient import patient_head, patient_summary
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from billing.treatment.models import TreatmentPlan
from tests.factories import (
    NOW,
    make_authorisation,
    make_benefit,
    make_clinic,
    make_patient,
    make_payer,
    make_policy,
    make_score,
    set_scene,
    written,
)

TODAY = date(2026, 4, 1)


def words(database: Database, patient_id: int) -> list[tuple[str, str]]:
    with database.reading() as db:
        return [(chip.words, chip.tone.value) for chip in patient_head(db, patient_id, TODAY).chips]


def test_the_head_tells_who_comes_next_and_who_came_last(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        last = scene.visit(db, date(2026, 3, 24))
        scene.visit(db, date(2026, 3, 31), state=SessionState.CANCELLED, sets=(), diagnoses=())
        coming = scene.visit(db, date(2026, 4, 7), state=SessionState.BOOKED, sets=(), diagnoses=())

    with database.reading() as db:
        head = patient_head(db, scene.patient.id, TODAY)

    assert head.last_session is not None
    assert head.next_session is not None
    assert (head.last_session.id, head.next_session.id) == (last.id, coming.id)
    assert head.next_session.practitioner == "Ben Quill"


def test_a_visit_counts_for_the_insurer_that_pays_first_that_day(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.visits_allowed, scene.benefit.visits_used_elsewhere = 12, 2
        scene.benefit.verified_on = date(2026, 3, 20)
        for on in (date(2026, 2, 3), date(2026, 2, 10)):
            scene.visit(db, on)
        scene.visit(db, date(2026, 2, 17), bill_to=BillTo.SELF)
        scene.visit(db, date(2026, 4, 7), state=SessionState.BOOKED, sets=(), diagnoses=())

    with database.reading() as db:
        [policy] = patient_summary(db, scene.patient.id, TODAY).policies

    assert policy.visits is not None
    assert (policy.visits.here, policy.visits.left, policy.visits.booked) == (2, 8, 1)


def test_a_later_insurer_that_was_asked_counts_the_visit_too(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        second = make_payer(db)
        make_policy(db, scene.patient, second, rank=2)
        make_benefit(db, scene.patient, second, visits_allowed=10)
        session = scene.visit(db, date(2026, 3, 3))
        for turn, payer_id in ((Responsibility.PRIMARY, scene.payer.id), (Responsibility.SECONDARY, second.id)):
            claim = Claim(
                control_number=f"T{turn}", session_id=session.id, responsibility=turn, payer_id=payer_id,
                state=ClaimState.DRAFT, total_cents=100,
            )  # fmt: skip
            written(db, claim)

    with sqlite_database.reading() as db:
        policies = patient_summary(db, scene.patient.id, TODAY).policies

    assert [one.visits.here for one in policies if one.visits] == [1]
    assert [one.payer.id for one in policies if one.visits] == [second.id]


def test_an_unverified_policy_is_unknown_and_never_looks_covered(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        patient = make_patient(db)
        make_policy(db, patient, make_payer(db, name="Aspen Health"))

    assert ("Aspen Health: coverage unknown", "warn") in words(database, patient.id)


def test_what_is_missing_is_told_where_it_matters(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.patient.signature_on_file, scene.patient.zip = False, None
        scene.patient.flags = ["pacemaker", "latex allergy"]
        scene.benefit.authorisation_required = True

    shown = words(sqlite_database, scene.patient.id)
    with sqlite_database.reading() as db:
        summary = patient_summary(db, scene.patient.id, TODAY)

    assert [one for one in shown if one[0] in ("Pacemaker", "Latex allergy")] == [
        ("Pacemaker", "warn"), ("Latex allergy", "warn"),
    ]  # fmt: skip
    assert ("Authorisation missing", "bad") in shown
    assert ("No signature on file", "bad") in shown
    assert {problem.rule for problem in summary.problems} == {"patient.incomplete", "consent.missing"}


def test_an_authorisation_with_visits_left_is_told(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.authorisation_required = True
        make_authorisation(db, scene.patient, scene.payer, visits=6)
        scene.visit(db, date(2026, 3, 3))

    assert ("5 authorised left", "good") in words(sqlite_database, scene.patient.id)


def test_policies_that_ended_stand_last(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        over = make_policy(db, scene.patient, make_payer(db), rank=1, effective_to=date(2025, 12, 31))
        scene.policy.rank = 2

    with sqlite_database.reading() as db:
        shown = patient_summary(db, scene.patient.id, TODAY).policies

    assert [(one.policy.id, one.cover) for one in shown] == [
        (scene.policy.id, Cover.STALE), (over.id, Cover.INACTIVE),
    ]  # fmt: skip


def test_a_clinic_without_insurers_says_nothing_of_insurance(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db, time_zone="Europe/London", currency="GBP")
        patient = make_patient(db, signature_on_file=False)

    with database.reading() as db:
        summary = patient_summary(db, patient.id, TODAY)

    assert (summary.head.has_payers, summary.policies, summary.problems) == (False, (), ())
    assert [chip.words for chip in summary.head.chips] == ["Messages by text and e-mail"]


def test_the_balance_is_what_the_patient_owes_and_the_credit_what_is_free(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        scene = set_scene(db)
        take_payment(db, scene.patient.id, 4000, PaymentMethod.CASH, TODAY, at=NOW)

    with database.reading() as db:
        head = patient_head(db, scene.patient.id, TODAY)

    assert (head.balance_cents, head.credit_cents) == (0, 4000)


def test_the_plan_says_how_far_it_has_come(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        written(
            db,
            TreatmentPlan(
                patient_id=scene.patient.id, practitioner_id=scene.practitioner.id, starts_on=date(2026, 3, 3),
                diagnosis="M54.50", weekly_sessions=4, fortnightly_sessions=2, monthly_sessions=0,
            ),
        )  # fmt: skip
        scene.visit(db, date(2026, 3, 3), pain_score=8)
        scene.visit(db, date(2026, 3, 10), pain_score=5)

    with database.reading() as db:
        summary = patient_summary(db, scene.patient.id, date(2026, 3, 12))

    assert summary.head.plan_line == "Session 2 of 6 of the plan"
    assert summary.pain is not None
    assert summary.pain.improved
    assert summary.pain.words.startswith("Pain 8 of 10 on 3 Mar 2026, 5 on 10 Mar 2026; between 5 and 8 in 2 scores.")


def test_a_picture_of_pain_lies_within_its_frame() -> None:
    course = pain_course([(date(2026, 1, 1), 10), (date(2026, 1, 3), 0), (date(2026, 1, 11), 5)])

    assert course is not None
    assert course.points == ((5, 5), (51, 51), (235, 28))
    assert course.line == "5,5 51,51 235,28"


def test_one_score_is_a_dot_and_none_is_no_picture(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        patient = make_patient(db)
        make_score(db, patient, date(2026, 3, 3), 6)

    with database.reading() as db:
        pain = patient_summary(db, patient.id, TODAY).pain

    assert pain is not None
    assert (pain.points, pain.words) == (((120, 23),), "Pain 6 of 10 on 3 Mar 2026.")
    assert pain_course([]) is None


def test_nobody_unknown_has_a_record(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)

    with database.reading() as db, pytest.raises(NotFound):
        patient_head(db, 99, TODAY)
