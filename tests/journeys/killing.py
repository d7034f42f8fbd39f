"""Killing ``meridian remit`` at random moments: ``python -m tests.journeys.killing [TIMES]`` prints a table.

A clinic is billed, and its payer answers in one file for each kill. The program that posts a file is killed
with SIGKILL somewhere between its start and its end; then the books are examined, the file is given again,
and the books must say exactly what the payer's files say: no cent twice, none lost.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from billing import clock
from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.store_disk import DiskStore
from billing.claims.content.snapshot import SNAPSHOT
from billing.claims.filing.preparing import FileSettings
from billing.claims.models import FiledVersion
from billing.database import Database
from billing.edi.claim_837p.claim import ProfessionalClaim, Receiver
from billing.edi.envelope_writer import Usage
from billing.ledger.models import Posting
from billing.operations import schema
from billing.operations.billing_run import BillingRun, run_billing
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in
from billing.operations.verifying import document_problems, examine_records
from billing.remittances.models import Remittance, RemittanceState
from tests.benchmarks.big_clinic import write_big_clinic
from tests.remittances.payer import Answer, answer, file_of, pays
from tests.servers import running_postgresql
from tests.waiting import until

PAYMENTS_A_FILE = 4
CLAIMS_A_PAYMENT = 15
THROUGH = date(2026, 3, 31)


@dataclass
class Tally:
    """What came of the kills."""

    kills: int = 0
    before_the_end: int = 0
    """Kills that left something to post."""
    half_posted: int = 0
    """Payments of which only a part was in the books."""
    cents_off: int = 0
    """By how much the books differed from the payer's files once a file had been given again."""
    problems: list[str] = field(default_factory=list)
    """What ``verify`` found after a kill."""

    def row(self, name: str) -> str:
        """A line of the table."""
        return (
            f"{name:<12}{self.kills:>7}{self.before_the_end:>18}{self.half_posted:>14}"
            f"{self.cents_off:>24}{len(self.problems):>17}"
        )


