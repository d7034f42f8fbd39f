"""The billing run: from signed sessions to filed claims, superbills and invoices.

Rejected claims that were corrected, or are to go again, make room for new ones.
Then, some patients at a time, signed and unbilled sessions are charged, then become claims or papers; and
what an earlier payer has left becomes a claim on the next one.
What is ready then goes out by the routes of ``claims`` and ``invoices``. Running it again finds only
what is new or was held.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from billing import clock
from billing.charges.capturing import Charged, capture, patients_charged, take_back
from billing.charges.models import Charge
from billing.claims.assembly.assembling import LOCK, assemble, hold_unfiled, scrubbed
from billing.claims.assembly.secondary import secondaries
from billing.claims.assembly.setting_aside import set_aside_unwanted
from billing.claims.filing.forms import forms_route
from billing.claims.filing.preparing import FileSettings, preparing_route
from billing.claims.filing.refiling import set_aside_corrected, set_aside_named
from billing.claims.filing.sending import filing_route
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim
from billing.claims.moving import move
from billing.claims.paid_to_date import with_what_was_paid
from billing.claims.queries import sessions_with_filed_claims
from billing.database import Database, Db, hold_lock
from billing.errors import Problem
from billing.estimates.good_faith.drawing import estimates_route
from billing.estimates.good_faith.watching import excess_problems
from billing.invoices.drawing import papers_route
from billing.invoices.issuing import PAPER_FOR, issue, stopping_problems
from billing.invoices.queries import sessions_with_papers
from billing.payments.allocating import allocate
from billing.ports import Clearinghouse, DocumentStore
from billing.relay import Delivery, Route, climb, relay
from billing.sessions.facts import Facts, Visit, gather
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession

PATIENTS_AT_ONCE = 100


@dataclass(slots=True)
class BillingRun:
    """One run through a day: what it did, beyond what the database remembers."""

    through: date
    """Sessions up to and including this local date are billed; it is also the day of filing."""
    refile: Sequence[str] = ()
    """Rejected claims, or claim files with such, that are to go again though nothing was corrected."""
    bill_to: Collection[BillTo] = tuple(BillTo)
    """Only sessions that these pay for are billed."""
    by: str = "command:bill"
    """Who has it done, as ``kind:id``: that stands in the histories of the claims."""
    stopped: dict[int, list[Problem]] = field(default_factory=dict)
    """Self-pay and superbill sessions that cannot be billed, and why."""
    failures: list[str] = field(default_factory=list)
    """What the outside world would not take; it is due again next time."""

    def set_aside_named(self, db: Db, _cursor: int) -> None:
        """Make room for new claims where somebody wants them. Raises :class:`Refused` when one cannot be had."""
        set_aside_named(db, self.refile, self.through, self.by)

    def set_aside_corrected(self, db: Db, after_patient: int) -> int | None:
        """The same where a rejected claim would say something else today; the cursor is the last patient's id."""
        return set_aside_corrected(db, after_patient, self.through, self.by)

    def withdraw(self, db: Db, _cursor: int) -> None:
        """Undo what was charged for sessions that have been cancelled since, where nothing was filed or issued.

        Claims that wait for sessions which the patient pays by now are set aside.
        """
        hold_lock(db, LOCK)
        at = clock.now()
        not_signed = ClinicSession.state != SessionState.SIGNED
        unbilled = (~sessions_with_filed_claims(), ~sessions_with_papers())
        charged = select(Charge).join(ClinicSession, ClinicSession.id == Charge.session_id)
        charges = db.scalars(charged.where(Charge.reversed_at.is_(None), not_signed, *unbilled)).all()
        take_back(db, charges, self.through, at)
        allocate(db, patients_charged(db, {charge.session_id for charge in charges}), at)
        set_aside_unwanted(db, by=self.by, at=at)
        claims = select(Claim.id).join(ClinicSession, ClinicSession.id == Claim.session_id)
        ready = db.scalars(claims.where(Claim.state == ClaimState.READY, Claim.file_id.is_(None), not_signed)).all()
        why = "its session is not signed any more"
        move(db, ready, ClaimState.READY, ClaimEvent.STOPPED, by=self.by, why=why, at=at)

    def stage(self, db: Db, after_patient: int) -> int | None:
        """Charge, scrub and issue for the next patients; the cursor is the last patient's id."""
        hold_lock(db, LOCK)
        patient_ids = _patients_to_bill(db, self.through, self.bill_to, after_patient)
        if not patient_ids:
            return None
        hold_unfiled(db, patient_ids)
        facts = with_what_was_paid(db, gather(db, patient_ids, self.through, sessions_with_filed_claims()))
        due = _unbilled(db, self.through, self.bill_to, patient_ids)
        visits = [facts.visit_of[session_id] for session_id in due]
        at = clock.now()
        charged = capture(db, visits, self.through, at)
        insured = [visit for visit in visits if visit.session.bill_to is BillTo.INSURANCE]
        assemble(db, [scrubbed(one, facts, charged[one.session.id], self.through) for one in insured], at, self.by)
        estimated = excess_problems(db, {one.session.patient_id for one in visits if one.session.bill_to in PAPER_FOR})
        for bill_to, kind in PAPER_FOR.items():
            own = [visit for visit in visits if visit.session.bill_to is bill_to]
            fit = [visit for visit in own if not self._stops(visit, facts, charged[visit.session.id], estimated)]
            issue(db, kind, fit, facts, charged, self.through, at)
        allocate(db, {*patient_ids, *patients_charged(db, due)}, at)
        return patient_ids[-1]

    def later_payers(self, db: Db, after_patient: int) -> int | None:
        """Claim from further insurers what earlier ones left; the cursor is the last patient's id."""
        return secondaries(db, after_patient, self.through, self.by)

    def _stops(self, visit: Visit, facts: Facts, charged: Charged, estimated: Mapping[int, Sequence[Problem]]) -> bool:
        """Whether a session the patient pays is stopped; if so, the reasons are noted."""
        reasons = stopping_problems(visit, facts, charged, estimated.get(visit.session.id, ()))
        if reasons:
            self.stopped[visit.session.id] = reasons
        return bool(reasons)


