"""The audit trail names the browser that asked, and believes a proxy only where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.adapters.memory import MemoryBell
from billing.database import Database
from billing.settings import settings_from
from billing.web.app import create_app
from billing.wiring import Program
from tests.access.cast import make_cast
from tests.web.desk import Desk, audit_rows

BROWSER, FORGED = "203.0.113.9", "198.51.100.1"


def desk_behind(proxies: int, database: Database, data: Path) -> Desk:
    url = database.url.render_as_string(hide_password=False)
    settings = {"MERIDIAN_DATA": str(data), "MERIDIAN_DATABASE_URL": url, "MERIDIAN_TRUSTED_PROXIES": str(proxies)}
    program = Program(settings_from(settings))
    program.bell = MemoryBell()
    return Desk(create_app(program), program.database, make_cast(program.database))


@pytest.mark.parametrize(
    ("proxies", "told", "noted"),
    [
        (0, FORGED, "127.0.0.1"),
        (1, BROWSER, BROWSER),
        (1, f"{FORGED}, {BROWSER}", BROWSER),
        (2, f"{BROWSER}, 10.0.0.1", BROWSER),
    ],
)
def test_the_audit_trail_names_the_browser(
    sqlite_database: Database, tmp_path: Path, proxies: int, told: str, noted: str
) -> None:
    desk = desk_behind(proxies, sqlite_database, tmp_path)
    browser = desk.stranger()
    fields = {"csrf_token": browser.form_token(), "email": "ada@example.org", "password": "wrong"}

    browser.client.post("/sign-in", data=fields, headers={"X-Forwarded-For": told})

    assert audit_rows(desk.database)[-1].detail["from"] == noted
    desk.database.close()
