from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.codes.units import MIN_SET, NeedleSet, coded_sets, contact_needed
from billing.errors import Severity, blocking


def sets(*given_sets: str) -> list[NeedleSet]:
    """Needle sets written as ``15``, ``15 estim``, ``30 retained``."""
    written = [text.split() for text in given_sets]
    return [NeedleSet(int(minutes), "retained" not in how, "estim" in how) for minutes, *how in written]


def rules(*given_sets: str) -> list[tuple[str, Severity]]:
    return [(problem.rule, problem.severity) for problem in coded_sets(sets(*given_sets)).problems]


def test_one_set_is_one_initial_unit() -> None:
    assert coded_sets(sets("15")).lines == [("97810", 1)]


def test_retention_after_a_set_earns_nothing() -> None:
    assert coded_sets(sets("15", "30 retained")).lines == [("97810", 1)]


def test_a_second_set_with_new_needles_is_an_add_on() -> None:
    assert coded_sets(sets("15", "15")).lines == [("97810", 1), ("97811", 1)]


def test_a_second_stretch_without_new_needles_is_no_add_on() -> None:
    assert coded_sets(sets("15", "15 retained")).lines == [("97810", 1)]


def test_electricity_in_the_first_set_alone_makes_the_initial_code_electric() -> None:
    assert coded_sets(sets("15 estim", "15")).lines == [("97813", 1), ("97811", 1)]


def test_electricity_in_the_second_set_alone_makes_the_add_on_electric() -> None:
    assert coded_sets(sets("15", "15 estim")).lines == [("97810", 1), ("97814", 1)]


def test_seven_minutes_earn_nothing_and_are_stopped() -> None:
    coded = coded_sets(sets("7"))

    assert coded.lines == []
    assert rules("7") == [("procedure.under_minimum_time", Severity.BLOCK)]
    assert "7 min new" in coded.problems[0].why


def test_twenty_two_minutes_carry_one_unit_and_say_that_two_need_twenty_three() -> None:
    coded = coded_sets(sets("12", "10"))

    assert coded.lines == [("97810", 1)]
    assert rules("12", "10") == [
        ("procedure.short_set", Severity.WARN),
        ("procedure.short_contact_time", Severity.WARN),
    ]
    assert "2 units need 23 minutes" in coded.problems[1].why


def test_twenty_three_minutes_carry_two_units() -> None:
    assert coded_sets(sets("12", "11")).lines == [("97810", 1), ("97811", 1)]


def test_four_sets_are_one_initial_and_three_add_on_units_on_two_lines() -> None:
    coded = coded_sets(sets("15", "15", "15", "15"))

    assert coded.lines == [("97810", 1), ("97811", 3)]
    assert coded.problems == []


def test_add_ons_of_both_families_keep_a_line_each() -> None:
    assert coded_sets(sets("15 estim", "15", "15 estim", "15")).lines == [("97813", 1), ("97811", 2), ("97814", 1)]


def test_only_retained_sets_are_stopped() -> None:
    assert rules("30 retained", "15 retained") == [("procedure.under_minimum_time", Severity.BLOCK)]


def test_no_sets_at_all_are_no_problem() -> None:
    coded = coded_sets([])

    assert (coded.lines, coded.problems) == ([], [])


def test_a_set_of_eight_minutes_counts_and_is_pointed_out() -> None:
    assert coded_sets(sets("8")).lines == [("97810", 1)]
    assert rules("8") == [("procedure.short_set", Severity.WARN)]


def test_a_set_of_fifteen_minutes_is_not_pointed_out() -> None:
    assert rules("15") == []


def test_a_new_set_too_short_to_count_is_pointed_out_beside_those_that_do() -> None:
    coded = coded_sets(sets("7 estim", "20"))

    assert coded.lines == [("97810", 1)]
    assert rules("7 estim", "20") == [("procedure.set_not_counted", Severity.WARN)]


def test_a_payer_may_want_the_full_fifteen_minutes() -> None:
    coded = coded_sets(sets("15", "14"), min_set=15)

    assert coded.lines == [("97810", 1)]
    assert [problem.rule for problem in coded.problems] == ["procedure.set_not_counted"]


@pytest.mark.parametrize(("units", "minutes"), [(1, 8), (2, 23), (3, 38), (4, 53)])
def test_each_unit_needs_another_fifteen_minutes(units: int, minutes: int) -> None:
    assert contact_needed(units) == minutes


visits = st.lists(st.builds(NeedleSet, st.integers(0, 40), st.booleans(), st.booleans()), max_size=6)


def total(lines: list[tuple[str, int]]) -> int:
    return sum(units for _, units in lines)


@given(visits)
def test_units_never_outnumber_the_sets_that_count(visit: list[NeedleSet]) -> None:
    counted = [one for one in visit if one.new_needles and one.minutes >= MIN_SET]

    coded = coded_sets(visit)

    assert total(coded.lines) <= len(counted)
    assert bool(coded.lines) == bool(counted)


@given(visits)
def test_units_are_the_most_that_the_contact_time_carries(visit: list[NeedleSet]) -> None:
    counted = [one.minutes for one in visit if one.new_needles and one.minutes >= MIN_SET]

    units = total(coded_sets(visit).lines)

    assert units == 0 or sum(counted) >= contact_needed(units)
    assert units == len(counted) or sum(counted) < contact_needed(units + 1)


@given(visits)
def test_a_coded_visit_has_exactly_one_initial_unit_and_each_code_once(visit: list[NeedleSet]) -> None:
    lines = coded_sets(visit).lines

    assert sum(units for code, units in lines if code in {"97810", "97813"}) == (1 if lines else 0)
    assert len({code for code, _ in lines}) == len(lines)


@given(visits, st.integers(0, 60), st.integers(0, 6))
def test_retention_anywhere_in_the_visit_never_changes_the_lines(
    visit: list[NeedleSet], minutes: int, position: int
) -> None:
    retained = [*visit[:position], NeedleSet(minutes, new_needles=False), *visit[position:]]

    assert coded_sets(retained).lines == coded_sets(visit).lines


@given(visits)
def test_a_visit_with_sets_has_either_lines_or_a_reason_to_stop(visit: list[NeedleSet]) -> None:
    coded = coded_sets(visit)

    assert bool(blocking(coded.problems)) == (bool(visit) and not coded.lines)
