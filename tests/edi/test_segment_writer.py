from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.segment_writer import SEPARATORS, SegmentWriter, amount, day
from billing.edi.segments import Segment, read_segments


def written(segment_id: str, *elements: str | tuple[str, ...]) -> str:
    writer = SegmentWriter()
    writer.add(segment_id, *elements)
    return writer.text()


def test_elements_and_components_are_joined_by_the_fixed_separators() -> None:
    text = written("SV1", ("HC", "97810", "GP"), "85", "UN", "1")

    assert text == "SV1*HC:97810:GP*85*UN*1~\n"


def test_what_is_empty_at_the_end_is_left_out() -> None:
    text = written("NM1", "PR", ("A", "", ""), "", ("", ""), "")

    assert text == "NM1*PR*A~\n"


def test_what_is_empty_in_the_middle_keeps_its_place() -> None:
    text = written("SBR", "P", "", "", ("", "", "X"))

    assert text == "SBR*P***::X~\n"


@pytest.mark.parametrize("bad", ["A*B", "A:B", "A~B", "A^B", "A\nB", "A\x1fB", "É", "\N{SNOWMAN}", "\x7f", "A\r"])
def test_an_element_with_a_foreign_character_is_refused(bad: str) -> None:
    writer = SegmentWriter()

    with pytest.raises(ValueError, match="NM103"):
        writer.add("NM1", "IL", "1", bad, "ROSA")

    assert writer.lines == []


@pytest.mark.parametrize("bad", ["A*B", "A:B", "A~B", "A^B"])
def test_a_component_with_a_separator_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="SV101"):
        written("SV1", ("HC", bad), "85")


def test_a_refusal_does_not_repeat_what_was_refused() -> None:
    with pytest.raises(ValueError) as refusal:
        written("NM1", "IL", "1", "FINCH*ROSA")

    assert "FINCH" not in str(refusal.value)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6))
def test_whatever_is_written_is_read_back_or_refused(elements: list[str]) -> None:
    try:
        text = written("K3", *elements)
    except ValueError:
        return

    (segment,) = (Segment("K3", line.split("*"), 1, SEPARATORS) for line in text.removesuffix("~\n").split("\n"))
    assert [segment.element(number) for number in range(1, len(elements) + 1)] == elements


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0"), (5, "0.05"), (50, "0.5"), (100, "1"), (7250, "72.5"), (7205, "72.05"), (16500, "165"), (-1050, "-10.5")],
)
def test_amounts_have_no_trailing_zeros(cents: int, text: str) -> None:
    assert amount(cents) == text


def test_a_day_is_eight_digits() -> None:
    assert day(date(2026, 3, 2)) == "20260302"


def test_a_written_file_is_one_segment_a_line() -> None:
    writer = SegmentWriter()
    writer.add("ST", "837", "0001")
    writer.add("SE", "2", "0001")

    assert writer.text() == "ST*837*0001~\nSE*2*0001~\n"
    assert [segment.id for segment in read_segments(writer.text(), [])] == ["ST", "SE"]
