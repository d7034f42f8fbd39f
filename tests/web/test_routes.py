"""Every route of the desk against every role and a stranger."""

from __future__ import annotations

import pytest

from billing.access.permissions import Role
from billing.web.endpoint import endpoints
from tests.factories import set_scene
from tests.web.desk import Browser, Desk, audit_rows, contents

STRANGER = "stranger"
EVERYONE = "owner practitioner biller front_desk"
ANYBODY = f"{EVERYONE} {STRANGER}"
BOOKING = "owner practitioner front_desk"
MONEY = "owner biller front_desk"
PAYERS = "owner biller"
CHART = "owner practitioner"
SIGNS = "practitioner"
OWNER = "owner"

OPEN_TO: dict[str, tuple[str, ...]] = {
    ANYBODY: (
        "GET /healthz",
        "GET /sign-in",
        "POST /sign-in",
        "GET /v/<token>",
        "GET /v/<token>/cancel",
        "POST /v/<token>/cancel",
        "POST /v/<token>/confirm",
        "GET /v/<token>/stop",
        "POST /v/<token>/stop",
    ),
    EVERYONE: (
        "GET /",
        "GET /account",
        "POST /account/password",
        "POST /account/sign-out-elsewhere",
        "GET /authorisations/<int:id>",
        "POST /authorisations/<int:id>",
        "GET /benefits/<int:id>",
        "POST /benefits/<int:id>/take-limit",
        "GET /calendar",
        "GET /coverage",
        "POST /coverage/answers/<int:id>/apply",
        "POST /coverage/answers/<int:id>/facts",
        "POST /coverage/answers/<int:id>/take-back",
        "POST /coverage/check",
        "GET /coverage/questions/<int:id>",
        "GET /day-sheet",
        "GET /documents/<int:id>",
        "GET /errands",
        "GET /errands/<int:id>",
        "POST /errands/<int:id>/again",
        "GET /estimates",
        "GET /estimates/<int:id>",
        "POST /estimates/<int:id>/acknowledge",
        "POST /estimates/<int:id>/copy",
        "POST /estimates/<int:id>/deliver",
        "GET /estimates/<int:id>/paper",
        "POST /estimate-requests/<int:id>/withdraw",
        "GET /follow-ups",
        "GET /licences",
        "GET /licences/<int:id>",
        "GET /papers/<int:id>",
        "GET /patients",
        "POST /patients",
        "GET /patients/<int:id>",
        "POST /patients/<int:id>/authorisations",
        "GET /patients/<int:id>/authorisations/new",
        "GET /patients/<int:id>/benefits/<int:payer_id>",
        "GET /patients/<int:id>/coverage",
        "POST /patients/<int:id>/benefits/<int:payer_id>",
        "GET /patients/<int:id>/edit",
        "POST /patients/<int:id>/edit",
        "GET /patients/<int:id>/course",
        "GET /patients/<int:id>/estimates",
        "POST /patients/<int:id>/estimates/asked",
        "GET /patients/<int:id>/estimates/new",
        "POST /patients/<int:id>/estimates/new",
        "GET /patients/<int:id>/history",
        "GET /patients/<int:id>/messages",
        "POST /patients/<int:id>/messages/resume",
        "POST /patients/<int:id>/messages/stop",
        "GET /patients/<int:id>/papers",
        "GET /patients/<int:id>/plan",
        "POST /patients/<int:id>/policies",
        "GET /patients/<int:id>/policies/new",
        "GET /patients/<int:id>/sessions",
        "POST /patients/find",
        "GET /patients/new",
        "GET /policies/<int:id>",
        "POST /policies/<int:id>",
        "POST /policies/<int:id>/check",
        "GET /policies/<int:id>/end",
        "POST /policies/<int:id>/end",
        "POST /search",
        "GET /reminders",
        "GET /reminders/<int:id>",
        "POST /reminders/<int:id>/again",
        "GET /sessions/<int:id>",
        "GET /sessions/<int:id>/billing",
        "POST /sessions/<int:id>/billing",
        "GET /settings/start",
        "POST /sign-out",
        "GET /still-here",
    ),
    BOOKING: (
        "GET /calendar/book",
        "POST /calendar/find",
        "POST /calendar/look",
        "POST /patients/<int:id>/plan",
        "POST /patients/<int:id>/plan/end",
        "POST /patients/<int:id>/plan/sessions",
        "POST /sessions",
        "POST /sessions/<int:id>/arrive",
        "POST /sessions/<int:id>/begin",
        "POST /sessions/<int:id>/cancel",
        "GET /sessions/<int:id>/move",
        "POST /sessions/<int:id>/move",
        "POST /sessions/<int:id>/next",
        "POST /sessions/<int:id>/no-show",
        "POST /sessions/<int:id>/rebook",
        "POST /sessions/<int:id>/room",
        "POST /sessions/<int:id>/undo-arrival",
    ),
    MONEY: (
        "GET /estimates/accuracy",
        "GET /accounts",
        "POST /accounts/<int:id>/statement",
        "POST /accounts/find",
        "POST /accounts/statements",
        "GET /accounts/why/<int:id>",
        "GET /charges/<int:id>",
        "GET /claims",
        "GET /claims/<int:id>",
        "POST /claims/<int:id>/check",
        "POST /claims/<int:id>/close",
        "GET /claims/<int:id>/form.pdf",
        "POST /claims/<int:id>/found",
        "POST /claims/<int:id>/missed",
        "POST /claims/<int:id>/refile",
        "GET /claims/<int:id>/x12",
        "POST /claims/file",
        "POST /claims/print",
        "GET /patients/<int:id>/ledger",
        "GET /patients/<int:id>/payment",
        "POST /patients/<int:id>/payment",
        "GET /payments/<int:id>",
        "POST /payments/<int:id>/receipt",
        "POST /payments/<int:id>/refund",
        "GET /sessions/<int:id>/checkout",
        "POST /sessions/<int:id>/leave",
        "POST /sessions/<int:id>/papers",
        "POST /sessions/<int:id>/payment",
    ),
    PAYERS: (
        "GET /by-itself",
        "GET /remittances",
        "POST /remittances",
        "GET /remittances/<int:id>",
        "POST /remittances/<int:id>/retry",
        "GET /remittances/answers/<int:id>",
        "GET /remittances/files/<int:id>",
        "POST /remittances/inbox",
    ),
    CHART: (
        "POST /sessions/<int:id>/chart",
        "POST /sessions/<int:id>/preview",
    ),
    SIGNS: (
        "GET /sessions/<int:id>/amend",
        "POST /sessions/<int:id>/amend",
        "POST /sessions/<int:id>/sign",
    ),
    OWNER: (
        "POST /estimates/<int:id>/let-pass",
        "GET /design",
        "GET /import",
        "POST /import",
        "GET /import/<int:id>",
        "POST /import/<int:id>/bring-in",
        "GET /import/<int:id>/refused.csv",
        "POST /licences",
        "GET /licences/<int:id>/correct",
        "POST /licences/<int:id>/correct",
        "POST /licences/<int:id>/evidence",
        "GET /licences/<int:id>/lift",
        "POST /licences/<int:id>/lift",
        "GET /licences/<int:id>/renew",
        "POST /licences/<int:id>/renew",
        "GET /licences/<int:id>/scope",
        "POST /licences/<int:id>/scope",
        "GET /licences/<int:id>/suspend",
        "POST /licences/<int:id>/suspend",
        "GET /licences/new",
        "GET /settings/audit",
        "GET /settings/by-itself",
        "POST /settings/by-itself",
        "GET /settings/clinic",
        "POST /settings/clinic",
        "GET /settings/education/<int:id>",
        "POST /settings/education/<int:id>",
        "POST /settings/education/<int:id>/remove",
        "GET /settings/enrolments/<int:id>",
        "POST /settings/enrolments/<int:id>",
        "GET /settings/fees",
        "POST /settings/fees",
        "GET /settings/fees/<id>",
        "POST /settings/fees/<id>",
        "POST /settings/fees/<id>/take-back",
        "GET /settings/fees/new",
        "GET /settings/payers",
        "POST /settings/payers",
        "GET /settings/payers/<int:id>",
        "POST /settings/payers/<int:id>",
        "GET /settings/payers/new",
        "GET /settings/people",
        "POST /settings/people",
        "GET /settings/people/<int:id>",
        "POST /settings/people/<int:id>",
        "GET /settings/people/<int:id>/account",
        "POST /settings/people/<int:id>/account",
        "GET /settings/people/<int:id>/education",
        "POST /settings/people/<int:id>/education",
        "POST /settings/people/<int:id>/enrolments",
        "GET /settings/people/<int:id>/enrolments/new",
        "POST /settings/people/<int:id>/supervision",
        "GET /settings/people/<int:id>/supervision/new",
        "GET /settings/people/new",
        "POST /settings/places",
        "GET /settings/places/<int:id>",
        "POST /settings/places/<int:id>",
        "GET /settings/places/new",
        "GET /settings/code-sets",
        "POST /settings/code-sets",
        "GET /settings/code-sets/<id>",
        "GET /settings/rule-packs",
        "POST /settings/rule-packs",
        "GET /settings/rule-packs/<id>",
        "POST /settings/rule-packs/<id>",
        "POST /settings/rule-packs/<id>/bench",
        "GET /settings/rule-packs/<id>/form",
        "POST /settings/rule-packs/<id>/form",
        "POST /settings/rule-packs/<id>/withdraw",
        "GET /settings/rule-packs/new",
        "POST /settings/rule-packs/payers",
        "GET /settings/rooms",
        "POST /settings/rooms",
        "POST /settings/rooms/<int:id>",
        "POST /settings/rooms/<int:id>/close",
        "POST /settings/rooms/<int:id>/open",
        "POST /settings/rooms/<int:id>/place",
        "GET /settings/supervision/<int:id>",
        "POST /settings/supervision/<int:id>",
        "GET /settings/users",
        "POST /settings/users",
        "GET /settings/users/<int:id>",
        "POST /settings/users/<int:id>/disable",
        "POST /settings/users/<int:id>/enable",
        "POST /settings/users/<int:id>/password",
        "POST /settings/users/<int:id>/role",
        "POST /settings/users/<int:id>/sign-out",
    ),
}
"""The routes by who may use them."""
MAY = {route: who for who, routes in OPEN_TO.items() for route in routes}
WHO = [*(role.value for role in Role), STRANGER]
BY_LINK = "/v/<token>"
"""A private link is its own proof: mail programs post to it without ever having seen a page of ours."""
FORMS = [route for route in MAY if route.startswith("POST") and BY_LINK not in route]


