"""What is inside a professional claim, read loop by loop (2300 to 2430)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from billing.edi.claim_837p.claim import (
    Adjustment,
    AdjustmentGroup,
    Assignment,
    BenefitsAssigned,
    BillingProvider,
    Frequency,
    LineAdjudication,
    OtherPayer,
    OtherSubscriber,
    Patient,
    Payer,
    ProfessionalClaim,
    Provider,
    RelatedCause,
    Relationship,
    ReleaseOfInformation,
    Responsibility,
    ServiceFacility,
    ServiceLine,
    Subscriber,
)
from billing.edi.element_values import Unreadable, cents, code, day, day_or_none, whole_number
from billing.edi.findings import Finding
from billing.edi.loops import Node
from billing.edi.parties import NOWHERE, Organisation
from billing.edi.party_segments import read_party, take_address
from billing.edi.segments import Segment
from billing.errors import Severity


@dataclass(frozen=True, slots=True)
class Level:
    """What stands above a claim: who bills, who is insured by whom, who is treated."""

    billing_provider: BillingProvider
    subscriber: Subscriber
    payer: Payer
    patient: Patient | None
    property_casualty_number: str


def read_claim(node: Node, level: Level, findings: list[Finding]) -> ProfessionalClaim:
    """The claim in a 2300 loop. Raises :class:`~billing.edi.element_values.Unreadable`."""
    claim = node.segments.pop(0)
    paid, note = node.take("AMT", "F5"), node.take("NTE")
    return ProfessionalClaim(
        control_number=claim.element(1),
        billing_provider=level.billing_provider,
        subscriber=level.subscriber,
        payer=level.payer,
        total_cents=cents(claim, 2),
        place_of_service=claim.component(5, 1),
        diagnoses=_diagnoses(node),
        lines=tuple(_line(line, findings) for line in node.children("2400")),
        patient=level.patient,
        frequency=code(Frequency, claim.component(5, 3), Frequency.ORIGINAL, claim, findings),
        original_reference=_reference(node, "F8"),
        provider_signature_on_file=claim.element(6) == "Y",
        assignment=code(Assignment, claim.element(7), Assignment.NOT_ASSIGNED, claim, findings),
        benefits_assigned=code(BenefitsAssigned, claim.element(8), BenefitsAssigned.NO, claim, findings),
        release_of_information=_release(claim, 9, findings),
        related_causes=_related_causes(claim, findings),
        accident_state=claim.component(11, 4),
        accident_on=_date(node, "439"),
        onset_on=_date(node, "431"),
        initial_treatment_on=_date(node, "454"),
        last_seen_on=_date(node, "304"),
        acute_manifestation_on=_date(node, "453"),
        last_menstrual_period_on=_date(node, "484"),
        prior_authorisation=_reference(node, "G1"),
        referral_number=_reference(node, "9F"),
        property_casualty_number=level.property_casualty_number,
        patient_paid_cents=cents(paid, 2) if paid else 0,
        note=note.element(2) if note else "",
        referring=_provider(node.child("2310A")),
        rendering=_provider(node.child("2310B")),
        supervising=_provider(node.child("2310D")),
        facility=_facility(node.child("2310C")),
        other_payers=tuple(_other_payer(other, findings) for other in node.children("2320")),
    )


def _reference(node: Node, qualifier: str) -> str:
    segment = node.take("REF", qualifier)
    return segment.element(2) if segment else ""


def _date(node: Node, qualifier: str) -> date | None:
    return day_or_none(node.take("DTP", qualifier), 3)


def _diagnoses(node: Node) -> tuple[str, ...]:
    segment = node.take("HI", "ABK") or node.take("HI", "BK")
    if segment is None:
        return ()
    codes = (segment.component(number, 2) for number in range(1, len(segment.parts)))
    return tuple(found for found in codes if found)


def _related_causes(claim: Segment, findings: list[Finding]) -> tuple[RelatedCause, ...]:
    causes = [cause for cause in claim.components(11)[:3] if cause]
    return tuple(code(RelatedCause, cause, RelatedCause.OTHER_ACCIDENT, claim, findings) for cause in causes)


def _release(segment: Segment, number: int, findings: list[Finding]) -> ReleaseOfInformation:
    return code(ReleaseOfInformation, segment.element(number), ReleaseOfInformation.INFORMED_CONSENT, segment, findings)


def _provider(node: Node | None) -> Provider | None:
    if node is None:
        return None
    name, specialty = node.segments.pop(0), node.take("PRV")
    return Provider(read_party(name), name.element(9), specialty.element(3) if specialty else "")


def _facility(node: Node | None) -> ServiceFacility | None:
    if node is None:
        return None
    name = node.segments.pop(0)
    return ServiceFacility(name.element(3), take_address(node) or NOWHERE, name.element(9))


def _other_payer(node: Node, findings: list[Finding]) -> OtherPayer:
    policy, paid = node.segments.pop(0), node.take("AMT", "D")
    adjustments = _adjustments(node, findings)
    consent = node.take("OI") or policy._replace(parts=["OI", "", "", "N", "", "", "I"])
    subscriber, payer = _other_subscriber(node.child("2330A")), node.child("2330B")
    return OtherPayer(
        payer=_payer(payer),
        subscriber=subscriber,
        responsibility=code(Responsibility, policy.element(1), Responsibility.UNKNOWN, policy, findings),
        relationship=code(Relationship, policy.element(2), Relationship.OTHER, policy, findings),
        filing_indicator=policy.element(9),
        group_number=policy.element(3),
        plan_name=policy.element(4),
        medicare_secondary_reason=policy.element(5),
        benefits_assigned=code(BenefitsAssigned, consent.element(3), BenefitsAssigned.NO, consent, findings),
        release_of_information=_release(consent, 6, findings),
        paid_cents=cents(paid, 2) if paid else None,
        adjustments=adjustments,
        adjudicated_on=day_or_none(payer.take("DTP", "573"), 3) if payer else None,
        payer_claim_number=_reference(payer, "F8") if payer else "",
    )


def _other_subscriber(node: Node | None) -> OtherSubscriber:
    if node is None:
        return OtherSubscriber(Organisation(""), "")
    name = node.segments.pop(0)
    return OtherSubscriber(read_party(name), name.element(9), take_address(node))


def _payer(node: Node | None) -> Payer:
    return read_payer(node) if node else Payer("", "")


def read_payer(node: Node) -> Payer:
    """The payer of a 2010BB or 2330B loop."""
    name = node.segments.pop(0)
    return Payer(name.element(3), name.element(9), take_address(node))


def _line(node: Node, findings: list[Finding]) -> ServiceLine:
    node.segments.pop(0)
    service, when = node.take("SV1"), node.take("DTP", "472")
    if service is None or when is None:
        raise Unreadable("LX", node.position, "A service line has no service or no date.")
    if service.component(1, 1) != "HC" or service.element(3) != "UN":
        why = "SV1 counts other things than units of HCPCS codes; it was read as if it did not."
        findings.append(Finding("line.not_units", Severity.WARN, why, service.position, "SV1"))
    first, _, last = when.element(3).partition("-")
    note = node.take("NTE")
    return ServiceLine(
        procedure=service.component(1, 2),
        charge_cents=cents(service, 2),
        units=whole_number(service, 4, findings),
        service_on=day(when._replace(parts=["DTP", "", "", first]), 3),
        pointers=tuple(int(pointer) for pointer in service.components(7) if _is_pointer(pointer)),
        modifiers=_modifiers(service, 1),
        service_through=day_or_none(when._replace(parts=["DTP", "", "", last]), 3),
        description=service.component(1, 7),
        place_of_service=service.element(5),
        control_number=_reference(node, "6R"),
        note=note.element(2) if note else "",
        rendering=_provider(node.child("2420A")),
        adjudications=tuple(_adjudication(decision, findings) for decision in node.children("2430")),
    )


def _is_pointer(text: str) -> bool:
    return text.isdecimal() and len(text) <= 2


def _modifiers(segment: Segment, number: int) -> tuple[str, ...]:
    return tuple(modifier for modifier in segment.components(number)[2:6] if modifier)


def _adjudication(node: Node, findings: list[Finding]) -> LineAdjudication:
    decision, when, remaining = node.segments.pop(0), node.take("DTP", "573"), node.take("AMT", "EAF")
    if when is None:
        raise Unreadable("SVD", decision.position, "Another payer's decision has no date.")
    return LineAdjudication(
        payer_identifier=decision.element(1),
        paid_cents=cents(decision, 2),
        procedure=decision.component(3, 2),
        units=whole_number(decision, 5, findings),
        adjudicated_on=day(when, 3),
        modifiers=_modifiers(decision, 3),
        adjustments=_adjustments(node, findings),
        remaining_cents=cents(remaining, 2) if remaining else None,
    )


def _adjustments(node: Node, findings: list[Finding]) -> tuple[Adjustment, ...]:
    return tuple(adjustment for segment in node.take_all("CAS") for adjustment in read_adjustments(segment, findings))


def read_adjustments(segment: Segment, findings: list[Finding]) -> Iterator[Adjustment]:
    """The up to six adjustments of one CAS. Raises :class:`~billing.edi.element_values.Unreadable`."""
    group = code(AdjustmentGroup, segment.element(1), AdjustmentGroup.OTHER, segment, findings)
    for place in range(2, len(segment.parts), 3):
        if segment.element(place):
            quantity = whole_number(segment, place + 2, findings) if segment.element(place + 2) else None
            yield Adjustment(group, segment.element(place), cents(segment, place + 1), quantity)
