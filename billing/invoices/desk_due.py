"""What a patient is asked for when leaving: today's session, what is open from before, less what is there already.

What an insurer has decided is in the books; while it has not, the session's estimate stands in for it. Where even
that is unknown, no amount is asked for the session. Amounts are whole cents and never below zero.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from billing.charges.capturing import source_of
from billing.charges.models import Charge
from billing.database import Db
from billing.ledger.accounts import owed_by_insurance
from billing.ledger.queries import balances_by_subject
from billing.payments.account import Account
from billing.payments.queries import account_of, money_about
from billing.sessions.models import BillTo, ClinicSession


class Basis(StrEnum):
    """What the patient's part of a session is known from."""

    OWN = "own"
    """The patient pays all of it."""
    ESTIMATED = "estimated"
    """From what the plan was verified to cover."""
    DECIDED = "decided"
    """The insurer has decided, at least about part of it."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DeskDue:
    """What is due at the desk, in cents."""

    basis: Basis
    charge: int | None
    """What the session costs; ``None`` while nothing is charted."""
    share: int | None
    """The patient's part of it; ``None`` when unknown."""
    paid: int
    """What of the patient's money is there for it, put to its charges or kept with it."""
    today: int | None
    """What is still open of the patient's part; ``None`` when unknown."""
    earlier: int
    """What the patient owes besides."""
    credit: int
    """The patient's money that pays for nothing yet."""
    kept_elsewhere: int
    """The patient's money that waits with other sessions."""
    undecided: int
    """What insurers are still to decide about this session's charges."""

    @property
    def suggested(self) -> int:
        """What to ask for now."""
        return max(0, (self.today or 0) + self.earlier - self.credit)

    @property
    def most_due(self) -> int:
        """The most that can be due now: where the patient's part is unknown, all that is open of the session."""
        today = max(0, (self.charge or 0) - self.paid) if self.today is None else self.today
        return max(0, today + self.earlier - self.credit)

    def for_session(self, cents: int) -> int:
        """How much of an amount taken now is meant for the session.

        The open part of the session comes first. Where it is unknown, what was open before does: what comes on top of
        that is meant for the session, up to its whole charge where it has one.
        """
        if self.today is not None:
            return min(cents, self.today)
        room = cents if self.charge is None else self.charge - self.paid
        return max(0, min(cents - self.earlier, room))


@dataclass(frozen=True, slots=True)
class SessionBooks:
    """How a session stands in the books, in cents."""

    charge: int | None
    """What it was charged, or comes to by its chart; ``None`` while nothing is charted."""
    is_charged: bool
    still_open: int = 0
    """What the patient owes of its charges."""
    put: int = 0
    """What of the patient's money has gone to them."""
    kept: int = 0
    """What of the patient's money waits with it."""
    undecided: int = 0


def desk_due(
    db: Db, session: ClinicSession, charges: Sequence[Charge], price: int | None, estimated: int | None
) -> DeskDue:
    """What is due for a session at the desk; a fixed number of queries.

    ``charges`` are its standing ones, ``price`` what its chart comes to while there are none, ``None`` when nothing is
    charted; ``estimated`` is the patient's part where an insurer is to pay, ``None`` when unknown.
    """
    account = account_of(db, session.patient_id)
    own = [source_of(one) for one in charges]
    put = sum(one.cents for moved in money_about(db, own).values() for one in moved)
    books = SessionBooks(
        charge=sum(one.cents for one in charges) if charges else price,
        is_charged=bool(charges),
        still_open=sum(max(0, account.balances.get(one, 0)) for one in own),
        put=put + sum(one.cents for one in account.moves if one.target in own),
        kept=account.kept.get(f"session:{session.id}", 0),
        undecided=_undecided(db, session.patient_id, own),
    )
    return due_of(session.bill_to, books, estimated, account)


def due_of(bill_to: BillTo, books: SessionBooks, estimated: int | None, account: Account) -> DeskDue:
    """The same from books that are known. Pure."""
    paid = books.put + books.kept
    if books.charge is None:
        basis, share = Basis.UNKNOWN, None
    elif bill_to is not BillTo.INSURANCE:
        basis, share = Basis.OWN, books.charge
    elif books.is_charged and books.undecided < books.charge:
        basis, share = Basis.DECIDED, books.still_open + books.put
    elif estimated is not None:
        basis, share = Basis.ESTIMATED, estimated
    else:
        basis, share = Basis.UNKNOWN, None
    in_books = basis is Basis.DECIDED or (basis is Basis.OWN and books.is_charged)
    return DeskDue(
        basis=basis,
        charge=books.charge,
        share=share,
        paid=paid,
        today=books.still_open if in_books else None if share is None else max(0, share - paid),
        earlier=account.owed_cents - books.still_open,
        credit=account.free_cents,
        kept_elsewhere=sum(account.kept.values()) - books.kept,
        undecided=books.undecided,
    )


def _undecided(db: Db, patient_id: int, own: Collection[str]) -> int:
    if not own:
        return 0
    rows = balances_by_subject(db, [owed_by_insurance(patient_id)])
    return sum(max(0, one.cents) for one in rows if one.about in own)
