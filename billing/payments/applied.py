"""What has become of one payment: the services it paid, what waits with a session, what is credit.

An account knows which money pays for what by subject, not by payment. Where several payments are about the
same subject, the one that was entered first is spent first: so a later one, whatever its date, does not change
what an earlier receipt said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from billing.database import Db
from billing.ledger.accounts import owed_by_patient
from billing.ledger.models import Posting
from billing.payments.account import About, Move, parted
from billing.payments.models import Payment, Refund
from billing.payments.queries import account_of

Parts = Mapping[int, Mapping[About, int]]
"""What is left of each payment by what it was booked about, in the order of entry."""


def applied(db: Db, payment: Payment) -> dict[About, int]:
    """Where a standing payment's cents are, by subject, less what was given back of it.

    A charge (``charge:17``) was paid; a session's money (``session:5``) waits there; ``credit:3`` is free.
    """
    return applied_parts(
        payment.id, parts_of_payments(db, payment.patient_id), account_of(db, payment.patient_id).moves
    )


def parts_of_payments(db: Db, patient_id: int) -> dict[int, dict[About, int]]:
    """What is left of each standing payment of a patient, by what it was booked about; in the order of entry."""
    payment_of: dict[str, int] = {}
    standing = Payment.patient_id == patient_id, Payment.reversed_at.is_(None)
    for payment_id in db.scalars(select(Payment.id).where(*standing).order_by(Payment.id)):
        payment_of[f"payment:{payment_id}"] = payment_id
    refunds = select(Refund.id, Refund.payment_id).join(Payment, Payment.id == Refund.payment_id).where(*standing)
    for refund_id, payment_id in db.execute(refunds):
        payment_of[f"refund:{refund_id}"] = payment_id
    parts: dict[int, Counter[About]] = {payment_id: Counter() for payment_id in payment_of.values()}
    rows = db.execute(
        select(Posting.entry, Posting.about, Posting.cents)
        .where(Posting.account == owed_by_patient(patient_id), Posting.entry.in_(payment_of))
        .order_by(Posting.entry, Posting.position)
    )
    for entry, about, cents in rows:
        parts[payment_of[entry]][about] -= cents
    return {number: {about: cents for about, cents in own.items() if cents > 0} for number, own in parts.items()}


def applied_parts(payment_id: int, parts: Parts, moves: Sequence[Move]) -> dict[About, int]:
    """Where one payment's cents are; ``parts`` is what is left of every payment, in the order of entry."""
    found: Counter[About] = Counter()
    for about in parts[payment_id]:
        found.update({where: cents for other, where, cents in spent(about, parts, moves) if other == payment_id})
    return {about: cents for about, cents in found.items() if cents}


def spent(about: About, parts: Parts, moves: Sequence[Move]) -> list[tuple[int, About, int]]:
    """Where the money is now that was booked about a subject: of which payment, about what, how many cents."""
    uses = _uses(about, sum(own.get(about, 0) for own in parts.values()), moves)
    found = []
    before = 0
    for payment_id, own in parts.items():
        cents = own.get(about, 0)
        found += [(payment_id, where, part) for where, part in _slice(uses, before, cents).items()]
        before += cents
    return found


def _uses(about: About, total: int, moves: Sequence[Move]) -> list[tuple[About, int]]:
    """What the money about a subject is used for, in order."""
    moved = [(move.target, move.cents) for move in moves if move.source == about]
    stays = (about, max(0, total - sum(cents for _, cents in moved)))
    # What a charge was paid beyond its amount is what came last; what is left of other money is left last.
    return [stays, *moved] if parted(about)[0] == "charge" else [*moved, stays]


def _slice(uses: list[tuple[About, int]], start: int, cents: int) -> dict[About, int]:
    """The ``cents`` that begin ``start`` cents into the uses."""
    found: defaultdict[About, int] = defaultdict(int)
    position = 0
    for about, used in uses:
        part = min(position + used, start + cents) - max(position, start)
        if part > 0:
            found[about] += part
        position += used
    return found
