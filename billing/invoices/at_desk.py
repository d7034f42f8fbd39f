"""What the billing run does, done for one session while its patient stands at the desk.

The session is charged and its paper issued under the same lock and the same conditions, so that the next run
finds it billed and leaves it alone; an insured session is charged, and its claim is still the run's to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from billing.charges.capturing import Charged, capture, patients_charged, source_of, standing_charges
from billing.charges.pricing import priced, standard_fees, total
from billing.charges.queries import fees_with
from billing.claims.allowed_before import experience_with
from billing.claims.assembly.assembling import LOCK, hold_unfiled
from billing.claims.queries import sessions_with_filed_claims
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db, hold_lock
from billing.errors import Refused
from billing.estimates.good_faith.watching import excess_problems
from billing.estimates.session_estimate import session_estimate
from billing.invoices.desk_due import DeskDue, desk_due
from billing.invoices.issuing import PAPER_FOR, issue, stopping_problems
from billing.invoices.models import Paper, PaperKind
from billing.invoices.queries import sessions_with_papers
from billing.invoices.receipt_issuing import payment_receipt
from billing.ledger.accounts import unapplied
from billing.payments.allocating import allocate, hold_accounts
from billing.payments.applied import applied
from billing.payments.models import Payment, PaymentMethod
from billing.payments.taking import take_payment
from billing.sessions.facts import Facts, Visit, gather
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.moving import the_session


@dataclass(frozen=True, slots=True)
class SessionCharged:
    """A signed session with its charges, as the billing run sees it."""

    visit: Visit
    facts: Facts
    charged: Charged


@dataclass(frozen=True, slots=True)
class Taken:
    """Money taken with a session, and where its cents are now."""

    payment: Payment
    for_session: int
    """What pays its charges."""
    kept: int
    """What waits with it until it is charged and its insurer has decided."""
    for_earlier: int
    """What pays debts from before."""
    credit: int
    receipt: Paper
    paper: Paper | None
    """The session's invoice or superbill, if it could be issued."""


def charge_session(db: Db, session_id: int, at: datetime) -> SessionCharged | None:
    """Charge a session now rather than in the next billing run; ``None`` when there is nothing to charge.

    That is so while its note is not signed, and once a claim was filed or a paper issued for it. Raises
    :class:`NotFound` for an unknown session.
    """
    session = _held(db, session_id)
    is_filed = sessions_with_filed_claims()
    is_billed = select(is_filed | sessions_with_papers()).where(ClinicSession.id == session_id)
    if session.state is not SessionState.SIGNED or db.scalar(is_billed):
        return None
    hold_unfiled(db, [session.patient_id])
    facts = gather(db, [session.patient_id], session.service_on, is_filed)
    visit = facts.visit_of[session_id]
    charged = capture(db, [visit], _today(db, at), at)[session_id]
    allocate(db, {session.patient_id, *patients_charged(db, [session_id])}, at)
    return SessionCharged(visit, facts, charged)


def issue_paper(db: Db, session_id: int, at: datetime) -> Paper:
    """The invoice of a session that the patient pays, or the superbill of one to be claimed back; issued once.

    Raises :class:`NotFound` for an unknown session, and :class:`Refused` when its note is not signed, when it is
    billed to insurance, or with every reason why it cannot be billed.
    """
    session = _held(db, session_id)
    kind = PAPER_FOR.get(session.bill_to)
    if kind is None:
        raise Refused("This session is billed to the insurance: it gets a claim, and neither invoice nor superbill.")
    ready = charge_session(db, session_id, at)
    if issued := paper_of(db, session_id, kind):
        return issued
    if ready is None:
        raise Refused("The note of this session is not signed yet. Have it signed, and issue the paper then.")
    estimated = excess_problems(db, [session.patient_id]).get(session_id, [])
    if problems := stopping_problems(ready.visit, ready.facts, ready.charged, estimated):
        raise Refused(" ".join(f"{one.why} {one.fix}" for one in problems), problems)
    issue(db, kind, [ready.visit], ready.facts, {session_id: ready.charged}, _today(db, at), at)
    return db.scalars(select(Paper).where(Paper.session_id == session_id, Paper.kind == kind)).one()


def issue_paper_if_fit(db: Db, session_id: int, at: datetime) -> Paper | None:
    """The same, but ``None`` where it would be refused: the next billing run says why."""
    try:
        return issue_paper(db, session_id, at)
    except Refused:
        return None


def paper_of(db: Db, session_id: int, kind: PaperKind) -> Paper | None:
    """The session's paper of that kind, if one was issued."""
    return db.scalar(select(Paper).where(Paper.session_id == session_id, Paper.kind == kind))


def due_now(db: Db, session_id: int) -> DeskDue:
    """What is due for a session at the desk, signed or not; nobody else takes this patient's money until the end.

    Raises :class:`NotFound` for an unknown session.
    """
    session = _held(db, session_id)
    hold_accounts(db, [session.patient_id])
    return _due(db, session)


def _held(db: Db, session_id: int) -> ClinicSession:
    """The session as it is now, with its row held.

    The billing run's lock comes first, as it does there: else each could wait for the other.
    """
    hold_lock(db, LOCK)
    return the_session(db, session_id)


def _due(db: Db, session: ClinicSession) -> DeskDue:
    facts = gather(
        db, [session.patient_id], session.service_on, sessions_with_filed_claims(), as_if_signed=[session.id]
    )
    visit = facts.visit_of[session.id]
    fees = fees_with(db, facts.payers)
    insured = session.bill_to is BillTo.INSURANCE
    before = experience_with(db, visit.payer_id)
    estimated = session_estimate(visit, facts, fees, before).share.owed if insured else None
    lines = priced(visit.coded.lines, standard_fees(fees), session.service_on)
    charges = standing_charges(db, [session.id])[session.id]
    return desk_due(db, session, charges, total(lines), estimated)


def take_at_desk(
    db: Db,
    session_id: int,
    cents: int,
    method: PaymentMethod,
    reference: str | None,
    source: str | None = None,
    *,
    at: datetime,
) -> Taken:
    """Take money from the patient of a session, today: charge the session if it is signed, book, issue the receipt.

    The session's open part is paid first, then what is owed from before; what is left is credit. Once nothing of
    the session is open, its invoice or superbill is issued as well. Raises :class:`NotFound` for an unknown
    session and :class:`Refused` with every reason.
    """
    session = _held(db, session_id)
    charge_session(db, session_id, at)
    due = due_now(db, session_id)
    payment = take_payment(
        db,
        session.patient_id,
        cents,
        method,
        _today(db, at),
        reference,
        source=source,
        at=at,
        session_id=session_id,
        session_cents=due.for_session(cents),
    )
    is_settled = due.today is not None and cents >= due.today
    paper = issue_paper_if_fit(db, session_id, at) if is_settled else None
    return _taken(db, payment, session_id, payment_receipt(db, payment.id, at), paper)


def _taken(db: Db, payment: Payment, session_id: int, receipt: Paper, paper: Paper | None) -> Taken:
    went = applied(db, payment)
    own = {source_of(one) for one in standing_charges(db, [session_id])[session_id]}
    for_session = sum(cents for about, cents in went.items() if about in own)
    kept = went.get(f"session:{session_id}", 0)
    credit = went.get(unapplied(payment.patient_id), 0)
    return Taken(payment, for_session, kept, sum(went.values()) - for_session - kept - credit, credit, receipt, paper)


def _today(db: Db, at: datetime) -> date:
    return local(at, the_clinic(db).time_zone).date()
