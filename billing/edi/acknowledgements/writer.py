"""Acknowledgements to X12: a 999 for each functional group, and TA1 segments in an interchange of their own.

What the tables of the guide refuse raises :class:`~billing.errors.Refused`; a text with a separator or a character
outside printable ASCII raises ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Sequence

from billing.edi.acknowledgements.answer import GroupAnswer, InterchangeAnswer, SegmentError, SetAnswer
from billing.edi.acknowledgements.guide import GUIDE_999, GUIDE_TA1, VERSION_999
from billing.edi.envelope_writer import Envelope, InterchangeWriter, add_interchange_header, interchange_number
from billing.edi.segment_writer import AddSegment, SegmentWriter
from billing.edi.self_check import refuse_faults


def encode_999(answers: Sequence[GroupAnswer], envelope: Envelope) -> bytes:
    """One interchange with one functional group that holds a 999 for each of ``answers``.

    ``answered_on`` and ``reference`` are not written: whoever reads the file takes them from its envelope.
    Raises ``ValueError`` when there are no answers.
    """
    if not answers:
        raise ValueError("an interchange without a transaction set is none")
    writer = InterchangeWriter(envelope, "FA", VERSION_999)
    for answer in answers:
        writer.begin("999")
        _add_group(writer.add, answer)
        writer.end()
    return refuse_faults(writer.finish(), GUIDE_999, "a 999")


def encode_ta1(answers: Sequence[InterchangeAnswer], envelope: Envelope) -> bytes:
    """One interchange with a TA1 for each of ``answers`` and no functional group.

    ``answered_on`` and ``reference`` are taken from the envelope by whoever reads the file. Raises
    ``ValueError`` when there are no answers.
    """
    if not answers:
        raise ValueError("an interchange without a TA1 and without a group is none")
    segments = SegmentWriter()
    add_interchange_header(segments, envelope)
    for answer in answers:
        segments.add("TA1", answer.control_number, answer.sent_date, answer.sent_time, answer.decision, answer.note)
    segments.add("IEA", "0", interchange_number(envelope))
    return refuse_faults(segments.text().encode("ascii"), GUIDE_TA1, "a TA1")


def _add_group(add: AddSegment, answer: GroupAnswer) -> None:
    add("AK1", answer.functional_id, answer.control_number, answer.version)
    for of_set in answer.sets:
        _add_set(add, of_set)
    counts = (str(answer.included), str(answer.received), str(answer.accepted))
    add("AK9", answer.decision, *counts, *answer.codes)


def _add_set(add: AddSegment, answer: SetAnswer) -> None:
    add("AK2", answer.set_id, answer.control_number, answer.version)
    for error in answer.errors:
        _add_error(add, error)
    add("IK5", answer.decision, *answer.codes)


def _add_error(add: AddSegment, error: SegmentError) -> None:
    add("IK3", error.segment, str(error.position), error.loop, error.code)
    for place, code in error.elements:
        number, _, component = place.partition(":")
        add("IK4", (number, component), "", code)
