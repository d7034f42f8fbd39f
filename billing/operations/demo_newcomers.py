"""The demo clinic's newcomers: treated for the first time in the last two weeks, and not yet billed.

What is signed of them is what the evening's billing finds, and none of them has the next session booked, so that
there is somebody to follow up: one whose course has lapsed, two who are overdue, two who are due this week.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from billing import clock
from billing.audit.recording import Actor, ActorKind
from billing.clinic.queries import the_clinic
from billing.coverage.benefit_editing import Verified, verify_benefit
from billing.coverage.models import BenefitSource, Relationship
from billing.coverage.policy_editing import PolicyDetails, add_policy
from billing.database import Db
from billing.errors import Refused
from billing.patients.details import PatientDetails
from billing.patients.models import Patient, Sex
from billing.patients.registering import register
from billing.payers.models import Payer
from billing.reminders.consenting import Reach, note_consent
from billing.sessions.booking import book
from billing.sessions.calendar import DEFAULT_CONTACT_MINUTES, DEFAULT_MINUTES
from billing.sessions.charting import ChartContent, ChartedSet, NoteText
from billing.sessions.documenting import save_chart
from billing.sessions.moving import check_in, check_out
from billing.sessions.signing import sign
from billing.sessions.slots import Slot, slot_problems
from billing.treatment.plans import start_plan

BY = str(Actor(ActorKind.COMMAND, "demo"))
_FIRST, _LAST = time(8, 30), time(17, 30)
_STEP = timedelta(minutes=15)
_BOOKED_BEFORE, _STAYED = timedelta(days=4), timedelta(hours=1)
_COPAY_CENTS, _VISITS = 2500, 20
_COVERED_FOR = timedelta(days=200)
_COURSE = (4, 2, 1)
"""Weekly, fortnightly and monthly sessions."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody new, and what brought them."""

    details: PatientDetails
    days_ago: int
    """When they were here."""
    payers: tuple[str, ...]
    """Who insures them, in the order in which they pay, by the old system's ids; nobody, where they pay themselves."""
    diagnosis: str
    pain: int
    note: NoteText


def _person(
    first: str, last: str, born: date, sex: Sex, address: str, place: tuple[str, str], number: int
) -> PatientDetails:
    """Somebody who agreed to texts and e-mail; ``number`` ends a telephone number that is nobody's."""
    city, code = place
    return PatientDetails(
        first_name=first, last_name=last, birth_date=born, sex=sex, address1=address, city=city, state="CO", zip=code,
        phone=f"970-555-0{number}", email=f"{first.lower()}@mail.example", sms_consent=True, email_consent=True,
        signature_on_file=True,
    )  # fmt: skip


_NEWCOMERS = (
    Newcomer(
        _person("Odalys", "Ferreira-Lund", date(1984, 9, 2), Sex.F, "27 Linnet Court", ("Fort Collins", "80525"), 143),
        16, ("ASPEN",), "M54.2", 6,
        NoteText(
            "Neck pain for four months, worse at the desk; 6 of 10. Headache twice a week.",
            "Rotation to the right 50 degrees with pain; tender along the upper trapezius.",
            "Neck pain, chronic; no sign of a nerve root.",
            "Weekly for four weeks, then see; a break from the screen each hour.",
        ),
    ),
    Newcomer(
        _person("Torvald", "Achebe", date(1968, 3, 14), Sex.M, "805 Threshing Floor Road", ("Windsor", "80550"), 144),
        9, ("SADDLE",), "M54.50", 7,
        NoteText(
            "Low back pain since lifting in the spring; 7 of 10 in the morning, better when walking.",
            "Flexion 40 degrees with pain; straight leg raise negative on both sides.",
            "Low back pain, mechanical.",
            "Weekly for four weeks; walking twenty minutes a day.",
        ),
    ),
    Newcomer(
        _person("Marisol", "Quigley-Tan", date(1991, 12, 8), Sex.F, "6 Winnowing Lane", ("Loveland", "80537"), 145),
        8, ("ASPEN",), "M25.511", 5,
        NoteText(
            "Right shoulder aches at night; cannot reach the top shelf. 5 of 10.",
            "Abduction 110 degrees with a painful arc; strength full.",
            "Pain of the right shoulder, slowly improving.",
            "Weekly; pendulum exercise twice a day.",
        ),
    ),
    Newcomer(
        _person("Idris", "Halloran", date(1957, 6, 21), Sex.M, "119 Gleaner Street", ("Fort Collins", "80524"), 146),
        1, ("ASPEN", "SADDLE"), "M54.2", 6,
        NoteText(
            "Stiff neck since a long drive; 6 of 10, turning to the left is worst.",
            "Rotation to the left 45 degrees; levator scapulae tender.",
            "Neck pain, subacute.",
            "Weekly for four weeks; heat in the evening.",
        ),
    ),
    Newcomer(
        _person("Beatrix", "Oyelaran", date(1999, 1, 30), Sex.F, "44 Haymow Terrace", ("Greeley", "80634"), 147),
        1, (), "G44.209", 4,
        NoteText(
            "Headache like a band on three days of seven, since the new job; 4 of 10. Pays herself.",
            "Suboccipital muscles tender; blood pressure 118 over 74.",
            "Tension-type headache.",
            "Weekly for four weeks; water, and a walk at noon.",
        ),
    ),
)  # fmt: skip
_SETS = (
    ChartedSet(15, True, False, None, ("GB20", "GB21", "LI4"), 6, 6),
    ChartedSet(15, True, False, None, ("SI3", "BL10"), 4, 4),
)


