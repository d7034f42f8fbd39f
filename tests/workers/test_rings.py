"""One round rings for the next: what is filed is answered, posted and asked of the next payer without a beat."""

from __future__ import annotations

from pathlib import Path

from billing import clock
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Responsibility
from billing.database import Database
from billing.operations.errands.asking import ask_by_clock
from billing.operations.errands.kinds import ErrandKind
from billing.operations.rounds import RUN_ERRANDS
from billing.settings import settings_from
from tests.claims.assembly.further_payers import insure_also
from tests.claims.office import Office, open_office
from tests.waiting import until
from tests.workers.test_a_real_worker import worker
from workers.installation import celery_for

ASKED = (Responsibility.PRIMARY, Responsibility.SECONDARY)
DECIDED = {ClaimState.PAID, ClaimState.DENIED}


def standing(office: Office) -> dict[Responsibility, ClaimState]:
    return {one.responsibility: one.state for one in office.claims()}


def test_a_billing_run_is_followed_by_what_the_payers_say_to_it(sqlite_database: Database, tmp_path: Path) -> None:
    environment = {"MERIDIAN_DATA": str(tmp_path), "MERIDIAN_CLEARINGHOUSE": "sandbox"}
    office = open_office(sqlite_database)
    further = insure_also(office)
    with sqlite_database.transaction() as db:
        # The sandbox draws from the numbers whether it takes a claim.
        for payer, number in ((office.scene.payer, "FIRST"), (further.payer, "SECOND")):
            db.merge(payer).payer_number = number
    office.visit()
    with sqlite_database.transaction() as db:
        ask_by_clock(db, ErrandKind.BILL, {"through": "2026-03-31"}, "bill:2026-03-31", clock.now())

    with worker(environment) as until_it_says:
        until_it_says("ready")
        celery_for(settings_from(environment)).send_task(RUN_ERRANDS)
        until(lambda: all(standing(office).get(one) in DECIDED for one in ASKED))

    assert set(standing(office)) == set(ASKED)
