"""The estimate of a course of visits: what is expected, from whom, at what price, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from billing.money import Money
from billing.pdf.page import amount_text
from billing.pdf.paper import Column, Fact, Paper
from billing.pdf.parts import Letterhead, Party, total_of


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who is expected to bill, as the estimate has to name them. Empty facts are not printed."""

    name: str
    npi: str = ""
    tax_id: str = ""
    practice: str = ""
    """For whom they bill; the taxpayer number is that one's."""
    address: tuple[str, ...] = ()
    """Where the care is given; the last line holds the state."""

    @property
    def facts(self) -> tuple[str, ...]:
        """What the estimate says of them besides the name, one string a line."""
        numbers = [f"{label} {number}" for label, number in (("NPI", self.npi), ("TIN", self.tax_id)) if number]
        return (" · ".join(numbers), self.practice, *self.address)


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """One service as often as it is expected at one price."""

    provider: Provider
    description: str
    code: str
    """CPT or HCPCS code; empty when there is none."""
    each: Money
    """For all units at one visit."""
    visits: int
    units: int = 1
    """At each visit."""
    diagnoses: tuple[str, ...] = ()
    """Codes; empty while none is known."""

    @property
    def amount(self) -> Money:
        """The expected charge for all visits."""
        return Money(self.each.cents * self.visits, self.each.currency)


@dataclass(frozen=True, slots=True)
class Estimate:
    """All that an estimate prints. Its totals are sums of its items and cannot be given differently."""

    title: str
    """What the paper calls itself: ``Good faith estimate``."""
    number: str
    issued_on: date
    letterhead: Letterhead
    patient: Party
    birth_date: date
    service: str
    """The primary service in plain words."""
    from_on: date
    to_on: date
    """The last day on which it speaks."""
    visits: int
    items: tuple[ExpectedItem, ...]
    currency: str = "USD"
    schedule: str = ""
    """On which days, or how often, in a sentence or two."""
    separately: tuple[str, ...] = ()
    """What may be scheduled separately, and is not in the items."""
    replaces: str = ""
    """The number of the estimate before, and why this one replaces it."""
    notes: tuple[str, ...] = ()
    """What the reader must be told, a paragraph each."""

    @property
    def total(self) -> Money:
        """What all of it is expected to cost."""
        return total_of([item.amount for item in self.items], self.currency)


_COLUMNS = (
    Column("Service"),
    Column("Code", 48),
    Column("Diagnosis", 68),
    Column("Units", 38, right=True),
    Column("Visits", 40, right=True),
    Column("Each visit", 64, right=True),
    Column("Expected", 72, right=True),
)
_CODE, _DIAGNOSIS = 1, 2
"""Columns that are left out: codes where no item has one, diagnoses where they are the same of all items."""
DIAGNOSES = "Diagnosis, of each service"
RECEIVED = "I was given this estimate and could ask about it."
SIGNER = "Signature of the patient or guardian, and date"


def render_estimate(estimate: Estimate) -> bytes:
    """The estimate as a PDF. Raises ``ValueError`` when an amount is not of the estimate's currency."""
    paper = Paper(estimate.letterhead, estimate.title, estimate.number)
    paper.facts(_facts(estimate))
    paper.callout(_headline(estimate), estimate.schedule)
    items = list(_by_provider(estimate.items))
    left_out = {_CODE} if not any(item.code for item in items) else set()
    left_out |= {_DIAGNOSIS} if _common_diagnoses(estimate) is not None else set()
    wanted = [at for at in range(len(_COLUMNS)) if at not in left_out]
    paper.table(
        [_COLUMNS[at] for at in wanted],
        [tuple(_row(item)[at] for at in wanted) for item in items],
        heading="What is expected",
        above=_provider_titles(items),
    )
    paper.totals([], ("Expected in all", amount_text(estimate.total)), signature=RECEIVED, by_hand=SIGNER)
    paper.note(_separately(estimate), *estimate.notes)
    return paper.finish()


def _facts(estimate: Estimate) -> list[list[Fact]]:
    day = estimate.letterhead.region.date_text
    span = day(estimate.from_on)
    if estimate.to_on != estimate.from_on:
        span = f"{span} to {day(estimate.to_on)}"
    return [
        [
            Fact("Patient", (estimate.patient.name, *estimate.patient.address)),
            Fact("Date of birth", (day(estimate.birth_date),)),
            Fact(DIAGNOSES, (", ".join(_common_diagnoses(estimate) or ()),)),
        ],
        _providers(estimate),
        [
            Fact("Estimate of", (day(estimate.issued_on),)),
            Fact("It speaks for", (span,)),
            Fact("Expected care", (estimate.service,)),
            Fact("Replaces", (estimate.replaces,)),
        ],
    ]


def _providers(estimate: Estimate) -> list[Fact]:
    """Who is expected to bill."""
    providers = dict.fromkeys(item.provider for item in estimate.items)
    return [Fact("Provider", (one.name, *one.facts)) for one in providers]


def _headline(estimate: Estimate) -> str:
    visits = f"{estimate.visits} visits" if estimate.visits > 1 else "one visit"
    return f"We expect {visits} to cost {amount_text(estimate.total)}. This is an estimate, not a bill."


def _by_provider(items: Iterable[ExpectedItem]) -> Iterator[ExpectedItem]:
    """The items of each provider together, providers in the order in which they first come."""
    known = list(items)
    order = list(dict.fromkeys(item.provider for item in known))
    return iter(sorted(known, key=lambda item: order.index(item.provider)))


def _provider_titles(items: list[ExpectedItem]) -> list[str]:
    """The provider's name above the first of their items."""
    later = ["" if one.provider == two.provider else two.provider.name for one, two in pairwise(items)]
    return [items[0].provider.name, *later] if items else []


def _common_diagnoses(estimate: Estimate) -> tuple[str, ...] | None:
    """The diagnoses that every item names; ``None`` where they differ."""
    named = {item.diagnoses for item in estimate.items}
    return next(iter(named), ()) if len(named) < 2 else None


def _row(item: ExpectedItem) -> tuple[str, ...]:
    units, visits = str(item.units), str(item.visits)
    codes = ", ".join(item.diagnoses)
    return item.description, item.code, codes, units, visits, amount_text(item.each), amount_text(item.amount)


def _separately(estimate: Estimate) -> str:
    if not estimate.separately:
        return ""
    return (
        "May be scheduled separately, and is not in the amounts above; ask, and you get an estimate of it too: "
        f"{'; '.join(estimate.separately)}."
    )
