"""A person says when a claim is done with; money that waits is never closed over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim
from billing.claims.moving import move
from billing.claims.settling import close, left_with_insurers
from billing.errors import Conflict, NotFound, Refused
from billing.sessions.models import ClinicSession
from tests.claims.answers.answer_texts import REJECTED, a277ca
from tests.claims.answers.hearing import HEARD_AT, hear
from tests.claims.assembly.further_payers import insure_also, secondary_of
from tests.claims.office import BILLED_AT, Office
from tests.remittances.books import bill_further, filed, post
from tests.remittances.payer import answer, pays

LATER = BILLED_AT + timedelta(days=1)
CLEO = "user:3"
IN_FULL = ({"CO-45": 15_00}, {"CO-45": 10_00})
"""Of 95.00 and 70.00: nothing is left to anybody."""


def shut(office: Office, claim: Claim, why: str = "settled") -> None:
    office.write(lambda db: close(db, claim.id, CLEO, why, LATER))


def refusal(office: Office, claim: Claim) -> Refused:
    """Why the claim cannot be closed; nothing has changed by trying."""
    before = office.states(), len(office.moves(claim))
    with pytest.raises(Refused) as refused:
        shut(office, claim)
    assert (office.states(), len(office.moves(claim))) == before
    return refused.value


def paid(office: Office, *decided: dict[str, int]) -> ClinicSession:
    """A session whose claim its payer has decided."""
    claim = filed(office)
    post(office, pays(answer(claim, *decided)))
    (one,) = office.claims()
    with office.database.reading() as db:
        return db.get_one(ClinicSession, one.session_id)


def test_a_claim_that_does_not_exist_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        office.write(lambda db: close(db, 99, CLEO, "why", LATER))


def test_a_claim_is_closed_when_its_payer_has_left_nothing_open(office: Office) -> None:
    session = paid(office, *IN_FULL)
    claim = office.claim(session)

    shut(office, claim, " all paid ")

    last = office.moves(claim)[-1]
    assert office.states() == [ClaimState.CLOSED]
    assert (last.event, last.by, last.why, last.at) == (ClaimEvent.CLOSED, CLEO, "all paid", LATER)
    assert office.claim(session).moved_at == LATER


def test_what_the_patient_owes_keeps_no_claim_open(office: Office) -> None:
    claim = office.claim(paid(office, {"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00}))

    shut(office, claim)

    assert office.states() == [ClaimState.CLOSED]


def test_a_refused_amount_keeps_the_claim_open_and_is_named(office: Office) -> None:
    claim = office.claim(paid(office, {"CO-197": 95_00}, {"CO-197": 70_00}))

    (problem,) = refusal(office, claim).problems

    assert claim.state is ClaimState.DENIED
    assert "$165.00" in problem.why
    assert "next remittance" in problem.fix


def test_a_line_that_nobody_decided_keeps_the_claim_open(office: Office) -> None:
    claim = office.claim(paid(office, {"CO-45": 15_00}))

    (problem,) = refusal(office, claim).problems

    assert claim.state is ClaimState.PAID
    assert "$70.00" in problem.why


def test_a_rejected_claim_is_not_closed_over_its_charges(office: Office) -> None:
    session = office.visit()
    office.bill()
    claim = office.claim(session)
    hear(office, a277ca([(claim.control_number, REJECTED)]))

    (problem,) = refusal(office, claim).problems

    assert "file it again" in problem.fix
    assert problem.where == f"claim:{claim.id}"


def test_a_further_insurer_is_to_decide_before_the_first_claim_is_closed(office: Office) -> None:
    insure_also(office)
    session = paid(office, {"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
    bill_further(office)
    later = secondary_of(office, session)
    first = office.claims()[0]

    (problem,) = refusal(office, first).problems

    assert "$25.00" in problem.why
    assert later.control_number in problem.fix
    assert problem.where == f"claim:{later.id}"


def test_when_the_further_insurer_has_decided_both_claims_can_be_closed(office: Office) -> None:
    insure_also(office)
    session = paid(office, {"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
    bill_further(office)
    second = office.received()[secondary_of(office, session).control_number]
    post(office, pays(answer(second, {"OA-23": 70_00}, {"OA-23": 70_00}), trace="SECOND"))

    for claim in office.claims():
        shut(office, claim)

    assert office.states() == [ClaimState.CLOSED, ClaimState.CLOSED]


def test_what_waits_is_counted_over_all_charges_of_the_session(office: Office) -> None:
    claim = office.claim(paid(office, {"CO-45": 15_00}))

    with office.database.reading() as db:
        left = left_with_insurers(db, claim)

    assert left == 70_00


@pytest.mark.parametrize("state", [ClaimState.SENT, ClaimState.HELD])
def test_what_is_not_decided_cannot_be_closed(office: Office, state: ClaimState) -> None:
    office.edit(office.scene.patient, signature_on_file=state is not ClaimState.HELD)
    session = office.visit()
    office.bill()
    claim = office.claim(session)

    with pytest.raises(Refused, match="only what is decided or rejected"):
        shut(office, claim)

    assert office.states() == [state]


def test_closing_needs_a_reason(office: Office) -> None:
    claim = office.claim(paid(office, *IN_FULL))

    with pytest.raises(Refused, match="reason"):
        shut(office, claim, " ")

    assert office.states() == [ClaimState.PAID]


def test_a_claim_closed_by_two_people_at_once_is_closed_once(office: Office) -> None:
    claim = office.claim(paid(office, *IN_FULL))
    shut(office, claim)

    with pytest.raises(Refused):
        shut(office, claim)

    with office.database.transaction() as db, pytest.raises(Conflict):
        move(db, [claim.id], ClaimState.PAID, ClaimEvent.CLOSED, by=CLEO, why="again", at=HEARD_AT)
