"""TA1, 999 and 997 read to the answers they give.

A reader of answers must never make a yes out of nothing: where a decision is lost or in a code that is
not known, it is taken from the decision above it, or else the answer is left out with a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from billing.edi.acknowledgements.answer import Decision, GroupAnswer, InterchangeAnswer, SegmentError, SetAnswer
from billing.edi.acknowledgements.guide import GUIDE_997, GUIDE_999, GUIDE_TA1
from billing.edi.element_values import Unreadable, envelope_day, whole_number
from billing.edi.envelope import Transaction, pass_over, transactions
from billing.edi.findings import Finding
from billing.edi.loops import Node, not_carried, read_loops
from billing.edi.segments import Segment, Source
from billing.errors import Severity

_GUIDES = {"999": GUIDE_999, "997": GUIDE_997, "": GUIDE_999, "TA1": GUIDE_TA1}
_OF_INTERCHANGE = {
    "A": Decision.ACCEPTED,
    "E": Decision.ACCEPTED_WITH_ERRORS,
    "R": Decision.REJECTED,
}
_OF_SET = {**_OF_INTERCHANGE, "M": Decision.REJECTED, "W": Decision.REJECTED, "X": Decision.REJECTED}
_OF_GROUP = {**_OF_SET, "P": Decision.PARTLY_ACCEPTED}
_ACCEPTED = (Decision.ACCEPTED, Decision.ACCEPTED_WITH_ERRORS)
_OF_ERRORS = frozenset({"IK3", "IK4", "CTX", "AK3", "AK4"})
MOST_ERROR_SEGMENTS = 1000
"""So many segments about errors are read of one transaction set that is answered; what they say is known by then."""


def read_acknowledgements(source: Source, findings: list[Finding]) -> list[InterchangeAnswer | GroupAnswer]:
    """The answers of ``source`` in the order of the file; other transaction sets are passed over with a finding.

    Nothing in the content makes it raise. A set whose decision was lost has that of its group when the
    group was taken or refused as a whole, and is left out otherwise (``answer.left_out``). A group
    whose decision was lost is refused when all of its sets that are mentioned are, partly accepted
    when some are not, and left out when none is mentioned. Of the segments that speak of errors no more
    than ``MOST_ERROR_SEGMENTS`` are read for each set.
    """
    answers: list[InterchangeAnswer | GroupAnswer] = []
    for transaction in transactions(source, findings):
        guide = _GUIDES.get(transaction.set_id)
        if guide is None:
            pass_over(transaction, "The transaction set is not an acknowledgement; it was not read.", findings)
            continue
        root = read_loops(_without_excess(transaction.segments), guide, findings)
        if guide is GUIDE_TA1:
            answers += _interchange_answer(root.segments.pop(0), transaction, findings)
        else:
            for node in root.children("1000"):
                answers += _group_answer(node, transaction, findings)
        findings += not_carried(root)
    return answers


def _without_excess(segments: Iterator[Segment]) -> Iterator[Segment]:
    """An answer that goes on about errors for ever must not fill the memory."""
    of_errors = 0
    for segment in segments:
        if segment.id == "AK2":
            of_errors = 0
        is_of_errors = segment.id in _OF_ERRORS
        of_errors += is_of_errors
        if not is_of_errors or of_errors <= MOST_ERROR_SEGMENTS:
            yield segment


def _interchange_answer(
    segment: Segment, transaction: Transaction, findings: list[Finding]
) -> Iterator[InterchangeAnswer]:
    decision = _decision(segment, 4, _OF_INTERCHANGE)
    if decision is None:
        _leave_out(segment, findings)
        return
    interchange = transaction.interchange
    yield InterchangeAnswer(
        control_number=segment.element(1),
        decision=decision,
        note=segment.element(5),
        answered_on=envelope_day(interchange.date) if interchange else None,
        reference=interchange.control_number if interchange else "",
        sent_date=segment.element(2),
        sent_time=segment.element(3),
    )


def _group_answer(node: Node, transaction: Transaction, findings: list[Finding]) -> Iterator[GroupAnswer]:
    header, trailer = node.segments.pop(0), node.take("AK9")
    decision = _decision(trailer, 1, _OF_GROUP)
    sets = tuple(answer for child in node.children("2000") for answer in _set_answer(child, decision, findings))
    accepted = sum(answer.decision in _ACCEPTED for answer in sets)
    if decision is None:
        if not sets:
            _leave_out(header, findings)
            return
        decision = Decision.PARTLY_ACCEPTED if accepted else Decision.REJECTED
    answer = GroupAnswer(
        functional_id=header.element(1),
        control_number=header.element(2),
        version=header.element(3),
        decision=decision,
        sets=sets,
        included=_count(trailer, 2, len(sets), findings),
        received=_count(trailer, 3, len(sets), findings),
        accepted=_count(trailer, 4, accepted, findings),
        answered_on=_answered_on(transaction),
        reference=_reference(transaction),
        codes=_codes(trailer, 5),
    )
    findings += _contradictions(answer, accepted, node.position)
    yield answer


def _set_answer(node: Node, of_group: Decision | None, findings: list[Finding]) -> Iterator[SetAnswer]:
    header = node.segments.pop(0)
    trailer = node.take("IK5") or node.take("AK5")
    decision = _decision(trailer, 1, _OF_SET)
    if decision is None:
        if of_group in (None, Decision.PARTLY_ACCEPTED):
            _leave_out(header, findings)
            return
        decision = of_group
    yield SetAnswer(
        set_id=header.element(1),
        control_number=header.element(2),
        decision=decision,
        codes=_codes(trailer, 2),
        errors=tuple(_segment_error(error, findings) for error in node.children("2100")),
        version=header.element(3),
    )


def _segment_error(node: Node, findings: list[Finding]) -> SegmentError:
    segment = node.segments.pop(0)
    return SegmentError(
        segment=segment.element(1),
        position=_count(segment, 2, 0, findings),
        loop=segment.element(3),
        code=segment.element(4),
        elements=tuple(_element_error(child.segments.pop(0)) for child in node.children("2110")),
    )


def _element_error(segment: Segment) -> tuple[str, str]:
    """Place and code; the copy of the bad data (IK404) is never taken, because it may be a patient's."""
    place, component = segment.component(1, 1), segment.component(1, 2)
    return f"{place}:{component}" if component else place, segment.element(3)


