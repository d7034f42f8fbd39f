"""What credentials, and how they stand, are called on the screen."""

from __future__ import annotations

from typing import Any

from billing.practitioners.lapsing import NEVER, Standing
from billing.practitioners.models import CoverForm, CredentialKind, CredentialStatus

KINDS = {
    CredentialKind.LICENCE: "Licence",
    CredentialKind.CERTIFICATION: "Certification",
    CredentialKind.MALPRACTICE: "Malpractice cover",
    CredentialKind.CPR: "CPR",
    CredentialKind.NEEDLE_TECHNIQUE: "Needle technique",
    CredentialKind.ATTESTATION: "Attestation (CAQH)",
    CredentialKind.EXCLUSION_CHECK: "Exclusion check",
    CredentialKind.MEMBERSHIP: "Membership",
    CredentialKind.REGISTRATION: "Registration",
    CredentialKind.PREMISES: "Premises",
    CredentialKind.TRAINING: "Training",
}
TONES = {
    Standing.VALID: "good",
    Standing.LAPSES_SOON: "warn",
    Standing.NOT_YET: "info",
    Standing.END_UNKNOWN: "bad",
    Standing.LAPSED: "bad",
    Standing.RESTRICTED: "bad",
    Standing.SUSPENDED: "bad",
    Standing.REVOKED: "bad",
}
TAKEN_AWAY = [
    (CredentialStatus.SUSPENDED, "Suspended"),
    (CredentialStatus.REVOKED, "Revoked"),
    (CredentialStatus.RESTRICTED, "Restricted"),
]
FORMS = {CoverForm.OCCURRENCE: "Occurrence", CoverForm.CLAIMS_MADE: "Claims-made"}


def standing_words(standing: Standing, days_left: int) -> str:
    """How a credential stands, as a chip says it."""
    if standing is Standing.LAPSES_SOON:
        return "Lapses today" if not days_left else f"Lapses in {days_left} {'day' if days_left == 1 else 'days'}"
    if standing is Standing.END_UNKNOWN:
        return "Last day unknown"
    return "In force" if standing is Standing.VALID else standing.value.capitalize()


def credential_words() -> dict[str, Any]:
    """What the templates about credentials name."""
    return {"kind_words": KINDS, "tones": TONES, "standing_words": standing_words, "never_from": NEVER}
