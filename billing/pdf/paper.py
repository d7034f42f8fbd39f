"""A letter from the clinic: letterhead, facts, one table, totals set apart, and what to do next.

:class:`Paper` keeps a cursor that moves down the page. Whatever does not fit goes on a new page under a short head that
says whose paper it is; a table repeats its column titles there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing.pdf.fonts import REGULAR, SEMIBOLD, BlockFont
from billing.pdf.page import BODY, INK, JADE, LARGE, LEADING, MARGIN, MUTED, SMALL, TITLE, Colour, Sheets, wrapped
from billing.pdf.parts import Letterhead
from billing.pdf.table import (
    PADDING,
    SMALL_LEADING,
    TITLE_HEIGHT,
    Column,
    Edges,
    Row,
    column_edges,
    column_titles,
    column_width,
    grouped_rows,
    height_of,
)

__all__ = ["Column", "Fact", "Paper", "column_width"]

_LOGO_BOX = (120.0, 44.0)
_GUTTER = 16.0
_TOTALS_WIDTH = 272.0
_HEADING_HEIGHT = 24.0
_TITLES_HEIGHT = 16.0
_CALLOUT_LEADING = 14.0
_TOP = MARGIN + 20
"""Where the body begins on every page but the first."""
_ROOM_TO_SIGN = 30.0
_NAME, _DETAIL = 14.0, 8.0


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands under it, one string a line. A fact whose lines are all empty is not printed."""

    label: str
    lines: tuple[str, ...]


