"""One claim's page: what it says, its whole way, how it looks elsewhere, and what a person can do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from billing import clock
from billing.access.models import User
from billing.claims.filing.sending import filing_route
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim
from billing.errors import NotDelivered
from billing.operations.models import Errand
from billing.relay import relay
from billing.wiring import Program
from tests.claims.answers.answer_texts import a277ca, stc
from tests.claims.answers.hearing import hear
from tests.claims.assembly.further_payers import insure_also
from tests.claims.office import Office
from tests.factories import DAY, make_payment
from tests.remittances.books import bill_further, filed, post
from tests.remittances.payer import answer, pays
from tests.web.desk import Desk, audit_rows, contents, do_what_is_due
from tests.web.pages.claims_stage import KEY, NOW, bring_to, held, lost, office_behind, rejected, sent, text_of

MINUS = "\N{MINUS SIGN}"
ACTS = ("check", "refile", "found", "missed", "close")


@pytest.fixture(autouse=True)
def april(noon: None) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def office(desk: Desk, program: Program) -> Office:
    return office_behind(desk, program)


def look(desk: Desk, claim: Claim, by: User | None = None) -> str:
    """The claim's page, as Cleo sees it unless somebody else looks."""
    response = desk.browser(by or desk.cast.cleo).get(f"/claims/{claim.id}")
    assert response.status_code == 200
    return response.text


def story(page: str) -> list[str]:
    """The titles of the time line."""
    (line,) = re.findall(r'<ol class="time-line">.*?</ol>', page, re.DOTALL)
    return [text_of(title) for title in re.findall(r'<span class="title">(.*?)</span>', line, re.DOTALL)]


def acts(page: str, claim: Claim) -> set[str]:
    """What the page offers to do with the claim."""
    return set(re.findall(rf'action="/claims/{claim.id}/(\w+)"', page))


def errands(desk: Desk) -> list[Errand]:
    with desk.database.reading() as db:
        return list(db.scalars(sa.select(Errand).order_by(Errand.id)))


def untouched(desk: Desk) -> dict[str, list[str]]:
    """Everything but who is signed in and what the audit trail says."""
    kept = contents(desk.database, without="audit_entry")
    del kept["login"]
    return kept


def test_a_held_claim_shows_every_problem_with_its_remedy(desk: Desk, office: Office) -> None:
    office.edit(office.scene.licence, valid_to=DAY - timedelta(days=1))
    session = held(office)

    page = look(desk, office.claim(session))

    assert f"Claim {office.claim(session).control_number}" in page
    assert "What stops it" in page
    assert page.count('class="problem bad"') == 2
    assert f'href="/patients/{office.scene.patient.id}"' in page
    assert acts(page, office.claim(session)) == {"check"}