@pytest.fixture
def open_desk(desk: Desk) -> Desk:
    """A desk with a clinic in which there is something to look at, and to spoil."""
    with desk.database.transaction() as db:
        set_scene(db).visit(db)
    return desk


def browser_of(desk: Desk, who: str) -> Browser:
    return desk.stranger() if who == STRANGER else desk.browser(desk.cast.of(Role(who)))


def parted(route: str) -> tuple[str, str]:
    """A route's method, and its path with the first record of whatever it names."""
    method, rule = route.split()
    return method, rule.replace("<int:id>", "1").replace("<int:payer_id>", "1").replace("<id>", "97810").replace(
        "<token>", "AQ"
    )


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
def test_a_route_that_is_not_for_somebody_refuses_them_and_changes_nothing(open_desk: Desk, who: str) -> None:
    browser = browser_of(open_desk, who)
    token = browser.form_token()
    before = contents(open_desk.database, without="audit_entry")
    closed = [route for route, open_to in MAY.items() if who not in open_to.split()]
    wrong = []

    for route in closed:
        method, path = parted(route)
        answer = browser.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        as_expected = (
            answer.status_code == 403
            if who != STRANGER
            else answer.status_code == 401
            if method == "POST"
            else answer.status_code == 303 and answer.location.split("?")[0] == "/sign-in"
        )
        if not as_expected:
            wrong.append(f"{route}: {answer.status_code}")

    assert wrong == []
    assert contents(open_desk.database, without="audit_entry") == before
    refusals = [row for row in audit_rows(open_desk.database) if row.action == "refused"]
    assert len(refusals) == (0 if who == STRANGER else len(closed))


