"""Charging signed sessions: the standing charges of a session always equal its coded, priced chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update

from billing.charges.models import Charge, Fee
from billing.charges.pricing import FeeSchedule, fee_problems, standard_fees
from billing.codes.edits import ProcedureLine
from billing.database import Db
from billing.errors import Problem
from billing.ledger.accounts import INCOME, owed_by_insurance, owed_by_patient, owner_of
from billing.ledger.posting import Line, NewEntry, post, reverse
from billing.ledger.queries import accounts_of
from billing.sessions.facts import Visit
from billing.sessions.models import BillTo


@dataclass(frozen=True, slots=True)
class Charged:
    """A session's standing charges, in order, and why it has none if it has none."""

    charges: list[Charge]
    problems: list[Problem]

    @property
    def total_cents(self) -> int:
        """Sum of the charges."""
        return sum(charge.cents for charge in self.charges)


def capture(db: Db, visits: Sequence[Visit], today: date, at: datetime) -> dict[int, Charged]:
    """Make each visit's charges what its chart says, and return them by session.

    A visit one of whose codes has no fee is charged nothing. Charges that no longer agree with the
    visit, in what was done, when, or who owes it, are reversed on ``today`` and made anew. The visits
    must not have been billed yet.
    """
    schedule = standard_fees(db.scalars(select(Fee).where(Fee.payer_id.is_(None))))
    standing = standing_charges(db, [visit.session.id for visit in visits])
    accounts = accounts_of(db, [source_of(charge) for charges in standing.values() for charge in charges])
    result: dict[int, Charged] = {}
    wrong: list[Charge] = []
    missing: list[Visit] = []
    for visit in visits:
        session_id, on = visit.session.id, visit.session.service_on
        problems = fee_problems(visit.coded.lines, schedule, on)
        wanted = [] if problems else _wanted(visit.coded.lines, schedule, on)
        agrees = all(
            charge.service_on == on and _owed(visit) in accounts[source_of(charge)] for charge in standing[session_id]
        )
        if agrees and [_content(charge) for charge in standing[session_id]] == wanted:
            result[session_id] = Charged(standing[session_id], problems)
        else:
            wrong += standing[session_id]
            result[session_id] = Charged([], problems)
            if wanted:
                missing.append(visit)
    take_back(db, wrong, today, at)
    for session_id, charges in _charge(db, missing, schedule, at).items():
        result[session_id].charges.extend(charges)
    return result


def standing_charges(db: Db, session_ids: Iterable[int]) -> dict[int, list[Charge]]:
    """The charges of these sessions that have not been reversed, in order."""
    found: dict[int, list[Charge]] = defaultdict(list)
    for charge in db.scalars(
        select(Charge)
        .where(Charge.session_id.in_(list(session_ids)), Charge.reversed_at.is_(None))
        .order_by(Charge.session_id, Charge.position)
    ):
        found[charge.session_id].append(charge)
    return found


def patients_charged(db: Db, session_ids: Iterable[int]) -> set[int]:
    """Patients to whom, or to whose insurers, charges of these sessions were ever booked, be they taken back.

    Those are others than the sessions' own when a session was given to another patient after it was charged.
    """
    charges = db.scalars(select(Charge).where(Charge.session_id.in_(list(session_ids))))
    found = {owner_of(code) for codes in accounts_of(db, list(map(source_of, charges))).values() for code in codes}
    return {patient_id for patient_id in found if patient_id is not None}


def _wanted(lines: Iterable[ProcedureLine], schedule: FeeSchedule, on: date) -> list[tuple[str, list[str], int, int]]:
    return [
        (line.code, list(line.modifiers), line.units, line.units * (schedule.price(line.code, on) or 0))
        for line in lines
    ]


def _content(charge: Charge) -> tuple[str, list[str], int, int]:
    return (charge.code, list(charge.modifiers), charge.units, charge.cents)


def take_back(db: Db, charges: Sequence[Charge], today: date, at: datetime) -> None:
    """Reverse standing charges on ``today``. None may stand in a claim that is with a payer, or on an invoice."""
    if charges:
        reverse(db, [source_of(charge) for charge in charges], today, at)
        db.execute(update(Charge).where(Charge.id.in_([charge.id for charge in charges])).values(reversed_at=at))


def _charge(db: Db, visits: Sequence[Visit], schedule: FeeSchedule, at: datetime) -> dict[int, list[Charge]]:
    rows = [
        {
            "session_id": visit.session.id,
            "position": position,
            "service_on": visit.session.service_on,
            "code": code,
            "modifiers": modifiers,
            "units": units,
            "cents": cents,
        }
        for visit in visits
        for position, (code, modifiers, units, cents) in enumerate(
            _wanted(visit.coded.lines, schedule, visit.session.service_on), start=1
        )
    ]
    if not rows:
        return {}
    # Asked for in the order of the rows, SQLite would insert them one by one.
    returned = db.scalars(insert(Charge).returning(Charge), rows).all()
    charges = sorted(returned, key=lambda charge: (charge.session_id, charge.position))
    visit_of = {visit.session.id: visit for visit in visits}
    post(db, [_entry(charge, visit_of[charge.session_id]) for charge in charges], at)
    made: dict[int, list[Charge]] = defaultdict(list)
    for charge in charges:
        made[charge.session_id].append(charge)
    return made


def source_of(charge: Charge) -> str:
    """The charge's name in the books."""
    return f"charge:{charge.id}"


def _owed(visit: Visit) -> str:
    """The account of whoever is to pay for the visit."""
    insured = visit.session.bill_to is BillTo.INSURANCE
    return (owed_by_insurance if insured else owed_by_patient)(visit.session.patient_id)


def _entry(charge: Charge, visit: Visit) -> NewEntry:
    source = source_of(charge)
    return NewEntry(
        source,
        charge.service_on,
        f"{charge.code} x{charge.units}",
        [Line(_owed(visit), charge.cents, source), Line(INCOME, -charge.cents, source)],
    )
