"""The folder into which files come from outside."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder for received files, empty."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder
