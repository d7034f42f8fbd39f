"""Books on stage: entries about one patient as the rooms below would write them, without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from billing.charges.models import Charge
from billing.invoices.patient_account import Services
from billing.invoices.patient_books import Books
from billing.ledger.accounts import INCOME, adjusted, deposit, money_received, owed_by_insurance, owed_by_patient
from billing.ledger.posting import Line
from billing.ledger.queries import Booked
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

PATIENT = 7
BEGIN = date(2026, 1, 5)


@dataclass
class Ledger:
    """A patient's books, written entry by entry."""

    entries: list[Booked] = field(default_factory=list)
    charges: dict[int, Charge] = field(default_factory=dict)
    sessions: dict[int, ClinicSession] = field(default_factory=dict)

    @property
    def books(self) -> Books:
        """What has been written, in the order of the books."""
        return Books(
            PATIENT,
            tuple(sorted(self.entries, key=lambda one: (one.booked_on, one.recorded_at, one.source))),
            Services(self.charges, self.sessions),
        )

    @property
    def balance(self) -> int:
        """The sum of what stands on the patient's account."""
        own = owed_by_patient(PATIENT)
        return sum(line.cents for entry in self.entries for line in entry.lines if line.account == own)

    def session(self, on: date = BEGIN) -> int:
        """A signed session; its id."""
        number = len(self.sessions) + 1
        self.sessions[number] = ClinicSession(id=number, service_on=on, state=SessionState.SIGNED, external_id=None)
        return number

    def charge(self, session_id: int, cents: int, *, insured: bool = False) -> int:
        """A charge of the session, booked on its day; its id."""
        number, on = len(self.charges) + 1, self.sessions[session_id].service_on
        self.charges[number] = Charge(
            id=number, session_id=session_id, position=number, service_on=on, code="97810", modifiers=[], units=1,
            cents=cents, reversed_at=None,
        )  # fmt: skip
        owed = (owed_by_insurance if insured else owed_by_patient)(PATIENT)
        self.book(f"charge:{number}", on, (owed, cents, f"charge:{number}"), (INCOME, -cents, f"charge:{number}"))
        return number

    def decide(self, charge_id: int, on: date, *, paid: int = 0, given_up: int = 0, patient: int = 0) -> str:
        """The insurer pays, gives up and leaves to the patient; what is not named stays with it."""
        about = f"charge:{charge_id}"
        amounts = [(deposit(1), paid), (adjusted("contractual"), given_up), (owed_by_patient(PATIENT), patient)]
        amounts.append((owed_by_insurance(PATIENT), -paid - given_up - patient))
        source = f"remittance:1:claim:1:line:{len(self.entries)}"
        return self.book(source, on, *((account, cents, about) for account, cents in amounts if cents))

    def pay(self, on: date, cents: int, about: str, *, verb: str = "payment") -> str:
        """Money of the patient; below zero it is given back."""
        source = f"{verb}:{len(self.entries) + 1}"
        own = owed_by_patient(PATIENT)
        return self.book(source, on, (money_received("card"), cents, about), (own, -cents, about))

    def take_back(self, source: str, on: date) -> str:
        """The mirror of an entry."""
        (entry,) = (one for one in self.entries if one.source == source)
        return self.book(f"reversal:{source}", on, *((one.account, -one.cents, one.about) for one in entry.lines))

    def book(self, source: str, on: date, *lines: tuple[str, int, str | None]) -> str:
        """An entry, written in the evening of the day it is booked on; its source."""
        assert sum(cents for _, cents, _ in lines) == 0
        at = at_noon(on) + timedelta(hours=1, seconds=len(self.entries))
        self.entries.append(Booked(source, on, at, source, tuple(Line(*line) for line in lines)))
        return source


def at_noon(on: date) -> datetime:
    """Noon of that day, in UTC."""
    return datetime(on.year, on.month, on.day, 12, tzinfo=UTC)


_cents = st.integers(1, 300_00)
_days = st.integers(0, 150).map(lambda days: BEGIN + timedelta(days=days))


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Any course of events that a clinic may see with one patient."""
    ledger = Ledger()
    for _ in range(draw(st.integers(0, 4))):
        session = ledger.session(draw(_days))
        insured = draw(st.booleans())
        for _ in range(draw(st.integers(0, 2))):
            charge = ledger.charge(session, draw(_cents), insured=insured)
            if insured:
                _decide_somehow(draw, ledger, charge)
            elif draw(st.integers(0, 5)) == 0:
                ledger.take_back(f"charge:{charge}", draw(_days))
        _pay_somehow(draw, ledger, f"session:{session}")
    _pay_somehow(draw, ledger, f"credit:{PATIENT}")
    return ledger


def _decide_somehow(draw: st.DrawFn, ledger: Ledger, charge: int) -> None:
    cents, on = ledger.charges[charge].cents, draw(_days)
    for _ in range(draw(st.integers(0, 2))):
        parts = sorted(draw(st.integers(0, cents)) for _ in range(3))
        amounts = {"paid": parts[0], "given_up": parts[1] - parts[0], "patient": parts[2] - parts[1]}
        if not any(amounts.values()):
            continue
        decided = ledger.decide(charge, on, **amounts)
        if draw(st.booleans()):
            return
        on = draw(_days)
        ledger.take_back(decided, on)


def _pay_somehow(draw: st.DrawFn, ledger: Ledger, about: str) -> None:
    for _ in range(draw(st.integers(0, 2))):
        cents = draw(_cents)
        paid = ledger.pay(draw(_days), cents, about)
        fate = draw(st.integers(0, 3))
        if fate == 0:
            ledger.take_back(paid, draw(_days))
        elif fate == 1:
            ledger.pay(draw(_days), -draw(st.integers(1, cents)), about, verb="refund")
