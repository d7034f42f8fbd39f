"""What a licence asks for besides being renewed: education in its term, and looking into again by payers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.clinic.places import Workplace
from billing.payers.models import Payer
from billing.practitioners.conditions import Condition, conditions
from billing.practitioners.education import Asked, Cycle, cycle_of, education_needed, shortage
from billing.practitioners.lapsing import LAPSES_WITHIN_DAYS, Held
from billing.practitioners.licensing import is_acupuncturist
from billing.practitioners.models import (
    ContinuingEducation,
    Credential,
    CredentialKind,
    CredentialStatus,
    Enrolment,
    Practitioner,
)
from billing.practitioners.renewal_data import renewals
from billing.practitioners.renewal_rules import Expiry, RenewalRule, next_expiry, renewal_opens

_HOUR = 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rule says of the renewal of something."""

    rule: RenewalRule
    expiry: Expiry
    opens_on: date | None
    """From then on it can be renewed, where the rule tells."""


@dataclass(frozen=True, slots=True)
class Education:
    """What a renewal asks to be learned, and what has been."""

    held: Held
    rule: RenewalRule
    cycle: Cycle
    asked: Sequence[Asked]

    @property
    def missing(self) -> int:
        """The minutes that are missing at least."""
        return shortage(self.asked)

    @property
    def missing_words(self) -> str:
        """The same in words."""
        return f"{in_hours(self.missing)} {self.unit}"

    @property
    def unit(self) -> str:
        """In what it is counted."""
        return self.rule.education.unit if self.rule.education else "hours"

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing, courses included."""
        return all(one.is_met for one in self.asked)

    def days_left(self, today: date) -> int:
        """Days until the term ends."""
        return (self.cycle.last - today).days


@dataclass(frozen=True, slots=True)
class Besides:
    """What a renewal asks to be in force besides, and by which rule."""

    held: Held
    rule: RenewalRule
    asked: Sequence[Condition]

    @property
    def is_met(self) -> bool:
        """Whether all of it will be."""
        return all(one.is_met for one in self.asked)


@dataclass(frozen=True, slots=True)
class Recredentialing:
    """That a payer wants somebody looked into again."""

    enrolment: Enrolment
    payer: Payer
    holder: Practitioner
    days_left: int
    """Below zero when it is overdue."""


def in_hours(minutes: int) -> str:
    """Minutes as hours: ``2``, ``1.5``."""
    hours, rest = divmod(minutes, _HOUR)
    return f"{hours}.{rest * 10 // _HOUR}" if rest else str(hours)


def goes_by_rules(held: Held, holder: Practitioner | None) -> bool:
    """Whether the rules can be about it: those about licences are about acupuncturists' alone."""
    return held.kind is not CredentialKind.LICENCE or holder is None or is_acupuncturist(holder)


def rules_of(held: Held, here: Workplace) -> list[RenewalRule]:
    """The rules that may be meant, the most fitting first."""
    return renewals().for_credential(held.kind, held.issuer, here.country, here.state)


def proposals(held: Held, here: Workplace, birth_date: date | None) -> list[Proposal]:
    """The last day of the next term by each rule that may be meant; of the present one while its end is unknown."""
    last = held.entries[-1]
    first = held.entries[0].valid_from if last.valid_to is None and len(held.entries) == 1 else None
    found = []
    for rule in rules_of(held, here):
        ended = None if first is not None else last.ends_on
        begins = first or last.valid_from
        expiry = next_expiry(rule, ended=ended, begins=begins, birth_date=birth_date, number=held.number)
        opens_on = renewal_opens(rule, last.valid_to) if last.valid_to is not None else None
        found.append(Proposal(rule, expiry, opens_on))
    return found


def education_of(held: Held, courses: Iterable[ContinuingEducation], here: Workplace) -> Education | None:
    """What the renewal of something asks to be learned; nothing where no rule is known, or it asks for nothing."""
    known = [one for one in rules_of(held, here) if one.education]
    if not known or known[0].education is None:
        return None
    cycle = cycle_of(held, known[0])
    if cycle is None:
        return None
    return Education(held, known[0], cycle, education_needed(known[0].education, courses, cycle))


def besides(held: Held, theirs: Iterable[Credential], here: Workplace, today: date) -> Besides | None:
    """What the renewal of something asks to be in force besides; nothing where no rule is known, or it asks nothing."""
    rule = next(iter(rules_of(held, here)), None)
    if rule is None or not rule.needs:
        return None
    return Besides(held, rule, conditions(held, rule, theirs, today))


def lacking_besides(
    credentials: Iterable[Held], entries: Sequence[Credential], here: Workplace, today: date
) -> list[Besides]:
    """What is missing for terms that end soon or are over and still count, the next to end first."""
    found = []
    for one in credentials:
        last = one.entries[-1]
        if last.status is not CredentialStatus.ACTIVE or one.is_replaced(max(last.ends_on, today)):
            continue
        asked = besides(one, entries, here, today)
        if asked and not asked.is_met and (last.ends_on - today).days <= LAPSES_WITHIN_DAYS:
            found.append(asked)
    return sorted(found, key=lambda one: one.held.entries[-1].ends_on)


def shortages(
    credentials: Iterable[Held],
    courses: Mapping[int, Sequence[ContinuingEducation]],
    here: Workplace,
    today: date,
) -> list[Education]:
    """What is missing for terms that end soon and are not over, the next to end first."""
    found = []
    for one in credentials:
        last = one.entries[-1]
        ends_soon = 0 <= (last.ends_on - today).days <= LAPSES_WITHIN_DAYS
        if one.practitioner_id is None or not ends_soon or last.status is not CredentialStatus.ACTIVE:
            continue
        asked = education_of(one, courses.get(one.practitioner_id, ()), here)
        if asked is not None and not asked.is_met and not one.is_replaced(last.ends_on):
            found.append(asked)
    return sorted(found, key=lambda one: one.cycle.last)


def recredentialings(
    enrolments: Iterable[tuple[Enrolment, Payer]], people: Iterable[Practitioner], today: date
) -> list[Recredentialing]:
    """Who is to be looked into again within the next months by a payer they are enrolled with, or should have been."""
    here = {one.id: one for one in people}
    found = [
        Recredentialing(one, payer, here[one.practitioner_id], (one.recredential_by - today).days)
        for one, payer in enrolments
        if one.recredential_by is not None
        and one.practitioner_id in here
        and (one.effective_to is None or one.effective_to >= today)
        and (one.recredential_by - today).days <= LAPSES_WITHIN_DAYS
    ]
    return sorted(found, key=lambda one: one.days_left)
