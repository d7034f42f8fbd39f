"""What is kept in the folder is what every process judges by, as soon as the list names it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billing.adapters.code_folder import DiskCodeFolder
from billing.codes.diagnoses import billable_codes, is_billable
from billing.codes.sets import shelf as sets
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.making import Made, made
from billing.codes.sets.shelf import LIST, SECONDS_BETWEEN_LOOKS, Place, Shelf, keep, shelf_in
from billing.errors import NotDelivered, Refused
from tests.codes.published import BEFORE, FY2027, LAST_OF_2026, code_list, file_of, order

NEXT_YEAR = billable_codes(BEFORE) | {"M5455"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DiskCodeFolder]:
    yield DiskCodeFolder(tmp_path / "codes")
    sets.use(None)


def year(number: int, codes: set[str], shelf: Shelf) -> Made:
    return made(order(SetKind.ICD10CM, file_of(code_list(codes), f"icd10cm_codes_{number}.txt")), shelf)


def put(folder: DiskCodeFolder, new: Made) -> Shelf:
    after = shelf_in(folder).with_set(new.set, new.lines)
    keep(folder, after, new.set)
    return after


def test_without_a_folder_what_comes_along_counts() -> None:
    sets.use(None)

    assert sets.shelf().sets == ()
    assert not is_billable("M54.55", FY2027)


def test_what_was_kept_is_read_again_as_it_was(folder: DiskCodeFolder) -> None:
    new = year(2027, NEXT_YEAR, Shelf())

    put(folder, new)

    again = shelf_in(folder)
    assert again.sets == (new.set,)
    assert again.lines(new.set) == new.lines


def test_a_running_process_sees_a_new_set_without_being_started_anew(folder: DiskCodeFolder) -> None:
    sets.use(folder)
    before = is_billable("M54.55", FY2027)

    put(folder, year(2027, NEXT_YEAR, Shelf()))

    assert (before, is_billable("M54.55", FY2027)) == (False, True)


def test_another_process_looks_again_within_a_second(folder: DiskCodeFolder) -> None:
    seconds = [100.0]
    other = Place(lambda: seconds[0])
    other.use(folder)
    before = other.shelf().sets
    put(folder, year(2027, NEXT_YEAR, Shelf()))

    at_once = other.shelf().sets
    seconds[0] += SECONDS_BETWEEN_LOOKS

    assert (before, at_once) == ((), ())
    assert [one.effective_from for one in other.shelf().sets] == [FY2027]


def test_the_earlier_edition_stays_in_force_for_its_days(folder: DiskCodeFolder) -> None:
    put(folder, year(2027, NEXT_YEAR, Shelf()))
    after = put(folder, year(2028, (NEXT_YEAR | {"M5456"}) - {"M5455"}, shelf_in(folder)))

    sets.use(folder)

    assert [is_billable("M54.55", on) for on in (LAST_OF_2026, FY2027, date(2027, 9, 30), date(2027, 10, 1))] == [
        False, True, True, False,
    ]  # fmt: skip
    assert not is_billable("M54.56", date(2027, 9, 30))
    assert after.on(SetKind.ICD10CM, date(2027, 9, 30)) == after.sets[0]


def test_a_corrected_file_of_the_same_edition_takes_its_place(folder: DiskCodeFolder) -> None:
    put(folder, year(2027, NEXT_YEAR, Shelf()))
    put(folder, year(2027, NEXT_YEAR | {"M5456"}, shelf_in(folder)))

    sets.use(folder)

    assert len(shelf_in(folder).sets) == 1
    assert is_billable("M54.56", FY2027)


def test_a_set_that_is_not_yet_named_by_the_list_does_not_count(folder: DiskCodeFolder) -> None:
    new = year(2027, NEXT_YEAR, Shelf())

    folder.write(new.set.name, b"M5455\n")

    assert shelf_in(folder).sets == ()


def test_a_folder_that_lost_a_set_judges_nothing_instead_of_something_else(folder: DiskCodeFolder) -> None:
    new = year(2027, NEXT_YEAR, Shelf())
    put(folder, new)
    (folder.folder / new.set.name).unlink()

    with pytest.raises(Refused, match="is damaged or lost"):
        shelf_in(folder).lines(new.set)


def test_a_set_that_was_cut_off_judges_nothing_either(folder: DiskCodeFolder) -> None:
    new = year(2027, NEXT_YEAR, Shelf())
    put(folder, new)
    folder.write(new.set.name, folder.read(new.set.name)[:-100])

    with pytest.raises(Refused, match="is damaged or lost"):
        shelf_in(folder).lines(new.set)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"sets": [{"kind": "icd10cm"}]}', b'{"sets": [{"kind": "none"}]}'])
def test_a_damaged_list_is_told_and_nothing_else_is_used(folder: DiskCodeFolder, content: bytes) -> None:
    folder.write(LIST, content)

    with pytest.raises(Refused, match="is damaged"):
        shelf_in(folder)


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "codes").write_text("in the way")

    with pytest.raises(NotDelivered, match="cannot be kept"):
        DiskCodeFolder(tmp_path / "codes").write("a", b"b")
