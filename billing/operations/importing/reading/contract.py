"""The import folder's contract: which files, which columns, and by what rows are known.

Files stand in an order in which each row finds the rows it names already written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.charges.models import Fee
from billing.clinic.models import Clinic, TaxIdKind
from billing.coverage.models import Authorisation, Benefit, BenefitPeriod, Policy, Relationship
from billing.identifiers import tax_id_digits
from billing.operations.importing.reading.chart_text import (
    accident,
    diagnoses,
    diagnosis,
    flags,
    modifiers,
    needle_sets,
    procedures,
)
from billing.operations.importing.reading.columns import CellProblem, Column, ImportFile, in_order, optional, required
from billing.operations.importing.reading.values import (
    birth_date,
    choice,
    code,
    currency,
    day,
    money,
    npi,
    percent,
    place_of_service,
    recurring_text,
    state,
    time_of_day,
    time_zone,
    whole,
    yes_or_no,
)
from billing.patients.models import Patient, Sex
from billing.payers.models import Payer, PayerKind
from billing.payments.models import PaymentMethod
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus, Enrolment, Network, Practitioner
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.treatment.models import TreatmentPlan

CLINIC_FILE, PRACTITIONERS_FILE, PAYERS_FILE = "clinic.csv", "practitioners.csv", "payers.csv"
PATIENTS_FILE, SESSIONS_FILE = "patients.csv", "sessions.csv"

MINUTES_OF_A_DAY = 24 * 60
MOST_VISITS = 9_999
_PERIODS = (BenefitPeriod.CALENDAR_YEAR, BenefitPeriod.PLAN_YEAR)
_LICENCE_KINDS = (
    CredentialKind.LICENCE, CredentialKind.CERTIFICATION, CredentialKind.MALPRACTICE, CredentialKind.CPR,
    CredentialKind.NEEDLE_TECHNIQUE,
)  # fmt: skip
_LICENCE_STATUSES = (CredentialStatus.ACTIVE, CredentialStatus.SUSPENDED, CredentialStatus.REVOKED)
"""What the file's contract names; other kinds need more than it has columns for, and are entered at the desk."""


def _id() -> Column:
    return required("id", to="external_id")


def _patient() -> Column:
    return required("patient_id", recurring_text, refers_to=PATIENTS_FILE)


def _practitioner() -> Column:
    return required("practitioner_id", recurring_text, refers_to=PRACTITIONERS_FILE)


def _payer() -> Column:
    return required("payer_id", recurring_text, refers_to=PAYERS_FILE)


def _tax_id_fits(row: Mapping[str, Any]) -> CellProblem | None:
    """A clinic that bills in dollars has a tax id of nine digits; other countries have other forms."""
    if row.get("currency") != "USD" or row.get("tax_id") is None:
        return None
    try:
        tax_id_digits(row["tax_id"])
    except ValueError:
        return CellProblem("tax_id", "A tax id has nine digits.", "Write the EIN like 93-1234567, or the SSN.")
    return None


