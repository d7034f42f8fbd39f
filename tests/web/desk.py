"""Browsers for the cast, and a look at what a request left behind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from billing import clock
from billing.access.models import User
from billing.access.signing_in import begin_login
from billing.audit.models import AuditEntry
from billing.database import Database
from billing.operations import schema
from billing.operations.errands.running import run_waiting
from billing.operations.sealing_all import seal_trail
from billing.web.login import COOKIE
from billing.wiring import Program
from tests.access.cast import Cast


@dataclass(frozen=True, slots=True)
class Browser:
    """One person's browser; it sends forms the way a page would."""

    client: FlaskClient

    def get(self, path: str, accept: str = "text/html") -> TestResponse:
        return self.client.get(path, headers={"Accept": accept})

    def post(self, path: str, /, **fields: str) -> TestResponse:
        """Send a form with the token a page carries."""
        return self.client.post(path, data={"csrf_token": self.form_token(), **fields})

    def form_token(self) -> str:
        """The token in the forms of a page: one's account, or the sign-in page a stranger is led to."""
        page = self.client.get("/account", follow_redirects=True).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        return found[1]


@dataclass(frozen=True, slots=True)
class Desk:
    """The app over a test's database, and browsers to open it with."""

    app: Flask
    database: Database
    cast: Cast

    def stranger(self) -> Browser:
        """A browser nobody has signed in at: Dov's."""
        return Browser(self.app.test_client())

    def browser(self, user: User) -> Browser:
        """A browser at which that person is signed in."""
        with self.database.transaction() as db:
            token = begin_login(db, user.id, clock.now())
        client = self.app.test_client()
        client.set_cookie(COOKIE, token)
        return Browser(client)


def contents(database: Database, without: str = "") -> dict[str, list[str]]:
    """Every row of every table but ``without``."""
    with database.reading() as db:
        return {
            table.name: sorted(str(row) for row in db.execute(table.select()))
            for table in schema.all_tables().sorted_tables
            if table.name != without
        }


def audit_rows(database: Database) -> list[AuditEntry]:
    """The audit trail, oldest first."""
    with database.reading() as db:
        return list(db.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def do_what_is_due(program: Program) -> None:
    """What a worker does of what was asked for at the desk."""
    run_waiting(program.means)
    seal_trail(program.database)
