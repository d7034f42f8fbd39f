"""Today: who comes, who is here, who is finished; and each of it one click away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from billing.access.models import User
from billing.clock import stopped_at
from billing.coverage.models import Benefit
from billing.patients.models import Patient
from billing.payments.queries import account_of
from billing.practitioners.models import Credential
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.moving import check_in, check_out, move_session
from tests.factories import DAY, make_patient, make_payment, moment
from tests.sessions.booked import FAY, second_practitioner
from tests.web.desk import Desk, audit_rows, contents
from tests.web.pages.front_stage import HTMX, TWENTY_PAST_NINE, FrontStage, card, set_front_stage, tab_counts
from tests.web.statements import counted

TODAY = f"/?day={DAY}"
MOST_STATEMENTS = 12


@pytest.fixture(autouse=True)
def twenty_past_nine(noon: None) -> Iterator[None]:
    with stopped_at(TWENTY_PAST_NINE):
        yield


@pytest.fixture
def stage(desk: Desk) -> FrontStage:
    return set_front_stage(desk)


def test_today_shows_what_the_clinics_own_date_is_and_who_comes(stage: FrontStage) -> None:
    number = stage.book("11:00")

    answer = stage.fay().get("/")

    shown = card(answer, number)
    assert "Tue 3 Mar 2026" in answer.text
    assert "Miri Okoro" in shown
    assert "Ben Quill" in shown
    assert "Alder" in shown
    assert ">11:00<" in shown
    assert tab_counts(answer) == {"Scheduled": 1, "In the clinic": 0, "Finished": 0}


def test_a_session_is_under_the_tab_of_where_it_is(stage: FrontStage) -> None:
    booked, here, left = stage.book("14:00"), stage.book("09:00"), stage.book_other("08:00")
    with stage.desk.database.transaction() as db:
        for number in (here, left):
            check_in(db, number, by=FAY, at=moment(DAY, "08:00"))
        move_session(db, left, SessionEvent.SIGNED, by="user:2", at=moment(DAY, "09:00"))
        check_out(db, left, by=FAY, at=moment(DAY, "09:05"))

    browser = stage.fay()
    answers = {tab: browser.get(f"{TODAY}&tab={tab}") for tab in ("scheduled", "here", "finished")}

    assert ">14:00<" in card(answers["scheduled"], booked)
    assert "Here since 08:00" in card(answers["here"], here)
    assert "Left 09:05" in card(answers["finished"], left)
    assert tab_counts(answers["here"]) == {"Scheduled": 1, "In the clinic": 1, "Finished": 1}


def test_what_is_signed_and_not_checked_out_is_in_the_clinic_on_its_day_only(stage: FrontStage) -> None:
    with stage.desk.database.transaction() as db:
        today = stage.front.scene.visit(db, start="08:00", external_id=None).id
        yesterday = stage.front.scene.visit(db, DAY - timedelta(days=1), external_id=None).id

    browser = stage.fay()

    assert "Note signed" in card(browser.get(f"{TODAY}&tab=here"), today)
    assert "Note signed" in card(browser.get(f"/?day={DAY - timedelta(days=1)}&tab=finished"), yesterday)


def test_arriving_takes_one_click_and_the_room_chosen_beside_it(stage: FrontStage) -> None:
    number = stage.book(room_id=None)
    birch = str(stage.front.birch.id)

    answer = stage.fay().post(f"/sessions/{number}/arrive", room=birch, day=str(DAY), tab="scheduled", practitioner="")

    session = stage.session(number)
    assert (answer.status_code, answer.location) == (303, f"/?day={DAY}&tab=scheduled")
    assert (session.state, session.room_id, session.arrived_at) == (
        SessionState.ARRIVED, stage.front.birch.id, TWENTY_PAST_NINE,
    )  # fmt: skip
    assert audit_rows(stage.desk.database)[-1].action == "session checked in"
    assert audit_rows(stage.desk.database)[-1].subject_id == str(number)


def test_arriving_without_a_script_leads_back_and_says_so(stage: FrontStage) -> None:
    number = stage.book()
    browser = stage.fay()

    browser.post(f"/sessions/{number}/arrive", room="", day=str(DAY), tab="scheduled")
    page = browser.get(TODAY).text

    assert "Checked in at 09:20." in page
    assert page.count("Checked in at 09:20.") == 1


def test_with_a_script_only_the_list_is_answered(stage: FrontStage) -> None:
    stage.book()

    answer = stage.fay().client.get(TODAY, headers=HTMX)

    assert answer.text.lstrip().startswith('<div id="day">')
    assert "<html" not in answer.text


def test_arriving_twice_checks_in_once(stage: FrontStage) -> None:
    number = stage.book()
    browser = stage.fay()
    sent = {"room": "", "day": str(DAY), "tab": "scheduled", "form_key": "a-key-of-a-form-0001"}

    first = browser.post(f"/sessions/{number}/arrive", **sent)
    second = browser.post(f"/sessions/{number}/arrive", **sent)

    assert first.location == second.location
    with stage.desk.database.reading() as db:
        rows = len(contents(stage.desk.database)["session_move"])
        assert (rows, db.get_one(type(stage.session(number)), number).state) == (2, SessionState.ARRIVED)


def test_a_page_that_is_out_of_date_is_told_so_and_nothing_changes(stage: FrontStage) -> None:
    number = stage.book()
    browser = stage.fay()
    browser.post(f"/sessions/{number}/arrive", day=str(DAY))
    before = contents(stage.desk.database, without="audit_entry")

    answer = browser.post(f"/sessions/{number}/arrive", day=str(DAY))

    assert answer.status_code == 422
    assert "This session was checked in already at 09:20." in answer.text
    assert contents(stage.desk.database, without="audit_entry") == before


def test_a_room_that_is_taken_is_marked_and_refused_with_the_nearest_free_time(stage: FrontStage) -> None:
    stage.book_other("09:30", room_id=stage.front.birch.id)
    number = stage.book("09:00")
    browser = stage.fay()

    marked = card(browser.get(TODAY), number)
    answer = browser.post(f"/sessions/{number}/arrive", room=str(stage.front.birch.id), day=str(DAY))

    assert "Birch · taken until 10:30" in marked
    assert answer.status_code == 422
    assert "Birch is taken by Osei Brandt on 3 Mar 2026 from 09:30 to 10:30." in answer.text
    assert stage.state(number) is SessionState.BOOKED


def test_the_room_changes_and_the_arrival_is_undone(stage: FrontStage) -> None:
    number = stage.book()
    browser = stage.fay()
    browser.post(f"/sessions/{number}/arrive", room=str(stage.front.alder.id), day=str(DAY))

    browser.post(f"/sessions/{number}/room", room=str(stage.front.birch.id), day=str(DAY), tab="here")
    in_birch = stage.session(number).room_id
    answer = browser.post(f"/sessions/{number}/undo-arrival", day=str(DAY), tab="here")

    assert in_birch == stage.front.birch.id
    assert answer.location == f"/?day={DAY}&tab=here"
    assert stage.state(number) is SessionState.BOOKED


def test_a_cancellation_without_a_reason_is_refused_at_its_field(stage: FrontStage) -> None:
    number = stage.book()
    browser = stage.fay()

    refused = browser.post(f"/sessions/{number}/cancel", why="", day=str(DAY))
    state = stage.state(number)
    done = browser.post(f"/sessions/{number}/cancel", why="Patient ill", day=str(DAY))

    assert (refused.status_code, state) == (422, SessionState.BOOKED)
    assert 'id="why-error"' in card(refused, number)
    assert (done.status_code, stage.state(number)) == (303, SessionState.CANCELLED)


def test_a_no_show_is_offered_once_the_time_has_come_and_can_be_booked_again(stage: FrontStage) -> None:
    late, later = stage.book("09:00"), stage.book_other("11:00")
    browser = stage.fay()
    page = browser.get(TODAY)

    browser.post(f"/sessions/{late}/no-show", day=str(DAY))
    missed = stage.state(late)
    browser.post(f"/sessions/{late}/rebook", day=str(DAY))

    assert "No-show" in card(page, late)
    assert "No-show" not in card(page, later)
    assert "20 min late" in card(page, late)
    assert (missed, stage.state(late)) == (SessionState.NO_SHOW, SessionState.BOOKED)


def test_money_taken_with_a_session_that_is_called_off_is_free_again(stage: FrontStage) -> None:
    number = stage.book()
    with stage.desk.database.transaction() as db:
        make_payment(db, stage.session(number), 25_00)
    with stage.desk.database.reading() as db:
        kept = account_of(db, stage.front.scene.patient.id)

    stage.fay().post(f"/sessions/{number}/cancel", why="Snow", day=str(DAY))

    with stage.desk.database.reading() as db:
        free = account_of(db, stage.front.scene.patient.id)
    assert (kept.free_cents, free.free_cents, free.differences) == (0, 25_00, {})


def test_the_chips_say_what_the_desk_looks_at(stage: FrontStage) -> None:
    number = stage.book("11:00")
    with stage.desk.database.transaction() as db:
        db.get_one(Benefit, stage.front.scene.benefit.id).visits_allowed = 1
        db.get_one(Patient, stage.front.scene.patient.id).flags = ["pacemaker"]

    shown = card(stage.fay().get(TODAY), number)

    for words in ("Verified 11 days ago", "Visit 1 of 1", "Licence in force", "Signature on file", "Pacemaker"):
        assert words in shown


def test_whatever_is_red_says_what_to_do_and_leads_there(stage: FrontStage) -> None:
    number = stage.book("11:00")
    with stage.desk.database.transaction() as db:
        db.get_one(Credential, stage.front.scene.licence.id).valid_to = DAY - timedelta(days=1)
        db.get_one(Patient, stage.front.scene.patient.id).signature_on_file = False

    shown = card(stage.fay().get(TODAY), number)

    red = re.findall(
        r'<summary class="chip bad">.*?</svg>(.*?)</summary>\s*<div class="reason">(.*?)</div>', shown, re.S
    )
    assert [words for words, _ in red] == ["Licence lapsed", "No signature on file"]
    assert "Enter the renewal" in red[0][1]
    assert f'href="/patients/{stage.front.scene.patient.id}"' in red[1][1]


def test_what_is_missing_is_listed_before_the_treatment(stage: FrontStage) -> None:
    number = stage.book(room_id=None)
    with stage.desk.database.transaction() as db:
        db.delete(db.get_one(Benefit, stage.front.scene.benefit.id))
        check_in(db, number, by=FAY, at=moment(DAY, "09:00"))

    shown = card(stage.fay().get(f"{TODAY}&tab=here"), number)

    assert "Missing before treatment" in shown
    assert "Nobody has verified what this plan covers." in shown
    assert "The session has no room yet." in shown


def test_the_counters_that_must_reach_zero(stage: FrontStage) -> None:
    here, early = stage.book("09:00"), stage.book_other("07:00")
    with stage.desk.database.transaction() as db:
        check_in(db, here, by=FAY, at=moment(DAY, "09:00"))
        make_patient(db)
        stage.front.book(db, "10:00", on=DAY - timedelta(days=3))

        stage.front.book(db, "10:00", on=DAY - timedelta(days=2))

    page = stage.fay().get(TODAY).text

    assert "<strong>1</strong> still scheduled, though its time is over" in page
    assert "<strong>1</strong> note not signed" in page
    assert "<strong>1</strong> not checked out" in page
    assert f'href="/?day={DAY}&amp;tab=here"><strong>1</strong> note' in page
    assert "2 from earlier days never closed, oldest Sat 28 Feb 2026" in page
    for on in (DAY - timedelta(days=3), DAY - timedelta(days=2)):
        assert f'<a href="/?day={on}&amp;tab=scheduled">' in page.partition("All days never closed")[2]
    assert early


def test_the_cards_of_one_practitioner_alone(stage: FrontStage) -> None:
    with stage.desk.database.transaction() as db:
        ida = second_practitioner(db).id
    bens, idas = stage.book("11:00"), stage.book_other("11:00", practitioner_id=ida, room_id=None)

    answer = stage.fay().get(f"{TODAY}&practitioner={ida}")

    assert card(answer, idas)
    assert f'id="session-{bens}"' not in answer.text


def test_an_address_that_makes_no_sense_shows_today(stage: FrontStage) -> None:
    answer = stage.fay().get("/?day=yesterday&tab=nowhere&practitioner=x")

    assert answer.status_code == 200
    assert "Tue 3 Mar 2026" in answer.text


def test_the_day_sheet_has_everybody_in_order_of_time(stage: FrontStage) -> None:
    stage.book("14:00"), stage.book_other("11:00")

    page = stage.fay().get(f"/day-sheet?day={DAY}").text

    assert page.index("Brandt, Osei") < page.index("Okoro, Miri")
    assert audit_rows(stage.desk.database)[-1].action == "day sheet viewed"


def test_looking_at_a_day_is_on_record(stage: FrontStage) -> None:
    stage.fay().get(TODAY)

    row = audit_rows(stage.desk.database)[-1]
    assert (row.action, row.subject_kind, row.subject_id) == ("day viewed", "day", str(DAY))


def who_may_not_book(desk: Desk) -> User:
    return desk.cast.cleo


def test_who_may_not_book_is_offered_nothing_and_refused(stage: FrontStage) -> None:
    number = stage.book()
    cleo = stage.desk.browser(who_may_not_book(stage.desk))
    before = contents(stage.desk.database, without="audit_entry")

    page = cleo.get(TODAY)
    answers = [
        cleo.post(f"/sessions/{number}/{verb}", why="x").status_code
        for verb in ("arrive", "undo-arrival", "room", "no-show", "cancel", "rebook")
    ]

    assert "Arrive" not in card(page, number)
    assert answers == [403] * 6
    assert {
        name: rows
        for name, rows in contents(stage.desk.database, without="audit_entry").items()
        if rows != before[name]
    } == {}


def test_a_session_that_does_not_exist_is_not_found(stage: FrontStage) -> None:
    assert stage.fay().post("/sessions/999/arrive").status_code == 404


def test_a_full_day_takes_few_statements(stage: FrontStage) -> None:
    with stage.desk.database.transaction() as db:
        for hour in range(7, 19):
            patient = make_patient(db)
            stage.front.book(db, f"{hour:02d}:00", patient=patient, minutes=30, contact_minutes=30)
    browser = stage.fay()

    with counted(stage.desk.database) as statements:
        answer = browser.get(TODAY)

    assert tab_counts(answer)["Scheduled"] == 12
    assert len(statements) <= MOST_STATEMENTS, "\n".join(statements)
