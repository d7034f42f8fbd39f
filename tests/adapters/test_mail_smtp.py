"""A mail server takes each message once, and what is known when it fails is said exactly."""

from __future__ import annotations

import logging
import socketserver
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from socket import create_server

import pytest

from billing.adapters.mail_format import sender_from
from billing.adapters.mail_smtp import REST_SECONDS, MailServer, SmtpMailer
from billing.adapters.resting import Rest
from billing.errors import NotDelivered, OutcomeUnknown
from billing.ports import MailContent
from tests.adapters.smtp_server import (
    MailRoom,
    certificate,
    running_mail_server,
    running_tls_server,
    scripted_server,
)

ANNA = "anna@example.org"
MAIL = MailContent(
    to=ANNA,
    subject="Your visit on Tue 3 Mar, 09:00",
    text="Hello Anna,\n.\nyou are expected.\n..\n",
    html="<p>Hello Anna, you are expected — and on time.</p>",
    calendar=b"BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n",
    stop_address="https://desk.example.org/v/abc/stop",
)
SENDER = sender_from("Juniper Lane <desk@juniperlane.example>")


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def room() -> MailRoom:
    return MailRoom()


@pytest.fixture
def port(room: MailRoom) -> Iterator[int]:
    with running_mail_server(room) as port:
        yield port


def mailer_at(port: int, *, timeout: float = 5.0, rest: Rest | None = None) -> SmtpMailer:
    return SmtpMailer(MailServer("127.0.0.1", port, "plain", timeout=timeout), SENDER, rest)


def signing_in(port: int, pem: Path, password: str) -> SmtpMailer:
    return SmtpMailer(MailServer("127.0.0.1", port, "starttls", "clinic", password, pem), SENDER)


def test_a_message_arrives_whole_and_gives_its_receipt(room: MailRoom, port: int) -> None:
    receipt = mailer_at(port).send("message:17", MAIL)

    (message,) = room.messages
    parts = {one.get_content_type(): one for one in message.iter_parts()}
    assert receipt == "2.0.0 Ok: queued as 1"
    assert room.taken[0].mail_from == "desk@juniperlane.example"
    assert room.taken[0].rcpt_tos == [ANNA]
    assert str(message["From"]) == "Juniper Lane <desk@juniperlane.example>"
    assert message["Subject"] == MAIL.subject
    assert message.get_content_type() == "multipart/alternative"
    assert list(parts) == ["text/plain", "text/html", "text/calendar"]
    assert parts["text/plain"].get_content().replace("\r\n", "\n") == MAIL.text
    assert parts["text/html"].get_content().strip() == MAIL.html
    assert parts["text/calendar"].get_param("method") == "PUBLISH"
    assert parts["text/calendar"].get_content().encode() == MAIL.calendar


