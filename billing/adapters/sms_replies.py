"""Replies as a text gateway lists them: JSON to values, each on its own, so that a bad one hides no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from billing.ports import Reply

_NUMBER = re.compile(r"[+][1-9][0-9]{6,14}")


def is_number(text: object) -> bool:
    """Whether it is a number as it is dialled (E.164)."""
    return isinstance(text, str) and _NUMBER.fullmatch(text) is not None


def replies_from(listed: Sequence[object]) -> tuple[list[Reply], int]:
    """The replies of a list, oldest first, and how many entries were none."""
    read = [_reply(one) for one in listed]
    found = sorted((one for one in read if one is not None), key=lambda one: one.at)
    return found, len(read) - len(found)


def _reply(entry: object) -> Reply | None:
    if not isinstance(entry, dict):
        return None
    number, words, at = entry.get("from"), entry.get("text"), entry.get("at")
    if not isinstance(number, str) or not is_number(number) or not isinstance(words, str) or not isinstance(at, str):
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Reply(number, words, moment.astimezone(UTC)) if moment.tzinfo is not None else None
