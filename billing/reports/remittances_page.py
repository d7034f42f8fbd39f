"""Payers' payments in lists, each with the sum that accounts for its money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, func, select

from billing.database import Db
from billing.documents.models import ReceivedFile
from billing.ledger.accounts import deposit
from billing.ledger.models import Posting
from billing.remittances.advising import reasons_in_words
from billing.remittances.models import Remittance, RemittanceState

QUEUED_AT_ONCE = 50
POSTED_AT_ONCE = 25
_METHODS = {
    "ACH": "Bank transfer", "BOP": "Bank transfer", "FWT": "Wire transfer", "CHK": "Check", "NON": "No money",
}  # fmt: skip


def method_in_words(method: str) -> str:
    """How a payment came, from BPR04; the code itself where it is none that pays."""
    return _METHODS.get(method, method or "Not said")


@dataclass(frozen=True, slots=True)
class Sums:
    """Where the money of a payment is: the three always come to what was paid."""

    paid_cents: int
    claims_cents: int
    """Posted to claims, less what was taken back from earlier ones."""
    provider_cents: int
    """Added for no claim in particular; below zero what was withheld."""

    @property
    def unapplied_cents(self) -> int:
        """What is not accounted for: all of a payment that waits, nothing of one that is posted."""
        return self.paid_cents - self.claims_cents - self.provider_cents


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment in a list."""

    remittance: Remittance
    file_name: str
    sums: Sums

    @property
    def method(self) -> str:
        """How it came, in words."""
        return method_in_words(self.remittance.method)

    @property
    def reasons(self) -> list[str]:
        """Why it waits, a sentence each."""
        return reasons_in_words(self.remittance.why)


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """A page of a list of payments."""

    rows: Sequence[PaymentRow]
    older: int | None
    """Where the next page begins; ``None`` on the last one."""


def queued_payments(db: Db, before: int | None = None) -> PaymentPage:
    """Payments that wait for a person, newest first; ``before`` continues a list behind that payment."""
    return _payments(db, RemittanceState.QUEUED, QUEUED_AT_ONCE, before)


def posted_payments(db: Db, before: int | None = None) -> PaymentPage:
    """Payments in the books, newest first; ``before`` continues a list behind that payment."""
    return _payments(db, RemittanceState.POSTED, POSTED_AT_ONCE, before)


def _payments(db: Db, state: RemittanceState, limit: int, before: int | None) -> PaymentPage:
    older = [] if before is None else [Remittance.id < before]
    found = db.execute(
        select(Remittance, ReceivedFile.file_name)
        .join(ReceivedFile, ReceivedFile.id == Remittance.file_id)
        .where(Remittance.state == state, *older)
        .order_by(Remittance.id.desc())
        .limit(limit + 1)
    ).all()
    shown = found[:limit]
    sums = sums_of(db, [remittance for remittance, _ in shown])
    rows = [PaymentRow(remittance, name, sums[remittance.id]) for remittance, name in shown]
    return PaymentPage(rows, rows[-1].remittance.id if len(found) > limit else None)


def sums_of(db: Db, remittances: Sequence[Remittance]) -> dict[int, Sums]:
    """Where the money of each payment is, from the books; one query, and none where all of them wait."""
    posted = [one.id for one in remittances if one.state is RemittanceState.POSTED]
    found: dict[str, dict[str, int]] = defaultdict(dict)
    if posted:
        for account, part, cents in db.execute(_parts([deposit(one) for one in posted])):
            found[account][part] = int(cents)
    return {
        one.id: Sums(one.paid_cents, found[deposit(one.id)].get("claims", 0), found[deposit(one.id)].get("provider", 0))
        for one in remittances
    }


def _parts(accounts: Sequence[str]) -> Select[str, str, int]:
    part = case(
        (Posting.entry.like("remittance:%:deposit"), "deposit"),
        (Posting.entry.like("remittance:%:provider:%"), "provider"),
        else_="claims",
    ).label("part")
    return (
        select(Posting.account, part, func.sum(Posting.cents))
        .where(Posting.account.in_(accounts))
        .group_by(Posting.account, part)
    )


def queued_count(db: Db) -> int:
    """How many payments wait for a person."""
    return db.scalar(select(func.count()).where(Remittance.state == RemittanceState.QUEUED)) or 0
