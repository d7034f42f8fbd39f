"""How old is what is open, by the date of service: what patients owe, and what insurers are still to decide.

Which money pays for what is taken from the allocations in the books, which are mended whenever the books of a
patient change, so that one statement tells all accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import BigInteger, ColumnElement, Subquery, Text, and_, case, cast, func, literal, select

from billing.charges.models import Charge
from billing.claims.lifecycle import SET_ASIDE
from billing.claims.models import Claim
from billing.database import Db
from billing.ledger.accounts import FREE, INSURERS, PATIENTS
from billing.ledger.models import Posting
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.sessions.models import ClinicSession

AGES = ("0 to 30 days", "31 to 60 days", "61 to 90 days", "Over 90 days")
"""How long ago the date of service was."""
_LIMITS = (30, 60, 90)

Ages = tuple[int, int, int, int]
"""Cents, or counts, in the order of :data:`AGES`."""


@dataclass(frozen=True, slots=True)
class PatientStanding:
    """One patient's account in cents: ``open - kept - credit = balance``."""

    patient_id: int
    balance: int
    """What the patient owes; below zero the money is the patient's."""
    ages: Ages
    """What is left to pay, by the age of the date of service."""
    kept: int
    """Money that waits with its session: to be billed, or for an insurer to decide."""
    credit: int
    """Money that is free."""
    oldest_on: date | None
    """The oldest date of service of which something is left."""

    @property
    def open(self) -> int:
        """What is left to pay of all charges."""
        return sum(self.ages)

    @property
    def money(self) -> int:
        """The patient's money that pays for nothing yet."""
        return self.kept + self.credit


@dataclass(frozen=True, slots=True)
class PayerWaiting:
    """What one insurer is still to decide, in cents; never a patient's debt."""

    payer_id: int | None
    """``None`` when the claim has no insurer, or there is no claim yet."""
    name: str
    is_billed: bool
    """Whether there are claims for it."""
    ages: Ages
    sessions: int
    oldest_on: date

    @property
    def cents(self) -> int:
        """All of it."""
        return sum(self.ages)


def patient_standings(db: Db, on: date) -> list[PatientStanding]:
    """Every patient whose account is not even, aged on that day; one query."""
    subject = _open_subjects(PATIENTS)
    since = func.coalesce(Charge.service_on, ClinicSession.service_on, on)
    is_debt, is_free = subject.c.cents > 0, subject.c.about.startswith(FREE)
    rows = db.execute(
        select(
            subject.c.patient_id,
            func.sum(subject.c.cents),
            -_sum_where(subject.c.cents, ~is_debt & ~is_free),
            -_sum_where(subject.c.cents, ~is_debt & is_free),
            func.min(case((is_debt, since))),
            *(_sum_where(subject.c.cents, is_debt & age) for age in _ages(since, on)),
        )
        .outerjoin(Charge, Charge.id == _number(subject.c.about, "charge"))
        .outerjoin(ClinicSession, ClinicSession.id == _number(subject.c.about, "session"))
        .group_by(subject.c.patient_id)
    )
    return [
        PatientStanding(own, int(balance), summed([ages]), int(kept), int(credit), oldest_on)
        for own, balance, kept, credit, oldest_on, *ages in rows
    ]


def payers_waited_for(db: Db, on: date) -> list[PayerWaiting]:
    """What insurers are still to decide, payer by payer, the largest amount first; one query.

    Of a session's claims the last payer in turn is waited for. What is not claimed yet comes as a payer without a name.
    """
    subject = _open_subjects(INSURERS)
    session = (
        select(Charge.session_id, Charge.service_on, func.sum(subject.c.cents).label("cents"))
        .join_from(subject, Charge, Charge.id == _number(subject.c.about, "charge"))
        .group_by(Charge.session_id, Charge.service_on)
        .subquery()
    )
    in_turn = (
        select(Claim.id)
        .where(Claim.session_id == session.c.session_id, Claim.state.not_in(SET_ASIDE))
        .order_by(Claim.responsibility.desc())
        .limit(1)
        .correlate(session)
        .scalar_subquery()
    )
    rows = db.execute(
        select(
            Claim.payer_id,
            Payer.name,
            Claim.id.is_not(None),
            func.count(),
            func.min(session.c.service_on),
            *(_sum_where(session.c.cents, age) for age in _ages(session.c.service_on, on)),
        )
        .select_from(session)
        .outerjoin(Claim, Claim.id == in_turn)
        .outerjoin(Payer, Payer.id == Claim.payer_id)
        .group_by(Claim.payer_id, Payer.name, Claim.id.is_not(None))
    )
    found = [
        PayerWaiting(payer_id, name or "", bool(is_billed), summed([ages]), sessions, oldest_on)
        for payer_id, name, is_billed, sessions, oldest_on, *ages in rows
    ]
    return sorted(found, key=lambda one: (-one.cents, one.name))


def summed(rows: Iterable[Sequence[int]]) -> Ages:
    """Ages added up."""
    first, second, third, last = (sum(map(int, column)) for column in zip((0, 0, 0, 0), *rows, strict=True))
    return first, second, third, last


def _open_subjects(accounts: str) -> Subquery:
    """What stands on each patient's account of that kind, subject by subject, where it is not even."""
    return (
        select(Patient.id.label("patient_id"), Posting.about, func.sum(Posting.cents).label("cents"))
        # Account by account, so that both databases find the postings by their index.
        .join(Posting, Posting.account == literal(accounts) + cast(Patient.id, Text))
        .group_by(Patient.id, Posting.about)
        .having(func.sum(Posting.cents) != 0)
        .subquery()
    )


def _number(about: ColumnElement[str | None], kind: str) -> ColumnElement[int | None]:
    """The number in ``charge:17`` where a subject is of that kind."""
    return case((about.startswith(f"{kind}:"), cast(func.substr(about, len(kind) + 2), BigInteger)))


def _sum_where(cents: ColumnElement[int], condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, cents), else_=0))


def _ages(since: ColumnElement[date], on: date) -> list[ColumnElement[bool]]:
    """Whether a day lies in each age."""
    first, second, third = (on - timedelta(days=limit) for limit in _LIMITS)
    return [
        since >= first,
        and_(since < first, since >= second),
        and_(since < second, since >= third),
        since < third,
    ]
