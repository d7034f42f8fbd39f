"""What an address asks for: a day, a tab, a record. What makes no sense there is passed over, as a link may be old.

Forms that lead back to a page carry the same names as fields.
"""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import TypeVar

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

_Choice = TypeVar("_Choice", bound=StrEnum)
_MOST_DIGITS = 15
_LARGEST_NUMBER = 2**63 - 1
"""Of a record, in both kinds of database."""


class RecordNumber(IntegerConverter):
    """The number of a record in a path; where it is larger than any record's the address names nothing."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=_LARGEST_NUMBER)


def asked_day(name: str = "day") -> date | None:
    """The day that is asked for, ``2026-03-31``."""
    try:
        on = date.fromisoformat(_asked(name))
    except ValueError:
        return None
    return on if 1900 <= on.year <= 2200 else None


def asked_time(name: str = "at") -> time | None:
    """The time of day that is asked for, ``14:05``."""
    try:
        return time.fromisoformat(_asked(name)).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None


def asked_number(name: str) -> int | None:
    """The number of the record that is asked for."""
    text = _asked(name)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def asked_choice(name: str, choices: type[_Choice], usual: _Choice) -> _Choice:
    """Which of a closed set of words is asked for; ``usual`` when none of them is."""
    try:
        return choices(_asked(name))
    except ValueError:
        return usual


def register(app: Flask) -> None:
    """Let paths name records, and turn away what no page of ours ever asked for. Register it before any page."""
    app.url_map.converters["int"] = RecordNumber

    def refuse_unreadable() -> None:
        """PostgreSQL keeps no text with a NUL, and would fail on being asked for one."""
        if "\0" in request.path or any("\0" in value for _, value in request.args.items(multi=True)):
            abort(400)

    app.before_request(refuse_unreadable)


def _asked(name: str) -> str:
    return request.values.get(name, "").strip()
