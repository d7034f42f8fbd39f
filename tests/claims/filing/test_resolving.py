"""A person says what became of a file of which nobody knew; nothing else ever sends it again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.claims.filing.resolving import found, missed
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimFile, FileState
from billing.claims.moving import move
from billing.errors import Conflict, NotFound, OutcomeUnknown, Refused
from tests.claims.answers.answer_texts import a999
from tests.claims.answers.hearing import hear
from tests.claims.office import BILLED_AT, Office
from tests.factories import DAY

LATER = BILLED_AT + timedelta(days=1)
CLEO = "user:3"


def lose(office: Office, count: int = 2) -> list[Claim]:
    """File claims in one file that may or may not have arrived."""
    for day in range(count):
        office.visit(DAY + timedelta(days=day))
    office.clearinghouse.failure = OutcomeUnknown("The line went dead.")
    office.bill()
    office.clearinghouse.failure = None
    return office.claims()


def resolve(office: Office, claim: Claim, arrived: bool, why: str = "told by telephone, ref 88") -> int:
    verb = found if arrived else missed
    moved: int = office.write(lambda db: verb(db, [claim.id], CLEO, why, LATER))
    return moved


def the_file(office: Office) -> ClaimFile:
    with office.database.reading() as db:
        return db.query(ClaimFile).one()


def test_what_arrived_after_all_is_sent_with_everything_in_its_file(office: Office) -> None:
    first, _ = lose(office)

    moved = resolve(office, first, arrived=True)

    assert moved == 2
    assert office.states() == [ClaimState.SENT, ClaimState.SENT]
    assert (the_file(office).state, the_file(office).sent_at) == (FileState.SENT, BILLED_AT)


def test_who_says_so_and_why_stands_in_the_history(office: Office) -> None:
    first, second = lose(office)

    resolve(office, first, arrived=True)

    for claim in (first, second):
        last = office.moves(claim)[-1]
        assert (last.event, last.by, last.why) == (ClaimEvent.FOUND, CLEO, "told by telephone, ref 88")


def test_what_did_not_arrive_goes_again_with_the_same_bytes_under_the_same_name(office: Office) -> None:
    first, _ = lose(office)
    sha256 = the_file(office).sha256

    resolve(office, first, arrived=False)
    waiting = office.states(), the_file(office).state
    office.bill(at=LATER)

    assert waiting == ([ClaimState.READY, ClaimState.READY], FileState.PREPARED)
    assert office.states() == [ClaimState.SENT, ClaimState.SENT]
    assert (the_file(office).state, the_file(office).sha256) == (FileState.SENT, sha256)
    assert [name for name, _ in office.clearinghouse.received] == [the_file(office).name]


def test_what_did_not_arrive_is_not_written_into_a_second_file(office: Office) -> None:
    first, _ = lose(office)
    resolve(office, first, arrived=False)

    office.file_ready()

    assert the_file(office).state is FileState.SENT
    assert len(office.received()) == 2


def test_only_what_is_unknown_can_be_found_out(office: Office) -> None:
    session = office.visit()
    office.bill()
    claim = office.claim(session)

    with pytest.raises(Refused, match="is sent"):
        resolve(office, claim, arrived=False)

    assert office.states() == [ClaimState.SENT]


def test_an_answer_that_came_meanwhile_outweighs_what_somebody_thinks(office: Office) -> None:
    first, _ = lose(office)
    hear(office, a999(the_file(office).control_number))

    with pytest.raises(Refused, match="nothing to find out"):
        resolve(office, first, arrived=False)

    assert ClaimState.READY not in office.states()


def test_a_file_that_is_being_handed_over_is_left_alone(office: Office) -> None:
    first, _ = lose(office)
    office.edit(the_file(office), state=FileState.SENDING)

    with pytest.raises(Conflict, match="sending by now"):
        resolve(office, first, arrived=False)

    assert office.states() == [ClaimState.UNKNOWN, ClaimState.UNKNOWN]


@pytest.mark.parametrize("why", ["", "  \n "])
def test_neither_is_done_without_a_reason(office: Office, why: str) -> None:
    first, _ = lose(office)

    with pytest.raises(Refused) as refused:
        resolve(office, first, arrived=True, why=why)

    assert [problem.where for problem in refused.value.problems] == ["field:why"]
    assert office.states() == [ClaimState.UNKNOWN, ClaimState.UNKNOWN]


def test_a_claim_that_does_not_exist_is_not_found(office: Office) -> None:
    for verb in (found, missed):
        with pytest.raises(NotFound):
            office.write(lambda db, verb=verb: verb(db, [99], CLEO, "why", LATER))


def test_claims_of_several_files_are_found_together_and_all_or_none(office: Office) -> None:
    (first,) = lose(office, 1)
    office.visit(DAY + timedelta(days=7))
    office.clearinghouse.failure = OutcomeUnknown("The line went dead.")
    office.bill()
    _, second = office.claims()
    session = office.visit(DAY + timedelta(days=8))
    office.clearinghouse.failure = None
    office.bill()
    sent = office.claim(session)

    with pytest.raises(Refused, match="is sent"):
        office.write(lambda db: found(db, [first.id, second.id, sent.id], CLEO, "portal", LATER))
    before = office.states()
    moved = office.write(lambda db: found(db, [first.id, second.id], CLEO, "portal", LATER))

    assert before == [ClaimState.UNKNOWN, ClaimState.UNKNOWN, ClaimState.SENT]
    assert moved == 2
    assert office.states() == [ClaimState.SENT] * 3


def test_a_file_of_which_a_payer_has_decided_a_claim_cannot_be_called_missed(office: Office) -> None:
    first, second = lose(office)
    office.write(
        lambda db: move(db, [first.id], ClaimState.UNKNOWN, ClaimEvent.PAID, by="command:remit", why="paid", at=LATER)
    )

    with pytest.raises(Refused, match=f"{first.control_number} of the same file is paid"):
        resolve(office, second, arrived=False)
    before = the_file(office).state, office.states()
    moved = resolve(office, second, arrived=True)
    office.bill(at=LATER)

    assert before == (FileState.UNKNOWN, [ClaimState.PAID, ClaimState.UNKNOWN])
    assert moved == 1
    assert office.states() == [ClaimState.PAID, ClaimState.SENT]
    assert office.clearinghouse.received == []
