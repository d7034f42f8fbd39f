"""Claims out, answers and money in, the next payer asked, and paid: without a person, by rounds and billing alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing import clock
from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.clearinghouse_sandbox import SandboxClearinghouse
from billing.adapters.inbox_folder import FolderInbox
from billing.adapters.sandbox.rates import FLAWLESS
from billing.claims.filing.preparing import preparing_route
from billing.claims.filing.sending import filing_route
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, Responsibility
from billing.database import Database
from billing.ledger.queries import unbalanced_entries
from billing.operations.billing_run import BillingRun, run_billing
from billing.operations.errands.means import Means
from billing.operations.fetching import fetch_answers
from billing.operations.models import Errand
from billing.relay import relay
from billing.remittances.models import RemittanceState
from tests.claims.assembly.further_payers import insure_also
from tests.claims.office import BILLED_AT, SETTINGS, Office, open_office
from tests.operations.inbox import rows
from tests.remittances.books import remittances

CLOCK = "worker:clock"


@dataclass
class Loop:
    """A clinic whose only company are workers and the sandbox payer."""

    office: Office
    means: Means

    def evening(self, at: datetime) -> None:
        """The billing that the clock asks for."""
        run = BillingRun(at.date(), by=CLOCK)
        with clock.stopped_at(at):
            run_billing(
                self.means.database, run, self.means.documents, self.means.clearinghouse, self.means.file_settings
            )

    def round(self, at: datetime) -> int:
        """A look into the inbox."""
        with clock.stopped_at(at):
            return fetch_answers(self.means)

    def standing(self) -> list[tuple[Responsibility, ClaimState]]:
        return [(one.responsibility, one.state) for one in self.office.claims()]


@pytest.fixture
def loop(database: Database, tmp_path: Path) -> Loop:
    office = open_office(database)
    outbox = tmp_path / "outbox"
    sandbox = SandboxClearinghouse(outbox / "claims", outbox / "answers", tmp_path / "payer", "1", FLAWLESS)
    acknowledgements = FolderClearinghouse(outbox / "acknowledgements")
    inbox = FolderInbox(outbox / "answers")
    return Loop(office, Means(database, office.store, sandbox, acknowledgements, SETTINGS, inbox))


P, S = Responsibility.PRIMARY, Responsibility.SECONDARY


def test_what_the_first_payer_leaves_is_filed_with_the_second_by_the_next_billing(loop: Loop) -> None:
    insure_also(loop.office)
    loop.office.visit()

    loop.evening(BILLED_AT)
    filed = loop.standing()
    first = loop.round(BILLED_AT + timedelta(minutes=5))
    after_first = loop.standing()
    loop.evening(BILLED_AT + timedelta(days=1))
    asked = loop.standing()
    second = loop.round(BILLED_AT + timedelta(days=1, minutes=5))

    assert filed == [(P, ClaimState.SENT)]
    assert after_first == [(P, ClaimState.PAID), (S, ClaimState.READY)]
    assert asked == [(P, ClaimState.PAID), (S, ClaimState.SENT)]
    assert loop.standing() == [(P, ClaimState.PAID), (S, ClaimState.PAID)]
    assert first > 0 < second
    assert {one.state for one in remittances(loop.office)} == {RemittanceState.POSTED}
    assert rows(loop.office, Errand) == []


def test_the_rounds_alone_file_what_the_next_payer_is_asked(loop: Loop) -> None:
    insure_also(loop.office)
    loop.office.visit()
    loop.evening(BILLED_AT)
    loop.round(BILLED_AT + timedelta(minutes=5))

    with clock.stopped_at(BILLED_AT + timedelta(minutes=6)):
        relay(loop.means.database, preparing_route(loop.means.documents, SETTINGS))
        relay(loop.means.database, filing_route(loop.means.documents, loop.means.clearinghouse, "worker:file_claims"))
    loop.round(BILLED_AT + timedelta(minutes=10))

    assert loop.standing() == [(P, ClaimState.PAID), (S, ClaimState.PAID)]


def test_nothing_is_filed_or_posted_twice_however_often_it_comes_round(loop: Loop) -> None:
    insure_also(loop.office)
    for day in range(3):
        loop.office.visit(date(2026, 3, 3) + timedelta(days=7 * day))

    for day in range(4):
        loop.evening(BILLED_AT + timedelta(days=day))
        loop.round(BILLED_AT + timedelta(days=day, minutes=5))
        loop.round(BILLED_AT + timedelta(days=day, minutes=10))

    with loop.office.database.reading() as db:
        sessions = sa.select(Claim.session_id, Claim.responsibility, sa.func.count()).group_by(
            Claim.session_id, Claim.responsibility
        )
        counts = [count for _, _, count in db.execute(sessions)]
        wrong = unbalanced_entries(db)
    assert counts == [1] * 6
    assert {state for _, state in loop.standing()} == {ClaimState.PAID}
    assert list(wrong) == []
    assert len({one.trace_number for one in remittances(loop.office)}) == len(remittances(loop.office))


def test_claims_that_the_clock_had_filed_say_so(loop: Loop) -> None:
    session = loop.office.visit()

    loop.evening(BILLED_AT)

    assert {one.by for one in loop.office.moves(loop.office.claim(session))} == {CLOCK}


def test_a_file_of_unknown_fate_is_found_by_the_round(loop: Loop) -> None:
    loop.office.visit()
    loop.evening(BILLED_AT)
    (claim,) = loop.office.claims()
    with loop.office.database.transaction() as db:
        db.execute(sa.text("UPDATE claim SET state = 'unknown'"))
        db.execute(sa.text("UPDATE claim_file SET state = 'unknown'"))

    loop.round(BILLED_AT + timedelta(minutes=5))

    assert loop.standing() == [(P, ClaimState.PAID)]
    assert "found" in [one.event for one in loop.office.moves(claim)]