def _decision(segment: Segment | None, number: int, known: dict[str, Decision]) -> Decision | None:
    """The decision in an element; ``None`` when it is lost or in no known code, which the guide has found."""
    return known.get(segment.element(number).strip()) if segment else None


def _codes(segment: Segment | None, first: int) -> tuple[str, ...]:
    return tuple(code for code in segment.parts[first:] if code) if segment else ()


def _count(segment: Segment | None, number: int, otherwise: int, findings: list[Finding]) -> int:
    if segment is None:
        return otherwise
    try:
        return whole_number(segment, number, findings)
    except Unreadable as missing:
        findings.append(replace(missing.finding, severity=Severity.WARN))
        return otherwise


def _leave_out(segment: Segment, findings: list[Finding]) -> None:
    why = f"What {segment.id} answers was neither accepted nor rejected in a way that can be read; it was left out."
    findings.append(Finding("answer.left_out", Severity.BLOCK, why, segment.position, segment.id))


def _contradictions(answer: GroupAnswer, accepted: int, position: int) -> Iterator[Finding]:
    """What the group says that its sets do not bear out."""
    if answer.decision in _ACCEPTED and accepted < len(answer.sets):
        why = "AK901 accepts the whole group, but a transaction set in it is rejected."
        yield Finding("answer.contradiction", Severity.WARN, why, position, "AK9")
    if answer.decision is Decision.REJECTED and accepted:
        why = "AK901 rejects the whole group, but a transaction set in it is accepted."
        yield Finding("answer.contradiction", Severity.WARN, why, position, "AK9")
    too_many = len(answer.sets) > answer.received
    if too_many or (len(answer.sets) == answer.received and accepted != answer.accepted):
        why = "AK903 or AK904 does not count the transaction sets that are answered."
        yield Finding("answer.count_wrong", Severity.WARN, why, position, "AK9")


def _answered_on(transaction: Transaction) -> date | None:
    """The date of the group that carries the answer, or else that of its interchange."""
    group, interchange = transaction.group, transaction.interchange
    of_group = envelope_day(group.date) if group else None
    return of_group or (envelope_day(interchange.date) if interchange else None)


def _reference(transaction: Transaction) -> str:
    interchange, group = transaction.interchange, transaction.group
    numbers = (
        interchange.control_number if interchange else "",
        group.control_number if group else "",
        transaction.control_number,
    )
    return "-".join(filter(None, numbers))
