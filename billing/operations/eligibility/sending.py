"""Questions go out, each at most once: one by one where a payer answers at once, else many in a file.

Two routes of ``relay``. What certainly was not asked is tried again, a few times; what may have been asked is unknown,
and is never asked again under the same trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from billing import clock
from billing.claims.content.encoding import submitter
from billing.claims.filing.preparing import INTERCHANGE_SERIES, FileSettings
from billing.clinic.models import Clinic
from billing.clinic.numbering import take_numbers
from billing.clinic.queries import the_clinic
from billing.coverage.eligibility.asking import insured_of
from billing.coverage.eligibility.lifecycle import QuestionEvent, QuestionState
from billing.coverage.eligibility.models import EligibilityQuestion
from billing.coverage.eligibility.moving import Move, held, move
from billing.coverage.eligibility.posing import inquiry_of
from billing.database import Db, batches
from billing.documents.keeping import NewDocument, keep
from billing.edi.eligibility_270.inquiry import Inquiry
from billing.edi.eligibility_270.writer import encode_270, problems_270
from billing.edi.envelope_writer import Envelope
from billing.errors import NotDelivered, OutsideWorld
from billing.operations.eligibility.hearing import Heard, hear
from billing.ports import Clearinghouse, DocumentStore, EligibilityLine
from billing.relay import Delivery, Route

BY = "worker:ask_payers"
QUESTIONS_A_FILE = 500
LEASE = timedelta(minutes=10)
"""After so long a question still being sent is taken for lost with the process that sent it."""
RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long a question that was not taken rests before it is offered anew, by how often it was tried."""
OWNER_KIND = "eligibility_file"
"""Owner of the document that a file of questions is; its id is the interchange's number."""
_LOST = "The program stopped while it was being asked."


@dataclass(frozen=True, slots=True)
class QuestionsToAsk:
    """Questions of one interchange on their way out."""

    question_ids: tuple[int, ...]
    inquiries: tuple[Inquiry, ...]
    envelope: Envelope
    name: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """The file that went out, and what came back at once where something did."""

    sha256: str
    size: int
    heard: Heard | None = None


def asking_at_once(
    documents: DocumentStore, line: EligibilityLine, settings: FileSettings, by: str = BY
) -> Route[QuestionsToAsk, Asked]:
    """The route on which each question is answered while one waits."""

    def take_one(db: Db, limit: int) -> list[QuestionsToAsk]:
        return take(db, limit, settings, clock.now(), by)

    def deliver(letter: QuestionsToAsk) -> Asked:
        content = encode_270(letter.inquiries, letter.envelope)
        sha256 = documents.put(content)
        reply = line.ask(content)
        return Asked(sha256, len(content), Heard(letter.name, documents.put(reply), reply))

    def record_all(db: Db, deliveries: Sequence[Delivery[QuestionsToAsk, Asked]]) -> None:
        for one in deliveries:
            record(db, one, clock.now(), by)

    return Route("eligibility questions", take_one, deliver, record_all, halts=_is_down)


def asking_by_file(
    documents: DocumentStore, clearinghouse: Clearinghouse, settings: FileSettings, by: str = BY
) -> Route[QuestionsToAsk, Asked]:
    """The route on which questions go as a file and are answered through the inbox."""

    def take_file(db: Db, limit: int) -> list[QuestionsToAsk]:
        return take(db, limit, settings, clock.now(), by, a_file=QUESTIONS_A_FILE)

    def deliver(letter: QuestionsToAsk) -> Asked:
        content = encode_270(letter.inquiries, letter.envelope)
        sha256 = documents.put(content)
        clearinghouse.submit(letter.name, content)
        return Asked(sha256, len(content))

    def record_all(db: Db, deliveries: Sequence[Delivery[QuestionsToAsk, Asked]]) -> None:
        for one in deliveries:
            record(db, one, clock.now(), by)

    return Route("eligibility questions", take_file, deliver, record_all)


def _is_down(failure: OutsideWorld) -> bool:
    """A question that can never be taken is its own fault; the others may still go."""
    return not (isinstance(failure, NotDelivered) and failure.is_final)


def take(db: Db, limit: int, settings: FileSettings, at: datetime, by: str, a_file: int = 1) -> list[QuestionsToAsk]:
    """At most ``limit`` interchanges of ``a_file`` questions that are due, now being sent."""
    give_up_lost(db, at, by)
    while questions := _due(db, limit * a_file, at):
        clinic = the_clinic(db)
        fit = _fit(db, questions, clinic, settings, at, by)
        if fit:
            files = batches(fit, a_file)
            return [_letter(db, some, clinic, settings, at, by) for some in files]
    return []


def _due(db: Db, limit: int, at: datetime) -> Sequence[EligibilityQuestion]:
    due = select(EligibilityQuestion).where(
        EligibilityQuestion.state == QuestionState.TO_SEND, EligibilityQuestion.due_at <= at
    )
    in_turn = due.order_by(EligibilityQuestion.id).limit(limit).with_for_update(skip_locked=True)
    return db.scalars(in_turn.execution_options(populate_existing=True)).all()


