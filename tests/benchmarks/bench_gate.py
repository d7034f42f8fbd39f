"""How long the whole gate takes for one booking: ``python -m tests.benchmarks.bench_gate [PATIENTS SESSIONS]``.

Licence, coverage, rules and authorisation of one session that is about to be booked, from the first question to the
database to the last problem found, in a clinic of long standing, on both databases; with its SQL statements.
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import timedelta

from sqlalchemy import select

from billing import clock
from billing.database import Database, Db
from billing.operations import schema
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner
from billing.reports.outlook_facts import insured_here, surroundings
from billing.sessions.models import BillTo
from billing.sessions.outlook import Coming, Outlook, outlook
from tests.benchmarks.big_clinic import LAST_DAY
from tests.benchmarks.stage import large_clinic
from tests.web.statements import counted

PATIENTS, SESSIONS = 1_200, 12_200
BOOKINGS = 300
BAR_MS, BAR_STATEMENTS = 10, 8


def gate(db: Db, patient_id: int, practitioner_id: int) -> Outlook:
    """All that is known and found of one session two days on."""
    around = surroundings(db)
    known = insured_here(db, [patient_id], around, LAST_DAY)[patient_id]
    on = LAST_DAY + timedelta(days=2)
    coming = Coming(patient_id, practitioner_id, on, BillTo.INSURANCE, where=f"patient:{patient_id}", is_new=True)
    return outlook(coming, known, around.clinicians)


def measure(name: str, database: Database) -> None:
    """Print a line."""
    with database.reading() as db:
        patients = db.scalars(select(Patient.id).order_by(Patient.id).limit(BOOKINGS)).all()
        practitioner = db.scalars(select(Practitioner.id).order_by(Practitioner.id)).first() or 0
    times, computing, most = [], [], 0
    for patient_id in patients:
        with counted(database) as statements, database.reading() as db:
            began, began_computing = time.perf_counter(), time.process_time()
            gate(db, patient_id, practitioner)
            computing.append(1000 * (time.process_time() - began_computing))
            times.append(1000 * (time.perf_counter() - began))
        most = max(most, len(statements))
    slow = sorted(times)[int(len(times) * 0.95)]
    middle = statistics.median(times), statistics.median(computing)
    print(f"{name:<12}{middle[0]:>10.2f}{slow:>12.2f}{middle[1]:>12.2f}{most:>12}")


def main() -> None:
    """Print the table."""
    patients, sessions = (int(number) for number in sys.argv[1:3]) if len(sys.argv) > 2 else (PATIENTS, SESSIONS)
    print(f"{patients:,} patients, {sessions:,} sessions; bar {BAR_MS} ms and {BAR_STATEMENTS} statements")
    print(f"{'database':<12}{'median ms':>10}{'95 % within':>12}{'own CPU ms':>12}{'statements':>12}")
    with large_clinic(patients, sessions) as (folder, urls):
        for name, url in urls.items():
            database = Database(url)
            schema.upgrade(database)
            with database.transaction() as db:
                bring_in(db, read_folder(folder / "clinic"), clock.now())
            if not database.is_sqlite:
                with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("ANALYZE")
            measure(name, database)
            database.close()


if __name__ == "__main__":
    main()
