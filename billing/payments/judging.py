"""What may be booked as money from or to a patient: amounts, days, and the words noted with it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from billing.errors import Problem, Refused, block
from billing.money import Money, text_from_cents
from billing.payments.models import PaymentMethod

MOST_CENTS = 10_000_000
"""More than any patient pays at once, in whatever currency the clinic keeps its books."""
SURPLUS_ASKED_ABOUT = 50_00
"""By more than this, and more than twice over, money beyond what is asked for is likelier mistyped than meant."""
LONGEST_REFERENCE = 60
LONGEST_REASON = 300

_MANY_DIGITS = re.compile(r"\d(?:[\s\-./_·]{0,3}\d){11}")
"""Card numbers have twelve to nineteen digits (ISO/IEC 7812), however they are grouped."""
_DATE = re.compile(r"\b(?:19|20)\d{2}-[01]\d-[0-3]\d\b")
_LAST_DIGITS = 4


def refuse_any(problems: Iterable[Problem]) -> None:
    """Raise :class:`Refused` with every reason, unless there is none."""
    found = list(problems)
    if found:
        raise Refused(" ".join(f"{one.why} {one.fix}" for one in found), found)


def amount_problems(cents: int) -> list[Problem]:
    """What is wrong with an amount of money that changes hands."""
    if cents <= 0:
        return [block("payment.amount", "An amount must be more than zero.", "Name what changed hands.")]
    if cents > MOST_CENTS:
        most = text_from_cents(MOST_CENTS)
        return [block("payment.amount", f"An amount above {most} is surely mistyped.", "Correct it.")]
    return []


def surplus_problems(cents: int, asked: int, currency: str) -> list[Problem]:
    """Why somebody should look again at an amount far above the ``asked`` one; a payment in advance may be meant."""
    if cents - asked <= SURPLUS_ASKED_ABOUT or cents <= 2 * asked:
        return []
    asks = f"{Money(asked, currency)} is asked for" if asked > 0 else "Nothing is asked for"
    why = f"{asks}; {Money(cents - asked, currency)} of {Money(cents, currency)} would be kept as credit."
    fix = "Correct the amount, or tick below that it is right."
    return [block("payment.surplus", why, fix, "field:amount")]


def day_problems(on: date, earliest: date, today: date) -> list[Problem]:
    """What is wrong with the day on which money changed hands."""
    if on > today:
        return [block("payment.date", f"{on} is in the future.", "Name the day the money changed hands.")]
    if on < earliest:
        return [block("payment.date", f"{on} is too early.", f"Name a day from {earliest} on.")]
    return []


def reference_problems(reference: str | None, method: PaymentMethod) -> list[Problem]:
    """What is wrong with a payment's reference. Of a card only its brand and last four digits may be kept (PCI DSS)."""
    if reference is None:
        return []
    digits = sum(character.isdecimal() for character in reference)
    if method is PaymentMethod.CARD and digits > _LAST_DIGITS:
        return [
            block(
                "payment.card_number",
                "The reference has more of a card than its last four digits.",
                "Note only the brand and the last four digits, such as: Visa 4242.",
            )
        ]
    return text_problems("reference", reference, LONGEST_REFERENCE)


def text_problems(what: str, text: str, longest: int) -> list[Problem]:
    """What is wrong with words noted with a payment; the problem does not repeat them."""
    if not text.strip():
        return [block("payment.text", f"The {what} is empty.", "Say it in a few words.")]
    if holds_card_number(text):
        return [
            block(
                "payment.card_number",
                f"The {what} has what could be a whole card number.",
                "Leave it out; at most the last four digits may be noted.",
            )
        ]
    if len(text) > longest or any(unicodedata.category(character) == "Cc" for character in text):
        why = f"The {what} is longer than {longest} characters or not on one line."
        return [block("payment.text", why, "Shorten it.")]
    return []


def holds_card_number(text: str) -> bool:
    """Whether any part of the text could be a whole card number, grouped or not, in whatever script its digits are."""
    visible = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return _MANY_DIGITS.search(_DATE.sub("day", visible)) is not None
