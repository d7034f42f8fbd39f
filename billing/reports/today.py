"""One day at the desk: every session with what it lacks, who is where, and what must be done before the day ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from billing import clock
from billing.clinic.models import Room
from billing.coverage.eligibility.posing import NOT_ASKED
from billing.database import Db
from billing.errors import Problem, warn
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner
from billing.reports.chips import Chip, Tone, chips, to_mend
from billing.reports.outlook_facts import OnAccount, Surroundings, insured_here, on_account, surroundings
from billing.sessions.calendar import Planned, Sole
from billing.sessions.day import PLANNED, LeftOver, Seen, as_planned, left_over, sessions_on
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.outlook import Coming, Insured, Outlook, outlook

_DAY = timedelta(days=1)
_TO_CHECK = ("coverage.unknown", "coverage.contradictory", "coverage.stale")
_ENDED = {SessionState.NO_SHOW: "No-show", SessionState.CANCELLED: "Cancelled"}


class Tab(StrEnum):
    """Where a session is in the course of its day."""

    SCHEDULED = "scheduled"
    IN_THE_CLINIC = "here"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Card:
    """One session as the desk sees it."""

    session: ClinicSession
    patient: Patient
    practitioner: Practitioner
    room: Room | None
    tab: Tab
    stands: list[Chip]
    """How far it has come."""
    chips: list[Chip]
    """What speaks for and against it."""
    missing: list[Problem]
    """What is to be mended before the treatment; empty once it is under way or over."""
    rooms: list[tuple[int, str]]
    """The rooms it could be in, those taken meanwhile marked so."""
    ends_at: datetime
    has_begun: bool
    """Whether the time it is planned for has come."""
    policy_to_check: int | None = None
    """The policy whose cover is not known, or not lately; the payer can be asked by one click."""

    @property
    def is_booked(self) -> bool:
        """Whether the patient is still to come."""
        return self.session.state is SessionState.BOOKED

    @property
    def is_here(self) -> bool:
        """Whether the patient is here and the note not signed: the arrival can be undone, the room changed."""
        return self.session.state is SessionState.ARRIVED and self.session.left_at is None

    @property
    def may_be_rebooked(self) -> bool:
        """Whether it was missed or cancelled."""
        return self.session.state in _ENDED


@dataclass(frozen=True, slots=True)
class ToDo:
    """What must be zero before the day can be closed."""

    overdue: int = 0
    """Booked for a time that is over."""
    unsigned: int = 0
    """Came, and the note is not signed."""
    unsigned_under: Tab = Tab.IN_THE_CLINIC
    """Where those are: in the clinic, or all of them left."""
    not_out: int = 0
    """Came, and was not checked out."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day at the desk."""

    on: date
    today: date
    cards: list[Card]
    """In order of time."""
    to_do: ToDo
    """Of the whole day, whoever is looked at."""
    earlier: dict[SessionState, LeftOver]
    """Sessions of earlier days that still are where no day should end."""
    practitioners: list[Practitioner]
    practitioner_id: int | None = None
    """Of whom alone sessions are shown."""

    @property
    def previous(self) -> date:
        """The day before."""
        return self.on - _DAY

    @property
    def following(self) -> date:
        """The day after."""
        return self.on + _DAY

    def under(self, tab: Tab) -> list[Card]:
        """The cards of one tab."""
        return [card for card in self.cards if card.tab is tab]


def day_at_the_desk(db: Db, at: datetime, on: date | None = None, practitioner_id: int | None = None) -> Day:
    """The sessions of a day, today unless said otherwise, of all or of one practitioner.

    At most eight queries, however many sessions there are. Raises :class:`NoClinic` before there is a clinic.
    """
    around = surroundings(db)
    today = clock.local(at, around.clinic.time_zone).date()
    on = on or today
    all_seen = sessions_on(db, on)
    shown = [one for one in all_seen if practitioner_id in (None, one.session.practitioner_id)]
    patient_ids = {one.patient.id for one in shown}
    known = insured_here(db, patient_ids, around, today)
    accounts = on_account(db, patient_ids)
    desk = _Desk(around, today, at, [as_planned(one.session) for one in all_seen if one.session.state in PLANNED])
    cards = []
    for one in shown:
        account = accounts[one.patient.id]
        found = outlook(_coming(one.session), known[one.patient.id], around.clinicians)
        card = desk.card(
            one,
            chips(found, one.patient, account, today, around.clinic.currency),
            [*to_mend(found), *_owed(account, one.patient)],
        )
        cards.append(replace(card, policy_to_check=_policy_to_check(card, found, known[one.patient.id], around)))
    return Day(
        on=on,
        today=today,
        cards=cards,
        to_do=_to_do([one.session for one in all_seen], today, at),
        earlier=left_over(db, min(on, today)),
        practitioners=around.treating_on(on, {one.session.practitioner_id for one in all_seen}),
        practitioner_id=practitioner_id,
    )


