"""On which line of a rule pack does something stand? The TOML reader tells it of its own complaints only."""

from __future__ import annotations

import re

Place = tuple[int, ...]
"""Where in a pack: ``()`` its head, ``(1,)`` the second edition, ``(1, 0)`` that edition's first rule."""

_HEADER = re.compile(r"\s*\[\[\s*(edition)\s*(?:\.\s*(rule)\s*)?\]\]")
_CELL = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*=""")


class Lines:
    """The lines of a text, by the table they belong to and the key they give."""

    def __init__(self, text: str) -> None:
        self._found: dict[tuple[Place, str], int] = {((), ""): 1}
        place: Place = ()
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                place = _next(place, is_rule=header[2] is not None)
                self._found.setdefault((place, ""), number)
            elif cell := _CELL.match(line):
                self._found.setdefault((place, cell[1]), number)

    def of(self, place: Place, name: str = "") -> int:
        """The line of a key in a table; else of the table's head, or of the one it stands in."""
        if (place, name) in self._found:
            return self._found[place, name]
        return self.of(place[:-1]) if (place, "") not in self._found else self._found[place, ""]


def _next(place: Place, *, is_rule: bool) -> Place:
    if not is_rule:
        return (place[0] + 1,) if place else (0,)
    edition = place[0] if place else 0
    return (edition, place[1] + 1 if len(place) > 1 else 0)
