"""Whether somebody may treat where no state licenses acupuncturists, as in the United Kingdom. Pure.

Nothing here keeps a note from being signed: who is exempt, and which council asks, is not known here. What was on
file and is over is told, and so is what is not on file where everybody needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from billing.clinic.places import Workplace
from billing.errors import Problem, warn
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus, Practitioner
from billing.practitioners.queries import full_name

_BRITAIN, _WALES = "GB", "wales"
WALES_SINCE = date(2024, 11, 29)
"""From then on everybody who needles in Wales needs a Special Procedures Licence, and each place a certificate (Public
Health (Wales) Act 2017, part 4); some statutorily registered professionals are exempt."""
_KINDS = {
    CredentialKind.LICENCE: "licence",
    CredentialKind.REGISTRATION: "registration",
    CredentialKind.MEMBERSHIP: "membership",
}


def registration_problems(
    practitioner: Practitioner,
    credentials: Iterable[Credential],
    premises: Iterable[Credential],
    place: Workplace,
    on: date,
) -> list[Problem]:
    """What of registrations, licences and memberships on file is not in force on the day, and what Wales asks for."""
    name = full_name(practitioner)
    where = f"practitioner:{practitioner.id}"
    theirs = list(credentials)
    problems = []
    for kind, words in _KINDS.items():
        known = [one for one in theirs if one.kind is kind and one.place_id in (None, place.place_id)]
        if problem := _over(known, f"The {words} of {name}", f"{kind}.lapsed", where, on):
            problems.append(problem)
    here = [one for one in premises if one.place_id == place.place_id]
    if problem := _over(here, f"The certificate of {place.words}", "premises.lapsed", _of_place(place), on):
        problems.append(problem)
    if is_in_wales(place) and on >= WALES_SINCE:
        if not any(one.kind in (CredentialKind.REGISTRATION, CredentialKind.LICENCE) for one in theirs):
            why = f"In Wales {name} needs a Special Procedures Licence, and none is on file."
            problems.append(warn("registration.missing", why, "Enter it, unless the profession is exempt.", where))
        if not here:
            why = f"In Wales {place.words} needs an Approved Premises Certificate, and none is on file."
            problems.append(warn("premises.missing", why, "Enter it under Licences.", _of_place(place)))
    return problems


def is_in_wales(place: Workplace) -> bool:
    """Whether the place says that it is in Wales."""
    return place.country == _BRITAIN and _WALES in place.state.casefold()


def _of_place(place: Workplace) -> str:
    return f"place:{place.place_id}" if place.place_id else "clinic:1"


def _over(known: Sequence[Credential], what: str, rule: str, where: str, on: date) -> Problem | None:
    """Whether something of a kind was on file before the day, and nothing of it is in force on it."""
    begun = [one for one in known if one.valid_from <= on]
    if not begun or any(one.covers(on) and one.status is CredentialStatus.ACTIVE for one in begun):
        return None
    last = max(begun, key=lambda one: one.ends_on)
    if last.covers(on):
        return warn(rule, f"{what} ({last.issuer}) is {last.status} on {on}.", "Ask who issued it.", where)
    if last.valid_to is None:
        return warn(rule, f"{what} ({last.issuer}) has no last day on file.", "Enter its last day.", where)
    return warn(rule, f"{what} ({last.issuer}) ended on {last.valid_to}, before {on}.", "Enter the renewal.", where)
