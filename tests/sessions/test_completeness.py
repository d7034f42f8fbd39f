"""What a chart lacks is said before it is signed."""

from __future__ import annotations

from dataclasses import replace

from billing.errors import Severity
from billing.sessions.charting import ChartContent
from billing.sessions.completeness import completeness_problems, is_completeness
from tests.sessions.notes import FIRST, REST, WHOLE, charted


def rules(chart: ChartContent) -> list[tuple[str, Severity]]:
    return [(one.rule, one.severity) for one in completeness_problems(chart, [], 1)]


def test_a_whole_chart_lacks_nothing() -> None:
    assert rules(WHOLE) == []


def test_a_set_without_minutes_is_named_by_its_number() -> None:
    (problem,) = completeness_problems(charted(sets=(FIRST, replace(REST, minutes=0))), [], 1)

    assert (problem.rule, problem.severity, problem.why) == ("note.no_minutes", Severity.BLOCK, "Set 2 has no minutes.")


def test_missing_points_and_a_missing_score_are_said_and_stop_nothing() -> None:
    assert rules(charted(sets=(replace(FIRST, points=()),), pain=None)) == [
        ("points.missing", Severity.WARN),
        ("score.missing", Severity.WARN),
    ]


def test_retained_needles_need_no_count_of_their_own() -> None:
    assert rules(charted(sets=(FIRST, REST))) == []


def test_all_that_is_found_here_is_past_once_a_note_is_signed() -> None:
    assert all(is_completeness(one) for one in completeness_problems(ChartContent(), [], 1))
