"""What judging and wording messages needs to know, gathered for hundreds of them by a few questions each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, and_, func, literal_column, or_, select

from billing.access.models import User
from billing.access.queries import spelled
from billing.clinic.country import country_of, is_american
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db
from billing.identifiers import readable_phone
from billing.many_rows import among
from billing.patients.details import dialled
from billing.patients.models import Patient
from billing.reminders.automation import ByItself, by_itself
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Channel, Message, OptOut, Rule
from billing.reminders.rules import PLAN, SESSION
from billing.reminders.staff import Alert, staff_alerts
from billing.reminders.timing import Due, Hours, plan_dues
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import ClinicSession, SessionMove
from billing.treatment.models import TreatmentPlan
from billing.treatment.plans import plans_in_force

_TIMED = (SessionEvent.BOOKED, SessionEvent.MOVED, SessionEvent.REBOOKED)
"""By these a session gets its time."""
_GIVEN = (SessionState.ARRIVED, SessionState.SIGNED)
_SAID = (MessageState.SENDING, MessageState.SENT, MessageState.UNKNOWN)
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Here:
    """The clinic, as messages need it."""

    name: str
    phone: str
    """As people there write it."""
    address: str
    zone: str
    country: str
    american: bool
    chosen: ByItself

    @property
    def hours(self) -> Hours:
        """Between which hours messages may be sent."""
        return Hours(self.chosen.quiet_until, self.chosen.quiet_from)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be written to."""

    first_name: str
    number: str
    """In E.164; empty when there is none that can be texted."""
    email: str
    texts: bool
    """Whether they agreed to texts."""
    mails: bool
    zone: str


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session that is to be told of."""

    starts_at: datetime
    minutes: int
    state: SessionState
    booked_at: datetime | None
    """When it got its time; ``None`` for what the old system booked."""
    changes: int
    """How often it got another."""


@dataclass(slots=True)
class Facts:
    """What is known, by number of the record."""

    here: Here
    patients: dict[int, Person] = field(default_factory=dict)
    sessions: dict[int, SessionFacts] = field(default_factory=dict)
    plans: dict[int, list[Due]] = field(default_factory=dict)
    """What is to be said of the course of care that each patient is in, by the plan's number."""
    alerts: dict[tuple[str, int, str], Alert] = field(default_factory=dict)
    """What is to be said to staff, by what it is about and its slot."""
    staff: dict[int, Person] = field(default_factory=dict)
    stopped: set[tuple[Channel, str]] = field(default_factory=set)
    said: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    """When texts went to a number lately."""


def here(db: Db) -> Here:
    """The clinic and what it has chosen. Raises :class:`billing.clinic.queries.NoClinic`."""
    clinic = the_clinic(db)
    country = country_of(clinic)
    parts = (clinic.address1, clinic.address2 or "", clinic.city, f"{clinic.state} {clinic.zip[:5]}".strip())
    return Here(
        name=clinic.name,
        phone=readable_phone(clinic.phone, country or "ZZ"),
        address=", ".join(part for part in parts if part),
        zone=clinic.time_zone,
        country=country,
        american=is_american(clinic),
        chosen=by_itself(db),
    )


PATIENT_COLUMNS: tuple[Any, ...] = (
    Patient.first_name, Patient.phone, Patient.email, Patient.sms_consent, Patient.email_consent, Patient.time_zone,
)  # fmt: skip


@lru_cache(maxsize=200_000)
def number_of(phone: str, country: str) -> str:
    """The number in E.164, or nothing; remembered, since to read one takes a tenth of a millisecond."""
    return dialled(phone, country)


def person(row: Row[Any], where: Here) -> Person:
    """Whoever the :data:`PATIENT_COLUMNS` are of."""
    return Person(
        first_name=row.first_name,
        number=number_of(row.phone, where.country) if row.phone else "",
        email=row.email or "",
        texts=row.sms_consent,
        mails=row.email_consent,
        zone=row.time_zone or where.zone,
    )


def gather(db: Db, messages: Sequence[Row[Any]], first_at: datetime, last_at: datetime) -> Facts:
    """What judging these messages needs, each at an instant of that span."""
    facts = Facts(here(db))
    about: dict[str, set[int]] = defaultdict(set)
    for one in messages:
        about[one.subject_kind].add(one.subject_id)
    _gather_people(db, facts, messages)
    if ids := about[SESSION]:
        facts.sessions = sessions_by_id(db, ids)
    if about[PLAN]:
        patients = {one.patient_id for one in messages if one.subject_kind == PLAN}
        facts.plans = plan_facts(db, patients, local(last_at, facts.here.zone).date(), facts)
    if any(one.rule is Rule.LICENCE for one in messages):
        facts.alerts = {one.key: one for one in licence_alerts(db, facts.here)}
    addresses = {(Channel.TEXT, each.number) for each in facts.patients.values() if each.number}
    addresses |= {(Channel.EMAIL, spelled(each.email)) for each in facts.patients.values() if each.email}
    facts.stopped = stopped(db, addresses)
    numbers = {facts.patients[one.patient_id].number for one in messages if one.channel is Channel.TEXT}
    _gather_said(db, facts, numbers - {""}, first_at)
    return facts


