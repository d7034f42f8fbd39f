"""Messages as files: one for each key, whole, and readable by any program."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from billing.adapters.mail_folder import FolderMailer
from billing.adapters.mail_format import sender_from
from billing.adapters.sms_folder import FolderTexts
from billing.errors import NotDelivered
from billing.ports import MailContent, Reply

ANNA = "+15035550101"
BEN = "+15035550102"
MAIL = MailContent("anna@example.org", "Your visit", "Hello Anna", "<p>Hello Anna</p>")
NOON = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)


@pytest.fixture
def mailer(tmp_path: Path) -> FolderMailer:
    return FolderMailer(tmp_path / "outbox" / "mail", sender_from("Juniper Lane <desk@juniperlane.example>"))


@pytest.fixture
def texts(tmp_path: Path) -> FolderTexts:
    return FolderTexts(tmp_path / "outbox" / "texts", tmp_path / "inbox" / "texts")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_e_mail_is_a_file_that_any_mail_program_opens(mailer: FolderMailer) -> None:
    receipt = mailer.send("message:17", MAIL)

    read = message_from_bytes((mailer.folder / receipt).read_bytes(), policy=default)
    body = read.get_body(("plain",))
    assert receipt == "message-17.eml"
    assert read["To"] == "anna@example.org"
    assert body is not None
    assert body.get_content().strip() == "Hello Anna"


def test_a_text_is_a_file_with_its_number_and_words(texts: FolderTexts) -> None:
    receipt = texts.send("message:17", ANNA, "Grüße, Anna")

    assert receipt == "message-17.txt"
    assert (texts.folder / receipt).read_text(encoding="utf-8") == f"To: {ANNA}\n\nGrüße, Anna\n"


def test_the_same_key_again_leaves_the_first_as_it_is(mailer: FolderMailer, texts: FolderTexts) -> None:
    first = mailer.send("message:17", MAIL), texts.send("message:17", ANNA, "one")
    again = mailer.send("message:17", replace(MAIL, text="other words")), texts.send("message:17", ANNA, "two")

    assert first == again
    assert files(mailer.folder) == ["message-17.eml"]
    assert b"Hello Anna" in (mailer.folder / "message-17.eml").read_bytes()
    assert (texts.folder / "message-17.txt").read_text(encoding="utf-8").endswith("one\n")


def test_a_key_that_was_somebody_elses_is_not_taken_for_sent(mailer: FolderMailer, texts: FolderTexts) -> None:
    mailer.send("message:17", MAIL)
    texts.send("message:17", ANNA, "one")

    with pytest.raises(NotDelivered, match="somebody else"):
        mailer.send("message:17", replace(MAIL, to="ben@example.org"))
    with pytest.raises(NotDelivered, match="somebody else"):
        texts.send("message:17", BEN, "one")


def test_no_name_of_a_file_says_anything_but_the_key(mailer: FolderMailer) -> None:
    receipt = mailer.send("../../message:17/anna", MAIL)

    assert receipt == "-message-17-anna.eml"
    assert files(mailer.folder) == [receipt]


def test_a_folder_that_cannot_be_written_is_asked_again_later(tmp_path: Path, mailer: FolderMailer) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")

    with pytest.raises(NotDelivered) as failure:
        mailer.send("message:17", MAIL)
    with pytest.raises(NotDelivered):
        mailer.check()

    assert not failure.value.is_final


def test_many_sending_the_same_at_once_leave_one_whole_file(texts: FolderTexts) -> None:
    with ThreadPoolExecutor(4) as threads:
        receipts = list(threads.map(lambda _: texts.send("message:17", ANNA, "one " * 1000), range(12)))

    assert set(receipts) == {"message-17.txt"}
    assert files(texts.folder) == ["message-17.txt"]
    assert (texts.folder / "message-17.txt").read_text(encoding="utf-8") == f"To: {ANNA}\n\n{'one ' * 1000}\n"


def test_trying_the_folder_leaves_nothing_there(mailer: FolderMailer, texts: FolderTexts) -> None:
    mailer.check()
    texts.check()

    assert (files(mailer.folder), files(texts.folder)) == ([], [])


def test_replies_are_read_from_files_oldest_first(texts: FolderTexts) -> None:
    texts.inbox.mkdir(parents=True)
    (texts.inbox / "a.txt").write_text(f"From: {BEN}\nAt: {NOON.isoformat()}\n\nyes\n")
    (texts.inbox / "b.txt").write_bytes(f"from: {ANNA}\r\n\r\nSTOP\r\n".encode())
    an_hour_before = NOON - timedelta(hours=1)
    os.utime(texts.inbox / "b.txt", (an_hour_before.timestamp(), an_hour_before.timestamp()))

    assert texts.replies(NOON - timedelta(days=1)) == [Reply(ANNA, "STOP", an_hour_before), Reply(BEN, "yes", NOON)]
    assert texts.replies(NOON) == [Reply(BEN, "yes", NOON)]


def test_a_file_that_is_no_reply_hides_no_other(texts: FolderTexts, caplog: pytest.LogCaptureFixture) -> None:
    texts.inbox.mkdir(parents=True)
    for number, content in enumerate(
        (b"", b"STOP", b"From: Anna\n\nSTOP", b"From: +15035550101\nAt: soon\n\nSTOP", b"\xff\xfe", b"\x00" * 20_000)
    ):
        (texts.inbox / f"{number}.txt").write_bytes(content)
    (texts.inbox / "note.md").write_text("not for us")
    (texts.inbox / "good.txt").write_text(f"From: {ANNA}\nAt: {NOON.isoformat()}\n\nSTOP")

    assert texts.replies(NOON) == [Reply(ANNA, "STOP", NOON)]
    assert "6 files" in caplog.text


def test_no_inbox_holds_no_replies(texts: FolderTexts) -> None:
    assert texts.replies(NOON) == []
