from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.codes.diagnoses import (
    diagnosis_label,
    diagnosis_problems,
    is_billable,
    is_chronic_low_back_pain,
    normal_code,
    successors,
    undotted,
)
from billing.codes.tables import rows, text
from billing.errors import Severity

DAY = date(2026, 3, 2)

AS_WRITTEN = """
    M54.50 M54.51 M54.59 M54.30 M54.31 M54.32 M54.40 M54.41 M54.42 M54.12 M54.16 M54.17 M54.2 M54.6 M54.89 M54.9
    M54.81 M79.10 M79.18 M62.830 M62.838 M79.7 M25.511 M25.512 M75.01 M75.02 M77.11 M77.12 M25.521 M25.531
    G56.01 G56.02 G56.03 M25.551 M25.552 M16.0 M16.11 M16.12 M25.561 M25.562 M17.0 M17.11 M17.12 M17.9 M72.2
    R51.9 G43.009 G43.109 G43.709 G43.719 G43.909 G43.919 G44.209 G44.219 G44.229 G44.86 M26.601 M26.602 M26.603
    M26.621 M26.622 M26.623 G50.0 G51.0 G89.4 G89.21 G89.28 G89.29 G89.3 R11.0 R11.2 O21.0 O21.9 T45.1X5A G62.9
    E11.42 M79.2 N94.6 N94.3 N95.1 N97.9 G47.00 F51.01 F41.1 F41.9 F32.A F43.10 F43.12 J30.2 J30.9 K58.0 K58.9 K30
    R42 H93.11 H93.12 H93.13 R53.82 R53.83 F17.210 S13.4XXA S16.1XXA S33.5XXA S39.012A M51.16 M51.17 M51.26 M51.27
    M47.812 M47.816 M48.061 M48.062 M43.16 M96.1 Z79.01 Z79.02 Z95.0 Z33.1 D66 D68.9
"""
COMMON = AS_WRITTEN.split()


def rules(*codes: str, on: date = DAY, limit: int = 12) -> list[tuple[str, Severity]]:
    return [(problem.rule, problem.severity) for problem in diagnosis_problems(codes, on, limit=limit)]


@pytest.mark.parametrize("code", COMMON)
def test_the_diagnoses_of_an_acupuncture_clinic_are_billable(code: str) -> None:
    assert is_billable(code, DAY)


@pytest.mark.parametrize("code", ["M54.5", "R51", "M26.60", "M54", "S13.4", "S13.4XX", "M25.51", "G43.90"])
def test_headings_are_not_billable(code: str) -> None:
    assert not is_billable(code, DAY)


@pytest.mark.parametrize("code", ["", "X", "M5", "M54.5O", "M54.501", "Z99.99X", "Q99999", "hello", "M54.50;"])
def test_what_is_no_code_is_not_billable(code: str) -> None:
    assert not is_billable(code, DAY)


@pytest.mark.parametrize(
    ("code", "last_day", "next_day", "replaced_by"),
    [
        ("M54.5", date(2021, 9, 30), date(2021, 10, 1), ("M54.50", "M54.51", "M54.59")),
        ("M51.36", date(2024, 9, 30), date(2024, 10, 1), ("M51.360", "M51.361", "M51.362", "M51.369")),
        ("M51.37", date(2024, 9, 30), date(2024, 10, 1), ("M51.370", "M51.371", "M51.372", "M51.379")),
        ("R10.2", date(2025, 9, 30), date(2025, 10, 1), ("R10.20", "R10.21", "R10.22", "R10.23", "R10.24")),
    ],
)
def test_a_divided_code_gives_way_to_its_successors_overnight(
    code: str, last_day: date, next_day: date, replaced_by: tuple[str, ...]
) -> None:
    assert is_billable(code, last_day)
    assert not is_billable(code, next_day)
    assert successors(code) == replaced_by
    assert not any(is_billable(successor, last_day) for successor in replaced_by)
    assert all(is_billable(successor, next_day) for successor in replaced_by)


@pytest.mark.parametrize(
    ("code", "first_day"),
    [
        ("G44.86", date(2021, 10, 1)),
        ("F32.A", date(2021, 10, 1)),
        ("R10.8A1", date(2025, 10, 1)),
        ("R10.8A9", date(2025, 10, 1)),
    ],
)
def test_a_new_code_begins_on_its_first_day(code: str, first_day: date) -> None:
    assert not is_billable(code, first_day.replace(day=1, month=9))
    assert is_billable(code, first_day)


def test_no_code_is_billable_before_icd_10_began() -> None:
    assert not is_billable("M54.2", date(2015, 9, 30))
    assert not is_billable("M54.5", date(2015, 9, 30))
    assert is_billable("M54.2", date(2015, 10, 1))


@pytest.mark.parametrize("written", ["M54.50", "m54.50", "M5450", " m5450 "])
def test_one_code_has_one_normal_form(written: str) -> None:
    assert normal_code(written) == "M54.50"
    assert undotted(written) == "M5450"
    assert is_billable(written, DAY)


