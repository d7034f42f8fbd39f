"""What a renewal asks to be learned, and how much of it has been."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.practitioners.education import Asked, Cycle, cycle_of, education_needed, needed_in, shortage
from billing.practitioners.lapsing import held
from billing.practitioners.models import ContinuingEducation
from billing.practitioners.renewal_data import renewals
from billing.practitioners.renewal_rules import EducationRule, RenewalRule
from tests.factories import a_credential, a_practitioner

HOUR = 60
TERM = Cycle(date(2024, 6, 1), date(2026, 5, 31))
ALL = {one.id: one for one in renewals().rules}
BEN = a_practitioner(id=1)


def rule(rule_id: str) -> EducationRule:
    found = ALL[rule_id].education
    assert found is not None
    return found


def course(hours: float, category: str = "general", *, afar: bool = False, on: date = date(2025, 1, 1)) -> Any:
    return ContinuingEducation(
        practitioner_id=1, completed_on=on, minutes=int(hours * HOUR), category=category, title="A course",
        provider="A school", is_distance=afar, reference="",
    )  # fmt: skip


def asked(rule_id: str, *courses: ContinuingEducation, cycle: Cycle = TERM) -> dict[str, Asked]:
    return {one.category: one for one in education_needed(rule(rule_id), courses, cycle)}


@pytest.mark.parametrize(("state", "hours"), [("ca", 50), ("tx", 34), ("fl", 30), ("nj", 26), ("il", 30)])
def test_4_2_each_state_asks_for_its_hours(state: str, hours: int) -> None:
    assert asked(f"us-{state}-licence")[""].needed == hours * HOUR


@pytest.mark.parametrize("state", ["ny", "wa", "or", "co", "ma"])
def test_4_2_nothing_is_asked_where_no_hours_were_found(state: str) -> None:
    assert ALL[f"us-{state}-licence"].education is None


@pytest.mark.parametrize(
    ("ends", "hours"),
    [
        (date(2027, 4, 30), 35),
        (date(2027, 7, 31), 35),
        (date(2027, 8, 31), 40),
        (date(2027, 11, 30), 40),
        (date(2027, 12, 31), 45),
        (date(2028, 2, 29), 45),
        (date(2028, 3, 31), 50),
    ],
)
def test_4_2_a_first_term_in_california_asks_for_35_40_or_45_hours(ends: date, hours: int) -> None:
    cycle = Cycle(date(2026, 3, 15), ends, is_first=True)

    assert needed_in(rule("us-ca-licence"), cycle) == hours * HOUR


def test_4_2_california_counts_half_of_its_hours_from_afar_and_5_of_category_2() -> None:
    found = asked("us-ca-licence", course(30, afar=True), course(8, "practice_management"), course(10))

    assert found[""].counted == (25 + 5 + 10) * HOUR
    assert found[""].missing == 10 * HOUR
    assert (found["practice_management"].counted, found["practice_management"].uncounted) == (5 * HOUR, 3 * HOUR)
    assert found["practice_management"].most == 5 * HOUR


def test_4_2_illinois_counts_23_hours_of_self_study_and_asks_for_two_hours_of_its_own() -> None:
    found = asked("us-il-licence", course(28, afar=True), course(1, "sexual_harassment"))

    assert found[""].counted == (23 + 1) * HOUR
    assert (found["sexual_harassment"].is_met, found["implicit_bias"].is_met) == (True, False)


def test_4_2_the_first_renewal_in_illinois_asks_for_nothing() -> None:
    found = asked("us-il-licence", cycle=Cycle(date(2026, 1, 10), date(2027, 6, 30), is_first=True))

    assert [one.is_met for one in found.values()] == [True]


def test_4_2_texas_asks_for_its_categories_and_a_course_on_human_trafficking() -> None:
    found = asked("us-tx-licence", course(34))

    assert {name: one.missing for name, one in found.items() if name} == {
        "general": 0, "ethics_or_safety": 2 * HOUR, "herbs": 6 * HOUR, "biomedicine": 4 * HOUR,
        "human_trafficking": 1,
    }  # fmt: skip
    assert found["human_trafficking"].is_course


def test_4_2_florida_asks_for_21_general_5_biomedical_2_laws_and_2_errors() -> None:
    learned = (course(21), course(5, "biomedicine"), course(2, "laws"), course(2, "medical_errors"))

    assert all(one.is_met for one in asked("us-fl-licence", *learned).values())


def test_4_3_national_recertification_asks_for_60_points_of_which_22_2_and_2_and_counts_cpr_as_4() -> None:
    cycle = Cycle(date(2022, 10, 1), date(2026, 9, 30))
    learned = (course(52, "core"), course(2, "safety"), course(2, "ethics"), course(8, "cpr"))

    found = asked("us-national-certification", *learned, cycle=cycle)
    without = asked("us-national-certification", *learned[:3], course(4), cycle=cycle)

    assert found[""].counted == 60 * HOUR
    assert all(one.is_met for one in found.values())
    assert without[""].is_met
    assert [name for name, one in without.items() if not one.is_met] == ["cpr"]
    assert rule("us-national-certification").unit == "points"


def test_4_3_nothing_is_carried_over_from_another_cycle() -> None:
    before, after = course(50, on=date(2024, 5, 31)), course(50, on=date(2026, 6, 1))

    assert asked("us-ca-licence", before, after)[""].counted == 0
    assert asked("us-ca-licence", course(50, on=TERM.first), course(1, on=TERM.last))[""].counted == 51 * HOUR


def test_what_is_missing_of_parts_is_missing_though_the_whole_is_there() -> None:
    assert shortage(asked("us-fl-licence", course(30)).values()) == 9 * HOUR
    assert shortage(asked("us-nj-licence", course(26)).values()) == 0


def term_of(*spans: tuple[date, date | None], by: RenewalRule = ALL["us-ca-licence"]) -> Cycle | None:
    entries = [
        a_credential(BEN, id=number, number="AC-1", valid_from=first, valid_to=last)
        for number, (first, last) in enumerate(spans, start=1)
    ]
    return cycle_of(held(entries)[0], by)


def test_a_term_is_the_last_period_before_the_last_day() -> None:
    assert term_of((date(2018, 1, 1), date(2026, 5, 31))) == TERM
    assert term_of((date(2022, 6, 1), date(2024, 5, 31)), (date(2024, 6, 1), date(2026, 5, 31))) == TERM


def test_a_term_shorter_than_a_period_with_nothing_before_it_is_a_first_one() -> None:
    assert term_of((date(2025, 1, 10), date(2026, 5, 31))) == Cycle(date(2025, 1, 10), date(2026, 5, 31), True)


def test_where_the_last_day_is_unknown_so_is_the_term() -> None:
    assert term_of((date(2025, 1, 10), None)) is None


@given(st.lists(st.builds(course, st.integers(1, 30), st.sampled_from(["general", "practice_management"]),
                          afar=st.booleans())))  # fmt: skip
def test_what_counts_and_what_does_not_are_together_what_was_learned(courses: list[ContinuingEducation]) -> None:
    whole = asked("us-ca-licence", *courses)[""]

    assert whole.counted + whole.uncounted == sum(one.minutes for one in courses)
    assert sum(one.minutes for one in courses if not one.is_distance and one.category == "general") <= whole.counted
