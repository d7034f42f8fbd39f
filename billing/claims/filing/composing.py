"""Claims composed of what is on file now: how a ready one is filed, and how a filed one would be filed today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from billing import clock
from billing.charges.capturing import standing_charges
from billing.charges.models import Charge
from billing.claims.content.encoding import professional_claim
from billing.claims.content.parties import holder_details
from billing.claims.content.snapshot import FiledClaim, FormFacts
from billing.claims.coordination import Asked, asked_later, asked_payers, before, have_decided
from billing.claims.models import Claim, Responsibility
from billing.claims.paid_to_date import with_what_was_paid
from billing.claims.queries import sessions_with_filed_claims
from billing.coverage.models import Policy
from billing.database import Db
from billing.ledger.queries import paid_by_patients_about
from billing.sessions.clearance import insurance_clearance
from billing.sessions.facts import Facts, Visit, gather


@dataclass(frozen=True, slots=True)
class OnFile:
    """Everything that some claims are composed of."""

    facts: Facts
    facts_of_later: Facts
    """The same with what claims on later payers want to know besides."""
    charges: Mapping[int, list[Charge]]
    """The standing ones, by session."""
    asked: Mapping[int, Mapping[Responsibility, Asked]]
    """By session, where there is a claim on a later payer."""
    paid: Mapping[str, int]
    """What patients have paid towards a session, by its name in the books; below zero when more was given back."""

    def visit(self, claim: Claim) -> Visit:
        """The visit it is for."""
        return self.facts.visit_of[claim.session_id]

    def earlier(self, claim: Claim) -> list[Asked]:
        """The payers whose turn came before."""
        return before(claim.responsibility, self.asked.get(claim.session_id, {}))

    def is_in_turn(self, claim: Claim) -> bool:
        """Whether everybody before has decided; not when one of them has just taken its decision back."""
        return have_decided(self.earlier(claim), claim.responsibility, self.charges[claim.session_id])


def on_file(db: Db, claims: Sequence[Claim], patient_ids: Sequence[int], through: date) -> OnFile:
    """What these claims are composed of; they are of these patients' signed sessions, all up to ``through``."""
    facts = with_what_was_paid(db, gather(db, patient_ids, through, sessions_with_filed_claims()))
    session_ids = [claim.session_id for claim in claims]
    charges = standing_charges(db, session_ids)
    further = [claim.session_id for claim in claims if claim.responsibility is not Responsibility.PRIMARY]
    return OnFile(
        facts,
        replace(facts, later=asked_later(db, patient_ids)) if further else facts,
        charges,
        asked_payers(db, further, charges),
        paid_by_patients_about(db, [_source(session_id) for session_id in session_ids]),
    )


def _source(session_id: int) -> str:
    return f"session:{session_id}"


def composed(claim: Claim, known: OnFile) -> FiledClaim:
    """A claim in its turn, as it would be filed now. Raises :class:`ValueError` when something of it is missing."""
    visit, earlier = known.visit(claim), known.earlier(claim)
    policies = {one.id: one for one in known.facts.policies[visit.session.patient_id]}
    told_of = [claim.policy_id, *(one.claim.policy_id for one in earlier)] if earlier else []
    if any(policy_id not in policies for policy_id in told_of):
        raise ValueError("a policy it tells of is not the patient's any more")
    facts = known.facts_of_later if earlier else known.facts
    clearance = insurance_clearance(visit, facts, policies[claim.policy_id or 0] if earlier else None)
    cents = max(0, known.paid.get(_source(claim.session_id), 0))
    charges = known.charges[claim.session_id]
    content = professional_claim(claim.control_number, visit, clearance, facts, charges, cents, earlier)
    first = policies[earlier[0].claim.policy_id or 0] if earlier else None
    return FiledClaim(content, _form_facts(visit, facts, first))


def _form_facts(visit: Visit, facts: Facts, first: Policy | None) -> FormFacts:
    """``first`` is the policy that paid before this claim, if one did."""
    patient = facts.patients[visit.session.patient_id]
    signed_at = visit.session.signed_at or visit.session.starts_at
    born_on, sex = holder_details(first, patient) if first else (None, None)
    return FormFacts(
        patient_phone=patient.phone or "",
        clinic_phone=facts.clinic.phone,
        signed_on=clock.local(signed_at, facts.clinic.time_zone).date(),
        first_insured_birth_date=born_on,
        first_insured_sex=sex,
    )
