"""How long a large clinic's import takes: ``python -m tests.benchmarks.bench_import [PATIENTS SESSIONS]``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from billing import clock
from billing.database import Database
from billing.operations import schema
from billing.operations.importing.planning import plan
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in
from tests.benchmarks.stage import large_clinic

PATIENTS, SESSIONS = 10_000, 100_000


class Row(NamedTuple):
    """One measurement."""

    database: str
    what: str
    seconds: float


def rows(patients: int = PATIENTS, sessions: int = SESSIONS) -> list[Row]:
    """Read the folder, import it, import it again unchanged, and check it: on both databases, in seconds."""
    found = []
    with large_clinic(patients, sessions) as (folder, urls):
        for name, url in urls.items():
            found += [Row(name, what, _seconds(step, folder / "clinic", url)) for what, step in STEPS.items()]
    return found


def _read(folder: Path, _database: Database) -> None:
    read_folder(folder)


def _bring_in(folder: Path, database: Database) -> None:
    parsed = read_folder(folder)
    with database.transaction() as db:
        bring_in(db, parsed, clock.now())


def _check(folder: Path, database: Database) -> None:
    parsed = read_folder(folder)
    with database.reading() as db:
        plan(db, parsed)


STEPS = {"read the folder": _read, "first import": _bring_in, "the same again": _bring_in, "check only": _check}


def _seconds(step: Callable[[Path, Database], None], folder: Path, url: str) -> float:
    """How long a step takes with a connection of its own, as each command has."""
    database = Database(url)
    schema.upgrade(database)
    began = time.perf_counter()
    step(folder, database)
    took = time.perf_counter() - began
    database.close()
    return took


def main() -> None:
    """Print the table."""
    patients, sessions = (int(number) for number in sys.argv[1:3]) if len(sys.argv) > 2 else (PATIENTS, SESSIONS)
    print(f"{patients:,} patients, {sessions:,} sessions")
    for row in rows(patients, sessions):
        print(f"{row.database:<12}{row.what:<32}{row.seconds:>8.1f} s")


if __name__ == "__main__":
    main()
