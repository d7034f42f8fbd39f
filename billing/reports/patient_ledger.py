"""A patient's books, entry by entry, in words, with what patient and insurers owed after each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from billing.claims.decisions import Decision, decisions_about
from billing.claims.models import Claim
from billing.codes.adjustments import reason_text
from billing.database import Db
from billing.invoices.patient_account import PatientAccount, is_of_money, origin
from billing.invoices.patient_books import Books, books_of
from billing.ledger.accounts import ALLOCATIONS, kind_of, owed_by_insurance, owed_by_patient
from billing.ledger.queries import Booked
from billing.payments.account import parted
from billing.payments.models import Payment, Refund
from billing.reports.money_words import Part, means, put, service_of

ROWS = 100
_REVERSAL = "reversal:"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One entry of a patient's books."""

    source: str
    on: date
    kind: str
    """``charge``, ``remittance``, ``payment``, ``refund``, ``allocation``, or what else was booked."""
    number: int
    """Of the charge, the remittance, the payment or the refund."""
    words: str
    service_on: date | None
    """The day of the visit that was charged."""
    is_undone: bool
    """Whether it takes an earlier entry back."""
    patient: int
    """What it added to what the patient owes, in cents."""
    insurers: int
    """What it added to what insurers are still to decide."""
    patient_after: int
    insurers_after: int
    parts: tuple[Part, ...] = ()
    claim_id: int | None = None
    about: str = ""
    """The one charge it is about: ``charge:17``; empty for none or several."""


@dataclass(frozen=True, slots=True)
class OpenCharge:
    """A charge of which the patient has something to pay."""

    id: int
    on: date
    words: str
    left: int


@dataclass(frozen=True, slots=True)
class PatientLedger:
    """A page of a patient's books, the newest entry first, and where the account stands."""

    rows: list[LedgerRow]
    older: str
    """The entry behind which the next page begins; empty at the end."""
    account: PatientAccount
    open_charges: list[OpenCharge]


def patient_ledger(db: Db, patient_id: int, before: str = "") -> PatientLedger:
    """A patient's books as they are now; a fixed number of queries. ``before`` is the ``older`` of the page before."""
    (books,) = books_of(db, [patient_id]).values()
    account = books.account()
    rows = list(_Teller(db, books).rows())
    rows.reverse()
    places = [place for place, row in enumerate(rows, start=1) if row.source == before]
    rest = rows[places[0] :] if places else rows
    older = rest[ROWS - 1].source if len(rest) > ROWS else ""
    return PatientLedger(rest[:ROWS], older, account, _open_charges(account, books))


def number_in(source: str) -> int:
    """The number of the record that an entry comes from: 5 in ``remittance:5:claim:1``; zero when it names none."""
    number = source.split(":")[1] if ":" in source else ""
    return int(number) if number.isdecimal() else 0


def _open_charges(account: PatientAccount, books: Books) -> list[OpenCharge]:
    """What the patient can pay now, the oldest first."""
    charges = books.services.charges
    found = [
        OpenCharge(one.charge_id, charges[one.charge_id].service_on, service_of(charges[one.charge_id]), one.left)
        for one in account.charges.values()
        if one.left > 0
    ]
    return sorted(found, key=lambda one: (one.on, one.id))