def welcome_newcomers(db: Db, practitioner_id: int, user_id: int, today: date, rooms: Sequence[int]) -> None:
    """Put them on file as the desk does, with a visit each, signed by the practitioner with that account."""
    zone = the_clinic(db).time_zone
    for one in _NEWCOMERS:
        on = today - timedelta(days=one.days_ago)
        patient = register(db, one.details)
        _insure(db, patient, one.payers, on)
        note_consent(db, patient, Reach(), by=BY, at=clock.instant(on, _FIRST, zone))
        start_plan(db, patient.id, practitioner_id, on, *_COURSE, diagnosis=one.diagnosis)
        slot = next(free_slots(db, patient.id, practitioner_id, on, on, rooms), None)
        if slot is not None:
            _treat(db, one, patient, slot, user_id, zone)


def _insure(db: Db, patient: Patient, payers: Sequence[str], on: date) -> None:
    for rank, external_id in enumerate(payers, start=1):
        payer_id = db.scalars(select(Payer.id).where(Payer.external_id == external_id)).one()
        number = f"{external_id[:3]}{patient.id:09}"
        add_policy(db, patient.id, PolicyDetails(payer_id, rank, number, Relationship.SELF, on - _COVERED_FOR))
        said = Verified(True, on, BenefitSource.PORTAL, copay_cents=_COPAY_CENTS, visits_allowed=_VISITS)
        verify_benefit(db, patient.id, payer_id, said)


def _treat(db: Db, one: Newcomer, patient: Patient, slot: Slot, user_id: int, zone: str) -> None:
    came_at = clock.instant(slot.on, slot.at, zone)
    left_at = came_at + _STAYED
    session = book(db, patient.id, slot, by=BY, at=came_at - _BOOKED_BEFORE)
    check_in(db, session.id, by=BY, at=came_at)
    chart = ChartContent(one.note, _SETS, diagnoses=(one.diagnosis,), pain=one.pain)
    save_chart(db, session.id, chart, by=BY, at=left_at)
    # The demo's licences end some day; from then on the note stays a draft, and says why.
    with suppress(Refused):
        sign(db, session.id, user_id=user_id, at=left_at)
    check_out(db, session.id, by=BY, at=left_at)


def free_slots(
    db: Db, patient_id: int, practitioner_id: int, on: date, today: date, rooms: Sequence[int]
) -> Iterator[Slot]:
    """The slots of a day in which nothing is in the way, the earliest first."""
    begins = datetime.combine(on, _FIRST)
    while begins.time() <= _LAST:
        for room_id in rooms:
            slot = Slot(practitioner_id, on, begins.time(), room_id, DEFAULT_MINUTES, DEFAULT_CONTACT_MINUTES)
            if not slot_problems(db, slot, patient_id, today):
                yield slot
        begins += _STEP
