"""What the tests of payments do with an office: file claims, take in payment files, look into the books."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from billing import clock
from billing.claims.models import AdjudicatedLine, Adjudication, Claim, ClaimAnswer
from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.ledger.accounts import kind_of, owner_of
from billing.ledger.models import Entry, Posting
from billing.ledger.queries import unbalanced_entries
from billing.operations.remitting import bill_next_payers, keep_file, remit_file
from billing.relay import climb
from billing.remittances.incoming import Fate, Judged
from billing.remittances.models import Remittance
from billing.sessions.models import ClinicSession
from tests.claims.office import Office
from tests.factories import fresh, make_fee
from tests.remittances.payer import Payment, file_of

PAID_AT = datetime(2026, 4, 11, 16, 0, tzinfo=UTC)
POSTED, QUEUED, REPEATED = Fate.POSTED, Fate.QUEUED, Fate.REPEATED


def filed(office: Office, on: date = date(2026, 3, 3), **visit: Any) -> ProfessionalClaim:
    """The claim of a new visit, filed: 97810 at 95.00 and 97811 at 70.00 unless the visit says otherwise."""
    session = office.visit(on, **visit)
    office.bill()
    return office.sent(session)


def filed_for(office: Office, cents: int, on: date = date(2026, 3, 3), **visit: Any) -> ProfessionalClaim:
    """A filed claim of one line over that amount."""
    office.write(lambda db: make_fee(db, "97810", cents, effective_from=on))
    return filed(office, on, sets=[fresh(15)], **visit)


def remit(
    office: Office, *payments: Payment | bytes, at: datetime = PAID_AT, name: str = "payment.835"
) -> list[Judged]:
    """Take in one file with these payments, or these bytes."""
    content = b"".join(one if isinstance(one, bytes) else b"" for one in payments)
    content = content or file_of(*(one for one in payments if isinstance(one, Payment)))
    with clock.stopped_at(at):
        kept = keep_file(office.database, office.store, name, content)
        return list(remit_file(office.database, kept))


def fates(judged: Iterable[Judged]) -> list[Fate]:
    return [one.fate for one in judged]


def post(office: Office, *payments: Payment, at: datetime = PAID_AT) -> None:
    """Take in payments that are fit to be posted."""
    judged = remit(office, *payments, at=at)
    assert fates(judged) == [POSTED] * len(payments), [one.why for one in judged]


def queue(office: Office, payment: Payment | bytes) -> str:
    """Take in a payment that is not fit to be posted; returns why not. The books must be as before."""
    before = books(office)
    (judged,) = remit(office, payment)
    assert (judged.fate, judged.waits) == (QUEUED, True)
    assert books(office) == before
    return judged.why


def bill_further(office: Office, at: datetime = PAID_AT) -> None:
    """What one payer left goes to the next, and is filed."""
    with clock.stopped_at(at):
        climb(office.database, bill_next_payers)
    office.bill(at.date(), at)


def balances(office: Office) -> dict[str, int]:
    """Every account that is not at zero, in cents. The books must balance, and every deposit be spent."""
    with office.database.reading() as db:
        rows = db.execute(sa.select(Posting.account, sa.func.sum(Posting.cents)).group_by(Posting.account)).all()
        assert unbalanced_entries(db) == []
    found = {account: int(cents) for account, cents in rows if cents}
    assert sum(found.values()) == 0
    assert not [account for account in found if account.startswith("deposit:")]
    return found


def kinds(office: Office) -> dict[str, int]:
    """The same without the numbers of patients: ``patient``, ``insurance``, ``adjusted:contractual`` …"""
    found: dict[str, int] = {}
    for account, cents in balances(office).items():
        key = kind_of(account) if owner_of(account) else account
        found[key] = found.get(key, 0) + cents
    return found


def books(office: Office) -> tuple[list[tuple[Any, ...]], ...]:
    """Everything that a posting changes, row for row."""
    with office.database.reading() as db:
        return tuple(
            [tuple(row) for row in db.execute(sa.select(*columns).order_by(*columns[:2]))]
            for columns in (
                (Posting.entry, Posting.position, Posting.account, Posting.cents),
                (Entry.source, Entry.memo),
                (Adjudication.source, Adjudication.claim_id, Adjudication.reversed_at),
                (AdjudicatedLine.source, AdjudicatedLine.position, AdjudicatedLine.paid_cents),
                (ClaimAnswer.claim_id, ClaimAnswer.reference),
                (Claim.id, Claim.state),
            )
        )


def remittances(office: Office) -> list[Remittance]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(Remittance).order_by(Remittance.id)))


def adjudications(office: Office) -> list[Adjudication]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(Adjudication).order_by(Adjudication.posted_at, Adjudication.source)))


def lines_of(office: Office, adjudication: Adjudication) -> list[AdjudicatedLine]:
    with office.database.reading() as db:
        wanted = sa.select(AdjudicatedLine).where(AdjudicatedLine.source == adjudication.source)
        return list(db.scalars(wanted.order_by(AdjudicatedLine.position)))


def noted(office: Office) -> list[ClaimAnswer]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(ClaimAnswer).order_by(ClaimAnswer.id)))


def session_numbered(office: Office, claim: ProfessionalClaim) -> ClinicSession:
    """The session that a filed claim is about."""
    (found,) = [one for one in office.claims() if one.control_number == claim.control_number]
    with office.database.reading() as db:
        return db.get_one(ClinicSession, found.session_id)
