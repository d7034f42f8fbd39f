from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from billing.codes.diagnoses import billable_codes
from billing.codes.procedures import procedures
from billing.codes.publishers.lines import PublishedFile
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.making import made
from billing.codes.sets.shelf import Shelf
from billing.errors import Refused
from tests.codes.published import (
    ADD_ONS_KNOWN,
    BEFORE,
    CAPS_HEAD,
    FY2027,
    PAIRS_HEAD,
    cap_row,
    caps_known,
    code_list,
    file_of,
    loaded,
    order,
    order_file,
    pair_row,
    pairs_known,
)

ICD, PAIRS, CAPS, ADD_ONS, NCD = SetKind
CODES = billable_codes(BEFORE)
WANTED = sorted({one.code for one in procedures()} | {"20610"})
YEAR = file_of(order_file(CODES), "icd10cm_order_2027.txt")
PARTS = [file_of(PAIRS_HEAD + pairs_known(), "ccipra-v323r0-f1.txt")]
TABLE = file_of(CAPS_HEAD + caps_known(), "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv")
ADDED = file_of(ADD_ONS_KNOWN, "AOC_V2026Q4-F-MCR.txt")


def refused(kind: SetKind, *files: PublishedFile, shelf: Shelf | None = None, asked: date | None = None) -> str:
    with pytest.raises(Refused) as refusal:
        made(order(kind, *files, asked=asked, wanted=WANTED), shelf or Shelf())
    return str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "files", "kept"),
    [(ICD, [YEAR], len(CODES)), (CAPS, [TABLE], 39), (ADD_ONS, [ADDED], 4), (PAIRS, PARTS, None)],
)
def test_a_whole_file_becomes_a_set_from_the_day_its_name_tells(
    kind: SetKind, files: Sequence[PublishedFile], kept: int | None
) -> None:
    new = made(order(kind, *files, wanted=WANTED), Shelf())

    assert (new.set.kind, new.set.effective_from, new.is_known) == (kind, FY2027, False)
    assert new.set.kept == len(new.lines)
    assert kept is None or new.set.kept == kept


def test_the_same_file_again_is_known() -> None:
    shelf = loaded(Shelf(), order(CAPS, TABLE))

    assert made(order(CAPS, TABLE), shelf).is_known
    assert not made(order(CAPS, TABLE, sha256="b"), shelf).is_known


def test_pair_edits_are_another_set_when_the_clinic_uses_another_code() -> None:
    shelf = loaded(Shelf(), order(PAIRS, *PARTS, wanted=WANTED))

    assert made(order(PAIRS, *PARTS, wanted=WANTED), shelf).is_known
    assert not made(order(PAIRS, *PARTS, wanted=[*WANTED, "20605"]), shelf).is_known


def test_an_older_edition_than_the_one_in_force_is_refused() -> None:
    shelf = loaded(Shelf(), order(CAPS, TABLE))
    older = file_of(CAPS_HEAD + caps_known(), "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv")

    assert "of the third quarter of 2026, and that of the fourth quarter of 2026 is loaded" in refused(
        CAPS, older, shelf=shelf
    )


def test_an_older_edition_than_what_comes_along_is_refused() -> None:
    assert "older than what comes along" in refused(ICD, file_of(order_file(CODES), "icd10cm_order_2025.txt"))
    assert "older than what comes along" in refused(PAIRS, file_of(PAIRS_HEAD + pairs_known(), "ccipra-v301r0-f1.txt"))


@pytest.mark.parametrize(
    ("kind", "file", "why"),
    [
        (ICD, TABLE, "it looks like a file of Unit caps"),
        (CAPS, PARTS[0], "it looks like a file of Pair edits"),
        (PAIRS, YEAR, "it looks like a file of ICD-10-CM"),
        (PAIRS, ADDED, "it looks like a file of Add-on codes"),
        (ADD_ONS, file_of("M54.50\n"), "it looks like a file of Diagnoses of NCD 30.3.3"),
        (CAPS, file_of("hello\n"), "nor any other file that can be loaded"),
        (CAPS, file_of(""), "nor any other file that can be loaded"),
        (PAIRS, file_of(PAIRS_HEAD, "ccioph-v323r0-f1.txt"), "is the table for hospitals"),
        (CAPS, file_of(CAPS_HEAD.replace("Practitioner", "Outpatient Hospital")), "for hospitals or suppliers"),
        (ADD_ONS, file_of(ADD_ONS_KNOWN, "AOC_V2026Q4-F-MCD.txt"), "is the table for Medicaid"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_told_what_it_is(kind: SetKind, file: PublishedFile, why: str) -> None:
    assert why in refused(kind, file, asked=FY2027)


def test_a_file_that_was_cut_off_is_refused_by_what_it_lacks() -> None:
    half = sorted(CODES)[: len(CODES) // 2]

    assert "It looks cut off" in refused(ICD, file_of(code_list(half), "icd10cm_codes_2027.txt"))
    assert "It looks cut off" in refused(CAPS, file_of(CAPS_HEAD + cap_row("97810", 1)), asked=FY2027)
    assert "It looks cut off" in refused(
        PAIRS, file_of(PAIRS_HEAD + pair_row("97813", "97810"), "ccipra-v323r0-f1.txt")
    )


def test_a_part_that_is_missing_or_sent_twice_is_told() -> None:
    third = file_of(PAIRS_HEAD + pairs_known(), "ccipra-v323r0-f3.txt")

    assert "The part f2 of the pair edits is missing" in refused(PAIRS, *PARTS, third)
    assert "was sent twice" in refused(PAIRS, *PARTS, *PARTS)


def test_only_pair_edits_come_in_several_files() -> None:
    assert "Only one file makes a set of Unit caps" in refused(CAPS, TABLE, TABLE)


def test_pairs_of_several_parts_become_one_set() -> None:
    rows = pairs_known().splitlines(keepends=True)
    parts = [
        file_of(PAIRS_HEAD + "".join(rows[at::2]), f"ccipra-v323r0-f{at + 1}.txt") for at in range(2)
    ]  # fmt: skip

    new = made(order(PAIRS, *parts, wanted=WANTED), Shelf())

    assert new.lines == made(order(PAIRS, *PARTS, wanted=WANTED), Shelf()).lines
    assert new.set.rows == len(rows)
