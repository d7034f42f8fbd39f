"""A file that may answer claims, read to all it says of them: 999, TA1, 277CA, 277, several of them, or none. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from billing.claims.answers.acknowledgement import Answer, Unmatched, group_answer, interchange_answer, status_answers
from billing.edi.acknowledgements.answer import GroupAnswer, InterchangeAnswer
from billing.edi.acknowledgements.reader import read_acknowledgements
from billing.edi.claim_status.reader import read_status
from billing.edi.envelope import transactions
from billing.edi.findings import Finding
from billing.edi.kinds import kind_of

NO_KIND = "unknown"
"""What a file is called in a report that nobody can tell what it is."""

_ACKNOWLEDGEMENTS = frozenset({"TA1", "999", "997"})
_STATUS = "277"
_OTHERS = {
    "835": "It is a payment advice. Nothing of it was posted; give it to meridian remit.",
    "837": "It is a claim file, not an answer to one.",
}
ELIGIBILITY = "271"
"""Answers about cover, which are none to claims: another room reads them."""
_QUESTIONS = "HS"
"""GS01 of a group of questions about cover, whose acknowledgement is no claim's either."""
_CUT_OFF = "transaction.trailer_missing"
_WITHOUT_END = frozenset({"group.trailer_missing", "interchange.trailer_missing"})
_LOST = frozenset({"answer.left_out", "status.left_out"})
"""Findings of the readers that some of what was said cannot be told."""


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """What a file says, before anything is done about it."""

    kind: str
    """The transaction set it begins with; empty when there is none."""
    answers: tuple[Answer, ...]
    unmatched: tuple[Unmatched, ...]
    """What in it can concern no claim, and why."""
    has_eligibility: bool = False
    """Whether it holds answers about cover too."""
    has_acknowledgements: bool = False
    """Whether it acknowledges files, which need not be of claims."""


def read_answer_file(content: bytes) -> AnswerFile:
    """Everything a file says, and each thing once, however often it says it. It never raises, whatever the bytes are.

    A file that ends within a transaction set says nothing, because nobody knows how it would have gone on.
    """
    kind = kind_of(content)
    if not (kind.isascii() and kind.isalnum()):
        return AnswerFile("", (), (Unmatched(NO_KIND, _why_nothing(content)),))
    envelopes: list[Finding] = []
    held = {transaction.set_id for transaction in transactions(content, envelopes)}
    rules = {finding.rule for finding in envelopes}
    if _CUT_OFF in rules:
        why = "The file is cut off. Nothing of it was taken in; ask for it again."
        return AnswerFile(kind, (), (Unmatched(kind, why),))
    # Where every ST was lost, the group told what the sets are.
    held = held - {""} or {kind.removesuffix("CA")}
    said = list(_said(content, kind, held - {ELIGIBILITY}))
    is_acknowledging = bool(held & _ACKNOWLEDGEMENTS)
    if not said and ELIGIBILITY not in held and not (is_acknowledging and _is_about_questions(content)):
        said.append(Unmatched(kind, "It says nothing of any claim. Ask the sender what it answers."))
    if rules & _WITHOUT_END:
        why = "The file has no end and may be cut off. What is whole was taken in; ask for it again."
        said.append(Unmatched(kind, why))
    said = list(dict.fromkeys(said))
    answers = tuple(one for one in said if isinstance(one, Answer))
    unmatched = tuple(one for one in said if isinstance(one, Unmatched))
    return AnswerFile(kind, answers, unmatched, ELIGIBILITY in held, is_acknowledging)


def _why_nothing(content: bytes) -> str:
    if not content.strip():
        return "The file is empty. Ask for it again."
    return "It is no X12 file, or only the beginning of one. Ask for it again."


def _said(content: bytes, kind: str, held: set[str]) -> Iterator[Answer | Unmatched]:
    findings: list[Finding] = []
    if held & _ACKNOWLEDGEMENTS:
        yield from _acknowledgements(content, "997" if "997" in held and "999" not in held else "999", findings)
    if _STATUS in held:
        for file in read_status(content, findings):
            yield from status_answers(file)
    for other in sorted(held - _ACKNOWLEDGEMENTS - {_STATUS}):
        yield Unmatched(other, _OTHERS.get(other, f"A {other[:3]} answers no claim."))
    for lost in findings:
        if lost.rule in _LOST:
            yield Unmatched(kind, f"{lost.why} It is segment {lost.position}; ask the sender what was meant.")


def _is_about_questions(content: bytes) -> bool:
    """Whether it acknowledges groups of questions about cover."""
    return any(
        isinstance(one, GroupAnswer) and one.functional_id == _QUESTIONS for one in read_acknowledgements(content, [])
    )


def _acknowledgements(content: bytes, kind: str, findings: list[Finding]) -> Iterator[Answer | Unmatched]:
    for one in read_acknowledgements(content, findings):
        if isinstance(one, InterchangeAnswer):
            yield interchange_answer(one)
        elif one.functional_id != _QUESTIONS:
            why = f"It answers a group of kind {one.functional_id[:2]}, not of claims. No question of ours is waiting."
            yield group_answer(one, kind) or Unmatched(kind, why)
