"""What staff are told of: credentials that lapse, education that is missing, enrolments that are looked into again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from billing import clock
from billing.access.models import User
from billing.access.permissions import Role
from billing.clinic.country import country_of
from billing.clinic.models import Clinic, PlaceOfWork
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.practitioners.conditions import lacking
from billing.practitioners.education import cycle_of, education_needed, shortage
from billing.practitioners.lapsing import Held, held
from billing.practitioners.licensing import is_acupuncturist
from billing.practitioners.models import (
    ContinuingEducation,
    Credential,
    CredentialKind,
    CredentialStatus,
    Practitioner,
    PractitionerAccount,
)
from billing.practitioners.queries import all_credentials, all_education, all_enrolments, full_name
from billing.practitioners.renewal_data import renewals
from billing.practitioners.renewal_rules import RenewalRule
from billing.reminders.models import Rule
from billing.reminders.rules import EDUCATION, EDUCATION_DAYS_BEFORE, ENROLMENT, LICENCE, LICENCE_DAYS_BEFORE
from billing.reminders.timing import Due, Hours, licence_dues, staff_dues
from billing.reminders.wording import Licence

_HOUR = 60


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that somebody of the staff is to be told."""

    subject_kind: str
    subject_id: int
    user_id: int
    due: Due
    said: Licence

    @property
    def key(self) -> tuple[str, int, str]:
        """By which a message is known to be about it still."""
        return self.subject_kind, self.subject_id, self.due.slot


@dataclass(slots=True)
class _Staff:
    """Who is told, and who it is about."""

    people: dict[int, Practitioner]
    owners: set[int]
    own: dict[int, int]
    """The account of each practitioner who has an open one."""
    places: dict[int, str]
    clinic: Clinic
    education: dict[int, list[ContinuingEducation]] = field(default_factory=dict)
    credentials: Sequence[Credential] = ()

    def told_of(self, practitioner_id: int | None) -> list[int]:
        """The accounts that are told: every owner, and whom it is about."""
        theirs = {self.own[practitioner_id]} if practitioner_id in self.own else set()
        return sorted(self.owners | theirs)

    def is_here(self, practitioner_id: int | None, on: date) -> bool:
        """Whether they still work here that day."""
        left_on = self.people[practitioner_id].left_on if practitioner_id is not None else None
        return left_on is None or left_on > on

    def name(self, one: Held) -> str:
        """Whose it is: a person's name, or a place's."""
        if one.practitioner_id is not None:
            return full_name(self.people[one.practitioner_id])
        place_id = one.entries[-1].place_id
        return self.places[place_id] if place_id is not None else self.clinic.name


def staff_alerts(db: Db, zone: str, hours: Hours, off: Collection[Rule] = ()) -> list[Alert]:
    """Everything that is to be said to staff, whenever it is due; eight queries."""
    if Rule.LICENCE in off:
        return []
    staff = _staff(db)
    found: list[Alert] = []
    staff.credentials = all_credentials(db)
    for one in held(staff.credentials):
        if staff.is_here(one.practitioner_id, one.entries[-1].ends_on):
            told = staff.told_of(one.practitioner_id)
            found += _of_credential(one, staff, told, zone, hours)
            found += _of_education(one, staff, told, zone, hours)
    return [*found, *_of_enrolments(db, staff, zone, hours)]


def _staff(db: Db) -> _Staff:
    users = dict(db.execute(select(User.id, User.role).where(User.disabled_at.is_(None))).all())
    accounts = db.execute(select(PractitionerAccount.practitioner_id, PractitionerAccount.user_id))
    return _Staff(
        people={one.id: one for one in db.scalars(select(Practitioner))},
        owners={one for one, role in users.items() if role is Role.OWNER},
        own={practitioner_id: user_id for practitioner_id, user_id in accounts if user_id in users},
        places={one.id: one.name for one in db.scalars(select(PlaceOfWork))},
        clinic=the_clinic(db),
        education=all_education(db),
    )


def _of_credential(one: Held, staff: _Staff, told: Sequence[int], zone: str, hours: Hours) -> Iterator[Alert]:
    last, rules = one.entries[-1], _rules(one, staff)
    for subject_id, user_id, due in licence_dues(one, told, zone, hours):
        on = min(clock.local(due.due_at, zone).date(), last.ends_on)
        missing = "; ".join(each.words for each in lacking(one, rules, staff.credentials, on))
        said = Licence(last.kind, one.number, one.issuer, staff.name(one), last.ends_on, missing=missing)
        yield Alert(LICENCE, subject_id, user_id, due, said)


def _rules(one: Held, staff: _Staff) -> Sequence[RenewalRule]:
    """The rules that may be meant, the most fitting first; those about licences are about acupuncturists' alone."""
    holder = staff.people.get(one.practitioner_id or 0)
    if one.kind is CredentialKind.LICENCE and holder is not None and not is_acupuncturist(holder):
        return ()
    return renewals().for_credential(one.kind, one.issuer, country_of(staff.clinic), staff.clinic.state)


def _of_education(one: Held, staff: _Staff, told: Sequence[int], zone: str, hours: Hours) -> Iterator[Alert]:
    """What is missing for the renewal of something, before it is too late to learn it."""
    last = one.entries[-1]
    rule = next(iter(_rules(one, staff)), None)
    if one.practitioner_id is None or rule is None or rule.education is None:
        return
    cycle = cycle_of(one, rule)
    if cycle is None or last.status is not CredentialStatus.ACTIVE or one.is_replaced(last.ends_on):
        return
    missing = shortage(education_needed(rule.education, staff.education.get(one.practitioner_id, ()), cycle))
    if missing:
        words = f"{-(-missing // _HOUR)} {rule.education.unit}"
        said = Licence(last.kind, one.number, one.issuer, staff.name(one), cycle.last, EDUCATION, words)
        for due, user_id in staff_dues(cycle.last, EDUCATION_DAYS_BEFORE, told, zone, hours):
            yield Alert(EDUCATION, last.id, user_id, due, said)


def _of_enrolments(db: Db, staff: _Staff, zone: str, hours: Hours) -> Iterator[Alert]:
    for one, payer in all_enrolments(db):
        by = one.recredential_by
        if by is None or not staff.is_here(one.practitioner_id, by):
            continue
        if one.effective_to is None or one.effective_to > by:
            holder = full_name(staff.people[one.practitioner_id])
            said = Licence(None, one.identifier or "", payer.name, holder, by, ENROLMENT)
            told = staff.told_of(one.practitioner_id)
            for due, user_id in staff_dues(by, LICENCE_DAYS_BEFORE, told, zone, hours):
                yield Alert(ENROLMENT, one.id, user_id, due, said)
