"""Claim files go out once: what certainly did not arrive goes again unchanged, what may have arrived never does."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from billing import clock
from billing.adapters.memory import MemoryClearinghouse, MemoryStore
from billing.claims.assembly.assembling import hold_unfiled
from billing.claims.filing.preparing import preparing_route
from billing.claims.filing.preparing import record as record_prepared
from billing.claims.filing.preparing import take as take_ready
from billing.claims.filing.resolving import missed
from billing.claims.filing.sending import LEASE, FileToSend, Sent, filing_route, record, take
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimFile, FileState
from billing.database import Database
from billing.errors import Conflict, NotDelivered, NotFound, OutcomeUnknown, OutsideWorld
from billing.ledger.accounts import owed_by_insurance
from billing.ledger.queries import balance
from billing.operations.billing_run import BillingRun, run_billing
from billing.relay import Delivery, relay
from billing.sessions.lifecycle import SessionState
from tests.claims.office import BILLED_AT, SETTINGS, THROUGH, Office, open_office
from tests.factories import DAY, make_patient, make_policy, make_session

SENT, READY, UNKNOWN, SENDING = ClaimState.SENT, ClaimState.READY, ClaimState.UNKNOWN, ClaimState.SENDING
FULL = NotDelivered("The claims folder is full.")
DEAD = OutcomeUnknown("The line went dead.")
LATER = BILLED_AT + LEASE + timedelta(seconds=1)
BY = "command:bill"


def files(office: Office) -> list[ClaimFile]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(ClaimFile).order_by(ClaimFile.id)))


def prepare(office: Office) -> None:
    """Bill, with a clearinghouse that takes nothing: the files are then prepared and wait."""
    office.clearinghouse.failure = FULL
    office.bill()
    office.clearinghouse.failure = None


def taken(office: Office) -> list[FileToSend]:
    """What a process that is about to send has taken."""
    with office.database.transaction() as db:
        return take(db, 1, BILLED_AT, BY)


def prepare_many(office: Office, count: int) -> None:
    """Several prepared files of one claim each."""
    for day in range(count):
        office.visit(DAY + timedelta(days=day))
        prepare(office)


def test_a_file_is_delivered_once_however_often_one_bills(office: Office) -> None:
    office.visit()

    office.bill()
    office.bill()
    office.bill()

    assert len(office.clearinghouse.received) == 1
    assert office.states() == [SENT]
    assert [(one.state, one.sent_at) for one in files(office)] == [(FileState.SENT, BILLED_AT)]


def test_what_was_delivered_is_to_the_byte_what_is_kept(office: Office) -> None:
    office.visit()

    office.bill()

    (name, content), (file,) = office.clearinghouse.received[0], files(office)
    assert (name, content) == (file.name, office.store.get(file.sha256))


def test_what_certainly_did_not_arrive_is_ready_again(office: Office) -> None:
    session = office.visit()
    office.clearinghouse.failure = FULL

    report = office.bill()

    assert office.claim(session).state is READY
    assert [one.state for one in files(office)] == [FileState.PREPARED]
    assert report["failures"] == [str(FULL)]
    assert report["claims"]["filed"] == []


def test_the_very_same_bytes_go_out_next_time_whatever_was_edited_meanwhile(office: Office) -> None:
    session = office.visit()
    prepare(office)
    (before,) = files(office)
    kept = office.store.get(before.sha256)

    office.edit(office.scene.patient, last_name="Changed", city="Salem")
    office.edit(office.scene.licence, valid_to=DAY - timedelta(days=1))
    report = office.bill()

    assert office.clearinghouse.received == [(before.name, kept)]
    assert office.claim(session).state is SENT
    assert len(report["claims"]["filed"]) == 1


def test_what_may_have_arrived_is_unknown_and_is_never_sent_again_by_itself(office: Office) -> None:
    session = office.visit()
    office.clearinghouse.failure = DEAD
    report = office.bill()

    office.clearinghouse.failure = None
    office.bill()
    again = office.bill(at=LATER)

    assert office.claim(session).state is UNKNOWN
    assert [one.state for one in files(office)] == [FileState.UNKNOWN]
    assert report["failures"] == [str(DEAD)]
    assert office.clearinghouse.received == []
    assert [one["sessions"] for one in again["claims"]["unknown"]] == [[session.external_id]]


def test_a_file_that_arrived_before_the_line_broke_is_not_delivered_twice(office: Office) -> None:
    office.visit()
    office.clearinghouse.failure, office.clearinghouse.receives_before_failing = DEAD, True
    office.bill()

    office.clearinghouse.failure = None
    office.bill(at=LATER)

    assert len(office.clearinghouse.received) == 1
    assert office.states() == [UNKNOWN]


def test_new_claims_go_out_though_older_ones_are_unknown(office: Office) -> None:
    office.visit()
    office.clearinghouse.failure = DEAD
    office.bill()

    office.clearinghouse.failure = None
    office.visit(DAY + timedelta(days=1))
    office.bill()

    assert office.states() == [UNKNOWN, SENT]


def test_a_crash_while_sending_leaves_the_claim_unknown_when_the_lease_has_run_out(office: Office) -> None:
    session = office.visit()
    prepare(office)
    taken(office)

    office.bill(at=LATER)

    assert office.claim(session).state is UNKNOWN
    assert [one.state for one in files(office)] == [FileState.UNKNOWN]
    assert office.clearinghouse.received == []
    assert "stopped while it was being sent" in office.moves(office.claim(session))[-1].why


def test_within_the_lease_a_file_being_sent_is_left_alone(office: Office) -> None:
    session = office.visit()
    prepare(office)
    taken(office)

    office.bill(at=BILLED_AT + LEASE)

    assert office.claim(session).state is SENDING
    assert office.clearinghouse.received == []


def test_a_delivery_that_ends_after_its_lease_still_tells_that_the_file_arrived(office: Office) -> None:
    session = office.visit()
    prepare(office)
    (letter,) = taken(office)
    office.bill(at=LATER)
    before = office.claim(session).state

    with office.database.transaction() as db:
        record(db, Delivery(letter, outcome=Sent()), LATER, BY)
    office.bill(at=LATER)

    assert before is UNKNOWN
    assert office.claim(session).state is SENT
    assert (files(office)[0].state, files(office)[0].sent_at) == (FileState.SENT, LATER)
    assert office.clearinghouse.received == []


@pytest.mark.parametrize("failure", [FULL, DEAD])
def test_a_delivery_that_fails_after_its_lease_leaves_the_claim_to_a_person(
    office: Office, failure: OutsideWorld
) -> None:
    session = office.visit()
    prepare(office)
    (letter,) = taken(office)
    office.bill(at=LATER)

    with office.database.transaction() as db:
        record(db, Delivery(letter, failure=failure), LATER, BY)

    assert office.claim(session).state is UNKNOWN
    assert [one.state for one in files(office)] == [FileState.UNKNOWN]


def test_a_file_called_missed_and_then_delivered_after_all_is_not_sent_again(office: Office) -> None:
    session = office.visit()
    prepare(office)
    (letter,) = taken(office)
    office.bill(at=LATER)
    claim = office.claim(session)
    with office.database.transaction() as db:
        missed(db, [claim.id], "user:3", "they said so", LATER)
        record(db, Delivery(letter, outcome=Sent()), LATER, BY)

    office.bill(at=LATER)

    assert office.claim(session).state is SENT
    assert office.clearinghouse.received == []


def test_what_one_process_says_of_a_file_that_another_has_taken_up_since_counts_for_nothing(office: Office) -> None:
    session = office.visit()
    prepare(office)
    (first,) = taken(office)
    office.bill(at=LATER)
    claim = office.claim(session)
    with office.database.transaction() as db:
        missed(db, [claim.id], "user:3", "they said so", LATER)
    with office.database.transaction() as db:
        (second,) = take(db, 1, LATER, BY)

    with office.database.transaction() as db:
        record(db, Delivery(first, failure=FULL), LATER, BY)
    between = office.claim(session).state
    with office.database.transaction() as db:
        record(db, Delivery(second, outcome=Sent()), LATER, BY)

    assert between is SENDING
    assert office.claim(session).state is SENT


def test_whoever_has_claims_filed_stands_in_their_histories(office: Office) -> None:
    session = office.visit()
    run = BillingRun(THROUGH, by="user:7")
    with clock.stopped_at(BILLED_AT):
        run_billing(office.database, run, office.store, office.clearinghouse, SETTINGS)

    moves = office.moves(office.claim(session))

    assert [one.event for one in moves] == [ClaimEvent.PASSED, ClaimEvent.TAKEN, ClaimEvent.DELIVERED]
    assert {one.by for one in moves} == {"user:7"}


def test_what_a_worker_sends_for_somebody_who_was_turned_away_is_the_workers_doing(office: Office) -> None:
    session = office.visit()
    prepare(office)

    with clock.stopped_at(LATER):
        relay(office.database, filing_route(office.store, office.clearinghouse, "worker:file_claims"))

    by = [(one.event, one.by) for one in office.moves(office.claim(session))]
    assert by[0] == (ClaimEvent.PASSED, "command:bill")
    assert by[-2:] == [(ClaimEvent.TAKEN, "worker:file_claims"), (ClaimEvent.DELIVERED, "worker:file_claims")]


def test_after_a_failure_the_rest_of_the_files_waits_for_the_next_run(office: Office) -> None:
    prepare_many(office, 2)
    office.clearinghouse.failure = FULL
    route = filing_route(office.store, office.clearinghouse)

    done = relay(office.database, route)

    assert len(done) == 1
    assert {one.state for one in files(office)} == {FileState.PREPARED}


def test_a_clearinghouse_that_is_away_for_a_day_is_not_asked_every_minute_and_gets_its_file_within_the_hour(
    office: Office,
) -> None:
    session = office.visit()
    office.clearinghouse.failure = FULL
    office.bill()
    claim = office.claim(session)

    tried = rounds(office, BILLED_AT, minutes=24 * 60)
    office.clearinghouse.failure = None
    when_it_is_back = rounds(office, BILLED_AT + timedelta(days=1), minutes=60)

    waits = Counter(int((later - earlier).total_seconds() / 60) for earlier, later in itertools.pairwise(tried))
    assert waits == {1: 13, 15: 15, 60: 20}
    assert len(when_it_is_back) == 1
    assert office.claim(session).state is SENT
    assert len(office.clearinghouse.received) == 1
    assert len(office.moves(claim)) < 2 * 60


def test_what_somebody_wants_filed_now_is_offered_at_once(office: Office) -> None:
    office.visit()
    office.clearinghouse.failure = FULL
    office.bill()
    office.clearinghouse.failure = None

    by_itself = rounds(office, BILLED_AT, minutes=1)
    office.bill()

    assert by_itself == []
    assert office.states() == [SENT]


def rounds(office: Office, at: datetime, minutes: int) -> list[datetime]:
    """The workers' rounds, one a minute; when something was offered to the clearinghouse."""
    offered = []
    for minute in range(minutes):
        now = at + timedelta(minutes=minute)
        with clock.stopped_at(now):
            done = relay(office.database, filing_route(office.store, office.clearinghouse, rests=True))
        offered += [now] * bool(done)
    return offered


