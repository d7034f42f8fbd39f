"""Nothing that anybody sends makes the desk fail, lie or tell tales: not an address, a form, a file nor a header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from billing import clock
from billing.operations.models import Errand
from billing.patients.models import Patient
from billing.web.endpoint import endpoints
from tests.access.cast import NOON, PASSWORD
from tests.factories import set_scene
from tests.web.desk import Browser, Desk
from tests.web.pages.uploads import send

ASKED = (
    "about", "after", "at", "before", "bill_to", "by", "contact_minutes", "day", "from", "kind", "letter", "minutes",
    "next", "patient", "payer", "practitioner", "queue", "queued_before", "room", "rule", "sort", "tab", "until",
    "view", "who",
)  # fmt: skip
"""What addresses ask for."""
BEYOND_64_BITS = "99999999999999999999"
NONSENSE = (BEYOND_64_BITS, "9999-12-31", "0001-01-01", f"1.{BEYOND_64_BITS}", f"charge:{BEYOND_64_BITS}")
TYPED = ("a\0\N{RIGHT-TO-LEFT OVERRIDE}<script>alert(1)</script>", "9" * 3000, "0001-01-01")
LEAVING = ("/sign-out", "/sign-out-elsewhere")
"""Forms after which nobody is there any more to send another."""
ANSWERS = (200, 204, 303, 400, 403, 404, 409, 422)
"""Anything but a failure."""


@pytest.fixture
def open_desk(desk: Desk) -> Desk:
    """A desk with a clinic in which there is something to look at, and to spoil."""
    with desk.database.transaction() as db:
        set_scene(db).visit(db)
    return desk


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at a browser whose forms all carry one token."""

    browser: Browser
    token: str

    def get(self, path: str, **asked: str) -> TestResponse:
        return self.browser.client.get(path, query_string=asked)

    def post(self, path: str, **fields: str) -> TestResponse:
        return self.browser.client.post(path, data={"csrf_token": self.token, **fields})


@dataclass(frozen=True, slots=True)
class Visitors:
    """Ada, who owns the clinic, and Ben, who signs notes."""

    ada: Visitor
    ben: Visitor

    def to(self, path: str) -> Visitor:
        """Whoever may use that path."""
        return self.ben if path.endswith(("/sign", "/amend")) else self.ada


@pytest.fixture
def visitors(open_desk: Desk) -> Visitors:
    browsers = [open_desk.browser(one) for one in (open_desk.cast.ada, open_desk.cast.ben)]
    return Visitors(*(Visitor(browser, browser.form_token()) for browser in browsers))


def paths(desk: Desk, method: str, number: str = "1") -> Iterator[str]:
    """Every path of that method, with that number wherever one stands."""
    for one in endpoints(desk.app).values():
        if one.method == method:
            yield re.sub(r"<int:\w+>", number, one.rule).replace("<id>", "97810")


def names_of_fields(desk: Desk, visitors: Visitors) -> set[str]:
    """The fields of every form on any page."""
    shown = (visitors.to(path).get(path).text for path in paths(desk, "GET"))
    return {name for page in shown for name in re.findall(r' name="([\w-]+)"', page)} - {"csrf_token", "form_key"}


@pytest.mark.parametrize("number", [str(2**63), BEYOND_64_BITS])
def test_a_number_that_is_larger_than_any_records_names_nothing(
    open_desk: Desk, visitors: Visitors, number: str
) -> None:
    with_number = [path for path in paths(open_desk, "GET", number) if number in path]

    answers = {path: visitors.to(path).get(path).status_code for path in with_number}

    assert answers
    assert {path: status for path, status in answers.items() if status != 404} == {}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_an_address_that_asks_for_nonsense_is_answered(open_desk: Desk, visitors: Visitors, nonsense: str) -> None:
    asked = dict.fromkeys(ASKED, nonsense)

    answers = {path: visitors.to(path).get(path, **asked).status_code for path in paths(open_desk, "GET")}

    assert {path: status for path, status in answers.items() if status not in ANSWERS} == {}


