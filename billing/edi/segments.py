"""The tokeniser all transaction sets share: bytes in, segments out, in constant memory.

Every interchange names its own separators in its ISA header, so they are taken from there anew for
each one. Byte order marks, any kind of line end, blanks before a segment, lines wrapped inside a
segment, a missing header and a missing last terminator are all read; what is faulty is reported.

Text is handled a chunk at a time, because that is many times faster than a segment at a time: the
segments of a chunk travel together as a :class:`Run`, and are cut into elements by whoever needs them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Generator, Iterable, Iterator
from typing import BinaryIO, NamedTuple

from billing.edi.findings import Finding
from billing.errors import Severity

Source = bytes | bytearray | str | BinaryIO | Iterable[bytes]

CHUNK = 64 * 1024
_HEADER_LENGTH = 106
_LONGEST_HEADER = 256
_BLANKS = " \t\r\n\x00\x1a\ufeff"
_LONGEST_SEGMENT = 1024 * 1024
_HEADER = re.compile(r"ISA(?=[^A-Za-z0-9 \t\r\n])")
_HEADLESS = re.compile(r"(?:GS|ST|TA1|BHT|BPR)([^A-Za-z0-9 \t\r\n])")
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{1,2}([^A-Za-z0-9 \t\r\n])")
_NOT_PLAIN = r"{0}(?:\s|{0}|$|(?:ISA|IEA|GS|GE|ST|SE|TA1)(?![A-Za-z0-9]))"
"""What asks for a closer look after a terminator: a blank, nothing at all, or a segment of an envelope."""


class Separators(NamedTuple):
    """The four separators of an interchange. ``repetition`` is empty before version 005010."""

    element: str = "*"
    component: str = ":"
    terminator: str = "~"
    repetition: str = "^"


class Segment(NamedTuple):
    """One segment as it stood in the file. A tuple rather than a dataclass: millions are made."""

    id: str
    parts: list[str]
    """The id and all elements, so that ``parts[3]`` is the third element, such as NM103."""
    position: int
    """Place among the segments of the source, from 1."""
    separators: Separators

    def element(self, number: int) -> str:
        """Element ``number`` (from 1) as written, or an empty string when the segment is shorter."""
        return self.parts[number] if number < len(self.parts) else ""

    def components(self, number: int) -> list[str]:
        """The components of element ``number``; one empty string when it is not sent."""
        return self.element(number).split(self.separators.component)

    def component(self, number: int, place: int) -> str:
        """Component ``place`` (from 1) of element ``number``, or an empty string."""
        components = self.components(number)
        return components[place - 1] if place <= len(components) else ""

    def repetitions(self, number: int) -> list[str]:
        """The repetitions of element ``number``; empty when it is not sent."""
        text = self.element(number)
        if not text:
            return []
        return text.split(self.separators.repetition) if self.separators.repetition else [text]


class Run(NamedTuple):
    """Segments that came out of the source together, clean but not yet cut into elements."""

    position: int
    """Place of the first among the segments of the source, from 1."""
    texts: list[str]
    separators: Separators
    is_plain: bool
    """Whether it is certain that none of them belongs to an envelope."""

    def segment(self, index: int) -> Segment:
        """The segment at ``index`` (from 0), cut into its elements."""
        parts = self.texts[index].split(self.separators.element)
        return Segment(parts[0], parts, self.position + index, self.separators)

    def segments(self) -> Iterator[Segment]:
        """All of them, cut into their elements."""
        element, separators = self.separators.element, self.separators
        for position, text in enumerate(self.texts, start=self.position):
            parts = text.split(element)
            yield Segment(parts[0], parts, position, separators)

    def part(self, start: int, end: int) -> Run:
        """Those from index ``start`` up to ``end``."""
        return Run(self.position + start, self.texts[start:end], self.separators, self.is_plain)


def read_segments(source: Source, findings: list[Finding]) -> Iterator[Segment]:
    """The segments of ``source``, one after the other, from as many interchanges as it holds.

    ``source`` is the content (``bytes`` or ``str``), a file opened for bytes, or any run of byte
    chunks. Never raises for bad content: what is wrong goes into ``findings``.
    """
    for run in read_runs(source, findings):
        yield from run.segments()


def read_runs(source: Source, findings: list[Finding]) -> Iterator[Run]:
    """The same segments as :func:`read_segments`, as they come, many at a time and none of the runs empty."""
    tokeniser = _Tokeniser(findings)
    for text in _texts(source, findings):
        yield from tokeniser.feed(text)
    yield from tokeniser.finish()


def _chunks(source: bytes | bytearray | BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(source, bytes | bytearray):
        for start in range(0, len(source), CHUNK):
            yield bytes(source[start : start + CHUNK])
    elif hasattr(source, "read"):
        while chunk := source.read(CHUNK):
            yield chunk
    else:
        yield from source


def _texts(source: Source, findings: list[Finding]) -> Iterator[str]:
    if isinstance(source, str):
        for start in range(0, len(source), CHUNK):
            yield source[start : start + CHUNK]
        return
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in _chunks(source):
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            text = (decoder.getstate()[0] + chunk).decode("latin-1")
            decoder = codecs.getincrementaldecoder("latin-1")()
            findings.append(Finding("text.not_utf8", Severity.WARN, "The file is not UTF-8; it was read as Latin-1."))
        yield text
    yield decoder.getstate()[0].decode("latin-1")


class _Tokeniser:
    """Cuts text into segments; keeps what does not yet end until more text comes."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.separators: Separators | None = None
        self.rest = ""
        self.position = 0

    def feed(self, text: str, last: bool = False) -> Iterator[Run]:
        self.rest += text
        while self.separators is not None or (yield from self._open(last)):
            yield from self._run(self.separators or Separators())
            if self.separators is not None:
                break
        if len(self.rest) > _LONGEST_SEGMENT:
            why = "There is no end of a segment for a megabyte; that text was skipped."
            self._note("segment.endless", why, Severity.BLOCK)
            self.rest = ""

    def finish(self) -> Iterator[Run]:
        yield from self.feed("", last=True)
        if self.separators is not None and self.rest.strip(_BLANKS):
            terminator = self.separators.terminator
            if terminator not in "\r\n":
                self._note("segment.unterminated", "The last segment has no terminator; the file may be cut off.")
            yield from self.feed(terminator, last=True)

    def _run(self, separators: Separators) -> Iterator[Run]:
        """All segments that end within the text; at the next header the separators are forgotten."""
        terminator = separators.terminator
        text, found, rest = self.rest.rpartition(terminator)
        if found:
            flat = text
            for mark in "\r\n":
                if mark != terminator and mark in flat:
                    flat = flat.replace(mark, "")
            is_plain = not re.search(_NOT_PLAIN.format(re.escape(terminator)), terminator + flat)
            self.rest = rest
            texts = flat.split(terminator) if is_plain else self._closely(text.split(terminator), separators)
            if texts:
                yield Run(self.position + 1, texts, separators, is_plain)
            self.position += len(texts)
        if self.separators is not None and _HEADER.match(self.rest.lstrip(_BLANKS)):
            self.separators = None

    def _closely(self, pieces: list[str], separators: Separators) -> list[str]:
        """``pieces`` without blanks before and line ends inside, up to where the next interchange begins."""
        texts = []
        for index, piece in enumerate(pieces):
            text = piece.lstrip()
            if not text.isprintable():
                text = text.replace("\r", "").replace("\n", "")
            if text.startswith(("ISA", "IEA")) and (header := _HEADER.search(piece)):
                self.rest = separators.terminator.join([piece[header.start() :], *pieces[index + 1 :], self.rest])
                self.separators = None
                texts.append(piece[: header.start()].strip())
                break
            texts.append(text)
        return list(filter(None, texts))

    def _open(self, last: bool) -> Generator[Run, None, bool]:
        """Learn the separators of the interchange that begins here; ``False`` when more text is needed."""
        self.rest = self.rest.lstrip(_BLANKS)
        if not self.rest or (len(self.rest) < _LONGEST_HEADER and not last):
            return False
        headless = _HEADLESS.match(self.rest)
        header = None if headless else _HEADER.search(self.rest)
        if header is None and (last or headless):
            self._guess(headless or _SEGMENT.match(self.rest))
            return True
        if header is None:
            return False
        if header.start():
            self._note("interchange.text_before", "There is text before the interchange header; it was skipped.")
            self.rest = self.rest[header.start() :]
            if len(self.rest) < _LONGEST_HEADER and not last:
                return False
        yield self._header()
        return True

    def _header(self) -> Run:
        """Take the interchange header off the text and its separators out of it."""
        element = self.rest[3]
        fields = self.rest[:_LONGEST_HEADER].split(element, 16)
        ends = fields[16][:2] if len(fields) == 17 else ""
        self.position += 1
        if len(ends) < 2 or ends[0].isalnum() or ends[1].isalnum():
            self._note("separators.guessed", "The interchange header is not whole; the separators are guessed.")
            terminator = self._likely_terminator()
            text, _, self.rest = self.rest.partition(terminator)
            self.separators = Separators(element, ":", terminator, "^")
            return Run(self.position, [text.strip()], self.separators, False)
        repetition = "" if fields[11].isalnum() else fields[11].strip()[:1]
        self.separators = Separators(element, ends[0], ends[1], repetition)
        length = len(element.join(fields[:16])) + 3
        if length != _HEADER_LENGTH:
            self._note("interchange.header_length", f"The interchange header is {length} characters long, not 106.")
        self.rest = self.rest[length:]
        return Run(self.position, [element.join([*fields[:16], ends[0]])], self.separators, False)

    def _guess(self, first: re.Match[str] | None) -> None:
        self._note("separators.guessed", "There is no interchange header; the separators are guessed.")
        self.separators = Separators(first[1] if first else "*", ":", self._likely_terminator(), "^")

    def _likely_terminator(self) -> str:
        return next((mark for mark in "~\n\r" if mark in self.rest), "~")

    def _note(self, rule: str, why: str, severity: Severity = Severity.WARN) -> None:
        self.findings.append(Finding(rule, severity, why, self.position or 1))