def test_a_file_whose_bytes_are_lost_stops_nothing_but_itself_from_being_called_sent(office: Office) -> None:
    session = office.visit()
    prepare(office)
    office.store.contents.clear()

    with pytest.raises(NotFound):
        office.bill()

    assert office.claim(session).state is not SENT
    assert office.clearinghouse.received == []


def test_two_relays_at_once_send_each_file_once(office: Office) -> None:
    prepare_many(office, 6)
    clearinghouses = [MemoryClearinghouse(), MemoryClearinghouse()]
    together = threading.Barrier(2)

    def send(clearinghouse: MemoryClearinghouse) -> None:
        together.wait(timeout=30)
        relay(office.database, filing_route(office.store, clearinghouse))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(send, clearinghouses))

    received = Counter(name for one in clearinghouses for name, _ in one.received)
    assert received == Counter({file.name: 1 for file in files(office)})
    assert len(received) == 6
    assert {one.state for one in files(office)} == {FileState.SENT}


def test_two_processes_that_prepare_the_same_claims_make_one_file_of_them(office: Office) -> None:
    session = office.visit()
    office.store.failure = NotDelivered("the disk is full")
    office.bill()
    office.store.failure = None
    with office.database.transaction() as db:
        (first,) = take_ready(db, SETTINGS, BILLED_AT)
    with office.database.transaction() as db:
        (second,) = take_ready(db, SETTINGS, BILLED_AT)
    route = preparing_route(office.store, SETTINGS)
    kept_first, kept_second = route.deliver(first), route.deliver(second)
    with office.database.transaction() as db:
        record_prepared(db, first, kept_first, BILLED_AT)

    with office.database.transaction() as db:
        record_prepared(db, second, kept_second, BILLED_AT)

    assert [one.name for one in files(office)] == [first.name]
    assert office.claim(session).file_id == files(office)[0].id
    assert first.envelope.interchange_number != second.envelope.interchange_number


