"""Which estimate binds when it changes at short notice, and when a patient sees two practitioners."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from billing.database import Database, Db
from billing.estimates.good_faith.covering import estimate_for, speaks_from
from billing.estimates.good_faith.due import Due, Step
from billing.estimates.good_faith.handing_over import deliver
from billing.estimates.good_faith.issuing import issue_estimate
from billing.estimates.good_faith.proposing import drafted
from billing.estimates.good_faith.queries import all_due, without_estimate
from billing.estimates.models import Delivery, GoodFaithEstimate
from billing.practitioners.models import Practitioner
from billing.sessions.booking import book
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.slots import Slot
from tests.estimates.good_faith.estimates_on_stage import BY, MONDAY, at_nine, make_estimate, self_paid, weekly
from tests.factories import Scene, make_fee, make_physician, set_scene

FRIDAY = date(2026, 3, 13)
NEXT_MONDAY = date(2026, 3, 16)


def given(db: Db, estimate: GoodFaithEstimate) -> GoodFaithEstimate:
    deliver(db, estimate.id, Delivery.HANDED_OVER, estimate.issued_on, by=BY, at=estimate.issued_at)
    return estimate


def with_other(db: Db, scene: Scene, who: Practitioner, on: date, booked_on: date = MONDAY) -> ClinicSession:
    slot = Slot(who.id, on, time(14), None, 60, 30)
    return book(db, scene.patient.id, slot, by=BY, at=at_nine(booked_on), bill_to=BillTo.SELF)


def steps(found: list[Due]) -> list[tuple[Step, int | None]]:
    return [(one.step, one.practitioner_id) for one in found]


@pytest.mark.parametrize(
    ("issued_on", "binds_on"),
    [
        (date(2026, 3, 12), FRIDAY),
        (FRIDAY, date(2026, 3, 14)),
        # Over a weekend no business day passes.
        (date(2026, 3, 14), date(2026, 3, 17)),
        (NEXT_MONDAY, date(2026, 3, 17)),
    ],
)
def test_6_3_a_new_version_binds_from_a_business_day_after_its_issue_on(
    sqlite_database: Database, issued_on: date, binds_on: date
) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        first = make_estimate(db, scene, weekly(issued_on, 3))

        second = make_estimate(db, scene, weekly(issued_on, 3), issued_on, replaces=first.id, why="A new price.")

        assert (speaks_from(first), speaks_from(second)) == (issued_on, binds_on)
        before = [estimate_for([first, second], binds_on - timedelta(days=days)) for days in (1, 0)]
        assert before == [first, second]


def test_6_3_of_a_change_less_than_a_business_day_before_the_old_estimate_is_honoured(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = self_paid(db, scene, NEXT_MONDAY)
        first = given(db, make_estimate(db, scene, weekly(NEXT_MONDAY, 2)))
        stands_in = make_physician(db)
        session.practitioner_id = stands_in.id
        db.flush()
        asked_for = all_due(db, date(2026, 3, 15))

        late = issue_estimate(
            db, scene.patient.id, stands_in.id, weekly(NEXT_MONDAY, 2), by=BY, at=at_nine(date(2026, 3, 15)),
            replaces=first.id, why="Somebody else treats.",
        )  # fmt: skip

        assert [one.step for one in asked_for] == [Step.REPLACE]
        assert estimate_for([first, late], NEXT_MONDAY, stands_in.id) is first
        assert estimate_for([first, late], NEXT_MONDAY + timedelta(weeks=1), stands_in.id) is late
        assert all_due(db, date(2026, 3, 15)) == []


def test_6_3_who_sees_two_practitioners_is_told_by_an_estimate_of_each(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        other = make_physician(db)
        self_paid(db, scene, NEXT_MONDAY)
        with_other(db, scene, other, date(2026, 3, 18))
        nobody_told = all_due(db, MONDAY)

        own = given(db, make_estimate(db, scene, weekly(NEXT_MONDAY, 2)))
        one_told, hint = all_due(db, MONDAY), without_estimate(db, MONDAY)
        draft = drafted(db, scene.patient.id, MONDAY, other.id)
        theirs = given(db, issue_estimate(
            db, scene.patient.id, other.id, weekly(draft.days[0], 1), by=BY, at=at_nine() + timedelta(hours=1)
        ))  # fmt: skip

        assert steps(nobody_told) == [(Step.ISSUE, scene.practitioner.id), (Step.ISSUE, other.id)]
        assert (steps(one_told), hint) == ([(Step.ISSUE, other.id)], 1)
        assert (draft.practitioner_id, draft.days) == (other.id, (date(2026, 3, 18),))
        both = [own, theirs]
        assert [estimate_for(both, date(2026, 3, 18), who) for who in (other.id, scene.practitioner.id)] == [
            theirs,
            own,
        ]
        assert (all_due(db, MONDAY), without_estimate(db, MONDAY)) == ([], 0)


def test_6_3_each_practitioners_visits_are_priced_by_their_own_estimate(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        other = make_physician(db)
        first, second = NEXT_MONDAY, date(2026, 3, 18)
        self_paid(db, scene, first)
        self_paid(db, scene, second, at=time(9))
        with_other(db, scene, other, second)
        given(db, make_estimate(db, scene, weekly(first, 2, to_on=date(2026, 3, 25))))
        theirs = weekly(second, 1)
        given(db, issue_estimate(db, scene.patient.id, other.id, theirs, by=BY, at=at_nine()))

        assert all_due(db, MONDAY) == []

        make_fee(db, "97810", 99_00, effective_from=second)
        db.flush()

        assert steps(all_due(db, MONDAY)) == [(Step.REPLACE, scene.practitioner.id), (Step.REPLACE, other.id)]
