"""The chart that a practitioner's signature stands for: the note, needle sets, procedures and diagnoses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from billing.codes.units import NeedleSet as CodedSet

WORST_PAIN = 10


@dataclass(frozen=True, slots=True)
class ChartedSet:
    """A needle set, as coding and the clock see it and as the practitioner counted it."""

    minutes: int
    """Contact minutes; of a retained set, minutes of rest. Zero while they are not noted yet."""
    new_needles: bool
    estim: bool
    starts_at: datetime | None
    """When it began, if it was noted; an aware instant."""
    points: tuple[str, ...] = ()
    needles_in: int | None = None
    needles_out: int | None = None
    """Needles counted when placed and when taken out."""

    @property
    def as_coded(self) -> CodedSet:
        """The part of it that coding looks at."""
        return CodedSet(self.minutes, self.new_needles, self.estim)


@dataclass(frozen=True, slots=True)
class ChartedProcedure:
    """A service besides the needles, as the practitioner coded it."""

    code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1


@dataclass(frozen=True, slots=True)
class NoteText:
    """The note in its four parts."""

    subjective: str = ""
    objective: str = ""
    assessment: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class ChartContent:
    """Everything that is written down about one session."""

    text: NoteText = NoteText()
    sets: tuple[ChartedSet, ...] = ()
    procedures: tuple[ChartedProcedure, ...] = ()
    diagnoses: tuple[str, ...] = ()
    """As people read them, such as ``M54.50``; the first is the principal one."""
    pain: int | None = None
    """Numeric rating, 0 to 10."""
    acupuncture_modifiers: tuple[str, ...] = ()
    """Such as KX: they go on every acupuncture line."""


def score_source(session_id: int) -> str:
    """The source under which the score taken with a session stands."""
    return f"session:{session_id}"


class _Set(Protocol):
    """A needle set, whether it is a row yet or not."""

    @property
    def minutes(self) -> int: ...
    @property
    def new_needles(self) -> bool: ...
    @property
    def estim(self) -> bool: ...
    @property
    def starts_at(self) -> datetime | None: ...


class _Procedure(Protocol):
    """A service besides the needles."""

    @property
    def code(self) -> str: ...
    @property
    def modifiers(self) -> Sequence[str]: ...
    @property
    def units(self) -> int: ...


def chart_sha256(sets: Sequence[_Set], procedures: Sequence[_Procedure], diagnoses: Sequence[str]) -> str:
    """The digest of a chart, in hex: what a signed note keeps, so that a later change of the chart shows.

    All three in their order; the first diagnosis is the principal one. Equal charts have equal
    digests, whatever zone their instants are written in. Points and counted needles are part of it
    where there are any, so that a chart from the old system, which has none, keeps its digest.
    """
    chart = (
        [(one.minutes, one.new_needles, one.estim, _utc_text(one.starts_at), *_counted(one)) for one in sets],
        [(one.code, list(one.modifiers), one.units) for one in procedures],
        list(diagnoses),
    )
    return hashlib.sha256(json.dumps(chart, separators=(",", ":")).encode()).hexdigest()


def _counted(one: _Set) -> tuple[list[str], int | None, int | None] | tuple[()]:
    points, needles_in, needles_out = (getattr(one, name, None) for name in ("points", "needles_in", "needles_out"))
    if not points and needles_in is None and needles_out is None:
        return ()
    return list(points or ()), needles_in, needles_out


def _utc_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def snapshot_of(chart: ChartContent) -> dict[str, Any]:
    """The chart without the note's words as plain JSON: what each version of a note keeps beside its words."""
    kept = asdict(replace(chart, text=NoteText()))
    del kept["text"]
    for one in kept["sets"]:
        one["starts_at"] = _utc_text(one["starts_at"])
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}


def chart_from(text: NoteText, snapshot: Mapping[str, Any]) -> ChartContent:
    """The chart that a version of a note kept, with its words."""
    return ChartContent(
        text=text,
        sets=tuple(_set_from(one) for one in snapshot["sets"]),
        procedures=tuple(
            ChartedProcedure(one["code"], tuple(one["modifiers"]), one["units"]) for one in snapshot["procedures"]
        ),
        diagnoses=tuple(snapshot["diagnoses"]),
        pain=snapshot["pain"],
        acupuncture_modifiers=tuple(snapshot["acupuncture_modifiers"]),
    )


def _set_from(kept: Mapping[str, Any]) -> ChartedSet:
    cells = {one.name: kept[one.name] for one in fields(ChartedSet)}
    begun = kept["starts_at"]
    return ChartedSet(
        **{
            **cells,
            "starts_at": datetime.fromisoformat(begun) if begun else None,
            "points": tuple(kept["points"]),
        }
    )
