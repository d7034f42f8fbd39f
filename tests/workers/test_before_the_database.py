"""A process that begins while its database server is away waits for it: gunicorn would else give up for good."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from typing import Any

import sqlalchemy as sa

from billing.database import Database
from billing.wiring import wait_for
from tests.servers import running_again, running_postgresql


def test_a_database_server_that_comes_up_later_is_waited_for() -> None:
    tries = 0
    with running_postgresql() as server, ExitStack() as second_life:
        first = server.process
        os.kill(first, signal.SIGINT)
        os.waitpid(first, 0)
        database = Database(server.url("postgres"))

        def count(*_: Any) -> None:
            nonlocal tries
            tries += 1
            if tries == 2:
                second_life.enter_context(running_again(server))

        sa.event.listen(database.engine, "do_connect", count)
        wait_for(database)
        with database.reading() as db:
            answers = db.scalar(sa.select(1))
        database.close()

    assert (tries, answers) == (2, 1)
