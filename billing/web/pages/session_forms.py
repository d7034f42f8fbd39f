"""The chart as a form: from what is charted to its fields, and back with a problem at each field that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum

from billing import clock
from billing.codes.diagnoses import diagnosis_label
from billing.sessions.charting import WORST_PAIN, ChartContent, ChartedProcedure, ChartedSet, NoteText
from billing.sessions.documenting import LONGEST_SET, MOST_NEEDLES, MOST_UNITS
from billing.sessions.points import points_of
from billing.web.forms import Form

NOTE_PARTS = (
    ("subjective", "Subjective", "What the patient says"),
    ("objective", "Objective", "What was found: palpation, tongue, pulse, range of motion"),
    ("assessment", "Assessment", "What it means, and how the care is going"),
    ("plan", "Plan", "What was done and what comes next"),
)
"""Field, label and hint of each part of the note."""
MOST_SPARE, _MORE, _MOST_ROWS = 12, 2, 20
"""Empty rows that can be asked for, how many at a time, and how many rows there can be in all."""
_SPARE = {"set": 1, "procedure": 1, "diagnosis": 2}
"""Empty rows below the filled ones; never fewer than one."""
_LEAST = {"set": 2, "procedure": 1, "diagnosis": 4}
_SET = ("minutes", "needles", "estim", "began", "points", "placed", "taken")
_PROCEDURE = ("code", "modifiers", "units")


class Needles(StrEnum):
    """Whether the needles of a set are fresh."""

    NEW = "new"
    RETAINED = "retained"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the form, as text: its place in the field names, and its cells."""

    place: int
    cells: dict[str, str] = field(default_factory=dict)
    label: str = ""
    """What a code stands for."""


@dataclass(frozen=True, slots=True)
class ChartFields:
    """The whole chart as the fields of a form."""

    text: NoteText
    sets: list[Row]
    procedures: list[Row]
    diagnoses: list[Row]
    pain: str
    modifiers: str
    spare: int


def fields_of(chart: ChartContent, zone: str, spare: int = 0) -> ChartFields:
    """The form filled from a chart, with ``spare`` further empty rows of each kind."""
    return ChartFields(
        text=chart.text,
        sets=_padded("set", (_set_cells(one, zone) for one in chart.sets), spare),
        procedures=_padded(
            "procedure",
            (
                {"code": one.code, "modifiers": " ".join(one.modifiers), "units": str(one.units)}
                for one in chart.procedures
            ),
            spare,
        ),
        diagnoses=_padded("diagnosis", ({"code": code} for code in chart.diagnoses), spare, diagnosis_label),
        pain="" if chart.pain is None else str(chart.pain),
        modifiers=" ".join(chart.acupuncture_modifiers),
        spare=spare,
    )


def _set_cells(one: ChartedSet, zone: str) -> dict[str, str]:
    return {
        "minutes": str(one.minutes or ""),
        "needles": Needles.NEW if one.new_needles else Needles.RETAINED,
        "estim": "yes" if one.estim else "",
        "began": f"{clock.local(one.starts_at, zone):%H:%M}" if one.starts_at else "",
        "points": ", ".join(one.points),
        "placed": "" if one.needles_in is None else str(one.needles_in),
        "taken": "" if one.needles_out is None else str(one.needles_out),
    }


def _padded(
    kind: str, rows: Iterable[dict[str, str]], spare: int, label: Callable[[str], str] = lambda code: ""
) -> list[Row]:
    filled = [Row(place, cells, label(cells.get("code", ""))) for place, cells in enumerate(rows)]
    many = max(_LEAST[kind], len(filled) + _SPARE[kind]) + spare
    return filled + [Row(place) for place in range(len(filled), many)]


def typed_fields(form: Form) -> ChartFields:
    """The form as it was typed, each row at the place it had."""
    spare = min(form.number("spare", "Rows", 0, MOST_SPARE, required=False) or 0, MOST_SPARE)
    return ChartFields(
        text=NoteText(*(form.raw(name).replace("\r\n", "\n") for name, _, _ in NOTE_PARTS)),
        sets=_typed("set", _set_rows(form), spare),
        procedures=_typed("procedure", form.rows("procedure", _PROCEDURE), spare),
        diagnoses=_typed("diagnosis", form.rows("diagnosis", ("code",)), spare, diagnosis_label),
        pain=form.raw("pain"),
        modifiers=form.raw("modifiers"),
        spare=spare,
    )


