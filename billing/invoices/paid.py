"""What has been paid toward a session, as its invoice or superbill shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from billing.charges.capturing import source_of
from billing.charges.models import Charge
from billing.database import Db
from billing.money import Money
from billing.payments.models import PaymentMethod
from billing.payments.queries import accounts, money_about
from billing.pdf import parts

Paid = tuple[parts.Payment, ...]
"""Money that went to a session; what went back is below zero."""

_METHOD = {
    PaymentMethod.CARD: "Card",
    PaymentMethod.CASH: "Cash",
    PaymentMethod.OTHER: "other means",
}


def paid_toward(
    db: Db, patients: Mapping[int, int], charges: Mapping[int, Sequence[Charge]], currency: str, on: date
) -> dict[int, Paid]:
    """What was paid toward each session and given back of it, by session and date.

    ``patients`` says whose each session is, ``charges`` what it was charged. It is the money taken with the session,
    the money that named one of its charges and, dated ``on``, what other money of the patient pays of them.
    """
    accounts_now = accounts(db, sorted(set(patients.values())))
    abouts = {session_id: [f"session:{session_id}", *map(source_of, charges[session_id])] for session_id in patients}
    moved = money_about(db, [about for own in abouts.values() for about in own])
    found = {}
    for session_id, own in abouts.items():
        money = sorted((one for about in own for one in moved.get(about, ())), key=lambda one: one.on)
        paid = [parts.Payment(one.on, _method_text(one.method, currency), Money(one.cents, currency)) for one in money]
        moves = accounts_now[patients[session_id]].moves
        credit = sum(one.cents for one in moves if one.target in own and one.source not in own)
        if credit:
            paid.append(parts.Payment(on, "Your credit", Money(credit, currency)))
        found[session_id] = tuple(paid)
    return found


def _method_text(method: PaymentMethod, currency: str) -> str:
    return check_word(currency).capitalize() if method is PaymentMethod.CHECK else _METHOD[method]


def check_word(currency: str) -> str:
    """How the readers of a clinic's papers spell it."""
    return "cheque" if currency == "GBP" else "check"
