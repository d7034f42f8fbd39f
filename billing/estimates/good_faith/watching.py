"""How far bills are above the estimate that speaks for them, and what then may not be issued.

At $400 above, a patient may dispute the bill (45 CFR 149.620(a)). Billed is what the visits given so far were
charged; expected is what the estimate said for as many visits, so that a course does not hide a dear one behind visits
that are still to come. A visit beyond those estimated was expected to cost nothing, as nobody was told of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from billing.charges.models import Charge
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.errors import Problem, block, warn
from billing.estimates.good_faith.covering import Covered, covered_sessions
from billing.estimates.good_faith.issuing import name_of
from billing.estimates.good_faith.wording import DISPUTE_FROM_CENTS, WARNED_FROM_CENTS
from billing.estimates.models import EstimateEvent, EstimateHistory, EstimateKind, GoodFaithEstimate
from billing.money import Money
from billing.sessions.models import BillTo, ClinicSession

PAID_BY_PATIENT = (BillTo.SELF, BillTo.SUPERBILL)
"""Who has no insurance, or does not want it billed. That a superbill counts too is our reading, to be on the safe
side: its patient may or may not claim the money back."""


@dataclass(frozen=True, slots=True)
class Running:
    """How an estimate stands against what was billed so far, in cents."""

    estimate: GoodFaithEstimate
    sessions: tuple[int, ...]
    """The charged sessions it speaks for."""
    visits: int
    billed: int
    expected: int
    """Of as many visits."""
    let_pass: int = 0
    """How far above the owner let it go."""

    @property
    def over(self) -> int:
        """Billed less expected; below zero it cost less."""
        return self.billed - self.expected

    @property
    def is_stopped(self) -> bool:
        """Whether nothing of it may be billed as it is."""
        return self.over >= DISPUTE_FROM_CENTS and self.over > self.let_pass


def running(covered: Covered, charged: dict[int, int], let_pass: int = 0) -> Running:
    """The standing of one estimate; ``charged`` are the standing charges by session, in cents. Pure."""
    billed = [one for one in covered.sessions if one.id in charged]
    visits = len({one.service_on for one in billed})
    return Running(
        covered.estimate,
        tuple(one.id for one in billed),
        visits,
        sum(charged[one.id] for one in billed),
        covered.priced.for_first(visits),
        let_pass,
    )


def running_of(db: Db, patient_ids: Iterable[int]) -> list[Running]:
    """The good-faith estimates of these patients, as they stand; four queries."""
    wanted = GoodFaithEstimate.patient_id.in_(set(patient_ids)), GoodFaithEstimate.kind == EstimateKind.GOOD_FAITH
    estimates: dict[int, list[GoodFaithEstimate]] = defaultdict(list)
    for one in db.scalars(select(GoodFaithEstimate).where(*wanted).order_by(GoodFaithEstimate.id)):
        estimates[one.patient_id].append(one)
    if not estimates:
        return []
    sessions: dict[int, list[ClinicSession]] = defaultdict(list)
    of_them = ClinicSession.patient_id.in_(estimates), ClinicSession.bill_to.in_(PAID_BY_PATIENT)
    for session in db.scalars(select(ClinicSession).where(*of_them)):
        sessions[session.patient_id].append(session)
    charged = _charged(db, estimates)
    passed = _let_pass(db, estimates)
    return [
        running(covered, charged, passed.get(covered.estimate.id, 0))
        for patient_id, own in estimates.items()
        for covered in covered_sessions(own, sessions[patient_id]).values()
    ]


def excess_problems(db: Db, patient_ids: Collection[int]) -> dict[int, list[Problem]]:
    """What the estimates have to say against billing these patients' sessions, by session; at most six queries."""
    if not patient_ids:
        return {}
    currency = the_clinic(db).currency
    found: dict[int, list[Problem]] = {}
    for one in running_of(db, patient_ids):
        for session_id in one.sessions:
            found[session_id] = problems_of(one, currency)
    return found


def problems_of(one: Running, currency: str) -> list[Problem]:
    """Nothing, a warning from $300 on, or from $400 on a stop that only the owner can lift. Pure."""
    if one.over < WARNED_FROM_CENTS or (not one.is_stopped and one.over >= DISPUTE_FROM_CENTS):
        return []
    billed, expected, over = (Money(cents, currency) for cents in (one.billed, one.expected, one.over))
    visits = f"{one.visits} visits" if one.visits != 1 else "one visit"
    told = f"{over} above the {expected} that {name_of(one.estimate)} told"
    why = f"{visits[0].upper()}{visits[1:]} billed at {billed}, {told}."
    where = f"estimate:{one.estimate.id}"
    if one.is_stopped:
        fix = (
            f"From {Money(DISPUTE_FROM_CENTS, currency)} on the patient may dispute it. Bring the charges down to what "
            "was estimated, or the owner lets it pass with a reason; give a new estimate before the next visit."
        )
        return [block("estimate.exceeded", why, fix, where)]
    return [warn("estimate.nearly_exceeded", why, "Give the patient a new estimate before the next visit.", where)]


def _charged(db: Db, patient_ids: Iterable[int]) -> dict[int, int]:
    """What these patients' self-paid sessions stand charged at, by session."""
    rows = db.execute(
        select(Charge.session_id, func.sum(Charge.cents))
        .join(ClinicSession, ClinicSession.id == Charge.session_id)
        .where(
            ClinicSession.patient_id.in_(list(patient_ids)),
            ClinicSession.bill_to.in_(PAID_BY_PATIENT),
            Charge.reversed_at.is_(None),
        )
        .group_by(Charge.session_id)
    )
    return {session_id: int(cents) for session_id, cents in rows}


def _let_pass(db: Db, patient_ids: Iterable[int]) -> dict[int, int]:
    rows = db.execute(
        select(EstimateHistory.estimate_id, func.max(EstimateHistory.up_to_cents))
        .join(GoodFaithEstimate, GoodFaithEstimate.id == EstimateHistory.estimate_id)
        .where(GoodFaithEstimate.patient_id.in_(list(patient_ids)), EstimateHistory.event == EstimateEvent.LET_PASS)
        .group_by(EstimateHistory.estimate_id)
    )
    return {estimate_id: cents or 0 for estimate_id, cents in rows}
