"""Writing down what a payer said about a patient's acupuncture benefit: the one way in, whoever learned it and how.

What was said before is not lost: each time adds a :class:`BenefitVersion` that tells what changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from billing.clinic.queries import the_clinic
from billing.clock import now, today
from billing.coverage.benefit_history import SAID, add_version, said_by, said_of
from billing.coverage.benefit_kept import contradicted_by
from billing.coverage.models import Benefit, BenefitPeriod, BenefitSource, CopayPer, Policy
from billing.coverage.wording import day_words
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.patients.details import LONGEST_TEXT
from billing.patients.queries import patient_with_id
from billing.practitioners.models import Network

MOST_VISITS = 9_999
MOST_MONTHS = 120
LONGEST_REMARKS = 2_000
POOLS = ("chiropractic", "therapy", "massage")
"""Other therapies whose visits may use up the same limit."""
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was said; ``None`` and an empty text are what nobody said, never zero, never yes and never no."""

    covered: bool | None
    verified_on: date
    source: BenefitSource
    copay_cents: int | None = None
    coinsurance_basis_points: int | None = None
    deductible_remaining_cents: int | None = None
    out_of_pocket_remaining_cents: int | None = None
    visits_allowed: int | None = None
    visits_used_elsewhere: int = 0
    """Counts as none while nobody knows; reckoned anew from ``visits_remaining`` where that was said."""
    period: BenefitPeriod = BenefitPeriod.CALENDAR_YEAR
    authorisation_required: bool | None = None
    representative: str = ""
    reference: str = ""
    remarks: str = ""
    plan_name: str = ""
    network: Network | None = None
    referral_required: bool | None = None
    period_months: int | None = None
    plan_year_from: date | None = None
    visits_remaining: int | None = None
    limit_in_answer: str = ""
    shared_with: tuple[str, ...] = ()
    dollar_limit_cents: int | None = None
    dollars_remaining_cents: int | None = None
    dollars_told_on: date | None = None
    """By default the day on which it was verified."""
    deductible_cents: int | None = None
    family_deductible_cents: int | None = None
    family_deductible_remaining_cents: int | None = None
    out_of_pocket_cents: int | None = None
    family_out_of_pocket_cents: int | None = None
    family_out_of_pocket_remaining_cents: int | None = None
    deductible_applies: bool = True
    copay_waives_deductible: bool = False
    copay_counts_to_out_of_pocket: bool = True
    copay_per: CopayPer = CopayPer.VISIT
    visits_decided_here: int = 0
    """How many of our own visits of that period the payer had decided when it told what is left."""
    set_by_hand: tuple[str, ...] = ()
    """The facts of the answer against which people set something else."""
    without_hand: Verified | None = None
    """What it would be without them."""


_TEXTS = ("representative", "reference", "remarks", "plan_name", "limit_in_answer")
_AMOUNTS = (
    "copay_cents", "deductible_remaining_cents", "out_of_pocket_remaining_cents", "dollar_limit_cents",
    "dollars_remaining_cents", "deductible_cents", "family_deductible_cents", "family_deductible_remaining_cents",
    "out_of_pocket_cents", "family_out_of_pocket_cents", "family_out_of_pocket_remaining_cents",
)  # fmt: skip


def benefit_of(db: Db, patient_id: int, payer_id: int) -> Benefit | None:
    """What is on file of a patient's benefit with a payer; ``None`` while nobody has asked."""
    return db.scalar(select(Benefit).where(Benefit.patient_id == patient_id, Benefit.payer_id == payer_id))


def benefit_with_id(db: Db, benefit_id: int) -> Benefit:
    """The benefit with that number. Raises :class:`NotFound`."""
    benefit = db.get(Benefit, benefit_id)
    if benefit is None:
        raise NotFound(f"There is no benefit {benefit_id}.")
    return benefit


def verify_benefit(
    db: Db,
    patient_id: int,
    payer_id: int,
    said: Verified,
    *,
    by: str = "command:verify",
    at: datetime | None = None,
    answer_id: int | None = None,
) -> Benefit:
    """Keep what the payer said, in place of what it had said before, of which a version is kept.

    ``by`` is the hand, as histories write it; ``at`` an instant, by default now; ``answer_id`` the payer's
    electronic answer it was taken from. Raises :class:`NotFound` when the patient has no policy with that payer,
    :class:`Refused` with every reason.
    """
    check_insured(db, patient_id, payer_id)
    problems = list(benefit_problems_at_entry(said, today(the_clinic(db).time_zone), is_answer=answer_id is not None))
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    hold_lock(db, f"benefit:{patient_id}:{payer_id}")
    benefit = benefit_of(db, patient_id, payer_id)
    before = said_of(benefit) if benefit else None
    benefit = benefit or Benefit(patient_id=patient_id, payer_id=payer_id)
    for name, value in kept_values(said, benefit).items():
        setattr(benefit, name, value)
    db.add(benefit)
    db.flush()
    add_version(db, benefit, before, by=by, at=at or now(), answer_id=answer_id)
    return benefit


