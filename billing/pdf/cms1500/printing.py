"""Typing claims onto CMS-1500 sheets: data alone for preprinted red forms, or with the form drawn under it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from billing.pdf.cms1500 import artwork
from billing.pdf.cms1500.boxes import BOXES, LINES_A_PAGE
from billing.pdf.cms1500.fields import FormPage
from billing.pdf.cms1500.form import Cms1500
from billing.pdf.cms1500.sheet import COLUMNS, FONT_SIZE, LEFT, LINE_HEIGHT, PAGE_SIZE, TOP

_STAMP_SIZE = 72
_STAMP_GREY = 0.85


def render_cms1500(
    forms: Cms1500 | Sequence[Cms1500],
    *,
    background: bool,
    nudge_x_pt: float = 0.0,
    nudge_y_pt: float = 0.0,
    stamp: str = "",
) -> bytes:
    """One PDF of all the forms, each beginning on a new sheet.

    ``background`` draws the form; without it only the data is printed, for preprinted sheets. The nudges move the
    data, not the form, right and down by so many points, since printers feed paper differently. ``stamp`` stands
    large and pale across every sheet. Raises ``ValueError`` when there is no form, or an amount has more digits than
    its box.
    """
    claims = [forms] if isinstance(forms, Cms1500) else list(forms)
    if not claims:
        raise ValueError("there is no form to print")
    written = BytesIO()
    canvas = artwork.new_canvas(written, with_form=background)
    for page in (page for claim in claims for page in pages(claim)):
        if background:
            artwork.place_form(canvas)
        if stamp:
            _stamp(canvas, stamp)
        _type_page(canvas, page, LEFT + nudge_x_pt, PAGE_SIZE[1] - TOP - nudge_y_pt)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


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


def _type_page(canvas: Canvas, page: FormPage, left: float, top: float) -> None:
    writer = canvas.beginText()
    writer.setFont("Courier", FONT_SIZE)
    for number, text in typed_lines(page).items():
        writer.setTextOrigin(left, top - LINE_HEIGHT * number)
        writer.textLine(text)
    canvas.drawText(writer)
