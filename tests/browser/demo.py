"""The demo clinic on its own day, served: the richest clinic that tests can look at."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from billing import clock
from billing.operations import demo as demo_clinic
from billing.operations.demo_day import open_the_day
from billing.settings import settings_from
from billing.wiring import Program, ready
from tests.browser.desk import served


def make_demo(folder: Path) -> Program:
    """Import, bill and settle the demo clinic in that folder, and open its day."""
    command = [sys.executable, "-c", "from billing.cli.main import main; main()"]
    subprocess.run([*command, "demo", "--out", str(folder), "--once"], check=True, capture_output=True)
    program = ready(settings_from({"MERIDIAN_DATA": str(folder), "MERIDIAN_CLEARINGHOUSE": "sandbox"}))
    with program.database.transaction() as db:
        open_the_day(db, clock.now(), demo_clinic.PRACTITIONER_EMAIL, demo_clinic.PRACTITIONER)
    return program


@contextmanager
def demo_desk(folder: Path) -> Iterator[tuple[str, Program]]:
    """The demo's address, and the program behind it."""
    program = make_demo(folder)
    with served(program) as url:
        yield url, program
