"""May this practitioner render a service in this state, for this payer, on this day?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from billing.errors import Problem, block, warn
from billing.identifiers import is_npi
from billing.payers.models import Payer
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus, Enrolment, Practitioner

_PHYSICIAN_TAXONOMY = "20"
_OTHER_MEDICARE_TAXONOMIES = ("363A", "363L", "364S")
_PHYSICIAN_LETTERS = {"MD", "DO"}


def may_render(
    practitioner: Practitioner,
    credentials: Sequence[Credential],
    enrolments: Iterable[Enrolment],
    *,
    state: str,
    payer: Payer | None,
    on: date,
) -> list[Problem]:
    """Every reason why the practitioner's service in ``state`` on ``on`` cannot be billed to ``payer``.

    ``credentials`` and ``enrolments`` are all of this practitioner's. Without a payer the enrolment
    is not asked about.
    """
    return [
        *npi_problems(practitioner),
        *licence_problems(practitioner, credentials, state, on),
        *_malpractice_problems(practitioner, credentials, on),
        *(enrolment_problems(practitioner, enrolments, payer, on) if payer else []),
    ]


def npi_problems(practitioner: Practitioner) -> list[Problem]:
    """Whether the practitioner's NPI is there and passes its check digit."""
    if practitioner.npi and is_npi(practitioner.npi):
        return []
    why = f"fails its check digit: {practitioner.npi}" if practitioner.npi else "is missing"
    return [
        block(
            "npi.invalid",
            f"The NPI of {_name(practitioner)} {why}.",
            "Correct it from the national registry (NPPES).",
            f"practitioner:{practitioner.id}",
        )
    ]


def licence_problems(
    practitioner: Practitioner, credentials: Sequence[Credential], state: str, on: date
) -> list[Problem]:
    """Whether a licence of ``state`` is in force on the day.

    A suspension or revocation that covers the day outweighs any other licence of the same state.
    """
    licences = [one for one in credentials if one.kind is CredentialKind.LICENCE and _same(one.issuer, state)]
    covering = [one for one in licences if one.valid_from <= on <= one.valid_to]
    barred = [one for one in covering if one.status is not CredentialStatus.ACTIVE]
    where = f"practitioner:{practitioner.id}"
    if barred:
        return [
            block(
                "licence.suspended",
                f"Licence {barred[0].number} ({state}) of {_name(practitioner)} is {barred[0].status} on {on}.",
                "Nothing may be billed for this day unless the board lifts it for the day; then correct the licence.",
                where,
            )
        ]
    if covering:
        return []
    ended = [one for one in licences if one.valid_to < on]
    if ended:
        last = max(ended, key=lambda one: one.valid_to)
        return [
            block(
                "licence.lapsed",
                f"Licence {last.number} ({state}) of {_name(practitioner)} ended on {last.valid_to}, before {on}.",
                "Enter the renewal when the board has issued it; sessions within its dates are released by themselves.",
                where,
            )
        ]
    return [
        block(
            "licence.missing",
            f"{_name(practitioner)} has no licence of {state} that was in force on {on}.",
            "Enter the licence with its dates.",
            where,
        )
    ]


def enrolment_problems(
    practitioner: Practitioner, enrolments: Iterable[Enrolment], payer: Payer, on: date
) -> list[Problem]:
    """Whether the practitioner's standing with the payer, in or out of network, is on file for the day."""
    for one in enrolments:
        if (
            one.payer_id == payer.id
            and one.effective_from <= on
            and (one.effective_to is None or on <= one.effective_to)
        ):
            return []
    return [
        block(
            "enrolment.missing",
            f"{_name(practitioner)} has no enrolment with {payer.name} in force on {on}.",
            "Enter the enrolment with the date the payer confirmed; approval is rarely retroactive.",
            f"practitioner:{practitioner.id}",
        )
    ]


def bills_medicare(practitioner: Practitioner) -> bool:
    """Whether Medicare enrols this kind of professional to bill acupuncture (CMS NCD 30.3.3).

    Physicians, physician assistants, nurse practitioners and clinical nurse specialists are; an
    acupuncturist is not. Told by the taxonomy code (NUCC) or by the letters after the name: a physician
    whose taxonomy on file is the acupuncturist's is still a physician.
    """
    if (practitioner.taxonomy or "").startswith((_PHYSICIAN_TAXONOMY, *_OTHER_MEDICARE_TAXONOMIES)):
        return True
    letters = (practitioner.credentials or "").replace(".", "").upper().replace(",", " ").split()
    return not _PHYSICIAN_LETTERS.isdisjoint(letters)


def _malpractice_problems(practitioner: Practitioner, credentials: Sequence[Credential], on: date) -> list[Problem]:
    covers = [one for one in credentials if one.kind is CredentialKind.MALPRACTICE]
    if any(one.valid_from <= on <= one.valid_to and one.status is CredentialStatus.ACTIVE for one in covers):
        return []
    return [
        warn(
            "malpractice.lapsed" if covers else "malpractice.missing",
            f"No malpractice cover of {_name(practitioner)} is on file for {on}.",
            "Enter the certificate of insurance for that day.",
            f"practitioner:{practitioner.id}",
        )
    ]


def _same(issuer: str, state: str) -> bool:
    return issuer.strip().upper() == state.strip().upper()


def _name(practitioner: Practitioner) -> str:
    return f"{practitioner.first_name} {practitioner.last_name}"
