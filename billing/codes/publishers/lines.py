"""Lines of a published file, and what is wrong with them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from billing.errors import Problem, Refused, block

MOST_TOLD = 20
"""After so many faulty lines reading ends: the file is not what it should be."""
PREAMBLE = 40
"""A table's heading stands within so many lines, behind the publisher's notices."""
_SHOWN = 60

PROCEDURE_CODE = re.compile(r"[0-9A-Z]{5}")
"""A code of CPT or HCPCS Level II."""
DIAGNOSIS_CODE = re.compile(r"(?=[A-Z]*[0-9])[A-Z][0-9A-Z]{2,6}")
"""A code of ICD-10-CM without its dot; the second place is mostly a digit, but not in QA0."""


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file as its publisher made it; ``lines`` begins to read it anew each time, without line ends."""

    name: str
    lines: Callable[[], Iterator[str]]


@dataclass(slots=True)
class Faults:
    """What is wrong with a file, line by line."""

    name: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, why: str, fix: str = "Download the file anew; it may have been changed.") -> None:
        """Note that a line is at fault. Raises :class:`Refused` as soon as there are too many."""
        self.problems.append(block("codes.line", f"{self.name}, line {line}: {why}", fix))
        if len(self.problems) >= MOST_TOLD:
            self.refuse_any()

    def refuse_any(self) -> None:
        """Raise :class:`Refused` when there is any; nothing of the file is then taken."""
        if self.problems:
            more = " and more" if len(self.problems) >= MOST_TOLD else ""
            one = len(self.problems) == 1
            said = "1 line of it is" if one else f"{len(self.problems)} lines{more} of it are"
            raise Refused(f"{self.name} was refused, and nothing of it was taken: {said} at fault.", self.problems)


def shown(text: str) -> str:
    """A piece of a line as it can be told: short, and without what cannot be seen."""
    visible = "".join(one if one.isprintable() else "?" for one in text)
    return repr(visible[:_SHOWN] + ("…" if len(visible) > _SHOWN else ""))


def cells_of(text: str) -> list[str]:
    """The cells of a line that stands for itself, apart by tabs or else by commas; none when it is no such line."""
    try:
        cells = next(csv.reader([text], delimiter="\t" if "\t" in text else ","), [])
    except csv.Error:
        return []
    return [one.strip().strip('"').strip() for one in cells]


class Days:
    """Dates as they are written in a file of many lines, each reckoned once."""

    def __init__(self, read: Callable[[str], date]) -> None:
        self._read = read
        self._known: dict[str, date | None] = {}

    def of(self, written: str) -> date | None:
        """The day, or ``None`` when it is none."""
        if written not in self._known:
            try:
                self._known[written] = self._read(written)
            except ValueError:
                self._known[written] = None
        return self._known[written]


def day_of_month(written: str) -> date:
    """``20261001`` as a day. Raises ``ValueError``."""
    if len(written) != 8 or not (written.isascii() and written.isdigit()):
        raise ValueError
    return date(int(written[:4]), int(written[4:6]), int(written[6:]))


def day_of_year(written: str) -> date:
    """``2026274``, the 274th day of 2026, as a day. Raises ``ValueError``."""
    if len(written) != 7 or not (written.isascii() and written.isdigit()):
        raise ValueError
    year, number = int(written[:4]), int(written[4:])
    first = date(year, 1, 1)
    found = date.fromordinal(first.toordinal() + number - 1)
    if number < 1 or found.year != year:
        raise ValueError
    return found
