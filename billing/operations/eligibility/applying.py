"""Answers find their questions, are kept with their reading, and become the benefits on file.

In the caller's transaction, and many at a time. The same file again changes nothing and is told again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.coverage.benefit_batches import Learned, put_on_file
from billing.coverage.eligibility.lifecycle import UNASKED, QuestionEvent, QuestionState
from billing.coverage.eligibility.models import EligibilityAnswer, EligibilityQuestion
from billing.coverage.eligibility.moving import Move, move
from billing.coverage.eligibility.overriding import answer_with_id, lapse_told_differently
from billing.coverage.eligibility.reading.facts import READING, ROWS, Circumstances, Reading
from billing.coverage.eligibility.reading.reading import reading_of
from billing.database import Db, hold_lock, insert_many
from billing.edi.eligibility_271.answer import EligibilityAnswer as Answer
from billing.edi.eligibility_271.reader import read_271
from billing.edi.findings import Finding
from billing.operations.eligibility.judging import Judged, judged, own_reference
from billing.operations.eligibility.knowing import Desk, desk_for

KIND = "271"
LOCK = "answers about cover"
_LONGEST = 200
_ELSEWHERE = "If another system asked, give it to that one; else enter by hand what it says."


@dataclass(frozen=True, slots=True)
class MatchedAnswer:
    """An answer that found its question."""

    trace: str
    state: QuestionState
    why: str
    kind: str = KIND
    """The transaction set that says so."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some answers of one file, in their order."""

    matched: tuple[MatchedAnswer, ...]
    unmatched: tuple[str, ...]
    """Why each of the others finds no question."""


@dataclass(frozen=True, slots=True)
class Place:
    """An answer and its place in its file, from 1."""

    position: int
    answer: Answer


def places_in(content: bytes, findings: list[Finding]) -> list[Place]:
    """Every answer about cover that ``content`` holds, in order; it never raises, whatever the bytes are.

    Not every database keeps a NUL in a text, so it is read as a blank.
    """
    return [Place(number, one) for number, one in enumerate(read_271(content.replace(b"\0", b" "), findings), start=1)]


def take_in_answers(db: Db, file_id: int, places: Sequence[Place], *, by: str, at: datetime) -> Taken:
    """Keep answers of one received file, move their questions, and put on file what they say.

    ``by`` is who brings them, as histories write it.
    """
    hold_lock(db, LOCK)
    matched: list[MatchedAnswer] = []
    unmatched: list[str] = []
    today = local(at, the_clinic(db).time_zone).date()
    for some, desk in _waves(db, places):
        wave = _Wave(db, file_id, desk, by, at, today)
        told, not_told = wave.take(some)
        matched += told
        unmatched += not_told
    return Taken(tuple(matched), tuple(unmatched))


def _waves(db: Db, places: Sequence[Place]) -> Iterator[tuple[list[Place], Desk]]:
    """Runs in which no patient's benefit stands twice, so that each answer sees what the one before it left on file."""
    desk = desk_for(db, [one.answer for one in places])
    wave: list[Place] = []
    seen: set[tuple[int, int]] = set()
    for one in places:
        question = desk.question_of(one.answer)
        pair = (question.patient_id, question.payer_id) if question else None
        if pair in seen:
            yield wave, desk
            desk, wave, seen = desk_for(db, [each.answer for each in places]), [], set()
        wave.append(one)
        if pair:
            seen.add(pair)
    if wave:
        yield wave, desk