def kept_values(said: Verified, on_file: Benefit | None) -> dict[str, Any]:
    """Everything a benefit keeps of what was said, in place of what is on file."""
    values = values_of(said)
    without = said_by(values_of(said.without_hand)) if said.without_hand else None
    return {**values, "without_hand": without, "contradicted_by": contradicted_by(on_file, values)}


def values_of(said: Verified) -> dict[str, Any]:
    """What was said, by the names under which a benefit keeps it."""
    allowed, elsewhere = visits_elsewhere(said)
    values: dict[str, Any] = {name: getattr(said, name) for name in SAID if name not in _TEXTS}
    values |= {name: getattr(said, name).strip() or None for name in _TEXTS}
    values |= {"visits_allowed": allowed, "visits_used_elsewhere": elsewhere}
    if said.dollars_remaining_cents is not None and said.dollars_told_on is None:
        values["dollars_told_on"] = said.verified_on
    shared_with = [pool for pool in POOLS if pool in said.shared_with]
    return values | {"shared_with": shared_with, "set_by_hand": list(said.set_by_hand)}


def visits_elsewhere(said: Verified) -> tuple[int | None, int]:
    """The visits the plan allows, and how many of them others have used.

    What a payer says is left has counted what it had decided by then, ours included: what is gone besides ours went
    elsewhere, to another clinic or to a therapy that shares the limit. Our visits it has not decided yet are
    counted by themselves, so that a limit that lags behind is not used twice.
    """
    if said.visits_remaining is None:
        return said.visits_allowed, said.visits_used_elsewhere
    if said.visits_allowed is None:
        return said.visits_remaining + said.visits_decided_here, 0
    return said.visits_allowed, max(0, said.visits_allowed - said.visits_remaining - said.visits_decided_here)


def benefit_problems_at_entry(said: Verified, today: date, *, is_answer: bool = False) -> Iterator[Problem]:
    """What is wrong with what was written down; an answer may leave standing what an import brought."""
    if not _EARLIEST <= said.verified_on <= today:
        when = "in the future" if said.verified_on > today else "too long ago to mean anything"
        yield _at("verified_on", f"{day_words(said.verified_on)} is {when}.", "Write the day on which it was said.")
    if said.source is BenefitSource.IMPORT and not is_answer:
        yield _at("source", "Only an import learns from the old system.", "Say how it was learned.")
    if said.source is BenefitSource.PHONE and not (said.representative.strip() or said.reference.strip()):
        why = "Of a call, neither who spoke nor the reference number is noted."
        yield _at("reference", why, "Note one of them; without it the payer will not stand by what it said.")
    for name in _AMOUNTS:
        if (getattr(said, name) or 0) < 0:
            yield _at(name.removesuffix("_cents"), "This is less than nothing.", "Write an amount of 0.00 or more.")
    if not 0 <= (said.coinsurance_basis_points or 0) <= 100_00:
        yield _at("coinsurance", "A share is from 0 to 100 percent.", "Write it like 20 or 12.5.")
    yield from _visit_problems(said)
    for name in _TEXTS:
        most = LONGEST_REMARKS if name == "remarks" else LONGEST_TEXT
        if len(getattr(said, name)) > most:
            yield _at(name, f"This is longer than {most:,} characters.", "Shorten it.")


def _visit_problems(said: Verified) -> Iterator[Problem]:
    for name in ("visits_allowed", "visits_used_elsewhere", "visits_remaining"):
        if not 0 <= (getattr(said, name) or 0) <= MOST_VISITS:
            yield _at(name, f"Visits are from 0 to {MOST_VISITS:,}.", "Leave it empty when the plan has no limit.")
    allowed, left = said.visits_allowed, said.visits_remaining
    if allowed is not None and said.visits_used_elsewhere > allowed:
        why = f"Of {allowed} visits {said.visits_used_elsewhere} cannot have been used elsewhere."
        yield _at("visits_used_elsewhere", why, "Correct one of the two numbers.")
    if allowed is not None and left is not None and left > allowed:
        yield _at("visits_remaining", f"Of {allowed} visits {left} cannot be left.", "Correct one of the two numbers.")
    if said.period_months is not None and not 1 <= said.period_months <= MOST_MONTHS:
        yield _at("period_months", f"Months are from 1 to {MOST_MONTHS}.", "Leave it empty for twelve.")
    for pool in said.shared_with:
        if pool not in POOLS:
            yield _at("shared_with", f"Visits are shared with {', '.join(POOLS)}.", "Choose from these.")
    limit, dollars = said.dollar_limit_cents, said.dollars_remaining_cents
    if limit is not None and dollars is not None and dollars > limit:
        yield _at("dollars_remaining", "More cannot be left than the plan pays at all.", "Correct one of the two.")


def check_insured(db: Db, patient_id: int, payer_id: int) -> None:
    """Raise :class:`NotFound` unless the patient has, or had, a policy with that payer."""
    patient_with_id(db, patient_id)
    of_both = (Policy.patient_id == patient_id, Policy.payer_id == payer_id)
    if db.scalar(select(Policy.id).where(*of_both).limit(1)) is None:
        raise NotFound("The patient has no policy with this payer.")


def _at(name: str, why: str, fix: str) -> Problem:
    return block("benefit.entry", why, fix, f"field:{name}")
