"""What one asks about practitioners, their credentials and their enrolments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select

from billing.access.models import User
from billing.database import Db
from billing.errors import NotFound
from billing.payers.models import Payer
from billing.practitioners.models import (
    ContinuingEducation,
    Credential,
    Enrolment,
    Practitioner,
    PractitionerAccount,
)


def all_practitioners(db: Db) -> Sequence[Practitioner]:
    """Everybody who treats or has treated here, by name."""
    order = (Practitioner.last_name, Practitioner.first_name, Practitioner.id)
    return db.scalars(select(Practitioner).order_by(*order)).all()


def practitioner_with_id(db: Db, practitioner_id: int) -> Practitioner:
    """The practitioner with that number. Raises :class:`NotFound`."""
    practitioner = db.get(Practitioner, practitioner_id)
    if practitioner is None:
        raise NotFound(f"There is no practitioner {practitioner_id}.")
    return practitioner


def full_name(practitioner: Practitioner) -> str:
    """First and last name."""
    return f"{practitioner.first_name} {practitioner.last_name}"


def all_credentials(db: Db) -> Sequence[Credential]:
    """Everybody's licences and certificates, of all times."""
    return db.scalars(select(Credential).order_by(Credential.valid_from, Credential.id)).all()


def credentials_of(db: Db, practitioner_id: int) -> Sequence[Credential]:
    """One practitioner's licences and certificates, of all times."""
    theirs = select(Credential).where(Credential.practitioner_id == practitioner_id)
    return db.scalars(theirs.order_by(Credential.valid_from, Credential.id)).all()


def premises_of(db: Db, place_id: int | None) -> Sequence[Credential]:
    """The certificates of a place of work, of all times; of the clinic's own address when it is empty."""
    of_premises = select(Credential).where(Credential.practitioner_id.is_(None))
    here = Credential.place_id.is_(None) if place_id is None else Credential.place_id == place_id
    return db.scalars(of_premises.where(here).order_by(Credential.valid_from, Credential.id)).all()


def by_practitioner(credentials: Iterable[Credential]) -> dict[int, list[Credential]]:
    """The entries of each person, in the order given; those of places are nobody's."""
    grouped: dict[int, list[Credential]] = defaultdict(list)
    for one in credentials:
        if one.practitioner_id is not None:
            grouped[one.practitioner_id].append(one)
    return grouped


def credential_with_id(db: Db, credential_id: int) -> Credential:
    """The entry with that number. Raises :class:`NotFound`."""
    credential = db.get(Credential, credential_id)
    if credential is None:
        raise NotFound(f"There is no licence or certificate {credential_id}.")
    return credential


def enrolments_of(db: Db, practitioner_id: int) -> list[tuple[Enrolment, Payer]]:
    """One practitioner's standing with payers over time, by the payers' names."""
    rows = db.execute(_enrolments().where(Enrolment.practitioner_id == practitioner_id))
    return [(enrolment, payer) for enrolment, payer in rows]


def all_enrolments(db: Db) -> list[tuple[Enrolment, Payer]]:
    """Everybody's standing with payers over time, by practitioner and then by the payers' names."""
    return [(enrolment, payer) for enrolment, payer in db.execute(_enrolments())]


def _enrolments() -> Select[Enrolment, Payer]:
    by_payer = (Payer.name, Payer.id, Enrolment.effective_from)
    joined = select(Enrolment, Payer).join(Payer, Payer.id == Enrolment.payer_id)
    return joined.order_by(Enrolment.practitioner_id, *by_payer)


def enrolment_with_id(db: Db, enrolment_id: int) -> Enrolment:
    """The enrolment with that number. Raises :class:`NotFound`."""
    enrolment = db.get(Enrolment, enrolment_id)
    if enrolment is None:
        raise NotFound(f"There is no enrolment {enrolment_id}.")
    return enrolment


def accounts(db: Db) -> dict[int, User]:
    """The account of each practitioner who signs in."""
    rows = db.execute(
        select(PractitionerAccount.practitioner_id, User).join(User, User.id == PractitionerAccount.user_id)
    )
    return dict(rows.all())


def all_education(db: Db) -> dict[int, list[ContinuingEducation]]:
    """Everybody's courses, by practitioner, the latest first."""
    found: dict[int, list[ContinuingEducation]] = defaultdict(list)
    order = (ContinuingEducation.completed_on.desc(), ContinuingEducation.id)
    for one in db.scalars(select(ContinuingEducation).order_by(*order)):
        found[one.practitioner_id].append(one)
    return found


def education_of(db: Db, practitioner_id: int) -> Sequence[ContinuingEducation]:
    """One practitioner's courses, the latest first."""
    theirs = select(ContinuingEducation).where(ContinuingEducation.practitioner_id == practitioner_id)
    return db.scalars(theirs.order_by(ContinuingEducation.completed_on.desc(), ContinuingEducation.id)).all()
