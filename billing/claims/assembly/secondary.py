"""What one insurer has left goes to the next: secondary and tertiary claims.

A stage like assembling: a claim on a later payer is made when the payer before it has decided every charge
and left something to the patient whom a further policy covers; while it is not filed it is judged again each
time, by the rules of its own payer, and stopped when the earlier decision is taken back. Where the earlier
payer has passed the claim on by itself we only write that down: sent by both, it would be a duplicate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from billing import clock
from billing.charges.capturing import Charged, standing_charges
from billing.charges.models import Charge
from billing.claims.assembly.assembling import LOCK, Scrubbed, assemble, form_problems, hold_unfiled
from billing.claims.assembly.scrubbing import claim_problems
from billing.claims.assembly.turn_problems import clock_starts_on, medicare_problems, telling_problems, turn_problems
from billing.claims.coordination import TURNS, Asked, asked_later, asked_payers, before, next_policy
from billing.claims.lifecycle import SET_ASIDE, ClaimState
from billing.claims.models import Adjudication, Claim, Responsibility
from billing.claims.paid_to_date import with_what_was_paid
from billing.claims.queries import is_unfiled, sessions_with_filed_claims
from billing.coverage.models import Policy
from billing.database import Db, hold_lock
from billing.errors import Problem, blocking
from billing.sessions.clearance import insurance_clearance
from billing.sessions.facts import Facts, Visit, gather
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

PATIENTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Due:
    """A claim on a later payer that is to be made or judged again."""

    visit: Visit
    turn: Responsibility
    earlier: list[Asked]
    policy: Policy
    """Whose turn it is; when nobody's is any more, whose it was."""
    charged: Charged
    problems: list[Problem]
    """What the coordination of benefits itself says against it."""


def secondaries(db: Db, after_patient: int, filed_on: date, by: str = "command:bill") -> int | None:
    """Make and judge the claims on later payers of the next patients; a stage for ``relay.climb``.

    The cursor is the last patient's id. ``filed_on`` is the local date on which they would be filed; sessions
    after it are left alone. ``by`` stands in the claims' history. Locks like the billing run.
    """
    hold_lock(db, LOCK)
    patient_ids = _patients_due(db, after_patient, filed_on)
    if not patient_ids:
        return None
    judge_later(db, patient_ids, filed_on, by)
    return patient_ids[-1]


def judge_later(
    db: Db, patient_ids: Sequence[int], filed_on: date, by: str, only: Collection[int] | None = None
) -> None:
    """Make and judge these patients' claims on later payers; of sessions ``only``, where some are named.

    The others count as visits that their payers are asked for all the same. The caller has the billing run's lock.
    """
    hold_unfiled(db, patient_ids, Claim.responsibility != Responsibility.PRIMARY)
    session_ids = _sessions_due(db, patient_ids, filed_on)
    facts = with_what_was_paid(db, gather(db, patient_ids, filed_on, sessions_with_filed_claims()))
    charges = standing_charges(db, session_ids)
    asked = asked_payers(db, session_ids, charges)
    found = (_due(facts.visit_of[one], asked[one], charges[one], facts) for one in session_ids)
    due = [one for one in found if one is not None]
    filed = {pair: True for pair, is_done in asked_later(db, patient_ids).items() if is_done}
    wanted = {(one.visit.session.id, one.policy.payer_id): False for one in due}
    facts = replace(facts, later={**wanted, **filed})
    judged = [one for one in due if only is None or one.visit.session.id in only]
    assemble(db, [_scrubbed(one, facts, filed_on) for one in judged], clock.now(), by)


def _due(visit: Visit, asked: Mapping[Responsibility, Asked], charges: Sequence[Charge], facts: Facts) -> _Due | None:
    """The claim on a later payer that this visit has unfiled, or should have; ``None`` when there is neither."""
    for turn in TURNS[1:]:
        own = asked.get(turn)
        if own is not None and own.claim.state is ClaimState.REPLACED:
            own = None
        if own is not None and not own.is_unfiled:
            continue
        earlier = before(turn, asked)
        policy = next_policy(visit, earlier)
        problems = turn_problems(visit, turn, earlier, policy, charges)
        if own is None and problems:
            return None
        if policy is None:
            patients = facts.policies[visit.session.patient_id]
            policy = next(one for one in patients if own is not None and one.id == own.claim.policy_id)
        return _Due(visit, turn, earlier, policy, Charged(list(charges), []), problems)
    return None


