"""What one asks about payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from billing.database import Db
from billing.payments.models import Payment


def payments_of_sessions(db: Db, session_ids: Iterable[int]) -> dict[int, list[Payment]]:
    """The standing payments taken with each of these sessions."""
    found: dict[int, list[Payment]] = defaultdict(list)
    for payment in db.scalars(
        select(Payment)
        .where(Payment.session_id.in_(list(session_ids)), Payment.reversed_at.is_(None))
        .order_by(Payment.received_on, Payment.id)
    ):
        if payment.session_id is not None:
            found[payment.session_id].append(payment)
    return found
