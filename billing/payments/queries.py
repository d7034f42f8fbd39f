"""What one asks about payments, and about the accounts they go to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select

from billing.charges.models import Charge
from billing.database import Db, batches
from billing.ledger.accounts import PATIENTS, owed_by_insurance, owed_by_patient
from billing.ledger.models import Posting
from billing.ledger.queries import AboutOne, balances_by_subject
from billing.payments.account import About, Account, Subject, Waiting, parted
from billing.payments.models import Payment, PaymentMethod, Refund
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

MAY_BE_CHARGED = frozenset({SessionState.BOOKED, SessionState.ARRIVED, SessionState.SIGNED})
"""States of sessions that are, or may still be, charged."""
_AT_ONCE = 1000


def standing_payment(db: Db, source: str) -> Payment | None:
    """The standing payment that was learned from this source."""
    return db.scalar(select(Payment).where(Payment.source == source, Payment.reversed_at.is_(None)))


def payments_of_sessions(db: Db, session_ids: Iterable[int]) -> dict[int, list[Payment]]:
    """The standing payments taken with each of these sessions."""
    found: dict[int, list[Payment]] = defaultdict(list)
    for payment in db.scalars(
        select(Payment)
        .where(Payment.session_id.in_(list(session_ids)), Payment.reversed_at.is_(None))
        .order_by(Payment.received_on, Payment.id)
    ):
        if payment.session_id is not None:
            found[payment.session_id].append(payment)
    return found


def refunds_of(db: Db, payment_ids: Iterable[int]) -> dict[int, list[Refund]]:
    """What was given back of each of these payments, in order."""
    found: dict[int, list[Refund]] = defaultdict(list)
    for refund in db.scalars(
        select(Refund).where(Refund.payment_id.in_(list(payment_ids))).order_by(Refund.refunded_on, Refund.id)
    ):
        found[refund.payment_id].append(refund)
    return found


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """Money that a patient paid (above zero) or was given back (below zero)."""

    on: date
    method: PaymentMethod
    cents: int


def money_about(db: Db, abouts: Collection[str]) -> dict[str, list[MoneyMoved]]:
    """What patients paid about each of these subjects (``session:5``, ``charge:17``), and got back of it, by date.

    Of a payment only the part that was booked about the subject. Payments taken back are left out; three queries
    for a thousand subjects.
    """
    found: dict[str, list[MoneyMoved]] = defaultdict(list)
    for batch in batches(abouts, _AT_ONCE):
        rows = db.execute(
            select(Posting.about, Posting.entry, -func.sum(Posting.cents))
            .where(
                Posting.about.in_(batch),
                Posting.account.startswith(PATIENTS),
                or_(Posting.entry.startswith("payment:"), Posting.entry.startswith("refund:")),
            )
            .group_by(Posting.about, Posting.entry)
        ).all()
        moved = _moves_of(db, [entry for _, entry, _ in rows])
        for about, entry, cents in rows:
            if entry in moved and about is not None and cents:
                found[about].append(MoneyMoved(*moved[entry], int(cents)))
    return {about: sorted(own, key=lambda one: one.on) for about, own in found.items()}


def _moves_of(db: Db, entries: Iterable[str]) -> dict[str, tuple[date, PaymentMethod]]:
    """Day and method of the standing payments and refunds that these entries booked."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for kind, number in map(parted, entries):
        numbers[kind].add(number)
    found = {}
    payments = select(Payment.id, Payment.received_on, Payment.method).where(Payment.reversed_at.is_(None))
    for number, on, method in db.execute(payments.where(Payment.id.in_(numbers["payment"]))):
        found[f"payment:{number}"] = (on, method)
    refunds = select(Refund.id, Refund.refunded_on, Refund.method).join(Payment, Payment.id == Refund.payment_id)
    given_back = refunds.where(Payment.reversed_at.is_(None), Refund.id.in_(numbers["refund"]))
    for number, on, method in db.execute(given_back):
        found[f"refund:{number}"] = (on, method)
    return found


def account_of(db: Db, patient_id: int) -> Account:
    """One patient's account."""
    return accounts(db, [patient_id])[patient_id]


