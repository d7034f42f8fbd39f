"""What is different between two versions of a note. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from billing import clock
from billing.sessions.charting import WORST_PAIN, ChartContent, ChartedProcedure, ChartedSet, NoteText


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the note that changed: what it said, and what it says now. Either may be empty."""

    what: str
    was: str
    now: str


def text_differences(before: NoteText, after: NoteText) -> list[Difference]:
    """What differs in the words, where nothing else was kept."""
    return differences(ChartContent(before), ChartContent(after), "UTC")


def differences(before: ChartContent, after: ChartContent, zone: str) -> list[Difference]:
    """Everything that differs, part by part; times are told in ``zone``."""
    parts = [
        *((part.capitalize(), getattr(before.text, part), getattr(after.text, part)) for part in _PARTS),
        *_of_lists("Needle set", _sets(before.sets, zone), _sets(after.sets, zone)),
        *_of_lists("Procedure", _procedures(before.procedures), _procedures(after.procedures)),
        ("Diagnoses", ", ".join(before.diagnoses), ", ".join(after.diagnoses)),
        ("Pain score", _number(before.pain), _number(after.pain)),
        (
            "Acupuncture modifiers",
            " ".join(before.acupuncture_modifiers),
            " ".join(after.acupuncture_modifiers),
        ),
    ]
    return [Difference(what, was, now) for what, was, now in parts if was != now]


_PARTS = ("subjective", "objective", "assessment", "plan")


def set_words(one: ChartedSet, zone: str) -> str:
    """A needle set in one line: ``15 min, new needles, e-stim, from 09:05; LI4, ST36; 12 in, 12 out``."""
    begun = f"from {clock.local(one.starts_at, zone):%H:%M}" if one.starts_at else ""
    needles = "new needles" if one.new_needles else "needles retained"
    kind = ", ".join(filter(None, (f"{one.minutes} min", needles, "e-stim" if one.estim else "", begun)))
    counted = [(one.needles_in, "in"), (one.needles_out, "out")]
    counts = ", ".join(f"{count} {which}" for count, which in counted if count is not None)
    return "; ".join(filter(None, (kind, ", ".join(one.points), counts)))


def chart_lines(chart: ChartContent, zone: str) -> list[str]:
    """Everything but the words, line by line."""
    return [
        *(f"Set {number}: {line}" for number, line in enumerate(_sets(chart.sets, zone), start=1)),
        *_procedures(chart.procedures),
        *([f"Diagnoses: {', '.join(chart.diagnoses)}"] if chart.diagnoses else []),
        *([f"On the needle codes: {' '.join(chart.acupuncture_modifiers)}"] if chart.acupuncture_modifiers else []),
        *([f"Pain: {chart.pain} of {WORST_PAIN}"] if chart.pain is not None else []),
    ]


def _sets(sets: Iterable[ChartedSet], zone: str) -> list[str]:
    return [set_words(one, zone) for one in sets]


def _procedures(procedures: Iterable[ChartedProcedure]) -> list[str]:
    return [" ".join(filter(None, (one.code, *one.modifiers, f"x{one.units}"))) for one in procedures]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _of_lists(what: str, before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str, str]]:
    """Each line beside the one at its place in the other list."""
    pairs = zip_longest(before, after, fillvalue="")
    return [(f"{what} {number}", was, now) for number, (was, now) in enumerate(pairs, start=1)]
