"""What one asks the books. Every balance is a sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import ColumnElement, func, or_, select

from billing.database import Db
from billing.ledger.accounts import ALLOCATIONS, INSURERS, PATIENTS
from billing.ledger.models import Entry, Posting
from billing.ledger.posting import Line


def balance(db: Db, account: str) -> int:
    """The balance of an account in cents; zero when nothing was ever posted to it."""
    return int(db.scalar(select(func.coalesce(func.sum(Posting.cents), 0)).where(Posting.account == account)) or 0)


def balances(db: Db, accounts: Sequence[str]) -> dict[str, int]:
    """The balances of some hundred accounts in cents; those without a posting are left out."""
    rows = db.execute(
        select(Posting.account, func.sum(Posting.cents)).where(Posting.account.in_(accounts)).group_by(Posting.account)
    )
    return {account: int(cents) for account, cents in rows}


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


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry as it stands in the books, with all its lines."""

    source: str
    booked_on: date
    recorded_at: datetime
    memo: str
    lines: tuple[Line, ...]


def entries_on(
    db: Db, accounts: Sequence[str], through: date | None = None, recorded_by: datetime | None = None
) -> list[Booked]:
    """Every entry that touches one of the accounts, whole, in the order of the books; one query.

    ``through`` leaves out what is booked on a later day, ``recorded_by`` what was written later than that instant.
    """
    limits = [] if through is None else [Entry.booked_on <= through]
    limits += [] if recorded_by is None else [Entry.recorded_at <= recorded_by]
    return _booked(db, Posting.account.in_(accounts), *limits)


def entries_about(db: Db, about: str) -> list[Booked]:
    """Every entry with a line about a subject (``charge:17``), whole, in the order of the books; one query."""
    return _booked(db, Posting.about == about)


def _booked(db: Db, touched: ColumnElement[bool], *limits: ColumnElement[bool]) -> list[Booked]:
    rows = db.execute(
        select(
            Entry.source, Entry.booked_on, Entry.recorded_at, Entry.memo, Posting.account, Posting.cents, Posting.about
        )
        .join(Posting, Posting.entry == Entry.source)
        .where(Entry.source.in_(select(Posting.entry).where(touched)), *limits)
        .order_by(Entry.booked_on, Entry.recorded_at, Entry.source, Posting.position)
    )
    return [
        Booked(*head, tuple(Line(row.account, row.cents, row.about) for row in lines))
        for head, lines in groupby(rows, key=lambda row: (row.source, row.booked_on, row.recorded_at, row.memo))
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands, and when it last moved."""

    account: str
    cents: int
    booked_on: date | None
    """The latest day anything was booked on; ``None`` when there was nothing but allocations."""
    recorded_at: datetime | None
    """The latest instant anything was written."""


def standings(db: Db, prefixes: Sequence[str], through: date) -> list[Standing]:
    """All accounts whose code begins with one of the prefixes, at the end of a day; one query.

    An allocation is no movement: it leaves every account as it was.
    """
    moves = ~Entry.source.startswith(ALLOCATIONS)
    rows = db.execute(
        select(
            Posting.account,
            func.sum(Posting.cents),
            func.max(Entry.booked_on).filter(moves),
            func.max(Entry.recorded_at).filter(moves),
        )
        .join(Entry, Entry.source == Posting.entry)
        .where(or_(*(Posting.account.startswith(prefix) for prefix in prefixes)), Entry.booked_on <= through)
        .group_by(Posting.account)
        .order_by(Posting.account)
    )
    return [Standing(account, int(cents), booked_on, recorded_at) for account, cents, booked_on, recorded_at in rows]


def accounts_of(db: Db, sources: Sequence[str]) -> dict[str, set[str]]:
    """Per entry, the accounts it posts to; sources that were never posted are left out."""
    found: dict[str, set[str]] = {}
    for source, account in db.execute(select(Posting.entry, Posting.account).where(Posting.entry.in_(sources))):
        found.setdefault(source, set()).add(account)
    return found


def paid_by_patients_about(db: Db, abouts: Sequence[str]) -> dict[str, int]:
    """Per subject (``session:17``), the cents that patients have paid about it, less what they were given back.

    What the money was put to afterwards does not matter. Subjects about which nothing was ever paid are left out.
    """
    rows = db.execute(
        select(Posting.about, -func.sum(Posting.cents))
        .where(
            Posting.account.startswith(PATIENTS),
            Posting.about.in_(abouts),
            ~Posting.entry.startswith(ALLOCATIONS),
        )
        .group_by(Posting.about)
    )
    return {about: int(cents) for about, cents in rows if about}


def owed_by_insurers_about(db: Db, abouts: Sequence[str]) -> dict[str, int]:
    """Per subject (``charge:17``), the cents that still wait for insurers; without any posting, it is left out."""
    rows = db.execute(
        select(Posting.about, func.sum(Posting.cents))
        .where(Posting.about.in_(abouts), Posting.account.startswith(INSURERS))
        .group_by(Posting.about)
    )
    return {about: int(cents) for about, cents in rows if about}


def balances_about(db: Db, abouts: Sequence[str]) -> dict[str, int]:
    """What the books hold about these subjects together, in cents by account; one query."""
    rows = db.execute(
        select(Posting.account, func.sum(Posting.cents)).where(Posting.about.in_(abouts)).group_by(Posting.account)
    )
    return {account: int(cents) for account, cents in rows}


@dataclass(frozen=True, slots=True)
class AboutOne:
    """What an account holds about one subject."""

    account: str
    about: str | None
    cents: int
    """Without what allocations moved."""
    allocated_cents: int
    """What allocations moved there: below zero money that came, above zero money that went."""


def balances_by_subject(db: Db, accounts: Sequence[str]) -> list[AboutOne]:
    """What these accounts hold about each subject, where it is not zero; one query."""
    is_allocation = Posting.entry.startswith(ALLOCATIONS)
    booked = func.coalesce(func.sum(Posting.cents).filter(~is_allocation), 0)
    allocated = func.coalesce(func.sum(Posting.cents).filter(is_allocation), 0)
    rows = db.execute(
        select(Posting.account, Posting.about, booked, allocated)
        .where(Posting.account.in_(accounts))
        .group_by(Posting.account, Posting.about)
        .having((booked != 0) | (allocated != 0))
        .order_by(Posting.account, Posting.about)
    )
    return [AboutOne(account, about, int(cents), int(moved)) for account, about, cents, moved in rows]


def entries_counted(db: Db, accounts: Sequence[str], prefix: str) -> dict[str, int]:
    """How many entries whose source begins with ``prefix`` touch each account; accounts without any are left out."""
    rows = db.execute(
        select(Posting.account, func.count(Posting.entry.distinct()))
        .where(Posting.account.in_(accounts), Posting.entry.startswith(prefix))
        .group_by(Posting.account)
    )
    return {account: int(count) for account, count in rows}


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
