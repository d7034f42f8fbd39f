"""What one asks about fees and charges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import func, or_, select

from billing.charges.models import Charge, Fee
from billing.database import Db
from billing.errors import NotFound


def fees_with(db: Db, payer_ids: Iterable[int] = ()) -> list[Fee]:
    """The clinic's standard fees of all times, and what these payers' contracts allow; one query."""
    wanted = or_(Fee.payer_id.is_(None), Fee.payer_id.in_(list(payer_ids)))
    return list(db.scalars(select(Fee).where(wanted).order_by(Fee.id)))


def all_fees(db: Db) -> Sequence[Fee]:
    """Every price of every schedule, by code and day."""
    return db.scalars(select(Fee).order_by(Fee.code, Fee.effective_from, Fee.id)).all()


def fees_of_code(db: Db, code: str) -> Sequence[Fee]:
    """Every price of one code, standard and by contract, by day."""
    return db.scalars(select(Fee).where(Fee.code == code).order_by(Fee.effective_from, Fee.id)).all()


def fee_with_id(db: Db, fee_id: int) -> Fee:
    """The price with that number. Raises :class:`NotFound`."""
    fee = db.get(Fee, fee_id)
    if fee is None:
        raise NotFound(f"There is no price {fee_id}.")
    return fee


def sessions_charged(db: Db, code: str, first: date, until: date | None = None) -> tuple[int, date | None]:
    """How many sessions are charged for the code from ``first`` to the day before ``until``, and the last such day."""
    found = select(func.count(Charge.session_id.distinct()), func.max(Charge.service_on)).where(
        Charge.code == code,
        Charge.service_on >= first,
        Charge.service_on <= (until - timedelta(days=1) if until else date.max),
        Charge.reversed_at.is_(None),
    )
    number, last = db.execute(found).one()
    return number, last
