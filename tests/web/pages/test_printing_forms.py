"""Forms of many claims are asked for on the Claims page: those ticked, those shown, or a whole queue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from billing import clock
from billing.claims.models import Claim
from billing.claims.worklists import Queue
from billing.operations.models import Errand, ErrandState
from billing.wiring import Program
from tests.claims.office import Office
from tests.factories import DAY, make_payer
from tests.web.desk import Desk, audit_rows, contents, do_what_is_due
from tests.web.pages.claims_stage import KEY, NOW, held, office_behind, text_of
from tests.web.statements import counted

PLAIN = {"sheets": "plain", "right": "0", "down": "0"}


@pytest.fixture(autouse=True)
def april(noon: None) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def office(desk: Desk, program: Program) -> Office:
    return office_behind(desk, program)


def filed(office: Office, number: int) -> list[Claim]:
    sessions = [office.visit(DAY + timedelta(days=day)) for day in range(number)]
    office.bill()
    return [office.claim(one) for one in sessions]


def errands(desk: Desk) -> list[Errand]:
    with desk.database.reading() as db:
        return list(db.scalars(sa.select(Errand).order_by(Errand.id)))


def test_the_claims_that_are_ticked_are_asked_for(desk: Desk, office: Office) -> None:
    first, _, third = filed(office, 3)
    client = desk.browser(desk.cast.cleo)

    response = client.post(
        "/claims/print?queue=sent", claim=[str(third.id), str(first.id)], which="ticked", sheets="preprinted",
        right="3", down="-2",
    )  # fmt: skip

    (errand,) = errands(desk)
    assert (response.status_code, response.location) == (303, f"/errands/{errand.id}")
    assert (errand.kind, errand.asked_by_id) == ("forms", desk.cast.cleo.id)
    assert errand.facts == {"claims": [first.id, third.id], "preprinted": True, "right": 3, "down": -2}
    assert [(one.action, one.detail["claims"]) for one in audit_rows(desk.database)[-1:]] == [
        ("claim forms asked for", 2)
    ]


def test_all_that_is_shown_or_all_that_a_queue_holds_can_be_asked_for(desk: Desk, office: Office) -> None:
    claims = filed(office, 3)
    other = office.write(lambda db: make_payer(db, name="Aardvark Mutual").id)
    office.edit(claims[2], payer_id=other)
    browser = desk.browser(desk.cast.cleo)
    numbers = [one.id for one in claims]

    page = browser.get("/claims?queue=sent").text
    shown = re.findall(r'name="shown" value="(\d+)"', page)
    browser.post("/claims/print?queue=sent", shown=shown[:2], which="shown", **PLAIN)
    browser.post("/claims/print?queue=sent", which="queue", **PLAIN)
    browser.post(f"/claims/print?queue=sent&payer={other}", which="queue", **PLAIN)

    assert sorted(map(int, shown)) == numbers
    asked = [one.facts["claims"] for one in errands(desk)]
    assert asked == [sorted(map(int, shown[:2])), numbers, numbers[2:]]


def test_the_stack_is_drawn_and_opened_from_where_it_was_asked_for(
    desk: Desk, office: Office, program: Program
) -> None:
    claims = filed(office, 2)
    browser = desk.browser(desk.cast.cleo)
    address = browser.post("/claims/print?queue=sent", which="queue", **PLAIN).location

    do_what_is_due(program)

    page = browser.get(address).text
    assert "2 forms on 2 sheets, by payer, then date of service, then claim number." in text_of(page)
    opened = browser.get(re.findall(r'href="(/documents/\d+)"', page)[0])
    assert (opened.status_code, opened.mimetype) == (200, "application/pdf")
    assert opened.data.startswith(b"%PDF-")
    assert browser.get(address).text.count("Without a form") == 0
    assert [one.subject_id for one in audit_rows(desk.database) if one.action == "claim form printed"] == [
        str(one.id) for one in claims
    ]


def test_what_has_no_form_is_told_with_a_link_to_it(desk: Desk, office: Office, program: Program) -> None:
    claim = office.claim(held(office))
    browser = desk.browser(desk.cast.cleo)
    address = browser.post("/claims/print?queue=sent", claim=str(claim.id), which="ticked", **PLAIN).location

    do_what_is_due(program)

    page = browser.get(address).text
    assert "There is no form to print" in page
    assert f'<a href="/claims/{claim.id}">{claim.control_number}</a>' in page
    assert "It has not been filed: what it says may still change." in text_of(page)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"which": "ticked"}, "No claim is chosen."),
        ({"which": "ticked", "claim": "999999"}, "No claim is chosen."),
        ({"which": "ticked", "claim": "one"}, "No claim is chosen."),
        ({"which": "everything"}, "this choice does not exist"),
        ({"which": "queue", "right": "37"}, "must be from -36 to 36"),
        ({"which": "queue", "down": "a bit"}, "is not a whole number"),
        ({"which": "queue", "sheets": "papyrus"}, "this choice does not exist"),
    ],
)
def test_what_cannot_be_printed_is_refused_at_its_field_and_what_was_chosen_is_kept(
    desk: Desk, office: Office, fields: dict[str, str], said: str
) -> None:
    filed(office, 2)

    response = desk.browser(desk.cast.cleo).post("/claims/print?queue=sent", **{**PLAIN, "down": "5", **fields})

    assert response.status_code == 422
    assert said in text_of(response.text)
    assert '<details class="disclosure print-forms stays" open>' in response.text
    assert fields.get("down", "5") in re.findall(r'name="down"[^>]* value="([^"]*)"', response.text)
    assert errands(desk) == []


def test_ticks_are_kept_when_the_form_comes_back(desk: Desk, office: Office) -> None:
    first, second = filed(office, 2)

    response = desk.browser(desk.cast.cleo).post(
        "/claims/print?queue=sent", which="ticked", claim=str(second.id), sheets="plain", right="99", down="0"
    )

    boxes = dict(re.findall(r'type="checkbox" name="claim" value="(\d+)"[^>]*?( checked)?>', response.text))
    assert boxes == {str(first.id): "", str(second.id): " checked"}


def test_a_queue_of_too_many_claims_is_refused_in_words(desk: Desk, office: Office) -> None:
    claim, *_ = filed(office, 1)
    columns = [one.name for one in Claim.__table__.columns if one.name not in ("id", "control_number", "state")]
    office.write(
        lambda db: db.execute(
            sa.text(
                f"INSERT INTO claim (control_number, state, {', '.join(columns)}) "
                f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
                f"SELECT 'COPY' || i, 'replaced', {', '.join(columns)} FROM claim, n WHERE claim.id = {claim.id}"
            )
        )
    )
    office.write(lambda db: db.execute(sa.update(Claim).where(Claim.id == claim.id).values(state="closed")))

    response = desk.browser(desk.cast.cleo).post("/claims/print?queue=closed", which="queue", **PLAIN)

    assert response.status_code == 422
    assert "These are more than 2,000 claims." in text_of(response.text)


def test_the_next_time_begins_with_how_it_was_printed_last(desk: Desk, office: Office) -> None:
    filed(office, 1)
    browser = desk.browser(desk.cast.cleo)
    browser.post("/claims/print?queue=sent", which="queue", sheets="preprinted", right="4", down="-7")

    page = browser.get("/claims?queue=sent").text

    assert re.search(r'name="right"[^>]* value="4"', page)
    assert re.search(r'name="down"[^>]* value="-7"', page)
    assert re.search(r'value="preprinted"[^>]* checked', page)


def test_forms_are_offered_where_claims_were_filed_and_to_whom_may_print_them(desk: Desk, office: Office) -> None:
    held(office)
    office.edit(office.scene.patient, signature_on_file=True)
    office.visit(DAY + timedelta(days=1))
    office.bill()
    office.edit(office.scene.patient, signature_on_file=False)
    office.visit(DAY + timedelta(days=2))
    office.bill()
    cleo, ben = desk.browser(desk.cast.cleo), desk.browser(desk.cast.ben)

    offered = {name for name in Queue if "Print forms" in cleo.get(f"/claims?queue={name}").text}

    assert offered == {Queue.SENT}
    before = contents(desk.database, without="audit_entry")
    assert ben.post("/claims/print?queue=sent", which="queue", **PLAIN).status_code == 403
    assert contents(desk.database, without="audit_entry") == before


def test_asking_twice_draws_once(desk: Desk, office: Office, program: Program) -> None:
    filed(office, 2)
    browser = desk.browser(desk.cast.cleo)

    first = browser.post("/claims/print?queue=sent", form_key=KEY, which="queue", **PLAIN)
    second = browser.post("/claims/print?queue=sent", form_key=KEY, which="queue", **PLAIN)
    do_what_is_due(program)

    assert first.location == second.location
    assert [one.state for one in errands(desk)] == [ErrandState.DONE]


def test_the_page_with_forms_to_print_keeps_to_its_twelve_statements(desk: Desk, office: Office) -> None:
    filed(office, 12)
    browser = desk.browser(desk.cast.cleo)
    browser.post("/claims/print?queue=sent", which="queue", **PLAIN)

    with counted(desk.database) as seen:
        browser.get("/claims?queue=sent")

    assert len(seen) <= 12, seen