def run_billing(
    database: Database,
    run: BillingRun,
    documents: DocumentStore,
    clearinghouse: Clearinghouse,
    file_settings: FileSettings,
    *,
    preprinted_forms: bool = False,
    progress: Callable[[str, int], None] = lambda what, done: None,
) -> None:
    """Bill everything that is ready. ``progress`` hears what is being done and how many so far.

    Raises :class:`Refused`, and has done nothing, when a claim cannot be filed again as the run says.
    """
    count = _Count("patients billed", progress)
    climb(database, run.set_aside_named)
    climb(database, run.set_aside_corrected)
    climb(database, run.withdraw)
    climb(database, run.stage, count.batch)
    climb(database, run.later_payers)
    routes: list[Route[Any, Any]] = [
        preparing_route(documents, file_settings),
        filing_route(documents, clearinghouse, run.by),
        papers_route(documents),
        estimates_route(documents),
        forms_route(documents, preprinted=preprinted_forms),
    ]
    for route in routes:
        run.failures += _failures(relay(database, route, count.of(route.name)))


class _Count:
    """Turns batches and totals into one kind of progress."""

    def __init__(self, what: str, progress: Callable[[str, int], None]) -> None:
        self.what, self.progress, self.done = what, progress, 0

    def batch(self) -> None:
        self.done += PATIENTS_AT_ONCE
        self.progress(self.what, self.done)

    def of(self, what: str) -> Callable[[int], None]:
        return lambda done: self.progress(what, done)


def _failures(deliveries: Sequence[Delivery[Any, Any]]) -> list[str]:
    return list(dict.fromkeys(str(one.failure) for one in deliveries if one.failure))


def patients_to_bill(db: Db, through: date, bill_to: Collection[BillTo] = tuple(BillTo)) -> int:
    """How many patients have sessions to bill up to that day, of those that ``bill_to`` pay for."""
    return db.scalar(select(func.count(ClinicSession.patient_id.distinct())).where(*_to_bill(through, bill_to))) or 0


def _to_bill(through: date, bill_to: Collection[BillTo]) -> list[ColumnElement[bool]]:
    return [
        ClinicSession.state == SessionState.SIGNED,
        ClinicSession.bill_to.in_(bill_to),
        ClinicSession.service_on <= through,
        ~sessions_with_filed_claims(),
        ~sessions_with_papers(),
    ]


def _patients_to_bill(db: Db, through: date, bill_to: Collection[BillTo], after: int) -> list[int]:
    return list(
        db.scalars(
            select(ClinicSession.patient_id)
            .where(*_to_bill(through, bill_to), ClinicSession.patient_id > after)
            .group_by(ClinicSession.patient_id)
            .order_by(ClinicSession.patient_id)
            .limit(PATIENTS_AT_ONCE)
        )
    )


def _unbilled(db: Db, through: date, bill_to: Collection[BillTo], patient_ids: Sequence[int]) -> list[int]:
    """Ids of these patients' sessions to bill, in order of time."""
    return list(
        db.scalars(
            select(ClinicSession.id)
            .where(*_to_bill(through, bill_to), ClinicSession.patient_id.in_(patient_ids))
            .order_by(ClinicSession.service_on, ClinicSession.starts_at, ClinicSession.id)
        )
    )
