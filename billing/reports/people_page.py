"""The people who treat, as the settings list them: licence, number, account and payers of each.

A fixed number of queries, however many people there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from billing.access.models import User
from billing.access.permissions import Permission, may
from billing.access.queries import users
from billing.clinic.country import is_american
from billing.clinic.models import Clinic
from billing.database import Db
from billing.errors import Problem
from billing.practitioners.accounts import account_of
from billing.practitioners.licensing import licence_problems, npi_problems
from billing.practitioners.models import Credential, Enrolment, Practitioner
from billing.practitioners.queries import accounts, all_credentials, all_practitioners
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession


@dataclass(frozen=True, slots=True)
class Person:
    """A practitioner with what a list shows of them."""

    practitioner: Practitioner
    has_left: bool
    licence: Sequence[Problem]
    """Why nothing may be billed today; empty when a licence is in force, or where none is asked for."""
    npi: Sequence[Problem]
    account: User | None
    payers: int
    """With how many payers they are enrolled today."""


def people(db: Db, clinic: Clinic, today: date) -> list[Person]:
    """Everybody who treats or has treated, who works here first; four queries."""
    american = is_american(clinic)
    credentials, signing_in, enrolled = all_credentials(db), accounts(db), _enrolled(db, today)
    found = [
        Person(
            one,
            one.left_on is not None and one.left_on <= today,
            licence_problems(one, _of(credentials, one), clinic.state, today) if american else (),
            npi_problems(one) if american else (),
            signing_in.get(one.id),
            enrolled.get(one.id, 0),
        )
        for one in all_practitioners(db)
    ]
    return sorted(found, key=lambda person: person.has_left)


def sessions_after_leaving(db: Db, practitioner: Practitioner) -> int:
    """How many sessions are still booked with somebody on days on which they are gone."""
    if practitioner.left_on is None:
        return 0
    booked = select(func.count()).where(
        ClinicSession.practitioner_id == practitioner.id,
        ClinicSession.service_on >= practitioner.left_on,
        ClinicSession.state == SessionState.BOOKED,
    )
    return db.scalar(booked) or 0


def accounts_to_choose(db: Db, practitioner_id: int) -> list[User]:
    """Accounts that sign notes and are nobody else's, the practitioner's own included, by name."""
    taken = {user.id for other, user in accounts(db).items() if other != practitioner_id}
    own = account_of(db, practitioner_id)
    return [
        one
        for one in users(db)
        if (may(one.role, Permission.SIGN) and one.disabled_at is None and one.id not in taken)
        or (own is not None and one.id == own.id)
    ]


def _of(credentials: Sequence[Credential], practitioner: Practitioner) -> list[Credential]:
    return [one for one in credentials if one.practitioner_id == practitioner.id]


def _enrolled(db: Db, today: date) -> dict[int, int]:
    rows = db.execute(
        select(Enrolment.practitioner_id, func.count(Enrolment.payer_id.distinct()))
        .where(
            Enrolment.effective_from <= today,
            Enrolment.effective_to.is_(None) | (Enrolment.effective_to >= today),
        )
        .group_by(Enrolment.practitioner_id)
    )
    return dict(rows.all())
