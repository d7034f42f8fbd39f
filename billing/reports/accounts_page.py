"""Who owes the clinic what, and since when: every patient's account, straight from the books.

What a patient owes and what insurers are still to decide are two accounts, and are never added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select

from billing.database import Db
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.ledger.accounts import owed_by_insurance
from billing.ledger.queries import balances
from billing.patients.models import Patient
from billing.payments.models import Payment
from billing.reports.aging import Ages, PatientStanding, patient_standings, summed

ROWS = 50


class View(StrEnum):
    """Which accounts are looked at."""

    OWING = "owing"
    """Patients with something left to pay."""
    MONEY = "money"
    """Patients whose money is here and pays for nothing yet."""


class Sort(StrEnum):
    """In which order."""

    AMOUNT = "amount"
    """The largest first."""
    AGE = "age"
    """The oldest open date of service first."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The accounts together, in cents: ``open - money = owing``."""

    owing: int
    """Sum of what they owe who owe something."""
    owing_count: int
    ages: Ages
    """Their open charges, by age."""
    money: int
    """Money of theirs that pays for nothing yet."""
    kept: int
    """Of all patients: money that waits with a session."""
    credit: int
    """Of all patients: money that is free."""
    money_count: int

    @property
    def open(self) -> int:
        """What is left to pay of the charges of those who owe."""
        return sum(self.ages)


@dataclass(frozen=True, slots=True)
class LastPayment:
    """What a patient paid last."""

    on: date
    cents: int


@dataclass(frozen=True, slots=True)
class LastStatement:
    """The last statement a patient got."""

    on: date
    paper_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A patient with an account, as listed."""

    patient: Patient
    standing: PatientStanding
    waiting: int
    """What insurers are still to decide; not part of what the patient owes."""
    last_payment: LastPayment | None
    last_statement: LastStatement | None


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """A page of accounts, and all of them in sum."""

    totals: Totals
    rows: list[AccountRow]
    found: int
    """How many accounts there are in this view, those on other pages included."""
    next_key: str
    """Where the next page begins; empty at the end."""


def accounts_page(db: Db, on: date, view: View, sort: Sort, after: str = "", typed: str = "") -> AccountsPage:
    """The accounts in a view as the books are now, aged on a day; a fixed number of queries.

    ``after`` is the ``next_key`` of the page before. ``typed`` leaves only patients whose names hold every word of it.
    """
    standings = patient_standings(db, on)
    shown = [one for one in standings if (one.balance > 0 if view is View.OWING else one.money > 0)]
    if typed.strip():
        named = patients_called(db, typed)
        shown = [one for one in shown if one.patient_id in named]
    keyed = sorted((_key(one, view, sort), one) for one in shown)
    start = _key_from(after)
    rest = [(key, one) for key, one in keyed if start is None or key > start]
    page = rest[:ROWS]
    next_key = "{}.{}".format(*page[-1][0]) if len(rest) > ROWS else ""
    return AccountsPage(_totals(standings), _rows(db, [one for _, one in page]), len(shown), next_key)


def patients_called(db: Db, typed: str) -> set[int]:
    """Ids of the patients whose names hold every word typed, wherever in them and in whatever case."""
    wanted = typed.casefold().split()
    rows = db.execute(select(Patient.id, Patient.first_name, Patient.last_name))
    named = ((number, f"{first} {last}".casefold()) for number, first, last in rows)
    return {number for number, name in named if all(word in name for word in wanted)}


def _key(one: PatientStanding, view: View, sort: Sort) -> tuple[int, int]:
    """By what a list is sorted, the first first."""
    if sort is Sort.AGE and one.oldest_on is not None:
        return one.oldest_on.toordinal(), one.patient_id
    if sort is Sort.AGE:
        return date.max.toordinal(), one.patient_id
    return -(one.balance if view is View.OWING else one.money), one.patient_id


def _key_from(text: str) -> tuple[int, int] | None:
    first, _, second = text.partition(".")
    try:
        return int(first), int(second)
    except ValueError:
        return None


def _totals(standings: Sequence[PatientStanding]) -> Totals:
    owing = [one for one in standings if one.balance > 0]
    return Totals(
        owing=sum(one.balance for one in owing),
        owing_count=len(owing),
        ages=summed([one.ages for one in owing]),
        money=sum(one.money for one in owing),
        kept=sum(one.kept for one in standings),
        credit=sum(one.credit for one in standings),
        money_count=sum(one.money > 0 for one in standings),
    )


def _rows(db: Db, standings: Sequence[PatientStanding]) -> list[AccountRow]:
    ids = [one.patient_id for one in standings]
    patients = {one.id: one for one in db.scalars(select(Patient).where(Patient.id.in_(ids)))}
    waiting = balances(db, [owed_by_insurance(one) for one in ids])
    payments, statements = _last_payments(db, ids), _last_statements(db, ids)
    return [
        AccountRow(
            patients[one.patient_id],
            one,
            waiting.get(owed_by_insurance(one.patient_id), 0),
            payments.get(one.patient_id),
            statements.get(one.patient_id),
        )
        for one in standings
    ]


def _last_payments(db: Db, patient_ids: Sequence[int]) -> dict[int, LastPayment]:
    latest = func.row_number().over(
        partition_by=Payment.patient_id, order_by=(Payment.received_on.desc(), Payment.id.desc())
    )
    standing = Payment.patient_id.in_(patient_ids), Payment.reversed_at.is_(None)
    ranked = select(Payment.patient_id, Payment.received_on, Payment.cents, latest.label("rank")).where(*standing)
    last = ranked.subquery()
    rows = db.execute(select(last.c.patient_id, last.c.received_on, last.c.cents).where(last.c.rank == 1))
    return {patient_id: LastPayment(on, int(cents)) for patient_id, on, cents in rows}


def _last_statements(db: Db, patient_ids: Sequence[int]) -> dict[int, LastStatement]:
    latest = func.row_number().over(partition_by=Paper.patient_id, order_by=Paper.issued_on.desc())
    of_them = Paper.patient_id.in_(patient_ids), Paper.kind == PaperKind.STATEMENT
    ranked = select(Paper.patient_id, Paper.issued_on, Paper.id, Paper.number, latest.label("rank")).where(*of_them)
    last = ranked.subquery()
    rows = db.execute(select(last).where(last.c.rank == 1))
    return {
        row.patient_id: LastStatement(row.issued_on, row.id, paper_name(PaperKind.STATEMENT, row.number))
        for row in rows
    }
