"""The claims page: every queue with its count, why each claim is there, and filing all that is ready."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from billing import clock
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.worklists import Queue
from billing.errors import NotDelivered
from billing.operations.models import Errand
from billing.reports.claims_page import ROWS
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from billing.web.pages.claims import MEANINGS, NOTHING, WORDS
from billing.wiring import Program
from tests.claims.office import Office
from tests.factories import DAY, make_payer, make_practitioner
from tests.remittances.books import filed, post
from tests.remittances.payer import answer, pays
from tests.web.desk import Desk, audit_rows, contents, do_what_is_due
from tests.web.pages.claims_stage import (
    KEY,
    NOW,
    bring_to,
    held,
    lost,
    office_behind,
    rejected,
    rows,
    sent,
    tabs,
    text_of,
)
from tests.web.statements import counted

TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture(autouse=True)
def april(noon: None) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def office(desk: Desk, program: Program) -> Office:
    return office_behind(desk, program)


def queue(desk: Desk, name: str, **narrowed: object) -> str:
    """A queue as Cleo sees it."""
    response = desk.browser(desk.cast.cleo).client.get("/claims", query_string={"queue": name, **narrowed})
    assert response.status_code == 200
    return response.text


def errands(desk: Desk) -> list[Errand]:
    with desk.database.reading() as db:
        return list(db.scalars(sa.select(Errand).order_by(Errand.id)))


def test_every_queue_has_a_name_a_meaning_and_words_for_when_it_is_empty() -> None:
    assert WORDS.keys() == MEANINGS.keys() == NOTHING.keys() == set(Queue)


@pytest.mark.parametrize("name", Queue)
def test_an_empty_queue_says_what_would_be_there(desk: Desk, office: Office, name: Queue) -> None:
    page = queue(desk, name)

    assert NOTHING[name][0] in page
    assert set(tabs(page).values()) == {0}


def test_the_page_opens_on_what_is_not_billed_yet(desk: Desk, office: Office) -> None:
    office.visit()
    office.visit(DAY + timedelta(days=1), state=SessionState.ARRIVED)

    page = desk.browser(desk.cast.cleo).get("/claims").text

    assert tabs(page)["Unbilled"] == 1
    assert rows(page) == [
        f"Tue 3 Mar 2026 Miri Okoro Ben Quill {office.scene.payer.name} Tue 3 Mar 2026, 18:00",
    ]


def test_an_unbilled_session_says_who_gets_the_bill(desk: Desk, office: Office) -> None:
    office.visit(bill_to=BillTo.SUPERBILL)
    office.visit(DAY + timedelta(days=1), bill_to=BillTo.SELF)
    office.edit(office.scene.policy, effective_to=DAY)
    office.visit(DAY + timedelta(days=2))

    first, second, third = rows(queue(desk, "unbilled"))

    assert "Superbill" in first
    assert "Ben Quill Patient" in second
    assert "No policy in force" in third


def test_a_held_claim_shows_what_stops_it_and_leads_to_where_it_is_mended(desk: Desk, office: Office) -> None:
    session = held(office)
    claim = office.claim(session)

    page = queue(desk, "held")

    (row,) = rows(page)
    assert row.startswith(f"{claim.control_number} Miri Okoro Tue 3 Mar 2026 {office.scene.payer.name} $165.00")
    assert "Tue 31 Mar 2026 12 days" in row
    assert "signature" in row
    assert re.search(rf'<td[^>]* class="reason">.*?<a href="/patients/{office.scene.patient.id}">', page, re.DOTALL)


def test_a_front_desk_is_not_led_to_settings_it_may_not_open_but_told_whom_to_ask(desk: Desk, office: Office) -> None:
    office.edit(office.scene.licence, valid_to=DAY - timedelta(days=1))
    claim = office.claim(held(office))
    fay, ada = desk.browser(desk.cast.fay), desk.browser(desk.cast.ada)
    office.edit(office.scene.patient, signature_on_file=True)
    office.bill()

    for path in ("/claims?queue=held", f"/claims/{claim.id}"):
        assert 'href="/settings/' not in fay.get(path).text
        assert "Ask an owner." in fay.get(path).text
        assert f'href="/settings/people/{office.scene.practitioner.id}' in ada.get(path).text
        assert "Ask an owner." not in ada.get(path).text


def test_what_is_wrong_with_the_codes_leads_to_the_session(desk: Desk, office: Office) -> None:
    session = office.visit(diagnoses=["M54.5"])
    office.bill()

    page = queue(desk, "held")

    assert re.search(rf'<td[^>]* class="reason">.*?<a href="/sessions/{session.id}">', page, re.DOTALL)


def test_of_several_reasons_the_first_is_shown_and_the_others_counted(desk: Desk, office: Office) -> None:
    office.edit(office.scene.licence, valid_to=DAY - timedelta(days=1))
    office.edit(office.scene.patient, signature_on_file=False)
    session = office.visit()
    office.bill()

    (row,) = rows(queue(desk, "held"))

    assert len(office.holding(session)) == 2
    assert row.endswith("and 1 more")


def test_held_claims_are_narrowed_to_a_rule_by_one_click(desk: Desk, office: Office) -> None:
    held(office)
    office.edit(office.scene.patient, signature_on_file=True)
    office.visit(DAY + timedelta(days=1), diagnoses=["M54.5"])
    office.bill()
    office.edit(office.scene.patient, signature_on_file=False)
    office.visit(DAY + timedelta(days=2))
    office.bill()

    page = queue(desk, "held")
    narrowed = queue(desk, "held", rule="diagnosis.not_billable")

    assert f"1 {TIMES} Diagnosis: not billable" in text_of(page)
    assert 'href="/claims?queue=held&amp;rule=diagnosis.not_billable"' in page
    assert len(rows(narrowed)) == 1
    assert re.search(rf'href="/claims\?queue=held"\s+aria-current="true"[^>]*>1 {TIMES} Diagnosis: not', narrowed)


@pytest.mark.parametrize("name", ["payer", "practitioner"])
def test_a_queue_is_narrowed_to_a_payer_or_a_practitioner(desk: Desk, office: Office, name: str) -> None:
    sent(office)
    other = office.write(make_payer if name == "payer" else make_practitioner)
    mine = getattr(office.scene, name)

    assert len(rows(queue(desk, "sent", **{name: mine.id}))) == 1
    empty = queue(desk, "sent", **{name: other.id})
    assert rows(empty) == []
    assert "Show the whole queue" in empty
    assert tabs(empty)["Sent"] == 1


def test_what_came_back_says_what_was_said(desk: Desk, office: Office) -> None:
    rejected(office)

    page = queue(desk, "rejected")

    (row,) = rows(page)
    assert "A3:33" in row
    assert tabs(page)["Rejected"] == 1


def test_what_was_denied_says_why_in_our_words(desk: Desk, office: Office) -> None:
    claim = filed(office)
    post(office, pays(answer(claim, {"CO-197": 95_00}, {"CO-197": 70_00})))

    (row,) = rows(queue(desk, "denied"))

    assert row.endswith("CO-197 no pre-authorisation")


def test_a_queue_of_several_states_says_which(desk: Desk, office: Office) -> None:
    first, second = office.visit(), office.visit(DAY + timedelta(days=1))
    office.bill()
    bring_to(office, second, ClaimState.SENT, ClaimEvent.ACCEPTED)

    found = rows(queue(desk, "sent"))

    assert ["Sent" in found[0], "Accepted" in found[1]] == [True, True]
    assert office.claim(first).control_number in found[0]


def test_silence_is_counted_after_three_weeks(desk: Desk, office: Office) -> None:
    sent(office)
    before = tabs(queue(desk, "silent"))["Silent"]

    with clock.stopped_at(NOW + timedelta(days=10)):
        after = queue(desk, "silent")

    assert (before, tabs(after)["Silent"], len(rows(after))) == (0, 1, 1)


def test_unknown_claims_say_what_happened_to_their_file(desk: Desk, office: Office) -> None:
    lost(office)

    (row,) = rows(queue(desk, "unknown"))

    assert row.endswith("The line went dead.")


def test_the_unknown_queue_asks_once_for_each_file_whether_it_arrived(desk: Desk, office: Office) -> None:
    first, second = lost(office, 2)

    page = queue(desk, "unknown")

    ids = [office.claim(one).id for one in (first, second)]
    assert re.findall(r'action="/claims/(\d+)/(found|missed)"', page) == [
        (str(ids[0]), "found"),
        (str(ids[0]), "missed"),
    ]
    assert "Did 20260331-000000001.837 arrive? 2 claims went in it" in text_of(page)
    assert "It is never sent again by itself" in text_of(page)


def test_what_is_said_in_the_unknown_queue_leads_back_to_it(desk: Desk, office: Office) -> None:
    first, _ = lost(office, 2)
    claim = office.claim(first)

    response = desk.browser(desk.cast.cleo).post(
        f"/claims/{claim.id}/found", form_key=KEY, why="Their portal shows it.", back="unknown"
    )
    page = queue(desk, "unknown")

    assert response.location == "/claims?queue=unknown"
    assert office.states() == [ClaimState.SENT, ClaimState.SENT]
    assert "arrive?" not in page


def test_other_queues_ask_nothing_of_unknown_files(desk: Desk, office: Office) -> None:
    lost(office)

    assert "arrive?" not in queue(desk, "sent")


def test_a_long_queue_is_read_page_by_page_there_and_back(desk: Desk, office: Office) -> None:
    for day in range(ROWS + 3):
        office.visit(DAY - timedelta(days=day))
    office.bill()
    browser = desk.browser(desk.cast.cleo)

    first = browser.get("/claims?queue=sent").text
    second = browser.get(leading("next", first)).text
    back = browser.get(leading("prev", second)).text

    numbers = [[row.split()[0] for row in rows(page)] for page in (first, second, back)]
    assert [len(found) for found in numbers] == [ROWS, 3, ROWS]
    assert sorted([*numbers[0], *numbers[1]]) == sorted(claim.control_number for claim in office.claims())
    assert numbers[2] == numbers[0]
    assert ('rel="prev"' in first, 'rel="next"' in second) == (False, False)


def leading(way: str, page: str) -> str:
    """The address of the next or the previous page."""
    found = re.search(rf'rel="{way}" href="([^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


@pytest.mark.parametrize(
    "odd",
    [
        "after=nonsense",
        "after=1.2.3",
        "after=99999999999999999.1",
        "before=-5.1",
        "payer=first",
        "payer=99999999999999999999",
        "rule=%27%3B--",
    ],
)
def test_an_address_that_somebody_mangled_shows_the_queue_all_the_same(desk: Desk, office: Office, odd: str) -> None:
    response = desk.browser(desk.cast.cleo).get(f"/claims?queue=held&{odd}")

    assert response.status_code == 200


def test_before_there_is_a_clinic_the_queues_are_empty(desk: Desk) -> None:
    page = queue(desk, "held")

    assert NOTHING[Queue.HELD][0] in page


def test_there_is_no_queue_of_another_name(desk: Desk, office: Office) -> None:
    assert desk.browser(desk.cast.cleo).get("/claims?queue=lost").status_code == 404


def test_looking_leaves_an_audit_row_that_names_the_queue_and_no_patient(desk: Desk, office: Office) -> None:
    held(office)

    queue(desk, "held")

    last = audit_rows(desk.database)[-1]
    assert (last.action, last.subject_kind, last.detail["queue"]) == ("claims viewed", "claim", "held")
    assert "Okoro" not in str(last.detail)


def test_no_patient_stands_in_any_address_of_the_page(desk: Desk, office: Office) -> None:
    held(office)

    page = queue(desk, "held")

    assert not [address for address in re.findall(r'(?:href|action)="([^"]+)"', page) if "koro" in address.lower()]


def test_the_page_takes_at_most_twelve_statements_however_many_claims_there_are(desk: Desk, office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    for day in range(12):
        office.visit(DAY + timedelta(days=day))
    office.bill()
    browser = desk.browser(desk.cast.cleo)
    browser.get("/claims")

    for name in Queue:
        with counted(desk.database) as seen:
            browser.get(f"/claims?queue={name}")
        assert len(seen) <= 12, (name, seen)


def test_a_clearinghouse_that_takes_nothing_is_told_on_every_queue_until_it_takes_something(
    desk: Desk, office: Office
) -> None:
    office.visit()
    office.clearinghouse.failure = NotDelivered("clinic@far.example.org cannot be reached: it did not answer.")
    office.bill()

    told = [text_of(queue(desk, name)) for name in Queue]
    office.clearinghouse.failure = None
    office.bill()

    for page in told:
        assert "clinic@far.example.org cannot be reached: it did not answer." in page
        assert "1 file waits since Tue 31 Mar 2026, 13:00, last offered Tue 31 Mar 2026, 13:00." in page
    assert "cannot be reached" not in queue(desk, "ready")


def test_filing_all_that_is_ready_asks_for_one_billing_run_through_today(desk: Desk, office: Office) -> None:
    office.visit()
    browser = desk.browser(desk.cast.cleo)

    response = browser.post("/claims/file", form_key=KEY)

    (errand,) = errands(desk)
    assert (response.status_code, response.location) == (303, f"/errands/{errand.id}")
    assert (errand.kind, errand.facts, errand.asked_by_id) == ("bill", {"through": "2026-04-12"}, desk.cast.cleo.id)
    assert office.claims() == []


def test_the_run_bills_what_was_signed_and_tells_it_with_links(desk: Desk, office: Office, program: Program) -> None:
    office.visit()
    browser = desk.browser(desk.cast.cleo)
    address = browser.post("/claims/file").location

    do_what_is_due(program)

    page = browser.get(address).text
    (claim,) = office.claims()
    assert claim.state is ClaimState.SENT
    assert "1 sessions are signed up to that day" in text_of(page)
    assert f'<a href="/claims/{claim.id}">{claim.control_number}</a>' in page


def test_the_run_tells_what_it_did_not_bill_and_where_to_go(desk: Desk, office: Office, program: Program) -> None:
    held(office)
    office.visit(DAY + timedelta(days=1), state=SessionState.ARRIVED)
    office.visit(DAY + timedelta(days=2), bill_to=BillTo.SELF)
    browser = desk.browser(desk.cast.cleo)
    address = browser.post("/claims/file").location

    do_what_is_due(program)

    page = browser.get(address).text
    said = text_of(page)
    assert f"1 {TIMES} Consent missing" in said
    assert "Note not signed" in said
    assert "Invoices" in said
    assert 'href="/claims?queue=held&amp;rule=consent.missing"' in page


def test_pressing_twice_files_once(desk: Desk, office: Office) -> None:
    office.visit()
    browser = desk.browser(desk.cast.cleo)

    first = browser.post("/claims/file", form_key=KEY)
    second = browser.post("/claims/file", form_key=KEY)
    third = browser.post("/claims/file", form_key=f"{KEY}-other")

    assert first.location == second.location == third.location
    assert len(errands(desk)) == 1


def test_two_clicks_bill_a_whole_day(desk: Desk, office: Office, program: Program) -> None:
    sessions = [office.visit(DAY + timedelta(days=day)) for day in range(3)]
    browser = desk.browser(desk.cast.cleo)

    page = browser.get("/claims").text
    form = re.search(r'<form class="one-button" method="post" action="([^"]+)"', page)
    assert form is not None
    browser.post(form[1])
    do_what_is_due(program)

    assert [office.claim(session).state for session in sessions] == [ClaimState.SENT] * 3
    assert tabs(queue(desk, "unbilled"))["Unbilled"] == 0


def test_who_does_not_work_with_claims_neither_sees_nor_files_them(desk: Desk, office: Office) -> None:
    held(office)
    browser = desk.browser(desk.cast.ben)
    before = contents(desk.database, without="audit_entry")

    answers = [browser.get("/claims").status_code, browser.post("/claims/file").status_code]

    assert answers == [403, 403]
    assert contents(desk.database, without="audit_entry") == before
