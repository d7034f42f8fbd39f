"""Numbers the clinic issues: claims, interchanges, invoices, superbills.

A series has no gaps and no repeats: the counter's row is locked until the caller's transaction
ends, and gives its numbers back when that is rolled back. Some countries require it of invoices.
"""

from __future__ import annotations

from sqlalchemy import update

from billing.clinic.models import Counter
from billing.database import Db, insert_ignoring


def take_numbers(db: Db, series: str, count: int) -> range:
    """The next ``count`` numbers of ``series``, the first series number being 1."""
    insert_ignoring(db, Counter, [{"series": series, "last": 0}])
    last = db.execute(
        update(Counter).where(Counter.series == series).values(last=Counter.last + count).returning(Counter.last)
    ).scalar_one()
    return range(last - count + 1, last + 1)
