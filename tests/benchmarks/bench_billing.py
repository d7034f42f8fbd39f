"""How long the billing of many signed sessions takes: ``python -m tests.benchmarks.bench_billing [PATIENTS SESSIONS]``.

From signed sessions to filed 837P files with their bytes kept, stage by stage, on one core and both
databases, with the number of SQL statements of a batch and the largest memory.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from billing import clock
from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.store_disk import DiskStore
from billing.claims.filing.forms import forms_route
from billing.claims.filing.preparing import FileSettings, preparing_route
from billing.claims.filing.sending import filing_route
from billing.database import Database
from billing.edi.claim_837p.claim import Receiver
from billing.edi.envelope_writer import Usage
from billing.invoices.drawing import papers_route
from billing.operations import schema
from billing.operations.billing_run import BillingRun
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in
from billing.relay import climb, relay
from tests.benchmarks.stage import large_clinic

PATIENTS, SESSIONS = 1_200, 12_200
"""Of these sessions about ten thousand are signed and go to insurance."""
THROUGH = date(2026, 3, 31)


class Row(NamedTuple):
    """One measurement."""

    database: str
    what: str
    value: float
    unit: str


def rows(patients: int = PATIENTS, sessions: int = SESSIONS) -> list[Row]:
    """Bill a large clinic on both databases, stage by stage."""
    found = []
    with large_clinic(patients, sessions) as (folder, urls):
        for name, url in urls.items():
            database = Database(url)
            schema.upgrade(database)
            with database.transaction() as db:
                bring_in(db, read_folder(folder / "clinic"), clock.now())
            found += [Row(name, *figures) for figures in _bill(database, folder / name)]
            database.close()
    return found


def _bill(database: Database, out: Path) -> list[tuple[str, float, str]]:
    documents = DiskStore(out / "documents")
    settings = FileSettings(Receiver("CLEARINGHOUSE", "CLEARINGHOUSE"), Usage.TEST)
    run, statements = BillingRun(THROUGH), _Statements(database)
    batches: list[int] = []
    began = time.perf_counter()
    climb(database, run.stage, lambda: batches.append(statements.since_last()))
    charged = time.perf_counter()
    relay(database, preparing_route(documents, settings))
    kept = time.perf_counter()
    relay(database, filing_route(documents, FolderClearinghouse(out / "claims")))
    filed = time.perf_counter()
    forms = relay(database, forms_route(documents, preprinted=False))
    papers = relay(database, papers_route(documents))
    drawn = time.perf_counter()
    full = batches[:-2] or batches[:1]
    claims = len(forms)
    return [
        ("claims filed", claims, ""),
        ("coded, priced, charged, scrubbed", charged - began, "s"),
        ("assembled, encoded, bytes kept", kept - charged, "s"),
        ("filed", filed - kept, "s"),
        ("all of it", filed - began, "s"),
        ("claims a second", claims / (filed - began), ""),
        ("SQL statements a full batch, fewest", min(full), ""),
        ("SQL statements a full batch, most", max(full), ""),
        (f"then {len(forms)} claim forms and {len(papers)} papers drawn", drawn - filed, "s"),
        ("largest memory so far", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB"),
    ]


class _Statements:
    """Counts what is sent to the database."""

    def __init__(self, database: Database) -> None:
        self.count = 0
        sa.event.listen(database.engine, "before_cursor_execute", self._one_more)

    def _one_more(self, *_: object) -> None:
        self.count += 1

    def since_last(self) -> int:
        """Statements since it was asked last."""
        count, self.count = self.count, 0
        return count


def main() -> None:
    """Print the table."""
    patients, sessions = (int(number) for number in sys.argv[1:3]) if len(sys.argv) > 2 else (PATIENTS, SESSIONS)
    print(f"{patients:,} patients, {sessions:,} sessions")
    for row in rows(patients, sessions):
        value = f"{row.value:>10.1f}" if row.unit == "s" else f"{row.value:>10,.0f}"
        print(f"{row.database:<12}{row.what:<52}{value} {row.unit}")


if __name__ == "__main__":
    main()
