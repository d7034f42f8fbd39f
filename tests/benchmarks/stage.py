"""Where a benchmark plays: a large clinic's folder, and an empty database of each kind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks.big_clinic import write_big_clinic
from tests.servers import running_postgresql


@contextmanager
def large_clinic(patients: int, sessions: int) -> Iterator[tuple[Path, dict[str, str]]]:
    """A temporary folder with the clinic in ``clinic/``, and the URL of an empty database for each kind's name."""
    with ExitStack() as until_end:
        folder = Path(until_end.enter_context(tempfile.TemporaryDirectory(prefix="meridian-bench-")))
        write_big_clinic(folder / "clinic", patients, sessions)
        server = until_end.enter_context(running_postgresql())
        with server.connect() as admin:
            admin.execute("CREATE DATABASE bench")
        yield folder, {"SQLite": f"sqlite:///{folder / 'bench.sqlite3'}", "PostgreSQL": server.url("bench")}