def test_one_click_ends_such_messages(room: MailRoom, port: int) -> None:
    mailer_at(port).send("message:17", MAIL)
    mailer_at(port).send("message:18", replace(MAIL, stop_address=""))

    with_way_out, without = room.messages
    assert with_way_out["List-Unsubscribe"] == "<https://desk.example.org/v/abc/stop>"
    assert with_way_out["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert without["List-Unsubscribe"] is None
    assert without["List-Unsubscribe-Post"] is None


def test_the_same_message_is_the_same_message_to_whoever_gets_it_twice(room: MailRoom, port: int) -> None:
    mailer = mailer_at(port)

    for key, mail in (("message:17", MAIL), ("message:17", MAIL), ("message:18", MAIL),
                      ("message:17", replace(MAIL, to="ben@example.org"))):  # fmt: skip
        mailer.send(key, mail)

    first, again, other, elsewhere = (message["Message-ID"] for message in room.messages)
    assert first == again
    assert len({first, other, elsewhere}) == 3
    assert first.endswith("@juniperlane.example>")


def test_all_that_travels_is_plain_ascii(room: MailRoom, port: int) -> None:
    mailer_at(port).send("message:17", replace(MAIL, text="Grüße, Anna … bis Dienstag", subject="Ihr Termin: Tür 3"))

    content = room.taken[0].original_content
    assert content is not None
    assert content.isascii()
    assert room.messages[0]["Subject"] == "Ihr Termin: Tür 3"


@pytest.mark.parametrize(
    ("answer", "is_final"),
    [
        ("550 5.1.1 <anna@example.org>: no such mailbox", True),
        ("553 not here", True),
        ("450 4.2.0 <anna@example.org>: greylisted, come back", False),
        ("421 4.3.2 closing down", False),
        ("530 5.7.0 sign in first", False),
    ],
)
def test_a_refused_address_is_told_as_final_or_not(room: MailRoom, port: int, answer: str, is_final: bool) -> None:
    room.at_recipient = {ANNA: answer}

    with pytest.raises(NotDelivered) as refusal:
        mailer_at(port).send("message:17", MAIL)

    assert refusal.value.is_final is is_final
    assert answer[:3] in str(refusal.value)
    assert room.taken == []


def test_a_refused_address_holds_up_no_other(room: MailRoom, port: int) -> None:
    room.at_recipient = {ANNA: "550 5.1.1 no such mailbox"}
    mailer = mailer_at(port)

    with pytest.raises(NotDelivered):
        mailer.send("message:17", MAIL)
    mailer.send("message:18", replace(MAIL, to="ben@example.org"))

    assert [one.rcpt_tos for one in room.taken] == [["ben@example.org"]]


def test_our_own_address_being_refused_is_no_fault_of_the_message(room: MailRoom, port: int) -> None:
    room.at_sender = "550 5.7.1 you may not send as this"

    with pytest.raises(NotDelivered) as refusal:
        mailer_at(port).send("message:17", MAIL)

    assert not refusal.value.is_final
    assert room.seen == []


@pytest.mark.parametrize(("answer", "is_final"), [("451 4.3.0 try later", False), ("554 5.6.0 looks like spam", True)])
def test_a_message_refused_after_its_last_dot_was_not_taken(
    room: MailRoom, port: int, answer: str, is_final: bool
) -> None:
    room.after_data = answer

    with pytest.raises(NotDelivered) as refusal:
        mailer_at(port).send("message:17", MAIL)

    assert refusal.value.is_final is is_final
    assert room.taken == []


@pytest.mark.parametrize(("breaks_off", "taken"), [("before", 0), ("after", 1)])
def test_a_line_lost_after_the_last_dot_leaves_it_unknown(
    room: MailRoom, port: int, breaks_off: str, taken: int
) -> None:
    room.breaks_off = breaks_off

    with pytest.raises(OutcomeUnknown):
        mailer_at(port).send("message:17", MAIL)

    assert len(room.taken) == taken


def test_a_server_that_never_answers_the_last_dot_leaves_it_unknown(room: MailRoom, port: int) -> None:
    room.hangs = True

    with pytest.raises(OutcomeUnknown):
        mailer_at(port, timeout=0.3).send("message:17", MAIL)

    assert len(room.taken) == 1


def test_a_line_lost_before_the_last_dot_has_delivered_nothing() -> None:
    def up_to_the_data(connection: socketserver.StreamRequestHandler) -> None:
        connection.wfile.write(b"220 here\r\n")
        for answer in (b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n"):
            connection.rfile.readline()
            connection.wfile.write(answer)
        connection.rfile.readline()

    with scripted_server(up_to_the_data) as port, pytest.raises(NotDelivered) as failure:
        mailer_at(port).send("message:17", MAIL)

    assert not failure.value.is_final


def test_garbage_in_answer_to_the_last_dot_leaves_it_unknown() -> None:
    def mad_at_the_end(connection: socketserver.StreamRequestHandler) -> None:
        connection.wfile.write(b"220 here\r\n")
        for answer in (b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
            connection.rfile.readline()
            connection.wfile.write(answer)
        while connection.rfile.readline() != b".\r\n":
            pass
        connection.wfile.write(b"<html>oops\r\n")

    with scripted_server(mad_at_the_end) as port, pytest.raises(OutcomeUnknown):
        mailer_at(port).send("message:17", MAIL)


@pytest.mark.parametrize("greeting", [b"421 too many connections\r\n", b"554 go away\r\n", b"HTTP/1.1 400\r\n", b""])
def test_a_server_that_turns_us_away_at_the_door_is_asked_again_later(greeting: bytes) -> None:
    def greet(connection: socketserver.StreamRequestHandler) -> None:
        connection.wfile.write(greeting)

    with scripted_server(greet) as port, pytest.raises(NotDelivered) as failure:
        mailer_at(port).send("message:17", MAIL)

    assert not failure.value.is_final
    assert failure.value.wait_seconds is None


def test_a_server_that_is_not_there_is_left_alone_for_a_while(room: MailRoom) -> None:
    with closing(create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    hand = Hand()
    mailer = mailer_at(port, rest=Rest(hand))
    with pytest.raises(NotDelivered, match="cannot be reached"):
        mailer.send("message:17", MAIL)

    met = 0

    def count(connection: socketserver.StreamRequestHandler) -> None:
        nonlocal met
        met += 1

    with scripted_server(count) as elsewhere:
        mailer.server = replace(mailer.server, port=elsewhere)
        for _ in range(3):
            with pytest.raises(NotDelivered):
                mailer.send("message:18", MAIL)
        met_while_resting = met
        hand.seconds = REST_SECONDS + 1
        with pytest.raises(NotDelivered):
            mailer.send("message:19", MAIL)

    assert met_while_resting == 0
    assert met == 1


@pytest.mark.parametrize("to", ["", "anna", "anna@", "@example.org", "an na@example.org", "anna@ex\nample.org",
                                "ännä@example.org", "anna@example..org"])  # fmt: skip
def test_what_is_no_address_is_never_offered(room: MailRoom, port: int, to: str) -> None:
    with pytest.raises(NotDelivered) as refusal:
        mailer_at(port).send("message:17", replace(MAIL, to=to))

    assert refusal.value.is_final
    assert room.seen == []


def test_words_cannot_smuggle_in_a_header(room: MailRoom, port: int) -> None:
    mailer_at(port).send("message:17", replace(MAIL, subject="Hello\r\nBcc: dov@example.org"))

    (message,) = room.messages
    assert message["Bcc"] is None
    assert room.seen == [ANNA]


def test_words_that_cannot_travel_fail_alone(room: MailRoom, port: int) -> None:
    with pytest.raises(NotDelivered) as refusal:
        mailer_at(port).send("message:17", replace(MAIL, stop_address="https://x/\r\nBcc: dov@example.org"))

    assert refusal.value.is_final
    assert room.taken == []


def test_the_line_is_made_safe_before_the_password_is_said(room: MailRoom, tmp_path: Path) -> None:
    pem = certificate(tmp_path)

    with running_mail_server(room, pem, password="quiet river") as port:
        signing_in(port, pem, "quiet river").send("message:1", MAIL)

    assert room.users == ["clinic"]
    assert room.was_safe == [True]


def test_a_line_can_be_safe_from_its_first_byte(room: MailRoom, tmp_path: Path) -> None:
    pem = certificate(tmp_path)

    with running_tls_server(room, pem) as port:
        SmtpMailer(MailServer("127.0.0.1", port, "tls", ca=pem), SENDER).send("message:1", MAIL)

    assert len(room.taken) == 1


def test_a_server_that_nobody_vouches_for_gets_nothing(room: MailRoom, tmp_path: Path) -> None:
    with (
        running_mail_server(room, certificate(tmp_path)) as port,
        pytest.raises(NotDelivered, match="trust") as failure,
    ):
        SmtpMailer(MailServer("127.0.0.1", port, "starttls"), SENDER).send("message:1", MAIL)

    assert not failure.value.is_final
    assert room.seen == []


def test_a_server_without_starttls_gets_nothing(room: MailRoom, port: int) -> None:
    with pytest.raises(NotDelivered, match="STARTTLS"):
        SmtpMailer(MailServer("127.0.0.1", port, "starttls"), SENDER).send("message:1", MAIL)

    assert room.seen == []


def test_a_wrong_password_is_mended_in_the_settings_and_fails_no_message(room: MailRoom, tmp_path: Path) -> None:
    pem = certificate(tmp_path)

    running = running_mail_server(room, pem, password="quiet river")
    with running as port, pytest.raises(NotDelivered, match="password") as failure:
        signing_in(port, pem, "wrong").send("message:1", MAIL)

    assert not failure.value.is_final
    assert room.taken == []


def test_a_server_elsewhere_is_never_spoken_to_in_the_clear() -> None:
    with pytest.raises(ValueError, match="TLS"):
        SmtpMailer(MailServer("mail.example.org", 25, "plain"), SENDER)


def test_the_line_can_be_tried_without_sending_anything(room: MailRoom, port: int) -> None:
    mailer_at(port).check()

    assert room.seen == []
    with pytest.raises(NotDelivered):
        mailer_at(1).check()


def test_no_failure_names_whom_it_was_for(room: MailRoom, port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    for answer in ("550 5.1.1 <anna@example.org> unknown", "450 anna@example.org is busy"):
        room.at_recipient = {ANNA: answer}
        with pytest.raises(NotDelivered) as failure:
            mailer_at(port).send("message:17", MAIL)
        told.append(str(failure.value))
    room.at_recipient, room.breaks_off = {}, "after"
    with pytest.raises(OutcomeUnknown) as lost:
        mailer_at(port).send("message:17", MAIL)

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("billing")]
    assert not any(word in text.lower() for text in (*told, str(lost.value), *ours) for word in ("anna", "expected"))