def _scrubbed(one: _Due, facts: Facts, filed_on: date) -> Scrubbed:
    """The claim with all its problems, or with none when the payer before has passed it on."""
    visit, last = one.visit, one.earlier[-1] if one.earlier else None
    clearance = insurance_clearance(visit, facts, one.policy)
    counted_from = clock_starts_on(visit, clearance.payer, one.earlier, filed_on)
    if last and last.forwarded_by and not one.problems:
        return Scrubbed(visit, clearance, one.charged, [], one.turn, last.forwarded_by)
    problems = [
        *one.problems,
        *telling_problems(visit, one.earlier, one.charged.charges, facts),
        *clearance.problems,
        *medicare_problems(visit, clearance.payer, one.earlier),
        *claim_problems(visit, clearance, facts, filed_on, counted_from),
    ]
    if not blocking(problems):
        problems += form_problems(visit, clearance, facts, one.charged, one.earlier)
    return Scrubbed(visit, clearance, one.charged, problems, one.turn)


def _patients_due(db: Db, after: int, through: date) -> list[int]:
    return list(
        db.scalars(
            select(ClinicSession.patient_id)
            .where(*_is_due(through), ClinicSession.patient_id > after)
            .group_by(ClinicSession.patient_id)
            .order_by(ClinicSession.patient_id)
            .limit(PATIENTS_AT_ONCE)
        )
    )


def _sessions_due(db: Db, patient_ids: Sequence[int], through: date) -> list[int]:
    """Ids of these patients' sessions to look at, in order of time."""
    return list(
        db.scalars(
            select(ClinicSession.id)
            .where(*_is_due(through), ClinicSession.patient_id.in_(patient_ids))
            .order_by(ClinicSession.service_on, ClinicSession.starts_at, ClinicSession.id)
        )
    )


def _is_due(through: date) -> list[ColumnElement[bool]]:
    """Conditions on sessions: one that has an unfiled claim on a later payer, or may need one."""
    unfiled = select(Claim.id).where(
        Claim.session_id == ClinicSession.id, Claim.responsibility != Responsibility.PRIMARY, is_unfiled()
    )
    return [
        ClinicSession.state == SessionState.SIGNED,
        ClinicSession.service_on <= through,
        or_(unfiled.exists(), _may_need_another()),
    ]


def _may_need_another() -> ColumnElement[bool]:
    """Whether a payer has left something, nobody was asked next, and the patient has a policy with somebody else."""
    following = aliased(Claim)
    turns = [
        and_(Claim.responsibility == one, following.responsibility == next_one) for one, next_one in pairwise(TURNS)
    ]
    stands = following.state != ClaimState.REPLACED
    was_asked = select(following.id).where(following.session_id == Claim.session_id, stands, or_(*turns)).exists()
    left = (
        select(Claim.id)
        .join(Adjudication, Adjudication.claim_id == Claim.id)
        .where(
            Claim.session_id == ClinicSession.id,
            Adjudication.reversed_at.is_(None),
            Adjudication.patient_cents > 0,
            Claim.responsibility != TURNS[-1],
            Claim.state.not_in(SET_ASIDE),
            ~was_asked,
        )
    )
    is_asked = (
        select(Claim.id)
        .where(
            Claim.session_id == ClinicSession.id,
            Claim.payer_id == Policy.payer_id,
            Claim.state != ClaimState.REPLACED,
        )
        .correlate(ClinicSession, Policy)
    )
    further = select(Policy.id).where(
        Policy.patient_id == ClinicSession.patient_id,
        Policy.effective_from <= ClinicSession.service_on,
        or_(Policy.effective_to.is_(None), Policy.effective_to >= ClinicSession.service_on),
        ~is_asked.exists(),
    )
    return and_(further.exists(), left.exists())
