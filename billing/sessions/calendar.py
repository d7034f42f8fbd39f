"""The calendar of planned sessions: who and what is taken from when to when, and which starts are free. Pure.

A session has two spans that begin together: the room and the patient are taken for all its minutes, the
practitioner for the contact minutes only. So one practitioner may look after several rooms whose sessions
are staggered, and is never wanted in two of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from billing import clock

DEFAULT_MINUTES = 60
DEFAULT_CONTACT_MINUTES = 30
"""Also what is assumed of sessions that were booked elsewhere, where nobody noted it."""
STEP_MINUTES = 15
OPENS, CLOSES = time(7), time(20)
"""Between these starts are offered; a clinic keeps no opening hours here, and may book outside of them."""


class Sole(StrEnum):
    """Who or what can be in one session only at a time."""

    PRACTITIONER = "practitioner"
    ROOM = "room"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class Planned:
    """A session that is planned, or might be."""

    session_id: int
    """Zero of one that does not exist yet."""
    patient_id: int | None
    practitioner_id: int | None
    room_id: int | None
    starts_at: datetime
    minutes: int
    contact_minutes: int

    @property
    def ends_at(self) -> datetime:
        """When the room and the patient are free again."""
        return self.until(Sole.ROOM)

    def who(self, sole: Sole) -> int | None:
        """Whom or what of that kind it takes."""
        return {
            Sole.PRACTITIONER: self.practitioner_id,
            Sole.ROOM: self.room_id,
            Sole.PATIENT: self.patient_id,
        }[sole]

    def until(self, sole: Sole) -> datetime:
        """Until when it takes them."""
        minutes = self.contact_minutes if sole is Sole.PRACTITIONER else self.minutes
        return clock.minutes_after(self.starts_at, minutes)

    def takes_with(self, other: Planned, sole: Sole) -> bool:
        """Whether both want the same one of that kind at the same time."""
        who = self.who(sole)
        return (
            who is not None
            and who == other.who(sole)
            and not (self.session_id and self.session_id == other.session_id)
            and self.starts_at < other.until(sole)
            and other.starts_at < self.until(sole)
        )


@dataclass(frozen=True, slots=True)
class Clash:
    """A planned session that is in the way, and what both would take."""

    sole: Sole
    other: Planned


def assumed_contact(minutes: int, contact_minutes: int | None) -> int:
    """The contact minutes of a session of ``minutes`` for which they may never have been noted."""
    return min(minutes, DEFAULT_CONTACT_MINUTES) if contact_minutes is None else contact_minutes


def clashes(wanted: Planned, others: Iterable[Planned]) -> list[Clash]:
    """Everything that is in the way of ``wanted``, by kind and then in order of time; itself never is."""
    in_order = sorted(others, key=lambda one: (one.starts_at, one.session_id))
    return [Clash(sole, other) for sole in Sole for other in in_order if wanted.takes_with(other, sole)]


def quarters(on: date, zone: str) -> list[datetime]:
    """The starts that are offered on a day, whether free or not; on a day with a clock change too, each once."""
    first, last = _minute_of(OPENS), _minute_of(CLOSES)
    times = (time(minute // 60, minute % 60) for minute in range(first, last, STEP_MINUTES))
    return sorted({clock.instant(on, at, zone) for at in times})


def free_starts(wanted: Planned, others: Sequence[Planned], on: date, zone: str) -> list[datetime]:
    """When on that day ``wanted`` could begin without anything in the way and be over by closing time.

    Its own start does not matter. A room or patient that is not named yet is in nobody's way.
    """
    close = clock.instant(on, CLOSES, zone)
    possible = (replace(wanted, starts_at=start) for start in quarters(on, zone))
    return [one.starts_at for one in possible if one.ends_at <= close and not clashes(one, others)]


def nearest_free(wanted: Planned, others: Sequence[Planned], on: date, zone: str) -> datetime | None:
    """The free start of that day nearest to the one wanted, the earlier of two; ``None`` on a full day."""
    starts = free_starts(wanted, others, on, zone)
    return min(starts, key=lambda start: (abs(start - wanted.starts_at), start), default=None)


@dataclass(frozen=True, slots=True)
class Lane:
    """Which of how many equal parts of a column, from the left and beginning with zero."""

    number: int
    of: int


def lanes(spans: Sequence[tuple[datetime, datetime]]) -> list[Lane]:
    """Where to draw spans of time so that none covers another, in the order given.

    Spans that overlap, also by way of others, share the width; one that overlaps nothing has all of it.
    """
    found: dict[int, Lane] = {}
    together: list[tuple[int, int]] = []
    free_from: list[datetime] = []
    end = None
    for position in sorted(range(len(spans)), key=lambda one: (spans[one][0], one)):
        start, until = spans[position]
        if end is not None and start >= end:
            found |= {one: Lane(number, len(free_from)) for one, number in together}
            together, free_from = [], []
        number = next((lane for lane, free in enumerate(free_from) if free <= start), len(free_from))
        free_from[number : number + 1] = [until]
        together.append((position, number))
        end = max(free_from)
    found |= {one: Lane(number, len(free_from)) for one, number in together}
    return [found[position] for position in range(len(spans))]


def week_of(on: date) -> list[date]:
    """The seven days, from Monday on, of the week the day lies in."""
    monday = on - timedelta(days=on.weekday())
    return [monday + timedelta(days=count) for count in range(7)]


def _minute_of(at: time) -> int:
    return at.hour * 60 + at.minute
