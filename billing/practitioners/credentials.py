"""Entering, renewing, correcting and suspending credentials.

Nothing is deleted: a renewal is a new entry after the old one, and a suspension splits an entry at its days, so
that any past day can still be judged by what held then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from billing.clinic.country import is_american
from billing.clinic.queries import the_clinic
from billing.database import Db, hold_lock
from billing.errors import Problem, Refused, block
from billing.practitioners.credential_details import (
    CredentialDetails,
    credential_details_of,
    detail_problems,
    overlap_problems,
)
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from billing.practitioners.queries import credential_with_id, credentials_of, practitioner_with_id, premises_of

NO_SCOPE: Mapping[str, Any] = {}
_A_DAY = timedelta(days=1)
_RENEWED = (CredentialStatus.ACTIVE, CredentialStatus.RESTRICTED)


def add_credential(db: Db, practitioner_id: int | None, details: CredentialDetails) -> Credential:
    """Put a licence or certificate on file; ``practitioner_id`` is empty for a certificate of premises.

    Raises :class:`NotFound` for an unknown practitioner, :class:`Refused` with every reason.
    """
    if practitioner_id is not None:
        practitioner_with_id(db, practitioner_id)
    tidied = details.tidied()
    _refuse_any(_problems(db, practitioner_id, tidied))
    return _written(db, practitioner_id, tidied, CredentialStatus.ACTIVE)


def renew_credential(db: Db, credential_id: int, number: str, valid_from: date, valid_to: date | None) -> Credential:
    """Put what follows an entry on file, under the same number or a new one; the old entry stays as it is.

    The terms of insurance stay, and so do what it allows and conditions that the issuer has set.

    Raises :class:`NotFound` for an unknown entry, :class:`Refused` with every reason.
    """
    old = credential_with_id(db, credential_id)
    details = replace(credential_details_of(old), number=number, valid_from=valid_from, valid_to=valid_to).tidied()
    problems = list(_problems(db, old.practitioner_id, details))
    if old.status not in _RENEWED:
        why = f"It is {old.status}, and what was taken away is not renewed."
        fix = "Lift it from the day on which the issuer gives it back, or add the new one by itself."
        problems.append(block("credential.status", why, fix, "field:number"))
    if old.valid_to is None:
        why = "Its last day is not on file, so nothing can follow it."
        problems.append(block("credential.dates", why, "Enter the last day of this entry first.", "field:valid_from"))
    elif valid_to is not None and valid_from <= valid_to <= old.valid_to:
        why = f"The renewal would end on {valid_to}, no later than the present one on {old.valid_to}."
        problems.append(block("credential.dates", why, "Copy the last day from the new document.", "field:valid_to"))
    _refuse_any(problems)
    return _written(db, old.practitioner_id, details, old.status, old.scope)


def correct_credential(
    db: Db, credential_id: int, practitioner_id: int | None, details: CredentialDetails
) -> Credential:
    """Put right what was typed wrongly, be it whose entry it is; whether it is suspended stays.

    Raises :class:`NotFound` for an unknown entry or practitioner, :class:`Refused` with every reason.
    """
    credential = credential_with_id(db, credential_id)
    if practitioner_id is not None:
        practitioner_with_id(db, practitioner_id)
    tidied = details.tidied()
    _refuse_any(_problems(db, practitioner_id, tidied, but=credential.id))
    credential.practitioner_id = practitioner_id
    _write(credential, tidied)
    db.flush()
    return credential


def suspend_credential(
    db: Db, credential_id: int, status: CredentialStatus, first_day: date, last_day: date | None = None
) -> Credential:
    """Note that the issuer suspends, revokes or restricts it from ``first_day`` on, to ``last_day`` if that is known.

    What was valid before stays valid for those days, and after ``last_day`` it is in force again up to its end.
    Gives the entry that is not in force. Raises :class:`NotFound`, :class:`Refused` with every reason.
    """
    credential = credential_with_id(db, credential_id)
    _hold(db, credential.practitioner_id)
    _refuse_any(_suspension_problems(credential, status, first_day, last_day))
    ends = credential.valid_to
    barred = _cut(db, credential, first_day, status)
    if last_day is not None and (ends is None or last_day < ends):
        _cut(db, barred, last_day + _A_DAY, CredentialStatus.ACTIVE)
    return barred


def lift_suspension(db: Db, credential_id: int, on: date) -> Credential:
    """Note that a suspended or revoked credential is in force again from ``on`` up to its end.

    On the first day of the suspension this says that there never was one. Gives the entry in force.
    Raises :class:`NotFound`, :class:`Refused` with every reason.
    """
    credential = credential_with_id(db, credential_id)
    _hold(db, credential.practitioner_id)
    problems = []
    if credential.status is CredentialStatus.ACTIVE:
        why = "It is neither suspended, revoked nor restricted."
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
    after = replace(credential_details_of(credential), valid_from=on)
    credential.valid_to = on - _A_DAY
    return _written(db, credential.practitioner_id, after, status, credential.scope)


def _written(
    db: Db,
    practitioner_id: int | None,
    details: CredentialDetails,
    status: CredentialStatus,
    scope: Mapping[str, Any] = NO_SCOPE,
) -> Credential:
    made = Credential(practitioner_id=practitioner_id, status=status, scope=dict(scope))
    _write(made, details)
    db.add(made)
    db.flush()
    return made


def _write(credential: Credential, details: CredentialDetails) -> None:
    credential.kind, credential.issuer, credential.number = details.kind, details.issuer, details.number
    credential.valid_from, credential.valid_to = details.valid_from, details.valid_to
    credential.place_id, cover = details.place_id, details.cover
    credential.form, credential.retro_date = cover.form, cover.retro_date
    credential.per_claim_cents, credential.aggregate_cents = cover.per_claim_cents, cover.aggregate_cents


def _hold(db: Db, practitioner_id: int | None) -> None:
    """Wait until nobody else changes the entries of the same owner."""
    hold_lock(db, f"credentials:{practitioner_id or 'premises'}")


def _problems(
    db: Db, practitioner_id: int | None, details: CredentialDetails, but: int | None = None
) -> Iterator[Problem]:
    _hold(db, practitioner_id)
    american = is_american(the_clinic(db))
    yield from detail_problems(details, american=american)
    if (practitioner_id is None) is not (details.kind is CredentialKind.PREMISES):
        why = "A certificate of premises belongs to a place of work and to nobody; anything else belongs to somebody."
        yield block("credential.owner", why, "Choose another kind, or another holder.", "field:kind")
    theirs = premises_of(db, details.place_id) if practitioner_id is None else credentials_of(db, practitioner_id)
    yield from overlap_problems(details, [one for one in theirs if one.id != but])


def credentials_beside(db: Db, credential: Credential) -> Sequence[Credential]:
    """All entries of whoever has this one: a person, or a place of work."""
    if credential.practitioner_id is None:
        return premises_of(db, credential.place_id)
    return credentials_of(db, credential.practitioner_id)


def _suspension_problems(
    credential: Credential, status: CredentialStatus, first_day: date, last_day: date | None
) -> Iterator[Problem]:
    if status is CredentialStatus.ACTIVE:
        why = "A suspension, a revocation or a restriction is meant."
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
    elif credential.valid_to is not None and last_day > credential.valid_to:
        why = f"The credential itself ends on {credential.valid_to}, before {last_day}."
        yield block("credential.dates", why, "Leave the last day empty: it does not come back.", "field:last_day")


def _within(credential: Credential, on: date, where: str) -> list[Problem]:
    if credential.valid_from <= on <= (credential.valid_to or date.max):
        return []
    ends = f"to {credential.valid_to}" if credential.valid_to else "on"
    why = f"{on} is outside the days of this entry, {credential.valid_from} {ends}."
    return [block("credential.dates", why, "Give a day within them.", where)]


def _refuse_any(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise Refused(" ".join(problem.why for problem in found), found)
