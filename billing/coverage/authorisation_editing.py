"""Entering and correcting what a payer authorised. None is deleted: claims were filed under it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date

from sqlalchemy import select

from billing.codes.diagnoses import normal_code
from billing.coverage.benefit_editing import MOST_VISITS, check_insured
from billing.coverage.models import Authorisation
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.identifiers import is_npi
from billing.patients.details import LONGEST_TEXT

MOST_UNITS = 99
MOST_CODES = 40
_CODE = re.compile(r"[A-Z0-9]{3,8}")


@dataclass(frozen=True, slots=True)
class AuthorisationDetails:
    """So many visits between two days, both inclusive, under a number; what is empty was not limited."""

    number: str
    valid_from: date
    valid_to: date
    visits: int
    seoc_name: str = ""
    units_per_visit: int | None = None
    codes_allowed: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    referring_npi: str = ""
    used_before: int = 0


def authorisation_details_of(one: Authorisation) -> AuthorisationDetails:
    """What is on file of an authorisation."""
    return AuthorisationDetails(
        one.number, one.valid_from, one.valid_to, one.visits, one.seoc_name or "", one.units_per_visit,
        tuple(one.codes_allowed), tuple(one.diagnoses), one.referring_npi or "", one.used_before,
    )  # fmt: skip


def codes_in(text: str) -> tuple[str, ...]:
    """The codes in a text, apart by blanks or commas, in capitals, each once."""
    return tuple(dict.fromkeys(text.upper().replace(",", " ").replace(";", " ").split()))


def authorisation_with_id(db: Db, authorisation_id: int) -> Authorisation:
    """The authorisation with that number of ours. Raises :class:`NotFound`."""
    found = db.get(Authorisation, authorisation_id)
    if found is None:
        raise NotFound(f"There is no authorisation {authorisation_id}.")
    return found


def add_authorisation(db: Db, patient_id: int, payer_id: int, details: AuthorisationDetails) -> Authorisation:
    """Put an authorisation on file.

    Raises :class:`NotFound` when the patient has no policy with that payer, :class:`Refused` with every reason.
    """
    check_insured(db, patient_id, payer_id)
    made = Authorisation(patient_id=patient_id, payer_id=payer_id)
    return _written(db, made, details)


def edit_authorisation(db: Db, authorisation_id: int, details: AuthorisationDetails) -> Authorisation:
    """Correct an authorisation. Raises :class:`NotFound`, :class:`Refused` with every reason."""
    return _written(db, authorisation_with_id(db, authorisation_id), details)


def _written(db: Db, authorisation: Authorisation, details: AuthorisationDetails) -> Authorisation:
    tidied = replace(
        details,
        number=" ".join(details.number.split()),
        seoc_name=" ".join(details.seoc_name.split()),
        referring_npi="".join(details.referring_npi.split()),
        codes_allowed=codes_in(" ".join(details.codes_allowed)),
        diagnoses=tuple(normal_code(code) for code in codes_in(" ".join(details.diagnoses))),
    )
    patient_id, payer_id = authorisation.patient_id, authorisation.payer_id
    hold_lock(db, f"authorisation:{patient_id}:{payer_id}")
    with db.no_autoflush:
        same = db.scalar(
            select(Authorisation.id).where(
                Authorisation.patient_id == patient_id,
                Authorisation.payer_id == payer_id,
                Authorisation.number == tidied.number,
            )
        )
    problems = [
        *_problems(tidied, is_taken=same not in (None, authorisation.id)),
        *_scope_problems(tidied),
    ]
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    for field in fields(tidied):
        value = getattr(tidied, field.name)
        setattr(authorisation, field.name, list(value) if isinstance(value, tuple) else value or _empty(field.name))
    db.add(authorisation)
    db.flush()
    return authorisation


def _empty(name: str) -> int | None:
    return 0 if name == "used_before" else None


def _problems(details: AuthorisationDetails, *, is_taken: bool) -> Iterator[Problem]:
    if not any(character.isalnum() for character in details.number):
        yield _at("number", "The authorisation has no number.", "Write the number the payer gave; claims carry it.")
    if is_taken:
        why = "An authorisation with this number is on file for the patient and this payer already."
        yield _at("number", why, "Correct that one instead of entering it again.")
    if len(details.number) > LONGEST_TEXT:
        yield _at("number", f"This is longer than {LONGEST_TEXT} characters.", "Shorten it.")
    if details.valid_to < details.valid_from:
        yield _at("valid_to", "It would end before it begins.", "Correct one of the two days.")
    if not 1 <= details.visits <= MOST_VISITS:
        yield _at("visits", f"Visits are from 1 to {MOST_VISITS:,}.", "Write how many were authorised.")


def _scope_problems(details: AuthorisationDetails) -> Iterator[Problem]:
    if len(details.seoc_name) > LONGEST_TEXT:
        yield _at("seoc_name", f"This is longer than {LONGEST_TEXT} characters.", "Shorten it.")
    if details.units_per_visit is not None and not 1 <= details.units_per_visit <= MOST_UNITS:
        yield _at("units_per_visit", f"Units are from 1 to {MOST_UNITS}.", "Leave it empty when none are named.")
    if not 0 <= details.used_before <= details.visits:
        why = f"Of {details.visits} visits {details.used_before} cannot have been used before."
        yield _at("used_before", why, "Correct one of the two numbers.")
    if details.referring_npi and not is_npi(details.referring_npi):
        yield _at("referring_npi", "This is not an NPI: its check digit is wrong.", "Copy it from the referral.")
    for name, codes in (("codes_allowed", details.codes_allowed), ("diagnoses", details.diagnoses)):
        strange = [code for code in codes if not _CODE.fullmatch(code.replace(".", ""))]
        if strange:
            yield _at(name, f"{strange[0]!r} is no code.", "Write codes, apart by blanks or commas.")
        if len(codes) > MOST_CODES:
            yield _at(name, f"These are more than {MOST_CODES} codes.", "Name those the payer named.")


def _at(name: str, why: str, fix: str) -> Problem:
    return block("authorisation.entry", why, fix, f"field:{name}")
