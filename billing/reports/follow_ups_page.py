"""Follow-ups: who should come and has nothing booked, with all that is needed to call them and to book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select

from billing import clock
from billing.database import Db
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Channel, Message, Rule
from billing.reminders.rules import PLAN
from billing.reports.due_courses import GIVEN, DueCourse, Urgency, due_courses
from billing.reports.outlook_facts import Surroundings, insured_here, surroundings
from billing.sessions.booking import slot_of
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.outlook import Clinicians, Coming, Insured, outlook
from billing.sessions.proposals import first_day_at
from billing.sessions.slots import Slot
from billing.treatment.spacing import brought_forward

ROWS = 50
FEW = 3
"""So many visits left ask for attention."""
_RULES = (Rule.FOLLOW_UP, Rule.RECALL)
_STANDS = (MessageState.SENT, MessageState.SENDING, MessageState.PLANNED)
"""What is shown though more is to come."""
_LACKING = {
    "coverage.excluded": "not covered",
    "authorisation.missing": "authorisation missing",
    "authorisation.used_up": "authorisation used up",
}
"""What is asked for before anybody is called, by rule."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which follow-ups a page shows."""

    urgency: Urgency = Urgency.OVERDUE
    practitioner_id: int | None = None
    after: str = ""
    """A page's ``following``; what is none begins anew."""


@dataclass(frozen=True, slots=True)
class InsuranceLeft:
    """Who would pay for the session, and how many more they would pay for."""

    payer: str = ""
    """Empty where no insurance is in force that day."""
    visits: int | None = None
    """Left of the plan's year before this session; ``None`` when no limit is known."""
    authorised: int | None = None
    """Left of the authorisation that it would use; ``None`` when it would use none."""
    lacking: tuple[str, ...] = ()
    """Why nothing would be paid, in words."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """What was, or will be, said to the patient about this session: the last that was said, else the next to come."""

    message_id: int
    channel: Channel
    state: MessageState
    at: datetime
    """When it was sent, or is due to be."""
    said: int
    """How many were sent about this session."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One who should come."""

    course: DueCourse
    patient: Patient
    practitioner: Practitioner
    """Of the course."""
    last_visit: ClinicSession | None
    insurance: InsuranceLeft
    reminded: Reminded | None
    offered_on: date
    """The day to offer: when it is due, or the same weekday of this week or the next."""
    usual: Slot | None
    """With whom, at which hour, where and how long the patient comes; its day is that of the last visit."""
    with_id: int
    """Who is to treat: the course's practitioner, or whoever treated last where that one has left."""
    room_id: int | None
    """The usual room, while it is open and the same practitioner treats there."""


@dataclass(frozen=True, slots=True)
class FollowUpsPage:
    """A page of follow-ups."""

    rows: tuple[FollowUp, ...]
    counts: Mapping[Urgency, int]
    """Of the practitioner that is looked at, or of all."""
    practitioners: tuple[Practitioner, ...]
    """Whose courses are followed up, by name."""
    following: str
    """What to ask the next page with; empty at the end."""


def follow_ups_page(db: Db, at: datetime, wanted: Wanted, limit: int = ROWS) -> FollowUpsPage:
    """Those to follow up at an instant. A fixed number of queries, one more where somebody is at Medicare."""
    around = surroundings(db)
    zone = around.clinic.time_zone
    courses = due_courses(db, clock.local(at, zone).date())
    treating = {one.plan.practitioner_id for one in courses}
    theirs = [one for one in courses if wanted.practitioner_id in (None, one.plan.practitioner_id)]
    rows = [one for one in theirs if one.urgency is wanted.urgency]
    if place := _place(wanted.after):
        rows = [one for one in rows if one.place > place]
    shown = rows[:limit]
    return FollowUpsPage(
        rows=tuple(_told(db, shown, around, at)),
        counts=Counter(one.urgency for one in theirs),
        practitioners=tuple(one for one in around.practitioners if one.id in {*treating, wanted.practitioner_id}),
        following="~".join(map(str, shown[-1].place)) if len(rows) > limit else "",
    )


def _place(after: str) -> tuple[int, int] | None:
    day, _, own = after.partition("~")
    digits = (day.removeprefix("-"), own)
    if not all(one.isascii() and one.isdecimal() and len(one) < 19 for one in digits):
        return None
    return int(day), int(own)


