"""What lapses, what is held because of it, and who is booked without a licence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.database import Database
from billing.practitioners.lapsing import Standing
from billing.practitioners.models import CredentialKind, CredentialStatus
from billing.reports.licences_page import LicencesPage, licences_page
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.factories import make_credential, make_payer, make_place, make_practitioner, make_room, make_session
from tests.web.statements import counted

ON = date(2026, 3, 31)


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def shown(office: Office, on: date = ON) -> LicencesPage:
    with office.database.reading() as db:
        return licences_page(db, office.scene.clinic, on)


def concerns(office: Office, on: date = ON) -> list[tuple[str, str]]:
    return [
        (one.line.held.kind.value, one.line.standing.value) if one.line else ("licence", "missing")
        for one in shown(office, on).concerns
    ]


def test_nothing_is_said_while_everything_lasts(office: Office) -> None:
    found = shown(office)

    assert (found.concerns, found.held, found.held_claims, found.held_cents) == ([], [], 0, 0)
    assert [len(lines) for _, lines in found.people] == [2]


def test_what_is_over_stands_before_what_soon_will_be(office: Office) -> None:
    office.edit(office.scene.malpractice, valid_to=ON + timedelta(days=9))
    office.edit(office.scene.licence, valid_to=ON - timedelta(days=1))

    assert concerns(office) == [("licence", "lapsed"), ("malpractice", "lapses soon")]


def test_what_is_taken_away_wants_doing_whatever_its_dates(office: Office) -> None:
    office.edit(office.scene.licence, status=CredentialStatus.SUSPENDED)

    assert concerns(office) == [("licence", "suspended")]


def test_a_renewed_or_replaced_licence_wants_nothing(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=ON - timedelta(days=40))
    office.write(
        lambda db: make_credential(db, office.scene.practitioner, number="NEW-1", valid_from=ON - timedelta(days=39))
    )

    assert concerns(office) == []
    assert {line.standing for _, lines in shown(office).people for line in lines} == {Standing.VALID, Standing.LAPSED}


def test_who_has_no_licence_of_the_clinics_state_is_named(office: Office) -> None:
    office.edit(office.scene.licence, issuer="WA")

    assert concerns(office) == [("licence", "missing")]


def test_elsewhere_no_states_licence_is_missed(office: Office) -> None:
    office.edit(office.scene.clinic, time_zone="Europe/London", currency="GBP")
    office.edit(office.scene.licence, kind=CredentialKind.CPR)
    office.scene.clinic.time_zone, office.scene.clinic.currency = "Europe/London", "GBP"

    assert concerns(office) == []
    assert shown(office).state == ""


def test_who_has_left_wants_nothing(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=date(2025, 1, 1))
    office.edit(office.scene.practitioner, left_on=ON)

    assert concerns(office) == []
    assert concerns(office, ON - timedelta(days=1)) == [("licence", "lapsed")]


def test_held_claims_are_counted_with_what_they_demand(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=date(2026, 3, 5))
    office.visit(date(2026, 3, 3), diagnoses=["M54.5"])
    for day in (10, 12):
        office.visit(date(2026, 3, day))
    office.bill()

    found = shown(office)

    assert [(one.rule, one.claims, one.cents) for one in found.held] == [("licence.lapsed", 2, 330_00)]
    assert (found.held_claims, found.held_cents) == (2, 330_00)


def test_sessions_booked_after_the_last_day_are_counted(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=ON + timedelta(days=1))
    for days, state in ((0, "booked"), (1, "booked"), (2, "booked"), (3, "arrived"), (4, "cancelled"), (5, "no_show")):
        office.visit(ON + timedelta(days=days), state=SessionState(state), bill_to=BillTo.SELF)

    (concern,) = shown(office).concerns

    assert concern.booked is not None
    assert (concern.booked.count, concern.booked.first) == (2, ON + timedelta(days=2))


def test_sessions_within_a_renewal_are_not_counted(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=ON + timedelta(days=1))
    office.write(
        lambda db: make_credential(
            db, office.scene.practitioner, number=office.scene.licence.number, valid_from=ON + timedelta(days=2),
            valid_to=date(2027, 1, 1),
        )
    )  # fmt: skip
    office.visit(ON + timedelta(days=3), state=SessionState.BOOKED)

    assert concerns(office) == []


def test_the_page_asks_the_same_however_many_people_there_are(office: Office) -> None:
    with counted(office.database) as few:
        shown(office)
    for number in range(4):
        office.write(lambda db: make_credential(db, make_practitioner(db), valid_to=ON))
        office.write(
            lambda db, days=number: make_session(
                db, office.scene.patient, make_practitioner(db), ON + timedelta(days=days), state=SessionState.BOOKED
            )
        )
        office.write(make_payer)

    with counted(office.database) as many:
        found = shown(office)

    assert len(few) == len(many)
    assert len(few) <= 10
    assert len(found.people) == 9


@pytest.mark.parametrize("status", [CredentialStatus.RESTRICTED, CredentialStatus.REVOKED])
def test_what_is_restricted_or_taken_away_stands_as_such(office: Office, status: CredentialStatus) -> None:
    office.edit(office.scene.licence, status=status)

    assert concerns(office) == [("licence", status.value)]


def test_a_licence_whose_last_day_nobody_knows_wants_doing(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=None)

    assert concerns(office) == [("licence", "end unknown")]


def test_a_check_or_an_attestation_is_no_concern_before_its_last_days(office: Office) -> None:
    ben = office.scene.practitioner
    for kind, days in ((CredentialKind.ATTESTATION, 16), (CredentialKind.EXCLUSION_CHECK, 8)):
        office.write(
            lambda db, kind=kind, days=days: make_credential(db, ben, kind=kind, valid_to=ON + timedelta(days=days))
        )

    assert concerns(office) == []
    assert concerns(office, ON + timedelta(days=1)) == [
        ("exclusion_check", "lapses soon"), ("attestation", "lapses soon"),
    ]  # fmt: skip


def test_sessions_in_another_state_want_that_states_licence(office: Office) -> None:
    room = office.write(lambda db: make_room(db, "Far", make_place(db)))
    office.edit(office.scene.licence, valid_to=ON + timedelta(days=20))
    office.visit(ON + timedelta(days=2), state=SessionState.BOOKED)
    office.visit(ON + timedelta(days=3), state=SessionState.BOOKED, room_id=room.id)

    [concern] = shown(office).concerns

    assert concern.booked is not None
    assert (concern.booked.count, concern.booked.first) == (1, ON + timedelta(days=3))


def test_premises_education_and_re_credentialing_are_on_the_page(office: Office) -> None:
    ben = office.scene.practitioner
    office.write(
        lambda db: make_credential(
            db, ben, practitioner_id=None, kind=CredentialKind.PREMISES, valid_to=ON + timedelta(days=9)
        )
    )
    office.edit(office.scene.licence, issuer="FL", valid_to=ON + timedelta(days=60))
    office.edit(office.scene.enrolment, recredential_by=ON - timedelta(days=1))

    page = shown(office)

    assert [one.name for one in page.premises] == ["Still Water Acupuncture"]
    assert ("premises", "lapses soon") in concerns(office)
    assert [one.missing_words for one in page.short] == ["30 hours"]
    assert [one.days_left for one in page.recredentialing] == [-1]
