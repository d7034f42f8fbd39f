"""Giving patients their money back: out of their free credit, by the way it came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select

from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db
from billing.errors import NotFound, Problem, block
from billing.ledger.accounts import money_received, owed_by_patient
from billing.ledger.models import Posting
from billing.ledger.posting import Line, NewEntry, post
from billing.money import Money
from billing.payments.account import About, Account, Waiting
from billing.payments.allocating import allocate, hold_accounts
from billing.payments.judging import (
    LONGEST_REASON,
    amount_problems,
    day_problems,
    reference_problems,
    refuse_any,
    text_problems,
)
from billing.payments.models import Payment, Refund
from billing.payments.queries import account_of, refunds_of


def refund(
    db: Db,
    payment_id: int,
    cents: int,
    why: str,
    refunded_on: date,
    reference: str | None = None,
    *,
    at: datetime,
) -> Refund:
    """Give back ``cents`` of a payment, by the method it came by.

    Never more than is left of the payment, and never more than the patient's free credit: what pays for a
    service, or waits for an insurer's decision, is not given back. The same refund of a payment (amount, day
    and reason) is made once, and returned again.

    Raises :class:`NotFound` for an unknown payment, :class:`Refused` with every reason.
    """
    payment = db.get(Payment, payment_id)
    if payment is None:
        raise NotFound(f"There is no payment {payment_id}.")
    clinic = the_clinic(db)
    hold_accounts(db, [payment.patient_id])
    earlier = refunds_of(db, [payment_id])[payment_id]
    for one in earlier:
        if (one.cents, one.refunded_on, one.why) == (cents, refunded_on, why):
            return one
    allocate(db, [payment.patient_id], at)
    left = _left_of(db, payment, earlier)
    account = account_of(db, payment.patient_id)
    refuse_any(
        [
            *amount_problems(cents),
            *day_problems(refunded_on, payment.received_on, local(at, clinic.time_zone).date()),
            *text_problems("reason", why, LONGEST_REASON),
            *reference_problems(reference, payment.method),
            *_limits(payment, cents, left, account, clinic.currency),
        ]
    )
    made = Refund(
        payment_id=payment_id, cents=cents, method=payment.method, refunded_on=refunded_on, reference=reference,
        why=why,
    )  # fmt: skip
    db.add(made)
    db.flush()
    post(db, [_entry(made, payment.patient_id, parts_to_give_back(left, account, cents))], at)
    allocate(db, [payment.patient_id], at)
    return made


def _left_of(db: Db, payment: Payment, refunds: list[Refund]) -> dict[About, int]:
    """What is left of a payment by what it was booked about, the first first."""
    sources = [f"payment:{payment.id}", *(f"refund:{one.id}" for one in refunds)]
    rows = db.execute(
        select(Posting.about, Posting.cents)
        .where(Posting.entry.in_(sources), Posting.account == owed_by_patient(payment.patient_id))
        .order_by(Posting.position)
    )
    left: Counter[About] = Counter()
    for about, cents in rows:
        left[about] -= cents
    return {about: cents for about, cents in left.items() if cents > 0}


def refundable(left: Mapping[About, int], account: Account) -> int:
    """How many cents of a payment may be given back; ``left`` is what is left of it, by subject."""
    own, spare = _own_and_spare(left, account)
    return sum(own.values()) + min(account.free_cents, sum(spare.values()))


def parts_to_give_back(left: Mapping[About, int], account: Account, cents: int) -> dict[About, int]:
    """Which parts of a payment a refund undoes, so that what pays for services goes on doing so."""
    own, spare = _own_and_spare(left, account)
    parts = {}
    for about, most in (*own.items(), *reversed(spare.items())):
        if part := min(cents, most):
            parts[about] = part
            cents -= part
    return parts


def _own_and_spare(left: Mapping[About, int], account: Account) -> tuple[dict[About, int], dict[About, int]]:
    """The payment's money for sessions that are not charged yet, and what may be taken out of the free credit."""
    subjects = {one.about: one for one in account.subjects}
    own, spare = {}, {}
    for about, cents in left.items():
        kept = account.kept.get(about, 0)
        if not kept:
            spare[about] = cents
        elif subjects[about].waiting is Waiting.CHARGES:
            own[about] = min(cents, kept)
        else:
            spare[about] = min(cents, -subjects[about].cents - kept)
    return own, spare


def _limits(payment: Payment, cents: int, left: Mapping[About, int], account: Account, currency: str) -> list[Problem]:
    where = f"payment:{payment.id}"
    if payment.reversed_at is not None:
        return [block("refund.payment", f"Payment {payment.id} was taken back.", "Refund the one in its place.", where)]
    remaining, free = sum(left.values()), refundable(left, account)
    if not remaining:
        why = f"Payment {payment.id} has been given back already, all {Money(payment.cents, currency)} of it."
        return [block("refund.amount", why, "Leave it as it is.", where)]
    if cents > remaining:
        why = f"Of payment {payment.id}, {Money(payment.cents, currency)}, {Money(remaining, currency)} is left."
        return [block("refund.amount", why, "Refund no more than that.", where)]
    if not free:
        why = f"Nothing of payment {payment.id} is free: it pays for services, or is kept until an insurer has decided."
        return [block("refund.amount", why, "See where it is in the list of the patient's payments.", where)]
    if cents > free:
        why = (
            f"Of payment {payment.id} no more than {Money(free, currency)} is free: the rest pays for services, or "
            "is kept until an insurer has decided."
        )
        return [block("refund.amount", why, "Refund no more than that.", where)]
    return []


def _entry(made: Refund, patient_id: int, parts: Mapping[About, int]) -> NewEntry:
    lines = [Line(money_received(made.method), -made.cents, f"payment:{made.payment_id}")]
    lines += [Line(owed_by_patient(patient_id), cents, about) for about, cents in parts.items()]
    return NewEntry(f"refund:{made.id}", made.refunded_on, f"Refund by {made.method}", lines)
