from __future__ import annotations

import logging

import pytest
from flask import Blueprint
from sqlalchemy import text

from billing.errors import Conflict, Forbidden, NotDelivered, NotFound, Refused, block
from billing.web.endpoint import ANYONE, Call, endpoint
from tests.web.desk import Browser, Desk

PATIENT = "Zoë Nuñez, born 1980-05-01"
JSON = "application/json"


def browser_meeting(desk: Desk, error: Exception) -> Browser:
    test = Blueprint("test", __name__)

    @endpoint(test, "/fails", may=ANYONE, audit=None)
    def fails(call: Call) -> str:
        raise error

    desk.app.register_blueprint(test)
    return desk.stranger()


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (NotFound(PATIENT), 404, "There is nothing here"),
        (Forbidden(PATIENT), 403, "Your role does not include this"),
        (Conflict(PATIENT), 409, "Somebody else was here first"),
        (NotDelivered(PATIENT), 502, "Another system did not answer"),
        (ValueError(PATIENT), 500, "Something went wrong on our side"),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", JSON])
def test_an_error_has_its_status_and_a_way_on_and_does_not_repeat_its_text(
    desk: Desk, error: Exception, status: int, title: str, accept: str
) -> None:
    answer = browser_meeting(desk, error).get("/fails", accept)

    assert answer.status_code == status
    assert title in answer.text
    assert "Nu" not in answer.text
    if accept == JSON:
        assert answer.content_type == "application/problem+json"
        assert answer.json is not None
        assert (answer.json["status"], answer.json["title"]) == (status, title)
    else:
        assert '<a class="button" href="/">' in answer.text


def test_a_refusal_tells_its_reasons_as_a_page_and_as_json(desk: Desk) -> None:
    refusal = Refused("Not yet.", [block("fee.missing", "97810 has no fee.", "Add one.", "fee:97810")])
    browser = browser_meeting(desk, refusal)

    page, problem = browser.get("/fails"), browser.get("/fails", JSON)

    assert (page.status_code, problem.status_code) == (422, 422)
    assert "97810 has no fee." in page.text
    assert problem.json is not None
    assert problem.json["detail"] == "Not yet."
    assert problem.json["problems"] == [
        {
            "rule": "fee.missing",
            "severity": "BLOCK",
            "why": "97810 has no fee.",
            "fix": "Add one.",
            "where": "fee:97810",
        }
    ]


def test_the_log_has_the_reference_and_the_place_and_nothing_of_the_patient(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    browser = browser_meeting(desk, ValueError(PATIENT))

    with caplog.at_level(logging.DEBUG):
        problem = browser.get("/fails", JSON)

    assert problem.json is not None
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert problem.json["reference"] in record.getMessage()
    assert "ValueError" in record.getMessage()
    assert "test_errors.py" in record.getMessage()
    assert record.exc_info is None
    assert "Nu" not in caplog.text


def test_an_error_of_the_database_says_nothing_of_its_parameters(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    test = Blueprint("test", __name__)

    @endpoint(test, "/fails", may=ANYONE, audit=None)
    def fails(call: Call) -> str:
        call.db.execute(text("SELECT * FROM no_such_table WHERE name = :name"), {"name": PATIENT})
        return "never"

    desk.app.register_blueprint(test)

    with caplog.at_level(logging.WARNING):
        answer = desk.stranger().get("/fails")

    assert answer.status_code == 500
    assert "Nu" not in answer.text
    assert "no_such_table" not in answer.text
    assert "Nu" not in caplog.text


@pytest.mark.parametrize("accept", ["text/html", JSON])
def test_an_address_that_does_not_exist_is_not_repeated(desk: Desk, accept: str) -> None:
    answer = desk.stranger().get("/patients/Zoë-Nuñez?q=<script>", accept)

    assert answer.status_code == 404
    assert "Nu" not in answer.text
    assert "<script" not in answer.text


def test_a_wrong_method_is_told_with_the_methods_allowed(desk: Desk) -> None:
    answer = desk.stranger().get("/sign-out")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "This address cannot be used that way" in answer.text


def test_a_request_that_is_too_large_is_refused(desk: Desk) -> None:
    browser = desk.stranger()

    answer = browser.client.post("/sign-in", data={"email": "x" * (17 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "That is too large" in answer.text


def test_a_stranger_who_wants_json_is_told_to_sign_in_and_not_led_to_a_form(desk: Desk) -> None:
    answer = desk.stranger().get("/", JSON)

    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_a_browsers_own_accept_header_gets_a_page(desk: Desk) -> None:
    answer = desk.stranger().get("/nowhere", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")

    assert answer.mimetype == "text/html"