def test_a_billing_run_beside_which_a_worker_writes_the_claims_into_a_file_ends_well(office: Office) -> None:
    for day in range(3):
        office.visit(DAY + timedelta(days=day))
    quicker = MemoryStore()

    class Beaten(MemoryStore):
        """A store in which it takes so long to keep a file that a worker's round comes before."""

        def put(self, content: bytes) -> str:
            if not files(office):
                relay(office.database, preparing_route(quicker, SETTINGS))
                self.contents.update(quicker.contents)
            return super().put(content)

    office.store = Beaten()

    report = office.bill()

    assert office.states() == [SENT] * 3
    assert len(files(office)) == len(office.clearinghouse.received) == 1
    assert report["failures"] == []


def test_what_is_being_billed_is_filed_by_nobody_meanwhile(postgresql_database: Database) -> None:
    office = open_office(postgresql_database)
    session = office.visit()
    office.store.failure = NotDelivered("the disk is full")
    office.bill()
    taking = sa.select(Claim.id).with_for_update(nowait=True)

    with office.database.transaction() as db:
        hold_unfiled(db, [session.patient_id])
        with pytest.raises(sa.exc.OperationalError), office.database.transaction() as other:
            other.scalars(taking)

    with office.database.transaction() as other:
        assert len(other.scalars(taking).all()) == 1


