"""Courses of care and licences: who is told what, by the plan and by the days that licences end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.access.permissions import Role
from billing.access.users import add_user, disable_user
from billing.database import Db
from billing.practitioners.accounts import link_account
from billing.practitioners.courses import CourseDetails, add_course
from billing.practitioners.models import CredentialKind, Enrolment, Practitioner
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Channel, Rule
from billing.reminders.planning import Span
from billing.reminders.rounds import plan_messages
from billing.sessions.lifecycle import SessionState
from billing.treatment.plans import end_plan
from tests.access.cast import cheaply
from tests.factories import make_credential, make_enrolment, make_payer, make_practitioner, moment
from tests.reminders.stage import Stage

_A_DAY = timedelta(days=1)
BEGAN = date(2026, 3, 3)
DUE = date(2026, 3, 10)
TOLD = moment(date(2026, 3, 8), "10:00")
S = MessageState


def run_days(stage: Stage, first: date, days: int) -> None:
    """The workers' rounds, one each day at eleven o'clock."""
    for number in range(days):
        stage.round(moment(first + number * _A_DAY, "11:00"))


def test_who_is_due_and_has_nothing_booked_is_told_two_days_before(stage: Stage) -> None:
    miri = stage.patient()
    stage.plan_of(miri, BEGAN)
    stage.session(miri, BEGAN, state=SessionState.SIGNED)

    stage.round(moment(BEGAN, "18:00"))
    stage.send(TOLD - timedelta(seconds=1))
    before = list(stage.texted)
    stage.round(TOLD)

    assert before == []
    (told,) = stage.texted
    assert "is due about Tue Mar 10" in told[1]
    assert stage.one(Rule.FOLLOW_UP).slot == "2026-03-10"


def test_who_books_meanwhile_is_not_told(stage: Stage) -> None:
    miri = stage.patient()
    stage.plan_of(miri, BEGAN)
    stage.session(miri, BEGAN, state=SessionState.SIGNED)
    stage.plan(moment(BEGAN, "18:00"))

    stage.session(miri, DUE)
    stage.send(TOLD)

    assert stage.texted == []
    why = "A visit is booked, or has taken place since, or the course of care is complete."
    assert stage.one(Rule.FOLLOW_UP).why == why


def test_a_course_that_was_ended_is_not_told_of(stage: Stage) -> None:
    miri = stage.patient()
    plan = stage.plan_of(miri, BEGAN)
    stage.session(miri, BEGAN, state=SessionState.SIGNED)
    stage.plan(moment(BEGAN, "18:00"))

    stage.write(lambda db: end_plan(db, plan.id, date(2026, 3, 5), "Well again."))
    stage.send(TOLD)

    assert stage.texted == []
    assert stage.one(Rule.FOLLOW_UP).why == "The course of care has ended."


def test_a_course_begun_at_the_desk_leaves_the_day_to_book_it(stage: Stage) -> None:
    miri = stage.patient()
    stage.plan_of(miri, BEGAN)

    stage.round(moment(BEGAN, "11:00"))
    that_day = list(stage.texted)
    stage.round(moment(BEGAN + _A_DAY, "10:00"))

    assert that_day == []
    assert len(stage.texted) == 1


def test_a_lapsed_course_is_recalled_three_times_thirty_days_apart(stage: Stage) -> None:
    miri = stage.patient()
    stage.plan_of(miri, BEGAN)
    stage.session(miri, BEGAN, state=SessionState.SIGNED)

    run_days(stage, BEGAN, 120)

    said = [(one.rule, one.slot, one.sent_at) for one in stage.messages(state=S.SENT)]
    assert said == [
        (Rule.FOLLOW_UP, "2026-03-10", moment(date(2026, 3, 8), "11:00")),
        (Rule.RECALL, "2026-03-10:1", moment(date(2026, 3, 18), "11:00")),
        (Rule.RECALL, "2026-03-10:2", moment(date(2026, 4, 17), "11:00")),
        (Rule.RECALL, "2026-03-10:3", moment(date(2026, 5, 17), "11:00")),
    ]


def test_who_comes_again_is_not_recalled_any_more(stage: Stage) -> None:
    miri = stage.patient()
    stage.plan_of(miri, BEGAN)
    stage.session(miri, BEGAN, state=SessionState.SIGNED)
    run_days(stage, BEGAN, 20)

    stage.session(miri, date(2026, 3, 24), state=SessionState.SIGNED)
    stage.session(miri, date(2026, 5, 5))
    run_days(stage, date(2026, 3, 24), 5)
    told = len(stage.texted)
    run_days(stage, date(2026, 4, 15), 5)

    recalled = [one.slot for one in stage.messages(rule=Rule.RECALL, state=S.SENT)]
    assert told == 2
    assert recalled == ["2026-03-10:1"]


def test_nobody_who_lapsed_long_ago_is_recalled_when_the_clinic_begins(stage: Stage) -> None:
    miri = stage.patient()
    stage.plan_of(miri, date(2024, 3, 3))

    run_days(stage, BEGAN, 40)

    assert stage.texted == []


def make_people(stage: Stage) -> dict[str, int]:
    kept = cheaply()

    def write(db: Db) -> dict[str, int]:
        ada = add_user(db, "ada@example.org", "Ada Okafor", Role.OWNER, kept)
        eve = add_user(db, "eve@example.org", "Eve Marsh", Role.OWNER, kept)
        ben = add_user(db, "ben@example.org", "Ben Strand", Role.PRACTITIONER, kept)
        add_user(db, "fay@example.org", "Fay Lindqvist", Role.FRONT_DESK, kept)
        link_account(db, stage.practitioner.id, ben.id)
        return {"ada": ada.id, "eve": eve.id, "ben": ben.id}

    return stage.write(write)


LAPSES = date(2026, 7, 31)


def test_a_licence_is_told_to_its_practitioner_and_every_owner_and_to_nobody_else(stage: Stage) -> None:
    make_people(stage)
    stage.write(lambda db: make_credential(db, stage.practitioner, number="AC-7", valid_to=LAPSES))

    run_days(stage, LAPSES - 121 * _A_DAY, 125)

    told = stage.messages(rule=Rule.LICENCE, state=S.SENT)
    assert len(told) == 21
    assert sorted(set(stage.mailed)) == ["ada@example.org", "ben@example.org", "eve@example.org"]
    assert {stage.mailed.count(one) for one in set(stage.mailed)} == {7}
    assert told[-1].said.startswith("Ben Quill: licence AC-7 lapses tomorrow")


def test_a_renewal_ends_the_alerts_and_so_does_leaving_the_staff(stage: Stage) -> None:
    people = make_people(stage)
    stage.write(lambda db: make_credential(db, stage.practitioner, number="AC-7", valid_to=LAPSES))
    stage.plan(moment(LAPSES - 35 * _A_DAY, "11:00"))

    stage.write(lambda db: disable_user(db, people["eve"], moment(LAPSES - 34 * _A_DAY, "11:00")))
    stage.send(moment(LAPSES - 30 * _A_DAY, "10:00"))
    after_leaving = sorted(stage.mailed)
    stage.plan(moment(LAPSES - 15 * _A_DAY, "11:00"))
    stage.write(
        lambda db: make_credential(
            db, stage.practitioner, number="AC-7", valid_from=LAPSES + _A_DAY, valid_to=date(2028, 7, 31)
        )
    )
    run_days(stage, LAPSES - 14 * _A_DAY, 14)

    # Those of 60 and 30 days before: what is due already is told when it becomes known.
    assert set(after_leaving) == {"ada@example.org", "ben@example.org"}
    assert sorted(stage.mailed) == after_leaving
    withheld = stage.messages(rule=Rule.LICENCE, state=S.WITHHELD)
    assert {one.why for one in withheld} >= {
        "The account is closed.",
        "It was renewed, replaced or changed, or this person need not know of it any more.",
    }


@pytest.mark.parametrize("left", [{"left_on": date(2026, 5, 1)}, {}])
def test_nothing_is_told_of_who_has_left(stage: Stage, left: dict[str, date]) -> None:
    make_people(stage)
    gone = stage.write(lambda db: make_practitioner(db, **left))
    stage.write(
        lambda db: make_credential(db, gone, kind=CredentialKind.MALPRACTICE, issuer="Example Mutual", valid_to=LAPSES)
    )

    stage.round(moment(LAPSES - 7 * _A_DAY, "11:00"))

    assert len(stage.mailed) == (0 if left else 2)


def test_planning_in_a_span_replays_it_as_it_was(stage: Stage) -> None:
    stage.session(stage.patient(), DUE)

    far = plan_messages(stage.database, Span(moment(DUE - 3 * _A_DAY, "09:59"), None))
    near = plan_messages(stage.database, Span(moment(DUE - 3 * _A_DAY, "10:00"), None))

    assert (far.new, near.new) == (0, 1)


def test_an_empty_installation_plans_nothing(stage: Stage) -> None:
    assert stage.plan().new == 0
    assert stage.send(TOLD) == []
    assert stage.messages(channel=Channel.TEXT) == []


def test_missing_education_is_told_four_times_until_it_is_there(stage: Stage) -> None:
    make_people(stage)
    stage.write(
        lambda db: make_credential(
            db, stage.practitioner, issuer="FL", number="AP-7", valid_from=date(2024, 3, 1), valid_to=date(2026, 2, 28)
        )
    )
    ends = date(2026, 2, 28)

    run_days(stage, ends - 121 * _A_DAY, 62)
    for category, hours in (("general", 21), ("biomedicine", 5), ("laws", 2), ("medical_errors", 2)):
        course = CourseDetails(date(2025, 6, 1), hours * 60, category, "A course", "A school")
        stage.write(lambda db, course=course: add_course(db, stage.practitioner.id, course, date(2026, 1, 1)))
    run_days(stage, ends - 59 * _A_DAY, 58)

    told = stage.messages(rule=Rule.LICENCE, subject_kind="education", state=S.SENT)
    assert [one.slot.split(":")[1] for one in told] == ["120"] * 3 + ["90"] * 3 + ["60"] * 3
    assert told[0].said.startswith("Ben Quill: 30 hours of education missing for licence AP-7")


def test_a_card_that_the_renewal_asks_for_is_told_with_the_licence_until_it_is_there(stage: Stage) -> None:
    make_people(stage)
    stage.write(lambda db: make_credential(db, stage.practitioner, issuer="NJ", number="25MZ1", valid_to=LAPSES))

    run_days(stage, LAPSES - 31 * _A_DAY, 2)
    stage.write(
        lambda db: make_credential(
            db, stage.practitioner, kind=CredentialKind.CPR, issuer="Red Cross", valid_to=date(2027, 7, 31)
        )
    )
    run_days(stage, LAPSES - 15 * _A_DAY, 2)

    told = stage.messages(rule=Rule.LICENCE, subject_kind="licence", state=S.SENT)
    wants = [one.slot.split(":")[1] for one in told if "CPR, first aid and AED: nothing in force on file" in one.said]
    assert sorted({one.slot.split(":")[1] for one in told}) == ["14", "30", "60"]
    assert set(wants) == {"30", "60"}


def test_rules_about_acupuncturists_are_not_told_of_a_physicians_licence(stage: Stage) -> None:
    make_people(stage)
    stage.write(lambda db: db.execute(sa.update(Practitioner).values(credentials="MD", taxonomy="207Q00000X")))
    stage.write(lambda db: make_credential(db, stage.practitioner, issuer="FL", number="ME7", valid_to=LAPSES))

    run_days(stage, LAPSES - 31 * _A_DAY, 3)

    assert stage.messages(rule=Rule.LICENCE, subject_kind="education") == []


def test_re_credentialing_is_told_until_the_payers_day_is_moved(stage: Stage) -> None:
    make_people(stage)
    by = date(2026, 7, 31)
    enrolled = stage.write(
        lambda db: make_enrolment(db, stage.practitioner, make_payer(db, name="Example Health"), recredential_by=by)
    )

    run_days(stage, by - 31 * _A_DAY, 18)
    stage.write(lambda db: db.execute(sa.update(Enrolment).values(recredential_by=date(2029, 7, 31))))
    run_days(stage, by - 13 * _A_DAY, 13)

    told = stage.messages(rule=Rule.LICENCE, subject_kind="enrolment", state=S.SENT)
    assert {one.subject_id for one in told} == {enrolled.id}
    assert sorted({one.slot.split(":")[1] for one in told}) == ["14", "30", "60"]
    assert told[-1].said.startswith("Ben Quill: Example Health wants re-credentialing in 14 days")


def test_a_certificate_of_premises_is_told_to_owners_alone_and_a_monthly_check_only_in_its_last_week(
    stage: Stage,
) -> None:
    make_people(stage)
    stage.write(
        lambda db: make_credential(
            db, stage.practitioner, practitioner_id=None, kind=CredentialKind.PREMISES, issuer="Conwy", valid_to=LAPSES
        )
    )
    stage.write(
        lambda db: make_credential(
            db, stage.practitioner, kind=CredentialKind.EXCLUSION_CHECK, issuer="OIG LEIE and SAM",
            valid_from=date(2026, 7, 1), valid_to=LAPSES,
        )
    )  # fmt: skip

    run_days(stage, LAPSES - 20 * _A_DAY, 20)

    told = stage.messages(rule=Rule.LICENCE, state=S.SENT)
    days = {kind: sorted({one.slot.split(":")[1] for one in told if kind in one.said})
            for kind in ("certificate of premises", "exclusion check")}  # fmt: skip
    assert days == {"certificate of premises": ["1", "14", "30", "7"], "exclusion check": ["1", "7"]}
    of_premises = [one for one in told if "certificate of premises" in one.said]
    assert all(one.said.startswith("Still Water Acupuncture: certificate of premises") for one in of_premises)
    assert len({one.user_id for one in of_premises}) == 2
