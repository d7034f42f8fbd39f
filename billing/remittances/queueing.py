"""Remembering a payment that cannot be posted, for a person; and a file in which there is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from billing.audit.recording import Subject, record
from billing.database import Db, hold_lock
from billing.remittances.booking import BY, storable
from billing.remittances.incoming import Fate, IncomingPayment, Judged, told
from billing.remittances.models import Remittance, RemittanceState
from billing.remittances.posting import LOCK
from billing.remittances.queries import remembered


def queue_payment(db: Db, payment: IncomingPayment, reasons: Iterable[str], at: datetime) -> Judged:
    """Remember a payment that has been read to its end, and why nothing of it is in the books.

    One that waits already is judged anew but not remembered twice.
    """
    hold_lock(db, LOCK)
    header = payment.header
    row = {
        "file_id": payment.file_id,
        "ordinal": payment.ordinal,
        "payment_key": payment.key,
        "digest": payment.digest,
        "trace_number": storable(header.trace_number),
        "payer_name": storable(header.payer_name),
        "paid_on": header.paid_on,
        "method": storable(header.method),
        "paid_cents": payment.paid_cents,
        "claims": payment.claims,
        "why": storable(told(reasons)),
        "arithmetic": storable(payment.arithmetic),
    }
    return _remember(db, row, at)


def queue_file(db: Db, file_id: int, sha256: str, why: str, at: datetime) -> Judged:
    """Remember a file in which there is no payment; ``sha256`` is of its content."""
    hold_lock(db, LOCK)
    nothing = {"payment_key": "", "trace_number": "", "payer_name": "", "paid_on": None, "method": ""}
    row = {"file_id": file_id, "ordinal": 0, "digest": sha256, "paid_cents": 0, "claims": 0, "arithmetic": ""}
    return _remember(db, {**nothing, **row, "why": storable(why)}, at)


def _remember(db: Db, row: dict[str, Any], at: datetime) -> Judged:
    before = remembered(db, row["payment_key"], row["digest"])
    if before and before.state is RemittanceState.POSTED:
        return Judged(Fate.REPEATED, row["trace_number"], remittance_id=before.id)
    if before:
        remittance_id = before.id
        db.execute(update(Remittance).where(Remittance.id == before.id).values(**row, recorded_at=at))
    else:
        fresh = {**row, "state": RemittanceState.QUEUED, "recorded_at": at}
        remittance_id = db.scalars(insert(Remittance).returning(Remittance.id), [fresh]).one()
        record(db, BY, "payment queued", Subject("remittance", str(remittance_id)), at)
    return Judged(
        Fate.REPEATED if before else Fate.QUEUED,
        row["trace_number"],
        row["claims"],
        row["paid_cents"],
        row["why"],
        row["arithmetic"],
        waits=True,
        remittance_id=remittance_id,
    )
