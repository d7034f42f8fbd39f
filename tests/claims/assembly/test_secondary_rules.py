"""A claim on a later payer is held by the rules of that payer.

On SQLite alone: the rules do not ask where their facts were kept.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.claims.lifecycle import ClaimState
from billing.claims.queries import problems_of
from billing.coverage.models import Relationship
from billing.database import Database
from billing.errors import NotDelivered, Severity
from billing.payers.models import PayerKind
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from tests.claims.assembly.further_payers import (
    COPAY,
    DECIDED_ON,
    LATER,
    SECONDARY,
    TERTIARY,
    Further,
    claim_of,
    decide,
    held_for,
    insure_also,
    secondary_of,
    sent,
)
from tests.claims.office import Office, open_office
from tests.factories import DAY, NOW, a_physician, make_authorisation, procedure

HELD, SENT = ClaimState.HELD, ClaimState.SENT


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def decided_visit(office: Office, on: date = DAY) -> ClinicSession:
    """A visit that the first payer has decided, leaving a copay."""
    session = office.visit(on)
    office.bill()
    decide(office, session, COPAY)
    return session


def test_a_practitioner_the_second_payer_does_not_know_holds_it(office: Office) -> None:
    second = insure_also(office)
    office.edit(second.enrolment, effective_from=DAY + timedelta(days=1))
    session = decided_visit(office)

    office.bill(LATER)

    claim = secondary_of(office, session)
    assert (claim.state, held_for(office, claim)) == (HELD, ["enrolment.missing"])


def test_it_goes_when_the_cause_is_gone(office: Office) -> None:
    second = insure_also(office)
    office.edit(second.enrolment, effective_from=DAY + timedelta(days=1))
    session = decided_visit(office)
    office.bill(LATER)

    office.edit(second.enrolment, effective_from=DAY)
    office.bill(LATER)

    claim = secondary_of(office, session)
    assert (claim.state, held_for(office, claim)) == (SENT, [])


def test_a_holder_of_the_second_policy_who_is_not_known_holds_it(office: Office) -> None:
    insure_also(office, relationship=Relationship.SPOUSE, subscriber_last_name="Okoro")
    session = decided_visit(office)

    office.bill(LATER)

    assert held_for(office, secondary_of(office, session)) == ["subscriber.incomplete"]


def test_a_first_payer_that_has_lost_its_number_holds_it(office: Office) -> None:
    insure_also(office)
    session = decided_visit(office)

    office.edit(office.scene.payer, payer_number=None)
    office.bill(LATER)

    assert held_for(office, secondary_of(office, session)) == ["payer.incomplete"]


def test_the_second_payers_authorisation_is_asked_for_and_sent(office: Office) -> None:
    second = insure_also(office)
    office.edit(second.benefit, authorisation_required=True)
    session = decided_visit(office)
    office.bill(LATER)
    before = held_for(office, secondary_of(office, session))

    office.write(lambda db: make_authorisation(db, office.scene.patient, second.payer, number="AU-SECOND"))
    office.bill(LATER)

    assert before == ["authorisation.missing"]
    assert sent(office, secondary_of(office, session)).prior_authorisation == "AU-SECOND"


def test_each_visit_uses_up_the_second_payers_authorisation(office: Office) -> None:
    second = insure_also(office)
    office.edit(second.benefit, authorisation_required=True)
    with office.database.transaction() as db:
        for number in ("AU-1", "AU-2"):
            make_authorisation(db, office.scene.patient, second.payer, number=number, visits=1)
    first, last = (decided_visit(office, DAY + timedelta(days=days)) for days in (0, 7))

    office.bill(LATER)

    numbers = [sent(office, secondary_of(office, one)).prior_authorisation for one in (first, last)]
    assert numbers == ["AU-1", "AU-2"]


def limited(office: Office, visits: int) -> Further:
    """A second payer that gives so many visits a year."""
    second = insure_also(office)
    office.edit(second.benefit, visits_allowed=visits)
    return second


def test_only_visits_that_the_second_payer_is_asked_for_use_up_its_limit(office: Office) -> None:
    limited(office, 1)
    office.visit(DAY - timedelta(days=7))
    session = decided_visit(office)

    office.bill(LATER)

    assert secondary_of(office, session).state is SENT


def test_visits_asked_for_together_count_in_the_order_of_their_days(office: Office) -> None:
    limited(office, 1)
    first, last = (decided_visit(office, DAY + timedelta(days=days)) for days in (0, 7))

    office.bill(LATER)

    assert secondary_of(office, first).state is SENT
    assert held_for(office, secondary_of(office, last)) == ["coverage.limit_reached"]


def test_a_later_visit_that_was_filed_before_counts_too(office: Office) -> None:
    limited(office, 1)
    early = office.visit(DAY)
    late = decided_visit(office, DAY + timedelta(days=7))
    office.bill(LATER)

    decide(office, early, COPAY)
    office.bill(LATER)

    assert secondary_of(office, late).state is SENT
    assert held_for(office, secondary_of(office, early)) == ["coverage.limit_reached"]


def test_the_second_payers_time_to_file_counts_from_the_first_ones_decision(office: Office) -> None:
    second = insure_also(office)
    office.edit(second.payer, filing_limit_days=30)
    session = decided_visit(office)
    office.store.failure = NotDelivered("the disk is full")
    office.bill(DECIDED_ON + timedelta(days=30))
    on_the_last_day = held_for(office, secondary_of(office, session))

    office.bill(DECIDED_ON + timedelta(days=31))

    assert on_the_last_day == []
    assert held_for(office, secondary_of(office, session)) == ["timely_filing.passed"]


def test_medicares_time_to_file_counts_from_the_visit_whoever_pays_first(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, practitioner=a_physician())
    second = insure_also(office, kind=PayerKind.MEDICARE)
    office.edit(second.payer, filing_limit_days=30)
    session = decided_visit(office)

    office.bill(DAY + timedelta(days=31))

    assert held_for(office, secondary_of(office, session)) == ["timely_filing.passed"]


@pytest.mark.parametrize("group", ["CO", "PR"])
def test_what_the_first_payer_wants_corrected_holds_it(office: Office, group: str) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, {1: [("CO", "45", 15_00), ("PR", "3", 25_00)], 2: [(group, "16", 70_00)]})

    report = office.bill(LATER)

    claim = secondary_of(office, session)
    assert (claim.state, held_for(office, claim)) == (HELD, ["coordination.to_be_corrected"])
    (held,) = report["claims"]["held"]
    assert "97811: " + f"{group}-16" in held["problems"][0]["why"]
    assert held["problems"][0]["fix"].startswith("Read the remark codes")


def test_its_new_decision_lets_it_go(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, {**COPAY, 2: [("CO", "16", 70_00)]})
    office.bill(LATER)

    decide(office, session, COPAY, decided_on=date(2026, 4, 20), posted_at=NOW + timedelta(days=20))
    office.bill(LATER)

    claim = secondary_of(office, session)
    assert (claim.state, held_for(office, claim)) == (SENT, [])
    assert sent(office, claim).other_payers[0].paid_cents == 115_00


@pytest.mark.parametrize("reason", ["96", "119", "204", "27"])
def test_what_the_first_payer_does_not_cover_is_asked_of_the_second(office: Office, reason: str) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()

    decide(office, session, {1: [("PR", reason, 95_00)], 2: [("PR", reason, 70_00)]}, status_code="4")
    office.bill(LATER)

    claim = sent(office, secondary_of(office, session))
    assert [line.adjudications[0].remaining_cents for line in claim.lines] == [95_00, 70_00]


def test_what_the_first_payer_refuses_and_does_not_leave_to_the_patient_is_asked_of_nobody(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()

    decide(office, session, {1: [("CO", "50", 95_00)], 2: [("CO", "50", 70_00)]}, status_code="4")
    office.bill(LATER)

    assert claim_of(office, session, SECONDARY) is None


def test_a_reason_that_took_nothing_away_holds_nothing(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()

    decide(office, session, {1: [("CO", "16", 0), ("PR", "1", 95_00)], 2: [("PR", "1", 70_00)]})
    office.bill(LATER)

    assert secondary_of(office, session).state is SENT


def test_medicare_after_two_others_is_told_to_go_on_paper(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, practitioner=a_physician())
    insure_also(office)
    insure_also(office, rank=3, kind=PayerKind.MEDICARE, name="Medicare")
    session = decided_visit(office)
    office.bill(LATER)
    decide(office, session, {1: [("OA", "23", 70_00), ("PR", "2", 5_00)], 2: [("OA", "23", 70_00)]}, SECONDARY)

    office.bill(LATER)

    claim = claim_of(office, session, TERTIARY)
    assert claim is not None
    with office.database.reading() as db:
        found = [(one.severity, one.rule) for one in problems_of(db, [claim.id])[claim.id]]
    assert (claim.state, found) == (SENT, [(Severity.WARN, "medicare.two_payers_before")])


def test_the_earlier_of_two_visits_of_a_day_is_not_judged_as_the_second(office: Office) -> None:
    insure_also(office)
    morning = office.visit(start="09:00")
    noon = office.visit(start="12:00", sets=[], procedures=[procedure("99213", "25")])
    office.bill()
    decide(office, morning, COPAY)

    office.bill(LATER)

    assert office.claim(noon).state is SENT
    assert secondary_of(office, morning).state is SENT


def test_medicare_is_asked_second_only_for_whom_it_knows(office: Office) -> None:
    insure_also(office, kind=PayerKind.MEDICARE)
    session = decided_visit(office)

    office.bill(LATER)

    assert "medicare.not_eligible_provider" in held_for(office, secondary_of(office, session))


def test_medicare_counts_the_visits_it_is_asked_for_second(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, practitioner=a_physician())
    insure_also(office, kind=PayerKind.MEDICARE)
    sessions = [office.visit(date(2026, 1, 5) + timedelta(days=5 * number)) for number in range(13)]
    office.bill()
    for session in sessions:
        decide(office, session, COPAY)

    office.bill(LATER)

    *twelve, last = (secondary_of(office, session) for session in sessions)
    assert {claim.state for claim in twelve} == {SENT}
    assert held_for(office, last) == ["medicare.needs_improvement"]


def test_a_session_that_is_not_signed_any_more_stops_its_secondary(office: Office) -> None:
    insure_also(office)
    session = decided_visit(office)
    office.store.failure = NotDelivered("the disk is full")
    office.bill(LATER)

    office.store.failure = None
    office.edit(session, state=SessionState.CANCELLED, signed_at=None)
    report = office.bill(LATER)

    assert secondary_of(office, session).state is HELD
    assert report["claims"]["held"] == report["claims"]["filed"] == []
