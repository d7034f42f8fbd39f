"""Is a chart complete enough to be signed? Pure."""

from __future__ import annotations

from billing.errors import Problem, block, warn
from billing.sessions.charting import ChartContent, ChartedSet
from billing.sessions.points import point_problems

_PARTS = ("subjective", "objective", "assessment", "plan")


def completeness_problems(chart: ChartContent, flags: list[str], session_id: int) -> list[Problem]:
    """What the note lacks, whether all needles came out again, and what should be known about the points.

    ``flags`` are the patient's safety flags.
    """
    where = f"session:{session_id}"
    points = [point for one in chart.sets for point in one.points]
    return [
        *_note_problems(chart, where),
        *_minutes_problems(chart.sets, where),
        *_needle_problems(chart.sets, where),
        *point_problems(points, flags, where),
        *_score_problems(chart, where),
    ]


def is_completeness(problem: Problem) -> bool:
    """Whether a problem is one of these: once a note is signed they are past, and hold no bill."""
    return problem.rule.partition(".")[0] in ("note", "needles", "points", "score")


def _note_problems(chart: ChartContent, where: str) -> list[Problem]:
    missing = [part.capitalize() for part in _PARTS if not getattr(chart.text, part).strip()]
    if not missing:
        return []
    return [block("note.incomplete", f"The note has no {' and no '.join(missing)}.", "Write it.", where)]


def _minutes_problems(sets: tuple[ChartedSet, ...], where: str) -> list[Problem]:
    without = [number for number, one in enumerate(sets, start=1) if not one.minutes]
    if not without:
        return []
    why = f"Set {' and '.join(map(str, without))} has no minutes."
    return [block("note.no_minutes", why, "Write how long it took.", where)]


def _needle_problems(sets: tuple[ChartedSet, ...], where: str) -> list[Problem]:
    """Needles placed in one set may be taken out in a later one, so their sums are compared."""
    uncounted = [number for number, one in enumerate(sets, start=1) if one.new_needles and one.needles_in is None]
    placed = sum(one.needles_in or 0 for one in sets)
    taken_out = [one.needles_out for one in sets if one.needles_out is not None]
    problems = []
    if uncounted:
        numbers = " and ".join(map(str, uncounted))
        why = f"The needles placed in set {numbers} are not counted."
        problems.append(
            block("needles.not_counted", why, "Count them, and count them again when they come out.", where)
        )
    if placed and not taken_out:
        why = f"{placed} needles were placed, and nobody has counted them out."
        problems.append(block("needles.not_counted", why, "Count the needles that were taken out.", where))
    elif sum(taken_out) != placed:
        why = f"{placed} needles were placed and {sum(taken_out)} taken out."
        fix = "Look for the needle before the patient leaves; correct the count if it was miscounted."
        problems.append(block("needles.not_equal", why, fix, where))
    if any(one.new_needles and not one.points for one in sets):
        why = "A set of new needles names no points."
        problems.append(warn("points.missing", why, "Write the points; an auditor looks for them.", where))
    return problems


def _score_problems(chart: ChartContent, where: str) -> list[Problem]:
    if chart.pain is not None:
        return []
    why = "No pain score was taken; without scores nobody can see whether the care helps."
    return [warn("score.missing", why, "Ask the patient for a number from 0 to 10.", where)]