def begun_with(fields: ChartFields, last: ChartFields) -> ChartFields:
    """What was typed, with the fields of the last visit wherever nothing was typed yet."""
    return replace(
        fields,
        text=NoteText(*(getattr(fields.text, name) or getattr(last.text, name) for name, _, _ in NOTE_PARTS)),
        sets=fields.sets if _is_filled(fields.sets) else last.sets,
        diagnoses=fields.diagnoses if _is_filled(fields.diagnoses) else last.diagnoses,
    )


def with_more_rows(fields: ChartFields) -> ChartFields:
    """The same fields with some more empty rows of each kind."""
    return replace(
        fields,
        sets=_lengthened(fields.sets),
        procedures=_lengthened(fields.procedures),
        diagnoses=_lengthened(fields.diagnoses),
        spare=min(fields.spare + _MORE, MOST_SPARE),
    )


def _lengthened(rows: list[Row]) -> list[Row]:
    last = rows[-1].place
    return [*rows, *(Row(last + step) for step in range(1, _MORE + 1) if last + step < _MOST_ROWS)]


def _is_filled(rows: list[Row]) -> bool:
    return any(row.cells for row in rows)


def _typed(
    kind: str, rows: list[dict[str, str]], spare: int, label: Callable[[str], str] = lambda code: ""
) -> list[Row]:
    by_place = {int(row["place"]): row for row in rows}
    last = max(by_place, default=-1) + 1
    many = max(_LEAST[kind], last + _SPARE[kind], len(by_place) + spare)
    return [
        Row(place, by_place.get(place, {}), label(by_place.get(place, {}).get("code", ""))) for place in range(many)
    ]


def _set_rows(form: Form) -> list[dict[str, str]]:
    """The rows of needle sets in which more than the kind of needles is filled in, which every row has."""
    return [row for row in form.rows("set", _SET) if any(row[name] for name in _SET if name != "needles")]


def read_chart(form: Form, on: date, zone: str) -> ChartContent:
    """The chart that was typed for a session on ``on``; what is wrong is noted at its field."""
    return ChartContent(
        text=NoteText(*(form.lines(name, label) for name, label, _ in NOTE_PARTS)),
        sets=tuple(_read_set(form, row, on, zone) for row in _set_rows(form)),
        procedures=tuple(_read_procedure(form, row) for row in form.rows("procedure", _PROCEDURE)),
        diagnoses=tuple(
            form.text(f"diagnosis-{row['place']}-code", "The diagnosis", 12)
            for row in form.rows("diagnosis", ("code",))
        ),
        pain=form.number("pain", "Pain", 0, WORST_PAIN, required=False),
        acupuncture_modifiers=_modifiers(form, "modifiers"),
    )


def _read_set(form: Form, row: dict[str, str], on: date, zone: str) -> ChartedSet:
    prefix, number = f"set-{row['place']}", int(row["place"]) + 1
    kind = form.choice(f"{prefix}-needles", f"Set {number}: the needles", Needles, required=False)
    began = form.clock_time(f"{prefix}-began", f"Set {number}: its beginning", required=False)
    return ChartedSet(
        minutes=form.number(f"{prefix}-minutes", f"Set {number}: minutes", 1, LONGEST_SET, required=False) or 0,
        new_needles=kind is not Needles.RETAINED,
        estim=form.ticked(f"{prefix}-estim"),
        starts_at=clock.instant(on, began, zone) if isinstance(began, time) else None,
        points=points_of(form.text(f"{prefix}-points", f"Set {number}: points", 1000, required=False)),
        needles_in=form.number(f"{prefix}-placed", f"Set {number}: needles in", 0, MOST_NEEDLES, required=False),
        needles_out=form.number(f"{prefix}-taken", f"Set {number}: needles out", 0, MOST_NEEDLES, required=False),
    )


def _read_procedure(form: Form, row: dict[str, str]) -> ChartedProcedure:
    prefix = f"procedure-{row['place']}"
    return ChartedProcedure(
        form.text(f"{prefix}-code", "The procedure's code", 12).upper(),
        _modifiers(form, f"{prefix}-modifiers"),
        form.number(f"{prefix}-units", "Units", 1, MOST_UNITS, required=False) or 1,
    )


def _modifiers(form: Form, name: str) -> tuple[str, ...]:
    words = form.text(name, "Modifiers", 40, required=False).replace(",", " ").upper().split()
    if wrong := [word for word in words if len(word) != 2 or not word.isalnum() or not word.isascii()]:
        form.problem(name, f"{wrong[0]} is not a modifier.", "Modifiers are two letters or digits, such as 25 or KX.")
    return tuple(dict.fromkeys(words))
