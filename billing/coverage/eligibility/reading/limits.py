"""How often and up to how much: visits and dollars, allowed and left, and the year they count in. Pure.

Only rows that name acupuncture limit it: how many office visits or chiropractic treatments a plan pays is another
matter, unless the payer says that they share one limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from billing.coverage.eligibility.reading.choosing import Candidate, cautious_lowest, chosen, first_said
from billing.coverage.eligibility.reading.facts import UNLIMITED, Fact, FactKind, Value
from billing.coverage.eligibility.reading.shares import LEFT, SO_FAR
from billing.coverage.eligibility.reading.weighing import NAMED, Weighed
from billing.edi.eligibility_271.answer import Benefit

LIMIT, NO_LIMIT = "F", "H"
VISITS, SERVICES, USED = "VS", "P6", "99"
_YEARS = {"23": "calendar_year", "22": "plan_year", "25": "plan_year"}
YEARLY = frozenset({"", "21", "22", "23", "25"})
_MOST = 9_999
POOL_OF: Mapping[str, str] = {"33": "chiropractic", "AD": "therapy", "AE": "therapy", "PT": "therapy"}
"""Therapies by the service types under which a payer may name them together with acupuncture."""
AND = " and "


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of visits that a row or its delivery pattern tells."""

    number: int
    period: str
    is_used: bool
    remark: str = ""


def limit_facts(rows: Sequence[Weighed]) -> list[Fact]:
    """Visits and dollars, allowed and left, and the year."""
    named = [one for one in rows if one.trust == NAMED and one.row.information in (LIMIT, NO_LIMIT)]
    fitting = [one for one in named if not one.is_out]
    out = [one for one in named if one.is_out]
    allowed = chosen(FactKind.VISITS_ALLOWED, _allowed(fitting), _lowest, "No row tells a limit of visits.", out)
    left = _within(_visits_left(fitting, allowed, out), allowed)
    return [allowed, left, *_dollars(fitting, out), _year(rows, allowed), _shared(fitting, allowed, left)]


def _within(left: Fact, allowed: Fact) -> Fact:
    """More cannot be left than is allowed."""
    if isinstance(left.value, int) and isinstance(allowed.value, int) and left.value > allowed.value:
        conflict = "More is said to be left than is allowed at all. Ask the payer."
        return replace(left, value=allowed.value, conflict=conflict)
    return left


def _lowest(values: Sequence[Value]) -> Value:
    """A number before no limit."""
    return cautious_lowest([one for one in values if one != UNLIMITED])


def _allowed(fitting: Sequence[Weighed]) -> Iterator[Candidate]:
    for one in fitting:
        if one.row.information == NO_LIMIT:
            yield Candidate(one, UNLIMITED)
        for counted in counts(one.row):
            if counted.period in YEARLY and not counted.is_used:
                yield Candidate(one, counted.number, remarks=_remarks(counted))


def _visits_left(fitting: Sequence[Weighed], allowed: Fact, out: Sequence[Weighed]) -> Fact:
    found = [(one, counted) for one in fitting for counted in counts(one.row)]
    left = [
        Candidate(one, counted.number, remarks=_remarks(counted)) for one, counted in found if counted.period == LEFT
    ]
    fact = chosen(FactKind.VISITS_LEFT, left, cautious_lowest, "No row tells how many visits are left.", out)
    used = [(one, counted) for one, counted in found if counted.is_used or counted.period == SO_FAR]
    if fact.rows or fact.conflict or not used or not isinstance(allowed.value, int):
        return fact
    row, most = max(used, key=lambda pair: (pair[1].number, -pair[0].number))
    why = f"Rows {allowed.rows[0]} and {row.number}: {allowed.value} allowed less {most.number} used."
    rows = tuple(sorted({*allowed.rows, row.number}))
    return replace(fact, value=max(0, allowed.value - most.number), why=why, rows=rows)


def counts(row: Benefit) -> Iterator[Counted]:
    """The visits that a limit counts: in the row itself, or where that is silent in its delivery patterns."""
    if row.quantity is not None and row.quantity_qualifier:
        yield from _counted(row.quantity_qualifier, row.quantity, row.period)
        return
    for one in row.deliveries:
        if one.quantity is not None and not one.unit:
            yield from _counted(one.quantity_qualifier, one.quantity, one.period or row.period)


def _counted(qualifier: str, quantity: Decimal, period: str) -> Iterator[Counted]:
    if not 0 <= quantity <= _MOST or quantity != quantity.to_integral_value():
        return
    number = int(quantity)
    if qualifier == VISITS:
        yield Counted(number, period, is_used=False)
    elif qualifier == SERVICES:
        yield Counted(number, period, is_used=False, remark="The payer counts services, not visits.")
    elif qualifier == USED:
        yield Counted(number, period, is_used=True)


def _remarks(counted: Counted) -> tuple[str, ...]:
    return (counted.remark,) if counted.remark else ()


def _dollars(fitting: Sequence[Weighed], out: Sequence[Weighed]) -> list[Fact]:
    of_money = [one for one in fitting if one.row.information == LIMIT and (one.row.cents or 0) >= 0]
    of_money = [one for one in of_money if one.row.cents is not None]
    allowed = [Candidate(one, one.row.cents) for one in of_money if one.row.period in YEARLY]
    left = [Candidate(one, one.row.cents) for one in of_money if one.row.period == LEFT]
    unsaid = "No row tells a limit of money."
    whole = chosen(FactKind.DOLLARS_ALLOWED, allowed, cautious_lowest, unsaid, [one for one in out if one.row.cents])
    rest = chosen(FactKind.DOLLARS_LEFT, left, cautious_lowest, "No row tells what is left of a limit of money.")
    return [whole, _within(rest, whole)]


def _year(rows: Sequence[Weighed], allowed: Fact) -> Fact:
    """The year in which visits count: that of the limit; else that of the amounts, which is usually the same."""
    of_limit = [one for one in rows if one.number in allowed.rows]
    candidates = [
        Candidate(one, _YEARS[period], int(one in of_limit), "is the limit itself" if one in of_limit else "")
        for one in rows
        if not one.is_out and (period := _period_of(one.row)) in _YEARS
    ]
    return chosen(FactKind.PERIOD, candidates, first_said, "No row tells in which year limits count.")


def _shared(fitting: Sequence[Weighed], allowed: Fact, left: Fact) -> Fact:
    """Therapies that the limit which counts is named for as well: in one row, by repeated service types."""
    found = {
        one.number: [POOL_OF[code] for code in one.row.service_types if code in POOL_OF]
        for one in fitting
        if one.number in {*allowed.rows, *left.rows}
    }
    rows = tuple(sorted(number for number, pools in found.items() if pools))
    if not rows:
        return Fact(FactKind.SHARED, None, "No limit is named for acupuncture together with another therapy.")
    pools = sorted({pool for pools in found.values() for pool in pools})
    named = f"Row {rows[0]}" if len(rows) == 1 else f"Rows {', '.join(map(str, rows))}"
    why = f"{named}: the limit is named for acupuncture and these together, so that they use up the same visits."
    return Fact(FactKind.SHARED, AND.join(pools), why, rows)


def _period_of(row: Benefit) -> str:
    return row.period or next((one.period for one in row.deliveries if one.period), "")
