"""A loaded set counts from its first day on, and for the days before what was in force then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from billing.codes.diagnoses import (
    billable_codes,
    diagnosis_problems,
    is_billable,
    is_chronic_low_back_pain,
)
from billing.codes.edit_tables import pair_edit, primaries_of
from billing.codes.edits import ProcedureLine, procedure_problems
from billing.codes.procedures import procedures
from billing.codes.sets.contents import Changed, compared
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.shelf import Shelf, judged_by
from tests.codes.published import (
    ADD_ONS_KNOWN,
    BEFORE,
    CAPS_HEAD,
    FY2027,
    LAST_OF_2026,
    PAIRS_HEAD,
    add_on_row,
    cap_row,
    caps_known,
    file_of,
    loaded,
    order,
    order_file,
    pair_row,
    pairs_known,
)

ICD, PAIRS, CAPS, ADD_ONS, NCD = SetKind
WANTED = sorted({one.code for one in procedures()} | {"20610"})
NEXT_YEAR = (billable_codes(BEFORE) - {"M545A", "G4486", "R42"}) | {"R420", "R421", "M5455"}


def a_shelf() -> Shelf:
    """The editions of 1 October 2026, each with something that is new, ended and changed."""
    pairs = pairs_known().replace("97140\t97124\t\t20200101\t*\t0", "97140\t97124\t\t20200101\t*\t1")
    pairs += pair_row("97810", "97140") + pair_row("20610", "97810", 1, "20261115")
    caps = caps_known(c97811=3) + cap_row("20610", 2, 1)
    shelf = loaded(Shelf(), order(ICD, file_of(order_file(NEXT_YEAR), "icd10cm_order_2027.txt")))
    shelf = loaded(shelf, order(PAIRS, file_of(PAIRS_HEAD + pairs, "ccipra-v323r0-f1.txt"), wanted=WANTED))
    shelf = loaded(shelf, order(CAPS, file_of(CAPS_HEAD + caps, "a_Eff_10-01-2026.csv")))
    more = add_on_row("20561", "20560") + add_on_row("97113", "CCCCC", 2) + add_on_row("97113", "97110", 3)
    shelf = loaded(shelf, order(ADD_ONS, file_of(ADD_ONS_KNOWN + more, "AOC_V2026Q4-F-MCR.txt")))
    return loaded(shelf, order(NCD, file_of("M54.50\nM54.41\n"), asked=FY2027))


SHELF = a_shelf()


@pytest.fixture(autouse=True)
def _judged_by_it() -> Iterator[None]:
    with judged_by(SHELF):
        yield


def said(*codes: str, on: date = FY2027) -> list[tuple[str, str]]:
    return [(one.why, one.fix) for one in diagnosis_problems(codes, on)]


def edits(*codes: str, on: date = FY2027, units: int = 1, payer: str = "medicare") -> list[str]:
    lines = [ProcedureLine(code, (), units) for code in codes]
    return [one.rule for one in procedure_problems(lines, service_on=on, payer_kind=payer)]


def test_3_a_code_that_ended_is_billable_until_the_day_before() -> None:
    assert is_billable("R42", LAST_OF_2026)
    assert not is_billable("R42", FY2027)
    assert said("R42") == [
        (
            "R42 was billable until 2026-09-30; on 2026-10-01 it no longer is.",
            "Choose what the chart supports, and only that: R42.0, R42.1.",
        )
    ]


def test_3_a_code_that_came_is_billable_from_its_first_day() -> None:
    assert is_billable("M54.55", FY2027)
    assert not is_billable("M54.55", LAST_OF_2026)
    assert said("M54.55", on=LAST_OF_2026)[0][0] == (
        "M54.55 is billable from 2026-10-01 on; the date of service is 2026-09-30."
    )


def test_3_headings_and_unknown_codes_are_told_by_the_edition_of_the_day() -> None:
    assert said("M54.5")[0][0] == "M54.5 is a heading that is divided further; only its longer codes are billable."
    assert said("Q99.99")[0][0] == "Q99.99 is not in the ICD-10-CM that was loaded and holds from 2026-10-01 on."


def test_3_a_changed_code_of_long_ago_is_still_judged_by_its_own_days() -> None:
    assert is_billable("M54.5", date(2021, 9, 30))
    assert not is_billable("M54.5", date(2021, 10, 1))


def test_without_the_years_edition_it_is_said_that_new_codes_are_not_known() -> None:
    with judged_by(Shelf()):
        assert said("M54.55")[0][0].endswith(
            "Codes that are new since 1 October 2026 are not known until that edition is loaded in the settings."
        )
        assert said("M54.55", on=LAST_OF_2026)[0][0].endswith("its known changes.")


def test_1_4_pairs_are_those_of_the_quarter_of_the_session() -> None:
    assert edits("97810", "97140", on=LAST_OF_2026) == []
    assert edits("97810", "97140") == ["procedure.pair_not_allowed"]
    assert edits("97140", "97124", on=LAST_OF_2026) == ["procedure.pair_not_allowed"]
    assert edits("97140", "97124") == ["modifier.missing"]


def test_1_4_an_edit_in_a_loaded_set_has_days_of_its_own() -> None:
    assert pair_edit("20610", "97810", date(2026, 11, 14)) is None
    assert pair_edit("97810", "20610", date(2026, 11, 15)) is not None


def test_1_4_two_initial_codes_are_refused_by_a_loaded_set_too() -> None:
    assert edits("97810", "97813") == ["procedure.two_initial"]


def test_1_3_caps_are_those_of_the_quarter_of_the_session() -> None:
    assert edits("97810", "97811", "97811", "97811", on=LAST_OF_2026) == ["procedure.unit_cap"]
    assert edits("97810", "97811", "97811", "97811") == []
    assert edits("97810", *["97811"] * 4) == ["procedure.unit_cap"]


def test_1_3_a_cap_of_a_line_binds_each_line_by_itself() -> None:
    assert edits("20610", "20610", units=2) == []
    assert edits("20610", units=3) == ["procedure.unit_cap"]


def test_1_3_a_cap_of_zero_still_names_what_is_billed_instead() -> None:
    problems = procedure_problems([ProcedureLine("97014")], service_on=FY2027, payer_kind="medicare")

    assert [one.fix for one in problems] == ["Bill G0283 instead."]


def test_1_3_the_limit_of_a_kind_of_payer_outlives_a_loaded_table() -> None:
    assert edits("97810", "97811", "97811", payer="va") == ["procedure.unit_cap"]


def test_1_1_add_ons_are_those_of_the_edition_and_a_payers_own_list_stops_nothing() -> None:
    assert primaries_of("97811", FY2027) == ("97810", "97813")
    assert edits("20561", on=LAST_OF_2026) == []
    assert edits("20561") == ["procedure.add_on_without_base"]
    assert edits("97113") == []


def test_2_1_a_loaded_list_of_diagnoses_takes_the_place_of_the_few_that_come_along() -> None:
    assert is_chronic_low_back_pain("M54.41", FY2027)
    assert not is_chronic_low_back_pain("M54.41", LAST_OF_2026)
    assert not is_chronic_low_back_pain("M54.59", FY2027)


def test_two_editions_are_compared_by_the_codes_that_are_used() -> None:
    used = {"R42", "R42.0", "M54.50"}

    found = compared(ICD, FY2027, Shelf(), SHELF, used)

    assert (found.added, found.ended, found.changed) == (("R42.0",), ("R42",), ())
    assert (found.all_added, found.all_ended) == (3, 2)


def test_what_changed_is_told_with_what_it_was() -> None:
    caps = compared(CAPS, FY2027, Shelf(), SHELF, {"97810", "97811"})
    pairs = compared(PAIRS, FY2027, Shelf(), SHELF, WANTED)
    add_ons = compared(ADD_ONS, FY2027, Shelf(), SHELF, WANTED)

    assert caps.changed == (Changed("97811", "2 a day", "3 a day"),)
    assert (caps.added, caps.all_added) == ((), 1)
    assert pairs.changed == (Changed("97140 + 97124", "never together", "with a modifier"),)
    assert pairs.added == ("97810 + 97140",)
    assert add_ons.added == ("20561", "97113")
