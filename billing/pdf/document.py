"""The file around the pages: how every PDF of this house is begun."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

rl_config.useA85 = 0  # binary streams: every reader takes them, and the text armour costs a quarter more bytes


def new_document(written: BytesIO, size: tuple[float, float], title: str, *, first_font: str = "Helvetica") -> Canvas:
    """A canvas that writes to ``written`` when saved: compressed, without time stamps, so that its bytes repeat.

    ``first_font`` is one of the fonts every PDF reader has; it is named in the file even when nothing is set in it.
    """
    options: dict[str, Any] = {"initialFontName": first_font}
    canvas = Canvas(written, pagesize=size, invariant=1, pageCompression=1, lang="en", **options)
    canvas.setTitle(title)
    canvas.setCreator("Meridian")
    canvas.setAuthor("")
    canvas.setSubject("")
    return canvas
