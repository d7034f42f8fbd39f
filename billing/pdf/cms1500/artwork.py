"""The picture of the form, version 02/12, in a red near the drop-out ink of the printed sheets.

It is our own line drawing of a public-domain form, for the patient's file and for payers that take plain paper; a
scanner wants the real red sheets. Rules and captions are data (``rules.py``, ``captions.py``), placed by the same print
lines and columns as the boxes. The picture is drawn once in a process; a document gets it finished and compressed, as
one object that its pages share.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from typing import Any

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from billing.pdf.cms1500 import captions, rules
from billing.pdf.cms1500.sheet import PAGE_SIZE, PITCH, x_of, y_of
from billing.pdf.document import new_document

_RED = (0.80, 0.13, 0.13)
_SHADE = (0.99, 0.90, 0.885)
_NAME = "cms1500"
_HEIGHT = PAGE_SIZE[1]
_FONTS = {False: "Helvetica", True: "Helvetica-Bold"}


def new_canvas(written: BytesIO, *, with_form: bool) -> Canvas:
    """An empty document; with the picture, which :func:`place_form` shows, when it is asked for."""
    canvas: Canvas = _canvas(written, _FONTS.values() if with_form else ())
    if with_form:
        canvas.beginForm(_NAME)
        canvas.endForm(Contents=pdfdoc.PDFStream(pdfdoc.PDFDictionary({"Filter": "/FlateDecode"}), _picture()))
    return canvas


def place_form(canvas: Canvas) -> None:
    """Show the picture on the current page."""
    canvas.doForm(_NAME)


def _canvas(written: BytesIO, fonts: Iterable[str]) -> Any:
    """A document that knows Courier and the fonts, always by the same names: the finished picture relies on them."""
    canvas = new_document(written, PAGE_SIZE, "CMS-1500", first_font="Courier")
    for font in fonts:
        canvas.setFont(font, 6)
    return canvas


@cache
def _picture() -> bytes:
    """The drawing instructions, compressed."""
    canvas = _canvas(BytesIO(), _FONTS.values())
    canvas.beginForm(_NAME)
    canvas.setFillColorRGB(*_SHADE)
    for left, top, right, bottom in rules.SHADES:
        canvas.rect(left, _HEIGHT - bottom, right - left, bottom - top, stroke=0, fill=1)
    canvas.setStrokeColorRGB(*_RED)
    canvas.setFillColorRGB(*_RED)
    for weight, dash, segments in rules.RULES:
        canvas.setLineWidth(weight)
        canvas.setDash(*dash)
        canvas.lines([(x1, _HEIGHT - y1, x2, _HEIGHT - y2) for x1, y1, x2, y2 in segments])
    canvas.setDash()
    canvas.setLineWidth(0.6)
    for line, column in rules.CHECKS:
        canvas.rect(x_of(column) - 1.4, _HEIGHT - y_of(line) - 1.8, PITCH + 2.8, 10)
    for x, y, text, size, bold in captions.CAPTIONS:
        canvas.setFont(_FONTS[bold], size)
        canvas.drawString(x, _HEIGHT - y, text)
    for x, y, text, size in captions.SIDE_LABELS:
        _draw_upwards(canvas, x, _HEIGHT - y, text, size)
    canvas.endForm()
    return zlib.compress(canvas._doc.idToObject[pdfdoc.xObjectName(_NAME)].stream, 9)


def _draw_upwards(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    """Text turned by a quarter, centred on its point."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(90)
    canvas.setFont(_FONTS[True], size)
    canvas.drawCentredString(0, 0, text)
    canvas.restoreState()
