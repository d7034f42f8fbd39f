"""Writing down what a payer said about a patient's acupuncture benefit, and what it authorised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from billing.clinic.queries import the_clinic
from billing.clock import today
from billing.coverage.models import Authorisation, Benefit, BenefitPeriod, BenefitSource, Policy
from billing.coverage.wording import day_words
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.patients.details import LONGEST_TEXT
from billing.patients.queries import patient_with_id

MOST_VISITS = 9_999
LONGEST_REMARKS = 2_000
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was said; ``None`` and an empty text are what nobody said, never zero."""

    covered: bool
    verified_on: date
    source: BenefitSource
    copay_cents: int | None = None
    coinsurance_basis_points: int | None = None
    deductible_remaining_cents: int | None = None
    out_of_pocket_remaining_cents: int | None = None
    visits_allowed: int | None = None
    visits_used_elsewhere: int = 0
    """Counts as none while nobody knows."""
    period: BenefitPeriod = BenefitPeriod.CALENDAR_YEAR
    authorisation_required: bool = False
    representative: str = ""
    reference: str = ""
    remarks: str = ""


_VALUES = (
    "covered", "verified_on", "source", "copay_cents", "coinsurance_basis_points", "deductible_remaining_cents",
    "out_of_pocket_remaining_cents", "visits_allowed", "visits_used_elsewhere", "period", "authorisation_required",
)  # fmt: skip
_TEXTS = ("representative", "reference", "remarks")


def benefit_of(db: Db, patient_id: int, payer_id: int) -> Benefit | None:
    """What is on file of a patient's benefit with a payer; ``None`` while nobody has asked."""
    return db.scalar(select(Benefit).where(Benefit.patient_id == patient_id, Benefit.payer_id == payer_id))


def benefit_with_id(db: Db, benefit_id: int) -> Benefit:
    """The benefit with that number. Raises :class:`NotFound`."""
    benefit = db.get(Benefit, benefit_id)
    if benefit is None:
        raise NotFound(f"There is no benefit {benefit_id}.")
    return benefit


def verify_benefit(db: Db, patient_id: int, payer_id: int, said: Verified) -> Benefit:
    """Keep what the payer said, in place of what it had said before.

    Raises :class:`NotFound` when the patient has no policy with that payer, :class:`Refused` with every reason.
    """
    check_insured(db, patient_id, payer_id)
    problems = list(benefit_problems_at_entry(said, today(the_clinic(db).time_zone)))
    _refuse_any(problems)
    hold_lock(db, f"benefit:{patient_id}:{payer_id}")
    benefit = benefit_of(db, patient_id, payer_id) or Benefit(patient_id=patient_id, payer_id=payer_id)
    for name in _VALUES:
        setattr(benefit, name, getattr(said, name))
    for name in _TEXTS:
        setattr(benefit, name, getattr(said, name).strip() or None)
    db.add(benefit)
    db.flush()
    return benefit


def benefit_problems_at_entry(said: Verified, today: date) -> Iterator[Problem]:
    """What is wrong with what was written down."""
    if not _EARLIEST <= said.verified_on <= today:
        when = "in the future" if said.verified_on > today else "too long ago to mean anything"
        yield _at("verified_on", f"{day_words(said.verified_on)} is {when}.", "Write the day on which it was said.")
    if said.source is BenefitSource.IMPORT:
        yield _at("source", "Only an import learns from the old system.", "Say how it was learned.")
    if said.source is BenefitSource.PHONE and not (said.representative.strip() or said.reference.strip()):
        why = "Of a call, neither who spoke nor the reference number is noted."
        yield _at("reference", why, "Note one of them; without it the payer will not stand by what it said.")
    for name in ("copay_cents", "deductible_remaining_cents", "out_of_pocket_remaining_cents"):
        if (getattr(said, name) or 0) < 0:
            yield _at(name.removesuffix("_cents"), "This is less than nothing.", "Write an amount of 0.00 or more.")
    if not 0 <= (said.coinsurance_basis_points or 0) <= 100_00:
        yield _at("coinsurance", "A share is from 0 to 100 percent.", "Write it like 20 or 12.5.")
    for name in ("visits_allowed", "visits_used_elsewhere"):
        if not 0 <= (getattr(said, name) or 0) <= MOST_VISITS:
            yield _at(name, f"Visits are from 0 to {MOST_VISITS:,}.", "Leave it empty when the plan has no limit.")
    if said.visits_allowed is not None and said.visits_used_elsewhere > said.visits_allowed:
        why = f"Of {said.visits_allowed} visits {said.visits_used_elsewhere} cannot have been used elsewhere."
        yield _at("visits_used_elsewhere", why, "Correct one of the two numbers.")
    for name, most in (("representative", LONGEST_TEXT), ("reference", LONGEST_TEXT), ("remarks", LONGEST_REMARKS)):
        if len(getattr(said, name)) > most:
            yield _at(name, f"This is longer than {most:,} characters.", "Shorten it.")


@dataclass(frozen=True, slots=True)
class AuthorisationDetails:
    """So many visits between two days, both inclusive, under a number."""

    number: str
    valid_from: date
    valid_to: date
    visits: int


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
    number = " ".join(details.number.split())
    patient_id, payer_id = authorisation.patient_id, authorisation.payer_id
    hold_lock(db, f"authorisation:{patient_id}:{payer_id}")
    with db.no_autoflush:
        same = db.scalar(
            select(Authorisation.id).where(
                Authorisation.patient_id == patient_id,
                Authorisation.payer_id == payer_id,
                Authorisation.number == number,
            )
        )
    _refuse_any(list(_authorisation_problems(number, details, is_taken=same not in (None, authorisation.id))))
    authorisation.number, authorisation.visits = number, details.visits
    authorisation.valid_from, authorisation.valid_to = details.valid_from, details.valid_to
    db.add(authorisation)
    db.flush()
    return authorisation


def _authorisation_problems(number: str, details: AuthorisationDetails, *, is_taken: bool) -> Iterator[Problem]:
    if not any(character.isalnum() for character in number):
        yield _at("number", "The authorisation has no number.", "Write the number the payer gave; claims carry it.")
    if is_taken:
        why = "An authorisation with this number is on file for the patient and this payer already."
        yield _at("number", why, "Correct that one instead of entering it again.")
    if len(number) > LONGEST_TEXT:
        yield _at("number", f"This is longer than {LONGEST_TEXT} characters.", "Shorten it.")
    if details.valid_to < details.valid_from:
        yield _at("valid_to", "It would end before it begins.", "Correct one of the two days.")
    if not 1 <= details.visits <= MOST_VISITS:
        yield _at("visits", f"Visits are from 1 to {MOST_VISITS:,}.", "Write how many were authorised.")


def check_insured(db: Db, patient_id: int, payer_id: int) -> None:
    """Raise :class:`NotFound` unless the patient has, or had, a policy with that payer."""
    patient_with_id(db, patient_id)
    of_both = (Policy.patient_id == patient_id, Policy.payer_id == payer_id)
    if db.scalar(select(Policy.id).where(*of_both).limit(1)) is None:
        raise NotFound("The patient has no policy with this payer.")


def _at(name: str, why: str, fix: str) -> Problem:
    return block("benefit.entry", why, fix, f"field:{name}")


def _refuse_any(problems: list[Problem]) -> None:
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
