"""Prices, in the settings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from billing.charges.models import Fee
from billing.wiring import Program
from tests.claims.office import Office
from tests.factories import make_clinic, make_fee
from tests.web.desk import Browser, Desk, audit_rows
from tests.web.pages.claims_stage import office_behind
from tests.web.pages.settings_stage import KEY, after, error_at, mark_on, send, words
from tests.web.statements import counted

FEES = "/settings/fees"
TO_COME = date(2026, 7, 1)


@pytest.fixture
def office(desk: Desk, program: Program) -> Office:
    return office_behind(desk, program)


@pytest.fixture
def ada(desk: Desk) -> Browser:
    return desk.browser(desk.cast.ada)


def prices(desk: Desk, code: str = "97810") -> list[tuple[date, int, int | None]]:
    with desk.database.reading() as db:
        rows = db.scalars(select(Fee).where(Fee.code == code).order_by(Fee.effective_from, Fee.id))
        return [(fee.effective_from, fee.cents, fee.payer_id) for fee in rows]


def add(ada: Browser, code: str = "97810", **fields: Any) -> Any:
    cells = {"payer": "", "amount": "98.00", "effective_from": "2026-07-01", **fields}
    return send(ada, f"{FEES}/{code}", f"{FEES}/{code}", **cells)


def test_an_empty_clinic_is_asked_for_its_first_code(desk: Desk, ada: Browser) -> None:
    with desk.database.transaction() as db:
        make_clinic(db)
    assert "No fees yet" in words(ada.get(FEES))

    answer = send(
        ada, f"{FEES}/new", FEES, code=" 97810 ", payer="", amount="$95", effective_from="2026-01-01",
        form_key=KEY,
    )  # fmt: skip

    assert "Holds today" in after(ada, answer)
    assert prices(desk) == [(date(2026, 1, 1), 95_00, None)]


def test_the_list_shows_labels_prices_and_a_contract_beside_them(desk: Desk, ada: Browser, office: Office) -> None:
    payer = office.scene.payer
    office.write(lambda db: make_fee(db, "97810", 62_00, payer_id=payer.id))
    office.write(lambda db: make_fee(db, "97810", 99_00, effective_from=TO_COME))
    browser = ada
    browser.get(FEES)

    with counted(desk.database) as statements:
        page = words(browser.get(f"{FEES}?payer={payer.id}"))

    assert "97810 Acupuncture, first 15 min $95.00 1 Jan 2020 $99.00 from 1 Jul 2026 $62.00" in page
    assert len(statements) <= 12


def test_a_price_follows_from_a_day_on(desk: Desk, ada: Browser, office: Office) -> None:
    page = after(ada, add(ada))

    assert "To come" in page
    assert prices(desk) == [(date(2020, 1, 1), 95_00, None), (TO_COME, 98_00, None)]
    row = next(row for row in audit_rows(desk.database) if row.action == "price added")
    assert (row.subject_id, row.detail["cents"], row.detail["effective_from"]) == ("97810", 98_00, "2026-07-01")


def test_what_a_contract_allows_is_set_for_its_payer(desk: Desk, ada: Browser, office: Office) -> None:
    payer = office.scene.payer

    page = after(ada, add(ada, payer=str(payer.id), amount="62.50", effective_from="2026-01-01"))

    assert f"{payer.name} 1 Jan 2026 $62.50 Holds today" in page
    assert (date(2026, 1, 1), 62_50, payer.id) in prices(desk)


def test_a_price_that_touches_charged_sessions_is_asked_about(desk: Desk, ada: Browser, office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    office.visit()
    office.bill()

    asked = add(ada, effective_from="2026-03-01")
    done = ada.post(
        f"{FEES}/97810", seen=mark_on(asked), payer="", amount="98.00", effective_from="2026-03-01",
        charged_is_meant="yes",
    )  # fmt: skip

    assert asked.status_code == 422
    assert "Tick the box if this is meant" in error_at(asked, "charged_is_meant")
    assert 'value="98.00"' in asked.text
    assert "charged anew" in after(ada, done)


def test_an_unknown_code_is_asked_about(desk: Desk, ada: Browser, office: Office) -> None:
    fields = {"code": "cupping", "payer": "", "amount": "25", "effective_from": "2026-01-01"}

    asked = send(ada, f"{FEES}/new", FEES, **fields)
    done = ada.post(FEES, own_code_is_meant="yes", **fields)

    assert "knows no code CUPPING" in error_at(asked, "own_code_is_meant")
    assert done.location == f"{FEES}/CUPPING"
    assert prices(desk, "CUPPING") == [(date(2026, 1, 1), 25_00, None)]


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"amount": "a lot"}, "amount", "not an amount"),
        ({"amount": "95.00"}, "amount", "the price that holds"),
        ({"effective_from": "2020-01-01"}, "effective_from", "holds from Wed 1 Jan 2020 already"),
        ({"payer": "999"}, "payer", "cannot be chosen"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    desk: Desk, ada: Browser, office: Office, fields: dict[str, str], field: str, says: str
) -> None:
    answer = add(ada, **fields)

    assert answer.status_code == 422
    assert says in error_at(answer, field)
    assert len(prices(desk)) == 1


def test_a_price_to_come_is_taken_back(desk: Desk, ada: Browser, office: Office) -> None:
    fee = office.write(lambda db: make_fee(db, "97810", 99_00, effective_from=TO_COME))

    answer = ada.post(f"{FEES}/97810/take-back", price=str(fee.id), form_key=KEY)

    assert "taken back" in after(ada, answer)
    assert len(prices(desk)) == 1
    row = next(row for row in audit_rows(desk.database) if row.action == "price taken back")
    assert (row.detail["cents"], row.detail["effective_from"]) == (99_00, "2026-07-01")


def test_a_price_that_was_charged_or_of_another_code_is_not_taken_back(
    desk: Desk, ada: Browser, office: Office
) -> None:
    office.visit()
    office.bill()
    with desk.database.reading() as db:
        ids = dict(db.execute(select(Fee.code, Fee.id)).all())

    charged = ada.post(f"{FEES}/97810/take-back", price=str(ids["97810"]))
    foreign = ada.post(f"{FEES}/97810/take-back", price=str(ids["97140"]))

    assert (charged.status_code, foreign.status_code) == (422, 422)
    assert "1 session has been charged" in words(charged)
    assert (len(prices(desk)), len(prices(desk, "97140"))) == (1, 1)


def test_a_page_that_has_been_overtaken_adds_nothing(desk: Desk, ada: Browser, office: Office) -> None:
    browser = ada
    mark = mark_on(browser.get(f"{FEES}/97810"))
    add(ada)

    answer = browser.post(f"{FEES}/97810", seen=mark, payer="", amount="97.00", effective_from="2026-08-01")

    assert "Somebody changed this" in words(answer)
    assert len(prices(desk)) == 2


def test_a_code_without_a_price_can_be_given_one_where_a_problem_leads(
    desk: Desk, ada: Browser, office: Office
) -> None:
    assert "No price yet" in words(ada.get(f"{FEES}/97110"))

    assert add(ada, "97110", amount="60.00", effective_from="2026-01-01").status_code == 303
    assert ada.get(f"{FEES}/no such code").status_code == 404


def test_only_an_owner_may(desk: Desk, office: Office) -> None:
    for who in (desk.cast.ben, desk.cast.cleo, desk.cast.fay):
        browser = desk.browser(who)

        assert browser.get(FEES).status_code == 403
        assert browser.post(f"{FEES}/97810", amount="1").status_code == 403
    assert len(prices(desk)) == 1
