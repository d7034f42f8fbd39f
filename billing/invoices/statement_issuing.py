"""Issuing statements: to whom one is due, and the frozen papers themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import Select, func, insert, select

from billing.claims.decisions import decisions_about
from billing.clinic.numbering import take_numbers
from billing.clinic.queries import the_clinic
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, blocking
from billing.estimates.good_faith.watching import problems_of, running_of
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.invoices.patient_books import books_of
from billing.invoices.statement import LastStatement, Period, Told, statement
from billing.ledger.accounts import INSURERS, PATIENTS
from billing.ledger.queries import Standing, standings
from billing.patients.models import Patient
from billing.payments.account import parted
from billing.payments.allocating import hold_accounts
from billing.payments.models import Payment, Refund
from billing.pdf.statement import Statement

STATEMENT: TypeAdapter[Statement] = TypeAdapter(Statement)


def patients_due(db: Db, on: date) -> list[int]:
    """Ids of the patients to whom a statement of the day may be due, in order; three queries however many there are.

    Due is who owes something at the end of the day, or whose books have moved since the last statement;
    nobody who has a statement of that day already.
    """
    last = _last_statements(db, on)
    issued = set(db.scalars(_issued_on(on)))
    due = set()
    for one in standings(db, [PATIENTS, INSURERS], on):
        _, patient_id = parted(one.account)
        owes = one.account.startswith(PATIENTS) and one.cents > 0
        if owes or _has_moved(one, last.get(patient_id)):
            due.add(patient_id)
    return sorted(due - issued)


def issue_statements(db: Db, patient_ids: Iterable[int], on: date, at: datetime) -> int:
    """Issue a statement, dated ``on``, to each of at most a few hundred patients who has something to be told.

    Whoever has one of that day already gets no second, and whose bills are :func:`withheld` none. Returns how many
    were issued; a fixed number of queries.
    """
    # Or a run and somebody at the desk could both find that a patient has none of the day.
    hold_lock(db, "statements")
    clinic = the_clinic(db)
    asked = set(patient_ids)
    wanted = Patient.id.in_(asked - withheld(db, asked).keys()), Patient.id.not_in(_issued_on(on))
    patients = {one.id: one for one in db.scalars(select(Patient).where(*wanted).order_by(Patient.id))}
    periods = _periods(db, list(patients), on)
    decisions = decisions_about(db, [one.charge_id for period in periods.values() for one in period.shown])
    references = _references(db, list(periods))
    rows = []
    for number, (patient_id, period) in zip(_numbers(db, len(periods)), periods.items(), strict=True):
        told = Told(clinic, patients[patient_id], decisions, references)
        made = statement(paper_name(PaperKind.STATEMENT, number), period, told)
        rows.append(
            {
                "kind": PaperKind.STATEMENT,
                "number": number,
                "patient_id": patient_id,
                "issued_on": on,
                "issued_at": at,
                "total_cents": made.total.cents,
                "snapshot": dict(STATEMENT.dump_python(made, mode="json")),
            }
        )
    if rows:
        db.execute(insert(Paper), rows)
    return len(rows)


def withheld(db: Db, patient_ids: Collection[int]) -> dict[int, list[Problem]]:
    """Whose statement would bill visits far above their good-faith estimate, and what is to be done first."""
    stopped: dict[int, list[Problem]] = {}
    currency = the_clinic(db).currency
    for one in running_of(db, patient_ids):
        if problems := blocking(problems_of(one, currency)):
            stopped.setdefault(one.estimate.patient_id, []).extend(problems)
    return stopped


def patient_statement(db: Db, patient_id: int, on: date, at: datetime) -> Paper:
    """One patient's statement dated ``on``, issued now unless there is one of that day.

    Raises :class:`NotFound` for an unknown patient, :class:`Refused` when there is nothing to tell, or when visits
    far above their estimate would be billed by it.
    """
    if db.get(Patient, patient_id) is None:
        raise NotFound(f"There is no patient {patient_id}.")
    hold_accounts(db, [patient_id])
    issue_statements(db, [patient_id], on, at)
    of_day = Paper.kind == PaperKind.STATEMENT, Paper.patient_id == patient_id, Paper.issued_on == on
    issued = db.scalar(select(Paper).where(*of_day))
    if issued is None and (problems := withheld(db, [patient_id]).get(patient_id)):
        raise Refused(" ".join(f"{one.why} {one.fix}" for one in problems), problems)
    if issued is None:
        why = "There is nothing to tell: nothing is owed, and nothing has moved since the last statement."
        raise Refused(why)
    return issued


def _issued_on(on: date) -> Select[int]:
    """Ids of the patients who have a statement of that day."""
    return select(Paper.patient_id).where(Paper.kind == PaperKind.STATEMENT, Paper.issued_on == on)


def _has_moved(standing: Standing, last: LastStatement | None) -> bool:
    if standing.booked_on is None or standing.recorded_at is None:
        return False
    return last is None or standing.booked_on > last.issued_on or standing.recorded_at > last.issued_at


def _numbers(db: Db, count: int) -> Iterable[int]:
    return take_numbers(db, PaperKind.STATEMENT, count) if count else ()


def _periods(db: Db, patient_ids: Sequence[int], on: date) -> dict[int, Period]:
    """The periods of those who have something to be told."""
    last = _last_statements(db, on, patient_ids)
    books = books_of(db, patient_ids, on)
    periods = {one: Period(books[one], on, last.get(one)) for one in patient_ids}
    return {one: period for one, period in periods.items() if period.is_worth_telling}


def _last_statements(db: Db, before: date, patient_ids: Sequence[int] | None = None) -> dict[int, LastStatement]:
    """Each patient's last statement of an earlier day; of these patients, or of all."""
    of_them = [Paper.kind == PaperKind.STATEMENT, Paper.issued_on < before]
    if patient_ids is not None:
        of_them.append(Paper.patient_id.in_(patient_ids))
    last = select(Paper.patient_id, func.max(Paper.issued_on).label("on")).where(*of_them).group_by(Paper.patient_id)
    latest = last.subquery()
    rows = db.execute(
        select(Paper.patient_id, Paper.number, Paper.issued_on, Paper.issued_at, Paper.total_cents)
        .join(latest, (latest.c.patient_id == Paper.patient_id) & (latest.c.on == Paper.issued_on))
        .where(Paper.kind == PaperKind.STATEMENT)
    )
    return {
        patient_id: LastStatement(paper_name(PaperKind.STATEMENT, number), issued_on, issued_at, total_cents)
        for patient_id, number, issued_on, issued_at, total_cents in rows
    }


def _references(db: Db, patient_ids: Sequence[int]) -> dict[str, str]:
    """Check and card numbers of these patients' payments and refunds, by source."""
    of_them = Payment.patient_id.in_(patient_ids)
    payments = select(Payment.id, Payment.reference).where(of_them, Payment.reference.is_not(None))
    refunds = select(Refund.id, Refund.reference).join(Payment, Payment.id == Refund.payment_id)
    given_back = refunds.where(of_them, Refund.reference.is_not(None))
    found = {f"payment:{number}": reference or "" for number, reference in db.execute(payments)}
    return found | {f"refund:{number}": reference or "" for number, reference in db.execute(given_back)}
