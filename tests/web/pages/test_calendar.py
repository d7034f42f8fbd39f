"""The calendar: a day in columns, booking from a free quarter of an hour, and moving."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from billing.clock import stopped_at
from billing.operations.rounds import ASK_PAYERS
from billing.practitioners.models import Credential, Practitioner
from billing.reports.calendar_page import LONGEST_ROWS, MOST_LANES, ROW_MINUTES
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import AccidentKind, BillTo, ClinicSession
from billing.sessions.moving import cancel, check_in
from billing.web import pages
from tests.factories import DAY, make_practitioner, moment
from tests.sessions.booked import FAY, second_practitioner
from tests.web.desk import Browser, Desk, audit_rows, contents
from tests.web.pages.front_stage import HTMX, TWENTY_PAST_NINE, FrontStage, set_front_stage
from tests.web.statements import counted

CALENDAR = f"/calendar?day={DAY}"


@pytest.fixture(autouse=True)
def twenty_past_nine(noon: None) -> Iterator[None]:
    with stopped_at(TWENTY_PAST_NINE):
        yield


@pytest.fixture
def stage(desk: Desk) -> FrontStage:
    return set_front_stage(desk)


def booking(stage: FrontStage, **changes: str) -> dict[str, str]:
    """The fields of a booking form that is good."""
    fields = {
        "patient": str(stage.front.scene.patient.id), "practitioner": str(stage.front.scene.practitioner.id),
        "room": str(stage.front.alder.id), "day": str(DAY), "at": "11:00", "minutes": "60", "contact_minutes": "30",
        "bill_to": "insurance",
    }  # fmt: skip
    return {**fields, **changes}


def moving(stage: FrontStage, browser: Browser, number: int, **changes: str) -> dict[str, str]:
    """The fields of a move form, filled as it is shown."""
    seen = re.search(r'name="seen" value="([^"]+)"', browser.get(f"/sessions/{number}/move").text)
    assert seen is not None
    fields = booking(stage, seen=seen[1], **changes)
    return {name: value for name, value in fields.items() if name not in ("patient", "bill_to")}


def sessions(stage: FrontStage) -> int:
    with stage.desk.database.reading() as db:
        return db.scalar(select(func.count()).select_from(ClinicSession)) or 0


def blocks(answer: TestResponse) -> list[str]:
    return re.findall(r'<article class="block ([^"]+)"', answer.text)


def free_hours(answer: TestResponse, of: str) -> list[str]:
    """The times that can be booked in the column of that name."""
    column = answer.text.partition(f">{of}</h2>")[2].partition("</section>")[0]
    return re.findall(r'class="slot [^"]+" href="[^"]+at=([^&"]+)', column)


def test_a_session_stands_at_its_time_solid_for_the_practitioners_minutes(stage: FrontStage) -> None:
    stage.book("09:00")

    page = stage.fay().get(CALENDAR)

    assert blocks(page) == ["booked from-25 len-12 lane-1-of-1"]
    assert '<div class="solid len-6">' in page.text
    assert "<span>Miri</span> <span>Okoro</span>" in page.text


def test_staggered_sessions_stand_side_by_side_and_the_resting_time_is_free(stage: FrontStage) -> None:
    stage.book("09:00")
    stage.book_other("09:30", room_id=stage.front.birch.id)

    page = stage.fay().get(CALENDAR)

    assert blocks(page) == ["booked from-25 len-12 lane-1-of-2", "booked from-31 len-12 lane-2-of-2"]
    free = free_hours(page, "Ben Quill")
    assert "08%3A45" in free or "08:45" in free
    assert not {"09:00", "09:15", "09:30", "09:45"} & {time.replace("%3A", ":") for time in free}
    assert "10:00" in {time.replace("%3A", ":") for time in free}


def test_a_room_is_taken_for_the_whole_session(stage: FrontStage) -> None:
    stage.book("09:00")

    page = stage.fay().get(f"{CALENDAR}&by=room")

    free = {time.replace("%3A", ":") for time in free_hours(page, "Alder")}
    assert not {"09:00", "09:15", "09:30", "09:45"} & free
    assert {"08:45", "10:00"} <= free
    assert len(free_hours(page, "Birch")) == 13 * 4


def test_what_was_called_off_is_not_in_the_calendar(stage: FrontStage) -> None:
    number = stage.book("09:00")
    with stage.desk.database.transaction() as db:
        cancel(db, number, why="Snow", by=FAY, at=TWENTY_PAST_NINE)

    assert blocks(stage.fay().get(CALENDAR)) == []


def test_a_session_without_a_room_has_a_column_of_its_own(stage: FrontStage) -> None:
    stage.book("09:00", room_id=None)

    page = stage.fay().get(f"{CALENDAR}&by=room").text

    assert "No room yet" in page


def test_sessions_outside_the_usual_hours_make_the_day_longer(stage: FrontStage) -> None:
    stage.book("05:30")
    stage.book_other("20:30")

    page = stage.fay().get(CALENDAR)

    assert 'data-first="5"' in page.text
    assert blocks(page) == ["booked from-7 len-12 lane-1-of-1", "booked from-187 len-12 lane-1-of-1"]
    assert '"lines from-1 len-204"' in page.text


def test_the_day_of_a_clock_change_is_drawn_by_the_clocks_of_the_clinic(stage: FrontStage) -> None:
    stage.book("09:00", on=date(2026, 3, 8))

    page = stage.fay().get("/calendar?day=2026-03-08")

    assert blocks(page) == ["booked from-25 len-12 lane-1-of-1"]


def test_the_week_says_how_many_come_each_day(stage: FrontStage) -> None:
    stage.book("09:00")
    stage.book_other("09:00", on=DAY + timedelta(days=1))

    page = stage.fay().get(CALENDAR).text

    counts = re.findall(r'count quiet small">(\d+)<', page)
    assert counts == ["0", "1", "1", "0", "0", "0", "0"]


def test_a_practitioner_who_has_left_is_seen_only_where_they_still_have_sessions(stage: FrontStage) -> None:
    stage.book("09:00")
    with stage.desk.database.transaction() as db:
        db.get_one(Practitioner, stage.front.scene.practitioner.id).left_on = DAY
        second_practitioner(db)
    browser = stage.fay()

    there, later = browser.get(CALENDAR).text, browser.get(f"/calendar?day={DAY + timedelta(days=1)}").text

    assert "left on 2026-03-03" in there
    assert "Ida Moreau" in later
    assert "Ben Quill" not in later


def test_who_may_only_look_is_offered_nothing_to_book_or_move(stage: FrontStage) -> None:
    number = stage.book("09:00")
    cleo = stage.desk.browser(stage.desk.cast.cleo)
    before = sessions(stage)

    page = cleo.get(CALENDAR).text
    answers = [
        cleo.get("/calendar/book").status_code,
        cleo.get(f"/sessions/{number}/move").status_code,
        cleo.post("/sessions", **booking(stage)).status_code,
        cleo.post(f"/sessions/{number}/move", **booking(stage)).status_code,
        cleo.post("/calendar/find", q="Okoro").status_code,
    ]

    assert 'class="slot' not in page
    assert "/move" not in page
    assert answers == [403] * 5
    assert sessions(stage) == before


def test_the_patient_is_found_first_and_the_slot_is_kept(stage: FrontStage) -> None:
    browser = stage.fay()

    empty = browser.get(f"/calendar/book?day={DAY}&at=11:00&practitioner=1").text
    found = browser.post("/calendar/find", q="okoro", day=str(DAY), at="11:00", practitioner="1").text

    patient = stage.front.scene.patient.id
    assert "For whom?" in empty
    link = re.search(rf'href="(/calendar/book\?[^"]*patient={patient}[^"]*)"', found)
    assert link is not None
    assert all(part in link[1] for part in (f"day={DAY}", "practitioner=1", "at=11"))
    assert "okoro" not in link[1].lower()


def test_what_is_typed_to_find_somebody_is_not_on_record(stage: FrontStage) -> None:
    stage.fay().post("/calendar/find", q="Okoro")

    row = audit_rows(stage.desk.database)[-1]
    assert row.action == "searched"
    assert "koro" not in str(row.detail)


def test_nobody_found_can_be_registered(stage: FrontStage) -> None:
    answer = stage.fay().post("/calendar/find", q="Xylander")

    assert "Nobody on file fits that." in answer.text


def test_a_booking_is_made_and_said(stage: FrontStage) -> None:
    browser = stage.fay()

    answer = browser.post("/sessions", **booking(stage))
    page = browser.get(answer.location)

    assert (answer.status_code, answer.location) == (303, f"/calendar?day={DAY}")
    assert "Booked for Tue 3 Mar 2026, 11:00." in page.text
    assert blocks(page) == ["booked from-49 len-12 lane-1-of-1"]
    assert audit_rows(stage.desk.database)[-2].action == "session booked"


@pytest.mark.parametrize(("bill_to", "heard"), [("insurance", [ASK_PAYERS]), ("self", [])])
def test_a_booking_on_insurance_has_the_payer_asked_at_once(stage: FrontStage, bill_to: str, heard: list[str]) -> None:
    bell = stage.desk.app.extensions["meridian"].bell

    stage.fay().post("/sessions", **booking(stage, bill_to=bill_to))

    assert bell.heard == heard


def test_a_booking_sent_twice_is_made_once(stage: FrontStage) -> None:
    browser = stage.fay()
    sent = booking(stage, form_key="a-key-of-a-form-0001")

    first, second = browser.post("/sessions", **sent), browser.post("/sessions", **sent)

    assert (first.status_code, second.status_code, first.location) == (303, 303, second.location)
    assert sessions(stage) == 1


def test_a_slot_that_is_taken_is_refused_at_its_fields_and_what_was_typed_is_kept(stage: FrontStage) -> None:
    stage.book_other("11:00")

    answer = stage.fay().post("/sessions", **booking(stage, at="11:15", minutes="45", bill_to="superbill"))

    assert answer.status_code == 422
    assert "Ben Quill is with Osei Brandt on 3 Mar 2026 from 11:00 to 11:30." in answer.text
    assert "The nearest free time that day is 12:00." in answer.text
    assert 'id="practitioner-error"' in answer.text
    assert 'id="room-error"' in answer.text
    assert 'value="45"' in answer.text
    assert 'value="superbill" required checked' in answer.text
    assert sessions(stage) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": "3 March"}, "day"),
        ({"at": "25:00"}, "at"),
        ({"minutes": "hour"}, "minutes"),
        ({"minutes": "481"}, "minutes"),
        ({"contact_minutes": "61"}, "contact_minutes"),
        ({"practitioner": "999"}, "practitioner"),
        ({"room": "999"}, "room"),
        ({"bill_to": "the moon"}, "bill_to"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_books_nothing(
    stage: FrontStage, changes: dict[str, str], field: str
) -> None:
    answer = stage.fay().post("/sessions", **booking(stage, **changes))

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert sessions(stage) == 0


def test_a_patient_who_does_not_exist_cannot_be_booked(stage: FrontStage) -> None:
    browser = stage.fay()

    assert browser.post("/sessions", **booking(stage, patient="999")).status_code == 404
    assert browser.get("/calendar/book?patient=999").status_code == 404
    assert sessions(stage) == 0


def test_what_speaks_against_a_session_is_told_before_and_does_not_keep_it_from_being_booked(stage: FrontStage) -> None:
    with stage.desk.database.transaction() as db:
        db.get_one(Credential, stage.front.scene.licence.id).valid_to = DAY - timedelta(days=1)
    browser = stage.fay()

    form = browser.get(f"/calendar/book?patient={stage.front.scene.patient.id}&day={DAY}&at=11:00").text
    answer = browser.post("/sessions", **booking(stage))
    booked = browser.get(answer.location).text

    assert "As it stands it cannot be signed: " in booked
    assert f"{DAY}." not in booked
    assert "Licence lapsed" in form
    assert "None of this keeps you from booking." in form
    assert "Would hold the claim</span>" in form
    assert "Stops</span>" not in form
    assert (answer.status_code, sessions(stage)) == (303, 1)


def test_a_day_that_has_passed_is_remarked_on_and_no_other(stage: FrontStage) -> None:
    patient = stage.front.scene.patient.id

    past, coming = (
        stage.fay().get(f"/calendar/book?patient={patient}&day={DAY + timedelta(days=days)}&at=11:00").text
        for days in (-21, 0)
    )

    assert ("has passed. Go on only if" in past, "has passed" in coming) == (True, False)


def test_the_warnings_follow_what_is_typed_with_a_script_and_without(stage: FrontStage) -> None:
    stage.book_other("11:00")
    with stage.desk.database.transaction() as db:
        ida = make_practitioner(db, first_name="Ida", last_name="Moreau").id
    browser = stage.fay()
    typed = booking(stage, practitioner=str(ida), at="11:00", minutes="50")

    whole = browser.post("/calendar/look", **typed)
    fields = {"csrf_token": browser.form_token(), **typed}
    only_part = browser.client.post("/calendar/look", data=fields, headers=HTMX)

    assert whole.status_code == 200
    assert 'value="50"' in whole.text
    for answer in (whole, only_part):
        assert "Ida Moreau has no licence of OR" in answer.text
        assert "Alder is taken by Osei Brandt on 3 Mar 2026 from 11:00 to 12:00." in answer.text
        assert "Ben Quill is with" not in answer.text
    assert only_part.text.lstrip().startswith('<div id="outlook"')
    assert sessions(stage) == 1


def test_free_times_lead_to_the_form_with_that_time(stage: FrontStage) -> None:
    stage.book_other("11:00")

    page = stage.fay().get(f"/calendar/book?patient={stage.front.scene.patient.id}&day={DAY}&room=").text

    offered = [
        one.replace("%3A", ":")
        for one in re.findall(r'class="chip quiet" data-at="[^"]+" href="[^"]*?at=([^&"]+)', page)
    ]
    assert "11:00" not in offered
    assert {"10:30", "11:30"} <= set(offered)
    assert 'name="at" type="time" autocomplete="off" value="09:30"' in page


def test_the_form_proposes_who_treated_last(stage: FrontStage) -> None:
    with stage.desk.database.transaction() as db:
        ida = second_practitioner(db).id
    stage.book("09:00", on=DAY - timedelta(days=7), practitioner_id=ida)

    page = stage.fay().get(f"/calendar/book?patient={stage.front.scene.patient.id}&day={DAY}").text

    assert f'<option value="{ida}" selected>' in page


def test_the_form_proposes_a_licensed_practitioner_for_who_never_came(stage: FrontStage) -> None:
    with stage.desk.database.transaction() as db:
        second_practitioner(db, first_name="Abe")

    page = stage.fay().get(f"/calendar/book?patient={stage.front.scene.patient.id}&day={DAY}").text

    assert f'<option value="{stage.front.scene.practitioner.id}" selected>' in page


def test_a_session_for_the_same_condition_takes_its_facts_over_unless_unticked(stage: FrontStage) -> None:
    with stage.desk.database.transaction() as db:
        earlier = stage.front.scene.visit(db, DAY - timedelta(days=7), accident=AccidentKind.AUTO).id
    browser = stage.fay()
    page = browser.get(f"/calendar/book?patient={stage.front.scene.patient.id}&day={DAY}").text

    browser.post("/sessions", **booking(stage, continues=str(earlier)))
    browser.post("/sessions", **booking(stage, at="14:00"))

    assert "For the same condition as on Tue 24 Feb 2026" in page
    with stage.desk.database.reading() as db:
        booked = db.scalars(
            select(ClinicSession.accident).where(ClinicSession.state == SessionState.BOOKED).order_by(ClinicSession.id)
        ).all()
    assert booked == [AccidentKind.AUTO, None]


def test_a_session_of_somebody_else_is_not_continued(stage: FrontStage) -> None:
    others = stage.book_other("14:00")

    answer = stage.fay().post("/sessions", **booking(stage, continues=str(others)))

    assert answer.status_code == 422
    assert sessions(stage) == 1


def test_a_clinic_where_nobody_treats_says_so(stage: FrontStage) -> None:
    with stage.desk.database.transaction() as db:
        db.get_one(Practitioner, stage.front.scene.practitioner.id).left_on = DAY

    page = stage.fay().get(f"/calendar/book?patient={stage.front.scene.patient.id}&day={DAY}").text

    assert "Nobody treats here that day" in page


def test_a_session_is_moved_by_its_form(stage: FrontStage) -> None:
    number = stage.book("09:00")
    browser = stage.fay()

    answer = browser.post(
        f"/sessions/{number}/move", **moving(stage, browser, number, at="14:30", why="Patient called")
    )

    assert answer.location == f"/calendar?day={DAY}"
    assert stage.session(number).starts_at == moment(DAY, "14:30")
    assert stage.session(number).bill_to is BillTo.INSURANCE


def test_a_drop_on_the_calendar_fills_the_form_and_moves_nothing_yet(stage: FrontStage) -> None:
    number = stage.book("09:00")

    page = stage.fay().get(f"/sessions/{number}/move?day={DAY}&at=15:45&practitioner=1").text

    assert 'value="15:45"' in page
    assert "Now Tue 3 Mar 2026, 09:00" in page
    assert stage.session(number).starts_at == moment(DAY, "09:00")


def test_a_move_onto_another_session_is_refused_and_the_form_is_kept(stage: FrontStage) -> None:
    stage.book_other("11:00")
    number = stage.book("09:00")
    browser = stage.fay()

    answer = browser.post(f"/sessions/{number}/move", **moving(stage, browser, number, at="11:15", why="Later"))

    assert answer.status_code == 422
    assert "Ben Quill is with Osei Brandt on 3 Mar 2026 from 11:00 to 11:30." in answer.text
    assert 'value="11:15"' in answer.text
    assert 'value="Later"' in answer.text
    assert stage.session(number).starts_at == moment(DAY, "09:00")


def test_a_session_that_somebody_moved_meanwhile_is_not_moved_again(stage: FrontStage) -> None:
    number = stage.book("09:00")
    browser = stage.fay()
    old = moving(stage, browser, number, at="14:30")
    browser.post(f"/sessions/{number}/move", **moving(stage, browser, number, at="12:00"))

    answer = browser.post(f"/sessions/{number}/move", **old)

    assert answer.status_code == 422
    assert "Somebody changed this after you had opened it." in answer.text
    assert stage.session(number).starts_at == moment(DAY, "12:00")


def test_who_is_here_may_change_room_and_time_but_not_the_day(stage: FrontStage) -> None:
    number = stage.book("09:00")
    with stage.desk.database.transaction() as db:
        check_in(db, number, by=FAY, at=TWENTY_PAST_NINE)
    browser = stage.fay()

    tomorrow = browser.post(
        f"/sessions/{number}/move", **moving(stage, browser, number, day=str(DAY + timedelta(days=1)))
    )
    later = browser.post(f"/sessions/{number}/move", **moving(stage, browser, number, at="09:30"))

    assert tomorrow.status_code == 422
    assert 'id="day-error"' in tomorrow.text
    assert (later.status_code, stage.session(number).starts_at) == (303, moment(DAY, "09:30"))


def test_a_session_that_does_not_exist_cannot_be_moved(stage: FrontStage) -> None:
    browser = stage.fay()

    assert browser.get("/sessions/999/move").status_code == 404
    assert browser.post("/sessions/999/move", **booking(stage)).status_code == 404


def test_looking_and_forms_are_on_record_with_whom_they_show(stage: FrontStage) -> None:
    number, browser = stage.book("09:00"), stage.fay()
    patient = str(stage.front.scene.patient.id)

    browser.get(CALENDAR)
    browser.get(f"/calendar/book?patient={patient}")
    browser.get(f"/sessions/{number}/move")

    seen = [(row.action, row.subject_kind, row.subject_id) for row in audit_rows(stage.desk.database)[-3:]]
    assert seen == [
        ("calendar viewed", "day", str(DAY)),
        ("booking form viewed", "patient", patient),
        ("move form viewed", "session", str(number)),
    ]


def test_the_calendar_and_its_forms_take_few_statements(stage: FrontStage) -> None:
    for hour in range(7, 19, 2):
        stage.book(f"{hour:02d}:00")
    number, browser = stage.book("18:30"), stage.fay()
    taken = {}

    for path in (CALENDAR, f"{CALENDAR}&by=room", f"/calendar/book?patient=1&day={DAY}", f"/sessions/{number}/move"):
        with counted(stage.desk.database) as statements:
            assert browser.get(path).status_code == 200
        taken[path] = len(statements)

    assert max(taken.values()) <= 17, taken
    assert taken[CALENDAR] <= 8, taken


def test_pages_carry_nothing_inline_that_the_policy_would_block(stage: FrontStage) -> None:
    number, browser = stage.book("09:00"), stage.fay()

    for path in ("/", CALENDAR, "/calendar/book", "/calendar/book?patient=1", f"/sessions/{number}/move", "/day-sheet"):
        page = browser.get(path).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?! src=)", page), path


def test_the_stylesheet_has_a_place_for_every_row_length_and_lane() -> None:
    sheet = (Path(pages.__file__).parents[1] / "static" / "calendar.css").read_text(encoding="utf-8")
    a_day = 24 * 60 // ROW_MINUTES

    for number in range(1, a_day + 1):
        assert f".from-{number} {{" in sheet
        assert f".len-{number} {{" in sheet
    for of in range(1, MOST_LANES + 1):
        assert all(f".lane-{number}-of-{of} {{" in sheet for number in range(1, of + 1))
    assert a_day >= LONGEST_ROWS


def test_before_there_is_a_clinic_nothing_is_booked(desk: Desk) -> None:
    browser = desk.browser(desk.cast.fay)
    before = contents(desk.database, without="audit_entry")

    answers = [browser.get("/calendar").status_code, browser.post("/sessions", patient="1").status_code]

    assert all(status in (303, 422) for status in answers)
    assert contents(desk.database, without="audit_entry").keys() == before.keys()
