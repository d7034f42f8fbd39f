"""Several insurers for one visit: who was asked, what each decided, and whose turn is next.

Law: a later payer is asked when the one before it has decided every charge and left some of it to the
patient, and is told what was decided. Until the last of them has decided, the patient owes nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from billing.charges.models import Charge
from billing.claims.decisions import Decision, decisions_about
from billing.claims.lifecycle import SET_ASIDE, UNFILED
from billing.claims.models import Adjudication, Claim, Responsibility
from billing.claims.queries import is_filed
from billing.coverage.models import Policy
from billing.database import Db
from billing.sessions.facts import Visit
from billing.sessions.models import ClinicSession

TURNS = tuple(Responsibility)
"""The order in which payers are asked."""
FORWARDED_STATUSES = ("19", "20", "21")
"""CLP02 of a payer that has decided and passed the claim on to the next by itself (X12 005010X221A1)."""
FORWARDED_REMARK = "MA18"
"""The remark code that says the same."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A payer that has, or is to have, a claim of a session, and its decisions as they stand now."""

    claim: Claim
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    """By charge."""
    payer_claim_number: str = ""
    forwarded_by: str = ""
    """What in its decision says that it passed the claim on to the next payer; empty when nothing does."""

    @property
    def paid_cents(self) -> int:
        """What it paid for all charges."""
        return sum(one.paid_cents for one in self.decisions.values())

    @property
    def patient_cents(self) -> int:
        """What it left to the patient, or to whoever pays next."""
        return sum(adjusted.cents for one in self.decisions.values() for adjusted in one.patients)

    @property
    def decided_on(self) -> date | None:
        """The day of its last decision that stands."""
        return max((one.decided_on for one in self.decisions.values()), default=None)

    @property
    def is_unfiled(self) -> bool:
        """Whether its claim may still change."""
        return self.claim.state in UNFILED and self.claim.file_id is None


def before(turn: Responsibility, asked: Mapping[Responsibility, Asked]) -> list[Asked]:
    """Those whose turn comes earlier, in order."""
    return [asked[one] for one in TURNS[: TURNS.index(turn)] if one in asked]


def have_decided(earlier: Sequence[Asked], turn: Responsibility, charges: Iterable[Charge]) -> bool:
    """Whether everybody whose turn comes before ``turn`` has decided about every charge."""
    return len(earlier) == TURNS.index(turn) and all(
        charge.id in one.decisions for charge in charges for one in earlier
    )


def next_policy(visit: Visit, earlier: Sequence[Asked]) -> Policy | None:
    """The policy in force that day that pays after all of those asked, if there is one.

    One that was entered since and would have paid before them is not it: that payer should have been asked
    first, which is for a person to sort out.
    """
    order = [policy.payer_id for policy in visit.policies]
    places = [order.index(one.claim.payer_id) for one in earlier if one.claim.payer_id in order]
    following = max(places, default=-1) + 1
    return visit.policies[following] if following < len(order) else None


def asked_payers(
    db: Db, session_ids: Sequence[int], charges: Mapping[int, Sequence[Charge]]
) -> dict[int, dict[Responsibility, Asked]]:
    """By session and turn, who has a claim, and what was decided about the session's standing ``charges``.

    Of several claims of one turn it is the one that has not been set aside; the decisions on those that
    have been count no longer.
    """
    claims = db.scalars(select(Claim).where(Claim.session_id.in_(session_ids)).order_by(Claim.id)).all()
    standing = [claim.id for claim in claims if claim.state not in SET_ASIDE]
    decided = _decisions(db, [charge.id for session_id in session_ids for charge in charges.get(session_id, ())])
    documents = _adjudications(db, standing)
    found: dict[int, dict[Responsibility, Asked]] = defaultdict(dict)
    for claim in sorted(claims, key=lambda one: one.state not in SET_ASIDE):
        asked = Asked(claim)
        if claim.state not in SET_ASIDE:
            decisions, papers = decided[claim.control_number], documents[claim.id]
            numbers = [one.payer_claim_number for one in papers if one.payer_claim_number]
            asked = Asked(claim, decisions, numbers[-1] if numbers else "", _forwarded_by(papers, decisions))
        found[claim.session_id][claim.responsibility] = asked
    return found


def _decisions(db: Db, charge_ids: Sequence[int]) -> dict[str, dict[int, Decision]]:
    """The decisions that stand, by claim and charge; of two about one charge the one posted last."""
    found: dict[str, dict[int, Decision]] = defaultdict(dict)
    for charge_id, decisions in decisions_about(db, charge_ids).items():
        for one in decisions:
            if one.reversed_at is None:
                found[one.claim][charge_id] = one
    return found


def _adjudications(db: Db, claim_ids: Sequence[int]) -> dict[int, list[Adjudication]]:
    found: dict[int, list[Adjudication]] = defaultdict(list)
    for one in db.scalars(
        select(Adjudication)
        .where(Adjudication.claim_id.in_(claim_ids), Adjudication.reversed_at.is_(None))
        .order_by(Adjudication.posted_at, Adjudication.source)
    ):
        found[one.claim_id].append(one)
    return found


def _forwarded_by(adjudications: Iterable[Adjudication], decisions: Mapping[int, Decision]) -> str:
    for one in adjudications:
        if one.status_code in FORWARDED_STATUSES:
            return f"status {one.status_code}"
        if FORWARDED_REMARK in one.remarks:
            return f"remark {FORWARDED_REMARK}"
    on_a_line = any(FORWARDED_REMARK in one.remarks for one in decisions.values())
    return f"remark {FORWARDED_REMARK}" if on_a_line else ""


def asked_later(db: Db, patient_ids: Sequence[int]) -> dict[tuple[int, int], bool]:
    """The claims of these patients that go to a payer after another: by session and payer, whether they are filed.

    What ``Facts.later`` wants to know.
    """
    rows = db.execute(
        select(Claim.session_id, Claim.payer_id, is_filed())
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(
            ClinicSession.patient_id.in_(patient_ids),
            Claim.responsibility != Responsibility.PRIMARY,
            Claim.state.not_in(SET_ASIDE),
        )
    )
    return {(session_id, payer_id): bool(filed) for session_id, payer_id, filed in rows if payer_id}