def test_the_arithmetic_of_a_paid_claim_goes_from_what_was_charged_to_the_patients_part(
    desk: Desk, office: Office
) -> None:
    claim = filed(office)
    post(office, pays(answer(claim, {"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})))

    page = text_of(look(desk, office.claims()[0]))

    assert f"Charged $165.00 Insurers paid {MINUS}$115.00 Adjusted, owed by nobody {MINUS}$25.00" in page
    assert "Still with insurers $0.00 The patient's part $25.00" in page
    assert "$25.00 of it is not paid yet." in page


def test_every_line_tells_its_decision_in_our_words(desk: Desk, office: Office) -> None:
    claim = filed(office)
    post(office, pays(answer(claim, {"CO-45": 15_00, "PR-3": 25_00}, {"CO-197": 70_00})))

    page = text_of(look(desk, office.claims()[0]))

    assert "$15.00 CO-45 over fee schedule" in page
    assert "$25.00 PR-3 copay" in page
    assert "Refused" in page
    assert "$70.00 CO-197 no pre-authorisation" in page


def test_the_way_of_a_claim_is_told_from_the_session_to_the_last_cent(desk: Desk, office: Office) -> None:
    session = sent(office)
    office.write(lambda db: make_payment(db, session))
    claim = office.claim(session)
    hear(office, a277ca([(claim.control_number, stc("A2:20"))]))
    post(office, pays(answer(office.sent(session), {"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})))

    told = story(look(desk, claim))

    assert told == [
        "Session",
        "Note signed",
        "The patient paid $25.00",
        "Charged $165.00",
        "Ready to be filed",
        "Filed",
        "277CA: accepted",
        f"{office.scene.payer.name} paid $115.00",
    ]


def test_the_time_line_leads_to_the_remittance_and_the_session(desk: Desk, office: Office) -> None:
    claim = filed(office)
    post(office, pays(answer(claim, {"CO-45": 15_00}, {"CO-45": 10_00})))

    page = look(desk, office.claims()[0])

    assert 'href="/remittances/1"' in page
    assert f'href="/sessions/{office.claims()[0].session_id}"' in page


def test_claims_of_the_same_session_lead_to_each_other(desk: Desk, office: Office) -> None:
    insure_also(office)
    claim = filed(office)
    post(office, pays(answer(claim, {"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})))
    bill_further(office)
    first, second = office.claims()

    from_first, from_second = look(desk, first), look(desk, second)

    assert f'href="/claims/{second.id}"' in from_first
    assert f'href="/claims/{first.id}"' in from_second
    assert "Second Health, second payer" in text_of(from_second)
    assert f"Claim {second.control_number} made" in story(from_first)


def test_looking_is_audited_under_the_claims_number(desk: Desk, office: Office) -> None:
    session = sent(office)

    look(desk, office.claim(session))

    last = audit_rows(desk.database)[-1]
    assert (last.action, last.subject_kind, last.subject_id) == ("claim viewed", "claim", str(office.claim(session).id))


@pytest.mark.parametrize("page", ["", "/form.pdf", "/x12"])
def test_a_claim_that_does_not_exist_is_not_found(desk: Desk, office: Office, page: str) -> None:
    assert desk.browser(desk.cast.cleo).get(f"/claims/99{page}").status_code == 404


def test_a_filed_claim_is_given_on_paper_as_it_was_drawn(desk: Desk, office: Office) -> None:
    session = sent(office)
    office.edit(office.scene.patient, last_name="Changed")

    response = desk.browser(desk.cast.cleo).get(f"/claims/{office.claim(session).id}/form.pdf")

    number = office.claim(session).control_number
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert response.headers["Content-Disposition"] == f'inline; filename="{number}.pdf"'
    assert response.data.startswith(b"%PDF")
    assert audit_rows(desk.database)[-1].action == "claim form viewed"


def test_a_claim_that_is_not_filed_is_drawn_as_a_draft(desk: Desk, office: Office) -> None:
    session = held(office)

    response = desk.browser(desk.cast.cleo).get(f"/claims/{office.claim(session).id}/form.pdf")

    assert response.status_code == 200
    assert "draft-MER" in response.headers["Content-Disposition"]
    assert response.data.startswith(b"%PDF")


def test_what_cannot_be_drawn_says_why_in_words(desk: Desk, office: Office) -> None:
    office.edit(office.scene.policy, effective_to=DAY - timedelta(days=1))
    session = office.visit()
    office.bill()

    response = desk.browser(desk.cast.cleo).get(f"/claims/{office.claim(session).id}/form.pdf")

    assert response.status_code == 422
    assert "a claim needs a policy in force" in response.text


def test_the_x12_of_a_filed_claim_is_its_own_part_of_the_kept_file(desk: Desk, office: Office) -> None:
    first, second = office.visit(), office.visit(DAY + timedelta(days=1))
    office.bill()

    page = desk.browser(desk.cast.cleo).get(f"/claims/{office.claim(first).id}/x12").text

    assert f"<code>CLM*{office.claim(first).control_number}*165*" in page
    assert office.claim(second).control_number not in page
    assert "Claim number, total charge" in page
    assert "Nothing of this has been sent" not in page
    assert re.search(r'href="/documents/\d+"[^>]*>The whole file', page)


def test_the_x12_of_a_held_claim_is_marked_as_a_draft(desk: Desk, office: Office) -> None:
    session = held(office)

    page = desk.browser(desk.cast.cleo).get(f"/claims/{office.claim(session).id}/x12").text

    assert f"<code>CLM*{office.claim(session).control_number}*165*" in page
    assert "Nothing of this has been sent" in page


def test_a_held_claim_is_checked_again_by_a_run_of_its_own(desk: Desk, office: Office, program: Program) -> None:
    session = held(office)
    office.edit(office.scene.patient, signature_on_file=True)
    browser = desk.browser(desk.cast.cleo)
    browser.post("/claims/file")

    response = browser.post(f"/claims/{office.claim(session).id}/check", form_key=KEY)
    asked = errands(desk)
    do_what_is_due(program)

    assert [errand.facts for errand in asked] == [
        {"through": "2026-04-12"},
        {"through": "2026-04-12", "claim": office.claim(session).id},
    ]
    assert response.location == f"/errands/{asked[1].id}"
    assert office.claim(session).state is ClaimState.SENT


def test_what_is_filed_already_is_not_checked(desk: Desk, office: Office) -> None:
    session = sent(office)
    before = untouched(desk)

    response = desk.browser(desk.cast.cleo).post(f"/claims/{office.claim(session).id}/check", form_key=KEY)

    assert response.status_code == 422
    assert "nothing to check" in response.text
    assert untouched(desk) == before


def test_a_rejected_claim_is_filed_again_under_a_new_number(desk: Desk, office: Office, program: Program) -> None:
    session = rejected(office)
    old = office.claim(session)

    response = desk.browser(desk.cast.cleo).post(f"/claims/{old.id}/refile", form_key=KEY)
    do_what_is_due(program)

    assert response.status_code == 303
    assert [claim.state for claim in office.claims()] == [ClaimState.REPLACED, ClaimState.SENT]
    last = office.moves(old)[-1]
    assert (last.event, last.by) == (ClaimEvent.REPLACED, f"user:{desk.cast.cleo.id}")
    assert "Cleo Marsh" in look(desk, old)


def test_filing_again_twice_makes_one_new_claim(desk: Desk, office: Office, program: Program) -> None:
    old = office.claim(rejected(office))
    browser = desk.browser(desk.cast.cleo)

    first = browser.post(f"/claims/{old.id}/refile", form_key=KEY)
    again = browser.post(f"/claims/{old.id}/refile", form_key=KEY)
    other = browser.post(f"/claims/{old.id}/refile", form_key=f"{KEY}-other")
    do_what_is_due(program)

    assert (first.location, other.status_code) == (again.location, 422)
    assert "only a rejected claim can be filed again" in other.text
    assert len(office.claims()) == 2


def test_what_was_not_rejected_is_not_filed_again(desk: Desk, office: Office) -> None:
    session = sent(office)
    before = untouched(desk)

    response = desk.browser(desk.cast.cleo).post(f"/claims/{office.claim(session).id}/refile", form_key=KEY)

    assert response.status_code == 422
    assert untouched(desk) == before


def test_a_claim_of_unknown_fate_asks_whether_it_arrived(desk: Desk, office: Office) -> None:
    (session,) = lost(office)
    claim = office.claim(session)

    page = look(desk, claim)

    assert acts(page, claim) == {"found", "missed"}
    assert "Did it arrive?" in page
    assert "It is never sent again by itself" in text_of(page)
    assert "20260331-000000001.837" in page


def test_saying_that_it_arrived_moves_its_whole_file(desk: Desk, office: Office) -> None:
    first, _ = lost(office, 2)
    claim = office.claim(first)

    response = desk.browser(desk.cast.cleo).post(
        f"/claims/{claim.id}/found", form_key=KEY, why="Their portal shows it."
    )

    assert (response.status_code, response.location) == (303, f"/claims/{claim.id}")
    assert office.states() == [ClaimState.SENT, ClaimState.SENT]
    assert office.moves(claim)[-1].why == "Their portal shows it."
    row = next(row for row in reversed(audit_rows(desk.database)) if row.action == "claim said to have arrived")
    assert row.detail["claims"] == 2


def test_saying_that_it_did_not_arrive_hands_the_same_file_over_again(
    desk: Desk, office: Office, program: Program
) -> None:
    (session,) = lost(office)
    claim = office.claim(session)

    response = desk.browser(desk.cast.cleo).post(f"/claims/{claim.id}/missed", form_key=KEY, why="They have nothing.")
    waiting = office.states()
    do_what_is_due(program)

    assert waiting == [ClaimState.READY]
    assert response.location == f"/errands/{errands(desk)[0].id}"
    assert office.states() == [ClaimState.SENT]
    assert [file.name for file in (program.settings.outbox / "claims").glob("*.837")] == ["20260331-000000001.837"]


def test_a_file_whose_claim_a_payer_has_decided_cannot_be_called_missed(desk: Desk, office: Office) -> None:
    first, second = lost(office, 2)
    bring_to(office, first, ClaimState.UNKNOWN, ClaimEvent.PAID)
    before = untouched(desk)

    response = desk.browser(desk.cast.cleo).post(
        f"/claims/{office.claim(second).id}/missed", form_key=KEY, why="They have nothing."
    )

    assert response.status_code == 422
    assert f"Claim {office.claim(first).control_number} of the same file is paid" in text_of(response.text)
    assert untouched(desk) == before


def test_a_person_who_has_claims_filed_stands_in_their_histories(desk: Desk, office: Office, program: Program) -> None:
    session = office.visit()
    desk.browser(desk.cast.cleo).post("/claims/file")

    do_what_is_due(program)

    claim = office.claim(session)
    assert {one.by for one in office.moves(claim)} == {f"user:{desk.cast.cleo.id}"}
    assert "by Cleo Marsh" in text_of(look(desk, claim))


def test_what_the_program_filed_by_itself_says_so(desk: Desk, office: Office) -> None:
    session = office.visit()
    office.clearinghouse.failure = NotDelivered("full")
    office.bill()
    office.clearinghouse.failure = None
    relay(office.database, filing_route(office.store, office.clearinghouse, "worker:file_claims"))

    page = text_of(look(desk, office.claim(session)))

    assert "by the program itself" in page


def test_what_was_not_taken_again_and_again_is_one_line_of_the_story(desk: Desk, office: Office) -> None:
    session = office.visit()
    office.clearinghouse.failure = NotDelivered("The line is cut.")
    for _ in range(12):
        office.bill()

    told = story(look(desk, office.claim(session)))

    assert told.count("Not taken: it goes again") == 1
    assert "The line is cut, by the billing run, 12 times" in text_of(look(desk, office.claim(session)))


@pytest.mark.parametrize("act", ["found", "missed"])
def test_without_a_reason_nothing_is_resolved_and_the_field_says_so(desk: Desk, office: Office, act: str) -> None:
    (session,) = lost(office)
    claim = office.claim(session)
    before = untouched(desk)

    response = desk.browser(desk.cast.cleo).post(f"/claims/{claim.id}/{act}", form_key=KEY, why="  ")

    assert response.status_code == 422
    assert "The reason is empty." in response.text
    assert untouched(desk) == before


def test_a_reason_that_is_too_long_is_kept_to_be_shortened(desk: Desk, office: Office) -> None:
    (session,) = lost(office)
    typed = "They said so. " * 50

    response = desk.browser(desk.cast.cleo).post(f"/claims/{office.claim(session).id}/found", why=typed)

    assert response.status_code == 422
    assert typed.strip() in response.text
    assert office.states() == [ClaimState.UNKNOWN]


def test_a_page_that_was_opened_before_an_answer_came_changes_nothing(desk: Desk, office: Office) -> None:
    (session,) = lost(office)
    claim = office.claim(session)
    hear(office, a277ca([(claim.control_number, stc("A2:20"))]))
    before = untouched(desk)

    response = desk.browser(desk.cast.cleo).post(f"/claims/{claim.id}/missed", form_key=KEY, why="They have nothing.")

    assert response.status_code == 422
    assert "nothing to find out" in response.text
    assert untouched(desk) == before


def test_a_claim_with_nothing_open_is_closed_with_a_reason(desk: Desk, office: Office) -> None:
    paid = filed(office)
    post(office, pays(answer(paid, {"CO-45": 15_00}, {"CO-45": 10_00})))
    (claim,) = office.claims()
    offered = acts(look(desk, claim), claim)

    response = desk.browser(desk.cast.cleo).post(f"/claims/{claim.id}/close", form_key=KEY, why="Paid in full.")

    assert offered == {"close"}
    assert response.location == f"/claims/{claim.id}"
    assert office.states() == [ClaimState.CLOSED]
    assert "Paid in full, by Cleo Marsh" in text_of(look(desk, claim))


def test_a_denied_claim_says_what_keeps_it_open_instead_of_a_dead_button(desk: Desk, office: Office) -> None:
    denied = filed(office)
    post(office, pays(answer(denied, {"CO-197": 95_00}, {"CO-197": 70_00})))
    (claim,) = office.claims()

    page = look(desk, claim)

    assert acts(page, claim) == set()
    assert "$165.00 of its charges still waits for an insurer." in text_of(page)
    assert "Appeals, corrected claims and write-offs" in page


def test_closing_over_open_money_is_refused_with_the_amount(desk: Desk, office: Office) -> None:
    denied = filed(office)
    post(office, pays(answer(denied, {"CO-197": 95_00}, {"CO-197": 70_00})))
    (claim,) = office.claims()
    before = untouched(desk)

    response = desk.browser(desk.cast.cleo).post(f"/claims/{claim.id}/close", form_key=KEY, why="Enough of it.")

    assert response.status_code == 422
    assert "$165.00 of its charges still wait for an insurer." in text_of(response.text)
    assert untouched(desk) == before


@pytest.mark.parametrize("act", ACTS)
def test_acts_on_a_claim_that_does_not_exist_find_nothing(desk: Desk, office: Office, act: str) -> None:
    before = untouched(desk)

    response = desk.browser(desk.cast.cleo).post(f"/claims/99/{act}", form_key=KEY, why="why not")

    assert response.status_code == 404
    assert untouched(desk) == before


@pytest.mark.parametrize("page", ["", "/form.pdf", "/x12"])
def test_who_does_not_work_with_claims_does_not_see_one(desk: Desk, office: Office, page: str) -> None:
    session = sent(office)

    response = desk.browser(desk.cast.ben).get(f"/claims/{office.claim(session).id}{page}")

    assert response.status_code == 403
    assert "Okoro" not in response.text


@pytest.mark.parametrize("act", ACTS)
def test_who_does_not_work_with_claims_changes_none(desk: Desk, office: Office, act: str) -> None:
    (session,) = lost(office)
    before = untouched(desk)

    response = desk.browser(desk.cast.ben).post(f"/claims/{office.claim(session).id}/{act}", form_key=KEY, why="me")

    assert response.status_code == 403
    assert untouched(desk) == before
