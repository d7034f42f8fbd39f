"""What an estimate is about: which services, on which days, and what each visit is expected to cost. Pure.

Each visit is priced by the fee schedule of its own day, so that a fee known to rise is in the estimate already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter

from billing.charges.pricing import FeeSchedule
from billing.errors import Problem, block

LONGEST_MONTHS = 12
"""One estimate may speak for recurring care for at most so long (45 CFR 149.610(b)(1), to be checked there)."""
MOST_VISITS = 120
MOST_SERVICES = 20
MOST_UNITS = 20


@dataclass(frozen=True, slots=True)
class ExpectedService:
    """A service expected at every visit, or at the first one alone."""

    code: str
    units: int = 1
    at_first_only: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What was, or is to be, estimated."""

    services: tuple[ExpectedService, ...]
    days: tuple[date, ...]
    """The expected day of each visit, in order."""
    to_on: date
    """The last day on which the estimate speaks; the last visit's, or a later one."""
    diagnoses: tuple[str, ...] = ()
    frequency: str = ""
    """How often, in the words of whoever plans it; may be empty."""
    separately: tuple[str, ...] = ()

    @property
    def from_on(self) -> date:
        """The first visit's day."""
        return self.days[0]


@dataclass(frozen=True, slots=True)
class PricedScope:
    """A scope with its prices."""

    scope: Scope
    visits: tuple[int, ...]
    """What each visit is expected to cost, in cents, in order."""

    @property
    def total(self) -> int:
        """What all of it is expected to cost, in cents."""
        return sum(self.visits)

    def for_first(self, count: int) -> int:
        """What so many visits were expected to cost; those beyond the estimated ones nothing, as nobody was told."""
        return sum(self.visits[:count])


SCOPE: TypeAdapter[PricedScope] = TypeAdapter(PricedScope)


def as_stored(priced: PricedScope) -> dict[str, Any]:
    """For the row."""
    return dict(SCOPE.dump_python(priced, mode="json"))


def from_stored(stored: Mapping[str, Any]) -> PricedScope:
    """From the row."""
    return SCOPE.validate_python(stored)


def services_at(scope: Scope, number: int) -> list[ExpectedService]:
    """The services expected at a visit, counted from 1."""
    return [one for one in scope.services if number == 1 or not one.at_first_only]


def priced_scope(scope: Scope, schedule: FeeSchedule) -> PricedScope:
    """What each visit costs by the schedule; a service without a fee costs nothing here, and is a problem."""
    return PricedScope(
        scope,
        tuple(
            sum((schedule.price(one.code, day) or 0) * one.units for one in services_at(scope, number))
            for number, day in enumerate(scope.days, start=1)
        ),
    )


@dataclass(frozen=True, slots=True)
class PricedService:
    """A service as often as it is expected at one price."""

    code: str
    units: int
    each_cents: int
    """For all units at one visit."""
    visits: int


def priced_services(scope: Scope, schedule: FeeSchedule) -> list[PricedService]:
    """The services by price, in the order in which they come: what the estimate lists."""
    counted: Counter[tuple[int, int]] = Counter()
    for number, day in enumerate(scope.days, start=1):
        for place, one in enumerate(scope.services):
            if number == 1 or not one.at_first_only:
                counted[place, (schedule.price(one.code, day) or 0) * one.units] += 1
    in_order = sorted(counted.items(), key=lambda item: item[0][0])
    return [
        PricedService(scope.services[place].code, scope.services[place].units, cents, visits)
        for (place, cents), visits in in_order
    ]


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    next_month = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), next_month - timedelta(days=1))


def scope_problems(scope: Scope, schedule: FeeSchedule) -> list[Problem]:
    """Everything that keeps this from being estimated, each at its field."""
    return [*_day_problems(scope), *_service_problems(scope, schedule)]


def _day_problems(scope: Scope) -> Iterable[Problem]:
    if not scope.days:
        yield block("estimate.days", "No visit is expected.", "Say how many visits there will be.", "field:visits")
        return
    if len(scope.days) > MOST_VISITS:
        why = f"{len(scope.days)} visits are more than an estimate takes ({MOST_VISITS})."
        yield block("estimate.days", why, "Estimate the first part of the course.", "field:visits")
    if list(scope.days) != sorted(set(scope.days)):
        yield block("estimate.days", "Two visits are on one day.", "Name each day once.", "field:visits")
    last = months_later(scope.from_on, LONGEST_MONTHS) - timedelta(days=1)
    if max(scope.to_on, scope.days[-1]) > last:
        why = f"One estimate speaks for {LONGEST_MONTHS} months at most, here until {last}."
        yield block("estimate.span", why, "End it then; a further one can follow.", "field:to_on")
    if scope.to_on < scope.days[-1]:
        why = f"It would end on {scope.to_on}, before the last visit on {scope.days[-1]}."
        yield block("estimate.span", why, "Name the day of the last visit or a later one.", "field:to_on")


def _service_problems(scope: Scope, schedule: FeeSchedule) -> Iterable[Problem]:
    if not scope.services:
        yield block("estimate.services", "No service is expected.", "Name at least one.", "field:services")
    if len(scope.services) > MOST_SERVICES:
        why = f"{len(scope.services)} services are more than an estimate lists ({MOST_SERVICES})."
        yield block("estimate.services", why, "List what is billed, not each of its parts.", "field:services")
    for code, number in Counter(one.code for one in scope.services).items():
        if number > 1:
            yield block("estimate.services", f"{code} is listed twice.", "List it once.", "field:services")
    for one in scope.services:
        if not 1 <= one.units <= MOST_UNITS:
            why = f"{one.code} has from 1 to {MOST_UNITS} units, not {one.units}."
            yield block("estimate.services", why, "Correct the units.", "field:services")
        if any(schedule.price(one.code, day) is None for day in scope.days):
            why = f"{one.code} has no standard fee in effect on some of these days."
            yield block("fee.missing", why, "Enter the fee with the day it took effect.", f"fee:{one.code}")
