"""Medicare's twelve visits, its eight more for those who improve, and the year they are counted in (NCD 30.3.3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.codes.edits import ProcedureLine
from billing.coverage.medicare import not_eligible_problem
from billing.coverage.rules.case import Case, PaidVisit
from billing.coverage.rules.judging import judge
from billing.coverage.rules.shelf import shipped
from billing.coverage.rules.verdict import problems_of
from billing.coverage.rules.windows import Window, window_of
from billing.errors import Problem, Severity

MEDICARE = shipped()["medicare-ncd-30-3-3"]

FIRST = date(2026, 3, 21)


def weekly(count: int, first: date = FIRST, days: int = 7) -> list[date]:
    return [first + timedelta(days=days * week) for week in range(count)]


def year_of(visits: list[date], on: date) -> tuple[date, date]:
    return window_of(Window.ROLLING_MONTH_YEAR, visits, on)


def found(case: Case) -> list[Problem]:
    edition = MEDICARE.edition_on(case.on)
    return problems_of(judge(MEDICARE, edition, case)) if edition else []


def visit_problems(visits: list[date], on: date, *, improved: bool, attested: bool) -> list[Problem]:
    """What Medicare says of the visit on that day; its diagnosis is not charted yet."""
    line = ProcedureLine("97810", ("KX",) if attested else ())
    paid = [PaidVisit(day) for day in visits]
    return found(Case(on, paid, lines=[line], improved=lambda _first, _last: improved))


def diagnosis_problems(codes: list[str], on: date) -> list[Problem]:
    return found(Case(on, diagnoses=codes))


def said(visits: list[date], *, improved: bool = False, attested: bool = False) -> list[tuple[str, Severity]]:
    """What is said about the last of the visits."""
    problems = visit_problems(visits, visits[-1], improved=improved, attested=attested)
    return [(problem.rule, problem.severity) for problem in problems]


def test_the_last_day_of_the_eleventh_month_is_in_the_same_year() -> None:
    day = date(2027, 2, 28)

    assert year_of([FIRST, day], day) == (FIRST, date(2027, 3, 1))


def test_the_month_of_the_first_visit_begins_a_new_year_one_year_later() -> None:
    day = date(2027, 3, 1)

    assert year_of([FIRST, day], day) == (day, date(2028, 3, 1))


def test_a_visit_alone_is_the_first_of_its_year() -> None:
    assert year_of([], FIRST) == (FIRST, date(2027, 3, 1))


def test_a_year_begins_with_a_visit_and_not_where_the_last_one_ended() -> None:
    later = date(2027, 7, 15)

    assert year_of([FIRST, later], later) == (later, date(2028, 7, 1))


def test_a_first_visit_on_the_29th_of_february_ends_with_the_next_january() -> None:
    assert year_of([], date(2024, 2, 29)) == (date(2024, 2, 29), date(2025, 2, 1))


def test_visits_of_a_later_year_do_not_move_an_earlier_one() -> None:
    assert year_of([date(2027, 3, 1), FIRST], FIRST) == (FIRST, date(2027, 3, 1))


@given(days=st.lists(st.dates(date(2020, 1, 21), date(2027, 12, 31)), min_size=1, max_size=40), data=st.data())
def test_a_day_lies_in_its_year_which_holds_eleven_full_months_after_the_first(
    days: list[date], data: st.DataObject
) -> None:
    on = data.draw(st.sampled_from(days))

    start, end = year_of(days, on)

    assert start <= on < end
    assert start in days
    assert (end.year, end.month, end.day) == (start.year + 1, start.month, 1)


def test_the_twelfth_visit_needs_neither_kx_nor_improvement() -> None:
    assert said(weekly(12)) == []


def test_the_thirteenth_visit_without_kx_is_held() -> None:
    assert said(weekly(13), improved=True) == [("medicare.needs_improvement", Severity.BLOCK)]


def test_the_thirteenth_visit_without_improvement_is_held() -> None:
    assert said(weekly(13), attested=True) == [("medicare.needs_improvement", Severity.BLOCK)]


def test_what_the_thirteenth_visit_lacks_is_one_problem_that_names_both() -> None:
    visits = weekly(13)

    [problem] = visit_problems(visits, visits[-1], improved=False, attested=False)

    assert problem.rule == "medicare.needs_improvement"
    assert "KX" in problem.why
    assert "improvement" in problem.why


@pytest.mark.parametrize("number", [13, 20])
def test_the_thirteenth_to_the_twentieth_visit_pass_with_kx_and_improvement(number: int) -> None:
    assert said(weekly(number), improved=True, attested=True) == []


def test_the_twenty_first_visit_is_beyond_any_modifier() -> None:
    assert said(weekly(21), improved=True, attested=True) == [("medicare.visit_limit", Severity.BLOCK)]


def test_the_first_visit_of_the_next_year_counts_from_one_again() -> None:
    assert said([*weekly(20), date(2027, 3, 1)]) == []


def test_several_visits_on_a_day_count_once() -> None:
    days = weekly(12)

    assert said([*days[:-1], *days]) == []


def test_the_day_asked_about_counts_though_it_is_not_listed() -> None:
    days = weekly(13)

    problems = visit_problems(days[:-1], days[-1], improved=False, attested=True)

    assert [problem.rule for problem in problems] == ["medicare.needs_improvement"]


def test_visits_after_the_day_do_not_count_against_it() -> None:
    days = weekly(25)

    assert visit_problems(days, days[11], improved=False, attested=False) == []


def test_the_89th_day_after_the_first_still_lies_in_the_first_course() -> None:
    assert said([FIRST, FIRST + timedelta(days=89)]) == []


def test_from_the_90th_day_on_a_visit_without_improvement_warns() -> None:
    assert said([FIRST, FIRST + timedelta(days=90)]) == [("medicare.first_course_over", Severity.WARN)]


def test_from_the_90th_day_on_an_improved_patient_is_no_question() -> None:
    assert said([FIRST, FIRST + timedelta(days=90)], improved=True) == []


def test_the_limit_of_twenty_is_said_once_though_kx_and_improvement_lack_too() -> None:
    assert said(weekly(21)) == [("medicare.visit_limit", Severity.BLOCK)]


def test_any_diagnosis_of_chronic_low_back_pain_satisfies_medicare() -> None:
    assert diagnosis_problems(["M62.830", "M54.50"], FIRST) == []


@pytest.mark.parametrize("codes", [["M17.11"], ["M79.7", "G43.909"]])
def test_a_diagnosis_beyond_the_list_warns(codes: list[str]) -> None:
    [problem] = diagnosis_problems(codes, FIRST)

    assert (problem.rule, problem.severity) == ("medicare.diagnosis_not_listed", Severity.WARN)


def test_an_acupuncturist_alone_is_not_eligible() -> None:
    problem = not_eligible_problem("Ben Quill", "session:3")

    assert (problem.rule, problem.severity, problem.where) == (
        "medicare.not_eligible_provider",
        Severity.BLOCK,
        "session:3",
    )
