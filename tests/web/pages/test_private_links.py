"""What a patient can do with the private link of a message, and what nobody can do without one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing import clock
from billing.reminders.links import token
from billing.reminders.models import Channel
from billing.reminders.opting_out import opt_outs
from billing.sessions.lifecycle import SessionState
from billing.web.patience import MOST_A_MINUTE, MOST_WRONG
from tests.access.cast import NOON
from tests.web.desk import Desk, contents
from tests.web.pages.reminding import AT_ONE, Reminding, set_reminding
from tests.web.pages.settings_stage import words


@pytest.fixture
def reminding(desk: Desk) -> Reminding:
    made = set_reminding(desk)
    made.stage.send(AT_ONE)
    return made


def test_the_link_shows_a_first_name_the_clinic_and_the_time_and_no_more(reminding: Reminding) -> None:
    answer = reminding.desk.stranger().get(reminding.link())

    said = words(answer)
    assert answer.status_code == 200
    for told in ("Hello Miri", "Still Water Acupuncture", "Wednesday, March 4, 2026", "1:00 PM", "(503) 555-0100"):
        assert told in said
    for kept in ("Okoro", "Quill", "555-0111", "miri@", "M54", "Example Health", "Sign out", "Meridian"):
        assert kept not in answer.text.partition("<body")[2]


def test_looking_changes_nothing_but_the_audit_trail(reminding: Reminding) -> None:
    before = contents(reminding.desk.database, without="audit_entry")
    stranger = reminding.desk.stranger()

    codes = [stranger.get(reminding.link() + end).status_code for end in ("", "/cancel", "/stop")]

    assert codes == [200, 200, 200]
    assert contents(reminding.desk.database, without="audit_entry") == before
    assert [row.subject_id for row in reminding.acts("private link opened")] == [str(reminding.message().id)] * 3


def test_one_press_confirms_a_visit(reminding: Reminding) -> None:
    answer = reminding.post(f"{reminding.link()}/confirm")

    assert (answer.status_code, answer.location) == (303, reminding.link())
    assert reminding.session_now().confirmed_at == NOON
    assert "You have confirmed it" in words(reminding.desk.stranger().get(reminding.link()))
    assert len(reminding.acts("visit confirmed by link")) == 1


def test_the_front_desk_sees_who_has_confirmed(reminding: Reminding) -> None:
    day = f"/?day={reminding.session.service_on}"
    before = words(reminding.fay().get(day))

    reminding.post(f"{reminding.link()}/confirm")

    assert "Confirmed" not in before
    assert "Miri Okoro" in before
    assert "Confirmed" in words(reminding.fay().get(day))


def test_confirming_twice_is_confirming_once(reminding: Reminding) -> None:
    reminding.post(f"{reminding.link()}/confirm")
    with clock.stopped_at(NOON + timedelta(minutes=5)):
        answer = reminding.post(f"{reminding.link()}/confirm")

    assert answer.status_code == 303
    assert reminding.session_now().confirmed_at == NOON


def test_calling_off_asks_once_more_and_then_frees_the_time(reminding: Reminding) -> None:
    asked = reminding.desk.stranger().get(f"{reminding.link()}/cancel")
    before = reminding.session_now().state

    answer = reminding.post(f"{reminding.link()}/cancel")

    assert "Call off your visit?" in words(asked)
    assert before is SessionState.BOOKED
    assert answer.status_code == 303
    assert reminding.session_now().state is SessionState.CANCELLED
    assert "Your visit is called off" in words(reminding.desk.stranger().get(reminding.link()))


def test_what_is_called_off_cannot_be_confirmed(reminding: Reminding) -> None:
    reminding.post(f"{reminding.link()}/cancel")

    answer = reminding.post(f"{reminding.link()}/confirm")

    assert answer.status_code == 422
    assert "called off already" in words(answer)
    assert reminding.session_now().confirmed_at is None


def test_from_the_start_of_the_visit_on_nothing_can_be_changed(reminding: Reminding) -> None:
    with clock.stopped_at(reminding.session.starts_at):
        shown = reminding.desk.stranger().get(reminding.link())
        answers = [reminding.post(f"{reminding.link()}/{act}") for act in ("confirm", "cancel")]

    assert "can no longer be changed here" in words(shown)
    assert "/confirm" not in shown.text
    assert [one.status_code for one in answers] == [422, 422]
    assert reminding.session_now().state is SessionState.BOOKED


def test_mail_programs_end_e_mails_by_one_click(reminding: Reminding) -> None:
    path = f"{reminding.link(Channel.EMAIL)}/stop"

    answer = reminding.post(path, **{"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert "You will get no more e-mails" in words(answer)
    with reminding.desk.database.reading() as db:
        (email,), texts = opt_outs(db, Channel.EMAIL, "miri@example.org"), opt_outs(db, Channel.TEXT, "+15035550111")
    assert (email.by, email.resumed_at, texts) == ("link", None, [])


def test_text_messages_are_ended_for_the_number(reminding: Reminding) -> None:
    asked = reminding.desk.stranger().get(f"{reminding.link()}/stop")

    reminding.post(f"{reminding.link()}/stop")
    reminding.post(f"{reminding.link()}/stop")

    assert "Stop text messages?" in words(asked)
    with reminding.desk.database.reading() as db:
        assert len(opt_outs(db, Channel.TEXT, "+15035550111")) == 1
    assert [row.detail["is_news"] for row in reminding.acts("messages stopped by link")] == [True, False]
    assert reminding.session_now().state is SessionState.BOOKED


def test_no_page_leaves_a_cookie_or_tells_others_of_the_link(reminding: Reminding) -> None:
    client = reminding.desk.app.test_client()

    answers = [client.get(reminding.link() + end) for end in ("", "/cancel", "/stop")]
    answers.append(client.post(f"{reminding.link()}/confirm"))

    assert [one.headers.get("Set-Cookie") for one in answers] == [None] * 4
    assert {one.headers["Referrer-Policy"] for one in answers} == {"no-referrer"}
    assert {one.headers["X-Robots-Tag"] for one in answers} == {"noindex, nofollow"}
    assert {one.headers["Cache-Control"] for one in answers} == {"no-store"}


def test_whoever_is_signed_in_sees_what_the_patient_sees(reminding: Reminding) -> None:
    assert words(reminding.fay().get(reminding.link())) == words(reminding.desk.stranger().get(reminding.link()))


def test_every_wrong_link_gets_the_same_answer(reminding: Reminding) -> None:
    stranger, own = reminding.desk.stranger(), reminding.link()
    last = "A" if own[-1] != "A" else "B"
    wrong = [own[:-1] + last, own + "A", own + "=", "/v/A", "/v/" + "A" * 500, f"/v/{token(4711, 'x')}"]
    secret = reminding.desk.app.extensions["meridian"].secret_key
    wrong.append(f"/v/{token(4711, secret)}")

    answers = [stranger.get(path) for path in wrong]

    assert {one.status_code for one in answers} == {404}
    assert len({words(one) for one in answers}) == 1
    assert reminding.acts("private link opened") == []


def test_a_wrong_link_does_nothing(reminding: Reminding) -> None:
    before = contents(reminding.desk.database)

    codes = {reminding.post(f"/v/AQ/{act}").status_code for act in ("confirm", "cancel", "stop")}

    assert codes == {404}
    assert contents(reminding.desk.database) == before


def test_whoever_tries_many_wrong_links_is_told_to_wait(reminding: Reminding) -> None:
    stranger = reminding.desk.stranger()

    codes = [stranger.get("/v/AQ").status_code for _ in range(MOST_WRONG + 2)]
    right_one = stranger.get(reminding.link()).status_code
    with clock.stopped_at(NOON + timedelta(minutes=10)):
        later = stranger.get(reminding.link()).status_code

    assert codes == [404] * (MOST_WRONG + 1) + [429]
    assert (right_one, later) == (429, 200)


def test_nobody_asks_without_end(reminding: Reminding) -> None:
    stranger = reminding.desk.stranger()

    codes = [stranger.get(reminding.link()).status_code for _ in range(MOST_A_MINUTE + 1)]

    assert codes == [200] * MOST_A_MINUTE + [429]
