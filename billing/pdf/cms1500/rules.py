"""The rules, shades and check squares of the drawn form, as data.

Everything is placed by print line and column (see ``sheet.py``), so that the drawing and the typed text cannot drift
apart. A row of the form ends a few points under the baseline of the line that is typed in it.
"""

from __future__ import annotations

from billing.pdf.cms1500.sheet import x_of, y_of

Rule = tuple[float, float, float, float]
"""From x, y to x, y; points from the top left corner of the sheet."""

LEFT, RIGHT = x_of(1) - 3, x_of(79) + 2.4
_PATIENT = x_of(30) - 0.3
_INSURED = x_of(49) + 3.6
_REFERRING = x_of(28) + 0.5
_SERVICE_LINES = tuple(range(44, 56, 2))


def bottom_of(line: float) -> float:
    """Where the row ends whose text is typed on print line ``line``."""
    return y_of(line) + 3


def _across(*lines: float, left: float = LEFT, right: float = RIGHT) -> list[Rule]:
    """Horizontal rules under print lines."""
    return [(left, bottom_of(line), right, bottom_of(line)) for line in lines]


def _down(x: float, first: float, last: float) -> Rule:
    """A vertical rule from under print line ``first`` to under ``last``."""
    return x, bottom_of(first), x, bottom_of(last)


def _columns(first: float, last: float, *columns: float) -> list[Rule]:
    """Vertical rules in the middle of columns that are never typed in."""
    return [_down(x_of(column) + 3.6, first, last) for column in columns]


def _in_service_lines(*columns: float) -> list[Rule]:
    """Vertical rules through the white halves of the six service lines."""
    return [rule for line in _SERVICE_LINES for rule in _columns(line - 1, line, *columns)]


SHADES: list[Rule] = [(LEFT, bottom_of(line - 2), RIGHT, bottom_of(line - 1)) for line in _SERVICE_LINES]
"""The upper halves of the service lines."""

_HEAVY: list[Rule] = [*_across(6, 26, 30, 40, 42, 54, 61), _down(LEFT, 6, 61), _down(RIGHT, 6, 61)]

_LIGHT: list[Rule] = [
    *_across(8, 10, 12, 32, 34, 36, 56, *_SERVICE_LINES),
    *_across(14, 16, 18, 20, 22, 24, right=_PATIENT),
    *_across(16, 24, left=_PATIENT, right=_INSURED),
    *_across(14, 16, 18, 20, 22, 24, 38, left=_INSURED),
    _down(_PATIENT, 8, 26),
    _down(_PATIENT, 30, 32),
    _down(_REFERRING, 32, 34),
    *_across(33, left=_REFERRING, right=_INSURED),
    *_columns(32, 34, 32),
    _down(_INSURED, 6, 61),
    *_columns(12, 14, 25, 73),
    *_columns(14, 16, 13, 63),
    *_columns(36, 38, 60),
    *_columns(40, 42, 18, 21, 24, 44, 58),
    *_in_service_lines(18, 21, 24, 44, 58),
    *_columns(40, 54, 61.5, 64, 67),
    *_columns(54, 56, 21.5, 37, 60.5, 70),
    *_columns(56, 61, 21.5),
    *_across(60, left=x_of(21.5) + 3.6),
    *_columns(60, 61, 35, 61),
    *[(x_of(column), bottom_of(6), x_of(column), bottom_of(5) + 1) for column in (1, 2, 3, 4, 76, 77, 78, 79)],
    *[(x_of(column), bottom_of(5) + 1, x_of(column + 3), bottom_of(5) + 1) for column in (1, 76)],
]

_UNDERLINES: list[Rule] = [
    *[
        (x_of(first), y_of(line) + 1.6, x_of(last + 1), y_of(line) + 1.6)
        for line, first, last in (
            (22, 46, 47),
            (30, 7, 28),
            (30, 38, 46),
            (30, 57, 76),
            *((line, column, column + 6) for line in (38, 39, 40) for column in (3, 16, 29, 42)),
        )
    ],
]

_DASHED: list[Rule] = [
    *_in_service_lines(3, 6, 9, 12, 15, 31.5, 35, 38, 41),
    *[_down(x_of(56), line - 1, line) for line in _SERVICE_LINES],
    *[rule for line in _SERVICE_LINES for rule in _across(line - 1, left=x_of(64) + 3.6)],
    *[
        (x_of(column) + 3.6, bottom_of(line) - 12, x_of(column) + 3.6, bottom_of(line))
        for line, column in (
            (10, 33),
            (10, 36),
            (20, 56),
            (20, 59),
            (22, 52),
            (32, 4),
            (32, 7),
            (32, 39),
            (32, 42),
            (34, 3),
            *((line, column) for line in (32, 34) for column in (56, 59, 70, 73)),
            (56, 57),
            (56, 67),
            (37, 41),
            (37, 43),
        )
    ],
    (x_of(68), bottom_of(36) - 12, x_of(68), bottom_of(36)),
]

RULES: tuple[tuple[float, tuple[float, ...], list[Rule]], ...] = (
    (1.0, (), _HEAVY),
    (0.5, (), [*_LIGHT, *_UNDERLINES]),
    (0.4, (1.2, 1.4), _DASHED),
)
"""Weight, dashes and the rules drawn with them."""

CHECKS: tuple[tuple[int, int], ...] = (
    *((8, column) for column in (1, 8, 15, 24, 31, 39, 45)),
    *((10, column) for column in (42, 47)),
    *((12, column) for column in (33, 38, 42, 47)),
    *((line, column) for line in (20, 22, 24) for column in (35, 41)),
    *((20, column) for column in (68, 75)),
    *((line, column) for line in (26, 36) for column in (52, 57)),
    *((56, column) for column in (17, 19, 38, 43)),
)
"""Print line and column of each square that takes an X."""
