"""Prices as the settings show them: what holds today, what follows, and what went before. A fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from billing.charges.models import Charge, Fee
from billing.charges.queries import all_fees, fees_of_code
from billing.codes.procedures import label_of
from billing.database import Db
from billing.payers.models import Payer
from billing.payers.queries import all_payers


@dataclass(frozen=True, slots=True)
class Price:
    """One price with what became of it."""

    fee: Fee
    until: date | None
    """The day from which the next one holds; empty while none follows."""
    is_now: bool
    is_to_come: bool
    sessions: int
    """Sessions charged for the code while it holds."""

    @property
    def can_be_taken_back(self) -> bool:
        """Whether nothing has been charged while it holds."""
        return not self.sessions


@dataclass(frozen=True, slots=True)
class Schedule:
    """The prices of a code, standard or of one payer's contract, the latest first."""

    payer: Payer | None
    prices: Sequence[Price]

    @property
    def now(self) -> Price | None:
        """What holds today."""
        return next((one for one in self.prices if one.is_now), None)

    @property
    def following(self) -> Price | None:
        """What holds next."""
        to_come = [one for one in self.prices if one.is_to_come]
        return to_come[-1] if to_come else None


@dataclass(frozen=True, slots=True)
class CodePrices:
    """A code with its prices."""

    code: str
    label: str
    """Our own words for it; the code itself when we have none."""
    standard: Schedule
    contracts: Sequence[Schedule]

    def of(self, payer_id: int) -> Schedule | None:
        """What a payer's contract allows for it."""
        return next((one for one in self.contracts if one.payer and one.payer.id == payer_id), None)


def fees_page(db: Db, today: date) -> tuple[list[CodePrices], Sequence[Payer]]:
    """Every code that has a price, and all payers; two queries. How often each price was charged is left out."""
    payers = all_payers(db)
    by_code: dict[str, list[Fee]] = defaultdict(list)
    for fee in all_fees(db):
        by_code[fee.code].append(fee)
    return [_code_prices(code, fees, payers, today, {}) for code, fees in by_code.items()], payers


def fee_page(db: Db, code: str, today: date) -> tuple[CodePrices, Sequence[Payer]]:
    """One code with all its prices and how often each was charged, and all payers; three queries."""
    payers = all_payers(db)
    return _code_prices(code, fees_of_code(db, code), payers, today, _charged(db, code)), payers


def _charged(db: Db, code: str) -> dict[date, int]:
    rows = db.execute(
        select(Charge.service_on, func.count(Charge.session_id.distinct()))
        .where(Charge.code == code, Charge.reversed_at.is_(None))
        .group_by(Charge.service_on)
    )
    return dict(rows.all())


def _code_prices(
    code: str, fees: Sequence[Fee], payers: Sequence[Payer], today: date, charged: Mapping[date, int]
) -> CodePrices:
    by_payer: dict[int | None, list[Fee]] = defaultdict(list)
    for fee in fees:
        by_payer[fee.payer_id].append(fee)
    contracts = [Schedule(one, _prices(by_payer[one.id], today, charged)) for one in payers if one.id in by_payer]
    return CodePrices(code, label_of(code), Schedule(None, _prices(by_payer[None], today, charged)), contracts)


def _prices(fees: Sequence[Fee], today: date, charged: Mapping[date, int]) -> list[Price]:
    ordered = sorted(fees, key=lambda fee: fee.effective_from)
    found = []
    for place, fee in enumerate(ordered):
        until = ordered[place + 1].effective_from if place + 1 < len(ordered) else None
        has_begun = fee.effective_from <= today
        sessions = sum(
            count for on, count in charged.items() if fee.effective_from <= on and (until is None or on < until)
        )
        found.append(Price(fee, until, has_begun and (until is None or today < until), not has_begun, sessions))
    return found[::-1]
