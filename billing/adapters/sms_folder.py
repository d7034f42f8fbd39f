"""Text messages as files, and replies from files: to see what would be said, and to practise with.

A message is ``To:`` with the number, an empty line, and the words. A reply is a ``.txt`` file with ``From:``, if wanted
``At:`` with an ISO time (otherwise the file's own), an empty line, and the words.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from billing.adapters.message_files import check_folder, file_name, keep_once
from billing.adapters.sms_replies import is_number
from billing.errors import NotDelivered
from billing.ports import Reply

_log = logging.getLogger(__name__)
LARGEST_REPLY = 10_000
"""Bytes; a text message is far smaller."""


class FolderTexts:
    """A :class:`billing.ports.TextMessenger` between two folders."""

    may_repeat = True

    def __init__(self, folder: Path, inbox: Path) -> None:
        self.folder = folder
        self.inbox = inbox

    def send(self, key: str, number: str, words: str) -> str:
        """Put the file there, whole or not at all; gives its name. The same key again leaves it as it is."""
        path = self.folder / file_name(key, ".txt")
        keep_once(path, f"To: {number}\n\n{words}\n".encode(), _recipient, number)
        return path.name

    def replies(self, since: datetime) -> Sequence[Reply]:
        """What lies in the inbox from then on, oldest first; a file that is no reply is passed over, and told of."""
        try:
            files = sorted(self.inbox.glob("*.txt")) if self.inbox.is_dir() else []
            read = [_reply(file) for file in files]
        except OSError as error:
            raise NotDelivered(f"The inbox of text messages cannot be read: {error.strerror}.") from None
        found = [one for one in read if one is not None]
        if len(found) < len(files):
            _log.warning("%d files in the inbox of text messages are no replies", len(files) - len(found))
        return sorted((one for one in found if one.at >= since), key=lambda one: one.at)

    def check(self) -> None:
        """Raises :class:`NotDelivered` when the folder cannot be written."""
        check_folder(self.folder)


def _recipient(content: bytes) -> str:
    return content.decode("utf-8", "replace").partition("\n")[0].removeprefix("To: ")


def _reply(file: Path) -> Reply | None:
    content = file.read_bytes()
    try:
        head, _, words = content[:LARGEST_REPLY].decode("utf-8").replace("\r\n", "\n").partition("\n\n")
        parts = [line.partition(":") for line in head.split("\n")]
        said = {name.strip().lower(): value.strip() for name, _, value in parts}
        at = datetime.fromisoformat(said["at"]) if "at" in said else datetime.fromtimestamp(file.stat().st_mtime, UTC)
        number = said["from"]
    except (KeyError, ValueError):
        return None
    if not is_number(number) or at.tzinfo is None:
        return None
    return Reply(number, words.strip(), at.astimezone(UTC))
