"""The checkout of a session: what was done, who pays what of it and why, what comes next, what is handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from billing.charges.capturing import standing_charges
from billing.charges.models import Charge
from billing.charges.pricing import PricedLine, fee_problems, priced, standard_fees, total
from billing.charges.queries import fees_with
from billing.claims.allowed_before import experience_with
from billing.claims.decisions import Decision, decisions_about
from billing.claims.queries import sessions_with_filed_claims
from billing.clinic.models import Clinic
from billing.codes.adjustments import reason_text
from billing.codes.procedures import label_of
from billing.database import Db
from billing.errors import NotFound, Problem
from billing.estimates.patient_share import LineShare
from billing.estimates.session_estimate import SessionEstimate, session_estimate
from billing.invoices.desk_due import DeskDue, desk_due
from billing.invoices.issuing import PAPER_FOR, paper_name
from billing.invoices.models import Paper, PaperKind
from billing.patients.models import Patient
from billing.payments.models import Payment
from billing.payments.queries import payments_of_sessions
from billing.practitioners.models import Practitioner
from billing.reports.patient_plan import PatientPlan, patient_plan
from billing.sessions.facts import gather
from billing.sessions.lifecycle import SESSION, SessionEvent, SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.proposals import Proposal, proposals

PROPOSED = 6
"""How many next sessions are proposed at once."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A payer's decision about a service."""

    payer: str
    on: date
    is_denied: bool
    paid_cents: int
    parts: tuple[tuple[str, int], ...]
    """What it did not pay: why, and cents."""


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """One service of the session."""

    code: str
    label: str
    """Our own words for it; empty when there are none."""
    modifiers: tuple[str, ...]
    units: int
    cents: int | None
    """``None`` when it has no fee."""
    share: LineShare | None
    """Who should pay what of it; ``None`` where no insurer is to pay, or nobody knows."""
    decisions: tuple[Decided, ...]
    """What payers have decided about it, as it stands."""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper to hand over."""

    paper_id: int
    kind: PaperKind
    name: str
    total_cents: int


@dataclass(frozen=True, slots=True)
class TakenLine:
    """Money that was taken with the session."""

    payment: Payment
    receipt: PaperLine | None


@dataclass(frozen=True, slots=True)
class Checkout:
    """Everything the checkout page shows."""

    session: ClinicSession
    patient: Patient
    practitioner: Practitioner
    clinic: Clinic
    lines: tuple[CheckoutLine, ...]
    is_charged: bool
    """Whether the lines are charges in the books, not only what the chart comes to."""
    problems: tuple[Problem, ...]
    """What is wrong with the chart's codes or fees."""
    estimate: SessionEstimate | None
    """Only where an insurer is to pay."""
    due: DeskDue
    taken: tuple[TakenLine, ...]
    paper_kind: PaperKind | None
    """Which paper bills the session; ``None`` where a claim does."""
    paper: PaperLine | None
    plan: PatientPlan
    proposals: tuple[Proposal, ...]

    @property
    def is_signed(self) -> bool:
        """Whether the note is signed."""
        return self.session.state is SessionState.SIGNED

    @property
    def is_here(self) -> bool:
        """Whether the patient can be checked out."""
        return SESSION.allows(self.session.state, SessionEvent.CHECKED_OUT) and self.session.left_at is None

    @property
    def is_given(self) -> bool:
        """Whether the session took place, or is about to; a missed or cancelled one costs nothing here."""
        return self.session.state not in (SessionState.NO_SHOW, SessionState.CANCELLED)

    @property
    def beyond_plan(self) -> int | None:
        """Of the sessions booked and proposed, the first beyond the visits that the plan allows, from 1 on."""
        visits = self.estimate.visits if self.estimate else None
        left = visits.allowed - visits.number if visits else None
        coming = len(self.plan.booked) + len(self.proposals)
        return None if left is None or coming <= left else max(0, left) + 1

    @property
    def copay_cents(self) -> int:
        """The copayment that the plan asks for a visit; zero when none is known."""
        terms = self.estimate.terms if self.estimate else None
        return terms.copay if terms else 0

    @property
    def total_cents(self) -> int:
        """What the lines that have a price come to."""
        return sum(one.cents or 0 for one in self.lines)


