"""A day of the calendar as it is drawn: columns of practitioners or rooms, sessions in them, and what is free.

Everything stands on a grid of five minutes. In a practitioner's column the contact minutes of a session are solid
and the rest of it is light, and what is light may stand beside another session.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from billing import clock
from billing.clinic.models import Room
from billing.database import Db
from billing.practitioners.models import Practitioner
from billing.reports.outlook_facts import Surroundings, surroundings
from billing.sessions.calendar import CLOSES, OPENS, STEP_MINUTES, Lane, lanes, week_of
from billing.sessions.day import IN_THE_CALENDAR, Seen, as_planned, counts_by_day, sessions_on
from billing.sessions.lifecycle import SessionState

ROW_MINUTES = 5
LONGEST_ROWS = 96
"""Eight hours: a block is drawn no longer."""
MOST_LANES = 6


class By(StrEnum):
    """What the columns are."""

    PRACTITIONER = "practitioner"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Block:
    """A session in a column."""

    seen: Seen
    practitioner: Practitioner
    starts_at: datetime
    ends_at: datetime
    first: int
    """Its first row; the column's first row is 1."""
    rows: int
    contact_rows: int
    lane: Lane

    @property
    def may_move(self) -> bool:
        """Whether it can still be moved."""
        return self.seen.session.state is not SessionState.SIGNED and self.seen.session.left_at is None

    @property
    def is_short(self) -> bool:
        """Whether there is room for one line only."""
        return self.rows < 5


@dataclass(frozen=True, slots=True)
class Free:
    """A quarter of an hour in which nothing begins yet."""

    at: time
    first: int
    rows: int = STEP_MINUTES // ROW_MINUTES


@dataclass(frozen=True, slots=True)
class Column:
    """One practitioner's or room's day."""

    id: int | None
    """``None`` for sessions without a room."""
    name: str
    note: str
    """What is to be known of it, such as that it closes."""
    blocks: list[Block]
    free: list[Free]


@dataclass(frozen=True, slots=True)
class WeekDay:
    """A day of the week strip."""

    on: date
    count: int


@dataclass(frozen=True, slots=True)
class DayGrid:
    """A day of the calendar."""

    on: date
    today: date
    by: By
    first_hour: int
    last_hour: int
    """The hour at which it ends."""
    columns: list[Column]
    week: list[WeekDay]
    now_row: int | None
    """The row of this moment, on today's page."""

    @property
    def hours(self) -> list[tuple[str, int]]:
        """Each hour with its row."""
        return [(f"{hour:02d}:00", self._row(hour)) for hour in range(self.first_hour, self.last_hour)]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self._row(self.last_hour) - 1

    def _row(self, hour: int) -> int:
        return (hour - self.first_hour) * 60 // ROW_MINUTES + 1

    @property
    def previous(self) -> date:
        """The same day a week before."""
        return self.on - timedelta(days=7)

    @property
    def following(self) -> date:
        """The same day a week after."""
        return self.on + timedelta(days=7)


def day_grid(db: Db, at: datetime, on: date | None = None, by: By = By.PRACTITIONER) -> DayGrid:
    """A day of the calendar, today unless said otherwise; three queries. Raises :class:`NoClinic` without a clinic."""
    around = surroundings(db)
    zone = around.clinic.time_zone
    today = clock.local(at, zone).date()
    on = on or today
    seen = [one for one in sessions_on(db, on) if one.session.state in IN_THE_CALENDAR]
    week = week_of(on)
    counts = counts_by_day(db, week[0], week[-1])
    first_hour, last_hour = _hours(seen, zone)
    paper = _Paper(around, on, by, zone, first_hour, last_hour)
    now = paper.row_of(at)
    return DayGrid(
        on,
        today,
        by,
        first_hour,
        last_hour,
        paper.columns(seen),
        [WeekDay(one, counts.get(one, 0)) for one in week],
        now if on == today and 1 <= now <= paper.rows else None,
    )


