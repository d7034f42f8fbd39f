"""A visit and its charges as the professional claim that an 837P carries.

The claim says what is on file on the day it is built; the caller freezes it.
"""

from __future__ import annotations

from collections.abc import Sequence

from billing.charges.models import Charge
from billing.claims.content.other_payers import line_adjudications, medicare_secondary_reason, other_payers
from billing.claims.content.parties import address, patient_of, payer_of, subscriber_of
from billing.claims.coordination import TURNS, Asked, have_decided
from billing.clinic.models import Clinic, PlaceOfWork, TaxIdKind
from billing.codes.diagnoses import undotted
from billing.coverage.models import Relationship
from billing.edi.claim_837p import claim as edi
from billing.edi.text import plain_text
from billing.identifiers import tax_id_digits
from billing.practitioners.models import Practitioner
from billing.sessions.clearance import Clearance
from billing.sessions.facts import Facts, Visit
from billing.sessions.models import AccidentKind, ClinicSession

POINTERS = 4
"""Diagnoses a line can point to (X12 005010X222A1 SV107)."""

_RELATED_CAUSE = {
    AccidentKind.AUTO: edi.RelatedCause.AUTO_ACCIDENT,
    AccidentKind.WORK: edi.RelatedCause.EMPLOYMENT,
    AccidentKind.OTHER: edi.RelatedCause.OTHER_ACCIDENT,
}
_TITLES = {"DR", "DR.", "PROF", "PROF.", "MR", "MR.", "MS", "MS.", "MRS", "MRS."}
_LETTERS = {"MD", "DO", "DC", "NP", "PA", "PHD", "LAC", "ND", "DPM"}


def professional_claim(
    control_number: str,
    visit: Visit,
    clearance: Clearance,
    facts: Facts,
    charges: Sequence[Charge],
    patient_paid_cents: int,
    earlier: Sequence[Asked] = (),
) -> edi.ProfessionalClaim:
    """The claim of a visit on the payer of its clearance, under the patient control number given.

    ``earlier`` are those whose turn came before, with what they decided; none for the primary claim. It asks
    for the full charges all the same. The clearance must have no blocking problem; otherwise parts of it may
    be missing (``ValueError``).
    """
    session, policy, payer = visit.session, clearance.policy, clearance.payer
    if policy is None or payer is None:
        raise ValueError("a claim needs a policy in force")
    turn = TURNS[len(earlier)]
    if not have_decided(earlier, turn, charges):
        raise ValueError("an earlier payer has still to decide")
    patient = facts.patients[session.patient_id]
    is_self = policy.relationship is Relationship.SELF
    injury = session.accident is not None
    diagnoses = tuple(undotted(code) for code in visit.chart.diagnoses)
    first_payer_id = earlier[0].claim.payer_id if earlier else payer.id
    return edi.ProfessionalClaim(
        control_number=control_number,
        billing_provider=billing_provider(facts.clinic),
        subscriber=subscriber_of(
            policy,
            payer,
            patient,
            edi.Responsibility(turn),
            medicare_secondary_reason(visit, payer, first_payer_id, facts),
        ),
        payer=payer_of(payer),
        patient=None if is_self else patient_of(patient, policy),
        total_cents=sum(charge.cents for charge in charges),
        place_of_service=session.place_of_service,
        diagnoses=diagnoses,
        lines=tuple(
            _line(control_number, charge, len(diagnoses), line_adjudications(charge, earlier, facts))
            for charge in charges
        ),
        related_causes=(_RELATED_CAUSE[session.accident],) if session.accident else (),
        accident_state=session.accident_state or "",
        accident_on=session.onset_on if injury else None,
        onset_on=None if injury else session.onset_on,
        prior_authorisation=plain_text(clearance.authorisation.number) if clearance.authorisation else "",
        property_casualty_number=plain_text(session.claim_number or ""),
        patient_paid_cents=patient_paid_cents,
        referring=_referring(session),
        rendering=_rendering(clearance.rendering, facts.clinic),
        supervising=_provider(clearance.supervising) if clearance.supervising else None,
        facility=service_facility(facts.place(session), facts.clinic),
        other_payers=other_payers(visit, policy, facts, earlier),
    )


def billing_provider(clinic: Clinic) -> edi.BillingProvider:
    """The clinic as the one to be paid."""
    return edi.BillingProvider(
        name=edi.Organisation(plain_text(clinic.name)),
        npi=clinic.npi or "",
        tax_id=tax_id_digits(clinic.tax_id),
        tax_id_kind=edi.TaxIdKind.EMPLOYER if clinic.tax_id_kind is TaxIdKind.EIN else edi.TaxIdKind.SOCIAL_SECURITY,
        address=address(clinic.address1, clinic.address2, clinic.city, clinic.state, clinic.zip),
        taxonomy=clinic.taxonomy or "",
    )


def service_facility(place: PlaceOfWork | None, clinic: Clinic) -> edi.ServiceFacility | None:
    """Where the service was given, named only when that is not the billing address (X12 005010X222A1 2310C, box 32)."""
    if place is None:
        return None
    there = address(place.address1, place.address2, place.city, place.state, place.zip)
    if there == billing_provider(clinic).address:
        return None
    return edi.ServiceFacility(plain_text(place.name), there, place.npi or "")


def submitter(clinic: Clinic) -> edi.Submitter:
    """The clinic as the sender of the file."""
    digits = "".join(character for character in clinic.phone if character.isdigit())[-10:]
    return edi.Submitter(
        name=edi.Organisation(plain_text(clinic.name)),
        identifier=plain_text(clinic.submitter_id or tax_id_digits(clinic.tax_id)),
        contact=edi.Contact(name=plain_text(clinic.name), phone=digits),
    )


def _line(
    control_number: str, charge: Charge, diagnoses: int, adjudications: tuple[edi.LineAdjudication, ...]
) -> edi.ServiceLine:
    return edi.ServiceLine(
        procedure=charge.code,
        modifiers=tuple(charge.modifiers),
        charge_cents=charge.cents,
        units=charge.units,
        service_on=charge.service_on,
        pointers=tuple(range(1, min(diagnoses, POINTERS) + 1)),
        control_number=line_control_number(control_number, charge.position),
        adjudications=adjudications,
    )


def line_control_number(control_number: str, position: int) -> str:
    """What a line is called in the answer (REF*6R)."""
    return f"{control_number}L{position}"


def _provider(practitioner: Practitioner) -> edi.Provider:
    name = edi.Person(plain_text(practitioner.last_name), plain_text(practitioner.first_name))
    return edi.Provider(name, practitioner.npi or "", practitioner.taxonomy or "")


def _rendering(practitioner: Practitioner, clinic: Clinic) -> edi.Provider | None:
    """Named only when it is somebody else than the billing provider (X12 005010X222A1 2310B)."""
    return None if practitioner.npi == clinic.npi else _provider(practitioner)


def _referring(session: ClinicSession) -> edi.Provider | None:
    words = plain_text((session.referring_name or "").replace(",", " ")).split()
    words = [word for word in words if word not in _TITLES]
    while len(words) > 1 and words[-1].replace(".", "") in _LETTERS:
        words.pop()
    if not words:
        return None
    return edi.Provider(edi.Person(words[-1], " ".join(words[:-1])), session.referring_npi or "")
