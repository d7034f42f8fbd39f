"""Segments as text, with the separators this house always uses: ``* : ~ ^``, one segment a line.

Text is cleaned long before it comes here (``billing.edi.text``). This is the last gate: an element
that holds a separator, a control character or anything outside ASCII is refused, so that no datum can
ever change the structure of a file.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from billing.edi.segments import Separators

SEPARATORS = Separators()

Element = str | tuple[str, ...]
"""An element is text; a composite is the tuple of its components; what stands several times is :class:`Repeated`."""


class Repeated(tuple[str, ...]):
    """The repetitions of one element."""

    __slots__ = ()


class AddSegment(Protocol):
    """Anything that takes segments one by one, such as :meth:`SegmentWriter.add`."""

    def __call__(self, segment_id: str, /, *elements: Element) -> None:
        """Add one segment."""


class SegmentWriter:
    """Collects segments in order. ``lines`` are the finished segments without their terminators."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self.lines: list[str] = []

    def add(self, segment_id: str, /, *elements: Element) -> None:
        """Add one segment; empty elements and components at its end are left out, as X12 wants.

        Raises ``ValueError`` when an element holds a separator or a character that is not printable
        ASCII; the message names the place, not the content.
        """
        texts = [_joined(element) if isinstance(element, tuple) else element for element in elements]
        text = "*".join(texts)
        if (
            not (text.isascii() and text.isprintable())
            or "~" in text
            or ("^" in text and _has_stray_caret(elements))
            or text.count("*") != len(texts) - 1
            or (":" in text and _has_stray_colon(elements))
        ):
            raise ValueError(f"{segment_id}{_place(elements)} holds a character that X12 does not allow there")
        self.lines.append(f"{segment_id}*{text}".rstrip("*"))

    def text(self) -> str:
        """All segments, each with its terminator, on a line of its own."""
        return "".join([f"{line}~\n" for line in self.lines])


def _joined(element: tuple[str, ...]) -> str:
    if isinstance(element, Repeated):
        return SEPARATORS.repetition.join(element)
    return SEPARATORS.component.join(element).rstrip(SEPARATORS.component)


def _has_stray_caret(elements: tuple[Element, ...]) -> bool:
    return any("^" in part for element in elements for part in ((element,) if isinstance(element, str) else element))


def _has_stray_colon(elements: tuple[Element, ...]) -> bool:
    return any(
        any(":" in component for component in element) if isinstance(element, tuple) else ":" in element
        for element in elements
    )


def _place(elements: tuple[Element, ...]) -> str:
    """The number of the first faulty element, as two digits, the way X12 names elements."""
    for number, element in enumerate(elements, start=1):
        joined = "".join(element)
        if not (joined.isascii() and joined.isprintable()) or any(mark in joined for mark in SEPARATORS):
            return f"{number:02d}"
    return ""


def amount(cents: int) -> str:
    """Cents as an X12 decimal without trailing zeros: ``16500`` is ``165``, ``7250`` is ``72.5``."""
    whole, minor = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    if not minor:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{minor:02d}".rstrip("0")


def day(value: date) -> str:
    """A date in format D8."""
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"
