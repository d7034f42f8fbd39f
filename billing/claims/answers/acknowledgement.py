"""What an acknowledgement says of our claims: whom it means, its verdict, and why in plain words. Pure.

TA1 and 999 (X12 005010X231A1) speak of an interchange and its group, the 277CA (X12 005010X214) and the
277 (X12 005010X212) of claims, and the 277CA besides of a provider's claims or a whole file. All come
out as the same kind of value here, so that one rule weighs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from billing.claims.models import Verdict
from billing.codes.claim_status import describe
from billing.codes.syntax_notes import element_note, group_note, interchange_note, segment_note, set_note
from billing.edi.acknowledgements.answer import Decision, GroupAnswer, InterchangeAnswer, SegmentError, SetAnswer
from billing.edi.claim_status.status import Level, Statement, StatusFile, StatusReport

OUR_TRANSACTION = "1"
"""ST02 of the one transaction set in each of our claim files, without its zeros."""
CLAIM_GROUP = "HC"
"""GS01 of a group of claims."""
ACKNOWLEDGEMENT = "277CA"

_CATEGORIES = {
    "A0": Verdict.RECEIVED,
    "A1": Verdict.RECEIVED,
    "A2": Verdict.ACCEPTED,
    "A3": Verdict.REJECTED,
    "A6": Verdict.REJECTED,
    "A7": Verdict.REJECTED,
    "A8": Verdict.REJECTED,
}
"""What X12 code list 507 means for a claim; every other category moves nothing."""
_STRENGTH = (Verdict.NOTED, Verdict.RECEIVED, Verdict.ACCEPTED, Verdict.REJECTED)
_DECISIONS = {
    Decision.ACCEPTED: "accepted",
    Decision.ACCEPTED_WITH_ERRORS: "accepted with errors",
    Decision.PARTLY_ACCEPTED: "partly accepted",
    Decision.REJECTED: "rejected",
}
_REJECTS = "U"
_NO_ERROR = "000"
_ERRORS_TOLD = 3
_ERRORS_COUNTED = 99
_LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class AboutClaim:
    """One claim, under any of the patient control numbers given; none when the answer names none."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AboutFile:
    """Every claim of the claim file with that number, save those that the same answer names by themselves."""

    number: int | None
    """``None`` when the answer names no number that could be one of ours."""
    written: str
    """The number as it was written."""
    spared: frozenset[str] = frozenset()
    """Patient control numbers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that was said, and about what."""

    about: AboutClaim | AboutFile
    kind: str
    """The transaction set."""
    reference: str
    """The answer's own number."""
    code: str
    verdict: Verdict
    said_on: date | None
    why: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Something that was said and finds no claim of ours: why not, and what to do."""

    kind: str
    why: str


def interchange_answer(answer: InterchangeAnswer) -> Answer:
    """What a TA1 says of the claims of the interchange it answers."""
    code = f"{answer.decision}:{answer.note}".rstrip(":")
    note = "" if answer.note in ("", _NO_ERROR) else f": {interchange_note(answer.note)}"
    return Answer(
        _file_named(answer.control_number),
        "TA1",
        _storable(answer.reference),
        _storable(code),
        _transport_verdict(answer.decision),
        answer.answered_on,
        _storable(f"{code} interchange {_DECISIONS[answer.decision]}{note}"),
    )


def group_answer(answer: GroupAnswer, kind: str) -> Answer | None:
    """What a 999 says of the claims of a group, or a 997, its elder: ``kind`` says which. ``None`` for any other group.

    A rejected group takes its sets with it. Of a group that was partly accepted, only what is said of
    our set counts; nothing said of it moves nothing.
    """
    if answer.functional_id != CLAIM_GROUP:
        return None
    ours = next((one for one in answer.sets if one.control_number.strip().lstrip("0") == OUR_TRANSACTION), None)
    of_group = Decision.REJECTED is answer.decision or ours is None
    decision = answer.decision if of_group or ours is None else ours.decision
    details = [group_note(code) for code in answer.codes]
    if ours is not None:
        details += _set_details(ours)
    told = f": {'; '.join(details)}" if details else ""
    return Answer(
        _file_named(answer.control_number),
        kind,
        _storable(answer.reference),
        decision.value,
        _transport_verdict(decision),
        answer.answered_on,
        _storable(f"{decision} file {_DECISIONS[decision]}{told}"),
    )


def _transport_verdict(decision: Decision) -> Verdict:
    if decision is Decision.REJECTED:
        return Verdict.REJECTED
    return Verdict.NOTED if decision is Decision.PARTLY_ACCEPTED else Verdict.RECEIVED


def _set_details(ours: SetAnswer) -> Iterator[str]:
    yield from (set_note(code) for code in ours.codes)
    yield from (_error_text(error) for error in ours.errors[:_ERRORS_TOLD])
    if len(ours.errors) > _ERRORS_COUNTED:
        yield f"and more than {_ERRORS_COUNTED - _ERRORS_TOLD} others"
    elif len(ours.errors) > _ERRORS_TOLD:
        yield f"and {len(ours.errors) - _ERRORS_TOLD} more"


def _error_text(error: SegmentError) -> str:
    loop = f" in loop {error.loop}" if error.loop else ""
    elements = ", ".join(f"element {place} {element_note(code)}" for place, code in error.elements)
    return f"{error.segment} (segment {error.position}{loop}) {segment_note(error.code)}" + (
        f": {elements}" if elements else ""
    )


def _file_named(number: str, spared: frozenset[str] = frozenset()) -> AboutFile:
    """A number of an envelope: ours have at most nine digits."""
    written = number.strip()
    is_number = written.isascii() and written.isdigit() and len(written.lstrip("0")) <= 9
    return AboutFile(int(written) if is_number else None, written, spared)


def status_answers(file: StatusFile) -> list[Answer | Unmatched]:
    """What a 277CA or a 277 says, a claim at a time, and of a whole file where that matters.

    A file that is refused as a whole, or for its provider, takes with it every claim that is not named;
    one that merely arrived says nothing that its claims do not say themselves, unless none is named. A
    file is never accepted as a whole: only a claim goes into adjudication. What a 277 says beyond claims is
    said of the question it answers, whose number must not be taken for a claim file's.
    """
    named: dict[tuple[str, ...], list[StatusReport]] = {}
    whole: list[StatusReport] = []
    for report in file.reports:
        if report.level is Level.CLAIM:
            named.setdefault(_names(report), []).append(report)
        else:
            whole.append(report)
    answers: list[Answer | Unmatched] = [_answer(file, AboutClaim(names), reports) for names, reports in named.items()]
    if whole and file.kind == ACKNOWLEDGEMENT:
        said = _answer(file, _file_of(whole, frozenset(name for names in named for name in names)), whole)
        if said.verdict is Verdict.REJECTED or not named:
            answers.append(said)
    elif whole and not named:
        answers.append(Unmatched(file.kind, "It answers a question about claims, and none of ours is waiting."))
    return answers


def _names(report: StatusReport) -> tuple[str, ...]:
    written = (_storable(report.control_number).strip(), _storable(report.trace_number).strip())
    return tuple(dict.fromkeys(name for name in written if name))


def _file_of(reports: Sequence[StatusReport], spared: frozenset[str]) -> AboutFile:
    traces = [report.trace_number for report in reports if report.level is Level.RECEIVER and report.trace_number]
    return _file_named(traces[0] if traces else "", spared)


def _answer(file: StatusFile, about: AboutClaim | AboutFile, reports: Sequence[StatusReport]) -> Answer:
    statements = [one for report in reports for one in report.statements]
    of_lines = [line for report in reports for line in report.line_statements]
    statements = statements or [one for _, said in of_lines for one in said]
    verdict = _strongest(_statement_verdict(file.kind, one) for one in statements)
    if isinstance(about, AboutFile) and verdict is Verdict.ACCEPTED:
        verdict = Verdict.RECEIVED
    days = [one.said_on for one in statements if one.said_on and _statement_verdict(file.kind, one) is verdict]
    produced_on = file.produced_on
    return Answer(
        about,
        file.kind,
        _storable(file.reference) or (f"{produced_on}" if produced_on else ""),
        _storable(" ".join(dict.fromkeys(code for one in statements for code in _codes(one)))),
        verdict,
        max(days, default=produced_on),
        _storable("; ".join(dict.fromkeys([*map(_text, statements), *(_line_text(*line) for line in of_lines)]))),
    )


def _strongest(verdicts: Iterable[Verdict]) -> Verdict:
    return max(verdicts, key=_STRENGTH.index, default=Verdict.NOTED)


def _statement_verdict(kind: str, statement: Statement) -> Verdict:
    """A rejecting category, or the 277CA's action code for one, outweighs whatever else is said beside it."""
    if kind == ACKNOWLEDGEMENT and statement.action == _REJECTS:
        return Verdict.REJECTED
    return _strongest(_CATEGORIES.get(status.category, Verdict.NOTED) for status in statement.statuses)


def _codes(statement: Statement) -> list[str]:
    return [":".join(filter(None, (one.category, one.code, one.entity))) for one in statement.statuses]


def _text(statement: Statement) -> str:
    described = [describe(one.category, one.code, one.entity) for one in statement.statuses]
    said = "; ".join(f"{code} {words}" for code, words in zip(_codes(statement), described, strict=True))
    message = statement.message.strip()[:_LONGEST_MESSAGE]
    return f"{said} ({message})" if message else said


def _line_text(control_number: str, statements: Sequence[Statement]) -> str:
    return f"line {control_number or 'without a number'}: {', '.join(map(_text, statements))}"


def _storable(text: str) -> str:
    """Text from outside without the one character that no database takes."""
    return text.replace("\0", "")
