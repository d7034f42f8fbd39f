"""What is inside a professional claim, loop by loop, in the order of the guide (2300 to 2430)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from billing.edi.claim_837p.claim import (
    Adjustment,
    AdjustmentGroup,
    LineAdjudication,
    OtherPayer,
    Payer,
    ProfessionalClaim,
    Provider,
    ServiceFacility,
    ServiceLine,
)
from billing.edi.party_segments import add_address, party
from billing.edi.segment_writer import AddSegment, amount, day

ADJUSTMENTS_PER_SEGMENT = 6


def add_payer(add: AddSegment, payer: Payer) -> None:
    """NM1*PR with the payer's address, of 2010BB or 2330B."""
    add("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.identifier)
    add_address(add, payer.address)


def add_claim(add: AddSegment, claim: ProfessionalClaim) -> None:
    """2300 with everything below it."""
    add(
        "CLM",
        claim.control_number,
        amount(claim.total_cents),
        "",
        "",
        (claim.place_of_service, "B", claim.frequency),
        "Y" if claim.provider_signature_on_file else "N",
        claim.assignment,
        claim.benefits_assigned,
        claim.release_of_information,
        "",
        _related_causes(claim),
    )
    _add_dates(add, claim)
    if claim.patient_paid_cents:
        add("AMT", "F5", amount(claim.patient_paid_cents))
    _add_references(add, claim)
    if claim.note:
        add("NTE", "ADD", claim.note)
    if claim.diagnoses:
        principal, *others = claim.diagnoses
        add("HI", ("ABK", principal), *[("ABF", code) for code in others])
    _add_providers(add, claim)
    for other in claim.other_payers:
        _add_other_payer(add, other)
    for number, line in enumerate(claim.lines, start=1):
        _add_line(add, number, line)


def _add_dates(add: AddSegment, claim: ProfessionalClaim) -> None:
    dates = (
        ("431", claim.onset_on),
        ("454", claim.initial_treatment_on),
        ("304", claim.last_seen_on),
        ("453", claim.acute_manifestation_on),
        ("439", claim.accident_on),
        ("484", claim.last_menstrual_period_on),
    )
    for qualifier, when in dates:
        if when:
            add("DTP", qualifier, "D8", day(when))


def _add_references(add: AddSegment, claim: ProfessionalClaim) -> None:
    numbers = (
        ("9F", claim.referral_number),
        ("G1", claim.prior_authorisation),
        ("F8", claim.original_reference),
    )
    for qualifier, number in numbers:
        if number:
            add("REF", qualifier, number)


def _related_causes(claim: ProfessionalClaim) -> tuple[str, ...]:
    """CLM11: up to two causes, and the state of an auto accident."""
    first, second, *_ = (*claim.related_causes, "", "")
    return (first, second, "", claim.accident_state)


def _add_providers(add: AddSegment, claim: ProfessionalClaim) -> None:
    """2310A to 2310D."""
    if claim.referring:
        add("NM1", "DN", *party(claim.referring.name, "XX", claim.referring.npi))
    if claim.rendering:
        _add_rendering(add, claim.rendering)
    if claim.facility:
        _add_facility(add, claim.facility)
    if claim.supervising:
        add("NM1", "DQ", *party(claim.supervising.name, "XX", claim.supervising.npi))


def _add_rendering(add: AddSegment, provider: Provider) -> None:
    """2310B or 2420A."""
    add("NM1", "82", *party(provider.name, "XX", provider.npi))
    if provider.taxonomy:
        add("PRV", "PE", "PXC", provider.taxonomy)


def _add_facility(add: AddSegment, facility: ServiceFacility) -> None:
    """2310C."""
    identified = ("", "", "", "", "XX", facility.npi) if facility.npi else ()
    add("NM1", "77", "2", facility.name, *identified)
    add_address(add, facility.address)


def _add_other_payer(add: AddSegment, other: OtherPayer) -> None:
    """2320, 2330A and 2330B."""
    policy = (other.group_number, other.plan_name, other.medicare_secondary_reason)
    add("SBR", other.responsibility, other.relationship, *policy, "", "", "", other.filing_indicator)
    _add_adjustments(add, other.adjustments)
    if other.paid_cents is not None:
        add("AMT", "D", amount(other.paid_cents))
    add("OI", "", "", other.benefits_assigned, "", "", other.release_of_information)
    add("NM1", "IL", *party(other.subscriber.name, "MI", other.subscriber.member_id))
    add_address(add, other.subscriber.address)
    add_payer(add, other.payer)
    if other.adjudicated_on:
        add("DTP", "573", "D8", day(other.adjudicated_on))
    if other.payer_claim_number:
        add("REF", "F8", other.payer_claim_number)


def _add_line(add: AddSegment, number: int, line: ServiceLine) -> None:
    """2400, 2420A and 2430."""
    add("LX", str(number))
    add(
        "SV1",
        _procedure(line.procedure, line.modifiers, line.description),
        amount(line.charge_cents),
        "UN",
        str(line.units),
        line.place_of_service,
        "",
        tuple(map(str, line.pointers)),
    )
    if line.service_through:
        add("DTP", "472", "RD8", f"{day(line.service_on)}-{day(line.service_through)}")
    else:
        add("DTP", "472", "D8", day(line.service_on))
    if line.control_number:
        add("REF", "6R", line.control_number)
    if line.note:
        add("NTE", "ADD", line.note)
    if line.rendering:
        _add_rendering(add, line.rendering)
    for adjudication in line.adjudications:
        _add_adjudication(add, adjudication)


def _procedure(code: str, modifiers: tuple[str, ...], description: str = "") -> tuple[str, ...]:
    """The composite of SV101 and SVD03: qualifier, code, four places for modifiers, description."""
    if not description:
        return ("HC", code, *modifiers)
    return ("HC", code, *modifiers, *[""] * (4 - len(modifiers)), description)


def _add_adjudication(add: AddSegment, adjudication: LineAdjudication) -> None:
    """2430."""
    procedure = _procedure(adjudication.procedure, adjudication.modifiers)
    paid = amount(adjudication.paid_cents)
    add("SVD", adjudication.payer_identifier, paid, procedure, "", str(adjudication.units))
    _add_adjustments(add, adjudication.adjustments)
    add("DTP", "573", "D8", day(adjudication.adjudicated_on))
    if adjudication.remaining_cents is not None:
        add("AMT", "EAF", amount(adjudication.remaining_cents))


def _add_adjustments(add: AddSegment, adjustments: Iterable[Adjustment]) -> None:
    """CAS: all of one group together, in the order the groups come, six to a segment."""
    groups: dict[AdjustmentGroup, list[Adjustment]] = {}
    for adjustment in adjustments:
        groups.setdefault(adjustment.group, []).append(adjustment)
    for group, same in groups.items():
        for start in range(0, len(same), ADJUSTMENTS_PER_SEGMENT):
            add("CAS", group, *_triples(same[start : start + ADJUSTMENTS_PER_SEGMENT]))


def _triples(adjustments: Sequence[Adjustment]) -> Iterable[str]:
    for adjustment in adjustments:
        yield adjustment.reason
        yield amount(adjustment.cents)
        yield "" if adjustment.quantity is None else str(adjustment.quantity)
