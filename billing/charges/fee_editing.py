"""Setting prices. A price that may have been charged is never rewritten: another one follows it from a day on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from billing.charges.models import Fee
from billing.charges.queries import fee_with_id, fees_of_code, sessions_charged
from billing.codes.procedures import procedure, procedures
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.payers.queries import payer_with_id

_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,19}")
HIGHEST_CENTS = 10_000_00
"""For one unit; more is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A price that is to hold from a day on."""

    code: str
    payer_id: int | None
    """Empty for the clinic's own fee; else the contract whose allowed amount this is."""
    cents: int
    effective_from: date


def normal_code(text: str) -> str:
    """A code as it is kept, in capitals; empty when it can be none."""
    code = text.strip().upper()
    return code if _CODE.fullmatch(code) else ""


def add_fee(
    db: Db, price: NewPrice, *, own_code_is_meant: bool = False, charged_is_meant: bool = False
) -> tuple[Fee, int]:
    """Let a price hold from its day on, and tell how many sessions have been charged another one since that day.

    A code of which nothing is known anywhere is taken when ``own_code_is_meant``; a day since which sessions have
    been charged another standard fee when ``charged_is_meant``. Raises :class:`NotFound` for an unknown payer,
    :class:`Refused` with every reason.
    """
    if price.payer_id is not None:
        payer_with_id(db, price.payer_id)
    hold_lock(db, f"fees:{price.code}")
    on_file = fees_of_code(db, price.code)
    schedule = [fee for fee in on_file if fee.payer_id == price.payer_id]
    problems = [*code_problems(price, is_priced=bool(on_file), own_code_is_meant=own_code_is_meant)]
    problems += price_problems(price, schedule)
    charged = 0
    if price.payer_id is None:
        charged, last = sessions_charged(
            db, price.code, price.effective_from, _next_day(schedule, price.effective_from)
        )
        if charged and last and not charged_is_meant:
            problems.append(_charged_problem(price, charged, last))
    _refuse_any(problems)
    made = Fee(
        code=price.code, payer_id=price.payer_id, cents=price.cents, effective_from=price.effective_from
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made, charged


def take_back_fee(db: Db, fee_id: int) -> Fee:
    """Take back a price that nothing has been charged by: one of the future, or one just typed wrongly.

    Raises :class:`NotFound`, :class:`Refused` when a session has been charged for the code while it holds.
    """
    fee = fee_with_id(db, fee_id)
    hold_lock(db, f"fees:{fee.code}")
    schedule = [one for one in fees_of_code(db, fee.code) if one.payer_id == fee.payer_id]
    if fee not in schedule:
        raise NotFound(f"There is no price {fee_id}.")
    charged, _ = sessions_charged(db, fee.code, fee.effective_from, _next_day(schedule, fee.effective_from))
    if charged:
        counted = "1 session has" if charged == 1 else f"{charged} sessions have"
        why = f"{counted} been charged for {fee.code} while this price holds."
        fix = "Let another price follow it from a day on."
        raise Refused(why, [block("fee.charged", why, fix)])
    db.delete(fee)
    db.flush()
    return fee


def code_problems(price: NewPrice, *, is_priced: bool, own_code_is_meant: bool) -> Iterator[Problem]:
    """Whether the code is one, and in use on the day; ``is_priced``: the clinic has a price for it already."""
    if normal_code(price.code) != price.code or not price.code:
        fix = "Write up to 20 letters, digits, points or hyphens, such as 97810 or CUPPING."
        yield block("fee.code", "This is no code.", fix, "field:code")
        return
    known = [one for one in procedures() if one.code == price.code]
    if known and procedure(price.code, price.effective_from) is None:
        spans = ", ".join(
            f"from {one.span.first} " + (f"to {one.span.last}" if one.span.last else "on") for one in known
        )
        why = f"{price.code} is not in use on {price.effective_from}; it is {spans}."
        yield block("fee.code", why, "Choose another day, or the code that took its place.", "field:code")
    if not known and not is_priced and not own_code_is_meant:
        why = f"Meridian knows no code {price.code}."
        fix = "Correct it; or tick the box if it is a code of the clinic's own, or one that only this clinic uses."
        yield block("fee.code_unknown", why, fix, "field:own_code_is_meant")


def price_problems(price: NewPrice, schedule: Sequence[Fee]) -> Iterator[Problem]:
    """What is wrong with the amount and the day, beside the prices of the same schedule."""
    if not 1 <= price.cents <= HIGHEST_CENTS:
        why = f"A price of one unit is from 0.01 to {HIGHEST_CENTS // 100:,}.00."
        yield block("fee.amount", why, "Correct the amount.", "field:amount")
    before = [fee for fee in schedule if fee.effective_from <= price.effective_from]
    last = max(before, key=lambda fee: fee.effective_from, default=None)
    if last is not None and last.effective_from == price.effective_from:
        why = f"A price holds from {last.effective_from} already."
        fix = "Choose a later day; or take that price back first, if nothing has been charged by it."
        yield block("fee.day_taken", why, fix, "field:effective_from")
    elif last is not None and last.cents == price.cents:
        why = f"This is the price that holds since {last.effective_from}."
        yield block("fee.same", why, "Nothing needs to be done, or another amount is meant.", "field:amount")


def _charged_problem(price: NewPrice, charged: int, last: date) -> Problem:
    counted = "1 session is" if charged == 1 else f"{charged} sessions are"
    why = f"{counted} charged for {price.code} from {price.effective_from} to {last}, by the price that held so far."
    fix = (
        "Tick the box if this is meant: the next billing run charges anew what has not been billed yet, and what has "
        "been billed stays as it is. Or let the price hold from a later day."
    )
    return block("fee.charged", why, fix, "field:charged_is_meant")


def _next_day(schedule: Iterable[Fee], after: date) -> date | None:
    return min((fee.effective_from for fee in schedule if fee.effective_from > after), default=None)


def _refuse_any(problems: list[Problem]) -> None:
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
