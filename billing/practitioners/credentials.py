"""Entering, renewing, correcting and suspending credentials.

Nothing is deleted: a renewal is a new entry after the old one, and a suspension splits an entry at its days, so
that any past day can still be judged by what held then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from billing.clinic.addresses import STATES
from billing.clinic.country import is_american
from billing.clinic.queries import the_clinic
from billing.database import Db, hold_lock
from billing.errors import Problem, Refused, block
from billing.practitioners.lapsing import same_words
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from billing.practitioners.queries import credential_with_id, credentials_of, practitioner_with_id

LONGEST_TEXT = 100
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CredentialDetails:
    """What a licence, certificate or certificate of insurance says."""

    kind: CredentialKind
    issuer: str
    """A state's two letters for a licence in the United States, else the body that issued it."""
    number: str
    valid_from: date
    valid_to: date
    """The last day on which it is valid."""


def credential_details_of(credential: Credential) -> CredentialDetails:
    """What is on file of an entry."""
    return CredentialDetails(
        credential.kind, credential.issuer, credential.number, credential.valid_from, credential.valid_to
    )


def add_credential(db: Db, practitioner_id: int, details: CredentialDetails) -> Credential:
    """Put a licence or certificate on file.

    Raises :class:`NotFound` for an unknown practitioner, :class:`Refused` with every reason.
    """
    practitioner_with_id(db, practitioner_id)
    tidied = _tidied(details)
    _refuse_any(_problems(db, practitioner_id, tidied))
    return _written(db, practitioner_id, tidied, CredentialStatus.ACTIVE)


def renew_credential(db: Db, credential_id: int, number: str, valid_from: date, valid_to: date) -> Credential:
    """Put what follows an entry on file, under the same number or a new one; the old entry stays as it is.

    Raises :class:`NotFound` for an unknown entry, :class:`Refused` with every reason.
    """
    old = credential_with_id(db, credential_id)
    details = _tidied(CredentialDetails(old.kind, old.issuer, number, valid_from, valid_to))
    problems = list(_problems(db, old.practitioner_id, details))
    if old.status is not CredentialStatus.ACTIVE:
        why = f"It is {old.status}, and what was taken away is not renewed."
        fix = "Lift it from the day on which the issuer gives it back, or add the new one by itself."
        problems.append(block("credential.status", why, fix, "field:number"))
    if valid_to <= old.valid_to and valid_from <= valid_to:
        why = f"The renewal would end on {valid_to}, no later than the present one on {old.valid_to}."
        problems.append(block("credential.dates", why, "Copy the last day from the new document.", "field:valid_to"))
    _refuse_any(problems)
    return _written(db, old.practitioner_id, details, CredentialStatus.ACTIVE)


def correct_credential(db: Db, credential_id: int, practitioner_id: int, details: CredentialDetails) -> Credential:
    """Put right what was typed wrongly, be it whose entry it is; whether it is suspended stays.

    Raises :class:`NotFound` for an unknown entry or practitioner, :class:`Refused` with every reason.
    """
    credential = credential_with_id(db, credential_id)
    practitioner_with_id(db, practitioner_id)
    tidied = _tidied(details)
    _refuse_any(_problems(db, practitioner_id, tidied, but=credential.id))
    credential.practitioner_id = practitioner_id
    credential.kind, credential.issuer, credential.number = tidied.kind, tidied.issuer, tidied.number
    credential.valid_from, credential.valid_to = tidied.valid_from, tidied.valid_to
    db.flush()
    return credential


def suspend_credential(
    db: Db, credential_id: int, status: CredentialStatus, first_day: date, last_day: date | None = None
) -> Credential:
    """Note that the issuer suspends or revokes it from ``first_day`` on, to ``last_day`` if that is known.

    What was valid before stays valid for those days, and after ``last_day`` it is in force again up to its end.
    Gives the entry that is not in force. Raises :class:`NotFound`, :class:`Refused` with every reason.
    """
    credential = credential_with_id(db, credential_id)
    hold_lock(db, f"credentials:{credential.practitioner_id}")
    _refuse_any(_suspension_problems(credential, status, first_day, last_day))
    ends = credential.valid_to
    barred = _cut(db, credential, first_day, status)
    if last_day is not None and last_day < ends:
        _cut(db, barred, last_day + _A_DAY, CredentialStatus.ACTIVE)
    return barred


def lift_suspension(db: Db, credential_id: int, on: date) -> Credential:
    """Note that a suspended or revoked credential is in force again from ``on`` up to its end.

    On the first day of the suspension this says that there never was one. Gives the entry in force.
    Raises :class:`NotFound`, :class:`Refused` with every reason.
    """
    credential = credential_with_id(db, credential_id)
    hold_lock(db, f"credentials:{credential.practitioner_id}")
    problems = []
    if credential.status is CredentialStatus.ACTIVE:
        why = "It is neither suspended nor revoked."
        problems.append(block("credential.status", why, "Look at how it stands now.", "field:on"))
    problems += _within(credential, on, "field:on")
    _refuse_any(problems)
    return _cut(db, credential, on, CredentialStatus.ACTIVE)


