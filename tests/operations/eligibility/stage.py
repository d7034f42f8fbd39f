"""A clinic with one insured patient, a payer that answers as a test has it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from billing import clock
from billing.adapters.memory import MemoryClearinghouse, MemoryStore
from billing.claims.filing.preparing import FileSettings
from billing.coverage.eligibility.asking import ask
from billing.coverage.eligibility.models import EligibilityAnswer, EligibilityMove, EligibilityQuestion
from billing.coverage.models import Benefit
from billing.database import Database
from billing.edi.claim_837p.claim import Receiver
from billing.edi.eligibility_270.inquiry import Inquiry
from billing.edi.eligibility_270.reader import read_270
from billing.edi.eligibility_271.answer import Benefit as Row
from billing.edi.eligibility_271.answer import EligibilityAnswer as Answer
from billing.edi.eligibility_271.answer import Identity, Member, Rejection, Trace
from billing.edi.eligibility_271.writer import encode_271
from billing.edi.envelope_writer import Envelope, Usage
from billing.edi.parties import Organisation
from billing.operations.eligibility.sending import asking_at_once, asking_by_file
from billing.relay import Delivery, relay
from tests.factories import DAY, Scene, set_scene

AT = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
"""Nine in the morning, two days before the visit."""
BY = "user:1"
SETTINGS = FileSettings(Receiver("CLEARINGHOUSE", "CLEARINGHOUSE"), Usage.TEST)
TO_US = Envelope("PAYER", "STILL01", 77, 78, AT, Usage.TEST)
Says = Callable[[Inquiry], Answer]


def answer(
    inquiry: Inquiry, rows: Sequence[Row] = (), rejections: Sequence[Rejection] = (), **changes: object
) -> Answer:
    """The answer to a question, about the same patient."""
    who = inquiry.subscriber
    cells: dict[str, object] = {
        "reference": inquiry.trace,
        "produced_on": DAY.replace(day=1),
        "payer": Identity("PR", Organisation(inquiry.payer.name), "PI", inquiry.payer.identifier),
        "receiver": Identity("1P", inquiry.provider.name, "XX", inquiry.provider.npi),
        "subscriber": Member(Identity("IL", who.name, "MI", who.member_id), who.birth_date, who.sex),
        "traces": (Trace("2", inquiry.trace, inquiry.originator), Trace("1", "REF-9", "9PAYER0000")),
        "benefits": tuple(rows),
        "rejections": tuple(rejections),
    }
    return Answer(**{**cells, **changes})


@dataclass
class Line:
    """A payer on the line."""

    says: Says
    heard: list[bytes] = field(default_factory=list)
    fails: Exception | None = None

    def ask(self, content: bytes) -> bytes:
        self.heard.append(content)
        if self.fails is not None:
            raise self.fails
        return encode_271([self.says(one) for one in read_270(content, [])], TO_US)


@dataclass
class Stage:
    """The clinic, the documents it keeps, and questions to ask."""

    database: Database
    scene: Scene
    store: MemoryStore

    def ask(self, at: datetime = AT) -> int:
        """Somebody wants to know what the policy covers on the day of the visit."""
        with clock.stopped_at(at), self.database.transaction() as db:
            return ask(db, self.scene.policy.id, DAY, by=BY, at=at).id

    def send(self, line: Line, at: datetime = AT) -> list[Delivery]:
        """What is due is asked over the line."""
        with clock.stopped_at(at):
            return relay(self.database, asking_at_once(self.store, line, SETTINGS))

    def send_by_file(self, clearinghouse: MemoryClearinghouse, at: datetime = AT) -> list[Delivery]:
        """What is due goes out as files."""
        with clock.stopped_at(at):
            return relay(self.database, asking_by_file(self.store, clearinghouse, SETTINGS))

    def check(self, *rows: Row, at: datetime = AT, **changes: object) -> int:
        """Ask, and be answered these rows."""
        question_id = self.ask(at)
        self.send(Line(lambda inquiry: answer(inquiry, rows, **changes)), at)
        return question_id

    def question(self, question_id: int) -> EligibilityQuestion:
        with self.database.reading() as db:
            return db.get_one(EligibilityQuestion, question_id)

    def answers(self) -> list[EligibilityAnswer]:
        with self.database.reading() as db:
            return list(db.scalars(select(EligibilityAnswer).order_by(EligibilityAnswer.id)))

    def benefit(self) -> Benefit | None:
        with self.database.reading() as db:
            return db.scalar(select(Benefit).where(Benefit.patient_id == self.scene.patient.id))

    def history(self, question_id: int) -> list[str]:
        with self.database.reading() as db:
            moves = select(EligibilityMove).where(EligibilityMove.question_id == question_id)
            return [one.event.value for one in db.scalars(moves.order_by(EligibilityMove.id))]


def set_stage(database: Database, *, verified: bool = False) -> Stage:
    """A clinic whose patient's cover nobody has asked about, unless ``verified``."""
    with database.transaction() as db:
        scene = set_scene(db)
        if not verified:
            db.delete(scene.benefit)
    return Stage(database, scene, MemoryStore())
