"""What it costs that things happen by themselves: ``python -m tests.benchmarks.bench_by_itself``.

``meridian serve`` with its worker is started on an empty folder. Told are the memory of both together, what they do
while nothing is to be done, how long it takes from a bell after a commit to a drawn invoice, and how long ending takes.
Then the same for a worker on PostgreSQL and Redis.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from time import perf_counter

from billing import clock
from billing.database import Database
from billing.documents.models import Document
from billing.invoices.at_desk import issue_paper
from billing.operations import schema
from billing.operations.models import WorkerSign
from billing.operations.rounds import DRAW_PAPERS
from billing.sessions.models import BillTo
from billing.settings import Settings, settings_from
from billing.wiring import Program
from tests.claims.office import Office, open_office
from tests.servers import running_postgresql, running_redis
from tests.waiting import until
from tests.workers.house import house

INVOICES = 20
IDLE_SECONDS = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print both."""
    with tempfile.TemporaryDirectory(prefix="meridian-bench-") as name:
        embedded(Path(name))
    with tempfile.TemporaryDirectory(prefix="meridian-bench-") as name:
        for_real(Path(name))


def embedded(folder: Path) -> None:
    """``meridian serve``, everything in one folder."""
    settings = settings_from({"MERIDIAN_DATA": str(folder)})
    database = Database(settings.database)
    schema.upgrade(database)
    office = open_office(database)
    command = [sys.executable, "-c", "from billing.cli.main import main; main()", "serve", "--port", "0"]
    environment = {**os.environ, "MERIDIAN_DATA": str(folder)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as web:
        try:
            worker = until(lambda: worker_of(database))
            rest(3)
            tell_idle([web.pid, worker])
            tell_bells("embedded", office, settings)
            tell_memory([web.pid, worker])
            began = perf_counter()
            web.terminate()
            web.wait(60)
            print(f"asked to end: gone after {perf_counter() - began:.1f} s, exit code {web.returncode}")
        finally:
            web.kill()
    database.close()


def for_real(folder: Path) -> None:
    """A worker of its own."""
    with ExitStack() as until_end:
        postgresql = until_end.enter_context(running_postgresql())
        with postgresql.connect() as admin:
            admin.execute("CREATE DATABASE bench")
        redis = until_end.enter_context(running_redis())
        database = Database(postgresql.url("bench"))
        schema.upgrade(database)
        office = open_office(database)
        made = until_end.enter_context(house(database, redis.url, folder))
        made.workers("one")
        until(lambda: worker_of(database))
        tell_bells("PostgreSQL and Redis", office, settings_from(made.environment))
        database.close()


def tell_idle(processes: Sequence[int]) -> None:
    """Memory, and processor time while nothing is to be done."""
    tell_memory(processes)
    before = sum(map(used, processes))
    rest(IDLE_SECONDS)
    percent = 100 * (sum(map(used, processes)) - before) / IDLE_SECONDS
    print(f"idle: {percent:.2f} % of one processor, over {IDLE_SECONDS:.0f} s")


def tell_memory(processes: Sequence[int]) -> None:
    """What web and worker hold together: what they may share, such as libraries, counted once, and twice."""
    own = sum(kilobytes(one, "Private_Clean") + kilobytes(one, "Private_Dirty") for one in processes)
    shared = max(kilobytes(one, "Shared_Clean") + kilobytes(one, "Shared_Dirty") for one in processes)
    twice = sum(kilobytes(one, "Rss") for one in processes)
    print(f"memory of web and worker: {(own + shared) / 1024:.0f} MB, {twice / 1024:.0f} MB with shared pages twice")


def tell_bells(name: str, office: Office, settings: Settings) -> None:
    """How long it takes from the bell to the invoice's PDF."""
    program = Program(settings)
    sessions = [office.visit(on=date(2026, 3, 2), bill_to=BillTo.SELF) for _ in range(INVOICES)]
    times = []
    for session in sessions:
        with office.database.transaction() as db:
            paper = issue_paper(db, session.id, clock.now())
        began = perf_counter()
        program.bell.ring(DRAW_PAPERS)
        until(lambda number=paper.id: is_drawn(office.database, number))
        times.append(perf_counter() - began)
        rest(0.3)
    print(f"{name}: bell to drawn invoice, median {statistics.median(times):.2f} s, slowest {max(times):.2f} s")
    program.database.close()


def is_drawn(database: Database, paper_id: int) -> bool:
    """Whether an invoice has its PDF."""
    with database.reading() as db:
        return db.query(Document).filter_by(owner_kind="paper", owner_id=paper_id).count() > 0


def worker_of(database: Database) -> int:
    """The process number of the worker, once it is there."""
    with database.reading() as db:
        sign = db.query(WorkerSign).filter_by(kind="worker", ended_at=None).first()
        return int(sign.name.rpartition(":")[2]) if sign else 0


def used(process: int) -> float:
    """Seconds of processor time."""
    cells = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(cells[11]) + int(cells[12])) / _TICKS


def kilobytes(process: int, what: str) -> int:
    """A line of the kernel's sum of a process' memory."""
    found = re.search(rf"^{what}:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def rest(seconds: float) -> None:
    """Let time pass."""
    threading.Event().wait(seconds)


if __name__ == "__main__":
    main()