def _cut(db: Db, credential: Credential, on: date, status: CredentialStatus) -> Credential:
    """Let an entry have that status from the day on: the entry itself from its first day, else a new one after it."""
    if on == credential.valid_from:
        credential.status = status
        db.flush()
        return credential
    after = CredentialDetails(credential.kind, credential.issuer, credential.number, on, credential.valid_to)
    credential.valid_to = on - _A_DAY
    return _written(db, credential.practitioner_id, after, status)


def _written(db: Db, practitioner_id: int, details: CredentialDetails, status: CredentialStatus) -> Credential:
    made = Credential(
        practitioner_id=practitioner_id, kind=details.kind, issuer=details.issuer, number=details.number,
        valid_from=details.valid_from, valid_to=details.valid_to, status=status,
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made


def _tidied(details: CredentialDetails) -> CredentialDetails:
    issuer, number = " ".join(details.issuer.split()), " ".join(details.number.split())
    if details.kind is CredentialKind.LICENCE and len(issuer) == 2:
        issuer = issuer.upper()
    return CredentialDetails(details.kind, issuer, number, details.valid_from, details.valid_to)


def _problems(db: Db, practitioner_id: int, details: CredentialDetails, but: int | None = None) -> Iterator[Problem]:
    hold_lock(db, f"credentials:{practitioner_id}")
    american = is_american(the_clinic(db))
    yield from detail_problems(details, american=american)
    others = [one for one in credentials_of(db, practitioner_id) if one.id != but]
    yield from overlap_problems(details, others)


def detail_problems(details: CredentialDetails, *, american: bool) -> Iterator[Problem]:
    """What is wrong with the details by themselves; ``american`` wants a state as the issuer of a licence."""
    for name, label in (("issuer", "issuer"), ("number", "number")):
        typed = getattr(details, name)
        if not any(character.isalnum() for character in typed):
            yield block("credential.missing", f"The {label} is empty.", "Copy it from the document.", f"field:{name}")
        elif len(typed) > LONGEST_TEXT:
            why = f"The {label} is longer than {LONGEST_TEXT} characters."
            yield block("credential.length", why, "Shorten it.", f"field:{name}")
    if american and details.kind is CredentialKind.LICENCE and details.issuer and details.issuer not in STATES:
        fix = "Write the state's two letters, such as OR: a licence counts in the state that issued it."
        yield block("credential.state", "There is no such state.", fix, "field:issuer")
    if details.valid_to < details.valid_from:
        why = f"It would end on {details.valid_to}, before it begins on {details.valid_from}."
        yield block("credential.dates", why, "Correct one of the two days.", "field:valid_to")


def overlap_problems(details: CredentialDetails, others: Iterable[Credential]) -> Iterator[Problem]:
    """Which of the same person's entries says something else about the same credential on some day."""
    for one in others:
        is_same = one.kind is details.kind and same_words(one.issuer) == same_words(details.issuer)
        if not is_same or same_words(one.number) != same_words(details.number):
            continue
        if details.valid_from <= one.valid_to and one.valid_from <= details.valid_to:
            why = (
                f"Number {one.number} of {one.issuer} is on file from {one.valid_from} to {one.valid_to} already, "
                "and some of these days are the same."
            )
            fix = f"Begin on {one.valid_to + _A_DAY}, or correct that entry instead."
            yield block("credential.overlap", why, fix, "field:valid_from")


def _suspension_problems(
    credential: Credential, status: CredentialStatus, first_day: date, last_day: date | None
) -> Iterator[Problem]:
    if status is CredentialStatus.ACTIVE:
        why = "A suspension or a revocation is meant."
        yield block("credential.status", why, "Choose one of them.", "field:status")
    if credential.status is not CredentialStatus.ACTIVE:
        why = f"It is {credential.status} already."
        yield block("credential.status", why, "Lift that first, or correct its days.", "field:status")
    yield from _within(credential, first_day, "field:first_day")
    if last_day is None:
        return
    if status is CredentialStatus.REVOKED:
        why = "What is revoked does not come back on a day that is known."
        yield block("credential.dates", why, "Leave the last day empty, or call it suspended.", "field:last_day")
    if last_day < first_day:
        why = f"The suspension would end on {last_day}, before it begins on {first_day}."
        yield block("credential.dates", why, "Correct one of the two days.", "field:last_day")
    elif last_day > credential.valid_to:
        why = f"The credential itself ends on {credential.valid_to}, before {last_day}."
        yield block("credential.dates", why, "Leave the last day empty: it does not come back.", "field:last_day")


def _within(credential: Credential, on: date, where: str) -> list[Problem]:
    if credential.valid_from <= on <= credential.valid_to:
        return []
    why = f"{on} is outside the days of this entry, {credential.valid_from} to {credential.valid_to}."
    return [block("credential.dates", why, "Give a day within them.", where)]


def _refuse_any(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise Refused(" ".join(problem.why for problem in found), found)
