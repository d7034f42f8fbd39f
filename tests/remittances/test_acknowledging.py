"""Every payment file is acknowledged once: a 999 to its sender, and a TA1 if it asked for one."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from billing import clock
from billing.adapters.memory import MemoryClearinghouse, MemoryStore
from billing.claims.filing.preparing import INTERCHANGE_SERIES, FileSettings
from billing.clinic.numbering import take_numbers
from billing.database import Database
from billing.documents.models import Document
from billing.documents.receiving import OWNER_KIND, receive
from billing.edi.acknowledgements.answer import Decision, GroupAnswer, InterchangeAnswer
from billing.edi.acknowledgements.reader import read_acknowledgements
from billing.edi.claim_837p.claim import Receiver
from billing.edi.envelope import Transaction, transactions
from billing.edi.envelope_writer import Usage
from billing.edi.findings import Finding
from billing.errors import NotDelivered
from billing.relay import relay
from billing.remittances.acknowledging import NONE, OF_GROUPS, OF_INTERCHANGES, acknowledging_route
from tests.factories import set_scene

AT = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
"""In Portland it is still the evening of March 31."""
PAYMENT = (
    "BPR*I*56*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*20260330~\n"
    "TRN*1*EFT0001*1512345678~\nDTM*405*20260330~\n"
    "N1*PR*EXAMPLE HEALTH*XV*12345~\nN3*1 PAYER ST~\nN4*PORTLAND*OR*97201~\nPER*BL*CLAIMS*TE*5035550111~\n"
    "N1*PE*STILL WATER*XX*1900000017~\nREF*TJ*931234567~\n"
    "LX*1~\nCLP*MER0000001*1*150*56*44*CI*PCN1*11*1~\nNM1*QC*1*DOE*JO****MI*M1~\n"
    "SVC*HC:97810*150*56**1~\nDTM*472*20260303~\nCAS*CO*45*50~\nCAS*PR*1*30**2*14~\nREF*6R*MER0000001L1~\n"
)


def payment_file(
    *bodies: str, number: int = 5, sender: str = "PAYER01", wants_ta1: bool = False, tail: str = ""
) -> bytes:
    """An 835 interchange of one group, each body a payment."""
    sets = "".join(
        f"ST*835*{place:04d}~\n{body}SE*{body.count('~') + 2}*{place:04d}~\n"
        for place, body in enumerate(bodies, start=1)
    )
    return (
        f"ISA*00*          *00*          *30*{sender:<15}*ZZ*STILL01        *260330*0700*^*00501*{number:09d}"
        f"*{int(wants_ta1)}*P*:~\nGS*HP*{sender}GS*STILL01GS*20260330*0700*{number}*X*005010X221A1~\n{sets}"
        f"GE*{len(bodies)}*{number}~\n{tail or f'IEA*1*{number:09d}~'}\n"
    ).encode()


class House:
    """A clinic that has received payment files, and whom it answers."""

    def __init__(self, database: Database) -> None:
        self.database, self.store, self.clearinghouse = database, MemoryStore(), MemoryClearinghouse()
        with database.transaction() as db:
            set_scene(db)
            take_numbers(db, INTERCHANGE_SERIES, 11)

    def receive(self, content: bytes, kind: str = "835") -> int:
        with self.database.transaction() as db:
            sha256 = self.store.put(content)
            return receive(db, "payment.835", sha256, len(content), kind, AT).file_id

    def acknowledge(self) -> list[str]:
        """What failed."""
        settings = FileSettings(Receiver("Example Clearinghouse", "EXAMPLE"), Usage.TEST)
        with clock.stopped_at(AT):
            done = relay(self.database, acknowledging_route(self.store, self.clearinghouse, settings))
        return [str(one.failure) for one in done if one.failure]

    def papers(self, *kinds: str) -> list[Document]:
        with self.database.reading() as db:
            asked = sa.select(Document).where(Document.kind.in_(kinds or (OF_GROUPS, OF_INTERCHANGES, NONE)))
            return list(db.scalars(asked.order_by(Document.id)))

    def sent(self) -> dict[str, list[InterchangeAnswer | GroupAnswer]]:
        """What the other side reads in the files it has received, by their names."""
        said = {}
        for name, content in self.clearinghouse.received:
            findings: list[Finding] = []
            said[name] = read_acknowledgements(content, findings)
            assert findings == []
        return said


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def decisions(house: House) -> list[Decision]:
    return [one.decision for said in house.sent().values() for one in said]


def envelope(content: bytes) -> Transaction:
    return next(transactions(content, []))


def test_a_payment_file_is_answered_with_a_999_under_the_next_interchange_number(house: House) -> None:
    house.receive(payment_file(PAYMENT, PAYMENT))

    house.acknowledge()

    (said,) = house.sent()["20260331-000000012.999"]
    assert isinstance(said, GroupAnswer)
    assert (said.functional_id, said.control_number, said.decision) == ("HP", "5", Decision.ACCEPTED)
    assert [(one.control_number, one.decision) for one in said.sets] == [
        ("0001", Decision.ACCEPTED),
        ("0002", Decision.ACCEPTED),
    ]


def test_the_answer_goes_back_to_where_the_file_came_from(house: House) -> None:
    house.receive(payment_file(PAYMENT))

    house.acknowledge()

    first = envelope(house.clearinghouse.received[0][1])
    assert first.interchange is not None
    assert first.group is not None
    assert (first.interchange.sender_id, first.interchange.receiver_id) == ("STILL01", "PAYER01")
    assert (first.interchange.receiver_qualifier, first.interchange.usage) == ("30", "T")
    assert (first.group.sender, first.group.receiver) == ("STILL01GS", "PAYER01GS")
    assert (first.interchange.date, first.interchange.time) == ("260331", "1900")


def test_what_was_answered_is_kept_with_the_file(house: House) -> None:
    file_id = house.receive(payment_file(PAYMENT))

    house.acknowledge()

    (paper,) = house.papers()
    (name, content), *_ = house.clearinghouse.received
    assert (paper.owner_kind, paper.owner_id, paper.kind) == (OWNER_KIND, file_id, OF_GROUPS)
    assert (paper.file_name, paper.sha256) == (name, hashlib.sha256(content).hexdigest())
    assert (paper.size, paper.media_type) == (len(content), "application/edi-x12")
    assert house.store.get(paper.sha256) == content


def test_a_file_is_answered_once(house: House) -> None:
    house.receive(payment_file(PAYMENT))

    house.acknowledge()
    house.receive(payment_file(PAYMENT))
    house.acknowledge()

    assert len(house.clearinghouse.received) == 1
    assert len(house.papers()) == 1


def test_a_sender_who_asked_for_it_gets_a_ta1_besides(house: House) -> None:
    house.receive(payment_file(PAYMENT, wants_ta1=True))

    house.acknowledge()

    said = house.sent()
    assert set(said) == {"20260331-000000012.TA1", "20260331-000000013.999"}
    (of_interchange,) = said["20260331-000000012.TA1"]
    assert isinstance(of_interchange, InterchangeAnswer)
    assert (of_interchange.control_number, of_interchange.decision) == ("000000005", Decision.ACCEPTED)
    assert {paper.kind for paper in house.papers()} == {OF_GROUPS, OF_INTERCHANGES}


def test_a_payment_that_cannot_be_relied_on_is_rejected_and_its_neighbour_accepted(house: House) -> None:
    house.receive(payment_file(PAYMENT, PAYMENT.replace("BPR*I*56*C*", "BPR*I*fifty*C*")))

    house.acknowledge()

    ((said,),) = house.sent().values()
    assert isinstance(said, GroupAnswer)
    assert said.decision is Decision.PARTLY_ACCEPTED
    assert [one.decision for one in said.sets] == [Decision.ACCEPTED, Decision.REJECTED]


def test_a_file_that_was_cut_off_is_rejected(house: House) -> None:
    whole = payment_file(PAYMENT)
    house.receive(whole[: whole.index(b"SVC*")])

    house.acknowledge()

    assert decisions(house) == [Decision.REJECTED]


def test_interchanges_of_several_senders_in_one_file_are_answered_to_each(house: House) -> None:
    file_id = house.receive(
        payment_file(PAYMENT) + payment_file(PAYMENT, number=6, sender="PAYER02") + payment_file(PAYMENT, number=7)
    )

    house.acknowledge()

    said = house.sent()
    numbers = {name: [one.control_number for one in answers] for name, answers in said.items()}
    assert numbers == {"20260331-000000012.999": ["5", "7"], "20260331-000000013.999": ["6"]}
    assert [(one.owner_id, one.version) for one in house.papers()] == [(file_id, 1), (file_id, 2)]


def test_several_files_are_answered_oldest_first(house: House) -> None:
    first, second = house.receive(payment_file(PAYMENT)), house.receive(payment_file(PAYMENT, number=6))

    house.acknowledge()

    assert [one.owner_id for one in house.papers()] == [first, second]
    assert [name for name, _ in house.clearinghouse.received] == ["20260331-000000012.999", "20260331-000000013.999"]


def test_a_file_that_names_no_sender_is_noted_as_such_and_not_due_again(house: House) -> None:
    whole = payment_file(PAYMENT)
    file_id = house.receive(whole[whole.index(b"GS*") :])
    house.receive(payment_file(PAYMENT, sender="P", number=6))

    house.acknowledge()
    house.acknowledge()

    assert house.clearinghouse.received == []
    papers = house.papers()
    assert [one.kind for one in papers] == [NONE, NONE]
    assert papers[0].owner_id == file_id
    assert b"names no sender" in house.store.get(papers[0].sha256)


def test_a_lost_file_is_noted_as_unanswered(house: House) -> None:
    house.receive(payment_file(PAYMENT))
    house.store.contents.clear()

    house.acknowledge()

    assert [one.kind for one in house.papers()] == [NONE]


@pytest.mark.parametrize("kind", ["999", "277CA", ""])
def test_only_payment_files_are_acknowledged(house: House, kind: str) -> None:
    house.receive(payment_file(PAYMENT), kind)

    house.acknowledge()

    assert house.clearinghouse.received == []
    assert house.papers(NONE, OF_INTERCHANGES) == []


def test_what_was_not_delivered_is_due_again_under_another_number(house: House) -> None:
    house.receive(payment_file(PAYMENT))
    house.clearinghouse.failure = NotDelivered("The folder is full.")

    failed = house.acknowledge()
    house.clearinghouse.failure = None
    done = house.acknowledge()

    assert (failed, done) == (["The folder is full."], [])
    assert [name for name, _ in house.clearinghouse.received] == ["20260331-000000013.999"]
    assert len(house.papers()) == 1


def test_an_answer_that_cannot_be_kept_is_not_sent(house: House) -> None:
    house.receive(payment_file(PAYMENT))
    house.store.failure = NotDelivered("The disk is full.")

    assert house.acknowledge() == ["The disk is full."]
    assert house.clearinghouse.received == []


def test_a_number_is_used_only_for_what_is_sent(house: House) -> None:
    whole = payment_file(PAYMENT)
    house.receive(whole[whole.index(b"GS*") :])
    house.receive(payment_file(PAYMENT))

    house.acknowledge()

    assert [name for name, _ in house.clearinghouse.received] == ["20260331-000000012.999"]


def test_nothing_is_acknowledged_before_there_is_a_clinic(database: Database) -> None:
    store, clearinghouse = MemoryStore(), MemoryClearinghouse()
    content = payment_file(PAYMENT)
    with database.transaction() as db:
        receive(db, "a", store.put(content), len(content), "835", AT)
    settings = FileSettings(Receiver("Example Clearinghouse", "EXAMPLE"), Usage.TEST)

    assert relay(database, acknowledging_route(store, clearinghouse, settings)) == []
    assert clearinghouse.received == []
