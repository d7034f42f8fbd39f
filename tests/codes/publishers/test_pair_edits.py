from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.codes.publishers.pair_edits import PublishedPair, RowCount, pairs
from billing.errors import Refused
from tests.codes.published import PAIRS_HEAD, file_of, pair_row

WANTED = {"97810", "97811", "97813", "99213", "G0283"}


def read(rows: str, head: str = PAIRS_HEAD, wanted: set[str] = WANTED) -> list[PublishedPair]:
    return list(pairs(file_of(head + rows, "ccipra-v323r0-f1.txt"), wanted, RowCount()))


def faults(rows: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        read(rows)
    return [one.why.partition(", ")[2] for one in refused.value.problems]


def test_a_pair_of_two_wanted_codes_is_kept_with_its_days_and_what_unlocks_it() -> None:
    found = read(pair_row("97813", "97810") + pair_row("97810", "99213", 1, "20240101", "20260930"))

    assert found == [
        PublishedPair("97813", "97810", False, date(2020, 1, 1), None),
        PublishedPair("97810", "99213", True, date(2024, 1, 1), date(2026, 9, 30)),
    ]


@pytest.mark.parametrize("row", [pair_row("97810", "11111"), pair_row("11111", "97810"), pair_row("11111", "22222")])
def test_a_pair_with_a_code_that_nobody_here_uses_is_read_and_let_go(row: str) -> None:
    count = RowCount()

    found = list(pairs(file_of(PAIRS_HEAD + row), WANTED, count))

    assert (found, count.rows) == ([], 1)


def test_an_edit_that_was_taken_back_to_its_first_day_never_held() -> None:
    assert read(pair_row("97813", "97810", 9, "20200101", "20200101")) == []
    assert read(pair_row("97813", "97810", 0, "20200101", "20200101")) == []


def test_an_edit_that_is_older_than_1996_is_marked_by_a_star() -> None:
    assert read(pair_row("97813", "97810", prior="*")) == [
        PublishedPair("97813", "97810", False, date(2020, 1, 1), None)
    ]


def test_a_sheet_saved_as_comma_separated_text_is_read_too() -> None:
    head, row = PAIRS_HEAD.replace("\t", ","), pair_row("97813", "97810").replace("\t", ",")

    assert read(row.replace("Our rationale", '"Misuse, of a code"'), head) == read(pair_row("97813", "97810"))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (pair_row("97813", "97810", first="20261345"), "'20261345' is no day."),
        (pair_row("97813", "97810", last="20260231"), "'20260231' is no day."),
        (pair_row("97813", "97810", last=""), "'' is no day."),
        (pair_row("97813", "97810", 7), "the modifier indicator '7' is not 0, 1 or 9."),
        (pair_row("97813", "9781"), "'97813' and '9781' are not both procedure codes."),
        (pair_row("11111", "2222"), "'11111' and '2222' are not both procedure codes."),
        ("97813\t978", "it has fewer than 6 columns: '97813?978'."),
    ],
)
def test_a_faulty_row_is_told_with_its_line_even_when_it_would_be_let_go(row: str, why: str) -> None:
    assert faults(pair_row("97813", "97810") + row) == [f"line 9: {why}"]


def test_a_text_without_any_row_is_no_table() -> None:
    assert faults("") == ["line 1: the file has no row."]
    assert "no row of the table stands within the first lines" in faults("a line\n" * 100)[0]


@given(st.lists(st.tuples(st.sampled_from(sorted(WANTED)), st.sampled_from(sorted(WANTED)), st.booleans()), min_size=1))
def test_every_pair_comes_out_as_it_went_in(written: list[tuple[str, str, bool]]) -> None:
    found = read("".join(pair_row(one, other, int(allowed)) for one, other, allowed in written))

    assert [(one.column1, one.column2, one.modifier_allowed) for one in found] == written


@given(st.text(max_size=200))
def test_no_row_makes_the_reader_stumble(text: str) -> None:
    try:
        found = read(pair_row("97813", "97810") + text)
    except Refused as refused:
        assert refused.problems
    else:
        assert found[0].column1 == "97813"
