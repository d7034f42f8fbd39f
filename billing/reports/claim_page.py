"""One claim as a person looks at it: what it says, what is wrong, what became of every cent, and its whole way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import or_, select

from billing.charges.capturing import source_of, standing_charges
from billing.charges.models import Charge
from billing.claims.assembly.outdated import outdated
from billing.claims.decisions import Decision, decisions_about
from billing.claims.filing.forms import KIND as FORM
from billing.claims.filing.preparing import CLAIM_FILE
from billing.claims.models import Claim, ClaimFile, Responsibility
from billing.claims.queries import problems_of
from billing.codes.adjustments import reason, reason_text, remark_label
from billing.coverage.models import Policy
from billing.database import Db
from billing.documents.models import Document
from billing.errors import NotFound, Problem
from billing.ledger.accounts import kind_of
from billing.ledger.queries import balances_about
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.practitioners.models import Practitioner
from billing.reports.money_words import service_of
from billing.sessions.models import ClinicSession

TURN_WORDS = {
    Responsibility.PRIMARY: "first payer",
    Responsibility.SECONDARY: "second payer",
    Responsibility.TERTIARY: "third payer",
}


@dataclass(frozen=True, slots=True)
class Given:
    """One reason a payer gave for not paying a part, in our words, with the cents."""

    words: str
    cents: int
    first_step: str
    """What to do about it first, where it is a refusal."""


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What a payer decided about a line."""

    payer: str
    claim: str
    decided_on: date
    paid_cents: int
    is_denied: bool
    is_own: bool
    """Whether it was decided on the claim that is looked at, not on another one of the session."""
    given: Sequence[Given]
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A charge, and the decisions on it that stand."""

    charge: Charge
    words: str
    decisions: Sequence[LineDecision]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What became of the charges, in cents: charged is paid, given up, waiting and the patient's part together."""

    charged: int
    paid: int
    """By all insurers."""
    given_up: int
    """What nobody owes any more."""
    waiting: int
    """Still with insurers; below zero they paid too much."""
    patient_owes: int
    """What of the patient's part is not paid yet."""

    @property
    def patient_part(self) -> int:
        """What came to the patient."""
        return self.charged - self.paid - self.given_up - self.waiting


@dataclass(frozen=True, slots=True)
class ClaimSeen:
    """Everything about one claim but its story."""

    claim: Claim
    session: ClinicSession
    patient: Patient
    practitioner: Practitioner
    payer: Payer | None
    policy: Policy | None
    file: ClaimFile | None
    problems: Sequence[Problem]
    lines: Sequence[ClaimLine]
    amounts: Amounts
    others: Sequence[tuple[Claim, str]]
    """The session's other claims, oldest first, with their payers' names."""
    form: Document | None
    """The kept CMS-1500."""
    file_kept: Document | None
    """The whole claim file."""

    @property
    def turn(self) -> str:
        """Whose turn it is."""
        return TURN_WORDS[self.claim.responsibility]


def claim_seen(db: Db, claim_id: int) -> ClaimSeen:
    """A claim with all that its page shows; a fixed number of queries. Raises :class:`NotFound`."""
    row = db.execute(
        select(Claim, ClinicSession, Patient, Practitioner, Payer, Policy, ClaimFile)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .join(Practitioner, Practitioner.id == ClinicSession.practitioner_id)
        .outerjoin(Payer, Payer.id == Claim.payer_id)
        .outerjoin(Policy, Policy.id == Claim.policy_id)
        .outerjoin(ClaimFile, ClaimFile.id == Claim.file_id)
        .where(Claim.id == claim_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no claim {claim_id}.")
    claim, session, patient, practitioner, payer, policy, file = row
    charges = standing_charges(db, [session.id])[session.id]
    problems = [located(one, session.id) for one in problems_of(db, [claim.id])[claim.id]]
    if claim.responsibility is not Responsibility.PRIMARY:
        problems += outdated(db, claim.id).values()
    documents = _documents(db, claim)
    return ClaimSeen(
        claim=claim,
        session=session,
        patient=patient,
        practitioner=practitioner,
        payer=payer,
        policy=policy,
        file=file,
        problems=problems,
        lines=_lines(db, claim, charges),
        amounts=_amounts(balances_about(db, [source_of(charge) for charge in charges])),
        others=_others(db, claim),
        form=documents.get(FORM),
        file_kept=documents.get(CLAIM_FILE),
    )


def located(problem: Problem, session_id: int) -> Problem:
    """A claim's problem with the place where it is mended: the session, whose note and codes it is about else."""
    return problem if problem.where else replace(problem, where=f"session:{session_id}")


def _lines(db: Db, claim: Claim, charges: Sequence[Charge]) -> list[ClaimLine]:
    decisions = decisions_about(db, [charge.id for charge in charges])
    return [
        ClaimLine(
            charge,
            service_of(charge),
            [
                _line_decision(one, claim.control_number)
                for one in decisions.get(charge.id, ())
                if one.reversed_at is None
            ],
        )
        for charge in charges
    ]


def _line_decision(decision: Decision, own: str) -> LineDecision:
    given = []
    for one in decision.adjustments:
        known = reason(one.reason)
        given.append(Given(reason_text(one.group, one.reason), one.cents, known.first_step if known else ""))
    return LineDecision(
        decision.payer or "A payer",
        decision.claim,
        decision.decided_on,
        decision.paid_cents,
        decision.is_denied,
        decision.claim == own,
        given,
        [f"{code} {label}" if (label := remark_label(code)) != code else code for code in decision.remarks],
    )


def _amounts(balances: Mapping[str, int]) -> Amounts:
    found: dict[str, int] = {}
    for account, cents in balances.items():
        found[kind_of(account)] = found.get(kind_of(account), 0) + cents
    return Amounts(
        charged=-found.get("income", 0),
        paid=found.get("deposit", 0),
        given_up=found.get("adjusted", 0),
        waiting=found.get("insurance", 0),
        patient_owes=found.get("patient", 0),
    )


def _others(db: Db, claim: Claim) -> list[tuple[Claim, str]]:
    rows = db.execute(
        select(Claim, Payer.name)
        .outerjoin(Payer, Payer.id == Claim.payer_id)
        .where(Claim.session_id == claim.session_id, Claim.id != claim.id)
        .order_by(Claim.id)
    )
    return [(other, name or "nobody") for other, name in rows]


def _documents(db: Db, claim: Claim) -> dict[str, Document]:
    """The newest form of the claim, and its file, by kind."""
    own = (Document.owner_kind == "claim") & (Document.owner_id == claim.id) & (Document.kind == FORM)
    of_file = (
        (Document.owner_kind == "claim_file") & (Document.owner_id == claim.file_id) & (Document.kind == CLAIM_FILE)
    )
    found = db.scalars(select(Document).where(or_(own, of_file)).order_by(Document.version))
    return {document.kind: document for document in found}