def _fit(
    db: Db, questions: Sequence[EligibilityQuestion], clinic: Clinic, settings: FileSettings, at: datetime, by: str
) -> list[tuple[EligibilityQuestion, Inquiry]]:
    """Those that can be written as they are; the others fail, each with its reason."""
    insured = insured_of(db, {one.policy_id for one in questions})
    trial = _envelope(clinic, settings, 1, at)
    fit, unfit = [], []
    for one in questions:
        inquiry = inquiry_of(
            insured[one.policy_id], clinic, trace=one.trace, about_on=one.about_on,
            service_types=tuple(one.service_types),
        )  # fmt: skip
        problems = problems_270(inquiry, trial)
        if problems:
            why = " ".join(dict.fromkeys(problem.why for problem in problems))
            unfit.append(Move(one.id, QuestionState.TO_SEND, QuestionEvent.REFUSED, f"It cannot be written: {why}"))
        else:
            fit.append((one, inquiry))
    move(db, unfit, by=by, at=at)
    return fit


def _letter(
    db: Db, pairs: Sequence[tuple[EligibilityQuestion, Inquiry]], clinic: Clinic, settings: FileSettings,
    at: datetime, by: str,
) -> QuestionsToAsk:  # fmt: skip
    (number,) = take_numbers(db, INTERCHANGE_SERIES, 1)
    envelope = _envelope(clinic, settings, number, at)
    name = f"{envelope.created_at:%Y%m%d}-{number:09d}.270"
    moves = [
        Move(
            one.id, QuestionState.TO_SEND, QuestionEvent.TAKEN, f"asked in {name}",
            {"taken_at": at, "tries": one.tries + 1, "file_number": number, "file_name": name},
        )
        for one, _ in pairs
    ]  # fmt: skip
    move(db, moves, by=by, at=at)
    return QuestionsToAsk(tuple(one.id for one, _ in pairs), tuple(inquiry for _, inquiry in pairs), envelope, name, at)


def _envelope(clinic: Clinic, settings: FileSettings, number: int, at: datetime) -> Envelope:
    """Sender and receiver are those of our claim files."""
    return Envelope(
        sender_id=submitter(clinic).identifier[:15],
        receiver_id=settings.receiver.identifier[:15],
        interchange_number=number,
        group_number=number,
        created_at=clock.local(at, clinic.time_zone),
        usage=settings.usage,
    )


def record(db: Db, delivery: Delivery[QuestionsToAsk, Asked], at: datetime, by: str) -> None:
    """Write down what became of an interchange; what was given up meanwhile still tells that it arrived."""
    letter, failure = delivery.letter, delivery.failure
    ours = [one for one in held(db, letter.question_ids).values() if one.taken_at == letter.taken_at]
    if delivery.outcome is None:
        _record_failure(db, ours, failure, at, by)
        return
    waiting = [one for one in ours if one.state in (QuestionState.SENDING, QuestionState.UNKNOWN)]
    delivered = f"delivered in {letter.name}"
    move(db, [Move(one.id, one.state, QuestionEvent.DELIVERED, delivered) for one in waiting], by=by, at=at)
    _keep_file(db, letter, delivery.outcome, at)
    if delivery.outcome.heard is not None:
        hear(db, delivery.outcome.heard, letter.question_ids, by=by, at=at)


def _keep_file(db: Db, letter: QuestionsToAsk, asked: Asked, at: datetime) -> None:
    number = letter.envelope.interchange_number
    media_type = "application/edi-x12"
    document = NewDocument(OWNER_KIND, number, "270", letter.name, media_type, asked.sha256, asked.size)
    keep(db, [document], at)


def _record_failure(
    db: Db, questions: Iterable[EligibilityQuestion], failure: OutsideWorld | None, at: datetime, by: str
) -> None:
    moves = []
    for one in questions:
        if one.state is not QuestionState.SENDING:
            continue
        if not isinstance(failure, NotDelivered):
            moves.append(Move(one.id, one.state, QuestionEvent.LOST, str(failure)))
        elif failure.is_final or one.tries > len(RESTS):
            moves.append(Move(one.id, one.state, QuestionEvent.REFUSED, str(failure)))
        else:
            rest = max(RESTS[one.tries - 1], timedelta(seconds=failure.wait_seconds or 0))
            moves.append(Move(one.id, one.state, QuestionEvent.RETURNED, str(failure), {"due_at": at + rest}))
    move(db, moves, by=by, at=at)


def give_up_lost(db: Db, at: datetime, by: str) -> None:
    """Call *unknown* whatever has been on its way for longer than its lease."""
    lost = db.scalars(
        select(EligibilityQuestion)
        .where(EligibilityQuestion.state == QuestionState.SENDING, EligibilityQuestion.taken_at < at - LEASE)
        .with_for_update(skip_locked=True)
    ).all()
    move(db, [Move(one.id, one.state, QuestionEvent.LOST, _LOST) for one in lost], by=by, at=at)
