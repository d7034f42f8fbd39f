"""The published files in what was sent: text files as they are, or in zip files as their publisher packs them.

They are read as a stream, however long they are, and a zip file is not believed: what comes out of it is counted.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from billing.codes.publishers.icd10cm import is_order
from billing.codes.publishers.lines import PublishedFile
from billing.codes.publishers.recognising import head_of, kind_of
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.shelf import SourceFile
from billing.errors import NotFound, Refused
from billing.ports import DocumentStore

MOST_ENTRIES = 200
MOST_BYTES = 2 * 2**30
"""What one file may come to, unpacked."""
LONGEST_LINE = 20_000
_CHUNK = 2**20
_TEXTS = (".txt", ".csv", ".tsv", ".dat")
_SHEETS = (".xlsx", ".xls", ".ods")
_ENCRYPTED = 0x1
_ZIP_BEGINS = b"PK"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent, which can be opened again and again."""

    name: str
    open: Callable[[], IO[bytes]]


def sent_path(path: Path) -> SentFile:
    """A file in a folder."""
    return SentFile(path.name, lambda: path.open("rb"))


def sent_document(name: str, sha256: str, documents: DocumentStore) -> SentFile:
    """A file in the document store."""
    return SentFile(name, lambda: io.BytesIO(documents.get(sha256)))


def source_of(sent: SentFile) -> SourceFile:
    """A file by its name and hash. Raises :class:`Refused` when it cannot be read."""
    hashed = hashlib.sha256()
    with _readable(sent.name), sent.open() as file:
        while chunk := file.read(_CHUNK):
            hashed.update(chunk)
    return SourceFile(sent.name, hashed.hexdigest())


def published_files(kind: SetKind, sent: Sequence[SentFile]) -> list[PublishedFile]:
    """The files of that kind in what was sent; where none can be told, all texts, so that it can be said why.

    Raises :class:`Refused` for what cannot be opened, is a spreadsheet, or holds no text.
    """
    texts = [text for one in sent for text in _texts_of(one)]
    if not texts:
        raise Refused("What was sent holds no text file. Send the file of its publisher, or the zip file it comes in.")
    heads = [(text, head_of(text)) for text in texts]
    fitting = [(text, head) for text, head in heads if kind_of(head) is kind]
    if kind is SetKind.ICD10CM and any(is_order(head) for _, head in fitting):
        fitting = [(text, head) for text, head in fitting if is_order(head)]
    return [text for text, _ in fitting] if fitting and _came_packed(sent) else texts


def _came_packed(sent: Sequence[SentFile]) -> bool:
    """Of what lies in a zip file only what fits is meant; a file that was sent by itself is meant by itself."""
    return all(_is_zip(one) for one in sent)


def _is_zip(sent: SentFile) -> bool:
    with _readable(sent.name), sent.open() as file:
        return file.read(len(_ZIP_BEGINS)) == _ZIP_BEGINS


def _texts_of(sent: SentFile) -> list[PublishedFile]:
    _refuse_sheet(sent.name)
    if not _is_zip(sent):
        return [PublishedFile(sent.name, lambda: _lines(sent.name, sent.open))]
    with _readable(sent.name), sent.open() as file, zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Refused(f"{sent.name} holds {len(entries):,} files; a publisher's zip file has a few.")
    texts = [one for one in entries if one.filename.lower().endswith(_TEXTS) and not _is_left_behind(one)]
    if not texts:
        for one in entries:
            _refuse_sheet(PurePosixPath(one.filename).name)
    if any(one.flag_bits & _ENCRYPTED for one in texts):
        raise Refused(f"{sent.name} is locked with a password.")
    return [_packed(sent, one) for one in texts]


def _is_left_behind(entry: zipfile.ZipInfo) -> bool:
    return entry.is_dir() or "__MACOSX" in entry.filename or PurePosixPath(entry.filename).name.startswith(".")


def _refuse_sheet(name: str) -> None:
    if name.lower().endswith(_SHEETS):
        raise Refused(
            f"{name[:100]} is a spreadsheet. Take the text file that its publisher offers beside it, or save the sheet "
            "as comma-separated text."
        )


def _packed(sent: SentFile, entry: zipfile.ZipInfo) -> PublishedFile:
    name = PurePosixPath(entry.filename.replace("\\", "/")).name[:100]
    # The zip file's own name may be what tells an update of April from the year's first edition.
    shown = f"{sent.name}/{name}"

    def lines() -> Iterator[str]:
        with _readable(shown), sent.open() as file, zipfile.ZipFile(file) as archive:
            yield from _lines(shown, lambda: archive.open(entry))

    return PublishedFile(shown, lines)


def _lines(name: str, opened: Callable[[], IO[bytes]]) -> Iterator[str]:
    """The lines without their ends. What is no UTF-8 becomes a mark: only codes and dates matter, which are plain."""
    taken = 0
    with _readable(name), opened() as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace")
        while line := text.readline(LONGEST_LINE):
            taken += len(line)
            if taken > MOST_BYTES:
                raise Refused(f"{name} is far larger than any file of its publisher.")
            if len(line) >= LONGEST_LINE:
                raise Refused(f"{name} has a line of more than {LONGEST_LINE:,} characters; it is no text file.")
            yield line.rstrip("\r\n")


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "password" not in str(error):
            raise
        raise Refused(f"{name} cannot be opened ({type(error).__name__}). Download it anew.") from None
    except (OSError, NotFound):
        raise Refused(f"{name} cannot be read. See that it is there and may be read, and repeat.") from None