def test_two_billing_runs_at_once_make_one_claim_and_one_delivery_of_each_session(office: Office) -> None:
    for day in range(8):
        office.visit(DAY + timedelta(days=day))
    together = threading.Barrier(2)

    def run(_number: int) -> str:
        together.wait(timeout=30)
        try:
            office.bill()
        except Conflict as conflict:
            return str(conflict)
        return ""

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, range(2)))
    office.bill()

    assert len(office.claims()) == 8
    assert office.states() == [SENT] * 8
    named = Counter(claim.control_number for claim in office.claims())
    lines = [line for _, content in office.clearinghouse.received for line in content.decode().splitlines()]
    assert Counter(line.split("*")[1] for line in lines if line.startswith("CLM*")) == named


def test_a_full_document_store_leaves_the_claims_ready_and_nothing_filed(office: Office) -> None:
    session = office.visit()
    office.store.failure = NotDelivered("The document store cannot be written.")

    report = office.bill()

    assert office.claim(session).state is READY
    assert files(office) == []
    assert office.clearinghouse.received == []
    assert "The document store cannot be written." in report["failures"]


def test_the_claims_go_out_when_the_store_has_room_again(office: Office) -> None:
    session = office.visit()
    office.store.failure = NotDelivered("The document store cannot be written.")
    office.bill()

    office.store.failure = None
    office.bill()

    assert office.claim(session).state is SENT
    assert len(office.clearinghouse.received) == 1


def test_claims_of_several_patients_travel_in_one_file(office: Office) -> None:
    office.visit()
    with office.database.transaction() as db:
        other = make_patient(db, first_name="Odin")
        make_policy(db, other, office.scene.payer)
        make_session(db, other, office.scene.practitioner, start="11:00")

    office.bill()

    assert len(office.clearinghouse.received) == 1
    assert len(office.received()) == 2


def test_interchange_numbers_and_file_names_are_never_given_twice(office: Office) -> None:
    prepare_many(office, 3)
    office.bill()

    made = files(office)

    assert len({one.control_number for one in made}) == len({one.name for one in made}) == len(made) == 3
    contents = dict(office.clearinghouse.received)
    assert all(f"*{one.control_number:09d}*0*T*".encode() in contents[one.name] for one in made)


def test_the_clock_of_a_file_is_the_clinics_own(office: Office) -> None:
    office.visit()
    with clock.stopped_at(BILLED_AT):
        local = clock.local(clock.now(), office.scene.clinic.time_zone)

    office.bill()

    header = office.clearinghouse.received[0][1].split(b"~")[0].decode()
    assert f"*{local:%y%m%d}*{local:%H%M}*" in header


def test_no_file_name_says_whom_it_is_about(office: Office) -> None:
    office.visit()

    office.bill()

    names = " ".join(one.name for one in files(office)).upper()
    assert office.scene.patient.last_name.upper() not in names
    assert office.scene.policy.member_id not in names


def test_a_claims_total_is_the_sum_of_its_lines_in_the_file(office: Office) -> None:
    session = office.visit()

    office.bill()

    sent = office.sent(session)
    with office.database.reading() as db:
        total = db.scalars(sa.select(Claim.total_cents)).one()
    assert sent.total_cents == total == sum(line.charge_cents for line in sent.lines)


def test_what_became_known_only_after_its_day_was_filed_is_judged_beside_it(database: Database) -> None:
    office = open_office(database)
    filed = office.visit(start="15:00")
    office.bill()
    earlier = office.visit(start="09:00")

    office.bill()

    assert "duplicate.claim" in office.holding(earlier)
    assert office.claim(filed).state is ClaimState.SENT


def test_what_was_charged_for_a_session_cancelled_since_is_taken_back(database: Database) -> None:
    office = open_office(database)
    held = office.visit(diagnoses=["M54.5"])
    office.bill()
    office.edit(held, state=SessionState.CANCELLED, signed_at=None)

    report = office.bill()

    with database.reading() as db:
        assert balance(db, owed_by_insurance(held.patient_id)) == 0
    assert report["claims"]["held"] == []


def test_only_one_billing_run_goes_on_at_a_time(database: Database) -> None:
    with (
        database.alone("billing run"),
        pytest.raises(Conflict, match="Another billing run"),
        database.alone("billing run"),
    ):
        pass

    with database.alone("billing run"):
        pass
