"""Credentials over time, as a picture: half a year back and a year ahead, one strip for each. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from billing.practitioners.lapsing import LAPSES_WITHIN_DAYS, Held
from billing.practitioners.models import Credential, CredentialStatus, Enrolment

MONTHS_BACK = 6
MONTHS = 18
MONTH_WIDTH = 100
"""Of the picture, in its own units."""
WIDTH = MONTHS * MONTH_WIDTH


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of days in the picture."""

    left: int
    width: int
    tone: str
    """``good`` in force, ``warn`` soon over, ``bad`` suspended or revoked, ``quiet`` over, ``gap`` lapsed."""


@dataclass(frozen=True, slots=True)
class Window:
    """The months that the picture shows."""

    first: date
    """The first day of its first month."""
    today: date

    @property
    def today_at(self) -> int:
        """Where today lies."""
        return self.place(self.today)

    @property
    def months(self) -> list[date]:
        """The first day of each month shown."""
        return [_months_after(self.first, number) for number in range(MONTHS)]

    def place(self, on: date) -> int:
        """Where the beginning of a day lies, at most at one of the edges; every month is equally wide."""
        months = (on.year - self.first.year) * 12 + on.month - self.first.month
        days = monthrange(on.year, on.month)[1]
        return max(0, min(WIDTH, months * MONTH_WIDTH + (on.day - 1) * MONTH_WIDTH // days))

    def bars(self, held: Held) -> list[Bar]:
        """What of a credential falls into the picture, in order of time; and since when it has lapsed."""
        return list(self._bars(held))

    def enrolled(self, enrolments: Sequence[Enrolment]) -> list[Bar]:
        """What of somebody's enrolments with one payer falls into the picture, in order of time."""
        bars = []
        for one in enrolments:
            last = one.effective_to
            left, right = self.place(one.effective_from), WIDTH if last is None else self._end(last)
            if right > left:
                bars.append(Bar(left, right - left, "good" if last is None else self._fading(last)))
        return bars

    def _bars(self, held: Held) -> Iterator[Bar]:
        ends = held.entries[-1].ends_on
        for one in held.entries:
            left, right = self.place(one.valid_from), self._end(one.ends_on)
            if right > left:
                yield Bar(left, right - left, self._tone(one, ends))
        if ends < self.today and not held.replaced_by:
            yield Bar(self._end(ends), self.today_at - self._end(ends), "gap")

    def _end(self, on: date) -> int:
        """Where the end of a day lies."""
        days = monthrange(on.year, on.month)[1]
        return min(WIDTH, self.place(on) + MONTH_WIDTH // days) if self.first <= on else 0

    def _tone(self, one: Credential, ends: date) -> str:
        if one.status is not CredentialStatus.ACTIVE:
            return "bad"
        return self._fading(one.ends_on) if one.ends_on == ends or one.ends_on < self.today else "good"

    def _fading(self, ends: date) -> str:
        if ends < self.today:
            return "quiet"
        return "warn" if (ends - self.today).days <= LAPSES_WITHIN_DAYS else "good"


def window(today: date) -> Window:
    """The months around a day."""
    return Window(_months_after(today.replace(day=1), -MONTHS_BACK), today)


def _months_after(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
