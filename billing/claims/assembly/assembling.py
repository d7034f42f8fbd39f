"""From charged visits to claims that are ready or held.

Every unfiled claim is scrubbed again each time, so one whose cause is gone is let go by itself, and
one whose facts changed for the worse is stopped before it leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from billing.charges.capturing import Charged
from billing.claims.assembly.scrubbing import claim_problems
from billing.claims.content.encoding import professional_claim
from billing.claims.coordination import Asked
from billing.claims.lifecycle import CLAIM, ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimProblem, Responsibility
from billing.claims.moving import Move, record_moves
from billing.claims.queries import is_unfiled
from billing.clinic.numbering import take_numbers
from billing.database import Db
from billing.edi.claim_837p.checks import problems_837p
from billing.errors import Problem, block, blocking
from billing.sessions.clearance import Clearance, insurance_clearance
from billing.sessions.facts import Facts, Visit
from billing.sessions.models import ClinicSession

CONTROL_SERIES = "claim"
LOCK = "billing run"
"""Only one transaction charges and assembles at a time, or two would charge a session, or claim it, twice."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A visit with everything that was found about the claim it makes."""

    visit: Visit
    clearance: Clearance
    charged: Charged
    problems: list[Problem]
    responsibility: Responsibility = Responsibility.PRIMARY
    forwarded_by: str = ""
    """What says that the payer before this one has passed the claim on by itself; empty when we are to file it."""

    @property
    def event(self) -> ClaimEvent:
        """What scrubbing does to the claim."""
        if self.forwarded_by:
            return ClaimEvent.FORWARDED
        return ClaimEvent.STOPPED if blocking(self.problems) else ClaimEvent.PASSED

    @property
    def why(self) -> str:
        """What the claim's history says about it."""
        if self.forwarded_by:
            return f"the payer before it passed it on by itself: {self.forwarded_by}"
        return ", ".join(dict.fromkeys(problem.rule for problem in blocking(self.problems))) or "nothing stops it"

    @property
    def key(self) -> tuple[int, Responsibility]:
        """A session has one claim at a time for each turn."""
        return self.visit.session.id, self.responsibility


def scrubbed(visit: Visit, facts: Facts, charged: Charged, filed_on: date) -> Scrubbed:
    """All problems of the claim that ``visit`` would make if it were filed on ``filed_on``."""
    clearance = insurance_clearance(visit, facts)
    problems = [*clearance.problems, *charged.problems, *claim_problems(visit, clearance, facts, filed_on)]
    if not blocking(problems):
        problems += form_problems(visit, clearance, facts, charged)
    return Scrubbed(visit, clearance, charged, problems)


def form_problems(
    visit: Visit, clearance: Clearance, facts: Facts, charged: Charged, earlier: Sequence[Asked] = ()
) -> list[Problem]:
    """What the transaction set itself would refuse, so that it is said before a file is written."""
    where = f"session:{visit.session.id}"
    try:
        number = _control_number(visit.session.id)
        claim = professional_claim(number, visit, clearance, facts, charged.charges, 0, earlier)
    except ValueError as error:
        why = f"The claim cannot be written: {error}."
        return [block("claim.incomplete", why, "Complete the record named.", where)]
    return [replace(problem, where=where) for problem in problems_837p(claim)]


def _control_number(number: int) -> str:
    """A patient control number; short enough for box 26 of the paper form."""
    return f"MER{number:07d}"


def assemble(db: Db, claims: Sequence[Scrubbed], at: datetime, by: str = "command:bill") -> None:
    """Make or update each visit's claim of that turn, and move it to where its problems put it.

    The turn must not have a claim that was filed, waits in a file or was voided; one that is to be replaced has
    been set aside before.
    """
    existing = _unfiled_claims(db, [one.visit.session.id for one in claims])
    made = _create(db, [one for one in claims if one.key not in existing])
    moves: list[Move] = []
    changed: list[dict[str, Any]] = []
    for one in claims:
        claim = existing.get(one.key) or made[one.key]
        state, moved_at = claim.state, claim.moved_at
        if CLAIM.allows(state, one.event):
            moves.append(Move(claim.id, state, one.event, one.why))
            state, moved_at = CLAIM.after(state, one.event), at
        changed.append({"id": claim.id, "state": state, "moved_at": moved_at, **_content(one)})
    if changed:
        db.execute(update(Claim), changed)
    record_moves(db, moves, by=by, at=at)
    _note_problems(db, ((row["id"], one.problems) for row, one in zip(changed, claims, strict=True)))


def hold_unfiled(db: Db, patient_ids: Sequence[int], *which: ColumnElement[bool]) -> None:
    """Keep these patients' unfiled claims from being written into a file until this transaction ends.

    Else one could be filed between the question which sessions are unbilled and the making of their claims.
    """
    db.execute(
        select(Claim.id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(ClinicSession.patient_id.in_(patient_ids), is_unfiled(), *which)
        .order_by(Claim.id)
        .with_for_update(of=Claim)
    )


def _unfiled_claims(db: Db, session_ids: Sequence[int]) -> dict[tuple[int, Responsibility], Claim]:
    rows = db.scalars(select(Claim).where(Claim.session_id.in_(session_ids), is_unfiled()))
    return {(claim.session_id, claim.responsibility): claim for claim in rows}


def _create(db: Db, claims: Sequence[Scrubbed]) -> dict[tuple[int, Responsibility], Claim]:
    if not claims:
        return {}
    rows = [
        {
            "control_number": _control_number(number),
            "session_id": one.visit.session.id,
            "responsibility": one.responsibility,
            "state": ClaimState.DRAFT,
            **_content(one),
        }
        for number, one in zip(take_numbers(db, CONTROL_SERIES, len(claims)), claims, strict=True)
    ]
    made = db.scalars(insert(Claim).returning(Claim), rows)
    return {(claim.session_id, claim.responsibility): claim for claim in made}


def _content(one: Scrubbed) -> dict[str, int | None]:
    return {
        "payer_id": one.clearance.payer.id if one.clearance.payer else None,
        "policy_id": one.clearance.policy.id if one.clearance.policy else None,
        "total_cents": one.charged.total_cents,
    }


def _note_problems(db: Db, found: Iterable[tuple[int, list[Problem]]]) -> None:
    by_claim = list(found)
    db.execute(delete(ClaimProblem).where(ClaimProblem.claim_id.in_([claim_id for claim_id, _ in by_claim])))
    rows = [
        {
            "claim_id": claim_id,
            "position": position,
            "rule": problem.rule,
            "severity": problem.severity,
            "why": problem.why,
            "fix": problem.fix,
            "where": problem.where,
        }
        for claim_id, problems in by_claim
        for position, problem in enumerate(problems, start=1)
    ]
    if rows:
        db.execute(insert(ClaimProblem), rows)