def tab_of(session: ClinicSession, today: date) -> Tab:
    """Under which tab a session is. One signed on an earlier day is finished, whether checked out or not."""
    if session.state is SessionState.BOOKED:
        return Tab.SCHEDULED
    if session.state in _ENDED or session.left_at is not None:
        return Tab.FINISHED
    over = session.state is SessionState.SIGNED and session.service_on != today
    return Tab.FINISHED if over else Tab.IN_THE_CLINIC


@dataclass(frozen=True, slots=True)
class _Desk:
    around: Surroundings
    today: date
    at: datetime
    planned: Sequence[Planned]

    def card(self, seen: Seen, found: list[Chip], missing: list[Problem]) -> Card:
        session = seen.session
        planned = as_planned(session)
        is_here = session.state is SessionState.ARRIVED and session.left_at is None
        if seen.room is None:
            why, fix = "The session has no room yet.", "Choose the room on this card."
            missing = [*missing, warn("session.no_room", why, fix)]
        return Card(
            session=session,
            patient=seen.patient,
            practitioner=self.around.clinicians.practitioners[session.practitioner_id],
            room=seen.room,
            tab=tab_of(session, self.today),
            stands=self._stands(session),
            chips=found,
            missing=missing if is_here else [],
            rooms=self._rooms(session, planned),
            ends_at=planned.ends_at,
            has_begun=session.starts_at <= self.at,
        )

    def _stands(self, session: ClinicSession) -> list[Chip]:
        late = int((self.at - session.starts_at).total_seconds() // 60)
        if session.state is SessionState.BOOKED:
            if session.service_on < self.today:
                return [Chip("Never closed", Tone.WARN, "Say what became of it: no-show, cancelled, or arrived.")]
            confirmed = [Chip("Confirmed", Tone.GOOD)] if session.confirmed_at is not None else []
            is_late = session.service_on == self.today and late > 0
            return [*confirmed, Chip(f"{late} min late", Tone.WARN)] if is_late else confirmed
        if session.state in _ENDED:
            return [Chip(_ENDED[session.state], Tone.QUIET)]
        zone = self.around.clinic.time_zone
        stands = []
        if session.left_at is not None:
            stands.append(Chip(f"Left {clock.local(session.left_at, zone):%H:%M}", Tone.GOOD))
        elif session.arrived_at is not None and session.service_on == self.today:
            stands.append(Chip(f"Here since {clock.local(session.arrived_at, zone):%H:%M}", Tone.INFO))
        if session.state is SessionState.SIGNED:
            return [*stands, Chip("Note signed", Tone.GOOD)]
        why = "The practitioner signs the note on the session's page."
        return [*stands, Chip("Note not signed", Tone.WARN, why, f"session:{session.id}")]

    def _rooms(self, session: ClinicSession, planned: Planned) -> list[tuple[int, str]]:
        found = []
        for room in self.around.rooms_on(session.service_on, {session.room_id} if session.room_id else ()):
            until = _taken_until(planned, room.id, self.planned)
            zone = self.around.clinic.time_zone
            taken = f" · taken until {clock.local(until, zone):%H:%M}" if until else ""
            found.append((room.id, f"{room.name}{taken}"))
        return found


def _taken_until(planned: Planned, room_id: int, others: Iterable[Planned]) -> datetime | None:
    """Until when others have that room while the session takes place."""
    ends = [
        one.ends_at
        for one in others
        if one.room_id == room_id
        and one.session_id != planned.session_id
        and one.starts_at < planned.ends_at
        and planned.starts_at < one.until(Sole.ROOM)
    ]
    return max(ends, default=None)


def _coming(session: ClinicSession) -> Coming:
    return Coming(
        session.patient_id,
        session.practitioner_id,
        session.service_on,
        session.bill_to,
        session.accident,
        session.supervising_id,
        f"session:{session.id}",
        session.room_id,
    )


def _policy_to_check(card: Card, found: Outlook, insured: Insured, around: Surroundings) -> int | None:
    """The policy that pays for a session still to be treated, when nobody knows whether it covers."""
    session = card.session
    is_coming = card.is_booked or card.is_here
    if not is_coming or not any(problem.rule in _TO_CHECK for problem in found.problems):
        return None
    paying = insured.paying(session.service_on, session.accident, around.clinicians.payers)
    is_askable = paying and around.clinicians.payers[paying[0].payer_id].kind not in NOT_ASKED
    return paying[0].id if is_askable else None


def _owed(account: OnAccount, patient: Patient) -> list[Problem]:
    if not account.owed_cents:
        return []
    why, fix = "The patient owes something from earlier sessions.", "Ask for it before or after the treatment."
    return [warn("account.owed", why, fix, f"patient:{patient.id}")]


def _to_do(sessions: Sequence[ClinicSession], today: date, at: datetime) -> ToDo:
    unsigned = {tab_of(one, today) for one in sessions if one.state is SessionState.ARRIVED}
    return ToDo(
        unsigned_under=Tab.FINISHED if unsigned == {Tab.FINISHED} else Tab.IN_THE_CLINIC,
        overdue=sum(one.state is SessionState.BOOKED and as_planned(one).ends_at < at for one in sessions),
        unsigned=sum(one.state is SessionState.ARRIVED for one in sessions),
        not_out=sum(tab_of(one, today) is Tab.IN_THE_CLINIC for one in sessions),
    )
