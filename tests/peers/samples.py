"""The public sample interchanges, which lie outside the project, one folder for each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "edi"


def samples(*kinds: str) -> list[Path]:
    """The sample files of these kinds, or of all; a skip that says which folder is missing when there are none."""
    if not FOLDER.is_dir():
        pytest.skip(f"the sample folder is missing: {FOLDER}")
    return sorted(path for path in FOLDER.glob("*/*") if path.is_file() and (not kinds or path.parent.name in kinds))


def sample(kind: str, name: str) -> bytes:
    """The content of one sample."""
    return next(path for path in samples(kind) if path.name == name).read_bytes()
