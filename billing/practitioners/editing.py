"""Entering practitioners and changing what is on file of them. Nobody is deleted: who leaves keeps their sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from billing.clinic.country import is_american
from billing.clinic.queries import the_clinic
from billing.database import Db, hold_lock
from billing.errors import Problem, Refused, block
from billing.identifiers import has_npi_shape, is_npi, is_taxonomy
from billing.practitioners.models import Practitioner
from billing.practitioners.queries import full_name, practitioner_with_id

LONGEST_TEXT = 200
_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@.,;<>]+")
_TEXTS = ("first_name", "last_name", "credentials", "npi", "taxonomy", "email")


@dataclass(frozen=True, slots=True)
class PractitionerDetails:
    """What is typed about a practitioner; an empty text is not known."""

    first_name: str
    last_name: str
    credentials: str = ""
    """Letters after the name, such as ``L.Ac.``."""
    npi: str = ""
    taxonomy: str = ""
    email: str = ""
    left_on: date | None = None
    """From this day on nothing is booked with them."""
    birth_date: date | None = None
    """Some states' licences go by it."""


NOBODY = PractitionerDetails("", "")


def practitioner_details_of(practitioner: Practitioner) -> PractitionerDetails:
    """What is on file of a practitioner."""
    texts: dict[str, Any] = {name: getattr(practitioner, name) or "" for name in _TEXTS}
    return PractitionerDetails(**texts, left_on=practitioner.left_on, birth_date=practitioner.birth_date)


def add_practitioner(db: Db, details: PractitionerDetails) -> Practitioner:
    """Put somebody who treats on file. Raises :class:`Refused` with every reason."""
    tidied = _tidied(details)
    _refuse_any(_problems(db, tidied, NOBODY))
    made = Practitioner()
    _write(made, tidied)
    db.add(made)
    db.flush()
    return made


def edit_practitioner(db: Db, practitioner_id: int, details: PractitionerDetails) -> Practitioner:
    """Put other details of a practitioner on file.

    What does not change is not judged, so that an odd entry of the old system does not stand in the way of a new
    e-mail address. Raises :class:`NotFound` for an unknown practitioner, :class:`Refused` with every reason.
    """
    practitioner = practitioner_with_id(db, practitioner_id)
    tidied = _tidied(details)
    before = _tidied(practitioner_details_of(practitioner))
    _refuse_any(_problems(db, tidied, before, but=practitioner_id))
    _write(practitioner, tidied)
    db.flush()
    return practitioner


def _write(practitioner: Practitioner, details: PractitionerDetails) -> None:
    practitioner.first_name, practitioner.last_name = details.first_name, details.last_name
    for name in ("credentials", "npi", "taxonomy", "email"):
        setattr(practitioner, name, getattr(details, name) or None)
    practitioner.left_on, practitioner.birth_date = details.left_on, details.birth_date


def _tidied(details: PractitionerDetails) -> PractitionerDetails:
    texts: dict[str, Any] = {name: " ".join(getattr(details, name).split()) for name in _TEXTS}
    npi = texts["npi"].replace(" ", "").replace("-", "")
    texts["npi"] = npi if has_npi_shape(npi) else texts["npi"]
    return replace(details, **{**texts, "taxonomy": texts["taxonomy"].upper()})


def _problems(
    db: Db, details: PractitionerDetails, before: PractitionerDetails, but: int | None = None
) -> Iterator[Problem]:
    american = is_american(the_clinic(db))
    yield from practitioner_problems(details, before, american=american)
    if details.npi and details.npi != before.npi:
        hold_lock(db, "practitioners")
        theirs = select(Practitioner).where(Practitioner.npi == details.npi)
        for other in db.scalars(theirs.order_by(Practitioner.id)):
            if other.id != but:
                why = f"This is the NPI of {full_name(other)}."
                fix = "Each person has one of their own; look it up in the national registry (NPPES)."
                yield block("practitioner.npi_taken", why, fix, "field:npi")


def practitioner_problems(
    details: PractitionerDetails, before: PractitionerDetails, *, american: bool
) -> Iterator[Problem]:
    """What is wrong with what changes; ``american`` wants numbers as the United States have them."""
    for name, label in (("first_name", "first name"), ("last_name", "last name")):
        if not any(character.isalpha() for character in getattr(details, name)):
            fix = "Write the name as it stands on the licence."
            yield block("practitioner.name", f"The {label} has no letter in it.", fix, f"field:{name}")
    if american and details.npi and details.npi != before.npi and not is_npi(details.npi):
        why = "fails its check digit" if has_npi_shape(details.npi) else "is not ten digits"
        fix = "Copy it from the national registry (NPPES), or leave it empty until you have it."
        yield block("npi.invalid", f"The NPI {details.npi} {why}.", fix, "field:npi")
    if american and details.taxonomy and details.taxonomy != before.taxonomy and not is_taxonomy(details.taxonomy):
        fix = "Write its ten characters, such as 171100000X for an acupuncturist, or leave it empty."
        yield block("practitioner.taxonomy", "This is not a taxonomy code.", fix, "field:taxonomy")
    if details.email and details.email != before.email and not _EMAIL.fullmatch(details.email):
        fix = "Write it like name@example.org, or leave it empty."
        yield block("practitioner.email", "This is not an e-mail address.", fix, "field:email")
    if details.birth_date and details.left_on and details.birth_date >= details.left_on:
        fix = "Correct one of the two days."
        yield block("practitioner.birth_date", "Nobody leaves before being born.", fix, "field:birth_date")
    for name in _TEXTS:
        if len(getattr(details, name)) > LONGEST_TEXT:
            why = f"This is longer than {LONGEST_TEXT} characters."
            yield block("practitioner.length", why, "Shorten it.", f"field:{name}")


def _refuse_any(problems: Iterator[Problem]) -> None:
    found = list(problems)
    if found:
        raise Refused(" ".join(problem.why for problem in found), found)
