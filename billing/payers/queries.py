"""What one asks about insurers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from billing.database import Db
from billing.errors import NotFound
from billing.payers.models import Payer


def all_payers(db: Db) -> Sequence[Payer]:
    """Every insurer the clinic knows, by name."""
    return db.scalars(select(Payer).order_by(Payer.name, Payer.id)).all()


def payer_with_id(db: Db, payer_id: int) -> Payer:
    """The insurer with that number. Raises :class:`NotFound`."""
    payer = db.get(Payer, payer_id)
    if payer is None:
        raise NotFound(f"There is no insurer {payer_id}.")
    return payer