def accounts(db: Db, patient_ids: Sequence[int]) -> dict[int, Account]:
    """The accounts of at most a few hundred patients; three queries, and one more when sessions changed hands."""
    own = {owed_by_patient(one): one for one in patient_ids}
    insurers = {owed_by_insurance(one): one for one in patient_ids}
    booked: dict[int, list[AboutOne]] = {one: [] for one in patient_ids}
    undecided: dict[int, list[AboutOne]] = {one: [] for one in patient_ids}
    for one in balances_by_subject(db, [*own, *insurers]):
        if one.account in own:
            booked[own[one.account]].append(one)
        elif one.cents > 0:
            undecided[insurers[one.account]].append(one)
    with_money = [patient_id for patient_id, found in booked.items() if found]
    abouts = [one.about for patient_id in with_money for one in (*booked[patient_id], *undecided[patient_id])]
    services = _services(db, with_money, abouts)
    return {
        patient_id: Account(
            patient_id,
            tuple(_subjects(found, services, services.insured(undecided[patient_id]))),
            {one.about: one.allocated_cents for one in found if one.allocated_cents},
        )
        for patient_id, found in booked.items()
    }


@dataclass(frozen=True, slots=True)
class _Services:
    """The sessions and charges that subjects belong to."""

    sessions: Mapping[int, tuple[date, SessionState]]
    """Date of service and state."""
    charges: Mapping[int, tuple[int, date]]
    """Session and date of service."""
    charged: Collection[int]
    """Sessions that have a standing charge."""

    def insured(self, undecided: Iterable[AboutOne]) -> Counter[int]:
        """What insurers are still to decide, by session."""
        found: Counter[int] = Counter()
        for one in undecided:
            kind, number = parted(one.about)
            if kind == "charge" and number in self.charges:
                found[self.charges[number][0]] += one.cents
        return found


def _subjects(booked: Iterable[AboutOne], services: _Services, insured: Mapping[int, int]) -> Iterable[Subject]:
    for one in booked:
        kind, number = parted(one.about)
        if kind == "charge" and number in services.charges:
            yield Subject(one.about, one.cents, *services.charges[number])
        elif kind == "session" and number in services.sessions:
            service_on, state = services.sessions[number]
            if number not in services.charged and state in MAY_BE_CHARGED:
                waiting, cents = Waiting.CHARGES, abs(one.cents)
            else:
                waiting, cents = Waiting.INSURER, insured[number]
            yield Subject(one.about, one.cents, number, service_on, waiting if cents else None, cents)
        else:
            yield Subject(one.about, one.cents)


def _services(db: Db, patient_ids: Sequence[int], abouts: Iterable[About]) -> _Services:
    """The sessions of these patients with their charges, and whatever other charges the subjects name."""
    if not patient_ids:
        return _Services({}, {}, ())
    of_these = ClinicSession.patient_id.in_(patient_ids)
    sessions = {
        number: (service_on, state)
        for number, service_on, state in db.execute(
            select(ClinicSession.id, ClinicSession.service_on, ClinicSession.state).where(of_these)
        )
    }
    charges: dict[int, tuple[int, date]] = {}
    charged: set[int] = set()
    for number, session_id, service_on, reversed_at in _charges(db, of_these):
        charges[number] = (session_id, service_on)
        if reversed_at is None:
            charged.add(session_id)
    # A session that was charged may since have been given to another patient.
    named = {number for kind, number in map(parted, abouts) if kind == "charge"}
    for missing in batches(sorted(named - charges.keys()), _AT_ONCE):
        charges |= {
            number: (session_id, service_on)
            for number, session_id, service_on, _ in _charges(db, Charge.id.in_(missing))
        }
    return _Services(sessions, charges, charged)


def _charges(db: Db, which: ColumnElement[bool]) -> Iterable[tuple[int, int, date, datetime | None]]:
    """Number, session, date of service and the instant it was taken back."""
    return db.execute(
        select(Charge.id, Charge.session_id, Charge.service_on, Charge.reversed_at)
        .join(ClinicSession, ClinicSession.id == Charge.session_id)
        .where(which)
    )
