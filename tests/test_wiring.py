"""Where the program looks for what comes in, and what its bell has done."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing import clock
from billing.audit.models import AuditSeal
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.database import Database
from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import Errand, ErrandState
from billing.settings import settings_from
from billing.wiring import Program
from tests.access.cast import make_cast


@pytest.mark.parametrize(
    ("settings", "inbox"),
    [
        ({}, "data/inbox"),
        ({"MERIDIAN_CLEARINGHOUSE": "sandbox"}, "data/outbox/answers"),
        ({"MERIDIAN_CLEARINGHOUSE": "sandbox", "MERIDIAN_INBOX": "/srv/sftp/in"}, "/srv/sftp/in"),
    ],
)
def test_the_inbox_is_where_answers_arrive(tmp_path: Path, settings: dict[str, str], inbox: str) -> None:
    program = Program(settings_from({"MERIDIAN_DATA": str(tmp_path / "data"), **settings}))

    assert program.inbox == tmp_path / inbox
    program.database.close()


def test_what_is_due_is_run_and_sealed(sqlite_database: Database, tmp_path: Path) -> None:
    program = Program(settings_from({"MERIDIAN_DATA": str(tmp_path)}))
    user = make_cast(program.database).ada
    with program.database.transaction() as db:
        asked = ask(db, ErrandKind.FETCH, {}, user.id, clock.now())
        record(db, Actor(ActorKind.USER, str(user.id)), "inbox looked into", Subject("page"), clock.now())

    program.do_what_is_due()

    with program.database.reading() as db:
        assert db.get_one(Errand, asked.id).state is ErrandState.DONE
        assert db.query(AuditSeal).count() == 1
    program.database.close()
