"""What one asks the books. Every balance is a sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from billing.database import Db
from billing.ledger.accounts import PATIENTS
from billing.ledger.models import Entry, Posting


def balance(db: Db, account: str) -> int:
    """The balance of an account in cents; zero when nothing was ever posted to it."""
    return int(db.scalar(select(func.coalesce(func.sum(Posting.cents), 0)).where(Posting.account == account)) or 0)


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One movement on an account."""

    booked_on: date
    source: str
    memo: str
    about: str | None
    cents: int


def movements(db: Db, account: str) -> list[AccountLine]:
    """All movements on an account in the order they were booked."""
    rows = db.execute(
        select(Entry.booked_on, Entry.source, Entry.memo, Posting.about, Posting.cents)
        .join(Posting, Posting.entry == Entry.source)
        .where(Posting.account == account)
        .order_by(Entry.booked_on, Entry.recorded_at, Entry.source, Posting.position)
    )
    return [AccountLine(*row) for row in rows]


def accounts_of(db: Db, sources: Sequence[str]) -> dict[str, set[str]]:
    """Per entry, the accounts it posts to; sources that were never posted are left out."""
    found: dict[str, set[str]] = {}
    for source, account in db.execute(select(Posting.entry, Posting.account).where(Posting.entry.in_(sources))):
        found.setdefault(source, set()).add(account)
    return found


def paid_by_patients_about(db: Db, abouts: Sequence[str]) -> dict[str, int]:
    """Per subject (``session:17``), the cents that patients have paid about it; subjects without any are left out."""
    rows = db.execute(
        select(Posting.about, -func.sum(Posting.cents))
        .where(Posting.account.startswith(PATIENTS), Posting.about.in_(abouts))
        .group_by(Posting.about)
    )
    return {about: int(cents) for about, cents in rows if about}


def unbalanced_entries(db: Db) -> list[str]:
    """Sources whose postings do not sum to zero, or that lack an entry or postings: always none."""
    sums = (
        select(Posting.entry)
        .outerjoin(Entry, Entry.source == Posting.entry)
        .group_by(Posting.entry, Entry.source)
        .having((func.sum(Posting.cents) != 0) | (func.count() < 2) | (Entry.source.is_(None)))
    )
    empty = select(Entry.source).where(~select(Posting.entry).where(Posting.entry == Entry.source).exists())
    return [*db.scalars(sums), *db.scalars(empty)]
