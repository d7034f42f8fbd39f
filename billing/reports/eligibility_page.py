"""One question to a payer with its answer: every row in words, which were chosen and why, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing.coverage.benefit_editing import benefit_of
from billing.coverage.eligibility.asking import insured_by, question_with_id
from billing.coverage.eligibility.lifecycle import OPEN
from billing.coverage.eligibility.models import (
    EligibilityAnswer,
    EligibilityMove,
    EligibilityOverride,
    EligibilityQuestion,
)
from billing.coverage.eligibility.overriding import standing
from billing.coverage.eligibility.posing import Insured
from billing.coverage.eligibility.queries import answer_before, answer_to, moves_of, overrides_about, questions_of
from billing.coverage.eligibility.reading.comparing import changes
from billing.coverage.eligibility.reading.facts import READING, ROWS, Fact, FactKind, Note, NoteKind, Reading
from billing.coverage.eligibility.reading.wording import TITLES, row_words, value_words
from billing.coverage.models import Benefit
from billing.database import Db

EARLIER = 10
_LOUD = frozenset(
    {NoteKind.LIMIT_IN_TEXT, NoteKind.OTHER_PAYER, NoteKind.ASK_ELSEWHERE, NoteKind.EXCLUSION, NoteKind.MISPLACED}
)


@dataclass(frozen=True, slots=True)
class FactShown:
    """A fact with what a person set against it."""

    kind: FactKind
    title: str
    words: str
    fact: Fact
    override: EligibilityOverride | None
    override_words: str

    @property
    def counts(self) -> str:
        """What counts, in words."""
        return self.override_words if self.override else self.words


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row of the answer in words."""

    number: int
    words: str
    chosen_for: Sequence[str]
    """Titles of the facts that are taken from it."""
    why_not: Sequence[str]
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """What is told differently since the last time."""

    title: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """An answer, for a person."""

    answer: EligibilityAnswer
    reading: Reading
    facts: Sequence[FactShown]
    rows: Sequence[RowShown]
    changes: Sequence[ChangeShown]
    is_first: bool
    """Whether there is no earlier answer to compare with."""

    @property
    def loud(self) -> list[Note]:
        """What a person must read before the facts."""
        return [note for note in self.reading.notes if note.kind in _LOUD]


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """A question with everything around it."""

    question: EligibilityQuestion
    insured: Insured
    moves: Sequence[EligibilityMove]
    earlier: Sequence[EligibilityQuestion]
    """The newest questions about the same policy, this one among them."""
    answer: AnswerShown | None
    benefit: Benefit | None
    """What is on file now."""

    @property
    def is_open(self) -> bool:
        """Whether an answer is awaited."""
        return self.question.state in OPEN


def question_page(db: Db, question_id: int, currency: str) -> QuestionShown:
    """One question; ten queries at most. Raises :class:`NotFound`."""
    question = question_with_id(db, question_id)
    answer = answer_to(db, question_id)
    return QuestionShown(
        question=question,
        insured=insured_by(db, question.policy_id),
        moves=moves_of(db, question_id),
        earlier=questions_of(db, question.policy_id, EARLIER),
        answer=answer_shown(db, answer, currency) if answer else None,
        benefit=benefit_of(db, question.patient_id, question.payer_id),
    )


def answer_shown(db: Db, answer: EligibilityAnswer, currency: str) -> AnswerShown:
    """An answer with its rows, facts and changes; two queries."""
    reading = READING.validate_python(answer.reading)
    set_by_hand = standing(overrides_about(db, answer.policy_id or 0)).get(answer.policy_id or 0, {})
    before = answer_before(db, answer)
    earlier = READING.validate_python(before.reading) if before else None
    return AnswerShown(
        answer=answer,
        reading=reading,
        facts=[_fact(fact, set_by_hand, currency) for fact in reading.facts],
        rows=_rows(answer, reading, currency),
        changes=_changes(earlier, reading, currency) if earlier and not reading.is_rejected else [],
        is_first=earlier is None,
    )


def _fact(fact: Fact, set_by_hand: Mapping[FactKind, EligibilityOverride], currency: str) -> FactShown:
    one = set_by_hand.get(fact.kind)
    return FactShown(
        kind=fact.kind,
        title=TITLES[fact.kind],
        words=value_words(fact.kind, fact.value, currency),
        fact=fact,
        override=one,
        override_words=value_words(fact.kind, one.value.get("value"), currency) if one else "",
    )


def _rows(answer: EligibilityAnswer, reading: Reading, currency: str) -> list[RowShown]:
    chosen: dict[int, list[str]] = defaultdict(list)
    passed: dict[int, list[str]] = defaultdict(list)
    notes: dict[int, list[Note]] = defaultdict(list)
    for fact in reading.facts:
        for number in fact.rows:
            chosen[number].append(TITLES[fact.kind])
        for other in fact.others:
            passed[other.row].append(f"{TITLES[fact.kind]}: {other.why_not}")
    for note in reading.notes:
        notes[note.row].append(note)
    return [
        RowShown(number, row_words(row, currency), chosen[number], passed[number], notes[number])
        for number, row in enumerate(ROWS.validate_python(answer.rows), start=1)
    ]


def _changes(before: Reading, now: Reading, currency: str) -> list[ChangeShown]:
    return [
        ChangeShown(
            TITLES[one.kind], value_words(one.kind, one.before, currency), value_words(one.kind, one.now, currency)
        )
        for one in changes(before, now)
    ]
