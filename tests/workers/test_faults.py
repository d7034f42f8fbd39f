"""What goes wrong around processes that run: two beats, a database that is restarted, a clock that is set anew."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from billing import clock
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.database import Database
from billing.edi.claim_837p.reader import read_837p
from billing.operations import schema
from billing.operations.models import Errand, ErrandState, WorkerSign
from billing.operations.signs_of_life import BEAT, WORKER
from billing.reminders.automation import ByItself, choose
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Message, Rule
from billing.sessions.lifecycle import SessionState
from tests.factories import make_patient, make_session, moment
from tests.journeys.days.houses import Clinic, Hands, for_real
from tests.journeys.days.opening import open_the_clinic
from tests.journeys.days.people import Person
from tests.servers import PostgresqlServer, running_again, running_postgresql
from tests.waiting import is_running, until
from tests.workers.house import QUICK_BEAT, House, house

SATURDAY, SUNDAY, MONDAY = date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9)
"""In the night to Sunday clocks are put forward."""
PATIENTS = 6


def open_for_monday(clinic: Clinic) -> None:
    """A session signed on Saturday, and visits on Monday, an hour apart, of patients who may be written to."""
    with clock.stopped_at(moment(SATURDAY, "11:00")), clinic.database.transaction() as db:
        scene = open_the_clinic(db, clinic.cast)
        scene.visit(db, SATURDAY)
        for number in range(PATIENTS):
            patient = make_patient(
                db, first_name=f"P{number}", phone=f"503-555-01{number:02d}", email=f"p{number}@example.org"
            )
            booked = {"state": SessionState.BOOKED, "onset_on": None, "start": f"{9 + number:02d}:00"}
            make_session(db, patient, scene.practitioner, MONDAY, sets=(), diagnoses=(), **booked)
        choose(db, ByItself(bills_at=time(18, 30), rules_off=frozenset({Rule.SESSION_IN_3_DAYS})))


def test_two_beats_and_a_clock_that_is_set_back_and_forth_do_everything_once(
    postgresql_database: Database, redis_url: str, httpserver: HTTPServer, tmp_path: Path
) -> None:
    hands = Hands(tmp_path / "hands")
    hands.set_to(moment(SATURDAY, "12:00"))
    settings = {"MERIDIAN_CLEARINGHOUSE": "sandbox"}
    with for_real(postgresql_database, redis_url, httpserver, tmp_path, hands, settings, beats=2) as clinic:
        open_for_monday(clinic)
        until(lambda: len(there(clinic.database, BEAT)) == 2)
        until(lambda: count(clinic, Message) == 2 * PATIENTS)

        for at in ("18:29", "18:30", "17:30", "18:30", "19:30", "18:30"):
            hands.set_to(moment(SUNDAY, at))
            until(lambda: has_gone_round(clinic, hands))
        until(lambda: count(clinic, Message, Message.state == MessageState.SENT) == 2 * PATIENTS)
        until(lambda: count(clinic, Claim, Claim.state != ClaimState.READY))
        until(lambda: has_gone_round(clinic, hands))

        (errand,) = all_of(clinic, Errand)
        filed = [claim for content in clinic.claim_files() for claim in read_837p(content)[0][0].claims]
        numbers = Counter(one.control_number for one in filed)
        assert (errand.period, errand.state) == ("bill:2026-03-08", ErrandState.DONE)
        assert Counter(mail["To"] for mail in clinic.mails()) == {f"p{n}@example.org": 1 for n in range(PATIENTS)}
        assert Counter(number for number, _ in clinic.texts()) == {f"+150355501{n:02d}": 1 for n in range(PATIENTS)}
        assert set(numbers.values()) == {1}


def has_gone_round(clinic: Clinic, hands: Hands) -> bool:
    """Whether both workers have signed by the clock as it was set last."""
    now = hands.now()
    signs = [one.seen_at for one in all_of(clinic, WorkerSign) if one.kind == WORKER]
    return len(signs) == 2 and all(abs(now - at) < timedelta(minutes=1) for at in signs)


def all_of(clinic: Clinic, table: Any) -> list[Any]:
    with clinic.database.reading() as db:
        return list(db.scalars(sa.select(table)))


def count(clinic: Clinic, table: Any, *where: sa.ColumnElement[bool]) -> int:
    with clinic.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


def there(database: Database, kind: str) -> list[WorkerSign]:
    with database.reading() as db:
        return list(db.scalars(sa.select(WorkerSign).where(WorkerSign.kind == kind, WorkerSign.ended_at.is_(None))))


@dataclass
class Restartable:
    """A PostgreSQL that is stopped and started as after an update of its machine."""

    server: PostgresqlServer
    database: Database
    until_end: ExitStack

    def stop(self) -> None:
        """Every line is cut, and nobody is let in."""
        process = self.server.process
        os.kill(process, signal.SIGINT)
        until(lambda: not is_running(process))

    def start(self) -> None:
        self.until_end.enter_context(running_again(self.server))


@pytest.fixture
def restartable() -> Iterator[Restartable]:
    with ExitStack() as until_end:
        server = until_end.enter_context(running_postgresql())
        with server.connect() as admin:
            admin.execute("CREATE DATABASE clinic")
        database = Database(server.url("clinic"))
        until_end.callback(database.close)
        schema.upgrade(database)
        yield Restartable(server, database, until_end)


@pytest.fixture
def clinic(restartable: Restartable, redis_url: str, tmp_path: Path) -> Iterator[House]:
    with house(restartable.database, redis_url, tmp_path) as made:
        yield made


def test_a_database_that_is_restarted_costs_a_try_again_and_nothing_else(
    clinic: House, restartable: Restartable
) -> None:
    clinic.workers("one", "two")
    clinic.start(QUICK_BEAT)
    ada = Person(clinic.web())
    before = clinic.left_behind()
    until(lambda: clinic.has_ended(before))
    remittances = ada.open("/remittances")

    restartable.stop()
    while_it_is_away = ada.open("/remittances")
    sent = ada.send(remittances, "Look into the inbox", {})
    kept = ada.seen(sent)
    restartable.start()
    afterwards = [ada.open("/remittances").status for _ in range(5)]
    done = ada.press(kept, "Send what I typed")
    again = ada.press(kept, "Send what I typed")
    left = clinic.left_behind()

    assert while_it_is_away.status == sent.status_code == 503
    assert while_it_is_away.says("The database does not answer")
    assert 'href="/remittances">Try again</a>' in while_it_is_away.html
    assert kept.says("What you typed is kept on this page.")
    assert afterwards == [200] * 5
    assert done.path == again.path
    until(lambda: clinic.has_ended(int(done.path.rpartition("/")[2])))
    until(lambda: clinic.has_ended(left))
    assert [one.poll() for one in clinic.processes] == [None] * 4
