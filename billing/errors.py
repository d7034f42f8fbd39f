"""Everything that can go wrong, in two families.

What a *caller* must handle is raised::

    MeridianError
    ├── NotFound        no such record, or none that you may know of
    ├── Forbidden       you may not do this
    ├── Refused         the request breaks a rule; carries the problems found
    ├── Conflict        somebody else was here first; look again and repeat
    └── OutsideWorld    a neighbouring system failed
        ├── NotDelivered    it certainly did not receive what we sent: safe to send again
        └── OutcomeUnknown  it may have received it: only an answer or a person can tell

What a *check* finds is returned: a ``list[Problem]`` with every problem, never only the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem weighs."""

    BLOCK = "BLOCK"
    """It stops the session or the claim until the cause is gone."""
    WARN = "WARN"
    """Someone should look; nothing is stopped."""
    INFO = "INFO"
    """Worth knowing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of a check: the rule that speaks, its weight, the reason and the remedy."""

    rule: str
    """Dotted id, such as ``licence.lapsed``. Fixed ids are a contract with the outside."""
    severity: Severity
    why: str
    """The reason in plain words, with the facts that led to it."""
    fix: str
    """What a person can do about it."""
    where: str = ""
    """The record to fix, as ``kind:id`` (``patient:17``), when there is one."""


def block(rule: str, why: str, fix: str, where: str = "") -> Problem:
    """A problem that stops the session or the claim."""
    return Problem(rule, Severity.BLOCK, why, fix, where)


def warn(rule: str, why: str, fix: str, where: str = "") -> Problem:
    """A problem that someone should look at."""
    return Problem(rule, Severity.WARN, why, fix, where)


def blocking(problems: Iterable[Problem]) -> list[Problem]:
    """Those of the problems that stop something."""
    return [problem for problem in problems if problem.severity is Severity.BLOCK]


class MeridianError(Exception):
    """The root of all errors Meridian raises on purpose; its text is fit for a person to read."""


class NotFound(MeridianError):
    """There is no such record, or none the caller may know of."""


class Forbidden(MeridianError):
    """The caller may not do this."""


class Refused(MeridianError):
    """The request breaks a rule. ``problems`` holds every reason."""

    def __init__(self, why: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(why)
        self.problems = list(problems)


class Conflict(MeridianError):
    """Somebody else changed the same thing first."""


class DatabaseAway(MeridianError):
    """The database does not answer for the moment: it is restarted, or the line to it was cut.

    What was under way is undone, unless the line was cut while it was being committed: then nobody knows.
    """


class OutsideWorld(MeridianError):
    """A neighbouring system failed."""


class NotDelivered(OutsideWorld):
    """The other side certainly did not receive it; sending it again is safe."""

    def __init__(self, why: str, *, is_final: bool = False, wait_seconds: float | None = None) -> None:
        """``is_final``: it will never be taken, so that it need not be offered again. ``wait_seconds``: what the
        other side asked to be left alone for."""
        super().__init__(why)
        self.is_final = is_final
        self.wait_seconds = wait_seconds


class OutcomeUnknown(OutsideWorld):
    """The other side may or may not have received it; it must not be sent again unasked."""
