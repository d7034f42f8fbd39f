"""A patient's account on a day, charge by charge, made of what the books say.

Every entry falls into one of few kinds of movement, by the accounts it touches; so the columns of a
charge always add up to what the books have on it, whatever the entry was called. Which money pays for
what is not read from the allocations in the books, which stand as of the day they were last made, but
derived anew for the day that is asked about, by the same rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from billing.charges.models import Charge
from billing.ledger.accounts import ALLOCATIONS, kind_of, owed_by_insurance, owed_by_patient, unapplied
from billing.ledger.posting import Line
from billing.ledger.queries import Booked
from billing.payments.account import About, Move, Subject, Waiting, moves, parted
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

_REVERSAL = "reversal:"
_NEVER_CHARGED = frozenset({SessionState.CANCELLED, SessionState.NO_SHOW})
_OLDEST_AFTER = (30, 60, 90)
"""Days after which an amount goes on to the next age."""


@dataclass(frozen=True, slots=True)
class Services:
    """The charges and sessions that amounts are about, by id."""

    charges: Mapping[int, Charge]
    sessions: Mapping[int, ClinicSession]


@dataclass(slots=True)
class ChargeAccount:
    """Where one charge stands, in cents: ``charged - insurance_paid - adjusted - waiting = patient_part``."""

    charge_id: int
    charged: int = 0
    insurance_paid: int = 0
    adjusted: int = 0
    """What nobody owes any more, such as what a contract takes off."""
    waiting: int = 0
    """What insurers are still to decide; never the patient's."""
    patient_part: int = 0
    patient_paid: int = 0
    """Less what was given back."""
    insured: bool = False
    """Whether insurers ever had to do with it."""
    became_patients: list[tuple[date, int]] = field(default_factory=list)
    """When the patient's part grew or shrank, and by how much, in the order of the books."""

    @property
    def left(self) -> int:
        """What the patient owes of it; below zero it is overpaid."""
        return self.patient_part - self.patient_paid

    @property
    def amounts(self) -> tuple[int, ...]:
        """All its columns."""
        return (
            self.charged, self.insurance_paid, self.adjusted, self.waiting, self.patient_part, self.patient_paid
        )  # fmt: skip


@dataclass(slots=True)
class PatientAccount:
    """All that the books say of one patient, in cents."""

    charges: dict[int, ChargeAccount] = field(default_factory=dict)
    """By charge id, in the order in which the books first name them."""
    elsewhere: Counter[About] = field(default_factory=Counter)
    """What stands on the patient's account and on no charge, by what it is about: below zero, money."""
    moves: list[Move] = field(default_factory=list)
    """Which of the patient's money pays for what."""

    @property
    def left(self) -> int:
        """What is left to pay of all charges."""
        return sum(one.left for one in self.charges.values())

    @property
    def balance(self) -> int:
        """What the patient owes; below zero it is credit. Always the balance of the patient's account."""
        return self.left + self.elsewhere.total()

    @property
    def waiting(self) -> int:
        """What insurers are still to decide, of all charges."""
        return sum(one.waiting for one in self.charges.values())

    @property
    def kept(self) -> int:
        """Money that waits for its session to be settled."""
        return -sum(cents for about, cents in self.elsewhere.items() if parted(about)[0] == "session")

    @property
    def credit(self) -> int:
        """The rest of the money that pays no charge; below zero something is owed besides the charges."""
        return -self.elsewhere.total() - self.kept


def patient_account(patient_id: int, entries: Iterable[Booked], services: Services) -> PatientAccount:
    """The account in which these entries leave a patient: all that touch it or its insurers' account, up to a day.

    ``services`` has every charge and session that the entries are about.
    """
    account = PatientAccount()
    own, insurers = owed_by_patient(patient_id), owed_by_insurance(patient_id)
    for entry in entries:
        if entry.source.startswith(ALLOCATIONS):
            continue
        for line in entry.lines:
            charge_id = charge_of(line)
            if charge_id is not None:
                charge = account.charges.setdefault(charge_id, ChargeAccount(charge_id))
                _add(charge, entry, line, own, insurers)
            elif line.account == own:
                account.elsewhere[line.about] += line.cents
    account.moves = moves(_subjects(account, services), unapplied(patient_id))
    for move in account.moves:
        _pay(account, move.source, -move.cents)
        _pay(account, move.target, move.cents)
    return account


