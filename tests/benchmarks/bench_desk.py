"""How quick the desk is after years of work: ``python -m tests.benchmarks.bench_desk [PATIENTS SESSIONS]``.

Each page is asked for again and again in process, with its login, permission and audit row, on both databases;
told are the median and the slowest of the requests and the number of SQL statements of one.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from billing import clock
from billing.access.permissions import Role
from billing.access.signing_in import begin_login
from billing.access.users import add_user
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.database import Database
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.settings import settings_from
from billing.web.app import create_app
from billing.web.login import COOKIE
from billing.wiring import Program
from tests.access.cast import cheaply
from tests.benchmarks.long_clinic import NOON, TODAY, make_long_clinic
from tests.servers import running_postgresql
from tests.web.first_load import first_load
from tests.web.statements import counted

PATIENTS, SESSIONS = 5_000, 100_000
REQUESTS = 60


def main() -> None:
    """Print a table."""
    patients, sessions = (int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (PATIENTS, SESSIONS)
    print(f"{sessions:,} sessions of {patients:,} patients; {REQUESTS} requests each")
    print(f"{'database':<12}{'page':<34}{'median ms':>10}{'slowest':>9}{'statements':>12}")
    with tempfile.TemporaryDirectory(prefix="meridian-bench-") as name, running_postgresql() as server:
        folder = Path(name)
        with server.connect() as admin:
            admin.execute("CREATE DATABASE bench")
        for kind, url in (("SQLite", f"sqlite:///{folder / 'bench.sqlite3'}"), ("PostgreSQL", server.url("bench"))):
            database = Database(url)
            make_long_clinic(database, folder / "clinic", patients, sessions)
            if not database.is_sqlite:
                with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("ANALYZE")
            measure(kind, Program(settings_from({"MERIDIAN_DATA": name, "MERIDIAN_DATABASE_URL": url})))
            database.close()


def measure(kind: str, program: Program) -> None:
    """Print a line for each page."""
    with clock.stopped_at(NOON):
        app = create_app(program)
        with program.database.transaction() as db:
            user = add_user(db, "ada@example.org", "Ada Okafor", Role.OWNER, cheaply())
            token = begin_login(db, user.id, NOON)
            pages = list(_pages(program.database))
        client = app.test_client()
        client.set_cookie(COOKIE, token)
        print(f"{kind:<12}{'first page, compressed':<34}{sum(first_load(client).values()) / 1000:>10.1f} kB")
        for page in pages:
            for _ in range(3):
                assert client.get(page).status_code == 200, page
            with counted(program.database) as statements:
                client.get(page)
            times = []
            for _ in range(REQUESTS):
                began = time.perf_counter()
                client.get(page)
                times.append(1000 * (time.perf_counter() - began))
            print(f"{kind:<12}{page:<34}{statistics.median(times):>10.1f}{max(times):>9.1f}{len(statements):>12}")


def _pages(database: Database) -> Iterator[str]:
    """The pages that a clinic's day is spent on, with the patient who came most often."""
    with database.reading() as db:
        most = select(ClinicSession.patient_id).group_by(ClinicSession.patient_id).order_by(func.count().desc())
        patient = db.scalars(most.limit(1)).one()
        of_patient = select(ClinicSession.id).where(ClinicSession.patient_id == patient)
        signed = db.scalars(of_patient.where(ClinicSession.state == SessionState.SIGNED).limit(1)).one()
        claim = db.scalars(select(Claim.id).where(Claim.state == ClaimState.PAID).limit(1)).one()
    yield "/"
    yield f"/calendar?day={TODAY}"
    yield f"/patients/{patient}"
    yield from (f"/claims?queue={queue}" for queue in ("held", "unbilled", "ready", "paid"))
    yield f"/claims/{claim}"
    yield f"/sessions/{signed}"
    yield "/accounts"
    yield f"/patients/{patient}/ledger"


if __name__ == "__main__":
    main()
