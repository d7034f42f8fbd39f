"""Putting patients' money to what it pays for.

An allocation never changes what a patient owes in all: its entry moves amounts between the subjects of one
account. It is derived from everything else in the books, and only the difference to what was derived before is
posted: doing it again does nothing, and a charge taken back or a payment corrected mends itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select

from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db, batches
from billing.ledger.accounts import ALLOCATIONS, owed_by_patient
from billing.ledger.posting import Line, NewEntry, post
from billing.ledger.queries import entries_counted
from billing.patients.models import Patient
from billing.payments.account import Account
from billing.payments.queries import accounts

_PATIENTS_AT_ONCE = 500


def allocate(db: Db, patient_ids: Iterable[int], at: datetime) -> None:
    """Put the money of these patients to what it pays for, as the books now are.

    Entries are ``allocation:<patient>:<n>``, booked on the clinic's day of ``at``. A handful of queries
    for every few hundred patients; only patients for whom something changes get an entry.
    """
    for batch in batches(sorted(set(patient_ids)), _PATIENTS_AT_ONCE):
        hold_accounts(db, batch)
        changed = [one for one in accounts(db, batch).values() if one.differences]
        if changed:
            _post(db, changed, local(at, the_clinic(db).time_zone).date(), at)


def hold_accounts(db: Db, patient_ids: Sequence[int]) -> None:
    """Wait until nobody else decides about these patients' money; held until this transaction ends."""
    held = select(Patient.id).where(Patient.id.in_(patient_ids)).order_by(Patient.id)
    # Not FOR UPDATE: that would wait for everybody who merely writes a row that refers to the patient.
    db.execute(held.with_for_update(key_share=True)).all()


def _post(db: Db, changed: Sequence[Account], on: date, at: datetime) -> None:
    codes = {one.patient_id: owed_by_patient(one.patient_id) for one in changed}
    earlier = entries_counted(db, list(codes.values()), ALLOCATIONS)
    entries = []
    for one in changed:
        code = codes[one.patient_id]
        lines = [Line(code, cents, about) for about, cents in one.differences.items()]
        source = f"{ALLOCATIONS}{one.patient_id}:{earlier.get(code, 0) + 1}"
        entries.append(NewEntry(source, on, "Allocation", lines))
    post(db, entries, at)
