"""The only source of *now* and *today*. It keeps UTC and is told the zone whenever a local date is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_stopped: ContextVar[datetime | None] = ContextVar("stopped clock", default=None)


def now() -> datetime:
    """This instant, in UTC."""
    return _stopped.get() or datetime.now(UTC)


def today(zone: str) -> date:
    """The calendar date it is now in ``zone`` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()


def instant(on: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall-clock time in ``zone``.

    A time that a clock change skips is moved on to the first that exists; of one that happens
    twice, the first is meant.
    """
    wall = datetime.combine(on, at, ZoneInfo(zone))
    return wall.astimezone(UTC).astimezone(ZoneInfo(zone)).astimezone(UTC)


def local(moment: datetime, zone: str) -> datetime:
    """The wall-clock date and time of a UTC instant in ``zone``."""
    return moment.astimezone(ZoneInfo(zone))


def minutes_after(moment: datetime, minutes: int) -> datetime:
    """The instant ``minutes`` later; elapsed time, so a clock change does not stretch it."""
    return moment + timedelta(minutes=minutes)


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at ``moment`` (with its offset) inside the block: for tests and for replaying a past day."""
    token = _stopped.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _stopped.reset(token)
