"""What is noted of a patient, and what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from billing.clinic.addresses import Place, place_problems
from billing.errors import Problem, block
from billing.identifiers import is_whole_phone, normal_phone
from billing.patients.models import Patient, Sex
from billing.patients.safety import LONGEST_FLAG, normal_flags

OLDEST_BIRTH = date(1900, 1, 1)
LONGEST_TEXT = 200
"""Characters of a name, a line of an address, an e-mail address."""
FEWEST_PHONE_DIGITS = 5
_AT_PHONE = "field:phone"

_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@.,;<>]+")


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """Everything about a patient that the desk types; an empty text is not known."""

    first_name: str
    last_name: str
    birth_date: date
    sex: Sex
    middle_name: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    phone: str = ""
    email: str = ""
    sms_consent: bool = False
    email_consent: bool = False
    signature_on_file: bool = False
    flags: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """The address."""
        return Place(self.address1, self.address2, self.city, self.state, self.zip)


def details_of(patient: Patient) -> PatientDetails:
    """What is on file of a patient."""
    return PatientDetails(
        first_name=patient.first_name, last_name=patient.last_name, birth_date=patient.birth_date, sex=patient.sex,
        middle_name=patient.middle_name or "", address1=patient.address1 or "", address2=patient.address2 or "",
        city=patient.city or "", state=patient.state or "", zip=patient.zip or "", phone=patient.phone or "",
        email=patient.email or "", sms_consent=patient.sms_consent, email_consent=patient.email_consent,
        signature_on_file=patient.signature_on_file, flags=tuple(patient.flags),
    )  # fmt: skip


def write_details(patient: Patient, details: PatientDetails) -> None:
    """Put the details on file; what is not known is kept as nothing at all."""
    for name in ("first_name", "last_name", "birth_date", "sex", "sms_consent", "email_consent", "signature_on_file"):
        setattr(patient, name, getattr(details, name))
    for name in ("middle_name", "address1", "address2", "city", "state", "zip", "phone", "email"):
        setattr(patient, name, getattr(details, name) or None)
    patient.flags = list(details.flags)


def tidy(details: PatientDetails, country: str) -> PatientDetails:
    """The same with blanks put right, phone numbers in one form (E.164) and flags by their names.

    ``country`` (ISO 3166) is where a number without a country code belongs. A number that cannot be dialled
    stays as it was typed, for :func:`detail_problems` to judge.
    """
    place = details.place.tidied()
    return replace(
        details,
        first_name=_one_blank(details.first_name), middle_name=_one_blank(details.middle_name),
        last_name=_one_blank(details.last_name), address1=place.address1, address2=place.address2, city=place.city,
        state=place.state, zip=place.zip, phone=dialled(details.phone, country) or _one_blank(details.phone),
        email=details.email.strip(), flags=normal_flags(details.flags),
    )  # fmt: skip


def dialled(phone: str, country: str) -> str:
    """The number in the form E.164, by which it can be called and texted; empty when it has none."""
    try:
        return normal_phone(phone, country or "ZZ")
    except ValueError:
        return ""


def detail_problems(
    details: PatientDetails,
    *,
    country: str,
    american: bool,
    today: date,
    before: PatientDetails | None = None,
) -> list[Problem]:
    """What stops these details from being kept; ``details`` and ``before`` are tidy.

    ``before`` is what is on file: whatever came in with an import may stay as it is while something else is
    changed, so that only what changes is judged. ``american`` asks for a state and ZIP code of the United States,
    and for the area code of a phone number.
    """
    kept = before or PatientDetails("", "", OLDEST_BIRTH, Sex.U)
    problems = [*_name_problems(details), *_birth_problems(details.birth_date, today)]
    if american and details.place != kept.place:
        problems += place_problems(details.place)
    phone = _phone_problems(details.phone, country, american) if details.phone != kept.phone else []
    problems += phone
    if details.email and details.email != kept.email and not _EMAIL.fullmatch(details.email):
        fix = "Write it like name@example.org, or leave it empty."
        problems.append(block("patient.email", "This is not an e-mail address.", fix, "field:email"))
    consent = [one for one in _consent_problems(details, country) if not (phone and one.where == _AT_PHONE)]
    return [*problems, *consent, *_length_problems(details)]


def _name_problems(details: PatientDetails) -> Iterator[Problem]:
    for name, label in (("first_name", "first name"), ("last_name", "last name")):
        if not any(character.isalpha() for character in getattr(details, name)):
            fix = "Write the name as it stands on the insurance card or an identity card."
            yield block("patient.name", f"The {label} has no letter in it.", fix, f"field:{name}")


def _birth_problems(born: date, today: date) -> list[Problem]:
    if OLDEST_BIRTH <= born <= today:
        return []
    why = f"The birth date {born} is {'in the future' if born > today else 'before 1900'}."
    return [block("patient.birth_date", why, "Correct the year.", "field:birth_date")]


def _phone_problems(phone: str, country: str, american: bool) -> list[Problem]:
    digits = sum(character.isdigit() for character in phone)
    if not phone or (is_whole_phone(phone, country) if american else digits >= FEWEST_PHONE_DIGITS):
        return []
    if american and digits:
        fix = "Write it with the area code (from abroad with + and the country code), or leave it empty."
        return [block("patient.phone", "There is no such phone number.", fix, _AT_PHONE)]
    return [block("patient.phone", "This is no phone number.", "Write the whole number, or leave it empty.", _AT_PHONE)]


def _consent_problems(details: PatientDetails, country: str) -> Iterator[Problem]:
    if details.sms_consent and not dialled(details.phone, country):
        yield block(
            "patient.consent",
            "Text messages cannot be sent to this number: it is not complete, or it has an extension."
            if details.phone
            else "There is no phone number to send text messages to.",
            "Write the number with its area code (from abroad with + and the country code), or take the consent back.",
            _AT_PHONE,
        )
    if details.email_consent and not details.email:
        why = "There is no address to send e-mail to."
        yield block("patient.consent", why, "Write the e-mail address, or take the consent back.", "field:email")


def _length_problems(details: PatientDetails) -> Iterator[Problem]:
    for name in ("first_name", "middle_name", "last_name", "address1", "address2", "city", "state", "phone", "email"):
        if len(getattr(details, name)) > LONGEST_TEXT:
            why = f"This is longer than {LONGEST_TEXT} characters."
            yield block("patient.length", why, "Shorten it.", f"field:{name}")
    if any(len(flag) > LONGEST_FLAG for flag in details.flags):
        why = f"A safety flag is longer than {LONGEST_FLAG} characters."
        yield block("patient.flag", why, "Use a few words, and write the rest into the note.", "field:other_flags")


def _one_blank(text: str) -> str:
    return " ".join(text.split())