@dataclass
class _Teller:
    """Says what the entries in a patient's books did."""

    db: Db
    books: Books
    decisions: Mapping[str, Decision] = field(init=False)
    """By the entry that books them."""
    claims: Mapping[str, int] = field(init=False)
    """Ids by control number."""
    payments: Mapping[int, Payment] = field(init=False)
    refunds: Mapping[int, Refund] = field(init=False)

    def __post_init__(self) -> None:
        found = decisions_about(self.db, self.books.services.charges)
        self.decisions = {one.entry: one for own in found.values() for one in own}
        numbers = {one.claim for one in self.decisions.values()}
        claims = select(Claim.control_number, Claim.id).where(Claim.control_number.in_(numbers))
        self.claims = dict(self.db.execute(claims).all())
        of_patient = Payment.patient_id == self.books.patient_id
        self.payments = {one.id: one for one in self.db.scalars(select(Payment).where(of_patient))}
        refunds = select(Refund).join(Payment, Payment.id == Refund.payment_id).where(of_patient)
        self.refunds = {one.id: one for one in self.db.scalars(refunds)}

    def rows(self) -> Iterable[LedgerRow]:
        """Every entry in the order of the books."""
        own, insurers = owed_by_patient(self.books.patient_id), owed_by_insurance(self.books.patient_id)
        patient_after = insurers_after = 0
        for entry in sorted(self.books.entries, key=_told_at):
            patient = sum(line.cents for line in entry.lines if line.account == own)
            waiting = sum(line.cents for line in entry.lines if line.account == insurers)
            patient_after, insurers_after = patient_after + patient, insurers_after + waiting
            first = origin(entry.source)
            kind, decision = kind_of(first), self.decisions.get(first)
            yield LedgerRow(
                source=entry.source,
                on=entry.booked_on,
                kind=kind,
                number=number_in(first),
                words=self._words(kind, entry, decision),
                service_on=self._charge_day(kind, entry),
                is_undone=entry.source.startswith(_REVERSAL),
                patient=patient,
                insurers=waiting,
                patient_after=patient_after,
                insurers_after=insurers_after,
                parts=tuple(self._parts(kind, entry, decision)),
                claim_id=self.claims.get(decision.claim) if decision else None,
                about=_only_charge(entry),
            )

    def _words(self, kind: str, entry: Booked, decision: Decision | None) -> str:
        number = number_in(origin(entry.source))
        if kind == "charge" and number in self.books.services.charges:
            return service_of(self.books.services.charges[number])
        if kind == "payment" and number in self.payments:
            return f"Paid {means(self.payments[number])}"
        if kind == "refund" and number in self.refunds:
            return f"Given back {means(self.refunds[number])}: {self.refunds[number].why}"
        if kind == kind_of(ALLOCATIONS):
            return "Put to what it pays for"
        if decision is not None:
            refused = " and refused to pay" if decision.is_denied else ""
            service = service_of(self.books.services.charges[decision.charge_id])
            return f"{decision.payer or 'The insurer'} decided on {service}{refused}"
        return entry.memo

    def _charge_day(self, kind: str, entry: Booked) -> date | None:
        """The date of service of the one charge that an entry is about, unless it only says so of money."""
        charge = self.books.services.charges.get(parted(_only_charge(entry))[1])
        return charge.service_on if charge and kind != kind_of(ALLOCATIONS) and not is_of_money(entry) else None

    def _parts(self, kind: str, entry: Booked, decision: Decision | None) -> Iterable[Part]:
        """What an entry did, part by part, where that is more than one thing."""
        own = owed_by_patient(self.books.patient_id)
        if kind == kind_of(ALLOCATIONS) or is_of_money(entry):
            for line in entry.lines:
                if line.account == own:
                    yield put(line.about, -line.cents, self.books.services)
            return
        for account_kind, words in _DECIDED.items():
            cents = sum(line.cents for line in entry.lines if kind_of(line.account) == account_kind)
            if cents and kind != "charge":
                reasons = _reasons(decision, account_kind) if decision else ""
                yield Part(cents, f"{words}: {reasons}" if reasons else words)


_DECIDED = {"deposit": "paid", "adjusted": "nobody owes it", "patient": "left to the patient"}
"""What an insurer's decision does, by the kind of account it is booked on."""
_PATIENT = "PR"


def _told_at(entry: Booked) -> tuple[date, datetime, bool]:
    """In the order of the books; where money is put to comes after what was written at the same instant."""
    return entry.booked_on, entry.recorded_at, entry.source.startswith(ALLOCATIONS)


def _reasons(decision: Decision, account_kind: str) -> str:
    """The payer's reasons for what it left to the patient, or took away for good."""
    if account_kind == "deposit":
        return ""
    wants_patient = account_kind == "patient"
    reasons = [one for one in decision.adjustments if (one.group == _PATIENT) is wants_patient]
    return ", ".join(reason_text(one.group, one.reason) for one in reasons)


def _only_charge(entry: Booked) -> str:
    """The one charge that an entry is about; empty when there is none, or more than one."""
    found: Sequence[str] = sorted(
        {line.about for line in entry.lines if line.about and kind_of(line.about) == "charge"}
    )
    return found[0] if len(found) == 1 else ""
