"""Changing a session's state, which always leaves a row behind; and what the desk does with those who come.

:func:`move_session` is the one place where a state changes. The verbs below it are what people do at the desk:
check in, take it back, give a room, note who did not come, cancel, check out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from billing import clock
from billing.clinic.models import Room
from billing.coverage.wording import day_words
from billing.database import Db
from billing.errors import NotFound, Refused, block
from billing.sessions.day import PLANNED, as_planned, planned_around
from billing.sessions.lifecycle import SESSION, SessionEvent, SessionState
from billing.sessions.models import ClinicSession, DraftNote, NeedleSet, Procedure, SessionMove
from billing.sessions.slots import clash_problems, hold_calendar, refuse_any, room_problems, today_in, write_slot

_E, _S = SessionEvent, SessionState
NOTED_AFTERWARDS = timedelta(days=7)
"""For so long it can still be noted that somebody came, so that the note of the visit can be written."""
_DONE = {
    _S.ARRIVED: "was checked in",
    _S.SIGNED: "was signed",
    _S.NO_SHOW: "was marked as a no-show",
    _S.CANCELLED: "was cancelled",
}
_TO_DO = {_E.MISSED: "marked as a no-show", _E.NOT_HERE: "put back", _E.REBOOKED: "booked again"}
"""Events whose own word does not say what is done."""
_WHILE_HERE = {_E.MOVED, _E.NOT_HERE, _E.CANCELLED, _E.CHECKED_OUT}
"""What can happen only to somebody who has not left yet."""


def the_session(db: Db, session_id: int) -> ClinicSession:
    """The session as it is now, with its row held until this transaction ends. Raises :class:`NotFound`."""
    db.flush()
    session = db.get(ClinicSession, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise NotFound("There is no such session.")
    return session


def move_session(
    db: Db, session_id: int, event: SessionEvent, *, by: str, why: str = "", at: datetime
) -> ClinicSession:
    """Put a session through an event and write it down; the instants that go with its state follow.

    ``by`` is a hand as histories write it (``user:7``). Raises :class:`Refused` in plain words when the
    event is not lawful any more, as it is behind a page that has been open for a while.
    """
    session = the_session(db, session_id)
    before = session.state
    if not SESSION.allows(before, event) or (session.left_at is not None and event in _WHILE_HERE):
        raise Refused(_why_not(db, session, event, at))
    session.state = SESSION.after(before, event)
    if event is _E.CHECKED_IN:
        session.arrived_at = at
    elif event in (_E.NOT_HERE, _E.REBOOKED):
        session.arrived_at = session.left_at = None
    elif event is _E.SIGNED:
        session.signed_at = at
    elif event is _E.CHECKED_OUT:
        session.left_at = at
    note_event(db, session, event, before, by=by, why=why, at=at)
    return session


def note_event(
    db: Db,
    session: ClinicSession,
    event: SessionEvent,
    before: SessionState | None,
    *,
    by: str,
    why: str,
    at: datetime,
) -> None:
    """Append the row of what has happened to a session, and write the session with it."""
    write_slot(db)
    db.add(
        SessionMove(
            session_id=session.id, at=at, event=event, from_state=before, to_state=session.state, by=by, why=why
        )
    )
    db.flush()


def check_in(db: Db, session_id: int, *, by: str, at: datetime, room_id: int | None = None) -> ClinicSession:
    """The patient is here, or was here on an earlier day; then the session's own start counts as the arrival.

    Without a room named, the one that was planned stays. Raises :class:`Refused` when the session is on a later day
    or longer ago than :data:`NOTED_AFTERWARDS`, or the room is closed or taken.
    """
    hold_calendar(db)
    session = the_session(db, session_id)
    today, _ = today_in(db, at)
    why = ""
    if SESSION.allows(session.state, _E.CHECKED_IN):
        _refuse_other_day(session.service_on, today)
        if room_id is not None and room_id != session.room_id:
            why = _give_room(db, session, room_id)
    move_session(db, session_id, _E.CHECKED_IN, by=by, why=why, at=at)
    if session.service_on < today:
        session.arrived_at = session.starts_at
        db.flush()
    return session


def _refuse_other_day(on: date, today: date) -> None:
    if on > today:
        raise Refused(f"This session is on {on}; nobody can be checked in for it before that day.")
    if on < today - NOTED_AFTERWARDS:
        raise Refused(f"This session was on {day_words(on)}: book it again for today, or mark it as a no-show.")


def undo_arrival(db: Db, session_id: int, *, by: str, at: datetime) -> ClinicSession:
    """Checked in by mistake: the session is booked again, as it was. Refused once anything is charted."""
    session = the_session(db, session_id)
    if session.state is _S.ARRIVED:
        _refuse_treated(db, session, "The patient was here")
    return move_session(db, session_id, _E.NOT_HERE, by=by, why="Checked in by mistake.", at=at)


def assign_room(db: Db, session_id: int, room_id: int | None, *, by: str, at: datetime) -> ClinicSession:
    """Give a booked or arrived session another room, or none. To the same room nothing happens."""
    hold_calendar(db)
    session = the_session(db, session_id)
    if session.state in PLANNED and room_id == session.room_id:
        return session
    why = _give_room(db, session, room_id) if session.state in PLANNED else ""
    return move_session(db, session_id, _E.MOVED, by=by, why=why, at=at)


def miss(db: Db, session_id: int, *, by: str, at: datetime, why: str = "") -> ClinicSession:
    """The patient did not come and did not call. Refused before the session was to begin."""
    session = the_session(db, session_id)
    if SESSION.allows(session.state, _E.MISSED) and at < session.starts_at:
        _, zone = today_in(db, at)
        begins = clock.local(session.starts_at, zone)
        raise Refused(
            f"This session begins on {begins.date()} at {begins:%H:%M}; until then the patient may still come. "
            "Cancel it if the patient called."
        )
    return move_session(db, session_id, _E.MISSED, by=by, why=why, at=at)


def cancel(db: Db, session_id: int, *, why: str, by: str, at: datetime) -> ClinicSession:
    """Call a session off; ``why`` is kept in its history. Refused without a reason, and once anything is charted."""
    if not why.strip():
        reason = "A cancellation needs its reason."
        fix = "Say who called it off and why: it decides whether a fee may be asked."
        raise Refused(reason, [block("booking.why_missing", reason, fix, "field:why")])
    session = the_session(db, session_id)
    if session.state is _S.ARRIVED:
        _refuse_treated(db, session, "The patient was treated")
    return move_session(db, session_id, _E.CANCELLED, by=by, why=why.strip(), at=at)


def check_out(db: Db, session_id: int, *, by: str, at: datetime) -> ClinicSession:
    """The patient leaves. The note may be signed before or after it."""
    return move_session(db, session_id, _E.CHECKED_OUT, by=by, at=at)


def _give_room(db: Db, session: ClinicSession, room_id: int | None) -> str:
    """Put the session into the room if it is free all the while; what to write down about it."""
    _, zone = today_in(db, session.starts_at)
    # The practitioner and the patient stay where they are: only the room is asked about.
    wanted = replace(as_planned(session), practitioner_id=None, patient_id=None, room_id=room_id)
    others = planned_around(db, session.service_on)
    refuse_any(
        [
            *room_problems(db, room_id, session.service_on),
            *clash_problems(db, wanted, others, session.service_on, zone),
        ]
    )
    session.room_id = room_id
    room = db.get(Room, room_id) if room_id is not None else None
    return f"Room: {room.name if room else 'none'}."


def _refuse_treated(db: Db, session: ClinicSession, so: str) -> None:
    charts = (NeedleSet, Procedure, DraftNote)
    charted = (select(table.session_id).where(table.session_id == session.id).exists() for table in charts)
    if db.scalar(select(or_(*charted))):
        raise Refused(
            f"{so}: a note, needle sets or procedures are charted in this session. "
            "Let the practitioner take them out of the chart first if they belong elsewhere."
        )


def _why_not(db: Db, session: ClinicSession, event: SessionEvent, at: datetime) -> str:
    """Why the event is too late or too early, as somebody at a page that is out of date understands it."""
    to_do = _TO_DO.get(event, event.value)
    if session.left_at is not None and event in _WHILE_HERE:
        return f"The patient was checked out already {_at(db, session.left_at, at)}."
    since = _since(db, session)
    when = f" {_at(db, since, at)}" if since else ""
    if session.state is _S.BOOKED:
        if event is _E.REBOOKED:
            return "This session is booked already."
        return f"The patient of this session is not checked in, so it cannot be {to_do}."
    if session.state in {after for (before, one), after in SESSION.moves.items() if one is event and before != after}:
        return f"This session {_DONE[session.state]} already{when}."
    return f"This session {_DONE[session.state]}{when}, so it cannot be {to_do} any more."


def _since(db: Db, session: ClinicSession) -> datetime | None:
    """Since when the session is in its state, where that is on record."""
    return db.scalar(
        select(SessionMove.at)
        .where(
            SessionMove.session_id == session.id,
            SessionMove.to_state == session.state,
            SessionMove.from_state.is_distinct_from(SessionMove.to_state),
        )
        .order_by(SessionMove.id.desc())
        .limit(1)
    )


def _at(db: Db, moment: datetime, now: datetime) -> str:
    today, zone = today_in(db, now)
    there = clock.local(moment, zone)
    return f"at {there:%H:%M}" if there.date() == today else f"on {there.date()} at {there:%H:%M}"
