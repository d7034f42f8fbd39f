"""What is wrong with a file's form is said in words, and an unknown code as a code."""

from __future__ import annotations

import pytest

from billing.codes.syntax_notes import element_note, group_note, interchange_note, segment_note, set_note
from billing.codes.tables import rows


def test_each_code_has_words_of_its_own_list() -> None:
    assert interchange_note("025") == "a file with this control number came before"
    assert segment_note("8") == "has faulty elements"
    assert element_note("6") == "a character that is not allowed"
    assert set_note("5") == "segments are faulty"
    assert group_note("5") == "the count of transaction sets is wrong"


def test_a_note_that_lost_its_zeros_is_known_all_the_same() -> None:
    assert interchange_note("25") == interchange_note("025")


@pytest.mark.parametrize("note", [interchange_note, segment_note, element_note, set_note, group_note])
def test_a_code_nobody_knows_is_told_as_it_is(note: object) -> None:
    assert callable(note)
    assert note("Z9Z") == "code Z9Z"


def test_no_code_stands_twice_and_each_has_words_and_a_source() -> None:
    table = rows("syntax_notes.csv")

    keys = [(row["element"], row["code"]) for row in table]
    assert len(set(keys)) == len(keys)
    assert all(row["label"] and row["source"] for row in table)
