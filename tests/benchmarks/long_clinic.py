"""A clinic after some years of work: what the pages of the desk must stay quick with.

A hundred thousand sessions since 2023, a day's bookings ahead, claims decided but for the last month's and some that
are held. The claims are decided in bulk, also those that are too late to be filed today: what matters to the pages is
how many rows there are, and that the books balance.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import delete, select, update

from billing.charges.capturing import source_of
from billing.charges.models import Charge
from billing.claims.lifecycle import UNFILED, ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimProblem
from billing.claims.moving import Move, record_moves
from billing.database import Database, Db
from billing.ledger.accounts import money_received, owed_by_insurance
from billing.ledger.posting import Line, NewEntry, post
from billing.operations import schema
from billing.operations.billing_run import BillingRun
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in
from billing.relay import climb
from billing.sessions.models import ClinicSession
from tests.benchmarks.big_clinic import LAST_DAY, write_big_clinic

OPENED_ON = date(2023, 1, 2)
TODAY = LAST_DAY
NOON = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
"""Of the clinic's today, in Oregon."""
DECIDED_BEFORE = date(2026, 3, 1)
HELD_EACH = 400
"""One claim of so many is still held."""
_AT_ONCE = 2_000


def make_long_clinic(database: Database, folder: Path, patients: int, sessions: int) -> None:
    """Fill an empty database with the clinic."""
    if not folder.exists():
        write_big_clinic(folder, patients, sessions, OPENED_ON, last_day_is_booked=True)
    schema.upgrade(database)
    with database.transaction() as db:
        bring_in(db, read_folder(folder), NOON)
    run = BillingRun(TODAY)
    climb(database, run.stage)
    climb(database, _decide)


def _decide(db: Db, after: int) -> int | None:
    """Have the next claims of earlier months paid in full; the cursor is the last claim's id."""
    due = (
        select(Claim.id, ClinicSession.patient_id, ClinicSession.id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(Claim.id > after, Claim.state.in_(UNFILED), Claim.id % HELD_EACH != 0)
        .where(ClinicSession.service_on < DECIDED_BEFORE)
        .order_by(Claim.id)
        .limit(_AT_ONCE)
    )
    claims = db.execute(due).all()
    if not claims:
        return None
    patient_of = {session_id: patient_id for _, patient_id, session_id in claims}
    charges = db.scalars(select(Charge).where(Charge.session_id.in_(patient_of), Charge.reversed_at.is_(None)))
    post(db, [_paid(charge, patient_of[charge.session_id]) for charge in charges], NOON)
    ids = [claim_id for claim_id, _, _ in claims]
    db.execute(update(Claim).where(Claim.id.in_(ids)).values(state=ClaimState.PAID))
    db.execute(delete(ClaimProblem).where(ClaimProblem.claim_id.in_(ids)))
    for state, event in (
        (ClaimState.READY, ClaimEvent.TAKEN),
        (ClaimState.SENDING, ClaimEvent.DELIVERED),
        (ClaimState.SENT, ClaimEvent.PAID),
    ):
        record_moves(db, [Move(one, state, event, "decided") for one in ids], by="command:test", at=NOON)
    return ids[-1]


def _paid(charge: Charge, patient_id: int) -> NewEntry:
    source = source_of(charge)
    lines = [
        Line(money_received("payer"), charge.cents, source),
        Line(owed_by_insurance(patient_id), -charge.cents, source),
    ]
    return NewEntry(f"decided:{source}", charge.service_on, "Paid by the insurer", lines)
