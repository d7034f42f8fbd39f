"""What happened lately is told by number and never by name, the latest first, and what is alike in one line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from billing import clock
from billing.database import Database
from billing.operations.errands.asking import ask_by_clock
from billing.operations.errands.kinds import ErrandKind
from billing.operations.happened import LATELY, Happening, Lately, happened_lately
from billing.operations.signs_of_life import BEAT, WORKER, give_sign
from billing.reminders.models import Channel, Rule
from billing.sessions.confirming import confirm
from billing.sessions.models import BillTo
from billing.sessions.moving import cancel
from tests.access.cast import NOON
from tests.claims.answers.answer_texts import REJECTED, a277ca
from tests.claims.office import BILLED_AT, Office, open_office
from tests.factories import make_clinic
from tests.operations.errands import backroom_of
from tests.operations.inbox import put
from tests.reminders.stage import LONG_BEFORE, Stage, open_stage
from tests.remittances.books import PAID_AT, filed, post, queue
from tests.remittances.payer import answer, pays

COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
A_MOMENT = timedelta(minutes=5)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def lately(database: Database, at: datetime) -> Lately:
    with database.reading() as db:
        return happened_lately(db, at)


def lines(database: Database, at: datetime) -> list[Happening]:
    return lately(database, at).lines


def titles(database: Database, at: datetime) -> list[str]:
    return [one.title for one in lines(database, at)]


def named(one: Happening) -> list[str]:
    return [each.words for each in one.about]


def test_a_clinic_in_which_nothing_happened_has_nothing_to_tell(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)

    told = lately(database, NOON)

    assert (told.lines, told.messages_to_come, told.next_message_at, list(told.there)) == ([], 0, None, [])


def test_claims_that_are_filed_together_are_one_line_with_their_numbers(office: Office) -> None:
    sessions = [office.visit(date(2026, 3, 3)), office.visit(date(2026, 3, 5))]
    office.bill()

    (line,) = lines(office.database, BILLED_AT + A_MOMENT)

    assert (line.title, line.more) == ("2 claims filed", 0)
    assert {(one.kind, one.id) for one in line.about} == {("claim", office.claim(one).id) for one in sessions}


def test_of_many_records_a_few_are_named_and_the_others_counted(office: Office) -> None:
    for day in range(2, 12):
        office.visit(date(2026, 3, day))
    office.bill()

    (line,) = [one for one in lines(office.database, BILLED_AT + A_MOMENT) if "filed" in one.title]

    assert (line.title, len(line.about), line.more) == ("10 claims filed", 8, 2)


def test_the_way_from_claim_to_money_is_told_the_latest_first(office: Office) -> None:
    claim = filed(office)
    post(office, pays(answer(claim, *COPAY), trace="EFT1"))

    told = lines(office.database, PAID_AT + A_MOMENT)

    (payment,) = [one for one in told if one.title.endswith(" paid $115.00 for 1 claim")]
    assert named(payment) == ["EFT1"]
    assert "1 claim decided and posted" in {one.title for one in told}
    assert [one.at for one in told] == sorted((one.at for one in told), reverse=True)


def test_a_payment_that_waits_is_told_as_one(office: Office) -> None:
    claim = filed(office)
    queue(office, pays(replace(answer(claim, *COPAY), paid_cents=116_00), trace="EFT1"))

    (line,) = [one for one in lines(office.database, PAID_AT + A_MOMENT) if "waits" in one.title]

    assert (line.tone, line.about[0].kind) == ("warn", "remittance")


def test_what_is_older_than_a_day_is_not_told(office: Office) -> None:
    office.visit()
    office.bill()

    assert titles(office.database, BILLED_AT + LATELY - A_MOMENT) == ["1 claim filed"]
    assert titles(office.database, BILLED_AT + LATELY + A_MOMENT) == []


def test_papers_are_told_by_their_numbers(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()

    (line,) = lines(office.database, BILLED_AT + A_MOMENT)

    assert (line.title, named(line)) == ("1 invoice made", ["INV-000001"])


def test_files_that_came_in_and_what_they_rejected_are_told(office: Office, inbox: Path) -> None:
    claim = filed(office)
    backroom = backroom_of(office, inbox)
    put(inbox, "tuesday.277", a277ca([(claim.control_number, REJECTED)]))
    with clock.stopped_at(PAID_AT):
        backroom.done(ErrandKind.FETCH)

    told = {one.title: one for one in lines(office.database, PAID_AT + A_MOMENT)}

    assert named(told["1 file came in from payers and the clearinghouse"]) == ["tuesday.277"]
    assert (told["1 claim rejected"].tone, named(told["1 claim rejected"])) == ("bad", [claim.control_number])


def test_what_the_clock_asked_for_is_told_and_what_people_ask_for_is_not(office: Office, inbox: Path) -> None:
    backroom = backroom_of(office, inbox)
    with clock.stopped_at(BILLED_AT):
        backroom.done(ErrandKind.STATEMENTS, on="2026-03-31")
        with office.database.transaction() as db:
            ask_by_clock(db, ErrandKind.BILL, {"through": "2026-03-31"}, "bill:2026-03-31", clock.now())
        backroom.run()

    assert titles(office.database, BILLED_AT + A_MOMENT) == ["Billing run, asked for by the clock: done"]


def test_a_worker_that_began_is_told_and_a_beat_is_not(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        give_sign(db, "worker@desk-1:1", WORKER, NOON)
        give_sign(db, "beat@desk-1:2", BEAT, NOON)

    told = lately(database, NOON)

    assert [one.title for one in told.lines] == ["A worker began; from here on it happens by itself"]
    assert {one.kind for one in told.there} == {WORKER, BEAT}


def reminded(database: Database, patients: int) -> tuple[Stage, datetime]:
    """A clinic whose patients were reminded, and when."""
    stage = open_stage(database)
    for number in range(patients):
        stage.session(stage.patient(phone=f"+1503555{number:04}"), start=f"{9 + number:02}:00")
    stage.plan()
    at = LONG_BEFORE + timedelta(days=6, hours=20)
    stage.send(at)
    return stage, at


def test_messages_are_counted_and_nobody_is_named(database: Database) -> None:
    stage, at = reminded(database, 3)

    told = lately(database, at + A_MOMENT)

    (sent,) = [one for one in told.lines if "sent" in one.title]
    assert sent.title == f"{len(stage.texted)} texts sent"
    assert [(one.words, one.kind) for one in sent.about] == [("See them", "messages")]
    assert not any(name in str(told.lines) for name in ("Anna", "Miri"))


def test_a_message_alone_is_led_to(database: Database) -> None:
    stage, at = reminded(database, 1)

    (sent,) = [one for one in lines(database, at + A_MOMENT) if "sent" in one.title]

    assert (sent.title, sent.about[0].kind) == ("1 text sent", "message")
    assert sent.about[0].id == stage.one(Rule.SESSION_TOMORROW, Channel.TEXT).id


def test_what_patients_said_by_their_link_is_told(database: Database) -> None:
    stage = open_stage(database)
    coming, staying = stage.session(stage.patient()), stage.session(stage.patient(phone=None), start="15:00")
    with database.transaction() as db:
        confirm(db, coming.id, at=LONG_BEFORE)
        cancel(db, staying.id, why="Called off by the patient.", by=f"patient:{staying.patient_id}", at=LONG_BEFORE)

    told = {one.title: one.about[0].id for one in lines(database, LONG_BEFORE + A_MOMENT)}

    assert told == {"A patient confirmed a visit": coming.id, "A patient called a visit off": staying.id}


def test_what_is_next_is_told(database: Database) -> None:
    stage = open_stage(database)
    stage.session(stage.patient())
    stage.plan()

    told = lately(database, LONG_BEFORE)

    assert told.messages_to_come == 2
    assert told.next_message_at == stage.one(Rule.SESSION_IN_3_DAYS, Channel.TEXT).due_at
