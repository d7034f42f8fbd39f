"""What a session says of who pays and why is kept right until something was billed with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.codes.places import places_on
from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.sessions.billing_details import BillingDetails, billing_details_of, set_billing_details
from billing.sessions.models import AccidentKind, BillTo, ClinicSession
from tests.factories import DAY, an_npi, make_physician, make_session, set_scene

WORK = AccidentKind.WORK
AUTO = AccidentKind.AUTO


def a_session(db: Db, *, currency: str = "USD", zone: str = "America/Los_Angeles") -> ClinicSession:
    scene = set_scene(db)
    scene.clinic.currency, scene.clinic.time_zone = currency, zone
    return make_session(db, scene.patient, scene.practitioner)


def fields_refused(db: Db, session: ClinicSession, **changes: object) -> list[str]:
    before = billing_details_of(session)
    with pytest.raises(Refused) as refused:
        set_billing_details(db, session.id, replace(before, **changes))
    assert billing_details_of(session) == before
    return [one.where.removeprefix("field:") for one in refused.value.problems]


def test_everything_the_desk_types_is_kept_and_told_as_changed(database: Database) -> None:
    with database.transaction() as db:
        session = a_session(db)
        supervisor = make_physician(db)
        details = BillingDetails(
            BillTo.SUPERBILL, "12", supervisor.id, DAY - timedelta(days=9), AUTO, "OR", "C-77", an_npi(5), "Ana Reyes"
        )

        changed = set_billing_details(db, session.id, details)
        db.expire_all()

        assert billing_details_of(session) == details
        assert set(changed) == {
            "bill_to", "place_of_service", "supervising_id", "onset_on", "accident", "accident_state",
            "claim_number", "referring_npi", "referring_name",
        }  # fmt: skip


def test_what_is_emptied_is_kept_as_nothing_at_all(database: Database) -> None:
    with database.transaction() as db:
        session = a_session(db)
        set_billing_details(db, session.id, BillingDetails(BillTo.SELF, accident=WORK, claim_number="C-77"))

        changed = set_billing_details(db, session.id, BillingDetails(BillTo.SELF))
        db.expire_all()

        assert (session.accident, session.claim_number) == (None, None)
        assert changed == ["accident", "claim_number"]


def test_the_same_again_changes_nothing(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        session = a_session(db)

        assert set_billing_details(db, session.id, billing_details_of(session)) == []


def test_blanks_and_small_letters_are_put_right(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        session = a_session(db)
        typed = BillingDetails(
            BillTo.INSURANCE, onset_on=DAY, accident=AUTO, accident_state=" or ", claim_number=" C  77 ",
            referring_name="  Ana   Reyes ",
        )  # fmt: skip

        set_billing_details(db, session.id, typed)

        kept = billing_details_of(session)
        assert (kept.accident_state, kept.claim_number, kept.referring_name) == ("OR", "C 77", "Ana Reyes")


def test_each_mistake_is_told_at_its_field(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        session = a_session(db)
        own = session.practitioner_id
        gone = make_physician(db, left_on=DAY)

        assert fields_refused(db, session, accident=AUTO) == ["accident_state"]
        assert fields_refused(db, session, accident=AUTO, accident_state="XX") == ["accident_state"]
        assert fields_refused(db, session, accident=WORK, accident_state="OR") == ["accident_state"]
        assert fields_refused(db, session, onset_on=DAY + timedelta(days=1)) == ["onset_on"]
        assert fields_refused(db, session, place_of_service="1") == ["place_of_service"]
        assert fields_refused(db, session, place_of_service="00") == ["place_of_service"]
        assert fields_refused(db, session, supervising_id=own) == ["supervising_id"]
        assert fields_refused(db, session, supervising_id=gone.id) == ["supervising_id"]
        assert fields_refused(db, session, supervising_id=987654) == ["supervising_id"]
        assert fields_refused(db, session, referring_name="Ana Reyes", referring_npi="1234567890") == ["referring_npi"]
        assert fields_refused(db, session, referring_npi=an_npi(5)) == ["referring_name"]
        assert fields_refused(db, session, referring_name="Ана") == ["referring_name"]
        assert fields_refused(db, session, claim_number="C*77") == ["claim_number"]


def test_all_mistakes_are_told_at_once(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        session = a_session(db)

        wrong = fields_refused(
            db, session, accident=AUTO, onset_on=DAY + timedelta(days=1), place_of_service="XX", referring_npi="12",
            supervising_id=session.practitioner_id,
        )  # fmt: skip

        expected = {"accident_state", "onset_on", "place_of_service", "referring_npi", "referring_name"}
        assert set(wrong) == expected | {"supervising_id"}


def test_a_day_of_onset_may_be_the_day_of_the_session(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        session = a_session(db)

        assert set_billing_details(db, session.id, BillingDetails(BillTo.INSURANCE, onset_on=DAY)) == ["onset_on"]


def test_what_was_wrong_before_does_not_keep_anybody_from_putting_the_rest_right(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        session = a_session(db)
        session.referring_npi, session.onset_on = "1234567890", DAY + timedelta(days=30)

        changed = set_billing_details(db, session.id, replace(billing_details_of(session), claim_number="C-77"))

        assert changed == ["claim_number"]


def test_outside_the_united_states_an_auto_accident_needs_no_state(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        session = a_session(db, currency="GBP", zone="Europe/London")

        changed = set_billing_details(db, session.id, replace(billing_details_of(session), accident=AUTO))

        assert changed == ["accident"]


@pytest.mark.parametrize(("fixed_by", "word"), [("is_filed", "claim"), ("has_paper", "superbill")])
def test_once_something_was_billed_nothing_changes(database: Database, fixed_by: str, word: str) -> None:
    with database.transaction() as db:
        session = a_session(db)
        before = billing_details_of(session)

        with pytest.raises(Refused, match=word) as refused:
            set_billing_details(db, session.id, BillingDetails(BillTo.SELF), **{fixed_by: sa.true()})

        assert [bool(one.fix) for one in refused.value.problems] == [True]
        assert billing_details_of(session) == before


def test_an_unknown_session_is_not_found(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        set_scene(db)

        with pytest.raises(NotFound):
            set_billing_details(db, 4711, BillingDetails(BillTo.SELF))


def test_places_are_offered_as_they_were_on_the_day() -> None:
    before, since = dict(places_on(date(2021, 6, 1))), dict(places_on(DAY))

    assert "10" not in before
    assert since["10"] == "Telehealth, patient at home"
    assert since["11"] == "Office"
