"""Sheets of paper: the tokens of the look, and the pages of one document while they are laid out.

Positions are points from the sheet's top left corner, downwards, on a grid of 4; a text stands on its baseline.
Pages are kept as plain lists of what to draw until the document is finished, because only then is it known how many
there are and "Page 1 of 3" can be written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from billing.money import Money
from billing.pdf.document import new_document
from billing.pdf.fonts import REGULAR, BlockFont, printable
from billing.pdf.parts import Region

INK = (0.09, 0.13, 0.12)
MUTED = (0.36, 0.42, 0.40)
JADE = (0.02, 0.42, 0.35)
RULE = (0.83, 0.87, 0.85)
TINT = (0.93, 0.97, 0.955)

MARGIN = 48.0
SMALL, BODY, LARGE, TITLE = 7.5, 9.0, 12.0, 18.0
LEADING = 12.0

_SIZES = {Region.US: (612.0, 792.0), Region.UK: (595.28, 841.89)}
_FOOT = 44.0

Colour = tuple[float, float, float]


@dataclass(slots=True)
class _Page:
    """What one page will show. Fills lie under lines, both under text."""

    fills: list[tuple[float, float, float, float, Colour]] = field(default_factory=list)
    lines: list[tuple[float, float, float, float, Colour]] = field(default_factory=list)
    pictures: list[tuple[ImageReader, float, float, float, float]] = field(default_factory=list)
    texts: list[tuple[float, float, str, BlockFont, float, Colour]] = field(default_factory=list)


class Sheets:
    """The pages of one document. New ones are added by :meth:`turn`; drawing goes to the last."""

    def __init__(self, region: Region, title: str, footer: str) -> None:
        """Start with one empty page. ``title`` names the file's contents; ``footer`` stands at each foot."""
        self.width, self.height = _SIZES[region]
        self.left, self.right = MARGIN, self.width - MARGIN
        self.bottom = self.height - MARGIN - _FOOT / 2
        """Nothing of the body is drawn below it."""
        self._title, self._footer = printable(title), printable(footer)
        self._pages = [_Page()]

    def turn(self) -> None:
        """Go on to a new, empty page."""
        self._pages.append(_Page())

    def text(
        self, x: float, y: float, text: str, *, font: BlockFont = REGULAR, size: float = BODY, colour: Colour = INK
    ) -> None:
        """One line of text from ``x`` rightwards."""
        self._pages[-1].texts.append((x, y, printable(text), font, size, colour))

    def text_to(
        self, right: float, y: float, text: str, *, font: BlockFont = REGULAR, size: float = BODY, colour: Colour = INK
    ) -> None:
        """One line of text that ends at ``right``."""
        text = printable(text)
        self._pages[-1].texts.append((right - font.width(text, size), y, text, font, size, colour))

    def rule(self, y: float, *, right: float | None = None, colour: Colour = RULE, weight: float = 0.6) -> None:
        """A horizontal line from the left margin, to the right one unless told."""
        self._pages[-1].lines.append((self.left, self.right if right is None else right, y, weight, colour))

    def fill(self, x: float, top: float, width: float, height: float, colour: Colour = TINT) -> None:
        """A filled rectangle under everything else."""
        self._pages[-1].fills.append((x, top, width, height, colour))

    def picture(self, content: bytes, x: float, top: float, box_width: float, box_height: float) -> float:
        """A PNG or JPEG shrunk into the box, at its top left; returns the width it takes."""
        reader = ImageReader(BytesIO(content))
        width, height = reader.getSize()
        scale = min(box_width / width, box_height / height)
        self._pages[-1].pictures.append((reader, x, top, width * scale, height * scale))
        return float(width * scale)

    def finish(self) -> bytes:
        """The document's bytes, with a footer on every page."""
        written = BytesIO()
        canvas = new_document(written, (self.width, self.height), self._title)
        for number, page in enumerate(self._pages, start=1):
            self._add_footer(page, f"Page {number} of {len(self._pages)}")
            self._draw(canvas, page)
            canvas.showPage()
        canvas.save()
        return written.getvalue()

    def _add_footer(self, page: _Page, counter: str) -> None:
        y = self.height - _FOOT + 8
        page.lines.append((self.left, self.right, y - 14, 0.6, RULE))
        page.texts.append((self.left, y, self._footer, REGULAR, SMALL, MUTED))
        page.texts.append((self.right - REGULAR.width(counter, SMALL), y, counter, REGULAR, SMALL, MUTED))

    def _draw(self, canvas: Canvas, page: _Page) -> None:
        for x, top, width, height, colour in page.fills:
            canvas.setFillColorRGB(*colour)
            canvas.rect(x, self.height - top - height, width, height, stroke=0, fill=1)
        pen: tuple[float, Colour] | None = None
        for left, right, y, weight, colour in page.lines:
            if (weight, colour) != pen:
                canvas.setStrokeColorRGB(*colour)
                canvas.setLineWidth(weight)
                pen = (weight, colour)
            canvas.line(left, self.height - y, right, self.height - y)
        for reader, x, top, width, height in page.pictures:
            canvas.drawImage(reader, x, self.height - top - height, width, height, mask="auto")
        self._write(canvas, page)

    def _write(self, canvas: Canvas, page: _Page) -> None:
        """All texts as one text object: the font and the colour are named only when they change."""
        writer = canvas.beginText()
        current: tuple[BlockFont, float] | None = None
        ink: Colour | None = None
        for x, y, text, font, size, colour in page.texts:
            if (font, size) != current:
                writer.setFont(font.fontName, size)
                current = (font, size)
            if colour != ink:
                writer.setFillColorRGB(*colour)
                ink = colour
            writer.setTextOrigin(x, self.height - y)
            writer.textLine(text)
        canvas.drawText(writer)


def wrapped(text: str, width: float, font: BlockFont = REGULAR, size: float = BODY) -> list[str]:
    """``text`` in lines no wider than ``width`` points; a word wider than that is divided. Never empty."""
    text = printable(text)
    if font.width(text, size) <= width:
        return [text]
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else ""
        if longer and font.width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines += _divided(word, width, font, size)
    return lines


def _divided(word: str, width: float, font: BlockFont, size: float) -> list[str]:
    """The word in as many pieces as ``width`` asks for, one when it fits."""
    if font.width(word, size) <= width:
        return [word]
    pieces = [""]
    for character in word:
        if pieces[-1] and font.width(pieces[-1] + character, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


@lru_cache(maxsize=4096)
def amount_text(amount: Money) -> str:
    """The amount as its readers write it. Fees repeat from paper to paper, so the texts are kept."""
    return str(amount)
