"""E-mail as files: someone, or some program, takes them on from there; any mail program opens them."""

from __future__ import annotations

from email.headerregistry import Address
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from billing.adapters.mail_format import formatted
from billing.adapters.message_files import check_folder, file_name, keep_once
from billing.ports import MailContent


class FolderMailer:
    """A :class:`billing.ports.Mailer` that puts each message into a folder."""

    may_repeat = True

    def __init__(self, folder: Path, sender: Address) -> None:
        self.folder = folder
        self.sender = sender

    def send(self, key: str, mail: MailContent) -> str:
        """Put the file there, whole or not at all; gives its name. The same key again leaves it as it is."""
        path = self.folder / file_name(key, ".eml")
        made = formatted(key, mail, self.sender)
        keep_once(path, made.content, _recipient, made.recipient)
        return path.name

    def check(self) -> None:
        """Raises :class:`billing.errors.NotDelivered` when the folder cannot be written."""
        check_folder(self.folder)


def _recipient(content: bytes) -> str:
    return str(BytesHeaderParser(policy=default).parsebytes(content)["To"])
