"""Eligibility questions to a 270 interchange (X12 005010X279A1)."""

from __future__ import annotations

from collections.abc import Sequence

from billing.edi.eligibility_270.guide import GUIDE_270, VERSION_270
from billing.edi.eligibility_270.inquiry import AskedDependent, AskedSubscriber, Inquiry
from billing.edi.envelope_writer import Envelope, InterchangeWriter
from billing.edi.parties import Person, Relationship
from billing.edi.party_segments import party
from billing.edi.segment_writer import AddSegment, day
from billing.edi.self_check import refuse_faults
from billing.errors import Problem, Refused, block

OTHER_ADULT = "34"
_RELATIONS = {Relationship.SPOUSE: "01", Relationship.CHILD: "19"}
_FIX = "Correct the record this comes from."


def encode_270(inquiries: Sequence[Inquiry], envelope: Envelope) -> bytes:
    """One interchange with a transaction set for each of ``inquiries``, ASCII, one segment a line.

    Raises :class:`~billing.errors.Refused` with all problems when a value has not the form the guide asks for, and
    ``ValueError`` when nothing is asked or a text holds a separator or a character outside printable ASCII.
    """
    if not inquiries or not all(one.service_types for one in inquiries):
        raise ValueError("a question asks something")
    problems = [problem for one in inquiries for problem in _rule_problems(one)]
    if problems:
        raise Refused("These questions cannot be written as a 270.", problems)
    writer = InterchangeWriter(envelope, "HS", VERSION_270)
    at = envelope.created_at
    for inquiry in inquiries:
        writer.begin("270")
        writer.add("BHT", "0022", "13", inquiry.trace, day(at), f"{at:%H%M}")
        _add_levels(writer.add, inquiry)
        writer.end()
    return refuse_faults(writer.finish(), GUIDE_270, "a 270")


def problems_270(inquiry: Inquiry, envelope: Envelope) -> list[Problem]:
    """Why ``inquiry`` cannot go out as it is; an empty list when it can."""
    try:
        encode_270([inquiry], envelope)
    except Refused as refusal:
        return refusal.problems
    except ValueError as refusal:
        return [block("text.character_not_allowed", f"{refusal}.", _FIX)]
    return []


def _rule_problems(inquiry: Inquiry) -> list[Problem]:
    """What no table can say: a payer finds nobody by half a name."""
    if inquiry.patient.name.first and inquiry.patient.name.last:
        return []
    return [block("x12.patient_name", "The patient asked about needs a first and a last name.", _FIX)]


def _add_levels(add: AddSegment, inquiry: Inquiry) -> None:
    add("HL", "1", "", "20", "1")
    add("NM1", "PR", "2", inquiry.payer.name, "", "", "", "", "PI", inquiry.payer.identifier)
    add("HL", "2", "1", "21", "1")
    add("NM1", "1P", *party(inquiry.provider.name, "XX", inquiry.provider.npi))
    dependent = inquiry.dependent
    add("HL", "3", "2", "22", "1" if dependent else "0")
    if dependent is None:
        _add_trace(add, inquiry)
    _add_subscriber(add, inquiry.subscriber)
    if dependent is not None:
        add("HL", "4", "3", "23", "0")
        _add_trace(add, inquiry)
        _add_dependent(add, dependent)
    add("DTP", "291", "D8", day(inquiry.asked_on))
    for service_type in inquiry.service_types:
        add("EQ", service_type)


def _add_trace(add: AddSegment, inquiry: Inquiry) -> None:
    add("TRN", "1", inquiry.trace, inquiry.originator)


def _add_subscriber(add: AddSegment, subscriber: AskedSubscriber) -> None:
    add("NM1", "IL", *_name(subscriber.name), *(("MI", subscriber.member_id) if subscriber.member_id else ()))
    _add_demographics(add, subscriber)


def _add_dependent(add: AddSegment, dependent: AskedDependent) -> None:
    add("NM1", "03", *_name(dependent.name))
    _add_demographics(add, dependent)
    add("INS", "N", _RELATIONS.get(dependent.relationship, OTHER_ADULT))


def _name(name: Person) -> tuple[str, ...]:
    return ("1", name.last, name.first, name.middle, "", name.suffix)


def _add_demographics(add: AddSegment, who: AskedSubscriber | AskedDependent) -> None:
    """DMG; the guide knows two sexes here, and a birth date may stand alone."""
    sex = who.sex if who.sex in ("F", "M") else ""
    born = ("D8", day(who.birth_date)) if who.birth_date else ("", "")
    if who.birth_date or sex:
        add("DMG", *born, sex or "")
