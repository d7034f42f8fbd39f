"""What one insurer has left becomes a claim on the next, once, and only while the decision stands."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from billing import clock
from billing.claims.assembly.secondary import secondaries
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import FiledLine, FiledVersion
from billing.errors import NotDelivered
from billing.relay import climb
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from tests.claims.assembly.further_payers import (
    COPAY,
    DECIDED_ON,
    IN_FULL,
    LATER,
    SECONDARY,
    TERTIARY,
    claim_of,
    decide,
    held_for,
    insure_also,
    secondary_of,
    sent,
    take_back,
)
from tests.claims.office import BILLED_AT, Office
from tests.factories import DAY, make_patient, make_policy, make_session

HELD, READY, SENT = ClaimState.HELD, ClaimState.READY, ClaimState.SENT


def test_what_the_first_payer_leaves_is_claimed_from_the_second(office: Office) -> None:
    second = insure_also(office)
    session = office.visit()
    office.bill()
    before = claim_of(office, session, SECONDARY)

    decide(office, session, COPAY)
    office.bill(LATER)

    claim = secondary_of(office, session)
    assert before is None
    assert (claim.state, claim.payer_id, claim.policy_id) == (SENT, second.payer.id, second.policy.id)
    assert claim.total_cents == 165_00
    assert sent(office, claim).payer.name == "SECOND HEALTH"


def test_it_has_a_number_of_its_own_and_so_have_its_lines(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)

    office.bill(LATER)

    claim = secondary_of(office, session)
    with office.database.reading() as db:
        lines = {line.control_number: line.charge_id for line in db.scalars(sa.select(FiledLine))}
    assert len(lines) == 4
    assert len(set(lines.values())) == 2
    assert {f"{claim.control_number}L1", f"{claim.control_number}L2"} <= set(lines)


def test_running_again_makes_no_second_secondary(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)
    office.bill(LATER)
    moves = len(office.moves(secondary_of(office, session)))

    office.bill(LATER)

    assert len(office.claims()) == 2
    assert len(office.moves(secondary_of(office, session))) == moves


def test_the_stage_alone_leaves_it_ready_for_the_next_run(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)

    with clock.stopped_at(BILLED_AT):
        climb(office.database, lambda db, after: secondaries(db, after, LATER, by="command:remit"))

    claim = secondary_of(office, session)
    assert (claim.state, claim.file_id) == (READY, None)
    assert [(move.event, move.by) for move in office.moves(claim)] == [(ClaimEvent.PASSED, "command:remit")]


def test_nothing_is_asked_when_the_first_payer_left_nothing(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()

    decide(office, session, IN_FULL)
    office.bill(LATER)

    assert claim_of(office, session, SECONDARY) is None


def test_nothing_is_asked_of_a_policy_that_was_not_in_force_that_day(office: Office) -> None:
    insure_also(office, effective_to=DAY - timedelta(days=1))
    session = office.visit()
    office.bill()

    decide(office, session, COPAY)
    office.bill(LATER)

    assert claim_of(office, session, SECONDARY) is None


def test_nothing_is_asked_of_a_policy_that_pays_before_the_one_that_was_billed(office: Office) -> None:
    office.edit(office.scene.policy, rank=2)
    session = office.visit()
    office.bill()
    insure_also(office, rank=1)

    decide(office, session, COPAY)
    office.bill(LATER)

    assert claim_of(office, session, SECONDARY) is None


def test_nothing_is_asked_before_every_charge_is_decided(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()

    decide(office, session, COPAY, decided=1)
    office.bill(LATER)

    assert claim_of(office, session, SECONDARY) is None


def test_nothing_is_asked_for_a_session_that_is_not_signed_any_more(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)

    office.edit(session, state=SessionState.CANCELLED, signed_at=None)
    office.bill(LATER)

    assert claim_of(office, session, SECONDARY) is None


def test_a_session_after_the_day_of_the_run_waits(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)

    office.bill(DAY - timedelta(days=1))

    assert claim_of(office, session, SECONDARY) is None


def test_patients_beyond_the_first_hundred_get_theirs_too(office: Office) -> None:
    second = insure_also(office)
    with office.database.transaction() as db:
        sessions = []
        for number in range(101):
            patient = make_patient(db)
            for rank, payer in enumerate((office.scene.payer, second.payer), start=1):
                make_policy(db, patient, payer, rank=rank)
            on = date(2026, 1, 1) + timedelta(days=number // 8)
            start = f"{8 + number % 8:02}:00"
            sessions.append(make_session(db, patient, office.scene.practitioner, on, start=start))
    office.bill()
    for session in sessions:
        decide(office, session, COPAY)

    with clock.stopped_at(BILLED_AT):
        climb(office.database, lambda db, after: secondaries(db, after, LATER))

    assert sum(claim.responsibility is SECONDARY for claim in office.claims()) == 101


def test_a_reversal_stops_a_secondary_that_has_not_been_filed(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decision = decide(office, session, COPAY)
    office.store.failure = NotDelivered("the disk is full")
    office.bill(LATER)
    before = secondary_of(office, session).state

    office.store.failure = None
    take_back(office, decision)
    report = office.bill(LATER)

    claim = secondary_of(office, session)
    assert before is READY
    assert (claim.state, held_for(office, claim)) == (HELD, ["coordination.primary_undecided"])
    assert report["claims"]["filed"] == []


def test_a_new_decision_lets_it_go_with_what_is_decided_now(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    first = decide(office, session, COPAY)
    office.store.failure = NotDelivered("the disk is full")
    office.bill(LATER)
    take_back(office, first)
    office.bill(LATER)

    office.store.failure = None
    decide(office, session, {1: [("PR", "1", 95_00)], 2: [("PR", "1", 70_00)]}, decided_on=date(2026, 4, 20))
    office.bill(LATER)

    claim = secondary_of(office, session)
    assert claim.state is SENT
    assert sent(office, claim).other_payers[0].paid_cents == 0


def test_a_reversal_after_the_ready_claim_was_judged_keeps_it_out_of_the_file(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decision = decide(office, session, COPAY)
    office.store.failure = NotDelivered("the disk is full")
    office.bill(LATER)

    office.store.failure = None
    take_back(office, decision)
    office.file_ready()

    claim = secondary_of(office, session)
    assert (claim.state, claim.file_id) == (READY, None)
    assert len(office.clearinghouse.received) == 1


def test_a_reversal_leaves_a_secondary_alone_that_has_been_filed(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decision = decide(office, session, COPAY)
    office.bill(LATER)

    take_back(office, decision)
    office.bill(LATER)

    assert secondary_of(office, session).state is SENT


def test_a_correction_that_leaves_nothing_holds_the_secondary(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    first = decide(office, session, COPAY)
    office.store.failure = NotDelivered("the disk is full")
    office.bill(LATER)

    take_back(office, first)
    decide(office, session, IN_FULL)
    office.bill(LATER)

    claim = secondary_of(office, session)
    assert (claim.state, held_for(office, claim)) == (HELD, ["coordination.nothing_left"])


def test_a_policy_that_turns_out_to_have_ended_holds_the_secondary(office: Office) -> None:
    second = insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)
    office.store.failure = NotDelivered("the disk is full")
    office.bill(LATER)

    office.edit(second.policy, effective_to=DAY - timedelta(days=1))
    office.bill(LATER)

    claim = secondary_of(office, session)
    assert (claim.state, held_for(office, claim)) == (HELD, ["coordination.no_further_policy"])
    assert claim.payer_id == second.payer.id


def test_a_claim_that_the_first_payer_passed_on_is_known_and_never_sent(office: Office) -> None:
    second = insure_also(office)
    session = office.visit()
    office.bill()

    decide(office, session, COPAY, status_code="19")
    office.bill(LATER)
    office.bill(LATER)

    claim = secondary_of(office, session)
    (moved,) = office.moves(claim)
    assert (claim.state, claim.payer_id, claim.file_id) == (SENT, second.payer.id, None)
    assert (moved.event, moved.why) == (
        ClaimEvent.FORWARDED, "the payer before it passed it on by itself: status 19",
    )  # fmt: skip
    assert len(office.clearinghouse.received) == 1
    with office.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(FiledVersion)) == 1


def test_the_remark_that_tells_of_it_counts_like_the_status(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()

    decide(office, session, COPAY, remarks=["MA07", "MA18"])
    office.bill(LATER)

    (moved,) = office.moves(secondary_of(office, session))
    assert moved.why.endswith("remark MA18")
    assert len(office.clearinghouse.received) == 1


def test_a_claim_passed_on_in_a_second_decision_is_not_sent_although_it_was_ready(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    first = decide(office, session, COPAY)
    office.store.failure = NotDelivered("the disk is full")
    office.bill(LATER)

    office.store.failure = None
    take_back(office, first)
    decide(office, session, COPAY, status_code="19")
    office.bill(LATER)

    claim = secondary_of(office, session)
    assert [move.event for move in office.moves(claim)] == [ClaimEvent.PASSED, ClaimEvent.FORWARDED]
    assert len(office.clearinghouse.received) == 1


def test_a_third_payer_is_asked_what_the_second_left(office: Office) -> None:
    insure_also(office)
    third = insure_also(office, rank=3, name="Third Health")
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)
    office.bill(LATER)
    before = claim_of(office, session, TERTIARY)

    decide(
        office, session, {1: [("OA", "23", 70_00), ("PR", "2", 5_00)], 2: [("OA", "23", 70_00)]}, SECONDARY,
        status_code="2", decided_on=date(2026, 5, 12),
    )  # fmt: skip
    office.bill(date(2026, 5, 31))

    claim = claim_of(office, session, TERTIARY)
    assert before is None
    assert claim is not None
    assert (claim.state, claim.payer_id) == (SENT, third.payer.id)
    assert len(sent(office, claim).other_payers) == 2


def test_a_second_payer_that_paid_the_rest_leaves_nothing_for_a_third(office: Office) -> None:
    insure_also(office)
    insure_also(office, rank=3, name="Third Health")
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)
    office.bill(LATER)

    decide(office, session, {1: [("OA", "23", 70_00)], 2: [("OA", "23", 70_00)]}, SECONDARY, status_code="2")
    office.bill(date(2026, 5, 31))

    assert claim_of(office, session, TERTIARY) is None


def test_the_report_tells_of_it_and_counts_the_session_once(office: Office) -> None:
    second = insure_also(office)
    session = office.visit()
    first = office.bill()
    decide(office, session, COPAY)

    report = office.bill(LATER)

    claim = secondary_of(office, session)
    assert [(one["claim"], one["payer"], one["sessions"], one["total"]) for one in report["claims"]["filed"]] == [
        (claim.control_number, second.payer.external_id, [session.external_id], "165.00")
    ]
    assert (first["sessions_billed"], first["billed_before"]) == (1, 0)
    assert (report["sessions_signed"], report["sessions_billed"], report["billed_before"]) == (1, 0, 1)


def test_the_report_tells_of_a_held_one_and_its_payer(office: Office) -> None:
    second = insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)
    office.edit(second.payer, payer_number=None)

    report = office.bill(LATER)

    (held,) = report["claims"]["held"]
    assert (held["payer"], held["sessions"]) == (second.payer.external_id, [session.external_id])
    assert [one["rule"] for one in held["problems"] if one["severity"] == "BLOCK"] == ["payer.incomplete"]
    assert (report["sessions_billed"], report["billed_before"]) == (0, 1)


def test_a_claim_passed_on_is_in_no_list_of_what_was_filed(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY, status_code="19")

    report = office.bill(LATER)

    assert report["claims"] == {"filed": [], "held": [], "unknown": [], "outdated": [], "rejected": []}


def test_superbill_sessions_of_the_patient_stay_what_they_are(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    superbill = office.visit(DAY + timedelta(days=1), bill_to=BillTo.SUPERBILL)
    office.bill()

    decide(office, session, COPAY, decided_on=DECIDED_ON)
    office.bill(LATER)

    assert claim_of(office, superbill, SECONDARY) is None
    assert len(office.claims()) == 2