@pytest.mark.parametrize("who", WHO)
def test_a_route_that_is_for_somebody_answers_them_whatever_is_sent(open_desk: Desk, who: str) -> None:
    wrong = []

    for route, open_to in MAY.items():
        if who in open_to.split():
            browser = browser_of(open_desk, who)
            method, path = parted(route)
            data = {"csrf_token": browser.form_token()} if method == "POST" else None
            answer = browser.client.open(path, method=method, data=data)
            if answer.status_code not in (200, 204, 303, 404, 409, 422):
                wrong.append(f"{route}: {answer.status_code}")

    assert wrong == []


def test_a_form_without_its_token_is_refused_and_changes_nothing(open_desk: Desk) -> None:
    browser = open_desk.browser(open_desk.cast.ada)
    before = contents(open_desk.database)

    answers = {route: browser.client.post(parted(route)[1], data={"email": "ada@example.org"}) for route in FORMS}

    assert {route for route, answer in answers.items() if answer.status_code != 400} == set()
    assert all("This form is out of date" in answer.text for answer in answers.values())
    assert contents(open_desk.database) == before


def test_the_token_of_one_browser_is_no_good_in_another(desk: Desk) -> None:
    stolen = desk.browser(desk.cast.ben).form_token()
    adas = desk.browser(desk.cast.ada)
    adas.form_token()

    answer = adas.client.post("/sign-out", data={"csrf_token": stolen})

    assert answer.status_code == 400
    assert adas.get("/account").status_code == 200
