"""A zip file is unpacked without being trusted, and what is wrong with it is told in words."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from billing.errors import Refused
from billing.operations.importing.packing import MOST_ENTRIES, pack, unpack


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip file with these entries, whatever they are called."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def refusal(content: bytes, folder: Path) -> str:
    """Why it was refused; nothing may then lie outside the folder."""
    with pytest.raises(Refused) as refused:
        unpack(content, folder)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    return str(refused.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "alone" / "folder"
    made.mkdir(parents=True)
    return made


def test_what_is_packed_comes_out_again(folder: Path) -> None:
    unpacked = unpack(pack([("payers.csv", b"id,name\n"), ("clinic.csv", b"name\n")]), folder)

    assert unpacked.files == ["clinic.csv", "payers.csv"]
    assert (folder / "payers.csv").read_bytes() == b"id,name\n"


def test_the_same_files_are_packed_alike_whenever_and_in_whatever_order() -> None:
    one, other = ("clinic.csv", b"name\n"), ("payers.csv", b"id,name\n")

    assert pack([one, other]) == pack([other, one])


def test_files_are_found_in_the_folder_that_was_zipped(folder: Path) -> None:
    content = zipped(
        ("export/", b""),
        ("export/Clinic.CSV", b"name\n"),
        ("export\\payers.csv", b"id\n"),
        ("export/readme.txt", b"hello"),
        ("__MACOSX/export/._clinic.csv", b"what a system adds"),
        ("export/.DS_Store", b"the same"),
    )

    unpacked = unpack(content, folder)

    assert unpacked.files == ["clinic.csv", "payers.csv"]
    assert unpacked.passed_over == ["readme.txt"]
    assert sorted(path.name for path in folder.iterdir()) == ["clinic.csv", "payers.csv"]


@pytest.mark.parametrize("name", ["../clinic.csv", "a/../../clinic.csv", "/etc/clinic.csv", "..\\clinic.csv"])
def test_an_entry_that_leads_out_of_the_folder_is_refused(name: str, folder: Path) -> None:
    assert "leads out of its folder" in refusal(zipped((name, b"name\n")), folder)


def test_a_link_is_refused(folder: Path) -> None:
    link = zipfile.ZipInfo("clinic.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert "a link" in refusal(zipped((link, b"/etc/passwd")), folder)


def test_a_file_that_is_there_twice_is_refused(folder: Path) -> None:
    content = zipped(("old/clinic.csv", b"name\n"), ("new/clinic.csv", b"name\n"))

    assert "clinic.csv twice" in refusal(content, folder)


def test_a_zip_file_without_any_of_the_files_says_which_it_may_hold(folder: Path) -> None:
    assert "sessions.csv" in refusal(zipped(("photo.jpg", b"...")), folder)


def test_what_is_no_zip_file_is_refused(folder: Path) -> None:
    assert "cannot be opened" in refusal(b"id,name\n1,Miri\n", folder)


def test_a_damaged_zip_file_is_refused(folder: Path) -> None:
    content = zipped(("clinic.csv", bytes(range(256)) * 40))
    damaged = content[:60] + bytes(byte ^ 0xFF for byte in content[60:120]) + content[120:]

    assert "cannot be opened" in refusal(damaged, folder)


def test_a_zip_file_with_a_password_is_told_of(folder: Path) -> None:
    content = bytearray(zipped(("clinic.csv", b"name\n")))
    for place in (6, content.index(b"PK\x01\x02") + 8):
        content[place] |= 0x1

    assert "password" in refusal(bytes(content), folder)


def test_too_many_entries_are_refused(folder: Path) -> None:
    content = zipped(*((f"{number}.txt", b"") for number in range(MOST_ENTRIES + 1)))

    assert "1,001 files" in refusal(content, folder)


def test_a_small_zip_file_that_unpacks_without_end_is_refused(folder: Path) -> None:
    content = zipped(("clinic.csv", bytes(20_000_000)))

    assert len(content) < 100_000
    with pytest.raises(Refused, match="too large"):
        unpack(content, folder, most_bytes=19_999_999)


def test_files_that_are_too_large_only_together_are_refused(folder: Path) -> None:
    content = zipped(("clinic.csv", bytes(600)), ("payers.csv", bytes(600)))

    with pytest.raises(Refused, match="too large"):
        unpack(content, folder, most_bytes=1_000)


def test_a_size_that_is_a_lie_is_of_no_use(folder: Path) -> None:
    content = zipped(("clinic.csv", b"x" * 5_000_000))
    size = (5_000_000).to_bytes(4, "little")
    lying = content.replace(size, (10).to_bytes(4, "little"))

    assert lying != content
    assert "cannot be opened" in refusal(lying, folder)
