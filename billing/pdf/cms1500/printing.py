"""Typing claims onto CMS-1500 sheets: data alone for preprinted red forms, or with the form drawn under it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from billing.pdf.cms1500 import artwork
from billing.pdf.cms1500.boxes import BOXES, LINES_A_PAGE
from billing.pdf.cms1500.fields import FormPage
from billing.pdf.cms1500.form import Cms1500
from billing.pdf.cms1500.sheet import COLUMNS, FONT_SIZE, LEFT, LINE_HEIGHT, PAGE_SIZE, TOP

_STAMP_SIZE = 72
_STAMP_GREY = 0.85


class FormStack:
    """One PDF of many claims' forms, drawn one after the other; each begins on a new sheet.

    ``background`` draws the form; without it only the data is printed, for preprinted sheets. The nudges move the
    data, not the form, right and down by so many points, since printers feed paper differently. ``stamp`` stands
    large and pale across every sheet.
    """

    def __init__(self, *, background: bool, nudge_x_pt: float = 0.0, nudge_y_pt: float = 0.0, stamp: str = "") -> None:
        self.sheets = 0
        """How many have been drawn."""
        self._has_background, self._stamp = background, stamp
        self._left, self._top = LEFT + nudge_x_pt, PAGE_SIZE[1] - TOP - nudge_y_pt
        self._written = BytesIO()
        self._canvas = artwork.new_canvas(self._written, with_form=background)

    def add(self, form: Cms1500) -> None:
        """Draw a claim's sheets. Raises ``ValueError``, and draws none, when an amount has more digits than its box."""
        for typed in [typed_lines(page) for page in pages(form)]:
            if self._has_background:
                artwork.place_form(self._canvas)
            if self._stamp:
                _stamp(self._canvas, self._stamp)
            _type(self._canvas, typed, self._left, self._top)
            self._canvas.showPage()
            self.sheets += 1

    def pdf(self) -> bytes:
        """All that was drawn; nothing can be added afterwards. Raises ``ValueError`` when that is nothing."""
        if not self.sheets:
            raise ValueError("there is no form to print")
        self._canvas.save()
        return self._written.getvalue()


def render_cms1500(
    forms: Cms1500 | Sequence[Cms1500],
    *,
    background: bool,
    nudge_x_pt: float = 0.0,
    nudge_y_pt: float = 0.0,
    stamp: str = "",
) -> bytes:
    """One PDF of all the forms: what a :class:`FormStack` makes of them.

    Raises ``ValueError`` when there is no form, or an amount has more digits than its box.
    """
    stack = FormStack(background=background, nudge_x_pt=nudge_x_pt, nudge_y_pt=nudge_y_pt, stamp=stamp)
    for form in [forms] if isinstance(forms, Cms1500) else forms:
        stack.add(form)
    return stack.pdf()


def pages(form: Cms1500) -> Iterator[FormPage]:
    """The sheets of a claim. What was paid fills them in order, so that no sheet shows more than its own total.

    What is left over stays on the last sheet.
    """
    left = form.amount_paid
    starts = range(0, len(form.lines), LINES_A_PAGE)
    for start in starts:
        lines = form.lines[start : start + LINES_A_PAGE]
        paid = left
        if left is not None and start != starts[-1]:
            paid = min(left, sum(line.charge for line in lines))
        yield FormPage(form, lines, paid)
        left = None if left is None or paid is None else left - paid


def typed_lines(page: FormPage) -> dict[int, str]:
    """The sheet as a typewriter leaves it: the text of each print line that has any."""
    lines: dict[int, list[str]] = {}
    for box in BOXES:
        if text := box.typed(page):
            line = lines.setdefault(box.line, [" "] * COLUMNS)
            line[box.column - 1 : box.column - 1 + len(text)] = text
    return {number: "".join(line).rstrip() for number, line in sorted(lines.items())}


def _stamp(canvas: Canvas, words: str) -> None:
    width, height = PAGE_SIZE
    canvas.saveState()
    canvas.setFont("Helvetica-Bold", _STAMP_SIZE)
    canvas.setFillGray(_STAMP_GREY)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(50)
    canvas.drawCentredString(0, -_STAMP_SIZE / 3, words)
    canvas.restoreState()


def _type(canvas: Canvas, lines: Mapping[int, str], left: float, top: float) -> None:
    writer = canvas.beginText()
    writer.setFont("Courier", FONT_SIZE)
    for number, text in lines.items():
        writer.setTextOrigin(left, top - LINE_HEIGHT * number)
        writer.textLine(text)
    canvas.drawText(writer)
