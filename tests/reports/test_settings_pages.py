"""People, payers and prices as the settings list them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.database import Database
from billing.practitioners.accounts import link_account
from billing.reports.fees_page import fee_page, fees_page
from billing.reports.payers_page import Usage, enrolled_with, payers_page, usage_of
from billing.reports.people_page import accounts_to_choose, people, sessions_after_leaving
from billing.sessions.lifecycle import SessionState
from tests.access.cast import make_cast
from tests.claims.office import Office, open_office
from tests.factories import DAY, make_fee, make_payer, make_practitioner
from tests.web.statements import counted

TODAY = date(2026, 3, 31)


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def test_a_person_is_shown_with_licence_number_account_and_payers(office: Office) -> None:
    cast = make_cast(office.database)
    office.write(lambda db: link_account(db, office.scene.practitioner.id, cast.ben.id))

    with office.database.reading() as db:
        (ben,) = people(db, office.scene.clinic, TODAY)

    assert (list(ben.licence), list(ben.npi), ben.payers, ben.has_left) == ([], [], 1, False)
    assert ben.account is not None
    assert ben.account.email == "ben@example.org"


def test_what_a_person_lacks_is_told(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=TODAY - timedelta(days=1))
    office.edit(office.scene.practitioner, npi=None)
    office.edit(office.scene.enrolment, effective_to=TODAY - timedelta(days=1))

    with office.database.reading() as db:
        (ben,) = people(db, office.scene.clinic, TODAY)

    assert [one.rule for one in (*ben.licence, *ben.npi)] == ["licence.lapsed", "npi.invalid"]
    assert (ben.account, ben.payers) == (None, 0)


def test_who_has_left_stands_last(office: Office) -> None:
    office.edit(office.scene.practitioner, left_on=TODAY)
    office.write(lambda db: make_practitioner(db, last_name="Zwart"))

    with office.database.reading() as db:
        names = [one.practitioner.last_name for one in people(db, office.scene.clinic, TODAY)]

    assert names == ["Zwart", "Quill"]


def test_sessions_booked_after_somebody_left_are_counted(office: Office) -> None:
    ben = office.scene.practitioner
    for days in (-1, 0, 1):
        office.visit(TODAY + timedelta(days=days), state=SessionState.BOOKED)

    with office.database.reading() as db:
        assert sessions_after_leaving(db, ben) == 0
    office.edit(ben, left_on=TODAY)
    ben.left_on = TODAY
    with office.database.reading() as db:
        assert sessions_after_leaving(db, ben) == 2


def test_only_free_accounts_that_sign_can_be_chosen(office: Office) -> None:
    cast = make_cast(office.database)
    ben, ida = office.scene.practitioner, office.write(make_practitioner)

    with office.database.reading() as db:
        assert [one.id for one in accounts_to_choose(db, ida.id)] == [cast.ben.id]
    office.write(lambda db: link_account(db, ben.id, cast.ben.id))
    with office.database.reading() as db:
        assert accounts_to_choose(db, ida.id) == []
        assert [one.id for one in accounts_to_choose(db, ben.id)] == [cast.ben.id]


def test_a_payer_is_shown_with_how_much_it_is_used(database: Database) -> None:
    office = open_office(database)
    for day in (3, 10):
        office.visit(date(2026, 3, day))
    office.bill()
    idle = office.write(lambda db: make_payer(db, name="Zenith"))
    office.write(lambda db: make_fee(db, "97810", 60_00, payer_id=office.scene.payer.id))

    with office.database.reading() as db:
        rows = payers_page(db, TODAY)
        enrolled = enrolled_with(db, office.scene.payer.id)
        alone = usage_of(db, office.scene.payer.id, TODAY)

    assert [row.usage for row in rows] == [Usage(2, 1, 1, 1), Usage()]
    assert alone == rows[0].usage
    assert [row.payer.id for row in rows] == [office.scene.payer.id, idle.id]
    assert [person.id for _, person in enrolled] == [office.scene.practitioner.id]


def test_a_code_shows_what_holds_what_follows_and_what_was_charged(office: Office) -> None:
    office.visit()
    office.bill()
    payer = office.scene.payer
    office.write(lambda db: make_fee(db, "97810", 99_00, effective_from=TODAY + timedelta(days=1)))
    office.write(lambda db: make_fee(db, "97810", 60_00, payer_id=payer.id))

    with office.database.reading() as db:
        found, _ = fee_page(db, "97810", TODAY)

    to_come, now = found.standard.prices
    assert (to_come.is_to_come, to_come.sessions, to_come.can_be_taken_back) == (True, 0, True)
    assert (now.is_now, now.sessions, now.can_be_taken_back) == (True, 1, False)
    assert now.until == TODAY + timedelta(days=1)
    assert (found.standard.now, found.standard.following) == (now, to_come)
    theirs = found.of(payer.id)
    assert theirs is not None
    assert [price.fee.cents for price in theirs.prices] == [60_00]
    assert found.label.startswith("Acupuncture")


def test_a_code_without_a_price_has_an_empty_page(office: Office) -> None:
    with office.database.reading() as db:
        found, _ = fee_page(db, "CUPPING", DAY)

    assert (found.label, list(found.standard.prices), list(found.contracts)) == ("CUPPING", [], [])


def test_the_price_list_asks_the_same_however_long_it_is(office: Office) -> None:
    with office.database.reading() as db, counted(office.database) as few:
        rows, _ = fees_page(db, TODAY)
    for number in range(5):
        payer = office.write(make_payer)
        office.write(lambda db, code=f"OWN-{number}", payer_id=payer.id: make_fee(db, code, 10_00, payer_id=payer_id))

    with office.database.reading() as db, counted(office.database) as many:
        longer, _ = fees_page(db, TODAY)

    assert len(longer) == len(rows) + 5
    assert len(few) == len(many) == 2
