"""The Session page: charting while the patient is here, signing with one press, reading ever after."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from billing.access.permissions import Role
from billing.clock import now
from billing.sessions.charting import ChartContent
from billing.sessions.documenting import save_chart
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession, Note
from tests.factories import DAY, make_patient, make_practitioner, make_session
from tests.sessions.notes import FIRST, WHOLE, charted
from tests.web.desk import Desk, audit_rows, contents
from tests.web.pages.session_stage import TYPED, signed, staged
from tests.web.statements import counted


def test_a_draft_is_saved_as_it_was_typed_and_stands_in_the_form_again(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()

    answer = ben.post(f"{stage.path}/chart", seen=stage.seen(ben), **TYPED)

    assert (answer.status_code, answer.location) == (303, stage.path)
    assert stage.kept() == ("arrived", WHOLE)
    page = ben.get(stage.path).text
    assert "The draft is saved. It is not signed yet." in page
    for text in ("Low back pain since September.", 'value="BL23, BL40"', 'value="M54.50"', "Draft of"):
        assert text in page


def test_signing_saves_what_is_in_the_form_and_signs_it_with_one_press(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()

    answer = ben.post(f"{stage.path}/sign", seen=stage.seen(ben), **TYPED)

    assert (answer.status_code, answer.location) == (303, stage.path)
    assert stage.kept() == ("signed", WHOLE)
    page = ben.get(stage.path).text
    assert "The note is signed." in page
    assert f'formaction="{stage.path}/sign"' not in page
    assert "Version 1" in page


def test_a_refused_signature_changes_nothing_and_loses_nothing_that_was_typed(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()
    seen, before = stage.seen(ben), contents(desk.database, without="audit_entry")

    typed = {**TYPED, "set-0-taken": "5", "plan": "", "subjective": "A long story & more"}
    answer = ben.post(f"{stage.path}/sign", seen=seen, **typed)

    assert answer.status_code == 422
    assert contents(desk.database, without="audit_entry") == before
    for text in (
        "8 needles were placed and 7 taken out.",
        "The note has no Plan.",
        "A long story &amp; more",
        'value="BL23, BL40"',
        'name="set-0-taken" type="text" value="5"',
    ):
        assert text in answer.text
    assert "Before it can be signed" in answer.text


def test_what_cannot_be_read_is_told_at_its_field_with_the_text_kept(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()

    typed = {**TYPED, "set-2-minutes": "a few", "procedure-0-units": "2", "pain": "12", "modifiers": "KXX"}
    answer = ben.post(f"{stage.path}/chart", seen=stage.seen(ben), **typed)

    assert answer.status_code == 422
    assert 'value="a few"' in answer.text
    for field in ("set-2-minutes", "procedure-0-code", "modifiers"):
        assert f'id="{field}-error"' in answer.text
    assert "Pain must be from 0 to 10." in answer.text
    assert stage.kept() == ("arrived", ChartContent())


def test_a_form_sent_twice_signs_once(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()
    fields = {**TYPED, "seen": stage.seen(ben), "form_key": "a-key-of-this-form-1"}

    first = ben.post(f"{stage.path}/sign", **fields)
    second = ben.post(f"{stage.path}/sign", **fields)

    assert (first.status_code, second.status_code, second.location) == (303, 303, stage.path)
    with desk.database.reading() as db:
        assert len(db.scalars(select(Note)).all()) == 1


def test_a_draft_that_somebody_else_saved_meanwhile_is_not_overwritten(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()
    seen = stage.seen(ben)
    theirs = charted(pain=9)
    with desk.database.transaction() as db:
        save_chart(db, stage.session_id, theirs, by="user:1", at=now())

    answer = ben.post(f"{stage.path}/chart", seen=seen, **{**TYPED, "subjective": "Mine."})

    assert answer.status_code == 422
    assert "Somebody changed this after you had opened it." in answer.text
    assert "Mine." in answer.text
    assert stage.kept() == ("arrived", theirs)


def test_the_preview_tells_the_codes_of_what_is_typed_and_writes_nothing(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()
    ben.get(stage.path)
    before = contents(desk.database, without="audit_entry")

    answer = ben.client.post(
        f"{stage.path}/preview", data={"csrf_token": ben.form_token(), **TYPED}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 200
    assert contents(desk.database, without="audit_entry") == before
    for text in ('id="judged"', "97810", "97811", "15 + 20 = 35 contact minutes", "$165.00", "retained"):
        assert text in answer.text
    assert "<html" not in answer.text


def test_without_a_script_the_preview_is_the_whole_page_with_the_text_kept(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()

    answer = ben.post(f"{stage.path}/preview", do="codes", **{**TYPED, "set-0-minutes": "a few"})

    assert answer.status_code == 200
    assert "<html" in answer.text
    assert 'value="a few"' in answer.text


def test_more_rows_are_added_below_those_that_are_typed(desk: Desk) -> None:
    stage = staged(desk)
    ben = stage.ben()

    answer = ben.post(f"{stage.path}/preview", do="rows", **TYPED)

    assert 'name="set-2-minutes" type="text" value="20"' in answer.text
    assert answer.text.count('<fieldset class="set">') == 6


def test_the_last_visit_is_copied_where_nothing_is_typed_without_what_was_measured(desk: Desk) -> None:
    stage = signed(desk)
    with desk.database.transaction() as db:
        patient, practitioner = stage.scene.patient, stage.scene.practitioner
        new = make_session(
            db, patient, practitioner, DAY.replace(day=10), state=SessionState.ARRIVED, sets=[], diagnoses=[]
        )
    ben = stage.ben()

    answer = ben.post(f"/sessions/{new.id}/preview", do="copy", subjective="Today it is worse.")

    for text in ("Today it is worse.", "Tender at L4.", 'value="BL23, BL40"', 'value="M54.50"'):
        assert text in answer.text
    assert "Low back pain since September." not in answer.text
    assert 'name="set-0-minutes" type="text" value=""' in answer.text
    assert re.search(r'name="pain" value="5" checked', answer.text) is None


@pytest.mark.parametrize("role", Role)
def test_everybody_reads_the_page_and_who_may_not_chart_sees_no_form(desk: Desk, role: Role) -> None:
    stage = staged(desk)
    with desk.database.transaction() as db:
        save_chart(db, stage.session_id, WHOLE, by="user:1", at=now())

    page = desk.browser(desk.cast.of(role)).get(stage.path).text

    assert "Low back pain since September." in page
    charts, signs = role in (Role.OWNER, Role.PRACTITIONER), role is Role.PRACTITIONER
    assert ('id="chart"' in page) == charts
    assert (f'formaction="{stage.path}/sign"' in page) == signs


def test_looking_is_on_record_with_the_session(desk: Desk) -> None:
    stage = staged(desk)

    stage.ben().get(stage.path)

    (row,) = audit_rows(desk.database)
    assert (row.action, row.subject_kind, row.subject_id) == ("session viewed", "session", str(stage.session_id))


def test_a_practitioner_who_did_not_treat_may_help_charting_and_not_sign(desk: Desk) -> None:
    stage = staged(desk)
    with desk.database.transaction() as db:
        session = db.get_one(ClinicSession, stage.session_id)
        session.practitioner_id = make_practitioner(db, first_name="Ida").id
    ben = stage.ben()

    page = ben.get(stage.path).text
    answer = ben.post(f"{stage.path}/sign", seen=stage.seen(ben), **TYPED)

    assert 'id="chart"' in page
    assert f'formaction="{stage.path}/sign"' not in page
    assert "only they can sign its note" in page
    assert answer.status_code == 422
    assert stage.kept()[0] == "arrived"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (SessionState.BOOKED, "The patient has not arrived yet"),
        (SessionState.NO_SHOW, "The patient did not come"),
        (SessionState.CANCELLED, "This session was cancelled"),
    ],
)
def test_a_session_that_is_not_taking_place_says_so_and_takes_no_chart(
    desk: Desk, state: SessionState, said: str
) -> None:
    stage = staged(desk)
    with desk.database.transaction() as db:
        db.get_one(ClinicSession, stage.session_id).state = state
    ben = stage.ben()

    page = ben.get(stage.path).text
    answer = ben.post(f"{stage.path}/chart", **TYPED)

    assert said in page
    assert 'id="chart"' not in page
    assert answer.status_code == 422
    assert stage.kept() == (state.value, ChartContent())


def test_the_arrival_is_noted_on_the_page_itself_and_the_chart_opens(desk: Desk) -> None:
    stage = staged(desk)
    with desk.database.transaction() as db:
        session = db.get_one(ClinicSession, stage.session_id)
        session.state, session.service_on, session.starts_at = SessionState.BOOKED, now().date(), now()
    ben = stage.ben()

    offered = ben.get(stage.path).text
    answer = ben.post(f"{stage.path}/begin")

    assert f'action="{stage.path}/begin"' in offered
    assert (answer.status_code, answer.location) == (303, stage.path)
    assert 'id="chart"' in ben.get(stage.path).text


def test_what_holds_the_claim_is_told_apart_from_what_stops_the_signature(desk: Desk) -> None:
    stage = staged(desk)
    with desk.database.transaction() as db:
        db.merge(stage.scene.patient).signature_on_file = False
        db.merge(stage.scene.licence).valid_to = DAY.replace(day=1)
        save_chart(db, stage.session_id, WHOLE, by="user:1", at=now())

    page = stage.ben().get(stage.path).text

    stops, holds = page.split("Before it can be signed")[1].split("Holds the claim")
    assert "ended on Sun 1 Mar 2026" in stops
    assert "signature for release of information" in holds
    assert "Nothing stands in the way." not in page


def test_a_self_pay_session_says_what_holds_the_bill(desk: Desk) -> None:
    stage = staged(desk, bill_to=BillTo.SELF)
    with desk.database.transaction() as db:
        save_chart(db, stage.session_id, charted(sets=(replace(FIRST, minutes=5),)), by="user:1", at=now())

    page = stage.ben().get(stage.path).text

    assert "Holds the bill" in page
    assert "No needle set reaches 8 minutes" in page
    assert "Self-pay" in page


def test_a_session_that_does_not_exist_is_not_there(desk: Desk) -> None:
    ben = desk.browser(desk.cast.ben)

    assert ben.get("/sessions/4711").status_code == 404
    for page in ("chart", "sign", "preview", "amend"):
        assert ben.post(f"/sessions/4711/{page}", **TYPED).status_code == 404


def test_safety_flags_stand_out_and_current_is_refused_for_a_pacemaker(desk: Desk) -> None:
    stage = staged(desk)
    with desk.database.transaction() as db:
        db.merge(stage.scene.patient).flags = ["pacemaker"]
    ben = stage.ben()

    page = ben.get(stage.path).text
    answer = ben.post(f"{stage.path}/sign", seen=stage.seen(ben), **{**TYPED, "set-0-estim": "yes"})

    assert '<strong class="flag">Pacemaker</strong>' in page
    assert answer.status_code == 422
    assert "Electrical stimulation is charted for a patient with an implant" in answer.text


def test_the_page_takes_at_most_twelve_statements_however_much_there_is(desk: Desk) -> None:
    stage = signed(desk)
    with desk.database.transaction() as db:
        patient, practitioner = stage.scene.patient, stage.scene.practitioner
        for week in range(1, 20):
            make_session(db, patient, practitioner, DAY.replace(year=2025, month=1 + week % 12), pain_score=5)
            make_session(db, make_patient(db), practitioner, DAY, start=f"{week % 12 + 8:02}:00", minutes=30, sets=[])
    ben = stage.ben()

    with counted(desk.database) as asked:
        answer = ben.get(stage.path)

    assert answer.status_code == 200
    assert len(asked) <= 12, "\n\n".join(asked)
