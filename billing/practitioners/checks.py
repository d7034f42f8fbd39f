"""Malpractice cover, attestations and exclusion checks: what is asked of a practitioner besides the licence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from billing.errors import Problem, block, warn
from billing.payers.models import Payer, PayerKind
from billing.practitioners.models import (
    CoverForm,
    Credential,
    CredentialKind,
    CredentialStatus,
    Practitioner,
)
from billing.practitioners.queries import full_name

LEAST_PER_CLAIM_CENTS, LEAST_AGGREGATE_CENTS = 1_000_000_00, 3_000_000_00
"""What insurers' panels commonly ask for: 1 million for a claim, 3 million in all. To be checked with each payer."""
_DIRECTORY_USERS = frozenset({PayerKind.COMMERCIAL})
"""Kinds of payers that read a directory such as CAQH."""


def malpractice_problems(practitioner: Practitioner, credentials: Iterable[Credential], on: date) -> list[Problem]:
    """Whether malpractice cover answers for treatment of that day: warnings, as no claim is denied for it.

    Cover by occurrence answers for its own days. Claims-made cover answers for every day since its retroactive date,
    as long as it or what follows it is in force when the claim is made.
    """
    covers = [one for one in credentials if one.kind is CredentialKind.MALPRACTICE]
    active = [one for one in covers if one.status is CredentialStatus.ACTIVE]
    answering = [one for one in active if answers_since(one) <= on <= one.ends_on]
    too_late = [one for one in active if one.covers(on) and one not in answering]
    where = f"practitioner:{practitioner.id}"
    if not answering and not too_late:
        return [
            warn(
                "malpractice.lapsed" if covers else "malpractice.missing",
                f"No malpractice cover of {full_name(practitioner)} is on file for {on}.",
                "Enter the certificate of insurance for that day.",
                where,
            )
        ]
    if not answering:
        return [
            warn(
                "malpractice.before_retro_date",
                f"The claims-made cover of {full_name(practitioner)} reaches back to {too_late[0].retro_date}, after "
                f"{on}.",
                "Ask the insurer for prior acts, or enter the cover of that day.",
                where,
            )
        ]
    return [] if any(not low_limits(one) for one in answering) else [_low(practitioner, answering[0], where)]


def answers_since(one: Credential) -> date:
    """The first day of treatment for which cover answers."""
    return one.retro_date if one.form is CoverForm.CLAIMS_MADE and one.retro_date else one.valid_from


def low_limits(one: Credential) -> bool:
    """Whether limits of cover are on file that are below what panels commonly ask for."""
    below_claim = one.per_claim_cents is not None and one.per_claim_cents < LEAST_PER_CLAIM_CENTS
    return below_claim or (one.aggregate_cents is not None and one.aggregate_cents < LEAST_AGGREGATE_CENTS)


def _low(practitioner: Practitioner, one: Credential, where: str) -> Problem:
    return warn(
        "malpractice.low_limits",
        f"The malpractice cover {one.number} of {full_name(practitioner)} is below 1 million for a claim or 3 million "
        "in all, which many payers ask for.",
        "Compare it with the payer's contract, and raise the limits if it asks for more.",
        where,
    )


def is_without_tail(one: Credential, covers: Sequence[Credential], today: date) -> bool:
    """Whether it is claims-made cover that is over while nothing in force reaches back to its days."""
    if one.form is not CoverForm.CLAIMS_MADE or one.ends_on >= today:
        return False
    return not any(each.ends_on >= today and answers_since(each) <= one.ends_on for each in covers)


def attestation_problems(
    practitioner: Practitioner, credentials: Iterable[Credential], payer: Payer, on: date
) -> list[Problem]:
    """Whether an attestation to a directory of insurers that is kept here had lapsed that day.

    Nothing is said where none was ever kept here: not every practitioner is in such a directory.
    """
    if payer.kind not in _DIRECTORY_USERS:
        return []
    attested = [one for one in credentials if one.kind is CredentialKind.ATTESTATION and one.valid_from <= on]
    if not attested or any(one.covers(on) for one in attested):
        return []
    last = max(attested, key=lambda one: one.ends_on)
    return [
        warn(
            "attestation.lapsed",
            f"The attestation of {full_name(practitioner)} at {last.issuer} lapsed on {last.ends_on}.",
            "Attest again there, and enter the day: a lapsed profile stalls or ends participation.",
            f"practitioner:{practitioner.id}",
        )
    ]


def exclusion_problems(practitioner: Practitioner, credentials: Iterable[Credential], on: date) -> list[Problem]:
    """Whether the lists of excluded people were looked through for that day, and what was found.

    A match stops every bill. That nobody has looked for a month is told; nothing is said where no check was ever
    entered here, as it may be kept elsewhere.
    """
    checks = [one for one in credentials if one.kind is CredentialKind.EXCLUSION_CHECK and one.valid_from <= on]
    where = f"practitioner:{practitioner.id}"
    last = max(checks, key=lambda one: (one.valid_from, one.id), default=None)
    if last is not None and last.status is not CredentialStatus.ACTIVE:
        return [
            block(
                "exclusion.found",
                f"{full_name(practitioner)} was found on a list of excluded people on {last.valid_from} "
                f"({last.issuer}).",
                "Nothing may be billed until it is cleared up. If it is somebody else of that name, enter a new check.",
                where,
            )
        ]
    if last is None or last.covers(on):
        return []
    return [
        warn(
            "exclusion.unchecked",
            f"Whether {full_name(practitioner)} is excluded was looked up last on {last.valid_from}; for {on} it is "
            "not known.",
            "Look through the OIG and SAM lists, and enter the day.",
            where,
        )
    ]
