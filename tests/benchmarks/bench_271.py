"""How fast answers about cover are read and put on file: ``python -m tests.benchmarks.bench_271 [ANSWERS]``.

Ten thousand patients of a large clinic are asked about, and answered in one 271 of a dozen rows each: it is read, each
answer finds its question, is read for its facts, kept with every row, and becomes the benefit on file with its history.
The bar is two minutes on one core.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from billing import clock
from billing.adapters.memory import MemoryClearinghouse
from billing.adapters.sandbox.answering_about_cover import answers_about_cover
from billing.adapters.store_disk import DiskStore
from billing.claims.filing.preparing import FileSettings
from billing.coverage.eligibility.asking import Turn, ask_in_turn, insured_of
from billing.coverage.eligibility.models import EligibilityAnswer, Occasion
from billing.coverage.models import BenefitVersion, Policy
from billing.database import Database, batches
from billing.edi.claim_837p.claim import Receiver
from billing.edi.eligibility_271.reader import read_271
from billing.edi.envelope_writer import Usage
from billing.operations import schema
from billing.operations.answers import read_answers
from billing.operations.eligibility.sending import asking_by_file
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in
from billing.relay import relay
from tests.benchmarks.stage import large_clinic

ANSWERS = 10_000
AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
BY = "user:1"
SETTINGS = FileSettings(Receiver("CLEARINGHOUSE", "CLEARINGHOUSE"), Usage.TEST)


class Row(NamedTuple):
    """One measurement."""

    database: str
    what: str
    value: float
    unit: str


def rows(answers: int = ANSWERS) -> Iterator[Row]:
    """Ask about as many patients on both databases, and take in what the sandbox payer answers."""
    # Some of the patients pay for themselves.
    with large_clinic(answers * 3 // 2, answers // 10) as (folder, urls):
        for name, url in urls.items():
            database = Database(url)
            schema.upgrade(database)
            documents = DiskStore(folder / name / "documents")
            with clock.stopped_at(AT):
                yield from _measured(name, database, documents, folder, answers)
            database.close()


def _measured(name: str, database: Database, documents: DiskStore, folder: Path, answers: int) -> Iterator[Row]:
    with database.transaction() as db:
        bring_in(db, read_folder(folder / "clinic"), AT)
    asked, seconds = _asked(database, answers)
    yield Row(name, f"{asked} questions written down", seconds, "s")
    clearinghouse, began = MemoryClearinghouse(), time.perf_counter()
    relay(database, asking_by_file(documents, clearinghouse, SETTINGS))
    yield Row(name, "encoded and handed over in files of 500", time.perf_counter() - began, "s")
    files = [answers_about_cover(content, "1") for _, content in clearinghouse.received]
    began = time.perf_counter()
    read = sum(len(one.benefits) for content in files for one in read_271(content, []))
    yield Row(name, f"reading alone, {read} rows", time.perf_counter() - began, "s")
    coming = [_File(f"{number}.271", content) for number, content in enumerate(files)]
    with clock.stopped_at(AT + timedelta(hours=1)):
        began = time.perf_counter()
        report = read_answers(database, documents, coming)
        seconds = time.perf_counter() - began
    yield Row(name, f"{len(report['matched'])} answers read and applied (bar: 120 s)", seconds, "s")
    with database.reading() as db:
        kept = db.scalar(select(func.count()).select_from(EligibilityAnswer))
        applied = db.scalar(select(func.count()).where(BenefitVersion.answer_id.is_not(None)))
    yield Row(name, "answers kept, and benefits put on file by them", float(kept or 0), f"and {applied}")


def _asked(database: Database, answers: int) -> tuple[int, float]:
    began, asked = time.perf_counter(), 0
    with database.transaction() as db:
        policies = db.execute(select(Policy.id, Policy.effective_from).limit(answers)).all()
        for some in batches(policies, 500):
            insured = insured_of(db, [row.id for row in some])
            turns = [Turn(one, AT.date(), Occasion.PERSON, None) for one in insured.values()]
            asked += ask_in_turn(db, turns, by=BY, at=AT)
    return asked, time.perf_counter() - began


class _File:
    """A file that came."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content

    def read_bytes(self) -> bytes:
        """All of it."""
        return self.content


def main() -> None:
    """Print what was measured."""
    for row in rows(*(int(one) for one in sys.argv[1:2])):
        print(f"{row.database:<11} {row.what:<62} {row.value:>10.1f} {row.unit}", flush=True)


if __name__ == "__main__":
    main()