class Clinic:
    """A billed clinic in a data folder of its own, and a shell to run commands in."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.environment = {"MERIDIAN_DATA": str(folder / "data"), **({"MERIDIAN_DATABASE_URL": url} if url else {})}
        self.database = Database(url or f"sqlite:///{folder / 'data' / 'meridian.sqlite3'}")
        self.documents = DiskStore(folder / "data" / "documents")

    def bill(self, claims: int) -> list[ProfessionalClaim]:
        """Bill a clinic of about so many claims; what was filed, in the order of filing."""
        write_big_clinic(self.folder / "clinic", max(20, claims // 8), claims * 3 // 2)
        schema.upgrade(self.database)
        with self.database.transaction() as db:
            bring_in(db, read_folder(self.folder / "clinic"), clock.now())
        run_billing(
            self.database,
            BillingRun(THROUGH),
            self.documents,
            FolderClearinghouse(self.folder / "claims"),
            FileSettings(Receiver("CLEARINGHOUSE", "CLEARINGHOUSE"), Usage.TEST),
        )
        with self.database.reading() as db:
            snapshots = db.scalars(sa.select(FiledVersion.snapshot).order_by(FiledVersion.claim_id)).all()
        return [SNAPSHOT.validate_python(snapshot).claim for snapshot in snapshots]

    def remit(self, file: Path) -> subprocess.Popen[bytes]:
        """Start the command on a file."""
        words = [sys.executable, "-c", "from billing.cli.main import main; main()", "remit", str(file), "--json"]
        said = subprocess.DEVNULL
        return subprocess.Popen(words, env={**os.environ, **self.environment}, stdout=said, stderr=subprocess.PIPE)

    def finish(self, file: Path) -> float:
        """Run the command to its end; how many seconds it took. Raises when it fails."""
        began = time.perf_counter()
        process = self.remit(file)
        _, complaint = process.communicate(timeout=120)
        if process.returncode:
            raise RuntimeError(complaint.decode())
        return time.perf_counter() - began

    def sums(self) -> dict[str, int]:
        """The books by kind of account, in cents."""
        found: dict[str, int] = {}
        with self.database.reading() as db:
            for account, cents in db.execute(
                sa.select(Posting.account, sa.func.sum(Posting.cents)).group_by(Posting.account)
            ):
                kind = account.partition(":")[0]
                found[kind] = found.get(kind, 0) + int(cents)
        return found

    def posted(self) -> dict[str, tuple[int, int]]:
        """Per posted payment how much it brought, and how much of it the books have as money."""
        with self.database.reading() as db:
            rows = db.scalars(sa.select(Remittance).where(Remittance.state == RemittanceState.POSTED)).all()
            booked = dict(
                db.execute(
                    sa.select(Posting.entry, sa.func.sum(Posting.cents))
                    .where(Posting.entry.like("remittance:%:deposit"), Posting.account.like("money:%"))
                    .group_by(Posting.entry)
                ).all()
            )
            uneven = set(
                db.scalars(
                    sa.select(Posting.account)
                    .where(Posting.account.like("deposit:%"))
                    .group_by(Posting.account)
                    .having(sa.func.sum(Posting.cents) != 0)
                )
            )
        return {
            one.trace_number: (
                one.paid_cents,
                int(booked.get(f"remittance:{one.id}:deposit", 0)) if f"deposit:{one.id}" not in uneven else -1,
            )
            for one in rows
        }

    def problems(self) -> list[str]:
        """What ``meridian verify`` finds in the records and the kept files."""
        with self.database.reading() as db:
            records = examine_records(db)
        found = [*records.problems, *document_problems(self.documents, records.documents)]
        return [f"{one.rule}: {one.why}" for one in found]


def decision(claim: ProfessionalClaim) -> Answer:
    """Something written off, something for the patient, the rest paid."""
    first, *rest = claim.lines
    decided = [{"CO-45": first.charge_cents // 3, "PR-3": 20_00}, *({"CO-45": line.charge_cents // 4} for line in rest)]
    return answer(claim, *decided)


def payment_files(folder: Path, claims: Sequence[ProfessionalClaim], files: int) -> Iterator[tuple[Path, list[Answer]]]:
    """So many files with some payments each, and what they say."""
    a_file = PAYMENTS_A_FILE * CLAIMS_A_PAYMENT
    if len(claims) < files * a_file:
        raise RuntimeError(f"only {len(claims)} claims for {files} files")
    for number in range(files):
        answers = [decision(claim) for claim in claims[number * a_file : (number + 1) * a_file]]
        payments = [
            pays(*answers[start : start + CLAIMS_A_PAYMENT], trace=f"F{number}P{start}")
            for start in range(0, a_file, CLAIMS_A_PAYMENT)
        ]
        path = folder / f"payments-{number}.835"
        path.write_bytes(file_of(*payments, interchange=number + 1))
        yield path, answers


def kill(clinic: Clinic, times: int, chance: random.Random) -> Tally:
    """Kill the posting of ``times`` files, each at a moment of its own, and post them to the end afterwards.

    The first is killed when one of its payments is posted, so that at least one kill comes before the end.
    """
    claims = clinic.bill((times + 1) * PAYMENTS_A_FILE * CLAIMS_A_PAYMENT)
    files = payment_files(clinic.folder, claims, times + 1)
    before = clinic.sums()
    said: list[Answer] = []
    path, answers = next(files)
    whole = clinic.finish(path)
    said += answers
    tally = Tally()
    for path, answers in files:
        process = clinic.remit(path)
        if tally.kills:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(whole * chance.uniform(0.3, 1))
        else:
            until(lambda: len(clinic.posted()) > PAYMENTS_A_FILE)
        process.kill()
        process.communicate()
        tally.kills += 1
        tally.problems += clinic.problems()
        posted = clinic.posted()
        tally.half_posted += sum(brings != booked for brings, booked in posted.values())
        tally.before_the_end += len(posted) < (tally.kills + 1) * PAYMENTS_A_FILE
        clinic.finish(path)
        said += answers
        tally.cents_off += _difference(before, clinic.sums(), said)
        tally.problems += clinic.problems()
    return tally


def _difference(before: dict[str, int], now: dict[str, int], said: Sequence[Answer]) -> int:
    """How far the books are from what the payer said, over all accounts, in cents."""
    paid = sum(one.paid_cents for one in said)
    told = [(reason, cents) for one in said for line in one.lines for reason, cents in line.adjustments]
    patients = sum(cents for reason, cents in told if reason.startswith("PR-"))
    written_off = sum(cents for reason, cents in told if reason.startswith("CO-"))
    wanted = {
        "money": paid,
        "patient": patients,
        "adjusted": written_off,
        "insurance": -(paid + patients + written_off),
        "deposit": 0,
        "income": 0,
    }
    return sum(abs(now.get(kind, 0) - before.get(kind, 0) - cents) for kind, cents in wanted.items())


def main() -> None:
    """Print the table for both databases."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    titles = ("kills", "before the end", "half posted", "cents twice or lost", "verify problems")
    widths = (7, 18, 14, 24, 17)
    print(f"{'database':<12}" + "".join(f"{title:>{width}}" for title, width in zip(titles, widths, strict=True)))
    with tempfile.TemporaryDirectory(prefix="meridian-kills-") as folder, running_postgresql() as server:
        with server.connect() as admin:
            admin.execute("CREATE DATABASE kills")
        for name, url in (("SQLite", ""), ("PostgreSQL", server.url("kills"))):
            place = Path(folder) / name
            place.mkdir()
            print(kill(Clinic(place, url), times, random.Random(name)).row(name), flush=True)


if __name__ == "__main__":
    main()
