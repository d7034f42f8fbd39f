"""May this practitioner render a service in this state, for this payer, on this day?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from billing.clinic.places import Workplace
from billing.errors import Problem, block, warn
from billing.identifiers import is_npi
from billing.payers.models import Payer
from billing.practitioners.checks import attestation_problems, exclusion_problems, malpractice_problems
from billing.practitioners.lapsing import same_words
from billing.practitioners.models import (
    Credential,
    CredentialKind,
    CredentialStatus,
    Enrolment,
    Practitioner,
    Supervision,
)
from billing.practitioners.queries import full_name
from billing.practitioners.registration import registration_problems
from billing.practitioners.scope import scope_problems
from billing.practitioners.scope_data import scopes

_PHYSICIAN_TAXONOMY = "20"
_ACUPUNCTURIST = "171100000X"
_OTHER_MEDICARE_TAXONOMIES = ("363A", "363L", "364S")
_PHYSICIAN_LETTERS = {"MD", "DO"}


@dataclass(frozen=True, slots=True)
class Clinician:
    """Somebody who treats, with all that is on file of them."""

    practitioner: Practitioner
    credentials: Sequence[Credential] = ()
    enrolments: Sequence[Enrolment] = ()
    supervisions: Sequence[Supervision] = ()
    """By whom their treatments are supervised."""
    premises: Sequence[Credential] = ()
    """Certificates of the clinic's places of work."""


def may_render(who: Clinician, place: Workplace, payer: Payer | None, on: date) -> list[Problem]:
    """Every reason why a service of this clinician at ``place`` on ``on`` cannot be billed to ``payer``.

    What is also told without keeping it from being billed comes as a warning. Without a payer nothing is asked that
    only matters to one: enrolment, attestation, exclusion.
    """
    return [
        *npi_problems(who.practitioner),
        *practice_problems(who, place, on),
        *malpractice_problems(who.practitioner, who.credentials, on),
        *(_payer_problems(who, place, payer, on) if payer else []),
    ]


def practice_problems(who: Clinician, place: Workplace, on: date) -> list[Problem]:
    """Whether they may treat there at all that day, whoever pays.

    Where a state licenses acupuncturists it is the licence of that state; elsewhere what is on file with local
    authorities and professional bodies.
    """
    if place.licenses_acupuncturists:
        return licence_problems(who.practitioner, who.credentials, place.state, on)
    return registration_problems(who.practitioner, who.credentials, who.premises, place, on)


def may_serve(who: Clinician, place: Workplace, codes: Iterable[str], on: date) -> list[Problem]:
    """Which services, by procedure code, no licence of theirs there allows, as far as that was entered."""
    if not place.licenses_acupuncturists:
        return []
    return scope_problems(who.practitioner, who.credentials, place.state, codes, on, scopes())


def _payer_problems(who: Clinician, place: Workplace, payer: Payer, on: date) -> list[Problem]:
    return [
        *enrolment_problems(who.practitioner, who.enrolments, payer, on, place),
        *attestation_problems(who.practitioner, who.credentials, payer, on),
        *exclusion_problems(who.practitioner, who.credentials, on),
    ]


def npi_problems(practitioner: Practitioner) -> list[Problem]:
    """Whether the practitioner's NPI is there and passes its check digit."""
    if practitioner.npi and is_npi(practitioner.npi):
        return []
    why = f"fails its check digit: {practitioner.npi}" if practitioner.npi else "is missing"
    return [
        block(
            "npi.invalid",
            f"The NPI of {full_name(practitioner)} {why}.",
            "Correct it from the national registry (NPPES).",
            f"practitioner:{practitioner.id}",
        )
    ]


def licence_problems(
    practitioner: Practitioner, credentials: Sequence[Credential], state: str, on: date
) -> list[Problem]:
    """Whether a licence of ``state`` is in force on the day, and unrestricted.

    A suspension, revocation or restriction that covers the day outweighs any other licence of the same state. A
    licence whose last day nobody knows is not in force.
    """
    licences = [
        one for one in credentials if one.kind is CredentialKind.LICENCE and same_words(one.issuer) == same_words(state)
    ]
    covering = [one for one in licences if one.covers(on)]
    barred = [one for one in covering if one.status is not CredentialStatus.ACTIVE]
    where = f"practitioner:{practitioner.id}"
    if barred:
        return [_barred(practitioner, sorted(barred, key=_gravity)[0], state, on)]
    if covering:
        return []
    endless = [one for one in licences if one.valid_to is None and one.valid_from <= on]
    if endless:
        return [
            block(
                "licence.end_unknown",
                f"Nobody has entered when licence {endless[-1].number} ({state}) of {full_name(practitioner)} ends, so "
                f"it is not known to be in force on {on}.",
                "Look its last day up at the board, and enter it.",
                where,
            )
        ]
    ended = [one for one in licences if one.valid_to is not None and one.valid_to < on]
    if ended:
        last = max(ended, key=lambda one: one.ends_on)
        return [
            block(
                "licence.lapsed",
                f"Licence {last.number} ({state}) of {full_name(practitioner)} ended on {last.valid_to}, before {on}.",
                "Enter the renewal when the board has issued it; sessions within its dates are released by themselves.",
                where,
            )
        ]
    return [
        block(
            "licence.missing",
            f"{full_name(practitioner)} has no licence of {state} that was in force on {on}.",
            "Enter the licence with its dates.",
            where,
        )
    ]


