"""The database keeps by itself, for every session, whether anything bills it; whatever happens, as slow asking says."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from billing.claims.lifecycle import SET_ASIDE, ClaimEvent, ClaimState
from billing.claims.models import Claim, Responsibility
from billing.claims.moving import move
from billing.invoices.models import Paper
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from tests.claims.answers.answer_texts import REJECTED, a277ca
from tests.claims.answers.hearing import HEARD_AT, hear
from tests.claims.assembly.further_payers import insure_also
from tests.claims.office import Office
from tests.factories import DAY, written
from tests.remittances.books import bill_further, post
from tests.remittances.payer import answer, pays


def kept_and_asked(office: Office) -> tuple[set[int], set[int]]:
    """The sessions that await billing: as the database keeps it, and as looking for what bills each says."""
    stands = sa.select(Claim.id).where(Claim.session_id == ClinicSession.id, Claim.state.not_in(SET_ASIDE))
    paper = sa.select(Paper.id).where(Paper.session_id == ClinicSession.id)
    unbilled = (ClinicSession.state == SessionState.SIGNED, ~stands.exists(), ~paper.exists())
    with office.database.reading() as db:
        kept = set(db.scalars(sa.select(ClinicSession.id).where(ClinicSession.awaits_billing)))
        return kept, set(db.scalars(sa.select(ClinicSession.id).where(*unbilled)))


def agreed(office: Office) -> set[int]:
    kept, asked = kept_and_asked(office)
    assert kept == asked
    return kept


def test_what_is_kept_is_what_asking_finds_through_a_whole_quarter(office: Office) -> None:
    insured = [office.visit(DAY + timedelta(days=day)) for day in range(4)]
    own = office.visit(DAY + timedelta(days=4), bill_to=BillTo.SELF)
    came = office.visit(DAY + timedelta(days=5), state=SessionState.ARRIVED)
    insure_also(office)
    seen = [agreed(office)]

    office.bill()
    seen.append(agreed(office))
    office.edit(came, state=SessionState.SIGNED, signed_at=HEARD_AT)
    seen.append(agreed(office))
    hear(office, a277ca([(office.claim(insured[0]).control_number, REJECTED)]))
    seen.append(agreed(office))
    rejected = office.claim(insured[0])
    with office.database.transaction() as db:
        move(db, [rejected.id], ClaimState.REJECTED, ClaimEvent.REPLACED, by="user:3", why="a test", at=HEARD_AT)
    seen.append(agreed(office))
    copay = answer(office.sent(insured[1]), {"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
    post(office, pays(copay))
    bill_further(office)
    seen.append(agreed(office))

    assert seen == [
        {*(one.id for one in insured), own.id},
        set(),
        {came.id},
        {came.id},
        {came.id, insured[0].id},
        set(),
    ]


def test_a_second_payers_claim_alone_keeps_a_session_billed(office: Office) -> None:
    session = office.visit()
    for turn, state in ((Responsibility.PRIMARY, ClaimState.REPLACED), (Responsibility.SECONDARY, ClaimState.SENT)):
        claim = Claim(
            control_number=f"T-{turn}", session_id=session.id, responsibility=turn, state=state, total_cents=100
        )
        office.write(lambda db, claim=claim: written(db, claim))

    assert agreed(office) == set()


def test_moving_a_claim_that_goes_on_standing_changes_nothing(office: Office) -> None:
    session = office.visit()
    office.bill()
    claim = office.claim(session)

    office.write(
        lambda db: move(db, [claim.id], ClaimState.SENT, ClaimEvent.PAID, by="user:3", why="a test", at=HEARD_AT)
    )

    assert agreed(office) == set()