@dataclass(slots=True)
class _Wave:
    db: Db
    file_id: int
    desk: Desk
    by: str
    at: datetime
    today: date

    def take(self, places: Sequence[Place]) -> tuple[list[MatchedAnswer], list[str]]:
        known_before = self._kept_before()
        matched: list[MatchedAnswer] = []
        unmatched: list[str] = []
        rows: list[dict[str, Any]] = []
        found: list[tuple[int, Judged]] = []
        for one in places:
            question = self.desk.question_of(one.answer)
            if question is None or question.state in UNASKED:
                unmatched.append(_why_unmatched(one.answer, question))
                rows.append(self._row(one, None, self._unasked(one.answer), "It answers no question of ours."))
                continue
            result = judged(one.answer, self.desk.known(question), self.today)
            is_rejection = result.reading.is_rejected
            matched.append(MatchedAnswer(question.trace, _state(question, is_rejection), result.summary))
            rows.append(self._row(one, question, result.reading, result.why_not))
            found.append((one.position, result))
        insert_many(self.db, EligibilityAnswer, [row for row in rows if row["position"] not in known_before])
        fresh = [(position, result) for position, result in found if position not in known_before]
        self._move([result for _, result in fresh])
        self._apply(fresh)
        return matched, unmatched

    def _kept_before(self) -> set[int]:
        mine = select(EligibilityAnswer.position).where(EligibilityAnswer.file_id == self.file_id)
        return set(self.db.scalars(mine))

    def _unasked(self, answer: Answer) -> Reading:
        return reading_of(answer, Circumstances(answer.produced_on or self.today, None))

    def _row(self, one: Place, question: EligibilityQuestion | None, reading: Reading, why_not: str) -> dict[str, Any]:
        return {
            "file_id": self.file_id,
            "position": one.position,
            "question_id": question.id if question else None,
            "policy_id": question.policy_id if question else None,
            "received_at": self.at,
            "produced_on": one.answer.produced_on,
            "reference": own_reference(one.answer)[:_LONGEST],
            "rows": ROWS.dump_python(one.answer.benefits, mode="json"),
            "reading": READING.dump_python(reading, mode="json"),
            "is_rejection": reading.is_rejected,
            "applied_at": None if why_not else self.at,
            "why_not_applied": why_not,
        }

    def _move(self, results: Sequence[Judged]) -> None:
        moves = []
        for one in results:
            question = one.known.question
            if one.reading.is_rejected and question.state is QuestionState.ANSWERED:
                continue
            event = QuestionEvent.REJECTED if one.reading.is_rejected else QuestionEvent.ANSWERED
            moves.append(Move(question.id, question.state, event, one.summary))
        move(self.db, moves, by=self.by, at=self.at)

    def _apply(self, fresh: Sequence[tuple[int, Judged]]) -> None:
        ids = self._ids([position for position, _ in fresh])
        learned: list[Learned] = []
        for position, one in fresh:
            insured, answer_id = one.known.insured, ids[position]
            standing = self.desk.overrides.get(insured.policy.id, {})
            if standing and not one.why_not:
                answer = answer_with_id(self.db, answer_id)
                lapse_told_differently(self.db, answer, one.reading, standing, by=self.by, at=self.at)
            if one.verified is not None:
                pair = (insured.patient.id, insured.payer.id)
                learned.append(Learned(*pair, one.verified, one.known.benefit, answer_id))
        put_on_file(self.db, learned, by=self.by, at=self.at)

    def _ids(self, positions: Sequence[int]) -> Mapping[int, int]:
        if not positions:
            return {}
        mine = select(EligibilityAnswer.position, EligibilityAnswer.id).where(
            EligibilityAnswer.file_id == self.file_id, EligibilityAnswer.position.in_(positions)
        )
        return dict(self.db.execute(mine).all())


def _state(question: EligibilityQuestion, is_rejection: bool) -> QuestionState:
    if is_rejection and question.state is not QuestionState.ANSWERED:
        return QuestionState.REJECTED
    return QuestionState.ANSWERED


def _why_unmatched(answer: Answer, question: EligibilityQuestion | None) -> str:
    if question is not None:
        return f"The question {question.trace} was never sent. Ask the sender what was meant."
    named = next((trace.number.strip()[:50] for trace in answer.traces if trace.kind == "2"), "")
    if not named:
        return f"It does not say which eligibility question it answers. {_ELSEWHERE}"
    return f"There is no eligibility question {named} here. {_ELSEWHERE}"