FILES: tuple[ImportFile, ...] = (
    ImportFile(CLINIC_FILE, "clinic", Clinic, (
        required("name"), optional("npi", npi), required("tax_id"),
        optional("tax_id_kind", choice(TaxIdKind), empty=TaxIdKind.EIN), required("address1"), optional("address2"),
        required("city"), required("state", state), required("zip"), required("phone"), optional("email"),
        required("time_zone", time_zone), required("currency", currency), optional("submitter_id"),
        optional("taxonomy"),
    ), (), (_tax_id_fits,)),
    ImportFile(PRACTITIONERS_FILE, "practitioner", Practitioner, (
        _id(), required("first_name"), required("last_name"), optional("credentials"), optional("npi", npi),
        optional("taxonomy"), optional("email"),
    ), ("id",)),
    ImportFile(PAYERS_FILE, "payer", Payer, (
        _id(), required("name"), optional("payer_number"), required("kind", choice(PayerKind)), optional("address1"),
        optional("city"), optional("state", state), optional("zip"),
    ), ("id",)),
    ImportFile(PATIENTS_FILE, "patient", Patient, (
        _id(), required("first_name"), optional("middle_name"), required("last_name"),
        required("birth_date", birth_date), required("sex", choice(Sex)), optional("address1"), optional("address2"),
        optional("city"), optional("state", state), optional("zip"), optional("phone"), optional("email"),
        optional("sms_consent", yes_or_no, empty=False), optional("email_consent", yes_or_no, empty=False),
        optional("signature_on_file", yes_or_no, empty=False), optional("flags", flags, empty=()),
    ), ("id",)),
    ImportFile("licences.csv", "licence", Credential, (
        _practitioner(), required("kind", choice(_LICENCE_KINDS)), required("issuer", state), required("number"),
        required("valid_from", day), required("valid_to", day),
        optional("status", choice(_LICENCE_STATUSES), empty=CredentialStatus.ACTIVE),
    ), ("practitioner_id", "kind", "issuer", "number", "valid_from"), (in_order("valid_from", "valid_to"),)),
    ImportFile("enrolments.csv", "enrolment", Enrolment, (
        _practitioner(), _payer(), required("network", choice(Network)), required("effective_from", day),
        optional("effective_to", day),
    ), ("practitioner_id", "payer_id", "effective_from"), (in_order("effective_from", "effective_to"),)),
    ImportFile("fees.csv", "fee", Fee, (
        required("code", code), required("amount", money, to="cents"),
        optional("payer_id", recurring_text, refers_to=PAYERS_FILE), required("effective_from", day),
    ), ("code", "payer_id", "effective_from")),
    ImportFile("policies.csv", "policy", Policy, (
        _patient(), _payer(), required("rank", whole(1, 3)), required("member_id"), optional("group_number"),
        required("relationship", choice(Relationship)), optional("subscriber_first_name"),
        optional("subscriber_last_name"), optional("subscriber_birth_date", birth_date),
        optional("subscriber_sex", choice(Sex)), optional("subscriber_address1"), optional("subscriber_city"),
        optional("subscriber_state", state), optional("subscriber_zip"), optional("employer"),
        required("effective_from", day), optional("effective_to", day),
    ), ("patient_id", "payer_id", "rank", "effective_from"), (in_order("effective_from", "effective_to"),)),
    ImportFile("benefits.csv", "benefit", Benefit, (
        _patient(), _payer(), required("covered", yes_or_no), optional("copay", money, to="copay_cents"),
        optional("coinsurance_percent", percent, to="coinsurance_basis_points"),
        optional("deductible_remaining", money, to="deductible_remaining_cents"),
        optional("visits_allowed", whole(0, MOST_VISITS)),
        optional("visits_used_elsewhere", whole(0, MOST_VISITS), empty=0),
        optional("period", choice(_PERIODS), empty=BenefitPeriod.CALENDAR_YEAR),
        optional("authorisation_required", yes_or_no, empty=False), optional("verified_on", day),
        optional("reference"),
    ), ("patient_id", "payer_id")),
    ImportFile("authorisations.csv", "authorisation", Authorisation, (
        _patient(), _payer(), required("number"), required("valid_from", day), required("valid_to", day),
        required("visits", whole(0, MOST_VISITS)),
    ), ("patient_id", "payer_id", "number"), (in_order("valid_from", "valid_to"),)),
    ImportFile(SESSIONS_FILE, "session", ClinicSession, (
        _id(), _patient(), _practitioner(), optional("room", recurring_text), required("date", day),
        required("start", time_of_day), required("minutes", whole(1, MINUTES_OF_A_DAY)),
        required("status", choice(SessionState)),
        optional("sets", needle_sets, empty=()), optional("procedures", procedures, empty=()),
        optional("diagnoses", diagnoses, empty=()), optional("pain_score", whole(0, 10)),
        required("bill_to", choice(BillTo)), optional("place_of_service", place_of_service, empty="11"),
        optional("onset_on", day), optional("accident", accident, empty=(None, None)), optional("claim_number"),
        optional("modifiers", modifiers, empty=()),
        optional("supervising_id", recurring_text, refers_to=PRACTITIONERS_FILE),
        optional("referring_npi", npi), optional("referring_name"), optional("paid", money, empty=0),
        optional("paid_by", choice(PaymentMethod)),
    ), ("id",)),
    ImportFile("plans.csv", "plan", TreatmentPlan, (
        _patient(), _practitioner(), required("starts_on", day), optional("diagnosis", diagnosis),
        optional("weekly_sessions", whole(0, 520), empty=0), optional("fortnightly_sessions", whole(0, 260), empty=0),
        optional("monthly_sessions", whole(0, 120), empty=0),
    ), ("patient_id", "practitioner_id", "starts_on")),
)  # fmt: skip

FILE: Mapping[str, ImportFile] = {file.name: file for file in FILES}
"""The files by name."""
