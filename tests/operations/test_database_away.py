"""The database is restarted in the middle of long work: what was under way is undone, and done again by itself.

The line is cut at one statement after the other, some apart, so that every stage of the work is met.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from billing import clock
from billing.claims.lifecycle import ClaimState
from billing.database import Database
from billing.errors import DatabaseAway
from billing.ledger.queries import unbalanced_entries
from billing.operations.errands.kinds import ErrandKind
from billing.operations.errands.running import LEASE, MOST_DEATHS
from billing.operations.models import Errand, ErrandState
from billing.remittances.models import RemittanceState
from tests.claims.office import BILLED_AT, Office, open_office
from tests.operations.errands import Backroom, backroom_of
from tests.remittances.books import PAID_AT, filed, remittances
from tests.remittances.payer import answer, file_of, pays
from tests.servers import PostgresqlServer

COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
WHILE_BILLING, WHILE_POSTING = range(1, 120, 9), range(1, 60, 5)
"""At which of its statements the line is cut; there are a few more of them."""


@pytest.fixture
def office(postgresql_database: Database) -> Office:
    return open_office(postgresql_database)


@pytest.fixture
def backroom(office: Office, inbox: Path) -> Backroom:
    return backroom_of(office, inbox)


@contextmanager
def cut_at(database: Database, server: PostgresqlServer, statement: int) -> Iterator[list[int]]:
    """Have the server end the line at that statement of this process; yields the numbers of those that were ended."""
    count, ended = 0, []

    def listen(connection: sa.Connection, *_: Any) -> None:
        nonlocal count
        count += 1
        line = connection.connection.driver_connection
        if count == statement and isinstance(line, psycopg.Connection):
            with server.connect() as admin:
                admin.execute("SELECT pg_terminate_backend(%s)", [line.info.backend_pid])
            ended.append(count)

    sa.event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield ended
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", listen)


def worked_off(backroom: Backroom, asked: Errand, at: datetime) -> Errand:
    """The errand after as many rounds as workers make of it, however often the database goes away meanwhile."""
    for _ in range(MOST_DEATHS):
        with suppress(DatabaseAway), clock.stopped_at(at):
            backroom.run()
        at += LEASE + timedelta(seconds=1)
    return backroom.seen(asked)


@pytest.mark.parametrize("statement", WHILE_BILLING)
def test_a_billing_that_the_database_went_away_from_is_done_all_the_same(
    office: Office, backroom: Backroom, postgresql_server: PostgresqlServer, statement: int
) -> None:
    session = office.visit()
    asked = backroom.ask(ErrandKind.BILL, through="2026-03-31")

    with cut_at(office.database, postgresql_server, statement) as cut:
        ended = worked_off(backroom, asked, BILLED_AT)

    assert cut == [statement]
    names = [name for name, _ in office.clearinghouse.received]
    assert (ended.state, ended.failure) == (ErrandState.DONE, "")
    assert len(names) == len(set(names)) == 1
    # Cut between the delivery and its record, nobody knows that it arrived until its acknowledgement comes.
    assert office.claim(session).state in (ClaimState.SENT, ClaimState.UNKNOWN)


@pytest.mark.parametrize("statement", WHILE_POSTING)
def test_a_payment_that_the_database_went_away_from_is_posted_once(
    office: Office, backroom: Backroom, postgresql_server: PostgresqlServer, statement: int
) -> None:
    payment = backroom.kept("pay.835", file_of(pays(answer(filed(office), *COPAY), trace="EFT1")))
    asked = backroom.ask(ErrandKind.REMIT, files=[payment])

    with cut_at(office.database, postgresql_server, statement) as cut:
        ended = worked_off(backroom, asked, PAID_AT)

    with office.database.reading() as db:
        wrong = list(unbalanced_entries(db))
    assert cut == [statement]
    assert (ended.state, ended.failure, wrong) == (ErrandState.DONE, "", [])
    assert [one.state for one in remittances(office)] == [RemittanceState.POSTED]
    assert [one.state for one in office.claims()] == [ClaimState.PAID]


def test_a_database_that_is_away_says_so_to_readers_and_writers_and_is_used_again(
    postgresql_database: Database, postgresql_server: PostgresqlServer
) -> None:
    asked = sa.text("SELECT 1")

    for open_one in (postgresql_database.reading, postgresql_database.transaction):
        with cut_at(postgresql_database, postgresql_server, 1), pytest.raises(DatabaseAway), open_one() as db:
            db.execute(asked)
        with open_one() as db:
            assert db.scalar(asked) == 1


def test_a_server_that_is_not_there_is_told_as_away(tmp_path: Path) -> None:
    nowhere = Database(f"postgresql://meridian@/clinic?host={tmp_path}")

    for open_one in (nowhere.reading, nowhere.transaction):
        with pytest.raises(DatabaseAway, match="does not answer"), open_one() as db:
            db.execute(sa.text("SELECT 1"))
    with pytest.raises(DatabaseAway), nowhere.alone("billing run"):
        raise AssertionError("nobody holds a lock of a database that is not there")