def checkout_of(db: Db, session_id: int, today: date) -> Checkout:
    """The checkout of a session on a day. Raises :class:`NotFound`. A fixed number of queries."""
    session = db.get(ClinicSession, session_id)
    if session is None:
        raise NotFound(f"There is no session {session_id}.")
    facts = gather(
        db, [session.patient_id], session.service_on, sessions_with_filed_claims(), as_if_signed=[session_id]
    )
    visit, fees = facts.visit_of[session_id], fees_with(db, facts.payers)
    charges = standing_charges(db, [session_id])[session_id]
    before = experience_with(db, visit.payer_id)
    estimate = session_estimate(visit, facts, fees, before) if session.bill_to is BillTo.INSURANCE else None
    schedule = standard_fees(fees)
    coded = priced(visit.coded.lines, schedule, session.service_on)
    plan = patient_plan(db, session.patient_id, today)
    days = [day for day in plan.proposed if day > session.service_on][:PROPOSED]
    taken, paper = _papers(db, session)
    return Checkout(
        session=session,
        patient=facts.patients[session.patient_id],
        practitioner=facts.practitioners[session.practitioner_id],
        clinic=facts.clinic,
        lines=_lines(coded, charges, estimate, decisions_about(db, [one.id for one in charges])),
        is_charged=bool(charges),
        problems=(*visit.coded.problems, *fee_problems(visit.coded.lines, schedule, session.service_on)),
        estimate=estimate,
        due=desk_due(db, session, charges, total(coded), estimate.share.owed if estimate else None),
        taken=taken,
        paper_kind=PAPER_FOR.get(session.bill_to),
        paper=paper,
        plan=plan,
        proposals=tuple(proposals(db, session, days, facts.clinic.time_zone)),
    )


def _lines(
    coded: Sequence[PricedLine],
    charges: Sequence[Charge],
    estimate: SessionEstimate | None,
    decisions: Mapping[int, Sequence[Decision]],
) -> tuple[CheckoutLine, ...]:
    """The charges, or while there are none the lines of the chart; each with its share of the estimate."""
    known = list(estimate.share.lines) if estimate else []
    shares: list[LineShare | None] = [None if one.cents is None or not known else known.pop(0) for one in coded]
    if not charges:
        return tuple(
            _line(one.code, one.modifiers, one.units, one.cents, share)
            for one, share in zip(coded, shares, strict=True)
        )
    same = [(one.code, one.units, one.cents) for one in coded] == [(one.code, one.units, one.cents) for one in charges]
    if not same:
        shares = [None] * len(charges)
    return tuple(
        _line(one.code, tuple(one.modifiers), one.units, one.cents, share, _standing(decisions.get(one.id, ())))
        for one, share in zip(charges, shares, strict=True)
    )


def _line(
    code: str,
    modifiers: tuple[str, ...],
    units: int,
    cents: int | None,
    share: LineShare | None,
    decisions: tuple[Decided, ...] = (),
) -> CheckoutLine:
    label = label_of(code)
    return CheckoutLine(code, "" if label == code else label, modifiers, units, cents, share, decisions)


def _standing(decisions: Sequence[Decision]) -> tuple[Decided, ...]:
    return tuple(
        Decided(
            one.payer,
            one.decided_on,
            one.is_denied,
            one.paid_cents,
            tuple((reason_text(part.group, part.reason), part.cents) for part in one.adjustments),
        )
        for one in decisions
        if one.reversed_at is None
    )


def _papers(db: Db, session: ClinicSession) -> tuple[tuple[TakenLine, ...], PaperLine | None]:
    """The money taken with the session, with its receipts, and the session's own paper; two queries."""
    payments = payments_of_sessions(db, [session.id])[session.id]
    wanted = or_(Paper.session_id == session.id, Paper.payment_id.in_([one.id for one in payments]))
    papers = list(db.scalars(select(Paper).where(wanted).order_by(Paper.id)))
    receipts = {one.payment_id: _paper_line(one) for one in papers if one.payment_id is not None}
    own = [_paper_line(one) for one in papers if one.session_id == session.id]
    return tuple(TakenLine(one, receipts.get(one.id)) for one in payments), own[-1] if own else None


def _paper_line(paper: Paper) -> PaperLine:
    return PaperLine(paper.id, paper.kind, paper_name(paper.kind, paper.number), paper.total_cents)
