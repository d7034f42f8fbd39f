"""Every route of the desk against every role and a stranger."""

from __future__ import annotations

import pytest

from billing.access.permissions import Role
from billing.web.endpoint import endpoints
from tests.web.desk import Browser, Desk, contents

EVERYONE_SIGNED_IN = "owner practitioner biller front_desk"
ANYONE = f"{EVERYONE_SIGNED_IN} stranger"
MAY = {
    "GET /": EVERYONE_SIGNED_IN,
    "GET /account": EVERYONE_SIGNED_IN,
    "POST /account/password": EVERYONE_SIGNED_IN,
    "POST /account/sign-out-elsewhere": EVERYONE_SIGNED_IN,
    "GET /sign-in": ANYONE,
    "POST /sign-in": ANYONE,
    "POST /sign-out": EVERYONE_SIGNED_IN,
    "GET /healthz": ANYONE,
}
WHO = [*(role.value for role in Role), "stranger"]


def browser_of(desk: Desk, who: str) -> Browser:
    return desk.stranger() if who == "stranger" else desk.browser(desk.cast.of(Role(who)))


def test_every_route_is_declared_and_in_the_table_of_this_test(desk: Desk) -> None:
    declared = endpoints(desk.app)

    routes = {
        f"{method} {rule.rule}"
        for rule in desk.app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert routes == set(MAY)
    assert {f"{one.method} {one.rule}" for one in declared.values()} == routes


def test_every_form_leaves_an_audit_row(desk: Desk) -> None:
    unaudited = [one.rule for one in endpoints(desk.app).values() if one.method == "POST" and not one.audit]

    assert unaudited == []


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("route", MAY)
def test_a_route_is_open_to_those_it_names_and_changes_nothing_for_others(desk: Desk, route: str, who: str) -> None:
    browser = browser_of(desk, who)
    token = browser.form_token()
    method, path = route.split()
    before = contents(desk.database)

    answer = browser.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)

    if who in MAY[route].split():
        assert answer.status_code in (200, 303, 422)
        assert not (answer.status_code == 303 and method == "GET" and path != "/sign-in")
    elif method == "GET":
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in")
        assert contents(desk.database) == before
    else:
        assert answer.status_code == 401
        assert contents(desk.database) == before


@pytest.mark.parametrize("route", [route for route in MAY if route.startswith("POST")])
def test_a_form_without_its_token_is_refused_and_changes_nothing(desk: Desk, route: str) -> None:
    browser = desk.browser(desk.cast.ada)
    before = contents(desk.database)

    answer = browser.client.post(route.split()[1], data={"email": "ada@example.org"})

    assert answer.status_code == 400
    assert "This form is out of date" in answer.text
    assert contents(desk.database) == before


def test_the_token_of_one_browser_is_no_good_in_another(desk: Desk) -> None:
    stolen = desk.browser(desk.cast.ben).form_token()
    adas = desk.browser(desk.cast.ada)
    adas.form_token()

    answer = adas.client.post("/sign-out", data={"csrf_token": stolen})

    assert answer.status_code == 400
    assert adas.get("/").status_code == 200
