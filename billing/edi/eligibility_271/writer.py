"""Answers about cover to a 271 interchange (X12 005010X279A1), as a payer writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from billing.edi.eligibility_271.answer import (
    Benefit,
    Communication,
    DatedPeriod,
    Delivery,
    EligibilityAnswer,
    Identity,
    Member,
    Reference,
    Rejection,
    RelatedEntity,
    Trace,
    Where,
)
from billing.edi.eligibility_271.guide import GUIDE_271
from billing.edi.envelope_writer import Envelope, InterchangeWriter
from billing.edi.party_segments import add_address, party
from billing.edi.segment_writer import AddSegment, Repeated, amount, day
from billing.edi.self_check import refuse_faults

VERSION_271 = "005010X279A1"


def encode_271(answers: Sequence[EligibilityAnswer], envelope: Envelope) -> bytes:
    """One interchange with a transaction set for each of ``answers``, ASCII, one segment a line.

    Raises :class:`~billing.errors.Refused` with all problems when a value has not the form the table of the guide
    asks for, and ``ValueError`` when there is nothing to say or a text holds a character that X12 does not allow.
    """
    if not answers:
        raise ValueError("an interchange without a transaction set is none")
    writer = InterchangeWriter(envelope, "HB", VERSION_271)
    at = envelope.created_at
    for answer in answers:
        writer.begin("271")
        writer.add("BHT", "0022", "11", answer.reference, day(answer.produced_on or at), f"{at:%H%M}")
        _Levels(writer.add).add_answer(answer)
        writer.end()
    return refuse_faults(writer.finish(), GUIDE_271, "a 271")


class _Levels:
    """Writes the levels of one transaction set and numbers them."""

    def __init__(self, add: AddSegment) -> None:
        """Begin at level 1."""
        self.add = add
        self.level = 0

    def add_answer(self, answer: EligibilityAnswer) -> None:
        """Write payer, receiver, subscriber and dependent, as far as each is told of."""
        below = [answer.receiver, answer.subscriber, answer.dependent]
        for place, (code, who, where) in enumerate(
            (("20", answer.payer, Where.PAYER), ("21", answer.receiver, Where.RECEIVER))
        ):
            if who is None:
                return
            self._add_level(code, has_child=below[place] is not None)
            _add_identity(self.add, who)
            _add_rejections(self.add, _of(answer.rejections, where))
        for code, member, has_child, where in (
            ("22", answer.subscriber, answer.dependent is not None, Where.SUBSCRIBER),
            ("23", answer.dependent, False, Where.DEPENDENT),
        ):
            if member is not None:
                self._add_level(code, has_child=has_child)
                is_patient = member is answer.patient
                if is_patient:
                    _add_traces(self.add, answer.traces)
                self._add_member(member, _of(answer.rejections, where))
        for benefit in answer.benefits:
            _add_benefit(self.add, benefit)

    def _add_level(self, code: str, *, has_child: bool) -> None:
        above = str(self.level) if self.level else ""
        self.level += 1
        self.add("HL", str(self.level), above, code, "1" if has_child else "0")

    def _add_member(self, member: Member, rejections: Iterable[Rejection]) -> None:
        _add_identity(self.add, member.identity)
        _add_references(self.add, member.references)
        add_address(self.add, member.address)
        _add_rejections(self.add, rejections)
        if member.birth_date or member.sex:
            born = ("D8", day(member.birth_date)) if member.birth_date else ("", "")
            self.add("DMG", *born, member.sex or "")
        if member.relationship:
            self.add("INS", "Y" if member.relationship == "18" else "N", member.relationship)
        _add_dates(self.add, member.dates)


def _of(rejections: Iterable[Rejection], where: Where) -> list[Rejection]:
    return [one for one in rejections if one.where is where]


def _add_identity(add: AddSegment, who: Identity) -> None:
    add("NM1", who.role, *party(who.name, who.qualifier, who.identifier))


def _add_traces(add: AddSegment, traces: Iterable[Trace]) -> None:
    for one in traces:
        add("TRN", one.kind, one.number, one.originator)


def _add_rejections(add: AddSegment, rejections: Iterable[Rejection]) -> None:
    for one in rejections:
        add("AAA", "Y" if one.is_valid_request else "N", "", one.reason, one.follow_up)


def _add_references(add: AddSegment, references: Iterable[Reference]) -> None:
    for one in references:
        add("REF", one.qualifier, one.value, one.description)


def _add_dates(add: AddSegment, dates: Iterable[DatedPeriod]) -> None:
    for one in dates:
        if one.first and one.last:
            add("DTP", one.qualifier, *_span(one.first, one.last))


def _span(first: date, last: date) -> tuple[str, str]:
    return ("D8", day(first)) if first == last else ("RD8", f"{day(first)}-{day(last)}")


def _add_benefit(add: AddSegment, row: Benefit) -> None:
    add(
        "EB", row.information, row.level, Repeated(row.service_types), row.insurance_type, row.plan, row.period,
        "" if row.cents is None else amount(row.cents), _number(row.share), row.quantity_qualifier,
        _number(row.quantity), row.authorisation, row.in_network, row.procedure, row.diagnosis_pointers,
    )  # fmt: skip
    for one in row.deliveries:
        _add_delivery(add, one)
    _add_references(add, row.references)
    _add_dates(add, row.dates)
    _add_rejections(add, row.rejections)
    for message in row.messages:
        add("MSG", message)
    for each in row.conditions:
        add("III", each.qualifier, each.code, each.category, each.text)
    if row.entities:
        add("LS", "2120")
        for entity in row.entities:
            _add_entity(add, entity)
        add("LE", "2120")


def _add_delivery(add: AddSegment, one: Delivery) -> None:
    add(
        "HSD", one.quantity_qualifier, _number(one.quantity), one.unit, one.every, one.period, one.periods,
        one.frequency, one.time_of_day,
    )  # fmt: skip


def _add_entity(add: AddSegment, entity: RelatedEntity) -> None:
    _add_identity(add, entity.identity)
    add_address(add, entity.address)
    for contact in entity.contacts:
        _add_contact(add, contact)
    if entity.taxonomy:
        add("PRV", "PE", "PXC", entity.taxonomy)


def _add_contact(add: AddSegment, contact: Communication) -> None:
    add("PER", "IC", contact.name, *(part for way in contact.ways for part in way))


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"
