from __future__ import annotations

from datetime import date

import pytest

from billing.codes.procedures import (
    ACUPUNCTURE_CODES,
    MEDICARE_ACUPUNCTURE_CODES,
    Family,
    Part,
    is_family,
    label_of,
    procedure,
    procedures,
)
from billing.codes.tables import rows

DAY = date(2026, 3, 2)


def test_the_acupuncture_codes_are_the_acupuncture_family() -> None:
    family = {known.code for known in procedures() if known.family is Family.ACUPUNCTURE}

    assert family == ACUPUNCTURE_CODES


def test_medicare_counts_dry_needling_as_acupuncture() -> None:
    needling = {known.code for known in procedures() if known.family is Family.DRY_NEEDLING}

    assert needling == MEDICARE_ACUPUNCTURE_CODES - ACUPUNCTURE_CODES


@pytest.mark.parametrize(
    ("code", "part", "estim"),
    [
        ("97810", Part.INITIAL, False),
        ("97811", Part.ADD_ON, False),
        ("97813", Part.INITIAL, True),
        ("97814", Part.ADD_ON, True),
        ("99203", Part.NEW, False),
        ("99213", Part.ESTABLISHED, False),
    ],
)
def test_each_code_plays_its_part(code: str, part: Part, estim: bool) -> None:
    known = procedure(code, DAY)

    assert known is not None
    assert (known.part, known.estim) == (part, estim)


def test_therapy_is_told_from_acupuncture() -> None:
    therapy = {known.code for known in procedures() if known.always_therapy}

    assert {"97140", "97124", "97110", "97026", "97016", "G0283"} <= therapy
    assert therapy.isdisjoint(MEDICARE_ACUPUNCTURE_CODES | {"97014", "99203"})


def test_the_facts_are_dated() -> None:
    assert procedure("20560", date(2019, 12, 31)) is None
    assert procedure("20560", date(2020, 1, 1)) is not None
    assert not is_family("20560", Family.DRY_NEEDLING, date(2019, 12, 31))


def test_a_label_is_ours_and_an_unknown_code_is_its_own_label() -> None:
    assert label_of("97810") == "Acupuncture, first 15 min"
    assert label_of("ACU60") == "ACU60"


def test_labels_fit_on_a_line() -> None:
    assert max(len(known.label) for known in procedures()) <= 60


@pytest.mark.parametrize(
    "name",
    [
        "add_ons.csv",
        "medicare_low_back_pain.csv",
        "modifiers.csv",
        "pair_edits.csv",
        "places.csv",
        "procedures.csv",
        "unit_caps.csv",
    ],
)
def test_every_row_has_a_first_day_and_a_source(name: str) -> None:
    table = rows(name)

    assert table
    assert all(row["source"] and date.fromisoformat(row["effective_from"]) for row in table)
    assert all(not row["effective_to"] or row["effective_to"] >= row["effective_from"] for row in table)
