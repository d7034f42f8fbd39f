"""Claim statuses in plain words."""

from __future__ import annotations

import pytest

from billing.codes.claim_status import category_label, describe, entity_label, status_label
from billing.codes.tables import rows

TABLES = ["claim_status_categories.csv", "claim_statuses.csv", "claim_status_entities.csv"]


def test_a_whole_status_reads_as_a_sentence_part() -> None:
    assert describe("A7", "562", "85") == "rejected, information invalid: NPI (billing provider)"
    assert describe("A2", "20", "PR") == "accepted for adjudication: accepted for processing (payer)"
    assert describe("F1", "65") == "decided, paid: paid"


@pytest.mark.parametrize(
    "code",
    [
        "A0",
        "A1",
        "A2",
        "A3",
        "A4",
        "A5",
        "A6",
        "A7",
        "A8",
        "D0",
        "E4",
        "F0",
        "F1",
        "F2",
        "F3",
        "F3F",
        "F3N",
        "F4",
        "P0",
        "P5",
        "R0",
        "R17",
    ],
)
def test_every_category_in_use_has_a_label(code: str) -> None:
    assert category_label(code) != f"category {code}"


@pytest.mark.parametrize(
    "code",
    [
        "0",
        "1",
        "3",
        "16",
        "19",
        "20",
        "21",
        "33",
        "54",
        "85",
        "88",
        "97",
        "116",
        "126",
        "164",
        "187",
        "255",
        "454",
        "500",
        "562",
        "718",
    ],
)
def test_frequent_statuses_have_a_label(code: str) -> None:
    assert status_label(code) != f"status {code}"


@pytest.mark.parametrize(
    ("code", "label"), [("85", "billing provider"), ("IL", "insured"), ("QC", "patient"), ("PR", "payer"), ("82", "r")]
)
def test_the_parties_of_a_claim_have_a_label(code: str, label: str) -> None:
    assert entity_label(code).startswith(label)


def test_what_we_do_not_know_is_shown_by_its_code() -> None:
    assert describe("Z9", "9999", "ZZ9") == "category Z9: status 9999 (party ZZ9)"


@pytest.mark.parametrize("table", TABLES)
def test_no_code_stands_twice_and_every_row_has_a_label_and_a_source(table: str) -> None:
    found = rows(table)

    assert len({row["code"] for row in found}) == len(found)
    assert [row["code"] for row in found if not (row["label"] and row["source"])] == []
