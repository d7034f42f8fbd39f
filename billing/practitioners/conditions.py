"""What has to be in force besides when a licence is renewed, such as a CPR card, and what of it is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from billing.practitioners.lapsing import Held
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from billing.practitioners.renewal_rules import RenewalRule


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a renewal asks for besides, and how far what is on file goes."""

    kind: CredentialKind
    what: str
    """In the words of the rule."""
    on: date
    """The day on which it has to be in force: the last day of the term, or today when that is over."""
    until: date | None
    """The last day of what is on file of that kind; empty when there is nothing in force any more."""

    @property
    def is_met(self) -> bool:
        """Whether it will be in force."""
        return self.until is not None and self.until >= self.on

    @property
    def words(self) -> str:
        """What is missing, in words."""
        if self.until is None:
            return f"{self.what}: nothing in force on file"
        return f"{self.what}: only to {self.until}"


def conditions(one: Held, rule: RenewalRule, theirs: Iterable[Credential], today: date) -> list[Condition]:
    """Everything that the renewal of something asks for besides, by what the same person holds."""
    on = max(one.entries[-1].ends_on, today)
    known = [
        each
        for each in theirs
        if each.practitioner_id == one.practitioner_id
        and each.status is CredentialStatus.ACTIVE
        and each.ends_on >= today
        and each.valid_from <= on
    ]
    return [
        Condition(kind, needed.what, on, max((each.ends_on for each in known if each.kind is kind), default=None))
        for needed in rule.needs
        if (kind := CredentialKind(needed.kind))
    ]


def lacking(one: Held, rules: Iterable[RenewalRule], theirs: Iterable[Credential], today: date) -> list[Condition]:
    """What of it is missing by the most fitting of the rules."""
    rule = next(iter(rules), None)
    if rule is None or not rule.needs:
        return []
    return [each for each in conditions(one, rule, theirs, today) if not each.is_met]
