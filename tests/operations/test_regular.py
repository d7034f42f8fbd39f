"""What the clock asks for: each turn once, at its time, late when it must be, and never what nobody wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from billing import clock
from billing.audit.models import AuditEntry
from billing.claims.lifecycle import ClaimState
from billing.database import Database
from billing.invoices.models import Paper, PaperKind
from billing.operations.errands.asking import errand_seen, recent_errands
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import Errand, ErrandState
from billing.operations.regular import EVENING, ask_what_is_regular, latest_turns, next_billing
from billing.reminders.automation import ByItself, choose
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.operations.errands import Backroom, backroom_of

EASTERN = "America/New_York"
SIX = time(18, 0)
EVENINGS = ByItself(bills_at=SIX)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def backroom(office: Office, inbox: Path) -> Backroom:
    return backroom_of(office, inbox)


def at(on: date, hour: time, zone: str) -> datetime:
    return clock.instant(on, hour, zone)


def choosing(office: Office, wanted: ByItself) -> str:
    """Switch it on; gives the clinic's zone."""
    with office.database.transaction() as db:
        choose(db, wanted)
    return office.scene.clinic.time_zone


def asked(office: Office, moment: datetime) -> Sequence[Errand]:
    with clock.stopped_at(moment), office.database.transaction() as db:
        return ask_what_is_regular(db, clock.now())


def kinds(errands: Sequence[Errand]) -> list[str]:
    return [one.kind for one in errands]


def test_nothing_is_asked_for_before_there_is_a_clinic(database: Database) -> None:
    with database.transaction() as db:
        choose(db, EVENINGS)
        assert ask_what_is_regular(db, clock.now()) == []


def test_a_clinic_that_has_switched_nothing_on_is_left_alone(office: Office) -> None:
    assert asked(office, datetime(2026, 4, 1, 3, tzinfo=UTC)) == []


def test_billing_is_asked_for_when_its_hour_has_come_and_once(office: Office) -> None:
    zone = choosing(office, EVENINGS)
    day = date(2026, 3, 31)

    early = asked(office, at(day, time(17, 59), zone))
    on_time = asked(office, at(day, SIX, zone))
    again = asked(office, at(day, time(18, 1), zone))
    next_evening = asked(office, at(day + timedelta(days=1), SIX, zone))

    assert (early, again) == ([], [])
    assert [(one.kind, one.facts, one.period, one.asked_by_id) for one in on_time] == [
        ("bill", {"through": "2026-03-31"}, "bill:2026-03-31", None)
    ]
    assert [one.period for one in next_evening] == ["bill:2026-04-01"]


def test_an_evening_that_was_missed_is_made_up_for_in_the_morning(office: Office) -> None:
    zone = choosing(office, EVENINGS)
    asked(office, at(date(2026, 3, 30), SIX, zone))

    (morning,) = asked(office, at(date(2026, 4, 2), time(8), zone))

    assert (morning.period, morning.facts) == ("bill:2026-04-01", {"through": "2026-04-01"})


def test_what_was_only_just_switched_on_does_not_reach_back(office: Office) -> None:
    zone = choosing(office, ByItself(bills_at=SIX, superbills_on=1, statements_on=1))

    assert asked(office, at(date(2026, 4, 15), time(9), zone)) == []


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_the_hour_is_the_clinics_own_on_days_when_clocks_change(day: date) -> None:
    (turn,) = latest_turns(EVENINGS, EASTERN, at(day, time(23), EASTERN))

    assert clock.local(turn.due_at, EASTERN).time() == SIX
    assert turn.on == day


