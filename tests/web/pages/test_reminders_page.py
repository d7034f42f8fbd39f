"""What will be said, was said and was not, and why: seen at the desk, with one way to have it said after all."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa

from billing import clock
from billing.errors import NotDelivered, OutcomeUnknown
from billing.operations.rounds import SEND_MESSAGES
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Channel, Message, Rule
from billing.reminders.opting_out import opt_outs
from tests.access.cast import NOON
from tests.web.desk import Desk
from tests.web.pages.reminding import AT_ONE, PUBLIC, VISIT, Reminding, set_reminding
from tests.web.pages.settings_stage import KEY, after, error_at, words


@pytest.fixture
def reminding(desk: Desk) -> Reminding:
    return set_reminding(desk)


def shown(reminding: Reminding, path: str) -> str:
    answer = reminding.fay().get(path)
    assert answer.status_code == 200
    return words(answer)


def test_what_is_to_come_is_listed_with_whom_when_and_by_which_way(reminding: Reminding) -> None:
    page = shown(reminding, "/reminders")

    assert "To come 4 Said 0 Not said 0 Unknown 0" in page
    assert "Tue 3 Mar 2026, 13:00 Miri Okoro Visit tomorrow Text To come" in page
    assert "Tue 3 Mar 2026, 13:00 Miri Okoro Visit tomorrow E-mail To come" in page


def test_what_was_said_is_listed_with_its_receipt(reminding: Reminding) -> None:
    reminding.stage.send(AT_ONE)

    with clock.stopped_at(AT_ONE):
        page = shown(reminding, "/reminders?view=said")

    assert "To come 0 Said 2" in page
    assert f"receipt receipt of message:{reminding.message().id}" in page


def test_what_was_not_said_is_listed_with_its_reason(reminding: Reminding) -> None:
    reminding.stage.change(reminding.patient, sms_consent=False)
    reminding.stage.mailer.failure = NotDelivered("The mail server refuses the address (550 5.1.1).", is_final=True)
    reminding.stage.send(AT_ONE)

    with clock.stopped_at(AT_ONE):
        page = shown(reminding, "/reminders?view=not_said")

    assert "Held back The patient has not agreed to text messages" in page
    assert "Failed The mail server refuses the address (550 5.1.1)." in page


def test_a_way_out_that_is_down_is_told_and_what_waits_for_it_is_marked(reminding: Reminding) -> None:
    reminding.stage.mailer.failure = NotDelivered("The mail server cannot be reached: Connection refused.")
    at = AT_ONE
    for _ in range(8):
        at = max(at, reminding.message(Channel.EMAIL).due_at)
        reminding.stage.send(at)

    with clock.stopped_at(at):
        waiting = shown(reminding, "/reminders")
        reminding.stage.mailer.failure = None
        reminding.stage.send(at + timedelta(hours=1))
        afterwards = shown(reminding, "/reminders")

    assert "E-mails wait: they are not taken. The mail server cannot be reached: Connection refused." in waiting
    assert "Texts wait" not in waiting
    assert "Visit tomorrow E-mail Tried again The mail server cannot be reached: Connection refused." in waiting
    assert "E-mails wait" not in afterwards


def test_a_list_is_narrowed_to_a_reason_and_a_way(reminding: Reminding) -> None:
    texts = shown(reminding, "/reminders?channel=text&rule=session_tomorrow")
    others = shown(reminding, "/reminders?rule=recall")
    odd = shown(reminding, "/reminders?rule=nonsense&channel=pigeon&view=never&after=x~y")

    assert texts.count("Miri Okoro") == 1
    assert "Nothing here fits" in others
    assert odd.count("Miri Okoro") == 4


def test_a_long_list_goes_on_behind_a_link(reminding: Reminding) -> None:
    for number in range(60):
        reminding.stage.session(reminding.patient, VISIT + timedelta(days=number % 2), "06:00")
    reminding.stage.plan(NOON)
    fay = reminding.fay()

    pages, path = [], "/reminders?channel=text"
    while path:
        pages.append(fay.get(path))
        path = unescape(pages[-1].text.partition('rel="next" href="')[2].partition('"')[0])

    with reminding.desk.database.reading() as db:
        due = db.scalar(sa.select(sa.func.count()).where(Message.channel == Channel.TEXT)) or 0
    assert due > 100
    assert [words(page).count("Miri Okoro") for page in pages] == [50, 50, due - 100]
    assert "First page" not in words(pages[0])
    assert "First page" in words(pages[1])


def test_the_words_of_what_is_to_come_can_be_read_before(reminding: Reminding) -> None:
    page = shown(reminding, f"/reminders/{reminding.message().id}")

    assert "What will be said" in page
    assert "Wed Mar 4 1:00 PM" in page
    assert reminding.link() in page
    (act,) = reminding.acts("message viewed")
    assert (act.subject_kind, act.subject_id) == ("patient", str(reminding.patient.id))


def test_the_private_link_and_the_patients_other_messages_are_led_to(reminding: Reminding) -> None:
    page = reminding.fay().get(f"/reminders/{reminding.message().id}").text

    assert f'<a href="{PUBLIC}{reminding.link()}" rel="noopener noreferrer" target="_blank">' in page
    assert "what is done there counts as done by the patient" in page
    assert f'href="/patients/{reminding.patient.id}/messages">All messages to Miri Okoro</a>' in page


def test_what_would_not_be_said_as_things_stand_is_told_before(reminding: Reminding) -> None:
    reminding.stage.change(reminding.patient, sms_consent=False)

    page = shown(reminding, f"/reminders/{reminding.message().id}")

    assert "As things stand, nothing: The patient has not agreed to text messages" in page
    assert reminding.message().state is MessageState.PLANNED


def test_what_was_said_can_be_read_word_for_word(reminding: Reminding) -> None:
    reminding.stage.send(AT_ONE)
    ((_, said),) = reminding.stage.texted

    page = shown(reminding, f"/reminders/{reminding.message().id}")

    assert "What was said" in page
    assert " ".join(said.split()) in page
    assert "Taken by the other side" in page


def test_what_nobody_knows_is_sent_again_at_a_persons_word_alone(reminding: Reminding) -> None:
    reminding.stage.mailer.may_repeat = False
    reminding.stage.mailer.failure = OutcomeUnknown("The mail server had the whole message, and then gave no answer.")
    reminding.stage.send(AT_ONE)
    message, bell = reminding.message(Channel.EMAIL), reminding.desk.app.extensions["meridian"].bell
    with clock.stopped_at(AT_ONE):
        fay = reminding.fay()
        listed = words(fay.get("/reminders?view=unknown"))
        answer = fay.post(f"/reminders/{message.id}/again", form_key=KEY)
        again = fay.post(f"/reminders/{message.id}/again", form_key=KEY)
        said = after(fay, answer)

    assert message.state is MessageState.UNKNOWN
    assert "Unknown The mail server had the whole message" in listed
    assert "Send again" in listed
    assert answer.location == again.location == f"/reminders/{message.id}"
    assert "To be said after all" in said
    assert "Fay Lindqvist" in said
    assert reminding.stage.way(message.id) == ["planned", "taken", "lost", "released"]
    assert bell.heard == [SEND_MESSAGES]
    reminding.stage.mailer.failure = None
    reminding.stage.send(AT_ONE)
    assert reminding.stage.mailed == ["miri@example.org"]


def test_the_rail_says_how_many_are_in_doubt(reminding: Reminding) -> None:
    reminding.stage.mailer.may_repeat = False
    reminding.stage.mailer.failure = OutcomeUnknown("no answer")
    reminding.stage.send(AT_ONE)

    with clock.stopped_at(AT_ONE):
        assert "Reminders 1" in shown(reminding, "/reminders")


@pytest.mark.parametrize("has_been", ["planned", "sent", "passed"])
def test_what_is_to_come_was_said_or_is_too_late_is_not_sent_again(reminding: Reminding, has_been: str) -> None:
    if has_been == "sent":
        reminding.stage.send(AT_ONE)
    if has_been == "passed":
        reminding.stage.texts.failure = NotDelivered("no", is_final=True)
        reminding.stage.send(AT_ONE)
    at, message = AT_ONE if has_been != "passed" else reminding.session.starts_at, reminding.message()

    with clock.stopped_at(at):
        answer = reminding.fay().post(f"/reminders/{message.id}/again")

    assert answer.status_code == 422
    assert reminding.message().state is message.state


def test_a_message_that_is_not_there_is_not_found(reminding: Reminding) -> None:
    fay = reminding.fay()

    assert fay.get("/reminders/4711").status_code == 404
    assert fay.post("/reminders/4711/again").status_code == 404


def test_a_patients_messages_stand_in_their_record(reminding: Reminding) -> None:
    reminding.stage.send(AT_ONE)

    page = shown(reminding, f"/patients/{reminding.patient.id}/messages")

    assert page.count("Visit tomorrow") == 2
    assert "receipt of message:" in page
    assert "(503) 555-0111" in page
    assert page.count("Consent given") == 2


def test_messages_of_another_patient_do_not(reminding: Reminding) -> None:
    other = reminding.stage.patient(first_name="Osei")

    page = shown(reminding, f"/patients/{other.id}/messages")

    assert "Visit tomorrow" not in page
    assert "Nothing has been said" in page


def test_they_asked_to_stop_holds_at_once_and_until_they_say_otherwise(reminding: Reminding) -> None:
    fay, path = reminding.fay(), f"/patients/{reminding.patient.id}/messages"

    stopped = after(fay, fay.post(f"{path}/stop", channel="text", **{"said-text": "No more of these, please."}))
    reminding.stage.send(AT_ONE)
    resumed = after(fay, fay.post(f"{path}/resume", channel="text"))

    assert "Nothing more is sent there" in stopped
    assert "They asked to stop" in stopped
    assert "No more of these, please." in stopped
    assert "Fay Lindqvist" in stopped
    assert reminding.stage.texted == []
    assert reminding.stage.mailed == ["miri@example.org"]
    assert "Text messages: may be written to again" in resumed
    with reminding.desk.database.reading() as db:
        (row,) = opt_outs(db, Channel.TEXT, "+15035550111")
    assert row.by == f"user:{reminding.desk.cast.fay.id}"
    assert row.resumed_at == NOON
    acts = [*reminding.acts("messages stopped"), *reminding.acts("messages resumed")]
    assert [(row.subject_kind, row.subject_id) for row in acts] == [("patient", str(reminding.patient.id))] * 2


def test_what_they_said_must_be_written_down(reminding: Reminding) -> None:
    path = f"/patients/{reminding.patient.id}/messages/stop"

    answer = reminding.fay().post(path, channel="email")

    assert answer.status_code == 422
    assert error_at(answer, "said-email")
    with reminding.desk.database.reading() as db:
        assert opt_outs(db, Channel.EMAIL, "miri@example.org") == []


def test_a_way_that_does_not_exist_cannot_be_stopped(reminding: Reminding) -> None:
    reminding.stage.change(reminding.patient, email=None)
    path = f"/patients/{reminding.patient.id}/messages/stop"

    answers = [reminding.fay().post(path, channel=one, **{f"said-{one}": "stop"}) for one in ("email", "pigeon", "")]

    assert [one.status_code for one in answers] == [422, 422, 422]


def test_consent_is_shown_with_the_words_that_were_agreed_to(reminding: Reminding) -> None:
    fay, path = reminding.fay(), f"/patients/{reminding.patient.id}"
    form = fay.get(f"{path}/edit").text
    seen = form.partition('name="seen" value="')[2].partition('"')[0]
    kept = {
        "first_name": "Miri", "last_name": "Okoro", "birth_date": "1979-05-11", "sex": "F", "phone": "(503) 555-0111",
        "address1": "2 SE Example St", "city": "Portland", "state": "OR", "zip": "97214-1200",
        "email": "miri@example.org", "email_consent": "yes", "signature_on_file": "yes", "seen": seen,
    }  # fmt: skip

    answer = fay.post(f"{path}/edit", **kept)
    page = shown(reminding, f"{path}/messages")

    assert answer.status_code == 303
    assert "No consent" in page
    assert "Text messages: consent taken back" in page
    assert "may send me text messages about my visits" in page
    assert "Fay Lindqvist" in page


def test_a_licence_message_is_for_staff_and_names_no_patient(reminding: Reminding) -> None:
    with reminding.desk.database.transaction() as db:
        row = {
            "rule": Rule.LICENCE, "subject_kind": "licence", "subject_id": 1, "slot": "2026-04-01:30:user1",
            "channel": Channel.EMAIL, "user_id": reminding.desk.cast.ada.id, "patient_id": None,
            "state": MessageState.PLANNED, "due_at": NOON, "not_after": NOON + timedelta(days=7), "taken_at": None,
            "tries": 0, "moved_at": NOON, "sent_at": None, "address": "", "said": "", "receipt": "", "why": "",
        }  # fmt: skip
        db.execute(sa.insert(Message), row)

    page = shown(reminding, "/reminders?rule=licence")

    assert "Ada Okafor Licence lapses E-mail To come" in page
