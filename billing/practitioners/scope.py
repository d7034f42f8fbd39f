"""Whether a licence allows a service: what the clinic has entered of it, and what the law of its state says. Pure.

Only what was entered of a licence stops anything; nobody's entry means that it is not known, and nothing is held by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from billing.errors import Problem, block
from billing.practitioners.lapsing import same_words
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus, Practitioner
from billing.practitioners.queries import full_name

ANY_ACUPUNCTURE = ("97810",)
"""What a session is taken for before anything is charted in it."""
RULE = "licence.service_not_allowed"


@dataclass(frozen=True, slots=True)
class Service:
    """One class of services that not every licence allows."""

    id: str
    name: str
    codes: tuple[str, ...]
    """Its procedure codes; one without codes is told and never judged."""


@dataclass(frozen=True, slots=True)
class StateScope:
    """What the law of a state says of its licence."""

    id: str
    name: str
    country: str
    region: str
    allowed: Mapping[str, bool]
    """By service; what it does not name is not known."""
    source: str
    checked_on: date
    is_verified: bool
    """Whether it was read at the authority itself; what was not is to be checked."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scopes:
    """All classes of services, and what states say of them."""

    services: tuple[Service, ...]
    states: tuple[StateScope, ...]

    def of_code(self, code: str) -> Service | None:
        """The class to which a procedure code belongs, if it is one of those that a licence may not allow."""
        return next((one for one in self.services if code in one.codes), None)

    def of_licence(self, issuer: str, country: str) -> StateScope | None:
        """What is known of the licences of a state."""
        return next(
            (one for one in self.states if one.country == country and same_words(one.region) == same_words(issuer)),
            None,
        )


def scope_problems(
    practitioner: Practitioner,
    credentials: Iterable[Credential],
    state: str,
    codes: Iterable[str],
    on: date,
    known: Scopes,
) -> list[Problem]:
    """The services charted that no licence of the state in force on the day allows, as far as that was entered.

    One licence that is entered as allowing a service is enough: somebody may hold two, as an acupuncturist and as a
    massage therapist.
    """
    in_force = [
        one
        for one in credentials
        if one.kind is CredentialKind.LICENCE
        and same_words(one.issuer) == same_words(state)
        and one.status is CredentialStatus.ACTIVE
        and one.covers(on)
    ]
    found: dict[str, tuple[Service, list[str]]] = {}
    for code in codes:
        if service := known.of_code(code):
            found.setdefault(service.id, (service, []))[1].append(code)
    return [
        _problem(practitioner, barring[0], service, charted, on)
        for service, charted in found.values()
        if (barring := [one for one in in_force if allows(one, service) is False])
        and not any(allows(one, service) for one in in_force)
    ]


def allows(licence: Credential, service: Service) -> bool | None:
    """Whether a licence allows a service; nothing while nobody has entered it."""
    entered = (licence.scope or {}).get(service.id)
    return entered if isinstance(entered, bool) else None


def _problem(
    practitioner: Practitioner, licence: Credential, service: Service, charted: Iterable[str], on: date
) -> Problem:
    codes = ", ".join(dict.fromkeys(charted))
    return block(
        RULE,
        f"{service.name} ({codes}) is not allowed by licence {licence.number} ({licence.issuer}) of "
        f"{full_name(practitioner)}, as it is on file for {on}.",
        "Let somebody treat whose licence allows it. If this one does, correct what it allows on its page.",
        f"licence_services:{licence.id}",
    )
