"""One answer to one question: is it about the same person, is it the newest, and what becomes of the benefit? Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from billing.coverage.benefit_editing import Verified, benefit_problems_at_entry
from billing.coverage.benefit_kept import without_hand
from billing.coverage.eligibility.merging import Said, verified_from
from billing.coverage.eligibility.models import EligibilityQuestion
from billing.coverage.eligibility.posing import Insured
from billing.coverage.eligibility.reading.facts import Circumstances, FactKind, Reading, Value
from billing.coverage.eligibility.reading.reading import reading_of
from billing.coverage.eligibility.reading.wording import value_words
from billing.coverage.models import Benefit, BenefitPeriod
from billing.coverage.visits import benefit_year, period_of
from billing.edi.eligibility_271.answer import EligibilityAnswer
from billing.practitioners.models import Network


@dataclass(frozen=True, slots=True)
class Known:
    """What is on file around one question."""

    question: EligibilityQuestion
    insured: Insured
    networks: Collection[Network]
    """In which practitioners here treat for this payer on the day asked about."""
    benefit: Benefit | None
    overrides: Mapping[FactKind, tuple[Value, Value]]
    """What people set against facts, and what the payer had said of each then."""
    newest_asked: int
    """The newest question about the policy that was answered."""
    decided_days: Mapping[date, date]
    """Days of visits here that this payer has paid for, and on which day it first decided each."""


@dataclass(frozen=True, slots=True)
class Told:
    """When the payer told it, and under which number of its own."""

    on: date | None
    reference: str


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer with what is to be done about it."""

    answer: EligibilityAnswer
    known: Known
    reading: Reading
    verified: Verified | None
    why_not: str
    """Why it does not become the benefit on file."""

    @property
    def summary(self) -> str:
        """What it says, in a few words."""
        if self.reading.is_rejected:
            return "; ".join(dict.fromkeys(one.words for one in self.reading.rejections))
        active = value_words(FactKind.ACTIVE, self.reading.value(FactKind.ACTIVE), "")
        covered = value_words(FactKind.COVERED, self.reading.value(FactKind.COVERED), "")
        looser = self.verified.limit_in_answer if self.verified else ""
        kept = f"; the limit noted by hand stands, the answer says {looser}" if looser else ""
        return f"plan in force: {active}; acupuncture covered: {covered}{kept}"


def judged(answer: EligibilityAnswer, known: Known, today: date) -> Judged:
    """What is to be done about an answer that came on that day of the clinic."""
    reading = reading_of(answer, Circumstances(known.question.about_on, _in_network(known.networks)))
    why_not = _why_not(answer, known, reading)
    kept = None
    if not why_not:
        told = Told(answer.produced_on, own_reference(answer))
        kept = verified(known, reading, still_standing(known, reading), told, today)
        why_not = " ".join(problem.why for problem in benefit_problems_at_entry(kept, today, is_answer=True))
    return Judged(answer, known, reading, None if why_not else kept, why_not)


def own_reference(answer: EligibilityAnswer) -> str:
    """The payer's own number for its answer."""
    return next((trace.number for trace in answer.traces if trace.kind == "1"), "")


def _in_network(networks: Collection[Network]) -> bool | None:
    """Where some are in the network and some are not, it depends on who treats."""
    return Network.IN in networks if len(set(networks)) == 1 else None


def _why_not(answer: EligibilityAnswer, known: Known, reading: Reading) -> str:
    if reading.is_rejected or not answer.benefits:
        return "The payer told nothing about the cover."
    born = answer.patient.birth_date if answer.patient else None
    if born is not None and born != known.insured.patient.birth_date:
        return "The payer tells another birth date than the one on file: it may be about somebody else."
    if known.question.id < known.newest_asked:
        return "A question that was asked later has been answered already."
    return ""


def still_standing(known: Known, reading: Reading) -> dict[FactKind, Value]:
    """What people set against facts that this answer tells as the one before did."""
    return {fact: value for fact, (value, said) in known.overrides.items() if reading.value(fact) == said}


def verified(
    known: Known, reading: Reading, overrides: Mapping[FactKind, Value], told: Told, today: date, *,
    limit_is_taken: bool = False,
) -> Verified:  # fmt: skip
    """The benefit as this reading and what people set against it make it."""
    on_file = without_hand(known.benefit) or Benefit(period=_period(reading))
    told_on = min(told.on or today, today)
    first, end = period_of(on_file, known.insured.policy, told_on)
    year_began_on, _ = benefit_year(on_file, known.insured.policy, told_on)
    decided = known.decided_days.items()
    said = Said(
        reading=reading,
        told_on=told_on,
        reference=(told.reference or known.question.trace)[:50],
        overrides=overrides,
        year_began_on=year_began_on,
        period_began_on=first,
        decided_here=sum(first <= day < end and decided_on <= told_on for day, decided_on in decided),
        limit_is_taken=limit_is_taken,
    )
    return verified_from(said, known.benefit)


def _period(reading: Reading) -> BenefitPeriod:
    value = reading.value(FactKind.PERIOD)
    return BenefitPeriod(str(value)) if value is not None else BenefitPeriod.CALENDAR_YEAR
