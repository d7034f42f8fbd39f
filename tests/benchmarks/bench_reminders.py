"""How fast reminders are planned and said: ``python -m tests.benchmarks.bench_reminders [REMINDERS]``.

A clinic has half as many visits on one day as there are reminders, each to be told three days and one day before.
All are planned in one process; then two worker processes drain those that are due, by a gateway that answers at once:
one in memory, and one that is asked over HTTP and is a process of its own. The yardstick in the same run is the obvious
way: a transaction to take and one to record for each reminder. Told is also the processor time of a reminder over
everything that takes part, which does not depend on what else the machine is doing.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import date, datetime, timedelta
from multiprocessing.sharedctypes import SynchronizedArray
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from billing import clock
from billing.adapters.memory import MemoryMailer, MemoryTexts
from billing.adapters.sms_http import Gateway, HttpTexts
from billing.database import Database, batches, insert_many
from billing.operations import schema
from billing.patients.models import Patient, Sex
from billing.ports import TextMessenger
from billing.relay import relay
from billing.reminders.lifecycle import MessageState
from billing.reminders.links import Links
from billing.reminders.models import Message
from billing.reminders.rounds import plan_messages, send_messages
from billing.reminders.sending import messages_route
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from tests.benchmarks.quick_gateway import Running, quick_gateway
from tests.factories import make_clinic, make_practitioner, moment
from tests.servers import running_postgresql

REMINDERS = 100_000
WORKERS = 2
ONE_BY_ONE = 200
"""Reminders of the yardstick; they are among those of the first drain."""
VISITS_ON = date(2026, 4, 14)
START = "12:00"
LINKS = Links("https://desk.example.org", "a secret")
BY_TEXT, BY_HTTP, BY_MAIL = "text", "text over HTTP", "mail"
_TICKS = os.sysconf("SC_CLK_TCK")


class Row(NamedTuple):
    """One measurement."""

    database: str
    what: str
    value: float
    unit: str


class Place(NamedTuple):
    """A database to measure on, and whose processor time it is."""

    name: str
    url: str
    process: int = 0
    """PostgreSQL's own first process; nought for SQLite, which is the workers' own."""


def rows(reminders: int = REMINDERS) -> Iterator[Row]:
    """Plan and drain on both databases; mail and HTTP on the larger one alone."""
    for name, way in (("PostgreSQL", BY_TEXT), ("PostgreSQL", BY_HTTP), ("PostgreSQL", BY_MAIL), ("SQLite", BY_TEXT)):
        with _fresh(name) as place, quick_gateway() if way is BY_HTTP else nullcontext() as gateway:
            yield from _measured(place, way, gateway, reminders)


def _measured(place: Place, way: str, gateway: Running | None, reminders: int) -> Iterator[Row]:
    name, database = place.name, Database(place.url)
    schema.upgrade(database)
    _fill(database, reminders // 2, way)
    began = time.perf_counter()
    with clock.stopped_at(_days_before(5)):
        planned = plan_messages(database)
    seconds = time.perf_counter() - began
    if planned.new != reminders // 2 * 2:
        raise RuntimeError(f"{planned.new} of {reminders} were planned")
    yield Row(name, f"{planned.new} {way} reminders planned", seconds, "s")
    began = time.perf_counter()
    with clock.stopped_at(_days_before(5)):
        plan_messages(database)
    yield Row(name, "planned again, with nothing new", time.perf_counter() - began, "s")
    _analyze(database)
    slow = _one_by_one(database, _texts(gateway.address if gateway else ""))
    yield Row(name, f"one transaction per reminder, {way}", slow, "a second")
    for days in (3, 1):
        before, ours, others = _sent(database), _used(place.process), _used(gateway.process if gateway else 0)
        seconds, workers = _drain(place.url, gateway.address if gateway else "", _days_before(days))
        sent = _sent(database) - before
        fast = sent / seconds
        yield Row(name, f"drained by {WORKERS} processes, {way}", fast, "a second")
        whose = {"workers": workers, "database": _used(place.process) - ours}
        whose["gateway"] = _used(gateway.process if gateway else 0) - others
        for who, used in whose.items():
            if used:
                yield Row(name, f"  processor time of a reminder: {who}", 1000 * used / sent, "ms")
    yield Row(name, "times as fast as one transaction per reminder", fast / slow, "times")
    if _sent(database) != planned.new:
        raise RuntimeError(f"{_sent(database)} of {planned.new} were sent")
    database.close()


def _used(process: int) -> float:
    """Seconds of processor time of a process and of all that it has started."""
    if not process:
        return 0.0
    cells = {int(path.name): _cells(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    children = sum(int(one[11]) + int(one[12]) for one in cells.values() if one and int(one[1]) == process)
    return (children + sum(map(int, cells[process][11:15]))) / _TICKS


def _cells(process: Path) -> list[str]:
    """What the kernel tells of a process, from its state on; nothing of one that has just ended."""
    with suppress(OSError):
        return (process / "stat").read_text().rpartition(")")[2].split()
    return []


def _days_before(days: int) -> datetime:
    return moment(VISITS_ON - timedelta(days=days), START)


def _fill(database: Database, visits: int, way: str) -> None:
    with database.transaction() as db:
        make_clinic(db)
        practitioner_id = make_practitioner(db).id
        for numbers in batches(range(1, visits + 1), 10_000):
            insert_many(db, Patient, [_patient(number, way) for number in numbers])
            insert_many(db, ClinicSession, [_visit(number, practitioner_id) for number in numbers])
    _analyze(database)


def _analyze(database: Database) -> None:
    """As PostgreSQL does by itself within a minute, but not in our tests' servers."""
    with database.engine.connect() as connection:
        connection.execute(sa.text("ANALYZE"))
        connection.commit()


