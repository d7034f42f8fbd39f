"""Every box of the CMS-1500 with its place and its text: the table that printing and its tests read.

Positions follow the print file specification of the federal form and the layout of version 02/12. Dates outside the
birth dates have two-digit years, because 24A has no room for more and the form does not mix lengths. Boxes 8, 9b,
9c and 30 are reserved and stay blank.
"""

from __future__ import annotations

from collections.abc import Callable

from billing.pdf.cms1500.fields import (
    Box,
    FormPage,
    address_fields,
    city_line,
    clean_name,
    clean_street,
    compact,
    date_fields,
    digits_of_phone,
    mark,
    money_fields,
    text_field,
    yes_no,
)
from billing.pdf.cms1500.form import InsuranceType, Relationship, ServiceLine, Sex, TaxIdKind

LINES_A_PAGE = 6
"""Service lines that one sheet holds."""


def _carrier(number: int) -> Box:
    return text_field(
        f"carrier {number + 1}", 2 + number, 41, 31, lambda form: "".join(form.carrier[number : number + 1])
    )


def _insurance_type(column: int, kind: InsuranceType) -> Box:
    return mark(f"1 {kind.value.lower()}", 8, column, lambda form: form.insurance_type is kind)


def _relationship(column: int, kind: Relationship) -> Box:
    return mark(f"6 {kind.value.lower()}", 12, column, lambda form: form.relationship is kind)


def _diagnosis(number: int) -> Box:
    row, place = divmod(number, 4)
    return text_field(
        f"21 {chr(ord('A') + number)}",
        38 + row,
        3 + 13 * place,
        7,
        lambda form: compact("".join(form.diagnoses[number : number + 1])),
    )


CLAIM_BOXES: tuple[Box, ...] = (
    *map(_carrier, range(4)),
    _insurance_type(1, InsuranceType.MEDICARE),
    _insurance_type(8, InsuranceType.MEDICAID),
    _insurance_type(15, InsuranceType.TRICARE),
    _insurance_type(24, InsuranceType.CHAMPVA),
    _insurance_type(31, InsuranceType.GROUP),
    _insurance_type(39, InsuranceType.FECA),
    _insurance_type(45, InsuranceType.OTHER),
    text_field("1a", 8, 50, 29, lambda form: compact(form.insured_id)),
    text_field("2", 10, 1, 29, lambda form: clean_name(form.patient_name)),
    *date_fields("3", 10, (31, 34, 37), lambda form: form.patient_birth_date, year="%Y"),
    mark("3 male", 10, 42, lambda form: form.patient_sex is Sex.MALE),
    mark("3 female", 10, 47, lambda form: form.patient_sex is Sex.FEMALE),
    text_field("4", 10, 50, 29, lambda form: clean_name(form.insured_name)),
    *address_fields("5", 1, 26, 15, lambda form: form.patient_address),
    _relationship(33, Relationship.SELF),
    _relationship(38, Relationship.SPOUSE),
    _relationship(42, Relationship.CHILD),
    _relationship(47, Relationship.OTHER),
    *address_fields("7", 50, 74, 65, lambda form: form.insured_address),
    text_field("9", 18, 1, 29, lambda form: clean_name(form.other_insured_name)),
    text_field("9a", 20, 1, 29, lambda form: form.other_insured_policy),
    text_field("9d", 26, 1, 29, lambda form: form.other_insured_plan),
    *yes_no("10a", 20, 35, 41, lambda form: form.employment_related),
    *yes_no("10b", 22, 35, 41, lambda form: form.auto_accident),
    text_field("10b state", 22, 46, 2, lambda form: form.auto_accident_state),
    *yes_no("10c", 24, 35, 41, lambda form: form.other_accident),
    text_field("10d", 26, 31, 18, lambda form: "   ".join(form.claim_codes)),
    text_field("11", 18, 50, 29, lambda form: form.insured_group),
    *date_fields("11a", 20, (54, 57, 60), lambda form: form.insured_birth_date, year="%Y"),
    mark("11a male", 20, 68, lambda form: form.insured_sex is Sex.MALE),
    mark("11a female", 20, 75, lambda form: form.insured_sex is Sex.FEMALE),
    text_field("11b qualifier", 22, 50, 2, lambda form: form.other_claim_id_qualifier),
    text_field("11b", 22, 53, 26, lambda form: form.other_claim_id),
    text_field("11c", 24, 50, 29, lambda form: form.insured_plan),
    *yes_no("11d", 26, 52, 57, lambda form: form.another_plan),
    text_field("12", 30, 7, 20, lambda form: form.patient_signature),
    *date_fields("12", 30, (38, 41, 44), lambda form: form.patient_signed_on),
    text_field("13", 30, 57, 17, lambda form: form.insured_signature),
    *date_fields("14", 32, (2, 5, 8), lambda form: form.illness_date),
    text_field("14 qualifier", 32, 16, 3, lambda form: form.illness_qualifier if form.illness_date else ""),
    text_field("15 qualifier", 32, 31, 3, lambda form: form.other_date_qualifier if form.other_date else ""),
    *date_fields("15", 32, (37, 40, 43), lambda form: form.other_date),
    *date_fields("16 from", 32, (54, 57, 60), lambda form: form.unable_to_work_from),
    *date_fields("16 to", 32, (68, 71, 74), lambda form: form.unable_to_work_to),
    text_field("17 qualifier", 34, 1, 2, lambda form: form.referring_qualifier if form.referring_name else ""),
    text_field("17", 34, 4, 24, lambda form: clean_name(form.referring_name)),
    text_field("17a qualifier", 33, 30, 2, lambda form: form.referring_other_id_qualifier),
    text_field("17a", 33, 33, 17, lambda form: form.referring_other_id),
    text_field("17b", 34, 33, 10, lambda form: form.referring_npi),
    *date_fields("18 from", 34, (54, 57, 60), lambda form: form.hospital_from),
    *date_fields("18 to", 34, (68, 71, 74), lambda form: form.hospital_to),
    text_field("19", 36, 1, 48, lambda form: form.additional_information),
    *yes_no("20", 36, 52, 57, lambda form: form.outside_lab),
    *money_fields("20", 36, (62, 6), 68, lambda page: page.form.outside_lab_charges),
    text_field("21 indicator", 37, 42, 1, lambda form: form.icd_indicator),
    *map(_diagnosis, range(12)),
    text_field("22 code", 38, 50, 10, lambda form: form.resubmission_code),
    text_field("22 reference", 38, 62, 15, lambda form: form.original_reference),
    text_field("23", 40, 50, 29, lambda form: form.prior_authorization),
    text_field("25", 56, 1, 15, lambda form: compact(form.tax_id)),
    mark("25 ssn", 56, 17, lambda form: bool(form.tax_id) and form.tax_id_kind is TaxIdKind.SSN),
    mark("25 ein", 56, 19, lambda form: bool(form.tax_id) and form.tax_id_kind is TaxIdKind.EIN),
    text_field("26", 56, 23, 14, lambda form: form.account_number),
    *yes_no("27", 56, 38, 43, lambda form: form.accept_assignment),
    *money_fields("28", 56, (51, 6), 58, lambda page: page.total),
    *money_fields("29", 56, (62, 5), 68, lambda page: page.paid),
    text_field("31", 60, 1, 21, lambda form: form.provider_signature),
    *date_fields("31", 61, (6, 9, 12), lambda form: form.provider_signed_on),
    text_field("32 name", 58, 24, 25, lambda form: clean_name(form.facility.name)),
    text_field("32 street", 59, 24, 25, lambda form: clean_street(form.facility.address.street)),
    text_field("32 city", 60, 24, 25, lambda form: city_line(form.facility.address)),
    text_field("32a", 61, 24, 10, lambda form: form.facility.npi),
    text_field("32b", 61, 37, 13, lambda form: form.facility.other_id),
    text_field("33 area code", 57, 67, 3, lambda form: digits_of_phone(form.billing_provider.address.phone)[:3]),
    text_field("33 phone", 57, 71, 7, lambda form: digits_of_phone(form.billing_provider.address.phone)[3:]),
    text_field("33 name", 58, 50, 29, lambda form: clean_name(form.billing_provider.name)),
    text_field("33 street", 59, 50, 29, lambda form: clean_street(form.billing_provider.address.street)),
    text_field("33 city", 60, 50, 29, lambda form: city_line(form.billing_provider.address)),
    text_field("33a", 61, 51, 10, lambda form: form.billing_provider.npi),
    text_field("33b", 61, 63, 16, lambda form: form.billing_provider.other_id),
)


