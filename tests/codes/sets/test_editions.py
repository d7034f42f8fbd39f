from __future__ import annotations

from datetime import date

import pytest

from billing.codes.sets.editions import due_edition, edition_in_words, effective_from, fiscal_year, named_edition
from billing.codes.sets.kinds import SetKind
from billing.errors import Refused
from tests.codes.published import TODAY

ICD, PAIRS, CAPS, ADD_ONS, NCD = SetKind


@pytest.mark.parametrize(
    ("kind", "name", "first"),
    [
        (ICD, "icd10cm_order_2027.txt", date(2026, 10, 1)),
        (ICD, "icd10cm_codes_2022.txt", date(2021, 10, 1)),
        (ICD, "april-1-2026-code-descriptions-tabular-order.zip/icd10cm_order_2026.txt", date(2026, 4, 1)),
        (PAIRS, "ccipra-v310r0-f4.txt", date(2025, 1, 1)),
        (PAIRS, "ccipra-v313r0-f1.TXT", date(2025, 10, 1)),
        (PAIRS, "ncci-2026q3-ptp-edits.zip/ccipra-v322r0-f1.TXT", date(2026, 7, 1)),
        (CAPS, "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv", date(2026, 10, 1)),
        (CAPS, "medicare-ncci-2026-q4-practitioner-services-mue-table.zip/table.csv", date(2026, 10, 1)),
        (ADD_ONS, "AOC_V2026Q4-F-MCR.txt", date(2026, 10, 1)),
        (ICD, "codes.txt", None),
        (CAPS, "MCR_MUE_PractitionerServices_Eff_13-41-2026.csv", None),
        (NCD, "NCD30.3.3_2026.csv", None),
    ],
)  # fmt: skip
def test_a_files_name_tells_its_edition(kind: SetKind, name: str, first: date | None) -> None:
    assert named_edition(kind, name) == first


@pytest.mark.parametrize(
    ("on", "year"), [(date(2026, 9, 30), 2026), (date(2026, 10, 1), 2027), (date(2027, 1, 1), 2027)]
)
def test_3_the_fiscal_year_begins_on_the_first_of_october(on: date, year: int) -> None:
    assert fiscal_year(on) == year


def test_a_day_that_a_person_says_must_lie_in_the_edition_that_the_name_tells() -> None:
    assert effective_from(ICD, ["icd10cm_order_2026.txt"], date(2026, 4, 1), TODAY) == date(2026, 4, 1)
    with pytest.raises(Refused, match="is of fiscal year 2026, and 1 October 2026 is not in it"):
        effective_from(ICD, ["icd10cm_order_2026.txt"], date(2026, 10, 1), TODAY)
    with pytest.raises(Refused, match="is of the fourth quarter of 2026, and 1 July 2026 is not in it"):
        effective_from(ADD_ONS, ["AOC_V2026Q4-F-MCR.txt"], date(2026, 7, 1), TODAY)


def test_a_name_that_tells_nothing_needs_a_day() -> None:
    with pytest.raises(Refused, match=r"codes\.txt does not tell which edition"):
        effective_from(ICD, ["codes.txt"], None, TODAY)
    assert effective_from(ICD, ["codes.txt"], date(2026, 10, 1), TODAY) == date(2026, 10, 1)


def test_files_of_two_quarters_do_not_go_together() -> None:
    with pytest.raises(Refused, match="the third quarter of 2026 and the fourth quarter of 2026"):
        effective_from(PAIRS, ["ccipra-v322r0-f1.txt", "ccipra-v323r0-f2.txt"], None, TODAY)


@pytest.mark.parametrize("asked", [date(2026, 11, 1), date(2026, 10, 2), date(2062, 10, 1)])
def test_a_day_on_which_no_edition_begins_is_refused(asked: date) -> None:
    with pytest.raises(Refused):
        effective_from(CAPS, ["table.csv"], asked, TODAY)


def test_a_list_of_diagnoses_may_begin_on_any_day() -> None:
    assert effective_from(NCD, ["list.csv"], date(2026, 11, 3), TODAY) == date(2026, 11, 3)


def test_what_is_due_follows_each_publishers_pace() -> None:
    assert [due_edition(kind, TODAY) for kind in SetKind] == [
        date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 1), date(2026, 1, 1), None,
    ]  # fmt: skip
    assert due_edition(ICD, date(2026, 9, 30)) == date(2025, 10, 1)


def test_editions_have_the_names_that_people_know() -> None:
    assert edition_in_words(ICD, date(2026, 10, 1)) == "fiscal year 2027"
    assert edition_in_words(ICD, date(2026, 4, 1)) == "fiscal year 2026, update of 1 April 2026"
    assert edition_in_words(PAIRS, date(2026, 10, 1)) == "the fourth quarter of 2026"
    assert edition_in_words(NCD, date(2026, 11, 3)) == "from 3 November 2026"
