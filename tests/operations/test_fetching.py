"""The inbox is looked into by itself: each file is taken in once, and what cannot be read is told once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing import clock
from billing.adapters.inbox_sftp import SftpInbox
from billing.adapters.memory import MemoryClearinghouse, MemoryInbox, MemoryStore
from billing.claims.filing.sending import LEASE, give_up_lost
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimFile, FileState
from billing.database import Database
from billing.documents.models import ReceivedFile
from billing.errors import Conflict, NotDelivered
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Unheard
from billing.operations.errands.taking_in import take_in_files
from billing.operations.fetching import LARGEST, LOCK, fetch, fetch_answers
from billing.operations.inbox_troubles import inbox_troubles
from billing.operations.models import Errand, FetchedFile
from billing.ports import Inbox
from billing.remittances.models import RemittanceState
from tests.claims.answers.answer_texts import REJECTED, a277ca, a999
from tests.claims.office import SETTINGS, Office, open_office
from tests.operations.inbox import rows
from tests.remittances.books import PAID_AT, filed, remittances
from tests.remittances.payer import answer, file_of, pays
from tests.sftp_server import running_sftp

CAME_AT = datetime(2026, 4, 10, 3, 0, tzinfo=UTC)
A_MOMENT = 0.3
"""Seconds; a round takes fewer."""
COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
FORBIDDEN = "It cannot be read: it does not allow that."


@dataclass
class Round:
    """The office, its inbox, and a worker that makes the round."""

    office: Office
    inbox: MemoryInbox = field(default_factory=MemoryInbox)
    acknowledgements: MemoryClearinghouse = field(default_factory=MemoryClearinghouse)
    is_stopping: bool = False

    def means(self, inbox: Inbox | None = None) -> Means:
        office, stopping = self.office, lambda: self.is_stopping
        ways = (office.clearinghouse, self.acknowledgements)
        return Means(office.database, office.store, *ways, SETTINGS, inbox or self.inbox, stopping)

    def put(self, name: str, content: bytes, days: int = 0, size: int | None = None) -> None:
        self.inbox.put(name, content, CAME_AT + timedelta(days=days), size)

    def make(self, inbox: Inbox | None = None, at: datetime = PAID_AT) -> int:
        """One round; how many files it took in."""
        with clock.stopped_at(at):
            return fetch_answers(self.means(inbox))

    def remembered(self) -> list[str]:
        return [one.name for one in rows(self.office, FetchedFile)]

    def received(self) -> list[str]:
        return [one.file_name for one in rows(self.office, ReceivedFile)]

    def troubles(self) -> dict[str, str]:
        with self.office.database.reading() as db:
            return {one.name: one.why for one in inbox_troubles(db, self.inbox.place)}


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def rounds(office: Office) -> Round:
    return Round(office)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, "billing"):
        yield caplog


def warnings(log: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in log.records if one.levelno >= logging.WARNING]


def paid(office: Office, trace: str = "EFT1") -> bytes:
    """A payment of a new claim."""
    return file_of(pays(answer(filed(office), *COPAY), trace=trace))


def test_what_is_new_is_taken_in_without_anybody_asking(office: Office, rounds: Round) -> None:
    rounds.put("money.835", paid(office))
    rounds.put("early.999", a999(1))

    taken = rounds.make()

    assert taken == 2
    assert office.states() == [ClaimState.PAID]
    assert len(remittances(office)) == 1
    assert sorted(rounds.remembered()) == ["early.999", "money.835"]
    assert rows(office, Errand) == []


def test_what_is_known_is_not_even_read_again(office: Office, rounds: Round) -> None:
    rounds.put("money.835", paid(office))
    rounds.make()

    again = rounds.make()

    assert again == 0
    assert rounds.inbox.reads == ["money.835"]
    assert rounds.inbox.looks == 2


def test_a_file_that_was_written_anew_is_read_anew_and_posts_only_what_is_missing(
    office: Office, rounds: Round
) -> None:
    first = pays(answer(filed(office), *COPAY), trace="EFT1")
    rounds.put("day.835", file_of(first))
    rounds.make()
    second = pays(answer(filed(office, on=PAID_AT.date() - timedelta(days=20)), *COPAY), trace="EFT2")
    rounds.put("day.835", file_of(first, second), days=1)

    rounds.make()

    assert rounds.inbox.reads == ["day.835", "day.835"]
    assert sorted(one.trace_number for one in remittances(office)) == ["EFT1", "EFT2"]


def test_the_same_content_under_another_name_is_remembered_and_not_taken_in_again(
    office: Office, rounds: Round
) -> None:
    content = paid(office)
    rounds.put("money.835", content)
    rounds.put("money copy.835", content)

    rounds.make()
    rounds.put("money once more.835", content)
    later = rounds.make()

    assert later == 0
    assert sorted(rounds.remembered()) == ["money copy.835", "money once more.835", "money.835"]
    assert len(remittances(office)) == 1


def test_what_was_taken_in_but_not_yet_remembered_changes_nothing_when_it_is_taken_in_again(
    office: Office, rounds: Round
) -> None:
    content = paid(office)
    rounds.put("money.835", content)
    kept = {"name": "money.835", "sha256": office.store.put(content)}
    with clock.stopped_at(PAID_AT):
        take_in_files(rounds.means(), [kept], Unheard(lambda: False))

    rounds.make()

    assert rounds.remembered() == ["money.835"]
    assert len(remittances(office)) == 1
    assert len(rounds.acknowledgements.received) == 1


def test_a_worker_that_is_to_end_takes_nothing_up_and_loses_nothing(office: Office, rounds: Round) -> None:
    rounds.put("a.835", paid(office, "EFT1"))
    rounds.is_stopping = True
    stopped = rounds.make()
    before = rounds.remembered()

    rounds.is_stopping = False
    rounds.make()

    assert (stopped, before) == (0, [])
    assert rounds.remembered() == ["a.835"]


def test_a_file_that_cannot_be_read_is_told_once_without_its_name(
    office: Office, rounds: Round, log: pytest.LogCaptureFixture
) -> None:
    rounds.put("okoro-miri.835", b"ISA")
    rounds.put("z.835", paid(office))
    rounds.inbox.unreadable = {"okoro-miri.835"}

    rounds.make()
    rounds.make()

    assert rounds.troubles() == {"okoro-miri.835": FORBIDDEN}
    assert warnings(log) == [f"a file in the inbox memory: {FORBIDDEN}"]
    assert "okoro" not in log.text
    assert len(remittances(office)) == 1


def test_a_file_that_can_be_read_again_is_no_trouble_any_more(office: Office, rounds: Round) -> None:
    rounds.put("money.835", paid(office))
    rounds.inbox.unreadable = {"money.835"}
    rounds.make()
    before = rounds.troubles()

    rounds.inbox.unreadable = set()
    taken = rounds.make()

    assert list(before) == ["money.835"]
    assert (taken, rounds.troubles()) == (1, {})


def test_a_place_that_cannot_be_looked_into_is_told_once_and_its_files_wait(
    office: Office, rounds: Round, log: pytest.LogCaptureFixture
) -> None:
    rounds.put("money.835", paid(office))
    rounds.inbox.failure = NotDelivered("sftp://clinic@far cannot be reached: the line was cut.")
    nothing = [rounds.make() for _ in range(3)]
    told = rounds.troubles()

    rounds.inbox.failure = None
    taken = rounds.make()

    assert (nothing, taken) == ([0, 0, 0], 1)
    assert told == {"": "sftp://clinic@far cannot be reached: the line was cut."}
    assert warnings(log) == ["sftp://clinic@far cannot be reached: the line was cut."]
    assert rounds.troubles() == {}


def test_a_trouble_keeps_the_time_since_when_it_is_one(office: Office, rounds: Round) -> None:
    rounds.inbox.failure = NotDelivered("first reason")
    rounds.make()
    rounds.inbox.failure = NotDelivered("second reason")
    with clock.stopped_at(PAID_AT + timedelta(hours=3)):
        fetch_answers(rounds.means())

    with office.database.reading() as db:
        (one,) = inbox_troubles(db, "memory")

    assert (one.since, one.why) == (PAID_AT, "second reason")


def test_a_file_that_is_still_growing_waits_until_it_is_whole(office: Office, rounds: Round) -> None:
    whole = paid(office)
    rounds.put("money.835", whole[:200], size=len(whole))
    rounds.make()
    before = (rounds.received(), list(rounds.troubles()))

    rounds.put("money.835", whole)
    rounds.make()

    assert before == ([], ["money.835"])
    assert len(remittances(office)) == 1
    assert rounds.troubles() == {}


def test_a_file_larger_than_any_payers_is_not_even_read(rounds: Round) -> None:
    rounds.put("huge.835", b"x", size=LARGEST + 1)

    rounds.make()

    assert rounds.inbox.reads == []
    assert "larger than" in rounds.troubles()["huge.835"]


def test_a_line_that_is_dead_is_not_asked_for_every_file(office: Office, rounds: Round) -> None:
    for number in range(10):
        rounds.put(f"{number}.835", b"ISA")
    rounds.inbox.unreadable = {f"{number}.835" for number in range(10)}

    rounds.make()

    assert list(rounds.troubles()) == ["0.835", "1.835", "2.835"]


def test_what_nobody_can_read_is_kept_and_told_without_its_contents(
    office: Office, rounds: Round, log: pytest.LogCaptureFixture
) -> None:
    rounds.put("strange.txt", b"OKORO MIRI was treated for M54.50")
    rounds.put("money.835", paid(office))

    rounds.make()
    rounds.make()

    assert sorted(rounds.received()) == ["money.835", "strange.txt"]
    assert warnings(log) == [
        "2 files taken in: 1 payments, 0 of them wait for a person; 0 claims rejected; 1 answers fit no claim"
    ]
    assert "OKORO" not in log.text
    assert len(remittances(office)) == 1


def test_rejected_claims_are_told_of_by_their_number(
    office: Office, rounds: Round, log: pytest.LogCaptureFixture
) -> None:
    number = filed(office).control_number
    rounds.put("a.277", a277ca([(number, REJECTED)]))

    rounds.make()

    assert office.states() == [ClaimState.REJECTED]
    assert "1 claims rejected" in warnings(log)[0]


class Stumbling:
    """Ears that break when a payment is heard of."""

    def tell(self, doing: str, done: int = 0, total: int | None = None) -> None:
        if doing.startswith("Judging"):
            raise ValueError("OKORO MIRI, M54.50")


def test_a_file_that_makes_us_stumble_holds_up_no_other_and_is_tried_again(
    office: Office, rounds: Round, log: pytest.LogCaptureFixture
) -> None:
    rounds.put("money.835", paid(office))
    rounds.put("strange.txt", b"what is this")

    with clock.stopped_at(PAID_AT):
        fetch(rounds.means(), Stumbling())
    before, told = rounds.remembered(), rounds.troubles()
    rounds.make()

    assert before == ["strange.txt"]
    assert list(told) == ["money.835"]
    assert "OKORO" not in log.text + told["money.835"]
    assert sorted(rounds.remembered()) == ["money.835", "strange.txt"]
    assert (len(remittances(office)), rounds.troubles()) == (1, {})


def test_a_full_document_store_leaves_everything_for_the_next_round(office: Office, rounds: Round) -> None:
    rounds.put("money.835", paid(office))
    assert isinstance(office.store, MemoryStore)
    office.store.failure = NotDelivered("The document store cannot be written.")
    rounds.make()
    before = (rounds.remembered(), rounds.troubles())

    office.store.failure = None
    rounds.make()

    assert before == ([], {"": "The document store cannot be written."})
    assert (rounds.remembered(), rounds.troubles()) == (["money.835"], {})


def test_only_one_look_goes_on_at_a_time(office: Office, rounds: Round) -> None:
    rounds.put("money.835", paid(office))

    with office.database.alone(LOCK), pytest.raises(Conflict, match="Another look into the inbox"):
        fetch(rounds.means(), Unheard(lambda: False))

    assert rounds.inbox.looks == 0
    assert rounds.make() == 1


def test_a_round_that_is_asked_for_during_another_look_comes_after_it(office: Office, rounds: Round) -> None:
    rounds.put("money.835", paid(office))

    with ThreadPoolExecutor() as another, office.database.alone(LOCK):
        asked = another.submit(rounds.make)
        done, _ = wait([asked], timeout=A_MOMENT)
    taken_in = asked.result(timeout=30)

    assert done == set()
    assert taken_in == 1


def test_a_payment_is_acknowledged_by_a_later_round_when_the_first_could_not(
    office: Office, rounds: Round, log: pytest.LogCaptureFixture
) -> None:
    rounds.put("money.835", paid(office))
    rounds.acknowledgements.failure = NotDelivered("the line was cut")
    rounds.make()
    before = len(rounds.acknowledgements.received)

    rounds.acknowledgements.failure = None
    rounds.make()
    rounds.make()

    assert (before, len(rounds.acknowledgements.received)) == (0, 1)
    assert warnings(log) == ["acknowledging payments: the line was cut"]


@pytest.mark.parametrize("answered_by", ["a payment", "an acknowledgement"])
def test_what_is_heard_of_a_claim_file_before_it_is_known_to_have_arrived_is_heard_again_later(
    office: Office, rounds: Round, answered_by: str
) -> None:
    payment = paid(office)
    content = payment if answered_by == "a payment" else a999(1)
    die_while_sending(office, PAID_AT)
    rounds.put("early.txt", content)

    taken = rounds.make()
    before = (taken, office.states(), rounds.remembered())
    later = PAID_AT + LEASE + timedelta(seconds=1)
    office.write(lambda db: give_up_lost(db, later, "worker:file_claims"))
    taken = rounds.make(at=later)

    assert before == (1, [ClaimState.SENDING], [])
    assert (taken, rounds.remembered()) == (1, ["early.txt"])
    assert office.states() == [ClaimState.PAID if answered_by == "a payment" else ClaimState.SENT]
    assert {one.state for one in remittances(office)} <= {RemittanceState.POSTED}


def test_what_fits_no_claim_while_none_is_on_its_way_is_heard_once(office: Office, rounds: Round) -> None:
    filed(office)
    rounds.put("of a stranger.999", a999(77))

    taken = [rounds.make(), rounds.make()]

    assert taken == [1, 0]
    assert rounds.remembered() == ["of a stranger.999"]


def die_while_sending(office: Office, at: datetime) -> None:
    """Leave the one claim file as a worker leaves it that dies before it has written down that it was sent."""
    with office.database.transaction() as db:
        db.execute(sa.update(Claim).values(state=ClaimState.SENDING))
        db.execute(sa.update(ClaimFile).values(state=FileState.SENDING, taken_at=at, sent_at=None))


def test_files_before_there_is_a_clinic_are_kept(database: Database) -> None:
    means = Means(
        database, MemoryStore(), MemoryClearinghouse(), MemoryClearinghouse(), SETTINGS, inbox := MemoryInbox()
    )
    inbox.put("a.txt", b"what is this", CAME_AT)

    assert fetch_answers(means) == 1
    assert fetch_answers(means) == 0


def test_a_round_goes_over_a_real_line(office: Office, rounds: Round, tmp_path: Path) -> None:
    content = paid(office)

    with running_sftp(tmp_path / "far") as stage:
        (stage.folder / "answers" / "money.835").write_bytes(content)
        inbox = SftpInbox(stage.server(), "answers")
        taken = [rounds.make(inbox), rounds.make(inbox)]
        lies_there = stage.there("answers")

    assert taken == [1, 0]
    assert lies_there == {"money.835": content}
    (posted,) = remittances(office)
    assert posted.trace_number == "EFT1"
