"""What money did, in words: how it came, and what it went to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.charges.models import Charge
from billing.codes.procedures import label_of
from billing.invoices.patient_account import Services
from billing.payments.account import About, parted
from billing.payments.models import Payment, PaymentMethod, Refund

_BY = {PaymentMethod.CARD: "by card", PaymentMethod.CASH: "in cash", PaymentMethod.CHECK: "by check"}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what an entry or a payment did, in cents, and in words."""

    cents: int
    words: str
    service_on: date | None = None
    """The day of the visit that it is about."""
    about: About = None
    """The subject in the books, such as ``charge:17``."""


def service_of(charge: Charge) -> str:
    """What was done: the code with our own label, and how often."""
    label = label_of(charge.code)
    text = charge.code if label == charge.code else f"{charge.code} {label}"
    return f"{text} x{charge.units}" if charge.units > 1 else text


def means(row: Payment | Refund) -> str:
    """How money came or went: ``by check, 1042``."""
    by = _BY.get(row.method, "by other means")
    return f"{by}, {row.reference}" if row.reference else by


def put(about: About, cents: int, services: Services) -> Part:
    """Where money went; below zero, where it was taken from."""
    kind, number = parted(about)
    is_put = cents > 0
    if kind == "charge" and number in services.charges:
        charge = services.charges[number]
        return Part(cents, f"{'paid' if is_put else 'no longer'} for {service_of(charge)}", charge.service_on, about)
    if kind == "session" and number in services.sessions:
        words = "kept for the visit" if is_put else "out of what was kept for the visit"
        return Part(cents, words, services.sessions[number].service_on, about)
    return Part(cents, "kept as credit" if is_put else "out of the credit", about=about)