def test_an_hour_that_clocks_skip_comes_all_the_same() -> None:
    night = ByItself(bills_at=time(2, 30))
    spring = date(2026, 3, 8)

    (before,) = latest_turns(night, EASTERN, at(spring, time(1, 59), EASTERN))
    (after,) = latest_turns(night, EASTERN, at(spring, time(3, 31), EASTERN))

    assert (before.on, after.on) == (spring - timedelta(days=1), spring)


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
@pytest.mark.parametrize("hour", [time(1, 30), time(2, 30), SIX])
def test_each_evening_is_asked_for_once_when_clocks_change_and_when_one_is_set_back_an_hour(
    sqlite_database: Database, hour: time, day: date
) -> None:
    office = open_office(sqlite_database)
    zone = choosing(office, ByItself(bills_at=hour))
    moment, ends = at(day - timedelta(days=1), time(1), zone), at(day + timedelta(days=2), time(0), zone)

    found: list[tuple[str | None, datetime]] = []
    while moment < ends:
        for now in (moment, moment - timedelta(hours=1)):
            found += [(one.period, now) for one in asked(office, now)]
        moment += timedelta(minutes=15)

    days = [day + timedelta(days=number) for number in (-1, 0, 1)]
    assert found == [(f"bill:{one}", at(one, hour, zone)) for one in days]


def test_the_month_before_is_billed_by_superbill_on_its_day(office: Office) -> None:
    zone = choosing(office, ByItself(superbills_on=3))

    early = asked(office, at(date(2026, 4, 3), time(19, 59), zone))
    (run,) = asked(office, at(date(2026, 4, 3), EVENING, zone))
    later = asked(office, at(date(2026, 4, 20), EVENING, zone))
    (next_month,) = asked(office, at(date(2026, 5, 3), EVENING, zone))

    assert (early, later) == ([], [])
    assert (run.kind, run.facts, run.period) == ("superbills", {"through": "2026-03-31"}, "superbills:2026-04")
    assert next_month.facts == {"through": "2026-04-30"}


def test_statements_made_late_say_how_things_stand_then(office: Office) -> None:
    zone = choosing(office, ByItself(statements_on=28))
    (first,) = asked(office, at(date(2026, 1, 28), EVENING, zone))

    (late,) = asked(office, at(date(2026, 3, 2), time(9), zone))

    assert (first.facts, first.period) == ({"on": "2026-01-28"}, "statements:2026-01")
    assert (late.facts, late.period) == ({"on": "2026-03-02"}, "statements:2026-02")


@pytest.mark.parametrize(
    ("wanted", "month", "day"), [(31, 2, 28), (30, 2, 28), (31, 4, 30), (31, 3, 31), (30, 3, 30), (28, 2, 28)]
)
def test_a_day_that_a_month_does_not_have_is_its_last(office: Office, wanted: int, month: int, day: int) -> None:
    zone = choosing(office, ByItself(statements_on=wanted))
    eve, on = date(2026, month, day) - timedelta(days=1), date(2026, month, day)

    early = asked(office, at(eve, EVENING, zone))
    (made,) = asked(office, at(on, EVENING, zone))

    assert early == []
    assert made.facts == {"on": on.isoformat()}


def test_the_next_billing_is_today_until_its_time_and_then_tomorrow(office: Office) -> None:
    zone, on = office.scene.clinic.time_zone, date(2026, 3, 3)

    found = [next_billing(EVENINGS, zone, at(on, hour, zone)) for hour in (time(17, 59), SIX)]

    assert found == [at(on, SIX, zone), at(on + timedelta(days=1), SIX, zone)]
    assert next_billing(ByItself(), zone, at(on, SIX, zone)) is None


def test_billing_comes_before_what_adds_to_it(office: Office) -> None:
    zone = choosing(office, ByItself(bills_at=SIX, superbills_on=1, statements_on=1))

    together = asked(office, at(date(2026, 4, 1), SIX, zone))

    assert kinds(together) == ["bill", "superbills", "statements"]
    assert together[0].facts == {"through": "2026-04-01", "superbills": "later"}


def test_two_beats_ask_once(office: Office) -> None:
    zone = choosing(office, EVENINGS)
    moment = at(date(2026, 3, 31), SIX, zone)

    found = [len(asked(office, moment)) for _ in range(3)]

    assert found == [1, 0, 0]


