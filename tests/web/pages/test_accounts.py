"""Accounts: who owes what, why, and statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing import clock
from billing.invoices.models import Paper, PaperKind
from billing.operations.models import Errand
from billing.payments.models import PaymentMethod
from billing.payments.taking import take_payment
from billing.reports.accounts_page import ROWS
from billing.sessions.models import BillTo
from tests.factories import make_patient, make_payment
from tests.invoices.payer_on_stage import decide
from tests.payments.desk import charge
from tests.web.desk import Desk, audit_rows
from tests.web.pages.record_stage import ALLOWED, AT, KEY, ON, Stage, open_stage, words
from tests.web.statements import counted


@pytest.fixture(autouse=True)
def april() -> Iterator[None]:
    with clock.stopped_at(AT):
        yield


@pytest.fixture
def stage(desk: Desk) -> Stage:
    return open_stage(desk)


def debtor(stage: Stage, name: str, cents: int, days: int = 10) -> int:
    """Another patient who owes that for a visit so many days ago."""

    def make(db: object) -> int:
        patient = make_patient(db, first_name=name, last_name="Quill")
        charge(db, stage.office.scene.visit(db, ON - timedelta(days=days), patient_id=patient.id), cents)
        return patient.id

    return int(stage.office.write(make))


def test_an_even_clinic_is_told_that_nobody_owes(stage: Stage) -> None:
    browser = stage.front_desk()

    assert "Nobody owes anything" in words(browser.get("/accounts"))
    assert "No patient's money waits here" in words(browser.get("/accounts?view=money"))
    assert "No insurer is waited for" in words(browser.get("/accounts?view=waiting"))


def test_who_owes_is_listed_with_the_age_of_the_debt(stage: Stage) -> None:
    debtor(stage, "Ann", 40_00, days=100)
    debtor(stage, "Bea", 90_00, days=40)

    said = words(stage.front_desk().get("/accounts"))

    assert "Patients owe $130.00 2 patients" in said
    assert "31 to 60 days $90.00" in said
    assert "Over 90 days $40.00" in said
    assert said.index("Quill, Bea $90.00 - $90.00 - -") < said.index("Quill, Ann $40.00 - - - $40.00")


def test_each_amount_leads_to_its_reason_and_to_the_ledger(stage: Stage) -> None:
    ann = debtor(stage, "Ann", 40_00)

    page = stage.front_desk().get("/accounts").text

    assert f'href="/accounts/why/{ann}"' in page
    assert f'href="/patients/{ann}/ledger"' in page


def test_the_order_stands_in_the_address(stage: Stage) -> None:
    debtor(stage, "Ann", 40_00, days=100)
    debtor(stage, "Bea", 90_00, days=40)

    said = words(stage.front_desk().get("/accounts?sort=age"))

    assert said.index("Quill, Ann") < said.index("Quill, Bea")


@pytest.mark.parametrize("address", ["?view=cheese&sort=mice&after=1", "?view=money&sort=age&after=-"])
def test_an_address_that_nobody_made_shows_the_first_page(stage: Stage, address: str) -> None:
    assert stage.front_desk().get(f"/accounts{address}").status_code == 200


def test_a_long_list_goes_on_on_the_next_page(stage: Stage) -> None:
    for number in range(ROWS + 2):
        debtor(stage, f"P{number:03d}", 10_00 + number)

    browser = stage.front_desk()
    first = browser.get("/accounts").text
    address = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = words(browser.get(address))

    assert "Quill, P051" in words(browser.get("/accounts"))
    assert "Quill, P000" in second
    assert "Quill, P051" not in second


def test_the_list_is_filtered_as_one_types_without_a_name_in_the_address(stage: Stage) -> None:
    debtor(stage, "Ann", 40_00)
    debtor(stage, "Bea", 90_00)
    browser = stage.front_desk()
    typed = {"csrf_token": browser.form_token(), "q": "qui an", "view": "owing"}

    whole = browser.client.post("/accounts/find", data=typed)
    part = browser.client.post("/accounts/find", data=typed, headers={"HX-Request": "true"})

    for page in (whole, part):
        assert page.status_code == 200
        assert "Quill, Ann" in page.text
        assert "Quill, Bea" not in page.text
    assert part.text.lstrip().startswith('<div id="accounts-list">')
    found = [row for row in audit_rows(stage.desk.database) if row.action == "accounts searched"]
    assert "an" not in str([row.detail for row in found])


def test_patients_money_is_a_list_of_its_own(stage: Stage) -> None:
    patient_id = stage.patient_id
    stage.office.write(lambda db: take_payment(db, patient_id, 30_00, PaymentMethod.CASH, ON, at=AT))

    browser = stage.front_desk()

    assert "Okoro, Miri $30.00" in words(browser.get("/accounts?view=money"))
    assert "Okoro" not in words(browser.get("/accounts"))


def test_what_waits_for_insurers_is_told_by_payer_and_not_as_a_debt(stage: Stage) -> None:
    stage.office.visit()
    stage.office.bill()

    browser = stage.front_desk()
    said = words(browser.get("/accounts?view=waiting"))

    assert "Insurers are still to decide about $165.00" in said
    assert f"{stage.office.scene.payer.name} $165.00 $0.00 $165.00 $0.00 $0.00 1 Tue 3 Mar 2026" in said
    assert "Nobody owes anything" in words(browser.get("/accounts"))


def test_a_longer_list_asks_no_more_of_the_database(stage: Stage) -> None:
    browser = stage.front_desk()

    def statements() -> int:
        with counted(stage.desk.database) as seen:
            browser.get("/accounts")
        return len(seen)

    debtor(stage, "Ann", 10_00)
    statements()
    once = statements()
    for number in range(12):
        debtor(stage, f"P{number}", 10_00)

    assert statements() == once <= 12


def test_why_walks_a_balance_back_to_the_signed_note(stage: Stage) -> None:
    session = stage.office.visit()
    stage.office.write(lambda db: make_payment(db, session, 20_00))
    stage.office.bill()
    stage.office.write(lambda db: decide(db, session, {1: ALLOWED, 2: [("CO", "45", 20_00)]}, date(2026, 3, 20)))

    page = stage.front_desk().get(f"/accounts/why/{stage.patient_id}")

    said = words(page)
    assert "The patient owes $24.00." in said
    assert "Note version 1, signed by Ben Quill, L.Ac. on Tue 3 Mar 2026 at 18:00." in said
    assert "-$25.00 Fri 20 Mar 2026 CO-45 over fee schedule: nobody owes it" in said
    assert 'href="/payments/1"' in page.text
    assert 'href="/charges/1"' in page.text
    last = audit_rows(stage.desk.database)[-1]
    assert (last.action, last.subject_id) == ("balance explained", str(stage.patient_id))


@pytest.mark.parametrize("about", ["charge:99", "charge:0", "claim:1", "paper:1", "x", "charge:"])
def test_why_of_what_is_not_in_the_patients_books_is_not_there(stage: Stage, about: str) -> None:
    stage.office.visit()
    stage.office.bill()
    other = stage.office.write(lambda db: make_patient(db).id)

    assert stage.front_desk().get(f"/accounts/why/{other}?about={about}").status_code == 404
    assert stage.front_desk().get("/accounts/why/999").status_code == 404


def test_a_charge_is_looked_at_under_its_patients_name_in_the_trail(stage: Stage) -> None:
    stage.office.visit(bill_to=BillTo.SELF)
    stage.office.bill()
    browser = stage.front_desk()

    page = browser.get("/charges/2")

    assert "Charge 2 : 97811" in words(page)
    last = audit_rows(stage.desk.database)[-1]
    assert (last.action, last.subject_kind, last.subject_id) == ("charge viewed", "patient", str(stage.patient_id))
    assert browser.get("/charges/99").status_code == 404


def statements(stage: Stage) -> list[Paper]:
    of_kind = sa.select(Paper).where(Paper.kind == PaperKind.STATEMENT)
    return list(stage.ask(lambda db: db.scalars(of_kind).all()))


def test_one_patients_statement_is_issued_today_and_stands_among_their_papers(stage: Stage) -> None:
    stage.office.visit(bill_to=BillTo.SELF)
    stage.office.bill()
    debtor(stage, "Ann", 40_00)

    answer = stage.send(f"/accounts/{stage.patient_id}/statement")

    (paper,) = statements(stage)
    assert (paper.patient_id, paper.issued_on, paper.total_cents) == (stage.patient_id, ON, 165_00)
    assert answer.location == f"/patients/{stage.patient_id}/papers"
    shown = stage.front_desk().get(answer.location).text
    assert f'href="/papers/{paper.id}"' in shown


def test_a_second_statement_of_the_day_is_the_first(stage: Stage) -> None:
    stage.office.visit(bill_to=BillTo.SELF)
    stage.office.bill()

    for _ in range(2):
        answer = stage.send(f"/accounts/{stage.patient_id}/statement")

    assert answer.status_code == 303
    assert len(statements(stage)) == 1


def test_who_has_nothing_to_be_told_gets_no_statement(stage: Stage) -> None:
    answer = stage.send(f"/accounts/{stage.patient_id}/statement")

    assert answer.status_code == 422
    assert "There is nothing to tell" in words(answer)
    assert statements(stage) == []


def test_statements_for_everybody_are_asked_for_and_can_be_left(stage: Stage) -> None:
    answer = stage.send("/accounts/statements", on=ON.isoformat(), form_key=KEY)
    again = stage.send("/accounts/statements", on=ON.isoformat(), form_key=KEY)

    errand = stage.ask(lambda db: db.scalars(sa.select(Errand)).one())
    assert (errand.kind, errand.facts, errand.asked_by_id) == (
        "statements", {"on": "2026-04-20"}, stage.desk.cast.fay.id
    )  # fmt: skip
    assert answer.location == again.location == f"/errands/{errand.id}"


@pytest.mark.parametrize("on", ["", "2026-04-21", "soon"])
def test_statements_are_not_made_for_a_day_that_is_none(stage: Stage, on: str) -> None:
    debtor(stage, "Ann", 40_00)

    page = stage.send("/accounts/statements", on=on)

    assert page.status_code == 422
    assert 'id="on-error"' in page.text
    assert "Quill, Ann" in page.text
    assert stage.ask(lambda db: db.scalars(sa.select(Errand)).all()) == []


@pytest.mark.parametrize("path", ["/accounts", "/accounts?view=waiting", "/charges/1", "/accounts/why/1"])
def test_a_practitioner_sees_no_accounts(stage: Stage, path: str) -> None:
    stage.office.visit(bill_to=BillTo.SELF)
    stage.office.bill()

    assert stage.practitioner().get(path).status_code == 403
    assert stage.send("/accounts/statements", by=stage.desk.cast.ben, on=ON.isoformat()).status_code == 403
