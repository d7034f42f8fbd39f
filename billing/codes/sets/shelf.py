"""Which sets are loaded, and which of them holds on a day.

:func:`use` is called once, when the program is wired; :func:`shelf` is what everybody asks. It looks at most once a
second whether the list has changed, so a process that runs sees a new set without being started anew. In a test, or
for a comparison, :func:`judged_by` puts another shelf in place for a while.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

from billing.codes.sets.compiled import content_of, lines_in
from billing.codes.sets.kinds import SetKind
from billing.errors import NotFound, Refused
from billing.ports import CodeFolder

LIST = "sets.json"
"""The file that says which sets there are."""
SECONDS_BETWEEN_LOOKS = 1.0
_Table = TypeVar("_Table")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a publisher that a set was made of."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LoadedSet:
    """One edition of one kind, as it was loaded."""

    kind: SetKind
    effective_from: date
    files: tuple[SourceFile, ...]
    loaded_at: datetime
    by: str
    """Who had it loaded, as ``kind:id``."""
    rows: int
    """Rows in the files."""
    kept: int
    """Rows that were kept."""
    name: str
    """The file in which it is kept; no two different contents have the same."""
    codes: tuple[str, ...] = ()
    """The codes to which it was narrowed; none where it was not."""

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """What makes two sets of the same edition the same: what they were made of, and to what they were narrowed."""
        return (*sorted(one.sha256 for one in self.files), *self.codes)


@dataclass(frozen=True)
class Shelf:
    """All loaded sets, oldest first within each kind."""

    sets: tuple[LoadedSet, ...] = ()
    folder: CodeFolder | None = None
    _read: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    _tables: dict[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def _newest_first(self) -> Mapping[SetKind, tuple[LoadedSet, ...]]:
        return {kind: tuple(one for one in reversed(self.sets) if one.kind is kind) for kind in SetKind}

    def of(self, kind: SetKind) -> list[LoadedSet]:
        """The sets of a kind, oldest first."""
        return [*reversed(self._newest_first[kind])]

    def on(self, kind: SetKind, day: date) -> LoadedSet | None:
        """The set of a kind that holds on a date of service; ``None`` while what comes along does."""
        return next((one for one in self._newest_first[kind] if one.effective_from <= day), None)

    def newest(self, kind: SetKind) -> LoadedSet | None:
        """The last set of a kind, which may begin only later."""
        return next(iter(self._newest_first[kind]), None)

    def lines(self, one: LoadedSet) -> tuple[str, ...]:
        """What a set holds, as :mod:`billing.codes.sets.compiled` writes it; read once.

        Raises :class:`Refused` when the folder has lost it: better not to judge at all than by another set.
        """
        if one.name not in self._read:
            self._read[one.name] = _whole(one, self.folder)
        return self._read[one.name]

    def table(self, one: LoadedSet, made: Callable[[tuple[str, ...]], _Table]) -> _Table:
        """What a set holds as the table that is asked of it; each set has one kind of table, made once."""
        if one.name not in self._tables:
            self._tables[one.name] = made(self.lines(one))
        table: _Table = self._tables[one.name]
        return table

    def with_set(self, added: LoadedSet, lines: Sequence[str]) -> Shelf:
        """The shelf with one more set, in the place of one that begins on the same day."""
        others = [one for one in self.sets if (one.kind, one.effective_from) != (added.kind, added.effective_from)]
        ordered = sorted([*others, added], key=lambda one: (one.kind.value, one.effective_from))
        return replace(self, sets=tuple(ordered), _read={**self._read, added.name: tuple(lines)})


def _whole(one: LoadedSet, folder: CodeFolder | None) -> tuple[str, ...]:
    try:
        lines = lines_in(folder.read(one.name)) if folder is not None else ()
    except (NotFound, ValueError):
        lines = ()
    if len(lines) != one.kept:
        raise Refused(f"The code set {one.name} is damaged or lost. Load it again, or restore it from a backup.")
    return lines


def keep(folder: CodeFolder, shelf: Shelf, added: LoadedSet) -> None:
    """Write a set that is on the shelf, and then the list that names it: until that is done nobody sees it."""
    folder.write(added.name, content_of(shelf.lines(added)))
    told = {"sets": [_as_json(one) for one in shelf.sets]}
    folder.write(LIST, json.dumps(told, indent=1).encode("utf-8"))
    _place.look_at_once()


def shelf_in(folder: CodeFolder) -> Shelf:
    """What is loaded there. Raises :class:`Refused` when the list cannot be read."""
    if not folder.stamp(LIST):
        return Shelf(folder=folder)
    try:
        told = json.loads(folder.read(LIST))["sets"]
        return Shelf(tuple(_from_json(one) for one in told), folder)
    except (NotFound, ValueError, KeyError, TypeError):
        raise Refused(f"The list of loaded code sets ({LIST}) is damaged. Restore it from a backup.") from None


def _as_json(one: LoadedSet) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "effective_from": one.effective_from.isoformat(),
        "files": [{"name": file.name, "sha256": file.sha256} for file in one.files],
        "loaded_at": one.loaded_at.isoformat(),
        "by": one.by,
        "rows": one.rows,
        "kept": one.kept,
        "name": one.name,
        "codes": list(one.codes),
    }


def _from_json(told: Mapping[str, Any]) -> LoadedSet:
    return LoadedSet(
        kind=SetKind(told["kind"]),
        effective_from=date.fromisoformat(told["effective_from"]),
        files=tuple(SourceFile(one["name"], one["sha256"]) for one in told["files"]),
        loaded_at=datetime.fromisoformat(told["loaded_at"]),
        by=told["by"],
        rows=told["rows"],
        kept=told["kept"],
        name=told["name"],
        codes=tuple(told["codes"]),
    )


class Place:
    """The folder in use, and what was last seen there. ``since`` is a clock that only runs forward, in seconds."""

    def __init__(self, since: Callable[[], float] = time.monotonic) -> None:
        self._since = since
        self._folder: CodeFolder | None = None
        self._seen, self._stamp, self._look_at = Shelf(), "", 0.0
        self._one_looks = Lock()

    def use(self, folder: CodeFolder | None) -> None:
        """Look there from now on."""
        with self._one_looks:
            self._folder, self._seen, self._stamp, self._look_at = folder, Shelf(folder=folder), "", 0.0

    def look_at_once(self) -> None:
        """Look again as soon as anybody asks."""
        self._look_at = 0.0

    def shelf(self) -> Shelf:
        """What is there."""
        if self._folder is not None and self._since() >= self._look_at:
            with self._one_looks:
                self._look(self._folder)
        return self._seen

    def _look(self, folder: CodeFolder) -> None:
        stamp = folder.stamp(LIST)
        if stamp != self._stamp:
            self._seen, self._stamp = shelf_in(folder), stamp
        self._look_at = self._since() + SECONDS_BETWEEN_LOOKS


_place = Place()
_instead: ContextVar[Shelf | None] = ContextVar("shelf_instead", default=None)


def use(folder: CodeFolder | None) -> None:
    """Have this process judge by the sets of that folder; by what comes along alone where there is none."""
    _place.use(folder)


def shelf() -> Shelf:
    """The sets that are loaded now."""
    return _instead.get() or _place.shelf()


@contextmanager
def judged_by(other: Shelf) -> Iterator[None]:
    """Judge by another shelf inside: what would a set change?"""
    token = _instead.set(other)
    try:
        yield
    finally:
        _instead.reset(token)
