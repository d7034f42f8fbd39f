"""Setting up the clinic's own record, and correcting it.

What was filed or printed before keeps what it said: claims and papers are made from copies.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision, list_currencies

from billing.clinic.addresses import Place, place_problems
from billing.clinic.country import is_american
from billing.clinic.models import Clinic, TaxIdKind
from billing.database import Db, hold_lock
from billing.errors import Problem, Refused, block
from billing.identifiers import is_npi, is_taxonomy, tax_id_digits


@dataclass(frozen=True, slots=True)
class ClinicDetails:
    """Everything the clinic says of itself; an empty text is not known."""

    name: str
    npi: str
    tax_id: str
    tax_id_kind: TaxIdKind
    taxonomy: str
    address1: str
    address2: str
    city: str
    state: str
    zip: str
    phone: str
    email: str
    time_zone: str
    currency: str
    submitter_id: str


_MAY_BE_EMPTY = ("npi", "taxonomy", "address2", "email", "submitter_id")


def details_of(clinic: Clinic) -> ClinicDetails:
    """What the clinic's record says."""
    values: dict[str, Any] = {name: getattr(clinic, name) or "" for name in ClinicDetails.__dataclass_fields__}
    return ClinicDetails(**values)


def keep_clinic(db: Db, details: ClinicDetails, *, books_are_open: bool) -> Clinic:
    """Write the clinic's record, the first time or anew.

    ``books_are_open``: whether anything has been booked to the ledger yet; then the currency stays. Raises
    :class:`Refused` with every problem at its field.
    """
    hold_lock(db, "clinic")
    clinic = db.get(Clinic, 1)
    problems = clinic_problems(details)
    if clinic is not None and books_are_open and details.currency != clinic.currency:
        why = f"The books are kept in {clinic.currency}."
        problems.append(_at("currency", why, "A clinic with another currency needs a database of its own."))
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    values = {name: None if not value and name in _MAY_BE_EMPTY else value for name, value in asdict(details).items()}
    if clinic is None:
        clinic = Clinic(id=1, **values)
        db.add(clinic)
    for name, value in values.items():
        setattr(clinic, name, value)
    db.flush()
    return clinic


def clinic_problems(details: ClinicDetails) -> list[Problem]:
    """Everything that no clinic can be; of an American one also what no claim could be made with."""
    problems = []
    if not _is_zone(details.time_zone):
        fix = "Choose the place whose clocks yours follow, such as America/Los_Angeles."
        return [_at("time_zone", "There is no such time zone.", fix)]
    if details.currency not in list_currencies() or get_currency_precision(details.currency) != 2:
        why = f"{details.currency} is not a currency with two decimals."
        problems.append(_at("currency", why, "Write its three letters, such as USD or GBP."))
    if details.npi and not is_npi(details.npi):
        fix = "Compare it with the letter of the NPPES: ten digits, of which the last checks the others."
        problems.append(_at("npi", "This is not a National Provider Identifier.", fix))
    if details.taxonomy and not is_taxonomy(details.taxonomy):
        fix = "Write ten characters, such as 171100000X for an acupuncturist."
        problems.append(_at("taxonomy", "This is not a taxonomy code.", fix))
    if is_american(Clinic(time_zone=details.time_zone, currency=details.currency)):
        problems += place_problems(Place(details.address1, details.address2, details.city, details.state, details.zip))
        problems += _tax_id_problems(details.tax_id)
    return problems


def _tax_id_problems(text: str) -> list[Problem]:
    try:
        tax_id_digits(text)
    except ValueError:
        return [_at("tax_id", "A tax id has nine digits.", "Write the EIN like 93-1234567, or the SSN.")]
    return []


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (ValueError, LookupError, OSError):
        return False


def _at(name: str, why: str, fix: str) -> Problem:
    return block(f"clinic.{name}", why, fix, f"field:{name}")
