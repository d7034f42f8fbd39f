"""What the clinic lets happen by itself: quiet hours, rules that are off, and the days of regular work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from billing.database import Db, hold_lock
from billing.errors import Problem, Refused, block
from billing.reminders.models import Automation, Rule

LAST_DAY = 31
"""Of a month; in a shorter one it is the last day that there is."""
EARLIEST_NIGHT, LATEST_NIGHT = time(22), time(6)
FEWEST_OPEN_HOURS = 2
"""A day with fewer hours would leave reminders hardly any time to be sent."""


@dataclass(frozen=True, slots=True)
class ByItself:
    """What happens by itself; left as it is, the default of a clinic that has chosen nothing."""

    quiet_until: time = time(8)
    """Local time of who is written to; before it nothing is sent."""
    quiet_from: time = time(21)
    rules_off: frozenset[Rule] = frozenset()
    bills_at: time | None = None
    """Clinic's local time at which signed sessions are billed and filed; never by itself when ``None``."""
    superbills_on: int | None = None
    """Day of the month, 1 to 31, on which the month before is billed by superbill; in a short month its last."""
    statements_on: int | None = None
    """Day of the month, 1 to 31, on which statements are made; in a short month its last."""

    @property
    def sends_at_night(self) -> bool:
        """Whether messages may go out at hours at which people mostly sleep, which is lawful and hardly ever meant."""
        return self.quiet_until < LATEST_NIGHT or self.quiet_from > EARLIEST_NIGHT


def by_itself(db: Db) -> ByItself:
    """What the clinic has chosen, or the defaults."""
    row = db.get(Automation, 1)
    if row is None:
        return ByItself()
    return ByItself(
        row.quiet_until, row.quiet_from, frozenset(Rule(one) for one in row.rules_off if one in list(Rule)),
        row.bills_at, row.superbills_on, row.statements_on,
    )  # fmt: skip


def automation_problems(wanted: ByItself) -> list[Problem]:
    """What cannot be chosen so."""
    problems = []
    if _minutes(wanted.quiet_from) - _minutes(wanted.quiet_until) < FEWEST_OPEN_HOURS * 60:
        why = f"Messages could be sent for less than {FEWEST_OPEN_HOURS} hours a day."
        fix = "Let the quiet end in the morning and begin in the evening, such as 08:00 and 21:00."
        problems.append(block("automation.quiet", why, fix, "field:quiet_from"))
    for name, day in (("superbills_on", wanted.superbills_on), ("statements_on", wanted.statements_on)):
        if day is not None and not 1 <= day <= LAST_DAY:
            why = f"No month has a day {day}."
            problems.append(block("automation.day", why, f"Choose a day from 1 to {LAST_DAY}.", f"field:{name}"))
    return problems


def choose(db: Db, wanted: ByItself) -> None:
    """Have it happen so from now on. Raises :class:`Refused` with every reason."""
    if problems := automation_problems(wanted):
        raise Refused(" ".join(one.why for one in problems), problems)
    hold_lock(db, "automation")
    row = db.get(Automation, 1) or Automation(id=1)
    row.quiet_until, row.quiet_from = wanted.quiet_until, wanted.quiet_from
    row.rules_off = _in_order(wanted.rules_off)
    row.bills_at, row.superbills_on, row.statements_on = wanted.bills_at, wanted.superbills_on, wanted.statements_on
    db.add(row)
    db.flush()


def _in_order(rules: Iterable[Rule]) -> list[str]:
    return sorted(rule.value for rule in rules)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
