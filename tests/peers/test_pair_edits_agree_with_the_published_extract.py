"""Our transcription of the coding edits against an extract of the published third-quarter 2024 files."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from billing.codes.edit_tables import pair_edits, primaries_of, unit_caps
from billing.codes.tables import in_force

QUARTER = date(2024, 7, 1)
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
EXTRACT = SHARED / "ncci_2024q3_extract.csv"

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def published() -> Rows:
    if not EXTRACT.exists():
        pytest.skip(f"the folder of shared sample data is missing: {SHARED}")
    with EXTRACT.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def triples(published: Rows, kind: str) -> set[tuple[str, str, str]]:
    names = ("code_a", "code_b_or_value", "indicator_or_mai_or_type")
    found = {(row[names[0]], row[names[1]], row[names[2]]) for row in published if row["kind"] == kind}
    assert found, f"the extract has no {kind} rows"
    return found


def say_what_only_we_have(kind: str, ours: set[tuple[str, str, str]], theirs: set[tuple[str, str, str]]) -> None:
    print(f"{kind}: {len(theirs)} published, {len(ours)} ours; only ours: {sorted(ours - theirs)}")


def test_every_published_pair_is_ours_with_the_same_indicator(published: Rows) -> None:
    theirs = triples(published, "PTP")
    in_quarter = [edit for edits in pair_edits().values() if (edit := in_force(edits, QUARTER)) is not None]

    ours = {(edit.column1, edit.column2, "1" if edit.modifier_allowed else "0") for edit in in_quarter}

    say_what_only_we_have("PTP", ours, theirs)
    assert theirs - ours == set()
    assert {pair[:2] for pair in ours - theirs}.isdisjoint({pair[:2] for pair in theirs})


def test_every_published_unit_cap_is_ours_with_the_same_strictness(published: Rows) -> None:
    theirs = triples(published, "MUE")

    ours = {
        (code, str(cap.units), str(cap.adjudication))
        for cap in unit_caps()
        if not cap.payer_kind and cap.span.holds(QUARTER)
        for code in cap.codes
    }

    say_what_only_we_have("MUE", ours, theirs)
    assert theirs - ours == set()
    assert {cap[0] for cap in ours - theirs}.isdisjoint({cap[0] for cap in theirs})


def test_every_published_add_on_has_its_primaries_here(published: Rows) -> None:
    theirs = triples(published, "AOC")

    ours = {
        (add_on, primary, "1") for add_on in {row[0] for row in theirs} for primary in primaries_of(add_on, QUARTER)
    }

    say_what_only_we_have("AOC", ours, theirs)
    assert ours == theirs