_GRAVITY = (CredentialStatus.REVOKED, CredentialStatus.SUSPENDED, CredentialStatus.RESTRICTED)


def _gravity(one: Credential) -> int:
    return _GRAVITY.index(one.status)


def _barred(practitioner: Practitioner, licence: Credential, state: str, on: date) -> Problem:
    where = f"practitioner:{practitioner.id}"
    if licence.status is CredentialStatus.RESTRICTED:
        return block(
            "licence.restricted",
            f"Licence {licence.number} ({state}) of {full_name(practitioner)} is restricted on {on}.",
            "Payers ask for an unrestricted licence: lift the restriction from the day on which the board does.",
            where,
        )
    return block(
        "licence.suspended",
        f"Licence {licence.number} ({state}) of {full_name(practitioner)} is {licence.status} on {on}.",
        "Nothing may be billed for this day unless the board lifts it for the day; then correct the licence.",
        where,
    )


def enrolment_problems(
    practitioner: Practitioner, enrolments: Iterable[Enrolment], payer: Payer, on: date, place: Workplace | None = None
) -> list[Problem]:
    """Whether the practitioner's standing with the payer, in or out of network, is on file for the day.

    With a ``place`` it must hold there: an enrolment for one place of work is none at another.
    """
    where = f"practitioner:{practitioner.id}"
    in_force = enrolments_on(enrolments, payer, on)
    there = in_force if place is None else enrolments_at(in_force, place)
    if not in_force:
        return [
            block(
                "enrolment.missing",
                f"{full_name(practitioner)} has no enrolment with {payer.name} in force on {on}.",
                "Enter the enrolment with the date the payer confirmed; approval is rarely retroactive.",
                where,
            )
        ]
    if place is not None and not there:
        return [
            block(
                "enrolment.missing",
                f"{full_name(practitioner)} is enrolled with {payer.name} on {on}, but not for {place.words}.",
                "Have the payer add the place of work, and enter the enrolment with the date it confirmed.",
                where,
            )
        ]
    overdue = [one for one in there if one.recredential_by is not None and one.recredential_by < on]
    if overdue and len(overdue) == len(there):
        return [
            warn(
                "enrolment.recredentialing_overdue",
                f"{payer.name} wanted {full_name(practitioner)} looked into again by {overdue[0].recredential_by}.",
                "Send the payer what it asked for, and enter the next date; else it may end the enrolment.",
                where,
            )
        ]
    return []


def enrolments_on(enrolments: Iterable[Enrolment], payer: Payer, on: date) -> list[Enrolment]:
    """Those with the payer that are in force on the day, wherever they hold."""
    return [
        one
        for one in enrolments
        if one.payer_id == payer.id and one.effective_from <= on <= (one.effective_to or date.max)
    ]


def enrolments_at(enrolments: Iterable[Enrolment], place: Workplace) -> list[Enrolment]:
    """Those that hold at a place of work; what is for this place alone stands first."""
    there = [one for one in enrolments if one.place_id in (None, place.place_id)]
    return sorted(there, key=lambda one: one.place_id is None)


def bills_medicare(practitioner: Practitioner) -> bool:
    """Whether Medicare enrols this kind of professional to bill acupuncture (CMS NCD 30.3.3).

    Physicians, physician assistants, nurse practitioners and clinical nurse specialists are; an
    acupuncturist is not. Told by the taxonomy code (NUCC) or by the letters after the name: a physician
    whose taxonomy on file is the acupuncturist's is still a physician.
    """
    if (practitioner.taxonomy or "").startswith((_PHYSICIAN_TAXONOMY, *_OTHER_MEDICARE_TAXONOMIES)):
        return True
    return not _PHYSICIAN_LETTERS.isdisjoint(letters_of(practitioner))


def letters_of(practitioner: Practitioner) -> frozenset[str]:
    """The letters after the name one by one, in capitals and without dots: ``LAC``, ``MD``."""
    return frozenset((practitioner.credentials or "").replace(".", "").upper().replace(",", " ").split())


def is_acupuncturist(practitioner: Practitioner) -> bool:
    """Whether the rules about acupuncturists' licences are about theirs: not about a physician's, or a masseur's."""
    return not bills_medicare(practitioner) and (practitioner.taxonomy or _ACUPUNCTURIST) == _ACUPUNCTURIST
