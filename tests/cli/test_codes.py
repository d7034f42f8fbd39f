"""Code sets by command: loaded from their publishers' files, listed, and missed by ``doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from billing import clock
from billing.codes.diagnoses import billable_codes
from billing.codes.sets import shelf as sets
from tests.claims.office import Office
from tests.cli.conftest import Shell
from tests.codes.published import BEFORE, CAPS_HEAD, caps_known, order_file

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
NEXT_YEAR = (billable_codes(BEFORE) - {"M5450"}) | {"M5455"}


@pytest.fixture(autouse=True)
def _in_autumn() -> Iterator[None]:
    with clock.stopped_at(AT):
        yield
    sets.use(None)


def file(shell: Shell, name: str, text: str) -> Path:
    path = shell.data.parent / name
    path.write_text(text)
    return path


def test_a_loaded_set_is_told_and_listed(shell: Shell, clinic: Office) -> None:
    session = clinic.visit(date(2026, 10, 6), diagnoses=["M54.50"])
    year = file(shell, "icd10cm_order_2027.txt", order_file(NEXT_YEAR))

    result = shell.run("codes", "load", "icd10cm", year)
    listed = shell.ask("codes", "list")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "ICD-10-CM of fiscal year 2027 is in force for sessions from 1 October 2026 on: 74,719 of 74,719 rows kept.",
        "Against the edition before: 1 added, 1 ended, 0 changed.",
        "Ended, of the codes used here: M54.50.",
        "Sessions not yet filed that are judged otherwise: 1.",
        f"  session {session.id} of 2026-10-06: new: diagnosis.not_billable",
        "0 held claims were judged again; 0 are ready now.",
    ]
    (icd, *others) = listed["sets"]
    assert (icd["edition"], icd["comes_along"], icd["overdue"]) == ("fiscal year 2027", False, None)
    assert [one["comes_along"] for one in others] == [True] * 4


def test_the_same_file_again_is_told(shell: Shell, clinic: Office) -> None:
    year = file(shell, "icd10cm_order_2027.txt", order_file(NEXT_YEAR))
    shell.run("codes", "load", "icd10cm", year)

    assert "Nothing was changed" in shell.run("codes", "load", "icd10cm", year).stdout


def test_a_refused_file_is_told_line_by_line(shell: Shell, clinic: Office) -> None:
    caps = file(shell, "caps.csv", CAPS_HEAD + caps_known() + "97810,none,3 x,y\n")

    result = shell.run("codes", "load", "mue", caps, "--effective-from", "2026-10-01")

    assert result.exit_code == 1
    assert "caps.csv was refused, and nothing of it was taken: 1 line of it is at fault." in result.stderr
    assert "caps.csv, line 44: 'none' is no number of units." in result.stderr


@pytest.mark.parametrize(
    "words",
    [("load", "icd10cm"), ("load", "nonsense", "x"), ("load", "mue", "gone.csv"), ("load",)],
)
def test_wrong_usage_ends_with_2(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell.run("codes", *words).exit_code == 2


def test_list_says_what_comes_along_and_what_is_overdue(shell: Shell, clinic: Office) -> None:
    result = shell.run("codes", "list")

    assert result.exit_code == 1
    assert "icd10cm     April 2026 (comes along with Meridian)" in result.stdout
    assert "ICD-10-CM of FY2027 began on 1 October 2026 and is not loaded; what counts is that of April 2026." in (
        result.stdout
    )
    assert "Pair edits of the fourth quarter of 2026 began on 1 October 2026 and are not loaded" in result.stdout
    assert "Add-on codes of the first quarter of 2026 began on 1 January 2026" in result.stdout


def test_doctor_tells_what_is_overdue_where_insurers_are_billed(shell: Shell, clinic: Office) -> None:
    told = shell.ask("doctor")
    file_ = file(shell, "icd10cm_order_2027.txt", order_file(NEXT_YEAR))
    shell.run("codes", "load", "icd10cm", file_)

    again = shell.ask("doctor")

    assert [one["rule"] for one in told["problems"]].count("codes.overdue") == 4
    assert [one["rule"] for one in again["problems"]].count("codes.overdue") == 3
    assert told["ok"] == again["ok"]


def test_doctor_asks_no_code_sets_of_a_clinic_without_insurers(shell: Shell) -> None:
    assert "codes.overdue" not in [one["rule"] for one in shell.ask("doctor")["problems"]]


def test_a_set_for_days_to_come_is_listed_as_such(shell: Shell, clinic: Office) -> None:
    caps = file(shell, "caps.csv", CAPS_HEAD + caps_known())
    shell.run("codes", "load", "mue", caps, "--effective-from", "2027-01-01")

    assert "from 1 January 2027: 39 rows are loaded" in shell.run("codes", "list").stdout


def test_doctor_tells_a_damaged_set_and_nothing_else_of_them(shell: Shell, clinic: Office) -> None:
    shell.run("codes", "load", "icd10cm", file(shell, "icd10cm_order_2027.txt", order_file(NEXT_YEAR)))
    for kept in (shell.data / "codes").glob("icd10cm-*"):
        kept.write_bytes(b"")

    told = shell.ask("doctor")

    assert [one["rule"] for one in told["problems"] if one["rule"].startswith("codes.")] == ["codes.damaged"]
    assert not told["ok"]
