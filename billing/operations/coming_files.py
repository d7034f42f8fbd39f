"""Files that come from outside, wherever they lie: in a folder, or in the document store after somebody sent them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from billing.edi.kinds import kind_of
from billing.errors import NotFound
from billing.ports import DocumentStore
from billing.remittances.acknowledging import PAYMENT_FILE

_TURN = {"TA1": 0, "999": 1, "997": 1, "277CA": 2, "277": 3}
"""A 999 says that a file can be read before a 277CA says of its claims whether they are taken on."""
_LAST = 4


class ComingFile(Protocol):
    """A file that can be read; a ``pathlib.Path`` is one."""

    @property
    def name(self) -> str:
        """What it is called, without its folder."""

    def read_bytes(self) -> bytes:
        """All of it. Raises ``OSError`` when that fails."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose bytes are in the document store."""

    name: str
    sha256: str
    documents: DocumentStore

    def read_bytes(self) -> bytes:
        """All of it. Raises ``OSError`` when the store has lost it."""
        try:
            return self.documents.get(self.sha256)
        except NotFound:
            raise FileNotFoundError(2, "the document store has lost it") from None


@dataclass(frozen=True, slots=True)
class Sorted:
    """Files by what is to be done with them, each list in the order in which they are to be taken in."""

    answers: list[ComingFile]
    """Answers to claims, and whatever else is no payment: taken in as an answer, it is told what it is."""
    payments: list[ComingFile]


def sorted_by_kind(files: list[ComingFile]) -> Sorted:
    """Tell payment files from all others. What cannot be read is counted among the answers, and told of there."""
    kinds = [(_kind(file), file) for file in files]
    answers = [(kind, file) for kind, file in kinds if kind != PAYMENT_FILE]
    answers.sort(key=lambda one: _TURN.get(one[0], _LAST))
    return Sorted([file for _, file in answers], [file for kind, file in kinds if kind == PAYMENT_FILE])


def _kind(file: ComingFile) -> str:
    try:
        return kind_of(file.read_bytes())
    except OSError:
        return ""