def _hours(seen: Iterable[Seen], zone: str) -> tuple[int, int]:
    """The hours to be drawn: those between which starts are offered, and more where sessions lie outside."""
    first, last = OPENS.hour, CLOSES.hour
    for one in seen:
        begins = clock.local(one.session.starts_at, zone)
        first = min(first, begins.hour)
        minutes = begins.hour * 60 + begins.minute + one.session.minutes
        last = min(24, max(last, -(-minutes // 60)))
    return first, last


@dataclass(frozen=True, slots=True)
class _Paper:
    """What a day is drawn on."""

    around: Surroundings
    on: date
    by: By
    zone: str
    first_hour: int
    last_hour: int

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return (self.last_hour - self.first_hour) * 60 // ROW_MINUTES

    def row_of(self, moment: datetime) -> int:
        """The row in which a moment of the day lies."""
        there = clock.local(moment, self.zone)
        return ((there.hour - self.first_hour) * 60 + there.minute) // ROW_MINUTES + 1

    def columns(self, seen: Sequence[Seen]) -> list[Column]:
        if self.by is By.PRACTITIONER:
            treating = self.around.treating_on(self.on, {one.session.practitioner_id for one in seen})
            return [
                self._column(one.id, f"{one.first_name} {one.last_name}", self._left(one), seen) for one in treating
            ]
        rooms = self.around.rooms_on(self.on, {one.session.room_id for one in seen if one.session.room_id})
        columns = [self._column(one.id, one.name, self._closed(one), seen) for one in rooms]
        roomless = [one for one in seen if one.session.room_id is None]
        return [*columns, self._column(None, "No room yet", "", roomless)] if roomless or not columns else columns

    def _left(self, one: Practitioner) -> str:
        return f"left on {one.left_on}" if one.left_on is not None and self.on >= one.left_on else ""

    def _closed(self, one: Room) -> str:
        return f"closed from {one.closed_on} on" if one.closed_on is not None and self.on >= one.closed_on else ""

    def _column(self, number: int | None, name: str, note: str, seen: Iterable[Seen]) -> Column:
        mine = [one for one in seen if self._whose(one) == number]
        spans = [(as_planned(one.session).starts_at, as_planned(one.session).ends_at) for one in mine]
        placed = [Lane(min(lane.number, MOST_LANES - 1), min(lane.of, MOST_LANES)) for lane in lanes(spans)]
        blocks = [self._block(one, lane) for one, lane in zip(mine, placed, strict=True)]
        free = [] if note or number is None else self._free(blocks)
        return Column(number, name, note, blocks, free)

    def _whose(self, seen: Seen) -> int | None:
        return seen.session.practitioner_id if self.by is By.PRACTITIONER else seen.session.room_id

    def _block(self, seen: Seen, lane: Lane) -> Block:
        planned = as_planned(seen.session)
        first = self.row_of(planned.starts_at)
        rows = max(1, min(-(-planned.minutes // ROW_MINUTES), LONGEST_ROWS, self.rows - first + 1))
        return Block(
            seen,
            self.around.clinicians.practitioners[seen.session.practitioner_id],
            planned.starts_at,
            planned.ends_at,
            first,
            rows,
            min(rows, -(-planned.contact_minutes // ROW_MINUTES)),
            lane,
        )

    def _free(self, blocks: Collection[Block]) -> list[Free]:
        """The quarters in which nothing solid lies: of a practitioner contact, of a room whole sessions."""
        taken: set[int] = set()
        for one in blocks:
            rows = one.contact_rows if self.by is By.PRACTITIONER else one.rows
            taken.update(range(one.first, one.first + rows))
        step = STEP_MINUTES // ROW_MINUTES
        free = []
        for first in range(1, self.rows + 1, step):
            minute = self.first_hour * 60 + (first - 1) * ROW_MINUTES
            if taken.isdisjoint(range(first, first + step)):
                free.append(Free(time(minute // 60, minute % 60), first))
        return free
