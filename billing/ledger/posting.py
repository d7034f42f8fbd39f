"""Writing into the books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from billing.database import Db, insert_many
from billing.errors import NotFound
from billing.ledger.models import Entry, Posting


@dataclass(frozen=True, slots=True)
class Line:
    """An amount on one account, in cents: above zero debit, below zero credit."""

    account: str
    cents: int
    about: str | None = None
    """What it concerns: a charge (``charge:17``), or the session a payment was taken with."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be made; the database refuses it unless its lines sum to zero."""

    source: str
    booked_on: date
    memo: str
    lines: Sequence[Line]


def post(db: Db, entries: Iterable[NewEntry], at: datetime) -> None:
    """Write entries, all of them or (by the caller's rollback) none.

    Raises ``sqlalchemy.exc.IntegrityError`` when one does not balance or its source was posted before.
    """
    entries = list(entries)
    if not entries:
        return
    # Postings first: the trigger on the entry sums what is already there, and closes it.
    insert_many(
        db,
        Posting,
        [
            {
                "entry": entry.source,
                "position": position,
                "account": line.account,
                "about": line.about,
                "cents": line.cents,
            }
            for entry in entries
            for position, line in enumerate(entry.lines, start=1)
        ],
    )
    insert_many(
        db,
        Entry,
        [
            {"source": entry.source, "booked_on": entry.booked_on, "recorded_at": at, "memo": entry.memo}
            for entry in entries
        ],
    )


def reverse(db: Db, sources: Sequence[str], booked_on: date, at: datetime) -> None:
    """Take entries back by their mirror image, under ``reversal:<source>``.

    Raises :class:`NotFound` when one was never posted, ``IntegrityError`` when one was reversed before.
    """
    lines: dict[str, list[Line]] = {source: [] for source in sources}
    for posting in db.scalars(
        select(Posting).where(Posting.entry.in_(sources)).order_by(Posting.entry, Posting.position)
    ):
        lines[posting.entry].append(Line(posting.account, -posting.cents, posting.about))
    if missing := [source for source, mirrored in lines.items() if not mirrored]:
        raise NotFound(f"Nothing was posted under {', '.join(missing)}.")
    post(
        db,
        [
            NewEntry(f"reversal:{source}", booked_on, f"Reversal of {source}", mirrored)
            for source, mirrored in lines.items()
        ],
        at,
    )
