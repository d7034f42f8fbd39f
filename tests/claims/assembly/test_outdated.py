"""A filed claim that tells of a decision which does not stand any more is pointed out to the one who bills."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from billing.claims.assembly.outdated import outdated
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Adjudication
from billing.claims.moving import move
from billing.database import Database
from billing.operations.billing_report import as_text
from billing.operations.explaining import claim as explained
from billing.sessions.models import ClinicSession
from tests.claims.assembly.further_payers import (
    COPAY,
    IN_FULL,
    LATER,
    SECONDARY,
    TERTIARY,
    claim_of,
    decide,
    insure_also,
    secondary_of,
)
from tests.claims.office import BILLED_AT, Office, open_office

SINCE = BILLED_AT + timedelta(days=1)
THE_REST = {1: [("OA", "23", 70_00), ("PR", "2", 5_00)], 2: [("OA", "23", 70_00)]}


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def filed_second(office: Office) -> tuple[ClinicSession, Adjudication]:
    """A visit whose secondary claim is filed, and the decision it tells of."""
    insure_also(office)
    session = office.visit()
    office.bill()
    decision = decide(office, session, COPAY)
    office.bill(LATER)
    return session, decision


def take_back(office: Office, decision: Adjudication) -> None:
    """The payer reverses its decision after the secondary claim was filed."""
    office.edit(decision, reversed_at=SINCE)
    with office.database.transaction() as db:
        event, why = ClaimEvent.REVERSED, "taken back"
        move(db, [decision.claim_id], ClaimState.PAID, event, by="command:remit", why=why, at=SINCE)


def found_rules(office: Office) -> list[str]:
    with office.database.reading() as db:
        return [one.rule for one in outdated(db).values()]


def again(office: Office, session: ClinicSession, adjustments: Any) -> None:
    """The first payer decides anew."""
    decide(office, session, adjustments, decided_on=date(2026, 4, 20), posted_at=SINCE)


def test_a_claim_whose_decision_stands_is_not_outdated(office: Office) -> None:
    filed_second(office)

    assert found_rules(office) == []


def test_a_decision_taken_back_after_the_claim_on_the_next_payer_was_filed_is_told(office: Office) -> None:
    session, decision = filed_second(office)

    take_back(office, decision)
    report = office.bill(LATER)

    claim = secondary_of(office, session)
    (told,) = report["claims"]["outdated"]
    assert (claim.state, told["claim"], told["sessions"]) == (
        ClaimState.SENT, claim.control_number, [session.external_id],
    )  # fmt: skip
    assert [one["rule"] for one in told["problems"]] == ["coordination.decision_taken_back"]
    assert told["problems"][0]["why"].startswith("Second Health was told")
    assert (report["claims"]["filed"], report["claims"]["held"]) == ([], [])


def test_people_read_of_it_in_the_report_and_where_the_claim_is_explained(office: Office, tmp_path: Any) -> None:
    session, decision = filed_second(office)

    take_back(office, decision)
    report = office.bill(LATER)

    number = secondary_of(office, session).control_number
    assert f"  {number}: Second Health was told of a decision" in as_text(report, tmp_path)
    with office.database.reading() as db:
        assert explained(db, number)[1].startswith("  WARN coordination.decision_taken_back: Second Health")


def test_another_decision_in_its_place_is_told(office: Office) -> None:
    session, decision = filed_second(office)

    take_back(office, decision)
    again(office, session, IN_FULL)

    assert found_rules(office) == ["coordination.decided_otherwise"]


def test_the_same_decision_in_its_place_needs_nobody(office: Office) -> None:
    session, decision = filed_second(office)

    take_back(office, decision)
    again(office, session, COPAY)

    assert found_rules(office) == []


def test_a_claim_that_is_done_with_is_told_of_no_more(office: Office) -> None:
    session, decision = filed_second(office)
    decide(office, session, THE_REST, SECONDARY, status_code="2")
    take_back(office, decision)
    before = found_rules(office)

    with office.database.transaction() as db:
        claim = secondary_of(office, session)
        move(db, [claim.id], claim.state, ClaimEvent.CLOSED, by="user:1", why="settled by telephone", at=SINCE)

    assert before == ["coordination.decision_taken_back"]
    assert found_rules(office) == []


def test_a_claim_on_a_third_payer_tells_of_both_before_it(office: Office) -> None:
    insure_also(office, rank=3, name="Third Health")
    session, _ = filed_second(office)
    second = decide(office, session, THE_REST, SECONDARY, status_code="2")
    office.bill(LATER)
    before = found_rules(office)

    take_back(office, second)

    third = claim_of(office, session, TERTIARY)
    assert third is not None
    with office.database.reading() as db:
        assert (before, list(outdated(db))) == ([], [third.id])


def test_a_claim_that_the_payer_passed_on_itself_is_its_own_to_correct(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decision = decide(office, session, COPAY, status_code="19")
    office.bill(LATER)

    take_back(office, decision)

    assert found_rules(office) == []


def test_one_claim_can_be_asked_about_alone(office: Office) -> None:
    session, decision = filed_second(office)
    take_back(office, decision)
    claim = secondary_of(office, session)

    with office.database.reading() as db:
        asked, other = outdated(db, claim.id), outdated(db, claim.id + 1)

    assert (list(asked), other) == ([claim.id], {})