class Paper:
    """One document under the clinic's letterhead, written from top to bottom."""

    def __init__(self, letterhead: Letterhead, kind: str, number: str) -> None:
        """Draw the letterhead. ``kind`` is what the paper is called: ``Invoice``."""
        self._letterhead, self._name = letterhead, f"{kind} {number}"
        self._sheets = Sheets(letterhead.region, self._name, f"{letterhead.clinic_name} · {self._name}")
        self._y = self._draw_letterhead(kind, number)

    def facts(self, columns: Sequence[Sequence[Fact]]) -> None:
        """Labelled facts side by side in equal columns."""
        sheets, top = self._sheets, self._y
        width = (sheets.right - sheets.left + _GUTTER) / len(columns)
        ends = [self._fact_column(sheets.left + place * width, width, facts) for place, facts in enumerate(columns)]
        self._y = max([top, *ends]) + 8

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[tuple[str, ...]],
        *,
        heading: str = "",
        above: Sequence[str] = (),
        below: Sequence[str] = (),
    ) -> None:
        """One row a line, long cells wrapped; a row is never divided between two pages.

        ``heading`` says what it is about. ``above`` has for each row the title of the group it begins, ``below`` what
        explains it in small print; both have an empty text for a row without. Heading and column titles are never
        alone at the foot of a page; a group stays on one page if it can, and where it cannot its title is repeated.
        """
        edges = column_edges(columns, self._sheets.left, self._sheets.right)
        groups = grouped_rows(rows, edges, above, below)
        first = height_of(groups[0]) if groups else 0
        self._keep_together((_HEADING_HEIGHT if heading else 0) + self._titles_height(columns, edges) + first)
        if heading:
            self._y += _HEADING_HEIGHT
            self._sheets.text(self._sheets.left, self._y - 4, heading, font=SEMIBOLD, size=BODY + 1)
        self._column_titles(columns, edges)
        for group in groups:
            self._draw_group(columns, edges, group)
        self._y += 12

    def totals(
        self, rows: Sequence[tuple[str, str]], final: tuple[str, str], *, signature: str = "", by_hand: str = ""
    ) -> None:
        """Labelled amounts at the right edge, the ``final`` one set off; kept together on one page.

        A ``signature`` statement goes to their left, on the provider's line. With ``by_hand``, who is to sign, it
        stands above a line with room for a hand.
        """
        sheets = self._sheets
        left = sheets.right - _TOTALS_WIDTH
        labels = [wrapped(label, _TOTALS_WIDTH - 96) for label, _ in rows]
        room = _ROOM_TO_SIGN if by_hand else 0.0
        self._keep_together(sum(map(len, labels)) * LEADING + 4 * len(rows) + 40 + room)
        for lines, (_, amount) in zip(labels, rows, strict=True):
            self._lines(lines, left + PADDING, None, self._y + 12, colour=MUTED)
            sheets.text_to(sheets.right - PADDING, self._y + 12, amount)
            self._y += len(lines) * LEADING + 4
        self._y += 4
        sheets.fill(left, self._y, _TOTALS_WIDTH, 28)
        sheets.text(left + PADDING, self._y + 18, final[0], font=SEMIBOLD, size=LARGE)
        sheets.text_to(sheets.right - PADDING, self._y + 18, final[1], font=SEMIBOLD, size=LARGE)
        if signature:
            self._sign(signature, by_hand or "Signature of the provider", left - 2 * _GUTTER, room)
        self._y += 36 + room

    def callout(self, sentence: str, then: str = "") -> None:
        """What the reader should know first, set off by a bar of the accent; nothing for an empty sentence.

        ``then``, under it in plain letters, is what to do about it.
        """
        if not sentence:
            return
        sheets = self._sheets
        width = sheets.right - sheets.left - 24
        lines = [(line, SEMIBOLD, BODY + 1) for line in wrapped(sentence, width, SEMIBOLD, BODY + 1)]
        lines += [(line, REGULAR, BODY) for line in wrapped(then, width)] if then else []
        height = len(lines) * _CALLOUT_LEADING + 12
        self._keep_together(height + 12)
        self._y += 12
        sheets.fill(sheets.left, self._y, 3, height, JADE)
        for line, font, size in lines:
            self._y += _CALLOUT_LEADING
            sheets.text(sheets.left + 16, self._y + 2, line, font=font, size=size)
        self._y += 12

    def note(self, *texts: str) -> None:
        """Small print, each text a paragraph, all on one page so that none is left over; nothing for empty texts."""
        paragraphs = [
            wrapped(text, self._sheets.right - self._sheets.left, REGULAR, SMALL) for text in filter(None, texts)
        ]
        self._keep_together(sum(len(lines) * SMALL_LEADING + 12 for lines in paragraphs))
        for lines in paragraphs:
            self._y += 12
            self._lines(lines, self._sheets.left, None, self._y + 8, size=SMALL, leading=SMALL_LEADING, colour=MUTED)
            self._y += len(lines) * SMALL_LEADING

    def finish(self) -> bytes:
        """The document's bytes."""
        return self._sheets.finish()

    def _has_room(self, height: float) -> bool:
        return self._y + height <= self._sheets.bottom

    def _keep_together(self, height: float) -> None:
        """Turn to a new page when that is where so much has room; what no page has room for begins here."""
        if not self._has_room(height) and _TOP + height <= self._sheets.bottom and self._y > _TOP:
            self._turn()

    def _turn(self) -> None:
        """A new page under a short head."""
        sheets = self._sheets
        sheets.turn()
        sheets.text(sheets.left, MARGIN, self._letterhead.clinic_name, font=SEMIBOLD)
        sheets.text_to(sheets.right, MARGIN, f"{self._name}, continued", colour=MUTED)
        sheets.rule(MARGIN + 8, colour=JADE, weight=1)
        self._y = _TOP

    def _lines(
        self,
        lines: Sequence[str],
        left: float,
        right: float | None,
        y: float,
        *,
        font: BlockFont = REGULAR,
        size: float = BODY,
        leading: float = LEADING,
        colour: Colour = INK,
    ) -> float:
        """Lines under one another from baseline ``y``, ending at ``right`` when it is given; the next baseline."""
        for line in lines:
            if right is None:
                self._sheets.text(left, y, line, font=font, size=size, colour=colour)
            else:
                self._sheets.text_to(right, y, line, font=font, size=size, colour=colour)
            y += leading
        return y

    def _draw_letterhead(self, kind: str, number: str) -> float:
        sheets, letterhead = self._sheets, self._letterhead
        left = sheets.left
        if letterhead.logo is not None:
            left += sheets.picture(letterhead.logo, left, MARGIN - 8, *_LOGO_BOX) + 12
        width = sheets.right - left - 152
        contact = " · ".join(filter(None, (letterhead.phone, letterhead.email, letterhead.website)))
        names = wrapped(letterhead.clinic_name, width, SEMIBOLD, _NAME)
        details = [wrapped(text, width, size=_DETAIL) for text in (", ".join(letterhead.address), contact) if text]
        y = self._lines(names, left, None, MARGIN + 6, font=SEMIBOLD, size=_NAME, leading=17) - 2
        for lines in details:
            y = self._lines(lines, left, None, y, size=_DETAIL, leading=11, colour=MUTED)
        sheets.text_to(sheets.right, MARGIN + 6, kind, font=SEMIBOLD, size=TITLE, colour=JADE)
        sheets.text_to(sheets.right, MARGIN + 22, number, size=BODY, colour=MUTED)
        y = max(y, MARGIN + 40)
        sheets.rule(y, colour=JADE, weight=1)
        return y + 20

    def _fact_column(self, left: float, width: float, facts: Sequence[Fact]) -> float:
        y = self._y
        for fact in facts:
            lines = [piece for line in fact.lines if line for piece in wrapped(line, width - _GUTTER)]
            if lines:
                self._sheets.text(left, y, fact.label, size=SMALL, colour=MUTED)
                y = self._lines(lines, left, None, y + LEADING) + 4
        return y

    def _sign(self, statement: str, signer: str, right: float, room: float) -> None:
        """The statement over a line that ends at ``right``, ``room`` above it, level with the final amount."""
        left, foot = self._sheets.left, self._y + 17 + room
        lines = wrapped(statement, right - left)
        self._lines(lines, left, None, self._y + 12 - (0 if room else len(lines) - 1) * LEADING)
        self._sheets.rule(foot, right=right, colour=MUTED)
        self._sheets.text(left, foot + 10, signer, size=SMALL, colour=MUTED)

    def _titles_height(self, columns: Sequence[Column], edges: Sequence[Edges]) -> float:
        return (max(map(len, column_titles(columns, edges))) - 1) * SMALL_LEADING + _TITLES_HEIGHT

    def _column_titles(self, columns: Sequence[Column], edges: Sequence[Edges]) -> None:
        titles = column_titles(columns, edges)
        self._y += (max(map(len, titles)) - 1) * SMALL_LEADING
        for lines, column, (left, right) in zip(titles, columns, edges, strict=True):
            end, top = right if column.right else None, self._y + 8 - (len(lines) - 1) * SMALL_LEADING
            self._lines(lines, left, end, top, font=SEMIBOLD, size=SMALL, leading=SMALL_LEADING, colour=MUTED)
        self._y += _TITLES_HEIGHT
        self._sheets.rule(self._y, colour=INK, weight=0.8)

    def _draw_group(self, columns: Sequence[Column], edges: Sequence[Edges], group: Sequence[Row]) -> None:
        fits_a_page = _TOP + self._titles_height(columns, edges) + height_of(group) <= self._sheets.bottom
        if fits_a_page and not self._has_room(height_of(group)):
            self._turn()
            self._column_titles(columns, edges)
        for place, row in enumerate(group):
            if not self._has_room(row.height):
                self._turn()
                self._column_titles(columns, edges)
                if place and group[0].title:
                    self._group_title(f"{group[0].title}, continued")
            self._draw_row(columns, edges, row)

    def _group_title(self, title: str) -> None:
        self._sheets.text(self._sheets.left, self._y + 12, title, font=SEMIBOLD)
        self._y += TITLE_HEIGHT

    def _draw_row(self, columns: Sequence[Column], edges: Sequence[Edges], row: Row) -> None:
        foot = self._y + row.height
        if row.title:
            self._group_title(row.title)
        for lines, column, (left, right) in zip(row.cells, columns, edges, strict=True):
            self._lines(lines, left, right if column.right else None, self._y + 12)
        below = self._y + row.body + 10
        self._lines(row.small, self._sheets.left, None, below, size=SMALL, leading=SMALL_LEADING, colour=MUTED)
        self._y = foot
        self._sheets.rule(foot)
