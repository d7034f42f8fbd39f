"""Every change of a claim's state is lawful and leaves a row; the rows alone tell where the claim stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from billing.claims.lifecycle import CLAIM, ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimMove, Responsibility
from billing.claims.moving import Move, move, record_moves
from billing.claims.queries import claim_by_control_number, counts_by_state, history
from billing.database import Database, Db
from billing.errors import Conflict, NotDelivered, NotFound, OutcomeUnknown, Refused
from tests.claims.office import BILLED_AT, Office
from tests.factories import DAY, NOW


def a_claim(session_id: int, **changes: Any) -> Claim:
    cells: dict[str, Any] = {
        "control_number": f"TEST{session_id}",
        "session_id": session_id,
        "responsibility": Responsibility.PRIMARY,
        "payer_id": None,
        "policy_id": None,
        "state": ClaimState.DRAFT,
        "total_cents": 0,
        "file_id": None,
    }
    return Claim(**{**cells, **changes})


def make_claim(office: Office, **changes: Any) -> Claim:
    """A claim that nothing has happened to yet."""
    session = office.visit()
    claim: Claim = office.write(lambda db: _written(db, a_claim(session.id, **changes)))
    return claim


def _written(db: Db, claim: Claim) -> Claim:
    db.add(claim)
    db.flush()
    return claim


def drive(office: Office, claim: Claim, state: ClaimState, event: ClaimEvent) -> None:
    with office.database.transaction() as db:
        move(db, [claim.id], state, event, by="user:1", why="a test", at=NOW)


def replayed(moves: list[ClaimMove]) -> ClaimState:
    """Where the history leads from a draft, asking the lifecycle at each step."""
    state = ClaimState.DRAFT
    for one in moves:
        assert one.from_state is state
        state = CLAIM.after(state, one.event)
        assert one.to_state is state
    return state


def everything_happens(office: Office) -> None:
    """Runs in which claims are held, released, returned, lost and sent."""
    office.visit(diagnoses=["M54.5"])
    office.visit(DAY + timedelta(days=1))
    office.clearinghouse.failure = NotDelivered("the folder is full")
    office.bill()
    office.visit(DAY + timedelta(days=2))
    office.clearinghouse.failure = OutcomeUnknown("the line went dead")
    office.bill()
    office.clearinghouse.failure = None
    office.bill()
    office.edit(office.scene.patient, signature_on_file=False)
    office.visit(DAY + timedelta(days=3))
    office.bill()


def test_replaying_the_history_gives_the_state_of_every_claim(office: Office) -> None:
    everything_happens(office)

    replays = [replayed(office.moves(claim)) for claim in office.claims()]

    assert replays == office.states()
    assert set(replays) == {ClaimState.HELD, ClaimState.SENT, ClaimState.UNKNOWN}


def test_every_row_of_the_history_says_who_when_and_why(office: Office) -> None:
    everything_happens(office)

    moves = [one for claim in office.claims() for one in office.moves(claim)]

    assert len(moves) >= 9
    assert {one.by for one in moves} == {"command:bill"}
    assert {one.at for one in moves} == {BILLED_AT}
    assert all(one.why for one in moves)


def test_the_history_names_the_rules_that_held_a_claim_and_the_file_that_took_it(office: Office) -> None:
    held = office.visit(diagnoses=["M54.5"])
    sent = office.visit(DAY + timedelta(days=1))

    office.bill()

    assert [one.why for one in office.moves(office.claim(held))] == ["diagnosis.not_billable"]
    assert office.clearinghouse.received[0][0] in office.moves(office.claim(sent))[1].why


def test_a_lawful_move_changes_the_state_and_is_written_down(office: Office) -> None:
    claim = make_claim(office)

    drive(office, claim, ClaimState.DRAFT, ClaimEvent.PASSED)

    (row,) = office.moves(claim)
    assert office.states() == [ClaimState.READY]
    assert (row.event, row.from_state, row.to_state, row.by, row.why, row.at) == (
        ClaimEvent.PASSED, ClaimState.DRAFT, ClaimState.READY, "user:1", "a test", NOW,
    )  # fmt: skip


def test_an_unlawful_move_is_refused_and_changes_nothing(office: Office) -> None:
    claim = make_claim(office)

    with pytest.raises(Refused, match="draft cannot be delivered"):
        drive(office, claim, ClaimState.DRAFT, ClaimEvent.DELIVERED)

    assert office.states() == [ClaimState.DRAFT]
    assert office.moves(claim) == []


def test_a_move_from_a_state_the_claim_has_left_is_a_conflict_and_changes_nothing(office: Office) -> None:
    claim = make_claim(office)
    drive(office, claim, ClaimState.DRAFT, ClaimEvent.PASSED)

    with pytest.raises(Conflict):
        drive(office, claim, ClaimState.DRAFT, ClaimEvent.STOPPED)

    assert office.states() == [ClaimState.READY]
    assert len(office.moves(claim)) == 1


def test_claims_move_together_or_not_at_all(office: Office) -> None:
    draft, ready = make_claim(office), make_claim(office, state=ClaimState.READY)

    with pytest.raises(Conflict), office.database.transaction() as db:
        move(db, [draft.id, ready.id], ClaimState.READY, ClaimEvent.TAKEN, by="user:1", why="a test", at=NOW)

    assert office.states() == [ClaimState.DRAFT, ClaimState.READY]
    assert [*office.moves(draft), *office.moves(ready)] == []


def test_history_cannot_be_written_of_an_unlawful_move(office: Office) -> None:
    claim = make_claim(office)

    with pytest.raises(Refused), office.database.transaction() as db:
        record_moves(db, [Move(claim.id, ClaimState.PAID, ClaimEvent.PASSED, "why not")], by="user:1", at=NOW)

    assert office.moves(claim) == []


def test_a_claim_of_unknown_fate_can_only_be_found_missed_or_answered() -> None:
    lawful = {event for event in ClaimEvent if CLAIM.allows(ClaimState.UNKNOWN, event)}

    assert lawful == {
        ClaimEvent.FOUND, ClaimEvent.MISSED, ClaimEvent.REJECTED, ClaimEvent.ACCEPTED, ClaimEvent.DENIED,
        ClaimEvent.PAID,
    }  # fmt: skip


def test_no_claim_leaves_without_having_been_passed() -> None:
    into_sending = {state for (state, _), following in CLAIM.moves.items() if following is ClaimState.SENDING}
    into_ready = {event for (_, event), following in CLAIM.moves.items() if following is ClaimState.READY}

    assert into_sending == {ClaimState.READY}
    assert into_ready == {ClaimEvent.PASSED, ClaimEvent.RETURNED, ClaimEvent.MISSED}


def test_two_claims_cannot_share_a_control_number(office: Office) -> None:
    make_claim(office, control_number="SAME")

    with pytest.raises(sa.exc.IntegrityError):
        make_claim(office, control_number="SAME")


def test_a_session_has_one_standing_primary_claim(office: Office) -> None:
    claim = make_claim(office)

    with pytest.raises(sa.exc.IntegrityError), office.database.transaction() as db:
        db.add(a_claim(claim.session_id, control_number="SECOND"))

    assert len(office.claims()) == 1


def test_a_voided_claim_makes_room_for_another(office: Office) -> None:
    claim = make_claim(office, state=ClaimState.VOIDED)

    office.write(lambda db: db.add(a_claim(claim.session_id, control_number="SECOND")))

    assert [one.control_number for one in office.claims()] == [claim.control_number, "SECOND"]


def test_control_numbers_are_unique_and_stay_with_their_claims(office: Office) -> None:
    held = office.visit(diagnoses=["M54.5"])
    office.bill()
    first = office.claim(held).control_number
    office.visit(DAY + timedelta(days=1))
    office.visit(DAY + timedelta(days=2))

    office.bill()

    numbers = [claim.control_number for claim in office.claims()]
    assert office.claim(held).control_number == first
    assert len(set(numbers)) == 3


def test_the_number_of_a_voided_claim_is_not_given_again(office: Office) -> None:
    first = office.visit()
    office.bill()
    number = office.claim(first).control_number
    with office.database.transaction() as db:
        db.execute(sa.update(Claim).values(state=ClaimState.VOIDED))

    office.visit(DAY + timedelta(days=1))
    office.bill()

    numbers = [claim.control_number for claim in office.claims()]
    assert numbers.count(number) == 1
    assert len(numbers) == len(set(numbers)) == 2


def test_a_control_number_finds_its_claim_and_no_other_number_does(office: Office) -> None:
    session = office.visit()
    office.bill()

    with office.database.reading() as db:
        found = claim_by_control_number(db, office.claim(session).control_number)
        told = [one.event for one in history(db, found.id)]
        with pytest.raises(NotFound):
            claim_by_control_number(db, "MER9999999")

    assert found.session_id == session.id
    assert told == [ClaimEvent.PASSED, ClaimEvent.TAKEN, ClaimEvent.DELIVERED]


def test_claims_are_counted_by_state(office: Office) -> None:
    office.visit(diagnoses=["M54.5"])
    office.visit(DAY + timedelta(days=1))
    office.visit(DAY + timedelta(days=2))
    office.bill()

    with office.database.reading() as db:
        counts = counts_by_state(db)

    assert counts == {ClaimState.HELD: 1, ClaimState.SENT: 2}


def test_the_history_of_a_claim_is_never_rewritten(database: Database, office: Office) -> None:
    office.visit()
    office.bill()

    for statement in ("UPDATE claim_move SET why = 'x'", "DELETE FROM claim_move"):
        with pytest.raises(sa.exc.DBAPIError, match="only ever added"), database.transaction() as db:
            db.execute(sa.text(statement))
