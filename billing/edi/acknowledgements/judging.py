"""The answers that a received file has earned: a 999 for each functional group, a TA1 where one was asked for.

A transaction set is accepted when its reader had nothing against it, accepted with errors when the
reader could rely on what it read all the same, and rejected when it could not. Acknowledgements are
never acknowledged, or two programs would answer each other for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing.edi.acknowledgements.answer import Decision, GroupAnswer, InterchangeAnswer, SegmentError, SetAnswer
from billing.edi.acknowledgements.error_codes import (
    GROUP_CODES,
    INTERCHANGE_NOTES,
    NO_ERROR,
    NOT_SUPPORTED,
    SEGMENTS_IN_ERROR,
    SET_CODES,
    element_error,
    segment_code,
)
from billing.edi.acknowledgements.received import ReceivedGroup, ReceivedInterchange, ReceivedSet, read_received
from billing.edi.envelope import GroupHeader, InterchangeHeader
from billing.edi.envelope_writer import Envelope, Usage
from billing.edi.findings import Finding
from billing.edi.segments import Segment, Source
from billing.edi.text import plain_text
from billing.errors import Severity

MOST_CODES = 5
"""Room in an IK5 and in an AK9."""
MOST_ERRORS = 100
"""So many IK3 say enough about one transaction set."""
_ACKNOWLEDGEMENTS = "FA"
_FUNCTIONAL_ID = 2
"""Characters of a GS01."""
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, and the envelopes it answers, which say where it goes; ``None`` where they were lost."""

    answer: InterchangeAnswer | GroupAnswer
    interchange: InterchangeHeader | None
    group: GroupHeader | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Everything that one received file is answered."""

    replies: tuple[Reply, ...]

    @property
    def interchanges(self) -> list[InterchangeAnswer]:
        """The TA1 answers, for the interchanges that asked for one (ISA14)."""
        return [reply.answer for reply in self.replies if isinstance(reply.answer, InterchangeAnswer)]

    @property
    def groups(self) -> list[GroupAnswer]:
        """The 999 answers, for all functional groups other than acknowledgements."""
        return [reply.answer for reply in self.replies if isinstance(reply.answer, GroupAnswer)]


def acknowledge(source: Source, findings: Iterable[Finding], *, today: date) -> Acknowledgement:
    """What to answer the sender of ``source``, which is read anew from its beginning, for its envelopes alone.

    An opened file has to be wound back first. ``findings`` is all that the reader of the transaction sets
    noticed in this very source: envelopes, form and sense. A finding belongs to the transaction set in which
    its position lies. Answers hold what can be written: control numbers are brought into the characters of
    X12, and what has none is not answered by name.
    """
    interchanges = read_received(source, findings)
    return Acknowledgement(tuple(reply for interchange in interchanges for reply in _replies(interchange, today)))


def reply_envelope(
    interchange: InterchangeHeader, group: GroupHeader | None, number: int, created_at: datetime, usage: Usage
) -> Envelope:
    """The envelope of an answer: who sent now receives. ``number`` is that of the interchange and its group.

    Raises ``ValueError`` when the received envelope does not name both sides, or has impossible identifiers.
    """
    return Envelope(
        sender_id=interchange.receiver_id,
        receiver_id=interchange.sender_id,
        interchange_number=number,
        group_number=number,
        created_at=created_at,
        usage=usage,
        sender_qualifier=interchange.receiver_qualifier,
        receiver_qualifier=interchange.sender_qualifier,
        application_sender=group.receiver if group else "",
        application_receiver=group.sender if group else "",
    )


def _replies(interchange: ReceivedInterchange, today: date) -> Iterator[Reply]:
    header = interchange.header
    only_ta1 = interchange.has_ta1 and not interchange.groups
    if header and header.acknowledgement_requested and not only_ta1:
        yield Reply(_interchange_answer(header, interchange.faults, today), header)
    for group in interchange.groups:
        if group.header is None or group.header.functional_id == _ACKNOWLEDGEMENTS:
            continue
        answer = _group_answer(group, group.header, today)
        if len(answer.functional_id) == _FUNCTIONAL_ID and answer.control_number:
            yield Reply(answer, header, group.header)


def _interchange_answer(header: InterchangeHeader, faults: Sequence[Finding], today: date) -> InterchangeAnswer:
    rules = {fault.rule for fault in faults}
    note = next((code for rule, code in INTERCHANGE_NOTES.items() if rule in rules), NO_ERROR)
    return InterchangeAnswer(
        control_number=_digits(header.control_number, 9),
        decision=Decision.ACCEPTED if note == NO_ERROR else Decision.ACCEPTED_WITH_ERRORS,
        note=note,
        answered_on=today,
        reference="",
        sent_date=_digits(header.date, 6),
        sent_time=_digits(header.time, 4),
    )


def _group_answer(group: ReceivedGroup, header: GroupHeader, today: date) -> GroupAnswer:
    sets = tuple(answer for answer in map(_set_answer, group.sets) if answer.set_id and answer.control_number)
    accepted = sum(answer.decision is not Decision.REJECTED for answer in sets)
    received = len(group.sets)
    return GroupAnswer(
        functional_id=_sendable(header.functional_id, 2),
        control_number=_sendable(header.control_number, 9),
        version=_sendable(header.version, 12),
        decision=_decision_of_group(sets, received - accepted, bool(group.faults)),
        sets=sets,
        included=int(group.included) if group.included.isdecimal() and len(group.included) <= 6 else received,
        received=received,
        accepted=accepted,
        answered_on=today,
        reference="",
        codes=_codes((fault.rule for fault in group.faults), GROUP_CODES),
    )


def _decision_of_group(sets: Sequence[SetAnswer], refused: int, is_faulty: bool) -> Decision:
    if all(answer.decision is Decision.REJECTED for answer in sets):
        return Decision.REJECTED
    if refused:
        return Decision.PARTLY_ACCEPTED
    if is_faulty or any(answer.decision is Decision.ACCEPTED_WITH_ERRORS for answer in sets):
        return Decision.ACCEPTED_WITH_ERRORS
    return Decision.ACCEPTED


def _set_answer(received: ReceivedSet) -> SetAnswer:
    header = received.header
    inside = [(fault, at) for fault, at in received.faults if fault.rule not in SET_CODES]
    codes = _codes((fault.rule for fault, _ in received.faults), SET_CODES)
    if inside:
        codes = (*codes[: MOST_CODES - 1], SEGMENTS_IN_ERROR)
    is_refused = NOT_SUPPORTED in codes or any(fault.severity is Severity.BLOCK for fault, _ in received.faults)
    accepted = Decision.ACCEPTED_WITH_ERRORS if received.faults else Decision.ACCEPTED
    return SetAnswer(
        set_id=_sendable(header.element(1), 3),
        control_number=_sendable(header.element(2), 9),
        decision=Decision.REJECTED if is_refused else accepted,
        codes=codes,
        errors=tuple(_segment_errors(inside, header.position)),
        version=_sendable(header.element(3), 35),
    )


def _segment_errors(faults: Sequence[tuple[Finding, Segment]], start: int) -> list[SegmentError]:
    """One IK3 for each segment and kind of error, in the order of the set, with an IK4 for each element."""
    elements: dict[tuple[int, str, str], list[tuple[str, str]]] = {}
    for fault, at in sorted(faults, key=lambda pair: pair[0].position):
        segment_id = fault.segment if _SEGMENT_ID.fullmatch(fault.segment) else at.id
        if not _SEGMENT_ID.fullmatch(segment_id):
            continue
        named = elements.setdefault((fault.position - start + 1, segment_id, segment_code(fault)), [])
        error = element_error(fault)
        if error and error not in named:
            named.append(error)
    errors = [SegmentError(name, place, "", code, tuple(named)) for (place, name, code), named in elements.items()]
    return errors[:MOST_ERRORS]


def _codes(rules: Iterable[str], known: dict[str, str]) -> tuple[str, ...]:
    """The codes of the rules, each once."""
    codes = dict.fromkeys(known[rule] for rule in rules if rule in known)
    return tuple(codes)[:MOST_CODES]


def _sendable(text: str, longest: int) -> str:
    """``text`` as it may stand in an answer of ours, whatever separators its own file had."""
    plain = plain_text(text)
    return "".join(character for character in plain if character.isascii() and character.isprintable())[:longest]


def _digits(text: str, length: int) -> str:
    return "".join(filter(str.isdecimal, _sendable(text, length))).rjust(length, "0")
