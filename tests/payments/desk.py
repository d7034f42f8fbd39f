"""The front desk on stage: charges, insurers' decisions and money, booked as the rooms above would book them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import sqlalchemy as sa

from billing.charges.capturing import source_of
from billing.charges.models import Charge
from billing.database import Db
from billing.ledger.accounts import ALLOCATIONS, INCOME, adjusted, money_received, owed_by_insurance, owed_by_patient
from billing.ledger.models import Entry, Posting
from billing.ledger.posting import Line, NewEntry, post, reverse
from billing.payments.account import About
from billing.sessions.models import ClinicSession
from tests.factories import DAY, NOW

_numbers = count(1)


def charge(db: Db, session: ClinicSession, cents: int, *, insured: bool = False, position: int = 1) -> Charge:
    """A standing charge of the session, owed by the patient or still with the insurer."""
    made = Charge(
        session_id=session.id, position=position, service_on=session.service_on, code="97810", modifiers=[], units=1,
        cents=cents, reversed_at=None,
    )  # fmt: skip
    db.add(made)
    db.flush()
    account = (owed_by_insurance if insured else owed_by_patient)(session.patient_id)
    source = source_of(made)
    lines = [Line(account, cents, source), Line(INCOME, -cents, source)]
    post(db, [NewEntry(source, session.service_on, "97810 x1", lines)], NOW)
    return made


def take_back(db: Db, made: Charge) -> None:
    """The charge never was."""
    reverse(db, [source_of(made)], DAY, NOW)
    made.reversed_at = NOW
    db.flush()


def decide(db: Db, made: Charge, patient_id: int, *, patient_cents: int, paid: int = 0) -> None:
    """The insurer decides about all of a charge: what it pays, what the patient owes, the rest written off."""
    source = source_of(made)
    lines = [
        Line("deposit:1", paid, source),
        Line(adjusted("contractual"), made.cents - paid - patient_cents, source),
        Line(owed_by_patient(patient_id), patient_cents, source),
        Line(owed_by_insurance(patient_id), -made.cents, source),
    ]
    post(db, [NewEntry(f"remittance:1:claim:1:line:{next(_numbers)}", DAY, "Decided", lines)], NOW)


def pay(db: Db, patient_id: int, cents: int, about: About) -> None:
    """Money of a patient about something, without a payment's record."""
    lines = [Line(money_received("cash"), cents, about), Line(owed_by_patient(patient_id), -cents, about)]
    post(db, [NewEntry(f"payment:test:{next(_numbers)}", DAY, "Payment by cash", lines)], NOW)


def standing(db: Db, patient_id: int) -> dict[About, int]:
    """What the books say of each subject on the patient's account, where it is not zero."""
    rows = db.execute(
        sa.select(Posting.about, sa.func.sum(Posting.cents))
        .where(Posting.account == owed_by_patient(patient_id))
        .group_by(Posting.about)
    )
    return {about: int(cents) for about, cents in rows if cents}


def allocations(db: Db) -> Sequence[str]:
    """The allocations in the books, by source."""
    return db.scalars(sa.select(Entry.source).where(Entry.source.startswith(ALLOCATIONS)).order_by(Entry.source)).all()