def is_of_money(entry: Booked) -> bool:
    """Whether the entry is a patient's money coming or going back."""
    return any(kind_of(line.account) == "money" for line in entry.lines)


def origin(source: str) -> str:
    """What an entry, or a reversal of it, or a reversal of that, is about: ``charge:17``."""
    while source.startswith(_REVERSAL):
        source = source.removeprefix(_REVERSAL)
    return source


def charge_of(line: Line) -> int | None:
    """The charge that a line is about."""
    kind, number = parted(line.about)
    return number if kind == "charge" else None


def _add(charge: ChargeAccount, entry: Booked, line: Line, own: str, insurers: str) -> None:
    kind = kind_of(line.account)
    if line.account == own and is_of_money(entry):
        charge.patient_paid -= line.cents
    elif line.account == own:
        charge.patient_part += line.cents
        charge.became_patients.append((entry.booked_on, line.cents))
    elif line.account == insurers:
        charge.waiting += line.cents
        charge.insured = True
    elif kind == "income":
        charge.charged -= line.cents
    elif kind == "deposit":
        charge.insurance_paid += line.cents
    elif kind != "money":
        charge.adjusted += line.cents


def _pay(account: PatientAccount, about: About, cents: int) -> None:
    """Put money to a subject, or take it away when ``cents`` is below zero."""
    kind, number = parted(about)
    if kind == "charge":
        account.charges[number].patient_paid += cents
    else:
        account.elsewhere[about] -= cents


def _subjects(account: PatientAccount, services: Services) -> Iterator[Subject]:
    """What is owed and what is there, before any money was put to anything."""
    undecided: Counter[int] = Counter()
    charged = set()
    for one in account.charges.values():
        charge = services.charges[one.charge_id]
        undecided[charge.session_id] += max(0, one.waiting)
        if one.charged:
            charged.add(charge.session_id)
        if one.left:
            yield Subject(f"charge:{charge.id}", one.left, charge.session_id, charge.service_on)
    for about, cents in account.elsewhere.items():
        kind, number = parted(about)
        if kind == "session":
            session = services.sessions[number]
            if number in charged or session.state in _NEVER_CHARGED:
                waiting, kept = Waiting.INSURER, undecided[number]
            else:
                waiting, kept = Waiting.CHARGES, abs(cents)
            yield Subject(about, cents, number, session.service_on, waiting if kept else None, kept)
        else:
            yield Subject(about, cents)


def ages(charges: Sequence[ChargeAccount], on: date) -> tuple[int, int, int, int]:
    """What is left of charges, in cents, by how long it has been the patient's: 0-30, 31-60, 61-90, over 90 days.

    The clock of an amount starts on the day it was booked as the patient's: for a visit the patient
    pays, the date of service; else the day the payer's decision was booked, because before that
    nobody could have asked the patient for it. Of one charge the oldest amount is paid first.
    Overpaid charges are left out: they are credit.
    """
    sums = [0, 0, 0, 0]
    for since, cents in chain.from_iterable(_unpaid(charge, on) for charge in charges):
        days = (on - since).days
        sums[sum(days > limit for limit in _OLDEST_AFTER)] += cents
    return (sums[0], sums[1], sums[2], sums[3])


def _unpaid(charge: ChargeAccount, on: date) -> list[tuple[date, int]]:
    """What is left of a charge, the newest part first, as since when and how many cents."""
    left, parts = charge.left, []
    for since, cents in reversed(charge.became_patients):
        part = min(left, cents)
        if part > 0:
            parts.append((since, part))
            left -= part
    return [*parts, (on, left)] if left > 0 else parts
