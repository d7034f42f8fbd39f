"""What only the claim as a whole can be wrong about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from billing.clinic.models import Clinic, PlaceOfWork
from billing.clinic.places import has_zip_of_a_claim
from billing.codes.places import is_place_of_service
from billing.edi.text import characters_not_allowed, characters_replaced, plain_text
from billing.errors import Problem, block, warn
from billing.identifiers import is_npi
from billing.payers.models import PayerKind
from billing.payers.readiness import last_filing_day
from billing.sessions.clearance import Clearance
from billing.sessions.facts import Facts, Visit

CODE_LENGTH = 5
"""Characters of a CPT or HCPCS code."""


def claim_problems(
    visit: Visit, clearance: Clearance, facts: Facts, filed_on: date, counted_from: date | None = None
) -> list[Problem]:
    """Everything the rooms below cannot see: the deadline, duplicates, the clinic's own data, the text.

    ``filed_on`` is the local date on which the claim would be filed. The deadline counts from the date of
    service, or ``counted_from`` another day.
    """
    return [
        *billing_provider_problems(facts.clinic),
        *_place_problems(facts.place(visit.session)),
        *_timeliness_problems(visit, clearance, filed_on, counted_from or visit.session.service_on),
        *_duplicate_problems(visit, facts),
        *_code_problems(visit),
        *_injury_problems(visit, clearance),
        *_text_problems(visit, clearance, facts),
    ]


def billing_provider_problems(clinic: Clinic) -> list[Problem]:
    """What the billing provider lacks (X12 005010X222A1 2010AA: NPI, nine-digit ZIP)."""
    problems = []
    if not clinic.npi or not is_npi(clinic.npi):
        problems.append(
            block(
                "npi.invalid",
                "The clinic's own NPI is missing or fails its check digit.",
                "Enter the clinic's NPI from the national registry (NPPES).",
                "clinic:1",
            )
        )
    if not has_zip_of_a_claim(clinic.zip):
        problems.append(
            block(
                "clinic.incomplete",
                "The clinic's ZIP code does not have nine digits, as claims need it.",
                "Look up the four digits that follow the ZIP code and enter them: 97214-2318.",
                "clinic:1",
            )
        )
    return problems


def _place_problems(place: PlaceOfWork | None) -> list[Problem]:
    """What the place of the service lacks (X12 005010X222A1 2310C: nine-digit ZIP)."""
    if place is None or has_zip_of_a_claim(place.zip):
        return []
    return [
        block(
            "place.incomplete",
            f"The ZIP code of {place.name} does not have nine digits, as claims need it.",
            "Look up the four digits that follow the ZIP code and enter them: 97214-2318.",
            f"place:{place.id}",
        )
    ]


def _timeliness_problems(visit: Visit, clearance: Clearance, filed_on: date, counted_from: date) -> list[Problem]:
    if clearance.payer is None:
        return []
    last = last_filing_day(clearance.payer, counted_from)
    if filed_on <= last:
        return []
    return [
        block(
            "timely_filing.passed",
            f"{clearance.payer.name} wanted this claim by {last}.",
            "If it was filed in time before, send the proof; else write it off. The patient does not owe it.",
            f"session:{visit.session.id}",
        )
    ]


def _duplicate_problems(visit: Visit, facts: Facts) -> list[Problem]:
    codes = {line.code for line in visit.coded.lines}
    for other in facts.others_that_day(visit):
        same = codes & {line.code for line in other.coded.lines}
        if same and other.session.practitioner_id == visit.session.practitioner_id:
            return [
                block(
                    "duplicate.claim",
                    f"Another session of the same day, patient and practitioner has {', '.join(sorted(same))} too.",
                    "If it was one visit entered twice, cancel one; if not, correct the codes of the second.",
                    f"session:{visit.session.id}",
                )
            ]
    return []


def _code_problems(visit: Visit) -> list[Problem]:
    where = f"session:{visit.session.id}"
    problems = [
        block(
            "procedure.not_a_claim_code",
            f"{line.code} is not a CPT or HCPCS code.",
            "Use the standard code, or bill the patient.",
            where,
        )
        for line in visit.coded.lines
        if len(line.code) != CODE_LENGTH
    ]
    if not is_place_of_service(visit.session.place_of_service):
        problems.append(
            block(
                "place_of_service.not_valid",
                f"{visit.session.place_of_service} is not a place-of-service code.",
                "Choose one from the list: 11 is the office.",
                where,
            )
        )
    return problems


def _injury_problems(visit: Visit, clearance: Clearance) -> list[Problem]:
    payer = clearance.payer
    is_injury = payer is not None and payer.kind in (PayerKind.WORKERS_COMP, PayerKind.AUTO)
    if not is_injury or visit.session.claim_number:
        return []
    return [
        warn(
            "accident.claim_number_missing",
            "Insurers of injuries find a claim by their own claim number, and none is on file.",
            "Ask the patient or the adjuster for it.",
            f"session:{visit.session.id}",
        )
    ]


def _text_problems(visit: Visit, clearance: Clearance, facts: Facts) -> list[Problem]:
    problems = []
    for where, what, text in _names(visit, clearance, facts):
        if strange := characters_not_allowed(text):
            problems.append(_refused(what, strange, where))
        elif text and not plain_text(text):
            problems.append(_refused(what, characters_replaced(text), where))
        elif separators := [one for one in characters_replaced(text) if one.isascii()]:
            problems.append(
                warn(
                    "text.character_replaced",
                    f"{what} has {' '.join(separators)}, which claims use as separators; a blank is sent instead.",
                    "Correct the record if the insurer spells it otherwise.",
                    where,
                )
            )
    for where, what, number in _numbers(visit, clearance):
        if strange := [*characters_not_allowed(number), *characters_replaced(number)]:
            problems.append(_refused(what, strange, where))
    return problems


def _refused(what: str, characters: list[str], where: str) -> Problem:
    return block(
        "text.character_not_allowed",
        f"{what} has characters that no claim may carry: {' '.join(characters)}",
        "Enter it as it stands on the insurance card, in Latin letters.",
        where,
    )


def _names(visit: Visit, clearance: Clearance, facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Where it stands, what it is, and the text, of everything free that a claim carries."""
    patient, clinic, rendering = facts.patients[visit.session.patient_id], facts.clinic, clearance.rendering
    where = f"patient:{patient.id}"
    for name in (patient.first_name, patient.middle_name, patient.last_name):
        yield where, "The patient's name", name or ""
    for part in (patient.address1, patient.address2, patient.city):
        yield where, "The patient's address", part or ""
    for name in (rendering.first_name, rendering.last_name):
        yield f"practitioner:{rendering.id}", "The practitioner's name", name
    for part in (clinic.name, clinic.address1, clinic.address2, clinic.city):
        yield "clinic:1", "The clinic's name or address", part or ""
    if place := facts.place(visit.session):
        for part in (place.name, place.address1, place.address2, place.city):
            yield f"place:{place.id}", "The name or address of the place of work", part or ""
    yield f"session:{visit.session.id}", "The referring provider's name", visit.session.referring_name or ""
    for policy in visit.policies:
        for part in (policy.subscriber_first_name, policy.subscriber_last_name):
            yield f"policy:{policy.id}", "The subscriber's name", part or ""
        for part in (policy.subscriber_address1, policy.subscriber_city):
            yield f"policy:{policy.id}", "The subscriber's address", part or ""


def _numbers(visit: Visit, clearance: Clearance) -> Iterator[tuple[str, str, str]]:
    """The same, of identifiers, in which nothing may be replaced."""
    for policy in visit.policies:
        yield f"policy:{policy.id}", "The member number", policy.member_id
        yield f"policy:{policy.id}", "The group number", policy.group_number or ""
    yield f"session:{visit.session.id}", "The insurer's claim number", visit.session.claim_number or ""
    if clearance.authorisation:
        yield f"patient:{visit.session.patient_id}", "The authorisation number", clearance.authorisation.number