def _gather_people(db: Db, facts: Facts, messages: Sequence[Row[Any]]) -> None:
    patient_ids = {one.patient_id for one in messages if one.patient_id is not None}
    if patient_ids:
        rows = db.execute(select(Patient.id, *PATIENT_COLUMNS).where(among(db, Patient.id, patient_ids)))
        facts.patients = {row.id: person(row, facts.here) for row in rows}
    user_ids = {one.user_id for one in messages if one.user_id is not None}
    if user_ids:
        open_ones = select(User.id, User.name, User.email).where(User.id.in_(user_ids), User.disabled_at.is_(None))
        facts.staff = {
            row.id: Person(row.name.split()[0] if row.name.split() else "", "", row.email, False, True, facts.here.zone)
            for row in db.execute(open_ones)
        }


def sessions_by_id(db: Db, ids: Collection[int]) -> dict[int, SessionFacts]:
    """These sessions; two questions."""
    timed = booked_at_of(db, ids)
    one = ClinicSession
    rows = db.execute(select(one.id, one.starts_at, one.minutes, one.state).where(among(db, one.id, ids)))
    return {row.id: SessionFacts(row.starts_at, row.minutes, row.state, *timed.get(row.id, (None, 0))) for row in rows}


def booked_at_of(db: Db, ids: Collection[int]) -> dict[int, tuple[datetime, int]]:
    """When each of these sessions got its time, where that is on record, and how often it has got one."""
    one = SessionMove
    rows = db.execute(
        select(one.session_id, func.max(one.at), func.count())
        .where(among(db, one.session_id, ids), one.event.in_(_TIMED))
        .group_by(one.session_id)
    )
    return {session_id: (at, count) for session_id, at, count in rows}


def plan_facts(db: Db, patient_ids: Iterable[int], on: date, facts: Facts) -> dict[int, list[Due]]:
    """What is to be said of the courses of care that these patients are in on a day, by plan; ``facts`` knows them."""
    plans = plans_in_force(db, patient_ids, on)
    days = _days_of(db, plans)
    off, hours = facts.here.chosen.rules_off, facts.here.hours
    return {
        plan.id: plan_dues(plan, *days[patient_id], facts.patients[patient_id].zone, hours, off)
        for patient_id, plan in plans.items()
    }


def _days_of(db: Db, plans: dict[int, TreatmentPlan]) -> dict[int, tuple[list[date], list[date]]]:
    """For each patient the days on which they were treated since the plan began, and those that are booked."""
    days: dict[int, tuple[list[date], list[date]]] = defaultdict(lambda: ([], []))
    if plans:
        one = ClinicSession
        rows = db.execute(
            select(one.patient_id, one.service_on, one.state).where(
                one.patient_id.in_(plans),
                one.service_on >= min(plan.starts_on for plan in plans.values()),
                one.state.in_((*_GIVEN, SessionState.BOOKED)),
            )
        )
        for patient_id, service_on, state in rows:
            days[patient_id][state is SessionState.BOOKED].append(service_on)
    return days


def licence_alerts(db: Db, where: Here) -> list[Alert]:
    """What is to be said to staff of licences and the like, and when."""
    return staff_alerts(db, where.zone, where.hours, where.chosen.rules_off)


def stopped(db: Db, addresses: Collection[tuple[Channel, str]]) -> set[tuple[Channel, str]]:
    """Those of the addresses that must not be written to."""
    found: set[tuple[Channel, str]] = set()
    for channel in Channel:
        theirs = [address for way, address in addresses if way is channel]
        if theirs:
            opted_out = and_(OptOut.channel == channel, among(db, OptOut.address, theirs), OptOut.resumed_at.is_(None))
            found |= {(channel, address) for address in db.scalars(select(OptOut.address).where(opted_out))}
    return found


def _gather_said(db: Db, facts: Facts, numbers: Collection[str], at: datetime) -> None:
    """Texts of the week before ``at``, and since, to these numbers."""
    if not numbers:
        return
    one = Message
    went_at = func.coalesce(one.sent_at, one.taken_at).label("went_at")
    since = at - A_WEEK - timedelta(days=1)
    rows = db.execute(
        select(one.address, went_at, one.state).where(
            # Written out, so that the index of addresses that are there serves.
            one.address != literal_column("''"),
            among(db, one.address, numbers),
            one.channel == Channel.TEXT,
            or_(one.sent_at > since, one.taken_at > since),
        )
    )
    for address, moment, state in rows:
        # Asked for in the question, this would have a planner that knows no better read all that was ever sent.
        if state in _SAID:
            facts.said[address].append(moment)
