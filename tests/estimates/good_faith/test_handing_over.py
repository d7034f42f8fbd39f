"""How an estimate reached the patient, and that they signed for it, is written down and only ever added to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.database import Database
from billing.errors import Conflict, NotFound, Refused
from billing.estimates.good_faith.due import Step
from billing.estimates.good_faith.handing_over import (
    acknowledge,
    ask_for_estimate,
    deliver,
    give_copy,
    let_pass,
    withdraw_request,
)
from billing.estimates.good_faith.queries import all_due, estimates_of, first_deliveries, history_of
from billing.estimates.models import Delivery, EstimateEvent, EstimateHistory
from tests.estimates.good_faith.estimates_on_stage import BY, MONDAY, at_nine, make_estimate, self_paid, weekly
from tests.factories import set_scene

FIRST = date(2026, 3, 16)
LATER = date(2026, 3, 4)


def rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.rule for one in refused.value.problems]


def test_6_3_delivery_and_signature_are_kept_with_day_way_and_hand(database: Database) -> None:
    with database.transaction() as db:
        made = make_estimate(db, set_scene(db), weekly(FIRST, 2))

        deliver(db, made.id, Delivery.HANDED_OVER, date(2026, 3, 3), by=BY, at=at_nine(LATER), remark="At the desk.")
        acknowledge(db, made.id, LATER, by="user:2", at=at_nine(LATER))

        found = history_of(db, [made.id])[made.id]
        assert [(one.event, one.on, one.how, one.by, one.why) for one in found] == [
            (EstimateEvent.DELIVERED, date(2026, 3, 3), Delivery.HANDED_OVER, BY, "At the desk."),
            (EstimateEvent.ACKNOWLEDGED, LATER, None, "user:2", ""),
        ]
        assert first_deliveries(db, [made.id]) == {made.id: at_nine(LATER)}


def test_what_was_written_down_cannot_be_changed(database: Database) -> None:
    with database.transaction() as db:
        made = make_estimate(db, set_scene(db), weekly(FIRST, 2))
        deliver(db, made.id, Delivery.POSTED, MONDAY, by=BY, at=at_nine())

    with pytest.raises((Conflict, Refused, sa.exc.DBAPIError)), database.transaction() as db:
        db.execute(sa.update(EstimateHistory).values(on=LATER))


def test_nobody_can_sign_for_what_they_were_not_given(database: Database) -> None:
    with database.transaction() as db:
        made = make_estimate(db, set_scene(db), weekly(FIRST, 2))

        with pytest.raises(Refused) as refused:
            acknowledge(db, made.id, LATER, by=BY, at=at_nine(LATER))

        assert rules(refused) == ["estimate.not_delivered"]


@pytest.mark.parametrize("on", [date(2026, 3, 1), date(2026, 3, 5)])
def test_a_delivery_before_it_was_issued_or_to_come_is_refused(database: Database, on: date) -> None:
    with database.transaction() as db:
        made = make_estimate(db, set_scene(db), weekly(FIRST, 2))

        with pytest.raises(Refused) as refused:
            deliver(db, made.id, Delivery.POSTED, on, by=BY, at=at_nine(LATER), remark="x" * 301)

        assert rules(refused) == ["estimate.day", "estimate.why"]
        assert history_of(db, [made.id]) == {}


@pytest.mark.parametrize(("address", "consent"), [(None, True), ("miri@example.org", False)])
def test_6_3_it_is_not_e_mailed_to_who_has_not_agreed_to_e_mail(
    database: Database, address: str | None, consent: bool
) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.patient.email, scene.patient.email_consent = address, consent
        made = make_estimate(db, scene, weekly(FIRST, 2))

        for give in (deliver, give_copy):
            with pytest.raises(Refused) as refused:
                give(db, made.id, Delivery.EMAILED, MONDAY, by=BY, at=at_nine())
            assert rules(refused) == ["consent.missing"]


def test_6_3_a_replaced_estimate_is_copied_on_request_and_not_delivered_any_more(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        first = make_estimate(db, scene, weekly(FIRST, 2))
        make_estimate(db, scene, weekly(FIRST, 3), replaces=first.id, why="One more.")

        with pytest.raises(Refused) as refused:
            deliver(db, first.id, Delivery.POSTED, MONDAY, by=BY, at=at_nine())
        give_copy(db, first.id, Delivery.HANDED_OVER, MONDAY, by=BY, at=at_nine())

        assert rules(refused) == ["estimate.replaced"]
        assert [one.event for one in history_of(db, [first.id])[first.id]] == [EstimateEvent.COPIED]
        assert [one.version for one in estimates_of(db, scene.patient.id)] == [2, 1]


def test_a_bill_is_let_pass_with_a_reason_only(database: Database) -> None:
    with database.transaction() as db:
        made = make_estimate(db, set_scene(db), weekly(FIRST, 2))

        with pytest.raises(Refused) as refused:
            let_pass(db, made.id, 410_00, by=BY, at=at_nine(), why=" ")
        kept = let_pass(db, made.id, 410_00, by=BY, at=at_nine(), why="Agreed with the patient in writing.")

        assert rules(refused) == ["estimate.why"]
        assert (kept.event, kept.up_to_cents) == (EstimateEvent.LET_PASS, 410_00)


def test_a_request_is_withdrawn_with_a_reason_and_once(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        asked = ask_for_estimate(db, scene.patient.id, MONDAY, by=BY, at=at_nine(), remark="By telephone.")

        with pytest.raises(Refused):
            withdraw_request(db, asked.id, at=at_nine(), why="")
        withdraw_request(db, asked.id, at=at_nine(), why="Chose somebody else.")
        again = withdraw_request(db, asked.id, at=at_nine(LATER), why="Again.")

        assert (again.withdrawn_at, again.why_withdrawn) == (at_nine(), "Chose somebody else.")


def test_what_is_not_there_is_not_found(database: Database) -> None:
    with database.transaction() as db:
        set_scene(db)

        with pytest.raises(NotFound):
            deliver(db, 99, Delivery.POSTED, MONDAY, by=BY, at=at_nine())
        with pytest.raises(NotFound):
            ask_for_estimate(db, 99, MONDAY, by=BY, at=at_nine())
        with pytest.raises(NotFound):
            withdraw_request(db, 99, at=at_nine(), why="x")


def test_6_3_a_replaced_estimate_is_delivered_while_it_still_speaks_for_a_visit_to_come(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        for week in range(2):
            self_paid(db, scene, FIRST + timedelta(weeks=week))
        old = make_estimate(db, scene, weekly(FIRST, 2))
        new = make_estimate(db, scene, weekly(FIRST + timedelta(weeks=1), 1), replaces=old.id, why="A new price.")
        asked = {(one.step, one.estimate_id) for one in all_due(db, MONDAY)}

        for one in (old, new):
            deliver(db, one.id, Delivery.HANDED_OVER, MONDAY, by=BY, at=at_nine())

        assert asked == {(Step.DELIVER, old.id), (Step.DELIVER, new.id)}
        assert all_due(db, MONDAY) == []
        on = FIRST + timedelta(weeks=1)
        with pytest.raises(Refused, match="Give the patient that one"):
            deliver(db, old.id, Delivery.HANDED_OVER, on, by=BY, at=at_nine(on))
