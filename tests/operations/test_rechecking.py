"""Held claims are judged again when something changes that they waited for, and only what nothing stops is let go."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing import clock
from billing.claims.lifecycle import ClaimState
from billing.database import Database
from billing.operations.rechecking import Recheck, held_claims, recheck_held
from tests.claims.assembly.further_payers import (
    COPAY,
    LATER,
    SECONDARY,
    claim_of,
    decide,
    held_for,
    insure_also,
    secondary_of,
)
from tests.claims.office import BILLED_AT, THROUGH, Office, open_office

A_DAY = timedelta(days=1)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def recheck(office: Office) -> Recheck:
    run = Recheck(THROUGH, "user:1")
    with clock.stopped_at(BILLED_AT + A_DAY):
        recheck_held(office.database, run)
    return run


def test_a_renewal_lets_go_what_waited_for_it_and_nothing_is_filed(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=date(2026, 3, 5))
    before, after = office.visit(date(2026, 3, 3)), office.visit(date(2026, 3, 10))
    office.bill()
    office.edit(office.scene.licence, valid_to=date(2028, 6, 30))

    run = recheck(office)

    assert (run.checked, run.released) == (1, 1)
    assert (office.claim(before).state, office.claim(after).state) == (ClaimState.SENT, ClaimState.READY)
    assert [one.event.value for one in office.moves(office.claim(after))][-1] == "passed"
    assert office.moves(office.claim(after))[-1].by == "user:1"
    office.bill()
    assert office.claim(after).state is ClaimState.SENT


def test_what_waits_for_something_else_goes_on_waiting_with_its_reasons_anew(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=date(2026, 3, 1))
    session = office.visit(diagnoses=["M54.5"])
    office.bill()
    assert "licence.lapsed" in office.holding(session)
    office.edit(office.scene.licence, valid_to=date(2028, 6, 30))

    run = recheck(office)

    assert (run.checked, run.released) == (1, 0)
    assert office.holding(session) == ["diagnosis.not_billable"]


def test_a_second_time_changes_nothing(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=date(2026, 3, 1))
    session = office.visit()
    office.bill()

    first, second = recheck(office), recheck(office)

    assert (first.checked, second.checked, second.released) == (1, 1, 0)
    assert len(office.moves(office.claim(session))) == 1
    with office.database.reading() as db:
        assert held_claims(db) == 1


def test_sent_and_ready_claims_are_left_alone(office: Office) -> None:
    office.visit()
    office.bill()

    assert recheck(office).checked == 0


def test_a_claim_that_waits_to_go_to_a_further_payer_is_judged_again_too(office: Office) -> None:
    further = insure_also(office)
    session, other = office.visit(), office.visit(date(2026, 3, 10))
    office.bill()
    decide(office, session, COPAY)
    decide(office, other, COPAY)
    office.edit(further.enrolment, effective_to=date(2026, 3, 5))
    office.bill(LATER, BILLED_AT + A_DAY)
    assert held_for(office, secondary_of(office, other)) == ["enrolment.missing"]
    office.edit(further.enrolment, effective_to=None)
    with office.database.reading() as db:
        assert held_claims(db) == 1

    run = Recheck(LATER, "user:1")
    recheck_held(office.database, run)

    assert (run.checked, run.released) == (1, 1)
    assert secondary_of(office, other).state is ClaimState.READY
    assert office.moves(secondary_of(office, other))[-1].by == "user:1"
    assert secondary_of(office, session).state is ClaimState.SENT


def test_the_visits_a_further_payer_is_asked_for_count_though_their_claims_are_not_held(office: Office) -> None:
    further = insure_also(office)
    first, second = office.visit(), office.visit(date(2026, 3, 10))
    office.bill()
    decide(office, second, COPAY)
    office.edit(further.benefit, visits_allowed=1)
    office.edit(further.enrolment, effective_to=date(2026, 3, 5))
    office.bill(LATER, BILLED_AT + A_DAY)
    decide(office, first, COPAY)
    office.edit(further.enrolment, effective_to=None)

    run = Recheck(LATER, "user:1")
    recheck_held(office.database, run)

    assert (run.checked, run.released) == (1, 0)
    assert held_for(office, secondary_of(office, second)) == ["coverage.limit_reached"]
    assert claim_of(office, first, SECONDARY) is None
