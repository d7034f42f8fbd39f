"""From the chart of a session to procedure lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing.codes.edits import ProcedureLine
from billing.codes.procedures import ACUPUNCTURE_CODES
from billing.codes.units import coded_sets
from billing.errors import Problem, block
from billing.sessions.queries import Chart


@dataclass(frozen=True, slots=True)
class CodedSession:
    """The lines that a chart gives, in the order they are charged, and what is to be said about them."""

    lines: list[ProcedureLine]
    problems: list[Problem]


def coded_session(chart: Chart) -> CodedSession:
    """Code a session: acupuncture from its needle sets, the rest as the practitioner coded it.

    The session's acupuncture modifiers (such as KX) go on every acupuncture line.
    """
    from_sets = coded_sets([charted.as_coded for charted in chart.sets])
    lines = [ProcedureLine(code, (), units) for code, units in from_sets.lines]
    lines += [ProcedureLine(one.code, tuple(one.modifiers), one.units) for one in chart.procedures]
    problems = list(from_sets.problems)
    if not chart.sets and not lines:
        problems.append(
            block(
                "procedure.none",
                "No needle set and no procedure is charted.",
                "Complete the note.",
                f"session:{chart.session.id}",
            )
        )
    return CodedSession([_modified(line, chart.acupuncture_modifiers) for line in lines], problems)


def _modified(line: ProcedureLine, modifiers: Sequence[str]) -> ProcedureLine:
    if line.code not in ACUPUNCTURE_CODES:
        return line
    return ProcedureLine(line.code, tuple(dict.fromkeys((*line.modifiers, *modifiers))), line.units)
