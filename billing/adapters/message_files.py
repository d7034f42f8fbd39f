"""Messages as files in a folder: one per key, so that the same message a second time does nothing more."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from billing.adapters.durable_files import write_durably
from billing.errors import NotDelivered

_UNFIT = re.compile(r"[^A-Za-z0-9-]+")


def file_name(key: str, ending: str) -> str:
    """The name of a message's file: ``message:17`` is kept in ``message-17.eml``."""
    return f"{_UNFIT.sub('-', key)}{ending}"


def keep_once(path: Path, content: bytes, recipient_of: Callable[[bytes], str], recipient: str) -> None:
    """Write a message's file, unless it is there already.

    Raises :class:`NotDelivered` when the folder cannot be written, or when what lies there under that name is
    for somebody else: then it is another installation's message, and must not be taken for this one.
    """
    try:
        if not path.exists():
            write_durably(path, content)
        elif recipient_of(path.read_bytes()) != recipient:
            raise NotDelivered(f"{path.name} is in the folder already, and for somebody else. Move it away.")
    except OSError as error:
        raise NotDelivered(f"The folder of messages cannot be written: {error.strerror}. Make room.") from None


def check_folder(folder: Path) -> None:
    """Raises :class:`NotDelivered` unless files can be put into the folder."""
    probe = folder / ".doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"meridian")
        probe.unlink()
    except OSError as error:
        raise NotDelivered(f"{folder} cannot be written: {error.strerror}.") from None
