from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from billing.access.models import Login
from billing.access.users import disable_user
from billing.clock import now, stopped_at
from billing.web.app import create_app
from billing.web.login import COOKIE, way_back
from billing.wiring import Program
from tests.access.cast import PASSWORD, make_cast
from tests.web.desk import Browser, Desk, audit_rows


def sign_in(browser: Browser, email: str = "ben@example.org", password: str = PASSWORD, **more: str) -> int:
    return browser.post("/sign-in", email=email, password=password, **more).status_code


def test_the_right_password_leads_to_the_overview(desk: Desk) -> None:
    browser = desk.stranger()

    answer = browser.post("/sign-in", email=" Ben@Example.org", password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/")
    assert "Ben Strand" in browser.get("/account").text


def test_a_wrong_password_and_an_unknown_address_look_the_same(desk: Desk) -> None:
    known = desk.stranger().post("/sign-in", email="ben@example.org", password="not the password")
    unknown = desk.stranger().post("/sign-in", email="dov@example.org", password="not the password")

    def without_what_was_typed(text: str) -> str:
        lines = text.replace("ben@example.org", "").replace("dov@example.org", "").splitlines()
        return "\n".join(line for line in lines if "csrf_token" not in line and "form_key" not in line)

    assert (known.status_code, unknown.status_code) == (422, 422)
    assert without_what_was_typed(known.text) == without_what_was_typed(unknown.text)
    assert COOKIE not in (known.headers.get("Set-Cookie") or "")


def test_the_form_is_refilled_with_the_address_and_never_with_the_password(desk: Desk) -> None:
    answer = desk.stranger().post("/sign-in", email="ben@example.org", password="not the password")

    assert 'value="ben@example.org"' in answer.text
    assert "not the password" not in answer.text


def test_what_is_typed_into_the_form_is_never_markup(desk: Desk) -> None:
    answer = desk.stranger().post("/sign-in", email='"><script>alert(1)</script>', password="x", next='"><b>')

    assert "<script" not in answer.text
    assert "<b>" not in answer.text


def test_after_five_wrong_passwords_the_right_one_has_to_wait(desk: Desk) -> None:
    browser = desk.stranger()
    wrong = [sign_in(browser, password="not the password") for _ in range(5)]

    at_once = sign_in(browser)
    with stopped_at(now() + timedelta(minutes=1)):
        later = sign_in(browser)

    assert (wrong, at_once, later) == ([422] * 5, 422, 303)


def test_every_try_is_on_record_and_what_was_typed_is_not(desk: Desk) -> None:
    sign_in(desk.stranger(), password="not the password")
    sign_in(desk.stranger(), email="dov@example.org")
    sign_in(desk.stranger())

    rows = audit_rows(desk.database)
    ben = str(desk.cast.ben.id)
    assert [(row.action, row.subject_id, row.detail["outcome"]) for row in rows] == [
        ("sign-in tried", ben, "turned away"),
        ("sign-in tried", "", "turned away"),
        ("sign-in tried", ben, "signed in"),
    ]
    assert {(row.actor_kind, row.actor_id) for row in rows} == {("stranger", "127.0.0.1")}
    assert not any(typed in str(row.detail) for row in rows for typed in ("dov@", "not the password", PASSWORD))


def test_signing_out_ends_the_login_on_the_server_too(desk: Desk) -> None:
    browser = desk.browser(desk.cast.ben)
    kept = browser.client.get_cookie(COOKIE)
    assert kept is not None

    answer = browser.post("/sign-out")

    browser.client.set_cookie(COOKIE, kept.value)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert browser.get("/").status_code == 303


def test_signing_in_again_at_the_same_browser_ends_the_login_before(desk: Desk) -> None:
    browser = desk.browser(desk.cast.ben)

    sign_in(browser, email="cleo@example.org")

    with desk.database.reading() as db:
        ended = {login.user_id: login.ended_at for login in db.scalars(select(Login))}
    assert ended == {desk.cast.ben.id: now(), desk.cast.cleo.id: None}


def test_a_disabled_person_is_out_at_the_next_click(desk: Desk) -> None:
    browser = desk.browser(desk.cast.fay)
    with desk.database.transaction() as db:
        disable_user(db, desk.cast.fay.id, now())

    assert browser.get("/").status_code == 303
    assert sign_in(browser, email="fay@example.org") == 422


def test_a_made_up_token_opens_nothing(desk: Desk) -> None:
    browser = desk.stranger()
    browser.client.set_cookie(COOKIE, "x" * 43)

    assert browser.get("/account").status_code == 303


def test_a_stranger_is_led_back_to_the_page_wanted(desk: Desk) -> None:
    browser = desk.stranger()

    asked = browser.get("/account?tab=1")
    answer = browser.post("/sign-in", email="ben@example.org", password=PASSWORD, next="/account?tab=1")

    assert asked.location == "/sign-in?next=%2Faccount%3Ftab%3D1"
    assert answer.location == "/account?tab=1"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "",
     "/sign-in?next=/", "/\t/evil.example", "/\n/evil.example"],
)  # fmt: skip
def test_nobody_is_led_to_another_site_or_round_in_circles(elsewhere: str) -> None:
    assert way_back(elsewhere) == "/"


def test_whoever_is_signed_in_is_led_on_from_the_sign_in_page(desk: Desk) -> None:
    answer = desk.browser(desk.cast.ben).get("/sign-in?next=/account")

    assert (answer.status_code, answer.location) == (303, "/account")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk) -> None:
    answer = desk.stranger().post("/sign-in", email="ben@example.org", password=PASSWORD)

    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert not {"Secure", "Domain", "Expires", "Max-Age"} & {part.split("=")[0] for part in cookie.split("; ")}


def test_over_https_cookies_are_marked_secure(program: Program) -> None:
    secure = Program(program.settings.model_copy(update={"secure_cookies": True}))
    desk = Desk(create_app(secure), secure.database, make_cast(secure.database))
    client = desk.app.test_client()
    https = {"base_url": "https://desk.example.org", "headers": {"Referer": "https://desk.example.org/sign-in"}}
    page = client.get("/sign-in", base_url=https["base_url"])
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]

    answer = client.post(
        "/sign-in", data={"csrf_token": token, "email": "ben@example.org", "password": PASSWORD}, **https
    )

    cookies = [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    assert answer.status_code == 303
    assert len(cookies) >= 2
    assert all("; Secure" in cookie for cookie in cookies)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    secure.database.close()
