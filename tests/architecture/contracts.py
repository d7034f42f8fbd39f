"""Asks import-linter about a checkout, in a process of its own since it imports what it judges."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from importlinter.api import read_configuration

from tests.architecture.tree import ROOT

_LINTING = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
_VERDICT = re.compile(r"^(?P<name>.+) (?P<verdict>KEPT|BROKEN)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """What the linter said."""

    text: str
    verdicts: dict[str, str]
    """Each contract's name, and KEPT or BROKEN."""
    passed: bool

    @property
    def broken(self) -> list[str]:
        """The contracts that are broken; a linter that did not get so far breaks them all."""
        if not self.passed and "BROKEN" not in self.verdicts.values():
            return ["all"]
        return [name for name, verdict in self.verdicts.items() if verdict == "BROKEN"]


def report_on(checkout: Path) -> Report:
    """The verdict on the ``billing`` and ``workers`` of that folder, by its own ``pyproject.toml``."""
    done = subprocess.run(
        [sys.executable, "-c", _LINTING],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout), "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    verdicts = {match["name"]: match["verdict"] for match in _VERDICT.finditer(done.stdout)}
    return Report(done.stdout + done.stderr, verdicts, done.returncode == 0)


@cache
def contracts() -> dict[str, str]:
    """Each contract's id and name."""
    read = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    return {contract["id"]: contract["name"] for contract in read}
