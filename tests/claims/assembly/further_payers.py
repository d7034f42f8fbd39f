"""Patients with more than one insurer on stage, and what the insurers decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Adjudication, Claim, Responsibility
from billing.claims.moving import move
from billing.claims.queries import problems_of
from billing.coverage.models import Benefit, Policy
from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.errors import blocking
from billing.payers.models import Payer, PayerKind
from billing.practitioners.models import Enrolment
from billing.sessions.models import ClinicSession
from tests.claims.office import Office
from tests.factories import NOW, Cas, make_adjudication, make_benefit, make_enrolment, make_payer, make_policy

SECONDARY, TERTIARY = Responsibility.SECONDARY, Responsibility.TERTIARY
DECIDED_ON = date(2026, 4, 2)
LATER = date(2026, 4, 30)
"""The day of the billing run after the decision."""
COPAY: dict[int, list[Cas]] = {1: [("CO", "45", 15_00), ("PR", "3", 25_00)], 2: [("CO", "45", 10_00)]}
"""The payer of a 97810 at 95.00 and a 97811 at 70.00 pays 55.00 and 60.00 and leaves a copay."""
IN_FULL: dict[int, list[Cas]] = {1: [("CO", "45", 15_00)], 2: [("CO", "45", 10_00)]}
"""It leaves nothing."""


@dataclass(frozen=True, slots=True)
class Further:
    """A further insurer of the patient on stage, with whom every rule is content."""

    payer: Payer
    enrolment: Enrolment
    policy: Policy
    benefit: Benefit


def insure_also(
    office: Office, *, kind: PayerKind = PayerKind.COMMERCIAL, rank: int = 2, name: str = "Second Health", **policy: Any
) -> Further:
    """Give the patient another policy, with a payer that knows the practitioner."""
    with office.database.transaction() as db:
        payer = make_payer(db, kind=kind, name=name)
        return Further(
            payer,
            make_enrolment(db, office.scene.practitioner, payer),
            make_policy(db, office.scene.patient, payer, rank=rank, **policy),
            make_benefit(db, office.scene.patient, payer),
        )


def claim_of(office: Office, session: ClinicSession, turn: Responsibility) -> Claim | None:
    """The session's claim of that turn, if it has one."""
    with office.database.reading() as db:
        return db.scalar(sa.select(Claim).where(Claim.session_id == session.id, Claim.responsibility == turn))


def secondary_of(office: Office, session: ClinicSession) -> Claim:
    """The session's secondary claim, which there must be."""
    claim = claim_of(office, session, SECONDARY)
    assert claim is not None
    return claim


def decide(
    office: Office,
    session: ClinicSession,
    adjustments: Mapping[int, Sequence[Cas]],
    turn: Responsibility = Responsibility.PRIMARY,
    **changes: Any,
) -> Adjudication:
    """What the payer of that turn decides about the session (see ``make_adjudication``)."""
    claim = claim_of(office, session, turn)
    assert claim is not None
    made: Adjudication = office.write(lambda db: make_adjudication(db, claim, adjustments, **changes))
    return made


def take_back(office: Office, decision: Adjudication) -> None:
    """The payer reverses its decision."""
    office.edit(decision, reversed_at=NOW)
    with office.database.transaction() as db:
        move(
            db, [decision.claim_id], ClaimState.PAID, ClaimEvent.REVERSED, by="command:remit", why="taken back", at=NOW
        )


def held_for(office: Office, claim: Claim) -> list[str]:
    """The rules that hold a claim."""
    with office.database.reading() as db:
        return [one.rule for one in blocking(problems_of(db, [claim.id])[claim.id])]


def sent(office: Office, claim: Claim) -> ProfessionalClaim:
    """A claim as the clearinghouse received it."""
    return office.received()[claim.control_number]
