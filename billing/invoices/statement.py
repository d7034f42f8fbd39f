"""What a patient's statement says, made of the books alone.

Law: what it says is owed is the balance of the patient's account at the end of the day, to the cent. What
insurers are still to decide is shown and never counted, and what nobody owes any more is never a debt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from billing.claims.decisions import Decision
from billing.clinic.letterhead import letterhead
from billing.clinic.models import Clinic
from billing.invoices.patient_account import ChargeAccount, PatientAccount, ages, is_of_money, origin
from billing.invoices.patient_books import Books
from billing.invoices.statement_wording import activity_text, how_to_pay, if_wrong, notes, service_text, why
from billing.ledger.accounts import owed_by_patient
from billing.ledger.queries import Booked
from billing.money import Money
from billing.patients.models import Patient
from billing.patients.party import party
from billing.pdf.parts import Letterhead
from billing.pdf.statement import Activity, Statement, StatementLine

DUE_AFTER = timedelta(days=30)
"""How long a patient has to pay."""


@dataclass(frozen=True, slots=True)
class LastStatement:
    """The statement before."""

    number: str
    """As printed."""
    issued_on: date
    issued_at: datetime
    total_cents: int

    def covers(self, entry: Booked) -> bool:
        """Whether it counted the entry: booked by its day, and not written later under an earlier day."""
        return entry.booked_on <= self.issued_on and entry.recorded_at <= self.issued_at


@dataclass
class Period:
    """One patient's books from the last statement to a day."""

    books: Books
    on: date
    last: LastStatement | None = None

    @cached_property
    def now(self) -> PatientAccount:
        """The account at the end of the day."""
        return self.books.account()

    @cached_property
    def before(self) -> PatientAccount:
        """The account that the last statement told of."""
        return self.books.account(lambda entry: not self._is_new(entry))

    @cached_property
    def shown(self) -> list[ChargeAccount]:
        """The charges that moved in the period or of which something is left, in order of their dates."""
        return sorted((one for one in self.now.charges.values() if one.left or self._moved(one)), key=self._order)

    @cached_property
    def money(self) -> list[Booked]:
        """Money that came or went in the period; what was booked and taken back within it is left out."""
        new = {one.source: one for one in self.books.entries if self._is_new(one) and is_of_money(one)}
        undone = {source for source in new if f"reversal:{source}" in new}
        return [one for source, one in new.items() if source.removeprefix("reversal:") not in undone]

    @property
    def begins_on(self) -> date:
        """The day after the last statement, or of the first movement."""
        if self.last is not None:
            return self.last.issued_on + timedelta(days=1)
        return self.books.entries[0].booked_on if self.books.entries else self.on

    @property
    def is_worth_telling(self) -> bool:
        """Whether something is owed, or anything has moved."""
        opening = self.last.total_cents if self.last else 0
        moved = self.now.balance != opening or bool(self.money)
        return self.now.balance > 0 or moved or any(map(self._moved, self.shown))

    def _is_new(self, entry: Booked) -> bool:
        return self.last is None or not self.last.covers(entry)

    def _moved(self, one: ChargeAccount) -> bool:
        told = self.before.charges.get(one.charge_id)
        return one.amounts != (told.amounts if told else _NOTHING)

    def _order(self, one: ChargeAccount) -> tuple[date, int, int, int]:
        charge = self.books.services.charges[one.charge_id]
        return charge.service_on, charge.session_id, charge.position, charge.id


_NOTHING = ChargeAccount(0).amounts


@dataclass(frozen=True, slots=True)
class Told:
    """What a statement tells beside the books, already read."""

    clinic: Clinic
    patient: Patient
    decisions: Mapping[int, Sequence[Decision]]
    """What payers decided, by charge."""
    references: Mapping[str, str]
    """Check or card numbers of payments and refunds, by their source in the books."""


def statement(number: str, period: Period, told: Told) -> Statement:
    """The statement of a period, dated its last day."""
    currency, now = told.clinic.currency, period.now

    def money(cents: int) -> Money:
        return Money(cents, currency)

    head = letterhead(told.clinic, with_tax_id=False)
    due_on = period.on + DUE_AFTER if now.balance > 0 else None
    part_before = sum(one.patient_part for one in period.before.charges.values())
    aged = ages(list(now.charges.values()), period.on)
    lines = tuple(_line(one, period, told, head) for one in period.shown)
    return Statement(
        number=number,
        issued_on=period.on,
        letterhead=head,
        patient=party(told.patient),
        period_from=period.begins_on,
        opening=money(period.last.total_cents if period.last else 0),
        opening_text=_opening_text(period.last, head),
        new_part=money(sum(one.patient_part for one in now.charges.values()) - part_before),
        activities=tuple(_activity(one, period, told, head) for one in period.money),
        lines=lines,
        kept=money(now.kept),
        credit=money(now.credit),
        ages=(money(aged[0]), money(aged[1]), money(aged[2]), money(aged[3])),
        waiting=money(now.waiting),
        currency=currency,
        due_on=due_on,
        how_to_pay=how_to_pay(now, told.clinic),
        if_wrong=if_wrong(told.clinic),
        notes=notes(told.clinic, lines),
    )


def _opening_text(last: LastStatement | None, head: Letterhead) -> str:
    if last is None:
        return "Balance before your first statement"
    return f"Balance on statement {last.number} of {head.region.date_text(last.issued_on)}"


def _line(one: ChargeAccount, period: Period, told: Told, head: Letterhead) -> StatementLine:
    charge, currency = period.books.services.charges[one.charge_id], told.clinic.currency
    decisions = period.books.standing(told.decisions.get(one.charge_id, ()))
    return StatementLine(
        date_of_service=charge.service_on,
        service=service_text(charge, head.region),
        charged=Money(one.charged, currency),
        your_part=Money(one.patient_part, currency),
        you_paid=Money(one.patient_paid, currency),
        insurance_paid=Money(one.insurance_paid, currency),
        adjusted=Money(one.adjusted, currency),
        waiting=Money(one.waiting, currency),
        insured=one.insured,
        why=why(one, decisions, currency, head.region),
    )


def _activity(entry: Booked, period: Period, told: Told, head: Letterhead) -> Activity:
    own = owed_by_patient(period.books.patient_id)
    cents = sum(line.cents for line in entry.lines if line.account == own)
    reference = told.references.get(origin(entry.source), "")
    return Activity(
        entry.booked_on, activity_text(entry, cents, reference, head.region), Money(cents, told.clinic.currency)
    )