def test_an_address_with_a_nul_is_refused_in_words(open_desk: Desk) -> None:
    ada = open_desk.browser(open_desk.cast.ada)

    answers = [ada.get(path) for path in ("/patients?letter=%00", "/settings/audit?kind=a%00b", "/settings/fees/%00")]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert all("could not be read" in answer.text for answer in answers)


@pytest.mark.parametrize("typed", TYPED)
def test_a_form_full_of_nonsense_is_answered_and_comes_back_as_plain_text(
    open_desk: Desk, visitors: Visitors, typed: str
) -> None:
    fields = dict.fromkeys(names_of_fields(open_desk, visitors), typed)
    forms = [path for path in paths(open_desk, "POST") if not path.endswith(LEAVING)]

    answers = {path: visitors.to(path).post(path, **fields) for path in forms}

    assert {path: one.status_code for path, one in answers.items() if one.status_code not in ANSWERS} == {}
    assert [path for path, one in answers.items() if "<script>alert(1)" in one.text] == []
    assert [path for path, one in answers.items() if "alert" in one.headers.get("Location", "")] == []


def test_a_strangers_nul_is_turned_away_like_any_wrong_address(open_desk: Desk) -> None:
    stranger = open_desk.stranger()

    answer = stranger.post("/sign-in", email="ada@example.org\0", password=PASSWORD)

    assert answer.status_code == 422
    assert "Traceback" not in answer.text


def test_a_host_that_can_be_none_is_refused_without_a_page(open_desk: Desk) -> None:
    answer = open_desk.browser(open_desk.cast.ada).client.get("/", headers={"Host": "x" * 300})

    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "could not be read" in answer.text


def test_a_file_is_kept_under_a_name_that_can_be_seen(open_desk: Desk) -> None:
    sent = send(open_desk.browser(open_desk.cast.cleo), "/remittances", ("../pay\0ment.835", b"ISA"))

    assert sent.status_code == 303
    with open_desk.database.reading() as db:
        assert [one["name"] for one in db.scalars(select(Errand)).one().facts["files"]] == ["payment.835"]


@pytest.mark.parametrize("elsewhere", ["//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"])
def test_no_way_back_leads_to_another_site(open_desk: Desk, elsewhere: str) -> None:
    ada = open_desk.browser(open_desk.cast.ada)

    led = ada.client.get("/sign-in", query_string={"next": elsewhere})
    back = ada.post("/settings/rooms", name="Elm", next=elsewhere, day=elsewhere, tab=elsewhere, led_to=elsewhere)

    assert (led.location, back.location) == ("/", "/settings/rooms")


def test_of_two_people_who_save_the_same_record_at_the_same_moment_the_second_is_told(open_desk: Desk) -> None:
    browsers = [open_desk.browser(open_desk.cast.fay) for _ in range(2)]
    forms = [filled_from(browser.get("/patients/1/edit").text) for browser in browsers]
    together, statuses = Barrier(2), []

    def save(place: int) -> None:
        with clock.stopped_at(NOON):
            together.wait()
            sent = browsers[place].client.post("/patients/1/edit", data={**forms[place], "city": f"Salem {place}"})
            statuses.append(sent.status_code)

    threads = [Thread(target=save, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303, 422]
    with open_desk.database.reading() as db:
        assert db.get_one(Patient, 1).city.startswith("Salem")


def filled_from(page: str) -> dict[str, str]:
    """The fields of the page's main form as the browser would send them, the boxes unticked."""
    form = page.partition("<main")[2].partition("<form")[2].partition("</form>")[0]
    typed = {
        name: value
        for name, value in re.findall(r'<input[^>]* name="([\w-]+)"[^>]* value="([^"]*)"', form)
        if not name.startswith("flag_")
    }
    return {**typed, "sex": "F"}
