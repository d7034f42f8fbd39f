"""What came of it: the clinic's books and records against what its far ends hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimFile, ClaimMove, FileState
from billing.database import Db
from billing.operations.models import Errand, ErrandState, FetchedFile
from billing.reminders.lifecycle import MessageEvent, MessageState
from billing.reminders.models import Channel, Message, MessageMove
from billing.remittances.models import Remittance, RemittanceState
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from tests.journeys.fire.clerk import Clerk
from tests.journeys.fire.far_ends import FarEnds, Payer
from tests.journeys.fire.times import LEASE
from tests.journeys.killing import Clinic

GRACE = timedelta(seconds=60)
"""How long after its lease a thing may wait while whoever would take it up is killed again and again."""
_DONE = (ClaimState.PAID, ClaimState.UNKNOWN)


@dataclass
class Reckoning:
    """What was counted. All but what is left for a person must be nothing."""

    claims: int = 0
    claims_twice: int = 0
    claims_lost: int = 0
    cents_off: int = 0
    messages: int = 0
    messages_twice: int = 0
    messages_lost: int = 0
    stuck: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_claims: int = 0
    """Claims of which nobody knew whether they had arrived: a person asked, and said so."""
    left_messages: int = 0
    """E-mails of which nobody knows it."""
    left_that_arrived: int = 0
    """So many of them did."""
    given_up: list[str] = field(default_factory=list)
    """Why errands ended without having been done; the next one did their work."""

    @property
    def faults(self) -> dict[str, int]:
        """What must be nothing, in words."""
        return {
            "claims sent twice": self.claims_twice,
            "claims lost": self.claims_lost,
            "cents twice or lost": self.cents_off,
            "messages twice": self.messages_twice,
            "messages lost": self.messages_lost,
            "stuck beyond the lease": len(self.stuck),
            "verify problems": len(self.problems),
        }


def work_done(db: Db) -> int:
    """A number that grows whenever a claim is delivered or paid, or a message is delivered."""
    claims = sa.select(sa.func.max(ClaimMove.id)).where(
        ClaimMove.event.in_((ClaimEvent.DELIVERED, ClaimEvent.FOUND, ClaimEvent.PAID))
    )
    messages = sa.select(sa.func.max(MessageMove.id)).where(MessageMove.event == MessageEvent.DELIVERED)
    return (db.scalar(claims) or 0) + (db.scalar(messages) or 0)


def overdue(db: Db, at: datetime) -> list[str]:
    """What is on its way for longer than its lease allows."""
    since = at - LEASE - GRACE
    files = sa.select(ClaimFile.id).where(ClaimFile.state == FileState.SENDING, ClaimFile.taken_at < since)
    messages = sa.select(Message.id).where(Message.state == MessageState.SENDING, Message.taken_at < since)
    errands = sa.select(Errand.id).where(Errand.state == ErrandState.RUNNING, Errand.seen_at < since)
    found = {"claim file": db.scalars(files), "message": db.scalars(messages), "errand": db.scalars(errands)}
    return [f"{what} {number}" for what, numbers in found.items() for number in numbers]


def unfinished(db: Db, payer: Payer) -> list[str]:
    """What is still to happen by itself, in words."""
    session = sa.select(ClinicSession.id)
    has_claim = sa.select(Claim.id).where(Claim.session_id == ClinicSession.id).exists()
    has_message = sa.select(Message.id).where(Message.subject_id == ClinicSession.id).exists()
    questions = {
        "sessions not billed": session.where(ClinicSession.state == SessionState.SIGNED, ~has_claim),
        "visits without a reminder": session.where(ClinicSession.state == SessionState.BOOKED, ~has_message),
        "claims neither paid nor unknown": sa.select(Claim.id).where(Claim.state.not_in(_DONE)),
        "claim files waiting": sa.select(ClaimFile.id).where(
            ClaimFile.state.in_((FileState.PREPARED, FileState.SENDING))
        ),
        "payments queued": sa.select(Remittance.id).where(Remittance.state == RemittanceState.QUEUED),
        "messages to be sent": sa.select(Message.id).where(
            Message.state.in_((MessageState.PLANNED, MessageState.SENDING))
        ),
    }
    known = set(db.scalars(sa.select(FetchedFile.name)))
    found = {what: len(db.scalars(asked).all()) for what, asked in questions.items()}
    found["errands open"] = len(open_errands(db))
    found["answers not taken in"] = sum(one.name not in known for one in payer.put)
    found["answers to come"] = not payer.is_idle
    return [f"{count} {what}" for what, count in found.items() if count]


def open_errands(db: Db) -> list[int]:
    """Errands that are still to end."""
    waits = Errand.state.in_((ErrandState.WAITING, ErrandState.RUNNING))
    return list(db.scalars(sa.select(Errand.id).where(waits)))


def unknown_claims(db: Db) -> dict[int, str]:
    """Claims of unknown fate, and their control numbers."""
    return dict(db.execute(sa.select(Claim.id, Claim.control_number).where(Claim.state == ClaimState.UNKNOWN)).all())


def reckon(found: Reckoning, clinic: Clinic, clerk: Clerk, far: FarEnds) -> None:
    """Count at the end, when everything has come to rest."""
    with clinic.database.reading() as db:
        session_of = dict(db.execute(sa.select(Claim.control_number, Claim.session_id)).all())
        unknown = {
            (row.channel, row.address)
            for row in db.execute(
                sa.select(Message.channel, Message.address).where(Message.state == MessageState.UNKNOWN)
            )
        }
        found.given_up = list(db.scalars(sa.select(Errand.failure).where(Errand.state == ErrandState.FAILED)))
    received = far.payer.received
    strangers = received.keys() - session_of.keys()
    found.problems += [f"the payer has a claim {name} that is not in the books" for name in strangers]
    came = {session_of.get(name) for name in received}
    found.claims = len(clerk.sessions)
    found.claims_twice = received.total() - len(came)
    found.claims_lost = len(clerk.sessions - came)
    found.cents_off = cents_off(clinic.sums(), far.payer)
    _count_messages(found, clerk, far, unknown)
    found.problems += clinic.problems()


def _count_messages(found: Reckoning, clerk: Clerk, far: FarEnds, unknown: set[tuple[Channel, str]]) -> None:
    ways = ((Channel.TEXT, clerk.telephones, far.texts.by_person), (Channel.EMAIL, clerk.mailboxes, far.mail.by_person))
    for channel, people, got in ways:
        found.messages += len(people)
        found.messages_twice += sum(times - 1 for times in got.values() if times > 1)
        missing = {person for person in people if not got[person]}
        found.messages_lost += sum((channel, person) not in unknown for person in missing)
    found.left_messages = len(unknown)
    found.left_that_arrived = sum(got[person] for way, _, got in ways for channel, person in unknown if channel is way)


def cents_off(books: dict[str, int], payer: Payer) -> int:
    """How far the books are from what the payer got and said, over all accounts."""
    charged = sum(line.charge_cents for claim in payer.claims.values() for line in claim.lines)
    said = payer.paid.values()
    paid = sum(one.paid_cents for one in said)
    told = [(reason, cents) for one in said for line in one.lines for reason, cents in line.adjustments]
    patients = sum(cents for reason, cents in told if reason.startswith("PR-"))
    written_off = sum(cents for reason, cents in told if reason.startswith("CO-"))
    wanted = {
        "money": paid,
        "patient": patients,
        "adjusted": written_off,
        "insurance": charged - paid - patients - written_off,
        "income": -charged,
    }
    return sum(abs(books.get(kind, 0) - wanted.get(kind, 0)) for kind in {*books, *wanted})
