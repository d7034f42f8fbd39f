"""How long held claims take to be judged again: ``python -m tests.benchmarks.bench_recheck [PATIENTS SESSIONS]``.

Every licence of a clinic has lapsed, so that all its claims are held; then all are renewed, backdated, and the claims
are judged again and let go, on both databases.
"""

from __future__ import annotations

import sys
import time
from datetime import date

from sqlalchemy import func, select, update

from billing import clock
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.database import Database
from billing.operations import schema
from billing.operations.billing_run import BillingRun
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in
from billing.operations.rechecking import Recheck, recheck_held
from billing.practitioners.models import Credential, CredentialKind
from billing.relay import climb
from tests.benchmarks.stage import large_clinic

PATIENTS, SESSIONS = 1_200, 12_200
"""Of these sessions about ten thousand are signed and go to insurance."""
THROUGH, LAPSED, RENEWED = date(2026, 3, 31), date(2025, 12, 31), date(2027, 12, 31)
BAR = 60


def renew(database: Database, valid_to: date) -> None:
    """Have every licence end on a day."""
    with database.transaction() as db:
        db.execute(update(Credential).where(Credential.kind == CredentialKind.LICENCE).values(valid_to=valid_to))


def ready(database: Database) -> int:
    """How many claims are ready."""
    with database.reading() as db:
        return db.scalar(select(func.count()).where(Claim.state == ClaimState.READY)) or 0


def main() -> None:
    """Print the table."""
    patients, sessions = (int(number) for number in sys.argv[1:3]) if len(sys.argv) > 2 else (PATIENTS, SESSIONS)
    print(f"{patients:,} patients, {sessions:,} sessions; bar {BAR} s for 10,000 held claims")
    with large_clinic(patients, sessions) as (folder, urls):
        for name, url in urls.items():
            database = Database(url)
            schema.upgrade(database)
            with database.transaction() as db:
                bring_in(db, read_folder(folder / "clinic"), clock.now())
            renew(database, LAPSED)
            climb(database, BillingRun(THROUGH).stage)
            renew(database, RENEWED)
            run = Recheck(THROUGH, "command:bench")
            began = time.perf_counter()
            recheck_held(database, run)
            took = time.perf_counter() - began
            assert run.released == ready(database)
            print(f"{name:<12}{run.checked:>8,} held, {run.released:>8,} let go in {took:>6.1f} s")
            database.close()


if __name__ == "__main__":
    main()
