"""How fast a large payment goes into the books: ``python -m tests.benchmarks.bench_posting [CLAIMS]``.

One 835 answers ten thousand filed claims with fifty thousand adjustments; it is read, matched, judged, posted,
put to the patients' accounts and audited in one transaction, on one core and both databases. The yardstick is
the obvious way in the same run: a loop that asks for, posts and commits one claim after the other.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from billing import clock
from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.store_disk import DiskStore
from billing.audit.recording import Subject, record
from billing.claims.content.snapshot import SNAPSHOT
from billing.claims.filing.preparing import FileSettings, preparing_route
from billing.claims.filing.sending import filing_route
from billing.claims.models import FiledVersion
from billing.database import Database
from billing.edi.claim_837p.claim import ProfessionalClaim, Receiver
from billing.edi.envelope_writer import Usage
from billing.edi.remittance_835.reader import read_835
from billing.ledger.queries import unbalanced_entries
from billing.operations import schema
from billing.operations.billing_run import BillingRun
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in
from billing.operations.remitting import keep_file, remit_file
from billing.payers.models import Payer
from billing.payments.allocating import allocate
from billing.relay import climb, relay
from billing.remittances.booking import BY
from billing.remittances.deciding import Course, decide
from billing.remittances.incoming import Fate, IncomingPayment
from billing.remittances.matching import Parties
from tests.benchmarks.stage import large_clinic
from tests.remittances.payer import Answer, answer, file_of, pays

CLAIMS = 10_000
ONE_BY_ONE = 300
"""Claims that the loop posts, which are not among those of the payment."""
THROUGH = date(2026, 3, 31)


class Row(NamedTuple):
    """One measurement."""

    database: str
    what: str
    value: float
    unit: str


def rows(claims: int = CLAIMS) -> Iterator[Row]:
    """Bill a large clinic on both databases, and take in what its payer pays."""
    sessions = (claims + ONE_BY_ONE) * 5 // 4
    with large_clinic(max(300, sessions // 10), sessions) as (folder, urls):
        seconds: dict[str, float] = {}
        for name, url in urls.items():
            database = Database(url)
            schema.upgrade(database)
            documents = DiskStore(folder / name / "documents")
            filed = _filed(database, documents, folder)
            for what, value, unit in _pay(database, documents, filed, claims):
                yield Row(name, what, value, unit)
                if unit == "s":
                    seconds[name] = value
            database.close()
        yield Row("both", "SQLite, times the seconds of PostgreSQL", seconds["SQLite"] / seconds["PostgreSQL"], "")


def _filed(database: Database, documents: DiskStore, folder: Path) -> list[ProfessionalClaim]:
    settings = FileSettings(Receiver("CLEARINGHOUSE", "CLEARINGHOUSE"), Usage.TEST)
    with database.transaction() as db:
        bring_in(db, read_folder(folder / "clinic"), clock.now())
    climb(database, BillingRun(THROUGH).stage)
    relay(database, preparing_route(documents, settings))
    relay(database, filing_route(documents, FolderClearinghouse(folder / f"claims-{database.name[:6]}")))
    with database.reading() as db:
        snapshots = db.scalars(sa.select(FiledVersion.snapshot).order_by(FiledVersion.claim_id)).all()
    return [SNAPSHOT.validate_python(snapshot).claim for snapshot in snapshots]


def _answered(claim: ProfessionalClaim) -> Answer:
    """A decision with five adjustments, on one line or on two."""
    first = {"CO-45": 10_00, "CO-253": 50, "PR-3": 25_00}
    rest = {"CO-45": 5_00, "PR-2": 2_00}
    return answer(claim, first, rest) if len(claim.lines) > 1 else answer(claim, {**first, "PR-1": 2_00, "PR-2": 1_00})


def _pay(
    database: Database, documents: DiskStore, filed: list[ProfessionalClaim], claims: int
) -> Iterator[tuple[str, float, str]]:
    answers = [_answered(claim) for claim in filed[: claims + ONE_BY_ONE]]
    paid, alone = answers[:claims], answers[claims:]
    content = file_of(pays(*paid, trace="LARGE"))
    # A clinic's own process keeps no ten thousand claims besides, through which the collector would look.
    gc.collect()
    gc.freeze()
    reading = _seconds_of_reading(content)
    one_by_one = len(alone) / _seconds_one_by_one(database, documents, file_of(pays(*alone, trace="ALONE")))
    began = time.perf_counter()
    kept = keep_file(database, documents, "large.835", content)
    (judged,) = remit_file(database, kept)
    seconds = time.perf_counter() - began
    if judged.fate is not Fate.POSTED or judged.claims != claims:
        raise RuntimeError(f"not posted: {judged.why}")
    with database.reading() as db:
        if unbalanced_entries(db):
            raise RuntimeError("the books do not balance")
    adjustments = sum(len(line.adjustments) for one in paid for line in one.lines)
    return iter(
        [
            (f"{claims:,} claims with {adjustments:,} adjustments in one payment", seconds, "s"),
            ("claims a second", claims / seconds, ""),
            ("of which reading the 835 takes", reading, "seconds"),
            ("claims a second in the loop", one_by_one, ""),
            ("times as fast as the loop", claims / seconds / one_by_one, ""),
            ("largest memory so far", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB"),
        ]
    )


def _seconds_of_reading(content: bytes) -> float:
    began = time.perf_counter()
    for remittance in read_835(content, []):
        for _ in remittance.claims():
            pass
    return time.perf_counter() - began


def _seconds_one_by_one(database: Database, documents: DiskStore, content: bytes) -> float:
    """The same work for each claim, asked for, posted, audited and committed by itself."""
    kept = keep_file(database, documents, "alone.835", content)
    payment = IncomingPayment(next(read_835(content, [])), kept.file_id, 1)
    with database.reading() as db:
        payers = {payer.id: payer for payer in db.scalars(sa.select(Payer))}
    at = clock.now()
    answers = list(payment.read())
    began = time.perf_counter()
    for one in answers:
        course = Course(payment, 0, "deposit:0", THROUGH, at, payers, Parties(frozenset(), True))
        with database.transaction() as db:
            if reasons := decide(db, course, [one]):
                raise RuntimeError(reasons[0])
            allocate(db, course.patient_ids, at)
            record(db, BY, "claim posted", Subject("claim", one.control_number), at)
    return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    for row in rows(int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS):
        print(f"{row.database:<12}{row.what:<58}{row.value:>10,.1f} {row.unit}")


if __name__ == "__main__":
    main()
