"""What is sent is not believed: not its name, not that it is a zip file, not that it is text."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from billing.adapters.memory import MemoryStore
from billing.codes.sets.kinds import SetKind
from billing.errors import Refused
from billing.operations.code_sets.unpacking import (
    LONGEST_LINE,
    SentFile,
    published_files,
    sent_document,
    sent_path,
    source_of,
)
from tests.codes.published import ADD_ONS_KNOWN, CAPS_HEAD, caps_known, order_file, zipped

CODES = {"M5450", "R51"}


def sent(content: bytes, name: str = "file.txt") -> SentFile:
    return SentFile(name, lambda: io.BytesIO(content))


def names(kind: SetKind, content: bytes, name: str = "sent.zip") -> list[str]:
    return [one.name for one in published_files(kind, [sent(content, name)])]


def refused(content: bytes, name: str = "sent.zip") -> str:
    with pytest.raises(Refused) as refusal:
        for file in published_files(SetKind.ICD10CM, [sent(content, name)]):
            list(file.lines())
    return str(refusal.value)


def test_a_text_file_is_read_again_and_again_whatever_its_line_ends() -> None:
    (file,) = published_files(SetKind.ICD10CM, [sent(b"\xef\xbb\xbfone\r\ntwo\nthr\xe9e")])

    assert [*file.lines()] == [*file.lines()] == ["one", "two", "thr\ufffde"]


def test_of_a_zip_file_only_what_fits_is_taken() -> None:
    packed = zipped(
        a__txt=order_file(CODES), MCR_MUE__csv=CAPS_HEAD + caps_known(), AOC__txt=ADD_ONS_KNOWN, notes__pdf="%PDF"
    )

    assert names(SetKind.ICD10CM, packed) == ["sent.zip/a.txt"]
    assert names(SetKind.UNIT_CAPS, packed) == ["sent.zip/MCR_MUE.csv"]
    assert names(SetKind.ADD_ONS, packed) == ["sent.zip/AOC.txt"]


def test_of_an_order_file_and_a_list_of_the_same_year_the_order_file_is_taken() -> None:
    packed = zipped(icd10cm_codes_2027__txt="M5450   Words\n", icd10cm_order_2027__txt=order_file(CODES))

    assert names(SetKind.ICD10CM, packed) == ["sent.zip/icd10cm_order_2027.txt"]


def test_a_file_that_was_sent_by_itself_is_meant_even_when_it_does_not_fit() -> None:
    assert names(SetKind.ICD10CM, ADD_ONS_KNOWN.encode(), "AOC.txt") == ["AOC.txt"]


def test_documents_and_paths_have_the_same_hash() -> None:
    store = MemoryStore()
    sha256 = store.put(b"content")

    assert source_of(sent_document("a.txt", sha256, store)).sha256 == sha256


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"PK\x03\x04 and nothing of a zip file", "a.zip", "cannot be opened (BadZipFile)"),
        (b"x", "table.xlsx", "is a spreadsheet"),
        (zipped(table__xlsx="x"), "a.zip", "is a spreadsheet"),
        (zipped(manual__pdf="x"), "a.zip", "holds no text file"),
        (b"x" * (LONGEST_LINE + 1), "a.txt", "it is no text file"),
        (zipped(**{f"a{at}__txt": "x" for at in range(201)}), "a.zip", "holds 201 files"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(content: bytes, name: str, why: str) -> None:
    assert why in refused(content, name)


def test_a_zip_file_that_was_cut_or_changed_is_refused() -> None:
    whole = zipped(a__txt=order_file({f"M{number}" for number in range(1000, 3000)}))
    spoilt = whole.replace(whole[200:210], b"\xff" * 10, 1)

    assert "cannot be opened" in refused(whole[: len(whole) // 2])
    assert "cannot be opened" in refused(spoilt)


def test_a_zip_file_with_a_password_is_refused() -> None:
    packed = bytearray(zipped(a__txt="x"))
    at = packed.index(b"PK\x01\x02")
    packed[at + 8] |= 1

    assert "locked with a password" in refused(bytes(packed))


def test_names_in_a_zip_file_lead_nowhere() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../etc/icd10cm_order_2027.txt", order_file(CODES))

    assert names(SetKind.ICD10CM, packed.getvalue()) == ["sent.zip/icd10cm_order_2027.txt"]


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        source_of(sent_path(tmp_path / "gone.txt"))
