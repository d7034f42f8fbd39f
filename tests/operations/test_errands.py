"""An errand is done once however often it is asked for, and is found again whatever happened to who ran it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from billing import clock
from billing.access.permissions import Role
from billing.adapters.memory import MemoryStore
from billing.audit.models import AuditEntry
from billing.claims.lifecycle import ClaimState
from billing.database import Database
from billing.documents.models import HandedOut
from billing.errors import Forbidden, NotFound
from billing.invoices.models import Paper, PaperKind
from billing.operations.errands.asking import ask, errand_seen, kinds_for, recent_errands
from billing.operations.errands.kinds import NEEDS, ErrandKind
from billing.operations.errands.progress import SECONDS_BETWEEN, BrokenOff, Progress
from billing.operations.errands.running import LEASE, LOCK, run_waiting, take
from billing.operations.models import ErrandState
from billing.remittances.models import RemittanceState
from billing.sessions.models import BillTo
from tests.access.cast import NOON, make_cast
from tests.claims.office import BILLED_AT, Office, open_office
from tests.operations.errands import Backroom, backroom_of
from tests.operations.inbox import put, rows
from tests.remittances.books import PAID_AT, filed, remittances
from tests.remittances.payer import answer, file_of, pays

THROUGH = "2026-03-31"
COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def backroom(office: Office, inbox: Path) -> Backroom:
    return backroom_of(office, inbox)


@pytest.fixture
def empty_backroom(database: Database, inbox: Path) -> Backroom:
    """One before any clinic is set up."""
    return Backroom(database, MemoryStore(), inbox, make_cast(database).ada)


def test_asking_twice_does_it_once(backroom: Backroom) -> None:
    first = backroom.ask(ErrandKind.BILL, through=THROUGH)
    second = backroom.ask(ErrandKind.BILL, through=THROUGH)
    other = backroom.ask(ErrandKind.BILL, through="2026-04-30")

    assert second.id == first.id
    assert other.id != first.id


def test_asking_while_it_runs_leads_to_the_one_that_runs(backroom: Backroom) -> None:
    asked = backroom.ask(ErrandKind.FETCH)
    backroom.edit(asked, state=ErrandState.RUNNING, seen_at=clock.now())

    assert backroom.ask(ErrandKind.FETCH).id == asked.id


def test_asking_after_it_has_ended_does_it_again(backroom: Backroom) -> None:
    first = backroom.done(ErrandKind.FETCH)

    assert backroom.ask(ErrandKind.FETCH).id != first.id


def test_what_is_no_kind_of_errand_cannot_be_asked_for(backroom: Backroom) -> None:
    with backroom.database.transaction() as db, pytest.raises(ValueError, match="dance"):
        ask(db, "dance", {}, backroom.user.id, clock.now())


def test_every_kind_says_who_may_ask_for_it() -> None:
    assert set(NEEDS) == set(ErrandKind)


def test_only_those_who_may_ask_for_a_kind_see_its_errands(backroom: Backroom) -> None:
    asked = backroom.ask(ErrandKind.STATEMENTS, on=THROUGH)
    with backroom.database.reading() as db:
        seen = errand_seen(db, asked.id, Role.FRONT_DESK)
        desk = recent_errands(db, kinds_for(Role.FRONT_DESK), 10)
        treating = recent_errands(db, kinds_for(Role.PRACTITIONER), 10)
        with pytest.raises(Forbidden):
            errand_seen(db, asked.id, Role.PRACTITIONER)
        with pytest.raises(NotFound):
            errand_seen(db, asked.id + 1, Role.OWNER)

    assert (seen.title, seen.asked_by, seen.is_open) == ("Statements", "Ada Okafor", True)
    assert [one.errand.id for one in desk] == [asked.id]
    assert treating == []


def test_the_billing_run_files_and_tells_of_it_by_numbers_alone(office: Office, backroom: Backroom) -> None:
    good = office.visit()
    office.visit(bill_to=BillTo.SELF)

    with clock.stopped_at(BILLED_AT):
        ended = backroom.done(ErrandKind.BILL, through=THROUGH)

    claim = office.claim(good)
    assert ended.result is not None
    assert (ended.state, ended.failure, ended.ended_at) == (ErrandState.DONE, "", BILLED_AT)
    assert claim.state is ClaimState.SENT
    assert ended.result["filed"] == [{"id": claim.id, "number": claim.control_number, "total_cents": claim.total_cents}]
    assert ended.result["counts"]["invoices"] == len(ended.result["invoices"]) == 1
    assert ended.result["invoices"][0]["document"] is not None
    assert "Okoro" not in str(ended.result)


def test_the_billing_run_tells_of_each_claim_and_paper_once(office: Office, backroom: Backroom) -> None:
    office.visit()
    office.visit(bill_to=BillTo.SUPERBILL)

    with clock.stopped_at(BILLED_AT):
        first = backroom.done(ErrandKind.BILL, through=THROUGH)
        second = backroom.done(ErrandKind.BILL, through=THROUGH)

    assert first.result is not None
    assert second.result is not None
    assert (first.result["counts"]["filed"], first.result["counts"]["superbills"]) == (1, 1)
    assert (second.result["counts"]["filed"], second.result["counts"]["superbills"]) == (0, 0)
    assert second.result["billed_before"] == 2
    with office.database.reading() as db:
        assert db.query(HandedOut).count() == 3


def test_what_is_held_is_counted_by_the_rule_that_holds_it(office: Office, backroom: Backroom) -> None:
    office.edit(office.scene.licence, valid_to=office.scene.licence.valid_from)
    session = office.visit()

    with clock.stopped_at(BILLED_AT):
        ended = backroom.done(ErrandKind.BILL, through=THROUGH)

    assert ended.result is not None
    assert ended.result["held_by_rule"] == dict.fromkeys(office.holding(session), 1)
    assert ended.result["counts"]["held"] == 1
    assert ended.result["filed"] == []


def test_who_asked_for_the_billing_run_stands_in_the_audit_trail(office: Office, backroom: Backroom) -> None:
    backroom.done(ErrandKind.BILL, through=THROUGH)

    (row,) = [one for one in rows(office, AuditEntry) if one.action == "clinic billed"]
    assert (row.actor_kind, row.actor_id) == ("user", str(backroom.user.id))


def test_a_mixed_upload_is_sorted_by_what_the_files_are(office: Office, backroom: Backroom) -> None:
    claim = filed(office)
    (name, _), *_ = office.clearinghouse.received
    payment = backroom.kept("money.txt", file_of(pays(answer(claim, *COPAY), trace="EFT1")))
    picture = backroom.kept("holiday.jpg", b"\xff\xd8\xff\xe0 not X12 at all")
    submitted = backroom.kept(name, office.clearinghouse.received[0][1])

    with clock.stopped_at(PAID_AT):
        ended = backroom.done(ErrandKind.REMIT, files=[picture, submitted, payment])

    result = ended.result
    assert result is not None
    (posted,) = remittances(office)
    assert posted.state is RemittanceState.POSTED
    assert [(one["fate"], one["id"], one["trace_number"], one["paid_cents"]) for one in result["payments"]] == [
        ("posted", posted.id, "EFT1", 115_00)
    ]
    assert {(one["file"], one["kind"]) for one in result["unmatched"]} == {("holiday.jpg", "unknown"), (name, "837")}
    assert len(backroom.acknowledgements.received) == 1


def test_a_payment_that_does_not_add_up_waits_with_its_arithmetic(office: Office, backroom: Backroom) -> None:
    claim = filed(office)
    off = backroom.kept("off.835", file_of(pays(answer(claim, *COPAY), trace="EFT1", paid_cents=115_01)))

    with clock.stopped_at(PAID_AT):
        first = backroom.done(ErrandKind.REMIT, files=[off])
        again = backroom.done(ErrandKind.REMIT, files=[off])

    (waiting,) = remittances(office)
    for ended in (first, again):
        assert ended.result is not None
        (told,) = ended.result["payments"]
        assert (told["fate"], told["id"], told["reasons"]) == ("queued", waiting.id, ["It does not balance."])
    assert waiting.arithmetic.startswith("Check 115.01")


def test_the_inbox_gives_each_file_once(office: Office, backroom: Backroom) -> None:
    claim = filed(office)
    put(backroom.inbox, "b.835", file_of(pays(answer(claim, *COPAY), trace="EFT1")))
    put(backroom.inbox, "a.txt", b"nothing that anyone can read")
    put(backroom.inbox, "copy of b.835", file_of(pays(answer(claim, *COPAY), trace="EFT1")))
    put(backroom.inbox, "coming.835.part", b"ISA*00*half of ")
    put(backroom.inbox, ".hidden", b"what a system leaves behind")

    with clock.stopped_at(PAID_AT):
        first = backroom.done(ErrandKind.FETCH)
        second = backroom.done(ErrandKind.FETCH)

    assert first.result is not None
    assert second.result is not None
    assert [one["name"] for one in first.result["files"]] == ["a.txt", "b.835"]
    assert second.result["files"] == []
    assert len(remittances(office)) == 1


def test_an_inbox_that_cannot_be_looked_into_is_told_to_whoever_asked(backroom: Backroom) -> None:
    backroom.inbox.rmdir()
    backroom.inbox.write_bytes(b"a file where the folder should be")

    ended = backroom.done(ErrandKind.FETCH)

    assert ended.state is ErrandState.FAILED
    assert "cannot be looked into" in ended.failure


def test_a_missing_inbox_is_an_empty_one(office: Office, backroom: Backroom) -> None:
    backroom.inbox.rmdir()

    ended = backroom.done(ErrandKind.FETCH)

    assert ended.state is ErrandState.DONE


def test_the_inbox_is_gone_through_to_its_end_by_whoever_takes_it_up(office: Office, backroom: Backroom) -> None:
    claim = filed(office)
    put(backroom.inbox, "a.835", file_of(pays(answer(claim, *COPAY), trace="EFT1")))
    asked = backroom.ask(ErrandKind.FETCH)
    cut_off = PAID_AT - LEASE - timedelta(seconds=1)
    backroom.edit(asked, state=ErrandState.RUNNING, seen_at=cut_off)

    with clock.stopped_at(PAID_AT):
        backroom.run()

    ended = backroom.seen(asked)
    assert ended.result is not None
    assert [one["fate"] for one in ended.result["payments"]] == ["posted"]


def test_statements_are_issued_and_told_of_by_numbers_alone(office: Office, backroom: Backroom) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()

    with clock.stopped_at(BILLED_AT):
        ended = backroom.done(ErrandKind.STATEMENTS, on=THROUGH)
        again = backroom.done(ErrandKind.STATEMENTS, on=THROUGH)

    result = ended.result
    assert result is not None
    assert (result["issued"], result["count"]) == (1, 1)
    (statement,) = [one for one in rows(office, Paper) if one.kind is PaperKind.STATEMENT]
    assert [(one["patient"], one["total_cents"]) for one in result["statements"]] == [
        (office.scene.patient.id, statement.total_cents)
    ]
    assert result["total_cents"] == statement.total_cents
    assert again.result is not None
    assert (again.result["issued"], again.result["count"]) == (0, 1)


def test_what_cannot_be_done_is_told_and_stops_nothing_else(empty_backroom: Backroom) -> None:
    failing = empty_backroom.ask(ErrandKind.BILL, through=THROUGH)
    fine = empty_backroom.ask(ErrandKind.FETCH)

    ended = empty_backroom.run()

    assert ended == 2
    assert empty_backroom.seen(failing).state is ErrandState.FAILED
    assert "There is no clinic here yet" in empty_backroom.seen(failing).failure
    assert empty_backroom.seen(fine).state is ErrandState.DONE


def test_a_fault_is_told_by_a_reference_and_logged_without_its_text(
    backroom: Backroom, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        ended = backroom.done(ErrandKind.STATEMENTS, on="Miri Okoro, M54.50")

    reference = ended.failure.split()[-1]
    assert ended.state is ErrandState.FAILED
    assert "Okoro" not in ended.failure
    assert "Okoro" not in caplog.text
    assert reference in caplog.text
    assert "ValueError" in caplog.text


def test_another_that_is_at_the_billing_run_is_told_of(backroom: Backroom) -> None:
    with backroom.database.alone("billing run"):
        ended = backroom.done(ErrandKind.BILL, through=THROUGH)

    assert ended.state is ErrandState.FAILED
    assert "Another billing run is going on" in ended.failure


def test_only_one_process_runs_errands(backroom: Backroom) -> None:
    asked = backroom.ask(ErrandKind.FETCH)

    with backroom.database.alone(LOCK):
        ended = backroom.run()

    assert ended == 0
    assert backroom.seen(asked).state is ErrandState.WAITING


@pytest.mark.parametrize(
    "at",
    [NOON, datetime(2026, 3, 8, 10, 0, 30, tzinfo=UTC), datetime(2026, 11, 1, 9, 0, 30, tzinfo=UTC)],
    ids=["any day", "clocks put forward", "clocks put back"],
)
def test_an_errand_without_a_sign_of_life_is_taken_up_and_another_is_left_alone(
    backroom: Backroom, at: datetime
) -> None:
    asked = backroom.ask(ErrandKind.FETCH)
    backroom.edit(asked, state=ErrandState.RUNNING, seen_at=at - LEASE + timedelta(seconds=1))

    with backroom.database.transaction() as db:
        too_soon = take(db, at)
    with backroom.database.transaction() as db:
        late = take(db, at + timedelta(seconds=2))

    assert too_soon is None
    assert late is not None
    assert late.id == asked.id


def test_errands_are_taken_in_the_order_in_which_they_were_asked_for(backroom: Backroom) -> None:
    asked = [backroom.ask(ErrandKind.STATEMENTS, on=f"2026-03-0{day}") for day in (3, 1, 2)]

    with backroom.database.transaction() as db:
        taken = [take(db, clock.now()) for _ in range(4)]

    assert [one.id if one else None for one in taken] == [*(one.id for one in asked), None]


def test_what_is_broken_off_when_the_process_ends_waits_for_the_next_one(office: Office, backroom: Backroom) -> None:
    office.visit()
    asked = backroom.ask(ErrandKind.BILL, through=THROUGH)
    looks = iter([False])
    means = replace(backroom.means, is_stopping=lambda: next(looks, True))

    ended = run_waiting(means)

    assert ended == 0
    assert backroom.seen(asked).state is ErrandState.WAITING
    with clock.stopped_at(BILLED_AT):
        backroom.run()
    assert backroom.seen(asked).state is ErrandState.DONE
    assert office.states() == [ClaimState.SENT]


def test_progress_is_written_at_most_twice_a_second(backroom: Backroom) -> None:
    asked = backroom.ask(ErrandKind.FETCH)
    backroom.edit(asked, state=ErrandState.RUNNING, seen_at=clock.now())
    seconds = iter([1.0, 1.0, 1.2, 1.0 + SECONDS_BETWEEN, 2.0])
    progress = Progress(backroom.database, asked.id, since=lambda: next(seconds))

    progress.tell("Reading", 1, 10)
    progress.tell("Reading", 2, 10)
    first = backroom.seen(asked)
    progress.tell("Reading", 30, 10)

    second = backroom.seen(asked)
    assert (first.doing, first.done, first.total) == ("Reading", 1, 10)
    assert (second.done, second.total) == (10, 10)


def test_progress_of_an_errand_that_has_ended_changes_nothing(backroom: Backroom) -> None:
    ended = backroom.done(ErrandKind.FETCH)

    Progress(backroom.database, ended.id).tell("Haunting", 1, 2)

    assert backroom.seen(ended).doing == ""


def test_progress_stops_the_work_when_the_process_is_to_end(backroom: Backroom) -> None:
    with pytest.raises(BrokenOff):
        Progress(backroom.database, 1, is_stopping=lambda: True).tell("Reading")


def test_the_errands_of_one_database_are_listed_newest_first_and_by_pages(backroom: Backroom) -> None:
    asked = [backroom.ask(ErrandKind.STATEMENTS, on=f"2026-03-0{day}").id for day in range(1, 6)]

    with backroom.database.reading() as db:
        first = [one.errand.id for one in recent_errands(db, list(ErrandKind), 2)]
        second = [one.errand.id for one in recent_errands(db, list(ErrandKind), 2, before=first[-1])]

    assert first + second == list(reversed(asked))[:4]


def test_whoever_breaks_down_lets_others_begin(backroom: Backroom) -> None:
    with pytest.raises(RuntimeError), backroom.database.alone(LOCK):
        raise RuntimeError

    ended = backroom.done(ErrandKind.FETCH)

    assert ended.state is ErrandState.DONE
