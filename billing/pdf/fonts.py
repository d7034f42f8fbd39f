"""The typeface of the papers, embedded without cutting it anew for every document.

A TrueType font must travel inside the PDF, and ReportLab cuts it to the used letters each time, which costs more
than drawing the page. Here a font is divided once into *blocks* of fixed characters: the first holds ASCII and
everyday punctuation, the others the accented Latin, Greek and Cyrillic letters in code order. A document embeds
the blocks it uses, and the bytes of a block are made once in a process. Nearly every document needs the first block
alone, about 8 kB a weight.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont, makeToUnicodeCMap

REPLACEMENT = "\u25a1"
"""A hollow square: drawn for a character that the typeface lacks, so that nothing vanishes unseen."""

_FOLDER = Path(__file__).with_name("fonts")
_ASCII = "".join(map(chr, range(33, 127)))
_EVERYDAY = _ASCII + "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u00b7\u00d7\u00a3\u20ac" + REPLACEMENT
_SYMBOLIC = 4
_BLOCK_SIZE = 96


class BlockFont(TTFont):
    """A TrueType font that ReportLab embeds block by block; see the module's introduction.

    In each block the blank is code 32 and the block's characters follow, so that ASCII keeps its own codes. The
    methods in mixed case are the ones ReportLab calls on a font that brings its own encoding.
    """

    def __init__(self, path: Path) -> None:
        """Read the TrueType file; its name without the ending becomes the font's name."""
        super().__init__(path.stem, str(path), shapable=False)
        others = [chr(code) for code in sorted(self.face.charToGlyph) if code > 32 and chr(code) not in _EVERYDAY]
        self._blocks = [" " + _EVERYDAY]
        self._blocks += [
            " " + "".join(others[start : start + _BLOCK_SIZE]) for start in range(0, len(others), _BLOCK_SIZE)
        ]
        self._places = {
            character: (number, code)
            for number, block in reversed(list(enumerate(self._blocks)))
            for code, character in enumerate(block, start=32)
        }
        widths: dict[int, float] = self.face.charWidths
        self._widths = {character: widths[ord(character)] / 1000 for character in self._places}
        self._used: WeakKeyDictionary[Any, dict[int, str]] = WeakKeyDictionary()

    def has(self, character: str) -> bool:
        """Can this font draw the character?"""
        return character in self._places

    def width(self, text: str, size: float) -> float:
        """Width in points of a text that went through :func:`printable`."""
        return size * sum(map(self._widths.__getitem__, text))

    def splitString(self, text: str, doc: Any, encoding: str = "utf-8") -> list[tuple[int, bytes]]:
        """The text as runs of one block each, in the block's own codes."""
        if text.isascii():
            return [(0, text.encode("ascii"))]
        runs: list[tuple[int, bytearray]] = []
        for character in text:
            number, code = self._places[character]
            if runs and code == 32:
                number = runs[-1][0]
            if not runs or runs[-1][0] != number:
                runs.append((number, bytearray()))
            runs[-1][1].append(code)
        return [(number, bytes(codes)) for number, codes in runs]

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:
        """The name by which the document's pages call block ``subset``; the block is embedded from then on."""
        used = self._used.setdefault(doc, {})
        if not used:
            doc.delayedFonts.append(self)
        return used.setdefault(subset, f"/{self.fontName}.{subset}")

    def addObjects(self, doc: Any) -> None:
        """Add the used blocks to the document; ReportLab calls it once, when the document is complete."""
        fonts = doc.idToObject["BasicFonts"].dict
        for number, name in sorted(self._used.pop(doc).items()):
            fonts[name[1:]] = _embed(doc, _block(self, number))

    def subset(self, number: int) -> list[int]:
        """Unicode of the block's codes, from code 0."""
        return [0] * 32 + [ord(character) for character in self._blocks[number]]


@dataclass(frozen=True, slots=True)
class _Block:
    """What a document embeds for one block, ready to be written."""

    name: str
    program: bytes
    """The cut TrueType file, compressed."""
    program_length: int
    unicode_map: bytes
    """From the block's codes to Unicode, so that text can be searched and copied; compressed."""
    widths: str
    last_code: int
    metrics: dict[str, float | str]


@cache
def _block(font: BlockFont, number: int) -> _Block:
    """Block ``number`` of the font, cut the first time it is asked for."""
    face, subset = font.face, font.subset(number)
    name = f"{SUBSETN(number).decode()}+{font.fontName}"
    program = face.makeSubset(subset)
    return _Block(
        name=name,
        program=zlib.compress(program),
        program_length=len(program),
        unicode_map=zlib.compress(makeToUnicodeCMap(name, subset).encode("ascii")),
        widths=_array(face.charWidths.get(code, face.defaultWidth) for code in subset),
        last_code=len(subset) - 1,
        metrics={
            "Flags": _SYMBOLIC,
            "FontBBox": _array(face.bbox),
            "Ascent": round(face.ascent),
            "CapHeight": round(face.capHeight),
            "Descent": round(face.descent),
            "ItalicAngle": 0,
            "StemV": face.stemV,
        },
    )


def _array(numbers: Iterable[float]) -> str:
    return f"[{' '.join(str(round(number)) for number in numbers)}]"


def _stream(compressed: bytes, **entries: int) -> pdfdoc.PDFStream:
    return pdfdoc.PDFStream(pdfdoc.PDFDictionary({"Filter": "/FlateDecode", **entries}), compressed)


def _embed(doc: Any, block: _Block) -> Any:
    """A reference to the block's font, which is added with its parts to the document."""
    program = doc.Reference(_stream(block.program, Length1=block.program_length))
    descriptor = {"Type": "/FontDescriptor", "FontName": f"/{block.name}", "FontFile2": program, **block.metrics}
    font = {
        "Type": "/Font",
        "Subtype": "/TrueType",
        "BaseFont": f"/{block.name}",
        "FirstChar": 0,
        "LastChar": block.last_code,
        "Widths": block.widths,
        "ToUnicode": doc.Reference(_stream(block.unicode_map)),
        "FontDescriptor": doc.Reference(pdfdoc.PDFDictionary(descriptor)),
    }
    return doc.Reference(pdfdoc.PDFDictionary(font))


REGULAR = BlockFont(_FOLDER / "Inter-Regular.ttf")
SEMIBOLD = BlockFont(_FOLDER / "Inter-SemiBold.ttf")
pdfmetrics.registerFont(REGULAR)
pdfmetrics.registerFont(SEMIBOLD)


def printable(text: str) -> str:
    """``text`` as the typeface can draw it.

    Letters with separate accents are joined, line breaks and tabs become blanks, invisible control characters go, and
    a character that the typeface lacks becomes :data:`REPLACEMENT`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if REGULAR.has(character) else REPLACEMENT for character in _visible(text))


def missing_characters(text: str) -> tuple[str, ...]:
    """The characters of ``text`` that the papers cannot draw, each once, in the order met."""
    return tuple(dict.fromkeys(character for character in _visible(text) if not REGULAR.has(character)))


def _visible(text: str) -> str:
    joined = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(character for character in joined if unicodedata.category(character) not in ("Cc", "Cf"))
