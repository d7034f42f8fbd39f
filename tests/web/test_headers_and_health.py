from __future__ import annotations

import pytest

from billing.operations import schema
from tests.web.desk import Desk


@pytest.mark.parametrize("path", ["/sign-in", "/", "/nowhere", "/healthz", "/static/frame.css", "/sign-out"])
def test_every_answer_tells_the_browser_what_to_refuse(desk: Desk, path: str) -> None:
    answer = desk.stranger().get(path)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert (answer.headers.get("Cache-Control") == "no-store") is (not path.startswith("/static"))


def test_a_forged_form_is_refused_with_the_same_headers(desk: Desk) -> None:
    answer = desk.stranger().client.post("/sign-in")

    assert answer.status_code == 400
    assert "Content-Security-Policy" in answer.headers


def test_health_says_that_the_database_is_there_and_fits(desk: Desk) -> None:
    answer = desk.stranger().get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"database": "reachable", "schema": "current"})


def test_health_says_when_the_schema_is_behind_the_program(desk: Desk) -> None:
    schema.downgrade(desk.database)

    answer = desk.stranger().get("/healthz")

    assert (answer.status_code, answer.json) == (503, {"database": "reachable", "schema": "outdated"})
