"""Invented claims on paper, one of them with every box filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from billing.pdf.cms1500.form import (
    Cms1500,
    FormAddress,
    FormProvider,
    InsuranceType,
    Relationship,
    ServiceLine,
    Sex,
    TaxIdKind,
)


def make_line(**changes: Any) -> ServiceLine:
    line = ServiceLine(
        from_date=date(2026, 11, 3), code="97813", charge=9550, pointers="AB", rendering_npi="1234567893"
    )
    return replace(line, **changes)


def make_form(**changes: Any) -> Cms1500:
    form = Cms1500(
        insured_id="W123456789",
        patient_name="NUNEZ, ZOE, Q",
        lines=(make_line(),),
        diagnoses=("M54.50", "G43.909"),
        insurance_type=InsuranceType.GROUP,
        tax_id="84-1234567",
    )
    return replace(form, **changes)


def make_full_form() -> Cms1500:
    """Every box has a text of its own."""
    return Cms1500(
        insured_id="W12-345 6789",
        patient_name="Nunez-Lukasz Jr., Zoe, Q.",
        lines=tuple(_full_line(number) for number in range(6)),
        diagnoses=(
            "M54.50",
            "G43.909",
            "M25.511",
            "R51.9",
            "M79.7",
            "M54.2",
            "M62.830",
            "G44.209",
            "M75.41",
            "M17.11",
            "K59.00",
            "F41.1",
        ),
        insurance_type=InsuranceType.GROUP,
        carrier=("Front Range Health Plan", "Attn Claims", "PO Box 1182", "Denver CO 80201"),
        patient_birth_date=date(1984, 2, 9),
        patient_sex=Sex.FEMALE,
        insured_name="Lukasz, Adam, P",
        patient_address=FormAddress("88 Canyon Blvd., #4", "Boulder", "CO", "80302-1234", "(303) 555-0177"),
        relationship=Relationship.SPOUSE,
        insured_address=FormAddress("90 Pearl St", "Longmont", "WY", "80501", "+1 720 555 0188"),
        other_insured_name="Lukasz, Eve",
        other_insured_policy="POL-99",
        other_insured_plan="Second Plan",
        employment_related=False,
        auto_accident=True,
        auto_accident_state="CO",
        other_accident=False,
        claim_codes=("AB", "W2"),
        insured_group="GRP-5512",
        insured_birth_date=date(1980, 12, 31),
        insured_sex=Sex.MALE,
        other_claim_id_qualifier="Y4",
        other_claim_id="PC-2026-11",
        insured_plan="FRHP PPO 500",
        another_plan=True,
        patient_signature="Signature on file",
        patient_signed_on=date(2026, 11, 1),
        insured_signature="SOF",
        illness_date=date(2026, 9, 1),
        other_date=date(2026, 9, 5),
        other_date_qualifier="454",
        unable_to_work_from=date(2026, 9, 2),
        unable_to_work_to=date(2026, 9, 12),
        referring_qualifier="DN",
        referring_name="Irene B. Papadopoulos MD",
        referring_other_id_qualifier="G2",
        referring_other_id="ABC1234567",
        referring_npi="1457389201",
        hospital_from=date(2026, 8, 30),
        hospital_to=date(2026, 9, 4),
        additional_information="Additional claim information",
        outside_lab=False,
        outside_lab_charges=12500,
        resubmission_code="7",
        original_reference="2026110300123",
        prior_authorization="AUTH778812",
        tax_id="84-1234567",
        tax_id_kind=TaxIdKind.EIN,
        account_number="C2026-000142",
        accept_assignment=True,
        amount_paid=15000,
        provider_signature="Ben Alvarez LAc",
        provider_signed_on=date(2026, 11, 21),
        facility=FormProvider(
            "Jade River North", FormAddress("7 Mesa Rd.", "Lyons", "CO", "805400123"), "1992837465", "G2998812"
        ),
        billing_provider=FormProvider(
            "Jade River Acupuncture LLC",
            FormAddress("1420 Pearl St, Ste 3", "Boulder", "CO", "80302", "303-555-0142"),
            "1881837466",
            "ZZ171100000X",
        ),
    )


def _full_line(number: int) -> ServiceLine:
    return ServiceLine(
        from_date=date(2026, 11, 3 + number),
        to_date=date(2026, 12, 4 + number),
        code=f"9781{number}",
        charge=9500 + 100 * number + number,
        pointers="ABCL"[: number % 4 + 1],
        units=10 + number,
        modifiers=("GP", "59", "KX", "25"),
        place_of_service=f"1{number}",
        emergency=True,
        epsdt=f"S{number}",
        supplemental=f"N4 supplemental {number}",
        other_id_qualifier="ZZ",
        rendering_other_id=f"17110000{number}X",
        rendering_npi=f"123456789{number}",
    )
