"""A claim can be looked at before it is filed and after; what was filed is shown as it was."""

from __future__ import annotations

import io
from datetime import timedelta

import pdfplumber
import pytest

from billing.claims.filing.forms import form_to_look_at
from billing.claims.filing.showing import Shown, kept_form, shown
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.moving import move
from billing.errors import NotDelivered, NotFound, Refused
from billing.sessions.lifecycle import SessionState
from tests.claims.assembly.further_payers import COPAY, decide, insure_also, secondary_of
from tests.claims.office import BILLED_AT, THROUGH, Office
from tests.factories import DAY


def look(office: Office, claim_id: int) -> Shown:
    with office.database.reading() as db:
        return shown(db, claim_id, THROUGH)


def test_a_filed_claim_is_shown_as_it_was_filed_whatever_is_changed_later(office: Office) -> None:
    session = office.visit()
    office.bill()
    before = look(office, office.claim(session).id)

    office.edit(office.scene.patient, last_name="Changed")
    after = look(office, office.claim(session).id)

    assert not after.is_draft
    assert after.filed == before.filed
    assert after.filed.claim == office.sent(session)


def test_a_held_claim_is_shown_as_it_would_be_filed_now(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    session = office.visit()
    office.bill()

    office.edit(office.scene.patient, last_name="Changed")
    found = look(office, office.claim(session).id)

    assert found.is_draft
    assert found.filed.claim.control_number == office.claim(session).control_number
    assert "CHANGED" in str(found.filed.claim.subscriber.name).upper()
    assert found.filed.claim.total_cents == 165_00


def test_a_claim_that_waits_in_a_file_is_shown_as_it_stands_there(office: Office) -> None:
    session = office.visit()
    office.clearinghouse.failure = NotDelivered("The line was busy.")
    office.bill()

    found = look(office, office.claim(session).id)

    assert office.states() == [ClaimState.READY]
    assert not found.is_draft


def test_a_second_payers_claim_tells_of_the_first_payers_decision_before_it_is_filed(office: Office) -> None:
    office.edit(insure_also(office).benefit, authorisation_required=True)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)
    office.bill(THROUGH + timedelta(days=30), BILLED_AT + timedelta(days=30))
    claim = secondary_of(office, session)

    found = look(office, claim.id)

    assert (claim.state, found.is_draft) == (ClaimState.HELD, True)
    assert [line.adjudications[0].paid_cents for line in found.filed.claim.lines] == [55_00, 60_00]


def test_what_cannot_be_written_says_why(office: Office) -> None:
    office.edit(office.scene.policy, effective_to=DAY - timedelta(days=1))
    session = office.visit()
    office.bill()

    with pytest.raises(Refused, match="a policy in force"):
        look(office, office.claim(session).id)


def test_without_charges_there_is_nothing_to_show(office: Office) -> None:
    session = office.visit(sets=[])
    office.bill()

    with pytest.raises(Refused, match="nothing is charged"):
        look(office, office.claim(session).id)


def test_a_claim_whose_session_was_cancelled_is_not_drawn(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    session = office.visit()
    office.bill()
    office.edit(session, state=SessionState.CANCELLED, signed_at=None)

    with pytest.raises(Refused, match="its session is cancelled"):
        look(office, office.claim(session).id)


def test_of_what_a_payer_passed_on_by_itself_we_have_nothing(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    session = office.visit()
    office.bill()
    claim = office.claim(session)
    office.write(
        lambda db: move(
            db, [claim.id], ClaimState.HELD, ClaimEvent.FORWARDED, by="command:bill", why="status 19", at=BILLED_AT
        )
    )

    with pytest.raises(Refused, match="passed it on by itself"):
        look(office, claim.id)


def test_a_claim_that_does_not_exist_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        look(office, 99)


def test_the_form_that_was_drawn_when_it_was_filed_is_kept(office: Office) -> None:
    session = office.visit()
    office.bill()

    with office.database.reading() as db:
        form, none = kept_form(db, office.claim(session).id), kept_form(db, 99)

    assert none is None
    assert form is not None
    assert form.file_name == f"{office.claim(session).control_number}.pdf"
    assert office.store.get(form.sha256).startswith(b"%PDF")


def stamped(pdf: bytes) -> str:
    """What stands across the sheet in letters larger than any of the form."""
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return "".join(sorted(char["text"] for char in document.pages[0].chars if char["size"] > 50))


def test_a_draft_on_paper_is_stamped_and_what_was_filed_is_not(office: Office) -> None:
    session = office.visit()
    office.bill()
    filed = look(office, office.claim(session).id).filed

    draft, final = form_to_look_at(filed, is_draft=True), form_to_look_at(filed, is_draft=False)

    assert stamped(draft) == "ADFRT"
    assert stamped(final) == ""
