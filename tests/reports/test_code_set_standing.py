"""What is in force, what is overdue, and what a set was loaded without."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from billing.adapters.code_folder import DiskCodeFolder
from billing.codes.procedures import procedures
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.making import made
from billing.codes.sets.shelf import LIST, Shelf, keep
from billing.database import Database
from billing.reports.code_set_standing import damaged_problems, overdue_problem, overdue_problems, standing
from tests.codes.published import CAPS_HEAD, PAIRS_HEAD, TODAY, caps_known, file_of, loaded, order, pairs_known

ICD, PAIRS, CAPS, ADD_ONS, NCD = SetKind
WANTED = sorted(one.code for one in procedures())
CAP_TABLE = file_of(CAPS_HEAD + caps_known(), "a_Eff_10-01-2026.csv")


def overdue(kind: SetKind, on: date, shelf: Shelf | None = None) -> str:
    found = overdue_problem(kind, shelf or Shelf(), on)
    return found.why if found else ""


def test_a_year_that_has_begun_and_is_not_loaded_is_told() -> None:
    assert overdue(ICD, date(2026, 9, 30)) == ""
    assert overdue(ICD, date(2026, 10, 1)) == (
        "ICD-10-CM of FY2027 began on 1 October 2026 and is not loaded; what counts is that of April 2026."
    )


def test_a_quarter_that_has_begun_is_told_with_the_one_that_counts_instead() -> None:
    shelf = loaded(Shelf(), order(CAPS, CAP_TABLE))

    assert overdue(CAPS, date(2026, 12, 31), shelf) == ""
    assert overdue(CAPS, date(2027, 1, 1), shelf) == (
        "Unit caps of the first quarter of 2027 began on 1 January 2027 and are not loaded; what counts is that of "
        "the fourth quarter of 2026."
    )


def test_add_ons_are_due_once_a_year_and_a_list_of_diagnoses_never() -> None:
    assert "the first quarter of 2026" in overdue(ADD_ONS, date(2026, 12, 31))
    assert overdue(NCD, date(2036, 1, 1)) == ""


def test_a_code_that_came_into_use_after_a_load_is_told() -> None:
    shelf = loaded(Shelf(), order(PAIRS, file_of(PAIRS_HEAD + pairs_known(), "ccipra-v323r0-f1.txt"), wanted=WANTED))

    found = {one.kind: one.not_covered for one in standing(shelf, TODAY, {*WANTED, "20610"})}

    assert found == {ICD: (), PAIRS: ("20610",), CAPS: (), ADD_ONS: (), NCD: ()}


def test_an_edition_to_come_is_loaded_and_not_yet_in_force() -> None:
    shelf = loaded(Shelf(), order(CAPS, file_of(CAPS_HEAD + caps_known()), asked=date(2027, 1, 1)))

    caps = standing(shelf, TODAY)[2]

    assert (caps.in_force, [one.effective_from for one in caps.loaded]) == (None, [date(2027, 1, 1)])
    assert caps.overdue is not None


@pytest.mark.parametrize("content", [b"", b"97810 1 2\n", b"\xff\xfe"])
def test_a_damaged_set_is_told_by_its_name(tmp_path: Path, content: bytes) -> None:
    folder, new = DiskCodeFolder(tmp_path / "codes"), made(order(CAPS, CAP_TABLE), Shelf())
    keep(folder, Shelf(folder=folder).with_set(new.set, new.lines), new.set)
    folder.write(new.set.name, content)

    problems = damaged_problems(folder)

    assert [one.rule for one in problems] == ["codes.damaged"]
    assert new.set.name in problems[0].why


def test_a_damaged_list_is_told(tmp_path: Path) -> None:
    folder = DiskCodeFolder(tmp_path / "codes")
    folder.write(LIST, b"{")

    assert [one.rule for one in damaged_problems(folder)] == ["codes.damaged"]


def test_whole_sets_are_no_problem_and_without_insurers_none_is_overdue(database: Database, tmp_path: Path) -> None:
    folder = DiskCodeFolder(tmp_path / "codes")

    with database.reading() as db:
        assert overdue_problems(db, Shelf(), TODAY) == []
    assert damaged_problems(folder) == []