def _service_boxes(row: int) -> tuple[Box, ...]:
    """Row ``row`` (from 0) of box 24: a shaded line for what supplements it, a white one for the service."""
    shaded, white = 43 + 2 * row, 44 + 2 * row

    def field(name: str, line: int, column: int, width: int, text: Callable[[ServiceLine], str]) -> Box:
        def typed(page: FormPage) -> str:
            return text(page.lines[row]) if row < len(page.lines) else ""

        return Box(f"{name} row {row + 1}", line, column, width, typed)

    def charge(page: FormPage) -> int | None:
        return page.lines[row].charge if row < len(page.lines) else None

    return (
        field("24 supplemental", shaded, 1, 61, lambda line: line.supplemental),
        field("24I", shaded, 65, 2, lambda line: line.other_id_qualifier),
        field("24J shaded", shaded, 68, 11, lambda line: line.rendering_other_id),
        field("24A from month", white, 1, 2, lambda line: line.from_date.strftime("%m")),
        field("24A from day", white, 4, 2, lambda line: line.from_date.strftime("%d")),
        field("24A from year", white, 7, 2, lambda line: line.from_date.strftime("%y")),
        field("24A to month", white, 10, 2, lambda line: line.last_date.strftime("%m")),
        field("24A to day", white, 13, 2, lambda line: line.last_date.strftime("%d")),
        field("24A to year", white, 16, 2, lambda line: line.last_date.strftime("%y")),
        field("24B", white, 19, 2, lambda line: line.place_of_service),
        field("24C", white, 22, 2, lambda line: "Y" if line.emergency else ""),
        field("24D code", white, 25, 6, lambda line: line.code),
        field("24D modifier 1", white, 33, 2, lambda line: "".join(line.modifiers[:1])),
        field("24D modifier 2", white, 36, 2, lambda line: "".join(line.modifiers[1:2])),
        field("24D modifier 3", white, 39, 2, lambda line: "".join(line.modifiers[2:3])),
        field("24D modifier 4", white, 42, 2, lambda line: "".join(line.modifiers[3:4])),
        field("24E", white, 45, 4, lambda line: line.pointers),
        *money_fields(f"24F row {row + 1}", white, (50, 6), 56, charge),
        field("24G", white, 59, 3, lambda line: str(line.units)),
        field("24H", white, 62, 2, lambda line: line.epsdt),
        field("24J", white, 68, 10, lambda line: line.rendering_npi),
    )


BOXES: tuple[Box, ...] = (*CLAIM_BOXES, *(box for row in range(LINES_A_PAGE) for box in _service_boxes(row)))
"""All boxes of one sheet."""