def _told(db: Db, courses: Sequence[DueCourse], around: Surroundings, at: datetime) -> list[FollowUp]:
    if not courses:
        return []
    zone = around.clinic.time_zone
    today = clock.local(at, zone).date()
    patient_ids = [one.plan.patient_id for one in courses]
    known = insured_here(db, patient_ids, around, today)
    visits, said = _last_visits(db, patient_ids), _reminded(db, courses)
    rows = []
    for one in courses:
        patient_id, clinicians = one.plan.patient_id, around.clinicians
        last = visits.get(patient_id)
        usual = slot_of(last, zone) if last else None
        offered_on = brought_forward(one.due_on, first_day_at(usual.at if usual else None, at, zone))
        with_id = _who_treats(one, usual, around, offered_on)
        rows.append(
            FollowUp(
                course=one,
                patient=known[patient_id].patient,
                practitioner=clinicians.practitioners[one.plan.practitioner_id],
                last_visit=last,
                insurance=_insurance(one, known[patient_id], clinicians, offered_on),
                reminded=said.get(one.plan.id),
                offered_on=offered_on,
                usual=usual,
                with_id=with_id,
                room_id=_room(usual, with_id, around, offered_on),
            )
        )
    return rows


def _who_treats(course: DueCourse, usual: Slot | None, around: Surroundings, on: date) -> int:
    here = {one.id for one in around.treating_on(on)}
    own = course.plan.practitioner_id
    return usual.practitioner_id if own not in here and usual and usual.practitioner_id in here else own


def _room(usual: Slot | None, with_id: int, around: Surroundings, on: date) -> int | None:
    if usual is None or usual.practitioner_id != with_id:
        return None
    return usual.room_id if usual.room_id in {one.id for one in around.rooms_on(on)} else None


def _last_visits(db: Db, patient_ids: Collection[int]) -> dict[int, ClinicSession]:
    """The last session that each of these patients was given; one query."""
    one = ClinicSession
    # Filtered by state behind the order: before it, SQLite would go through all sessions that were ever given.
    is_given = case((one.state.in_(GIVEN), 1), else_=0)
    order = (is_given.desc(), one.starts_at.desc(), one.id.desc())
    latest = func.row_number().over(partition_by=one.patient_id, order_by=order).label("nth")
    theirs = select(one.id, is_given.label("is_given"), latest).where(one.patient_id.in_(patient_ids)).subquery()
    last = select(one).join(theirs, theirs.c.id == one.id).where(theirs.c.nth == 1, theirs.c.is_given == 1)
    sessions = db.scalars(last)
    return {each.patient_id: each for each in sessions}


def _insurance(course: DueCourse, known: Insured, clinicians: Clinicians, on: date) -> InsuranceLeft:
    bill_to = BillTo.INSURANCE if known.paying(on, None, clinicians.payers) else BillTo.SELF
    coming = Coming(known.patient.id, course.plan.practitioner_id, on, bill_to, is_new=True)
    found = outlook(coming, known, clinicians)
    if found.payer is None:
        return InsuranceLeft()
    count, given = found.count, found.authorisation
    return InsuranceLeft(
        payer=found.payer.name,
        # The session itself is counted as one of the visits.
        visits=max(0, count.allowed - count.number + 1) if count else None,
        authorised=max(0, given.visits - found.authorised_visit + 1) if given else None,
        lacking=tuple(_LACKING[one.rule] for one in found.problems if one.rule in _LACKING),
    )


def _reminded(db: Db, courses: Sequence[DueCourse]) -> dict[int, Reminded]:
    """By plan, what was said about the session that is due; what was said of an earlier one is left out."""
    due_on = {one.plan.id: one.due_on.isoformat() for one in courses}
    one = Message
    rows = db.execute(
        select(one.id, one.subject_id, one.slot, one.channel, one.state, one.due_at, one.sent_at)
        .where(one.subject_kind == PLAN, one.subject_id.in_(due_on), one.rule.in_(_RULES))
        .order_by(one.due_at, one.id)
    )
    found: dict[int, Reminded] = {}
    for row in rows:
        if row.slot.partition(":")[0] != due_on[row.subject_id]:
            continue
        before, is_said = found.get(row.subject_id), row.state is MessageState.SENT
        said = (before.said if before else 0) + is_said
        if before and before.state in _STANDS and not is_said:
            continue
        found[row.subject_id] = Reminded(row.id, row.channel, row.state, row.sent_at or row.due_at, said)
    return found