def _patient(number: int, way: str) -> dict[str, object]:
    return {
        "id": number, "external_id": None, "first_name": "Miri", "middle_name": None, "last_name": "Okoro",
        "birth_date": date(1979, 5, 11), "sex": Sex.F, "address1": None, "address2": None, "city": None,
        "state": None, "zip": None, "phone": f"+1503{2_000_000 + number}", "email": f"p{number}@example.org",
        "sms_consent": way != BY_MAIL, "email_consent": way == BY_MAIL, "signature_on_file": True, "flags": [],
        "time_zone": None,
    }  # fmt: skip


def _visit(number: int, practitioner_id: int) -> dict[str, object]:
    return {
        "patient_id": number, "practitioner_id": practitioner_id, "service_on": VISITS_ON,
        "starts_at": moment(VISITS_ON, START), "minutes": 60, "state": SessionState.BOOKED, "bill_to": BillTo.SELF,
        "place_of_service": "11", "acupuncture_modifiers": [],
    }  # fmt: skip


def _texts(address: str) -> TextMessenger:
    return HttpTexts(Gateway(address, "a token", "+15035550199")) if address else MemoryTexts()


def _one_by_one(database: Database, texts: TextMessenger) -> float:
    """Reminders a second when each is taken and recorded by itself."""
    left = ONE_BY_ONE

    class Enough(Exception):
        """So many are enough."""

    def count(done: int) -> None:
        if done >= left:
            raise Enough

    began = time.perf_counter()
    with clock.stopped_at(_days_before(3)), suppress(Enough):
        relay(database, messages_route(MemoryMailer(), texts, LINKS, limit=1), count)
    return left / (time.perf_counter() - began)


def _drain(url: str, address: str, at: datetime) -> tuple[float, float]:
    """Two processes, which are up and waiting, drain what is due: seconds until then, and of processor time."""
    fresh = multiprocessing.get_context("spawn")
    ready, used = fresh.Barrier(WORKERS + 1), fresh.Array("d", WORKERS)
    workers = [fresh.Process(target=_work, args=(url, address, at, ready, used, which)) for which in range(WORKERS)]
    for worker in workers:
        worker.start()
    ready.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise RuntimeError("a worker broke down")
    return time.perf_counter() - began, sum(used)


def _work(url: str, address: str, at: datetime, ready: Barrier, used: SynchronizedArray[float], which: int) -> None:
    database = Database(url)
    with database.reading() as db:
        db.execute(sa.select(1))
    ready.wait()
    before = time.process_time()
    with clock.stopped_at(at):
        send_messages(database, MemoryMailer(), _texts(address), LINKS)
    used[which] = time.process_time() - before


def _sent(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).where(Message.state == MessageState.SENT)) or 0


@contextmanager
def _fresh(name: str) -> Iterator[Place]:
    if name == "SQLite":
        with tempfile.TemporaryDirectory(prefix="meridian-bench-") as folder:
            yield Place(name, f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        return
    with running_postgresql() as server:
        with server.connect() as admin:
            admin.execute("CREATE DATABASE bench")
        first = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
        yield Place(name, server.url("bench"), int(first))


def main() -> None:
    """Print the table."""
    for row in rows(int(sys.argv[1]) if len(sys.argv) > 1 else REMINDERS):
        print(
            f"{row.database:<12}{row.what:<58}{row.value:>10,.{2 if row.unit == 'ms' else 1}f} {row.unit}", flush=True
        )


if __name__ == "__main__":
    main()