def test_a_code_of_three_characters_has_no_dot() -> None:
    assert normal_code("k30") == "K30"


@given(st.text("ABMZ0123456789.x ", max_size=9))
def test_the_normal_form_of_a_normal_form_is_itself(written: str) -> None:
    assert normal_code(normal_code(written)) == normal_code(written)
    assert undotted(normal_code(written)) == undotted(written)


def test_low_back_pain_after_its_division_is_stopped_and_the_three_codes_are_named() -> None:
    found = diagnosis_problems(["M54.5"], date(2021, 10, 1))

    assert [(problem.rule, problem.severity) for problem in found] == [("diagnosis.not_billable", Severity.BLOCK)]
    assert "until 2021-09-30" in found[0].why
    assert "M54.50, M54.51, M54.59" in found[0].fix
    assert "chart supports" in found[0].fix


def test_low_back_pain_before_its_division_passes() -> None:
    assert rules("M54.5", on=date(2021, 9, 30)) == []


def test_a_code_used_too_early_is_answered_with_the_one_of_that_day() -> None:
    found = diagnosis_problems(["R10.21"], date(2025, 9, 30))

    assert "from 2025-10-01" in found[0].why
    assert "R10.2." in found[0].fix


def test_a_heading_is_called_one_and_its_codes_are_named() -> None:
    found = diagnosis_problems(["S13.4"], DAY)

    assert "heading" in found[0].why
    assert "S13.4XXA, S13.4XXD, S13.4XXS" in found[0].fix


def test_a_long_list_of_codes_to_choose_from_is_cut() -> None:
    found = diagnosis_problems(["M54"], DAY)

    assert "more" in found[0].fix
    assert len(found[0].fix) < 160


def test_an_unknown_code_is_called_unknown() -> None:
    found = diagnosis_problems(["Z99.99X"], DAY)

    assert "April 2026" in found[0].why
    assert "typing error" in found[0].fix


def test_an_empty_entry_and_an_old_date_are_explained_too() -> None:
    assert "empty entry" in diagnosis_problems([""], DAY)[0].why
    assert "2015-10-01" in diagnosis_problems(["M54.2"], date(2015, 1, 5))[0].why


def test_a_repeated_diagnosis_is_named_once_however_it_is_written() -> None:
    assert rules("M54.2", "M62.838", "m542", "M542") == [("diagnosis.duplicate", Severity.BLOCK)]


def test_twelve_diagnoses_fit_and_thirteen_do_not() -> None:
    assert rules(*COMMON[:12]) == []
    assert rules(*COMMON[:13]) == [("diagnosis.too_many", Severity.BLOCK)]
    assert rules(*COMMON[:5], limit=4) == [("diagnosis.too_many", Severity.BLOCK)]


def test_no_diagnosis_at_all_is_missing() -> None:
    assert rules() == [("diagnosis.missing", Severity.BLOCK)]


def test_all_problems_are_found_at_once() -> None:
    assert rules("M54.5", "R51", "M54.2", "M54.2", limit=3) == [
        ("diagnosis.not_billable", Severity.BLOCK),
        ("diagnosis.not_billable", Severity.BLOCK),
        ("diagnosis.duplicate", Severity.BLOCK),
        ("diagnosis.too_many", Severity.BLOCK),
    ]


def test_chronic_low_back_pain_follows_the_division_of_its_code() -> None:
    assert is_chronic_low_back_pain("M54.5", date(2021, 9, 30))
    assert not is_chronic_low_back_pain("M54.5", date(2021, 10, 1))
    assert all(is_chronic_low_back_pain(code, DAY) for code in ("M54.50", "M5451", "m54.59"))
    assert not is_chronic_low_back_pain("M54.2", DAY)


def test_the_list_is_sorted_complete_and_without_headings() -> None:
    listed = text("icd10cm_billable.txt").split()

    assert listed == sorted(set(listed))
    assert len(listed) == 74_719
    assert not any(longer.startswith(code) for code, longer in pairwise(listed))


def test_every_change_names_a_date_a_source_and_successors_that_begin_when_it_ends() -> None:
    changes = rows("icd10cm_changes.csv")
    first_days = {row["code"]: row["billable_from"] for row in changes}

    assert len(first_days) == len(changes)
    assert all(row["source"] and (row["billable_from"] or row["billable_to"]) for row in changes)
    for row in changes:
        starts = {date.fromisoformat(first_days[code]).toordinal() for code in row["replaced_by"].split()}
        assert not starts or starts == {date.fromisoformat(row["billable_to"]).toordinal() + 1}, row["code"]


def test_every_labelled_code_is_one_that_can_be_billed() -> None:
    labelled = [row["code"] for row in rows("diagnosis_labels.csv")]

    not_billable = [code for code in labelled if not is_billable(code, DAY)]

    assert not_billable == []
    assert diagnosis_label("m5450") == "Low back pain"
    assert diagnosis_label("Z00.00") == ""
