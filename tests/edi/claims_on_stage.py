"""Synthetic people and claims that the tests of this room share. Nobody here exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from billing.edi.claim_837p.claim import (
    Address,
    Adjustment,
    AdjustmentGroup,
    BillingProvider,
    ClaimBatch,
    Contact,
    Frequency,
    LineAdjudication,
    Organisation,
    OtherPayer,
    OtherSubscriber,
    Patient,
    Payer,
    Person,
    ProfessionalClaim,
    Provider,
    Receiver,
    RelatedCause,
    Relationship,
    Responsibility,
    ServiceFacility,
    ServiceLine,
    Sex,
    Submitter,
    Subscriber,
    TaxIdKind,
)
from billing.edi.envelope_writer import Envelope, Usage

CLINIC = BillingProvider(
    name=Organisation("WILLOW BARK ACUPUNCTURE"),
    npi="1234567893",
    tax_id="930000001",
    tax_id_kind=TaxIdKind.EMPLOYER,
    address=Address("14 ALDER STREET", "ASHLAND", "OR", "975201234", "SUITE 2"),
    contact=Contact("CLEO BANKS", "5415550100"),
    taxonomy="171100000X",
)
SOLO = BillingProvider(
    name=Person("THORNE", "BEN", "Q"),
    npi="1679576722",
    tax_id="900000002",
    tax_id_kind=TaxIdKind.SOCIAL_SECURITY,
    address=Address("9 BIRCH LANE", "TALENT", "OR", "975409876"),
)
SUBMITTER = Submitter(Organisation("WILLOW BARK ACUPUNCTURE"), "WB0001", Contact("CLEO BANKS", "5415550100"))
RECEIVER = Receiver("PINE CLEARINGHOUSE", "PINE99")
INSURER = Payer("CEDAR HEALTH PLAN", "CEDAR1", Address("1 PLAZA WAY", "PORTLAND", "OR", "97201"))
OTHER_INSURER = Payer("MAPLE MUTUAL", "MAPLE2")
HOME = Address("7 FERN COURT", "MEDFORD", "OR", "97501")
BEN = Provider(Person("THORNE", "BEN", "Q", "JR"), "1679576722", "171100000X")

ADULT = Subscriber(
    name=Person("FINCH", "ROSA", "M"),
    member_id="CH100200300",
    filing_indicator="CI",
    group_number="G-4411",
    address=HOME,
    birth_date=date(1979, 4, 2),
    sex=Sex.FEMALE,
)
PARENT = Subscriber(name=Person("FINCH", "ODIN"), member_id="CH900800700", filing_indicator="BL")
DAUGHTER = Patient(Person("FINCH", "IVY"), Relationship.CHILD, date(2011, 12, 31), Sex.FEMALE, HOME)
SON = Patient(Person("FINCH", "LARK"), Relationship.CHILD, date(2013, 2, 28), Sex.MALE, HOME)
HUSBAND = Patient(Person("FINCH", "EMIL"), Relationship.SPOUSE, date(1975, 7, 9), Sex.MALE, HOME)

FIRST_SET = ServiceLine("97810", 8500, 1, date(2026, 3, 2), (1, 2), control_number="L1")
NEXT_SET = ServiceLine("97811", 6050, 1, date(2026, 3, 2), (1,), control_number="L2")

BACK_PAIN = ProfessionalClaim(
    control_number="WB-1001",
    billing_provider=CLINIC,
    subscriber=ADULT,
    payer=INSURER,
    total_cents=14550,
    place_of_service="11",
    diagnoses=("M5450", "M62830"),
    lines=(FIRST_SET, NEXT_SET),
    rendering=BEN,
)


def _decided(line: ServiceLine, paid_cents: int, *adjustments: Adjustment) -> ServiceLine:
    decision = LineAdjudication(
        OTHER_INSURER.identifier, paid_cents, line.procedure, line.units, date(2026, 3, 20), (), adjustments
    )
    return replace(line, adjudications=(decision,))


ANOTHER_COVERAGE = OtherPayer(
    payer=OTHER_INSURER,
    subscriber=OtherSubscriber(Person("FINCH", "EMIL"), "MM55", HOME),
    responsibility=Responsibility.SECONDARY,
    relationship=Relationship.SPOUSE,
    filing_indicator="CI",
    group_number="77",
)
PAID_BY_PRIMARY = replace(
    ANOTHER_COVERAGE, responsibility=Responsibility.PRIMARY, paid_cents=9000, payer_claim_number="MAPLE-88"
)

_VARIANTS: dict[str, ProfessionalClaim] = {
    "a_weekly_back_pain_claim": BACK_PAIN,
    "a_child_of_the_subscriber": replace(BACK_PAIN, subscriber=PARENT, patient=DAUGHTER),
    "a_spouse_with_the_subscribers_details": replace(BACK_PAIN, patient=HUSBAND),
    "billed_by_a_person_under_a_social_security_number": replace(BACK_PAIN, billing_provider=SOLO, rendering=None),
    "a_replacement": replace(BACK_PAIN, frequency=Frequency.REPLACEMENT, original_reference="CEDAR-2026-17"),
    "a_void": replace(BACK_PAIN, frequency=Frequency.VOID, original_reference="CEDAR-2026-17"),
    "a_secondary_claim_with_the_primarys_payment": replace(
        BACK_PAIN,
        subscriber=replace(ADULT, responsibility=Responsibility.SECONDARY),
        lines=(
            _decided(
                FIRST_SET,
                6000,
                Adjustment(AdjustmentGroup.CONTRACTUAL, "45", 1500),
                Adjustment(AdjustmentGroup.PATIENT, "1", 700, 1),
                Adjustment(AdjustmentGroup.PATIENT, "3", 300),
            ),
            _decided(NEXT_SET, 3000, Adjustment(AdjustmentGroup.CONTRACTUAL, "45", 3050)),
        ),
        other_payers=(PAID_BY_PRIMARY,),
    ),
    "a_secondary_claim_decided_as_a_whole": replace(
        BACK_PAIN,
        subscriber=replace(ADULT, responsibility=Responsibility.SECONDARY, medicare_secondary_reason="12"),
        other_payers=(
            replace(
                PAID_BY_PRIMARY,
                paid_cents=0,
                adjudicated_on=date(2026, 3, 21),
                adjustments=tuple(
                    Adjustment(AdjustmentGroup.PATIENT, str(reason), cents)
                    for reason, cents in zip((1, 2, 3, 45, 96, 97, 119), (*[1000] * 6, 8550), strict=True)
                ),
            ),
        ),
    ),
    "other_coverage_that_has_not_paid": replace(BACK_PAIN, other_payers=(ANOTHER_COVERAGE,)),
    "a_service_facility": replace(
        BACK_PAIN,
        place_of_service="12",
        facility=ServiceFacility("HEMLOCK HOUSE", Address("3 LAKE ROAD", "PHOENIX", "OR", "975351111"), "1245319599"),
    ),
    "an_auto_accident": replace(
        BACK_PAIN,
        subscriber=replace(ADULT, filing_indicator="AM"),
        related_causes=(RelatedCause.AUTO_ACCIDENT,),
        accident_state="OR",
        accident_on=date(2026, 2, 14),
        property_casualty_number="AUTO-5",
    ),
    "a_work_accident_of_an_employee": replace(
        BACK_PAIN,
        subscriber=Subscriber(Organisation("SPRUCE MILLS"), "SM-1", "WC"),
        patient=replace(HUSBAND, relationship=Relationship.EMPLOYEE),
        related_causes=(RelatedCause.EMPLOYMENT, RelatedCause.OTHER_ACCIDENT),
        accident_on=date(2026, 1, 5),
        property_casualty_number="WC-2026-3",
    ),
    "with_authorisation_referral_and_all_dates": replace(
        BACK_PAIN,
        prior_authorisation="AUTH77",
        referral_number="REF12",
        onset_on=date(2026, 1, 2),
        initial_treatment_on=date(2026, 1, 9),
        last_seen_on=date(2026, 2, 1),
        acute_manifestation_on=date(2026, 1, 3),
        last_menstrual_period_on=date(2025, 12, 20),
        patient_paid_cents=2005,
        note="PATIENT ASKED FOR A COPY",
    ),
    "referred_and_supervised": replace(
        BACK_PAIN,
        referring=Provider(Person("VALE", "NORA"), "1003000126"),
        supervising=Provider(Person("STONE", "AMOS"), "1992999825"),
    ),
    "twelve_diagnoses": replace(
        BACK_PAIN,
        diagnoses=(
            *("M5450", "M62830", "M542", "M546", "M25511", "M25512"),
            *("M25561", "M25562", "M797", "G43909", "R519", "K5900"),
        ),
        lines=(replace(FIRST_SET, pointers=(12, 1, 7, 3)), NEXT_SET),
    ),
    "fifty_lines": replace(
        BACK_PAIN,
        total_cents=50 * 8500,
        lines=tuple(replace(FIRST_SET, control_number=f"L{number}") for number in range(1, 51)),
    ),
    "lines_with_everything": replace(
        BACK_PAIN,
        lines=(
            replace(
                FIRST_SET,
                modifiers=("25", "GP", "KX", "59"),
                description="NEEDLES WITHOUT CURRENT",
                place_of_service="12",
                service_through=date(2026, 3, 4),
                note="KEPT FIFTEEN MINUTES",
                rendering=replace(BEN, npi="1245319599"),
            ),
            NEXT_SET,
        ),
    ),
}

VARIANTS = {
    name: replace(claim, control_number=f"WB-{number}") for number, (name, claim) in enumerate(_VARIANTS.items(), 1001)
}
"""Every kind of claim we write, named in words."""


def batch_of(*claims: ProfessionalClaim) -> ClaimBatch:
    """The claims as one batch of Willow Bark Acupuncture."""
    return ClaimBatch(SUBMITTER, RECEIVER, "BATCH-7", claims)


ENVELOPE = Envelope(
    sender_id="WB0001",
    receiver_id="PINE99",
    interchange_number=42,
    group_number=42,
    created_at=datetime(2026, 3, 31, 17, 5, tzinfo=UTC),
    usage=Usage.TEST,
)
