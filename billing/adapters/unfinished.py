"""Which names in a shared folder are of files that somebody is still writing."""

from __future__ import annotations

_ENDINGS = (".part", ".partial", ".tmp", ".filepart", ".crdownload")


def is_whole(name: str) -> bool:
    """Whether a file of that name is meant to be read; not a hidden one, nor one under a passing name."""
    return bool(name) and not name.startswith(".") and not name.lower().endswith(_ENDINGS)
