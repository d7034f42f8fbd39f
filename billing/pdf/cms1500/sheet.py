"""The typewriter's measures on a US Letter sheet, in points: where a print line and a column are.

Fitted on a picture of the 02/12 form so that text stands clear of the rules; see the print file specification of the
federal form for the pitch.
"""

from __future__ import annotations

PAGE_SIZE = (612.0, 792.0)
COLUMNS = 78
FONT_SIZE = 12.0
"""Courier at 12 points is 10 characters to the inch."""
PITCH = 7.2
LINE_HEIGHT = 12.0
LEFT, TOP = 25.5, 24.0


def x_of(column: float) -> float:
    """The left edge of a column, from the left of the sheet."""
    return LEFT + PITCH * (column - 1)


def y_of(line: float) -> float:
    """The baseline of a print line, from the top of the sheet."""
    return TOP + LINE_HEIGHT * line