def test_the_clinic_is_billed_in_the_evening_by_the_clock(office: Office, backroom: Backroom) -> None:
    session = office.visit()
    zone = choosing(office, EVENINGS)

    with clock.stopped_at(at(date(2026, 3, 31), SIX, zone)):
        (errand,) = asked(office, clock.now())
        backroom.run()

    ended = backroom.seen(errand)
    with office.database.reading() as db:
        actors = {(one.actor_kind, one.actor_id) for one in db.query(AuditEntry).filter_by(action="clinic billed")}
        seen = errand_seen(db, errand.id, backroom.user.role)
        listed = recent_errands(db, [ErrandKind.BILL], 10)
    assert ended.state is ErrandState.DONE
    assert office.claim(session).state is ClaimState.SENT
    assert actors == {("worker", "clock")}
    assert seen.asked_by == "the clock"
    assert [one.errand.id for one in listed] == [errand.id]


def test_superbills_wait_for_the_month_where_the_month_bills_them(office: Office, backroom: Backroom) -> None:
    insured, claimed_back = office.visit(), office.visit(bill_to=BillTo.SUPERBILL)
    zone = choosing(office, ByItself(bills_at=SIX, superbills_on=5))

    with clock.stopped_at(at(date(2026, 3, 31), SIX, zone)):
        (evening,) = asked(office, clock.now())
        backroom.run()
    after_the_evening = papers(office)
    with clock.stopped_at(at(date(2026, 4, 5), SIX, zone)):
        (_, month) = asked(office, clock.now())
        backroom.run()

    ended = backroom.seen(month)
    assert backroom.seen(evening).state is ErrandState.DONE
    assert office.claim(insured).state is ClaimState.SENT
    assert after_the_evening == []
    assert papers(office) == [claimed_back.id]
    assert ended.result is not None
    assert (ended.state, ended.result["count"], ended.result["failures"]) == (ErrandState.DONE, 1, [])
    assert ended.result["superbills"][0]["patient"] == claimed_back.patient_id
    assert ended.result["superbills"][0]["document"] is not None


def test_a_superbill_run_tells_of_each_superbill_once(office: Office, backroom: Backroom) -> None:
    office.visit(bill_to=BillTo.SUPERBILL)

    first = backroom.done(ErrandKind.SUPERBILLS, through="2026-03-31")
    second = backroom.done(ErrandKind.SUPERBILLS, through="2026-03-31")

    assert first.result is not None
    assert second.result is not None
    assert (first.result["count"], second.result["count"]) == (1, 0)


def test_a_person_who_asks_too_is_led_to_what_the_clock_asked_for(office: Office, backroom: Backroom) -> None:
    zone = choosing(office, EVENINGS)
    (by_clock,) = asked(office, at(date(2026, 3, 31), SIX, zone))

    assert backroom.ask(ErrandKind.BILL, through="2026-03-31").id == by_clock.id


def test_what_a_person_asked_for_does_not_keep_the_clock_from_its_turn(office: Office, backroom: Backroom) -> None:
    by_hand = backroom.ask(ErrandKind.BILL, through="2026-03-31")
    zone = choosing(office, EVENINGS)

    (by_clock,) = asked(office, at(date(2026, 3, 31), SIX, zone))

    assert by_clock.id != by_hand.id


def test_switching_off_ends_it(office: Office) -> None:
    zone = choosing(office, EVENINGS)
    asked(office, at(date(2026, 3, 30), SIX, zone))
    choosing(office, replace(EVENINGS, bills_at=None))

    assert asked(office, at(date(2026, 3, 31), SIX, zone)) == []


def papers(office: Office) -> list[int]:
    with office.database.reading() as db:
        found = db.query(Paper).filter_by(kind=PaperKind.SUPERBILL).order_by(Paper.id)
        return [one.session_id for one in found if one.session_id is not None]
