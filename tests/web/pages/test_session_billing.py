"""Who pays for a session, and why, is put right at the desk as long as nothing was billed with it."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.invoices.models import Paper, PaperKind
from billing.practitioners.models import Practitioner
from billing.sessions.billing_details import BillingDetails, billing_details_of
from billing.sessions.models import AccidentKind, BillTo, ClinicSession
from tests.claims.office import Office
from tests.factories import DAY, an_npi, make_physician
from tests.web.desk import Browser, Desk, audit_rows, contents
from tests.web.pages.session_stage import Stage, staged

TYPED = {"bill_to": "insurance", "place_of_service": "11", "onset_on": "2025-09-01"}
"""The form as it stands for the session on stage."""


def path(stage: Stage) -> str:
    return f"{stage.path}/billing"


def send(stage: Stage, seen: str = "", **changes: str) -> tuple[int, str]:
    ben = stage.ben()
    answer = ben.post(path(stage), seen=seen or stage.seen(ben, "/billing"), **{**TYPED, **changes})
    return answer.status_code, answer.text


def kept(stage: Stage) -> BillingDetails:
    with stage.desk.database.reading() as db:
        return billing_details_of(db.get_one(ClinicSession, stage.session_id))


def a_supervisor(stage: Stage) -> Practitioner:
    with stage.desk.database.transaction() as db:
        return make_physician(db)


def billed_office(desk: Desk, **changes: Any) -> tuple[Office, Stage]:
    """A signed session after a billing run."""
    stage = staged(desk)
    office = Office(desk.database, stage.scene)
    session = office.visit(**changes)
    office.bill()
    return office, Stage(desk, stage.scene, session.id)


def test_what_is_typed_is_kept_and_the_audit_trail_names_what_changed(desk: Desk) -> None:
    stage = staged(desk)
    supervisor = a_supervisor(stage)

    status, _ = send(
        stage, bill_to="superbill", place_of_service="12", supervising_id=str(supervisor.id), accident="auto",
        accident_state="or", claim_number="C-77", referring_name="Ana Reyes", referring_npi=an_npi(5),
    )  # fmt: skip

    assert status == 303
    said = kept(stage)
    assert (said.bill_to, said.place_of_service, said.supervising_id) == (BillTo.SUPERBILL, "12", supervisor.id)
    assert (said.accident, said.accident_state, said.claim_number) == (AccidentKind.AUTO, "OR", "C-77")
    assert (said.referring_name, said.referring_npi) == ("Ana Reyes", an_npi(5))
    row = next(one for one in audit_rows(desk.database) if one.action == "billing details changed")
    assert "claim_number" in str(row.detail)
    assert "C-77" not in str(row.detail)


def test_the_form_is_filled_with_what_the_session_says(desk: Desk) -> None:
    stage = staged(desk, accident=AccidentKind.WORK, claim_number="C-77")

    page = stage.ben().get(path(stage)).text

    for text in ('value="C-77"', '<option value="work" selected', '<option value="11" selected', 'value="2025-09-01"'):
        assert text in page
    assert re.search(r'value="insurance"[^>]* checked', page)
    assert "In force that day: Example Health" in page


def test_a_refused_form_keeps_what_was_typed_and_tells_each_mistake_at_its_field(desk: Desk) -> None:
    stage = staged(desk)
    before = contents(desk.database, without="audit_entry")

    status, page = send(stage, accident="auto", referring_npi="1234567890", onset_on="2027-01-01", claim_number="C-77")

    assert status == 422
    for field in ("accident_state", "referring_npi", "referring_name", "onset_on"):
        assert f'id="{field}-error"' in page
    assert 'value="C-77"' in page
    after = contents(desk.database, without="audit_entry")
    assert {name: rows for name, rows in after.items() if name != "login"} == {
        name: rows for name, rows in before.items() if name != "login"
    }


def test_words_outside_the_lists_are_refused(desk: Desk) -> None:
    stage = staged(desk)
    before = kept(stage)

    status, page = send(stage, bill_to="nobody", accident="war", supervising_id=str(stage.scene.practitioner.id))

    assert status == 422
    for field in ("bill_to", "accident", "supervising_id"):
        assert f'id="{field}-error"' in page
    assert kept(stage) == before


def test_a_page_that_is_out_of_date_changes_nothing(desk: Desk) -> None:
    stage = staged(desk)
    seen = stage.seen(stage.ben(), "/billing")
    send(stage, claim_number="C-77")

    status, page = send(stage, seen, claim_number="C-88")

    assert status == 422
    assert "Somebody changed this" in page
    assert 'value="C-88"' in page
    assert kept(stage).claim_number == "C-77"


def test_the_form_sent_twice_is_done_once(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()
    fields = {**TYPED, "claim_number": "C-77", "seen": stage.seen(ben, "/billing"), "form_key": "k" * 24}

    first = ben.post(path(stage), **fields)
    second = ben.post(path(stage), **fields)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location == stage.path
    assert len([one for one in audit_rows(desk.database) if one.action == "billing details changed"]) == 1


def test_an_unknown_session_is_not_found(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()

    assert ben.get("/sessions/4711/billing").status_code == 404
    assert ben.post("/sessions/4711/billing", **TYPED).status_code == 404


def test_a_held_claim_leads_here_and_its_session_becomes_the_patients(desk: Desk) -> None:
    office, stage = billed_office(desk, diagnoses=["M54.5"])
    owner = desk.browser(desk.cast.ada)
    with desk.database.reading() as db:
        claim = db.scalars(select(Claim)).one()
    assert f'href="{path(stage)}"' in owner.get(f"/claims/{claim.id}").text

    status, _ = send(stage, bill_to="self")
    office.bill()

    assert status == 303
    assert office.states() == [ClaimState.REPLACED]
    assert set_aside_is_told(owner, claim.id)
    assert "it was set aside, and we filed nothing" in owner.get(f"/claims/{claim.id}/x12").text
    with desk.database.reading() as db:
        assert db.scalars(select(Paper.kind)).all() == [PaperKind.INVOICE]


def set_aside_is_told(browser: Browser, claim_id: int) -> bool:
    page = browser.get(f"/claims/{claim_id}").text
    return "not billed to the insurance any more" in page and "What to look at" not in page


def test_once_a_claim_is_filed_the_page_says_so_and_has_no_form(desk: Desk) -> None:
    _, stage = billed_office(desk)
    ben = stage.ben()

    page = ben.get(path(stage)).text
    answer = ben.post(path(stage), **{**TYPED, "bill_to": "self"})

    assert "A claim of this session has been filed" in page
    assert 'name="bill_to"' not in page
    assert answer.status_code == 422
    assert "A claim of this session has been filed" in answer.text
    assert kept(stage).bill_to is BillTo.INSURANCE


def test_once_an_invoice_is_issued_the_page_says_so(desk: Desk) -> None:
    _, stage = billed_office(desk, bill_to=BillTo.SELF, accident=AccidentKind.WORK, onset_on=DAY)

    page = stage.ben().get(path(stage)).text

    assert "An invoice or superbill of this session was issued" in page
    assert 'name="bill_to"' not in page


def test_the_session_and_its_check_out_lead_here(desk: Desk) -> None:
    stage = staged(desk)
    owner = desk.browser(desk.cast.ada)

    for page in (stage.path, f"{stage.path}/checkout"):
        assert f'href="{path(stage)}"' in owner.get(page).text


def test_outside_the_united_states_no_state_is_asked_for(desk: Desk) -> None:
    stage = staged(desk)
    with desk.database.transaction() as db:
        clinic = db.merge(stage.scene.clinic)
        clinic.time_zone, clinic.currency = "Europe/London", "GBP"

    page = stage.ben().get(path(stage)).text
    status, _ = send(stage, accident="auto")

    assert 'name="accident_state"' not in page
    assert status == 303
    assert kept(stage).accident is AccidentKind.AUTO
