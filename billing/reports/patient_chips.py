"""What is worth knowing of a patient before anything else, in a few words each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from billing.coverage.summary import Cover, PolicySummary
from billing.patients.models import Patient
from billing.reports.chips import Chip, Tone, safety_chips

FEW = 3
"""So many visits left ask for attention."""
_TONES = {
    Cover.COVERED: Tone.GOOD,
    Cover.STALE: Tone.WARN,
    Cover.CONTRADICTORY: Tone.WARN,
    Cover.UNKNOWN: Tone.WARN,
    Cover.NOT_COVERED: Tone.BAD,
    Cover.INACTIVE: Tone.BAD,
}


def head_chips(patient: Patient, policies: Sequence[PolicySummary], *, has_payers: bool) -> list[Chip]:
    """Safety flags, coverage, visits left, signature and consents, in always the same order.

    ``policies`` are all on file, those in force first; a clinic that bills no insurer (``has_payers``) is told
    nothing of insurance.
    """
    shown = safety_chips(patient)
    if has_payers:
        shown += _insurance_chips(patient, policies)
    return [*shown, _consent_chip(patient)]


def cover_chip(one: PolicySummary) -> Chip:
    """What is known of a policy; the unknown is neither covered nor not covered."""
    return Chip(one.cover_words, _TONES[one.cover], one.cover_reason, f"policy:{one.policy.id}")


def _insurance_chips(patient: Patient, policies: Sequence[PolicySummary]) -> Iterator[Chip]:
    current = [one for one in policies if one.cover is not Cover.INACTIVE]
    where = f"patient:{patient.id}"
    if current:
        yield cover_chip(current[0])
        yield from _visits_chips(current[0])
    elif policies:
        yield Chip("No insurance in force", Tone.WARN, "Every policy on file has ended or has not begun.", where)
    else:
        yield Chip("No insurance", Tone.QUIET)
    if not patient.signature_on_file:
        why = "The release of information and the assignment of benefits are not signed; claims are held."
        yield (
            Chip("No signature on file", Tone.BAD, why, where) if current else Chip("No signature on file", Tone.QUIET)
        )


def _visits_chips(one: PolicySummary) -> Iterator[Chip]:
    if one.needs_authorisation and one.authorisation is None:
        why = "The plan wants an authorisation, and none with visits left is in force. Ask for one before treating."
        yield Chip("Authorisation missing", Tone.BAD, why, f"patient:{one.policy.patient_id}")
    elif one.needs_authorisation and one.authorisation is not None:
        left = one.authorisation.left
        yield Chip(f"{left} authorised left", Tone.GOOD if left > FEW else Tone.WARN, f"{one.authorisation.words}.")
    if one.visits is not None and one.cover is not Cover.NOT_COVERED:
        left = one.visits.left
        tone = Tone.BAD if not left else Tone.WARN if left <= FEW else Tone.GOOD
        yield Chip(f"{left} visits left" if left != 1 else "1 visit left", tone, one.visits.arithmetic)


def _consent_chip(patient: Patient) -> Chip:
    ways = [words for words, given in (("text", patient.sms_consent), ("e-mail", patient.email_consent)) if given]
    return Chip(f"Messages by {' and '.join(ways)}" if ways else "No messages wanted", Tone.QUIET)
