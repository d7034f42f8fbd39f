"""The command line on stage: a data folder of its own, and the program called as a shell would."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from billing.cli.main import main
from billing.database import Database
from tests.claims.office import Office, open_office

Called = Callable[..., Result]


@dataclass
class Shell:
    """A shell in which ``MERIDIAN_DATA`` names one clinic's folder."""

    data: Path
    database: Database
    environment: dict[str, str]

    def run(self, *words: object, typed: str | None = None) -> Result:
        """What a command said, and how it ended. An error that is not foreseen fails the test."""
        return CliRunner().invoke(
            main, [str(word) for word in words], env=self.environment, input=typed, catch_exceptions=False
        )

    def ask(self, *words: object) -> dict[str, Any]:
        """The one JSON object of a command with ``--json``, which says nothing else anywhere."""
        result = self.run(*words, "--json")
        assert result.stderr == ""
        assert len(result.stdout.splitlines()) == 1
        told: dict[str, Any] = json.loads(result.stdout)
        return told

    @property
    def out(self) -> Path:
        """Where papers go."""
        return self.data.parent / "out"


@pytest.fixture
def shell(sqlite_database: Database, tmp_path: Path) -> Shell:
    """The embedded default, its database made but empty."""
    data = tmp_path / "data"
    data.mkdir()
    for file in tmp_path.glob("meridian.sqlite3*"):
        file.rename(data / file.name)
    database = Database(f"sqlite:///{data / 'meridian.sqlite3'}")
    return Shell(data, database, {"MERIDIAN_DATA": str(data)})


@pytest.fixture
def clinic(shell: Shell) -> Office:
    """A clinic in the shell's data folder; what it bills by itself goes nowhere the shell can see."""
    return open_office(shell.database)
