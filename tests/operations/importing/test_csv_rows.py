from __future__ import annotations

from pathlib import Path

import pytest

from billing.operations.importing.reading.csv_rows import NotCsv, Record, records


def read(tmp_path: Path, content: str | bytes) -> list[Record]:
    path = tmp_path / "some.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(records(path))


def lines_and_cells(found: list[Record]) -> list[tuple[int, list[str]]]:
    return [(record.line, record.cells) for record in found]


def test_rows_come_with_the_line_they_begin_on_and_without_blanks_around_their_cells(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name\n A1 , Miri \nA2,Theo\n")

    assert lines_and_cells(found) == [(1, ["id", "name"]), (2, ["A1", "Miri"]), (3, ["A2", "Theo"])]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfid\nA1\n")[0].cells == ["id"]


def test_a_quoted_line_break_moves_the_rows_that_follow_but_not_its_own(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,memo\nA1,"one, two\nthree"\nA2,four\n')

    assert lines_and_cells(found)[1:] == [(2, ["A1", "one, two\nthree"]), (4, ["A2", "four"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(tmp_path: Path, end: str) -> None:
    found = read(tmp_path, end.join(["id,name", "A1,Miri", "A2,Theo", ""]))

    assert lines_and_cells(found) == [(1, ["id", "name"]), (2, ["A1", "Miri"]), (3, ["A2", "Theo"])]


def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    assert lines_and_cells(read(tmp_path, "id\nA1"))[-1] == (2, ["A1"])


def test_empty_rows_are_passed_over_and_still_counted_as_lines(tmp_path: Path) -> None:
    found = read(tmp_path, "\nid,name\n\n,,\nA1,Miri\n   \n")

    assert lines_and_cells(found) == [(2, ["id", "name"]), (5, ["A1", "Miri"])]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_row_only(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,name\nA1,"Miri\nA2,Theo\nA3,Ann\n')

    assert [(record.line, record.cells, bool(record.broken)) for record in found[1:]] == [
        (2, [], True),
        (3, ["A2", "Theo"], False),
        (4, ["A3", "Ann"], False),
    ]


def test_a_quotation_mark_closed_by_a_later_rows_own_costs_one_row_only(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,name\nA1,"Miri\nA2,"Theo, junior"\nA3,Ann\n')

    assert [record.line for record in found if record.broken] == [2]
    assert lines_and_cells(found)[2:] == [(3, ["A2", "Theo, junior"]), (4, ["A3", "Ann"])]


def test_a_row_that_swallows_others_and_ends_with_too_few_cells_gives_them_back(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,name,sex,city\nA1,"Miri,F,Salem\nA2,Theo,M,"\nA3,Ann,F,Bend\n')

    assert [(record.line, bool(record.broken)) for record in found[1:]] == [(2, True), (3, True), (4, False)]


def test_text_behind_a_closing_mark_is_broken(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,name\nA1,"Miri" Okoro\nA2,Theo\n')

    assert [record.line for record in found if record.broken] == [2]


def test_a_mark_inside_an_unquoted_cell_is_a_character_like_others(tmp_path: Path) -> None:
    assert read(tmp_path, 'id,name\nA1,5" pipe\n')[1].cells == ["A1", '5" pipe']


def test_a_row_that_ends_too_soon_names_the_first_cell_that_is_missing(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name,sex\nA1,Miri\n")

    assert found[1].broken == "The row ends after 2 of 3 cells."
    assert found[1].column == 2


def test_a_row_with_more_cells_than_the_header_is_broken_unless_they_are_empty(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name\nA1,Miri,F\nA2,Theo,,\n")

    assert found[1].broken == "The row has 3 cells, the header only 2."
    assert found[2] == Record(3, ["A2", "Theo"])


def test_columns_without_a_name_at_the_end_of_the_header_are_no_columns(tmp_path: Path) -> None:
    assert lines_and_cells(read(tmp_path, "id,name,,\nA1,Miri\n")) == [(1, ["id", "name"]), (2, ["A1", "Miri"])]


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, "") == []
    assert read(tmp_path, "\n \n") == []


def test_a_cell_longer_than_any_cell_costs_its_own_row_only(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name\nA1," + "x" * 200_000 + "\nA2,Theo\n")

    assert [(record.line, bool(record.broken)) for record in found[1:]] == [(2, True), (3, False)]


def test_many_unclosed_marks_do_not_take_forever(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name\n" + 'A1,"Miri\n' * 5_000)

    assert len(found) == 5_001
    assert all(record.broken for record in found[1:])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_utf_16_is_refused_as_a_whole(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(NotCsv):
        read(tmp_path, "id,name\nA1,Miri\n".encode(encoding))


def test_a_zero_byte_in_a_later_row_does_not_refuse_the_file(tmp_path: Path) -> None:
    path = tmp_path / "payers.csv"
    path.write_bytes(b"id,name\nP1,Fern\0 Mutual\nP2,Larch\n")

    found = list(records(path))

    assert [record.line for record in found] == [1, 2, 3]
    assert found[2].cells == ["P2", "Larch"]


def test_a_workbook_is_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(NotCsv, match="not a text file"):
        read(tmp_path, b"PK\x03\x04\x14\x00\x06\x00\x08\x00")


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotCsv, match="cannot be read"):
        list(records(tmp_path))
