"""A patient's account by what each amount is about, and which money pays for what.

Money taken with a session pays for that session first, and stays with it while the session is not charged
or its insurer has not decided. What is free pays the oldest debts; what then is left is the patient's credit.
All of it follows from what was booked, so that it comes out the same whenever and however often it is asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from billing.ledger.accounts import unapplied

About = str | None
"""What a posting is about: ``charge:17``, ``session:5``, ``credit:3``."""


class Waiting(StrEnum):
    """What money that was taken with a session waits for."""

    CHARGES = "charges"
    """The session may still be charged."""
    INSURER = "insurer"
    """The insurer has still to decide what the patient owes of it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What was booked on a patient's account about one thing, leaving allocations out."""

    about: About
    cents: int
    """Above zero owed, below zero money."""
    session_id: int | None = None
    """The session that it belongs to."""
    service_on: date | None = None
    """That session's date of service."""
    waiting: Waiting | None = None
    waiting_cents: int = 0
    """At most so much of its money is kept for its session."""


@dataclass(frozen=True, slots=True)
class Move:
    """Cents, above zero, that money about ``source`` pays of what is owed about ``target``."""

    source: About
    target: About
    cents: int


def moves(subjects: Iterable[Subject], credit: str) -> list[Move]:
    """Which money pays for what; free money that finds no debt goes to ``credit``.

    No debt is paid beyond its amount, no money is spent twice, and the order of ``subjects`` does not matter.
    """
    in_order = sorted(subjects, key=_age)
    owed = {one.about: one.cents for one in in_order if one.cents > 0}
    left = {one.about: -one.cents for one in in_order if one.cents < 0}
    debts_of: dict[int | None, deque[About]] = defaultdict(deque)
    for one in in_order:
        if one.about in owed:
            debts_of[one.session_id].append(one.about)
    money = [one for one in in_order if one.about in left]
    made: list[Move] = []
    for one in money:
        if one.session_id is not None:
            made += _payments(one.about, left, debts_of[one.session_id], owed)
        left[one.about] -= min(left[one.about], one.waiting_cents)
    debts = deque(owed)
    for one in money:
        made += _payments(one.about, left, debts, owed)
        if left[one.about] and one.about != credit:
            made.append(Move(one.about, credit, left[one.about]))
    return made


def _age(one: Subject) -> tuple[date, int, str]:
    """By date of service, then in the order of entry; what belongs to no session comes last."""
    return one.service_on or date.max, parted(one.about)[1], one.about or ""


def parted(about: About) -> tuple[str, int]:
    """A subject's kind and number: ``charge:17`` as ("charge", 17); zero where it has no number."""
    kind, _, number = (about or "").partition(":")
    return kind, int(number) if number.isdecimal() else 0


def _payments(source: About, left: dict[About, int], debts: deque[About], owed: dict[About, int]) -> list[Move]:
    """Spend what is ``left`` of the source on the debts in turn; those that are paid are taken off the queue."""
    made = []
    while left[source] and debts:
        cents = min(left[source], owed[debts[0]])
        if cents:
            made.append(Move(source, debts[0], cents))
        left[source] -= cents
        owed[debts[0]] -= cents
        if not owed[debts[0]]:
            debts.popleft()
    return made


@dataclass(frozen=True)
class Account:
    """One patient's account."""

    patient_id: int
    subjects: tuple[Subject, ...] = ()
    posted: Mapping[About, int] = field(default_factory=dict)
    """What the allocations in the books have moved so far, in cents by subject."""

    @property
    def credit(self) -> str:
        """What free money is about."""
        return unapplied(self.patient_id)

    @cached_property
    def moves(self) -> list[Move]:
        """Which of the patient's money pays for what."""
        return moves(self.subjects, self.credit)

    @cached_property
    def balances(self) -> dict[About, int]:
        """What is owed (above zero) or there (below zero) about each subject, once money has gone where it belongs."""
        found = Counter({one.about: one.cents for one in self.subjects})
        found.update(self._moved)
        return {about: cents for about, cents in found.items() if cents}

    @property
    def differences(self) -> dict[About, int]:
        """What is still to be posted so that the books say the same; empty when they do."""
        found = Counter(self._moved)
        found.subtract(self.posted)
        return {about: cents for about, cents in found.items() if cents}

    @property
    def owed_cents(self) -> int:
        """What the patient has still to pay."""
        return sum(cents for cents in self.balances.values() if cents > 0)

    @property
    def free_cents(self) -> int:
        """The patient's credit that pays for nothing."""
        return max(0, -self.balances.get(self.credit, 0))

    @cached_property
    def kept(self) -> dict[About, int]:
        """Money that waits for its session, by subject."""
        return {about: -cents for about, cents in self.balances.items() if cents < 0 and about != self.credit}

    @property
    def _moved(self) -> Counter[About]:
        found: Counter[About] = Counter()
        for move in self.moves:
            found[move.source] += move.cents
            found[move.target] -= move.cents
        return found
