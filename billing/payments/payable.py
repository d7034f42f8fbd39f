"""Charges that a patient names when paying: what can be paid of each, and how the money is shared among them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from billing.charges.capturing import source_of
from billing.charges.models import Charge
from billing.database import Db
from billing.errors import Problem, block
from billing.ledger.accounts import owed_by_insurance
from billing.ledger.queries import balances_by_subject
from billing.payments.account import About
from billing.payments.queries import account_of
from billing.sessions.models import ClinicSession


@dataclass(frozen=True, slots=True)
class Payable:
    """What can be paid of a charge."""

    charge_id: int
    session_id: int = 0
    open_cents: int = 0
    """What the patient owes of it."""
    undecided_cents: int = 0
    """What its insurer is still to decide: money for it waits with its session."""
    room_cents: int = 0
    """How much more may wait with its session."""

    @property
    def problems(self) -> list[Problem]:
        """Why nothing can be paid of it."""
        where = f"charge:{self.charge_id}"
        if not self.session_id:
            why = f"This patient has no charge {self.charge_id} that stands."
            return [block("payment.charge", why, "Name one of the patient's own charges.", where)]
        if self.open_cents or min(self.undecided_cents, self.room_cents):
            return []
        why = f"Nothing is left to pay on charge {self.charge_id}."
        return [block("payment.charge", why, "Leave it out; what is not named pays the oldest debts.", where)]


def payable_charges(db: Db, patient_id: int, charge_ids: Sequence[int]) -> list[Payable]:
    """What can be paid of each of these charges, in the order given."""
    if not charge_ids:
        return []
    of_patient = ClinicSession.patient_id == patient_id
    own = select(Charge).join(ClinicSession, ClinicSession.id == Charge.session_id).where(of_patient)
    standing = {one.id: one for one in db.scalars(own.where(Charge.reversed_at.is_(None)))}
    undecided = {one.about: one.cents for one in balances_by_subject(db, [owed_by_insurance(patient_id)])}
    account = account_of(db, patient_id)
    waiting: Counter[int] = Counter()
    for one in standing.values():
        waiting[one.session_id] += max(0, undecided.get(source_of(one), 0))
    found = []
    for charge_id in charge_ids:
        if charge_id not in standing:
            found.append(Payable(charge_id))
            continue
        about, session = source_of(standing[charge_id]), standing[charge_id].session_id
        kept = account.kept.get(f"session:{session}", 0)
        owed = max(0, account.balances.get(about, 0))
        insured = max(0, undecided.get(about, 0))
        found.append(Payable(charge_id, session, owed, insured, max(0, waiting[session] - kept)))
    return found


def parts_of(cents: int, payable: Iterable[Payable], credit: About) -> dict[About, int]:
    """How an amount is shared: each charge in turn takes what it can, and what is left is about ``credit``."""
    parts: dict[About, int] = defaultdict(int)
    left = cents
    for one in payable:
        session = f"session:{one.session_id}"
        for about, most in (
            (f"charge:{one.charge_id}", one.open_cents),
            (session, min(one.undecided_cents, one.room_cents - parts[session])),
        ):
            taken = min(left, most)
            parts[about] += taken
            left -= taken
    parts[credit] += left
    return {about: part for about, part in parts.items() if part}
