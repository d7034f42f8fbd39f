"""A text gateway gets each message once, whatever answers are lost, and its refusals are sorted."""

from __future__ import annotations

import json
import logging
import socketserver
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from socket import create_server

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from billing import clock
from billing.adapters.http_line import LARGEST_ANSWER
from billing.adapters.resting import Rest
from billing.adapters.sms_http import REST_SECONDS, SHORT_WAITS, Gateway, HttpTexts, wait_seconds
from billing.errors import NotDelivered, OutcomeUnknown
from billing.ports import Reply
from tests.adapters.smtp_server import scripted_server
from tests.adapters.text_gateway import TOKEN, TextGateway

ANNA = "+15035550101"
BEN = "+15035550102"
WORDS = "Hello Anna, you are expected on Tue 3 Mar, 09:00. STOP to end"
NOON = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waited: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        """Let so long go by, and whatever was arranged for then happen."""
        self.seconds += seconds
        self.waited.append(seconds)
        self.meanwhile()


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def gateway() -> TextGateway:
    return TextGateway()


@pytest.fixture
def address(gateway: TextGateway, httpserver: HTTPServer) -> Iterator[str]:
    yield gateway.serve_at(httpserver)
    gateway.released.set()


@pytest.fixture
def texts(address: str, hand: Hand) -> HttpTexts:
    return texts_at(address, hand)


def texts_at(address: str, hand: Hand, timeout: float = 5.0, token: str = TOKEN) -> HttpTexts:
    return HttpTexts(Gateway(address, token, "+15035550199", timeout), Rest(hand), hand.wait)


def test_a_text_arrives_with_its_key_and_gives_its_receipt(texts: HttpTexts, gateway: TextGateway) -> None:
    receipt = texts.send("message:17", ANNA, WORDS)

    assert receipt == "gw-message:17"
    assert gateway.texts == {"message:17": {"to": ANNA, "from": "+15035550199", "text": WORDS}}


@pytest.mark.parametrize("status", [200, 201, 202])
def test_each_kind_of_yes_is_a_yes(texts: HttpTexts, gateway: TextGateway, status: int) -> None:
    gateway.after_taking = Response(json.dumps({"id": 4711}), status)

    assert texts.send("message:17", ANNA, WORDS) == "4711"


def test_what_was_taken_before_is_taken(texts: HttpTexts, gateway: TextGateway) -> None:
    first, again = texts.send("message:17", ANNA, WORDS), texts.send("message:17", ANNA, WORDS)

    assert first == again
    assert gateway.asked == ["message:17", "message:17"]
    assert list(gateway.texts) == ["message:17"]


def test_a_lost_answer_costs_no_second_text(address: str, gateway: TextGateway, hand: Hand) -> None:
    gateway.hangs = True
    with pytest.raises(OutcomeUnknown):
        texts_at(address, hand, timeout=0.3).send("message:17", ANNA, WORDS)
    gateway.hangs = False
    gateway.released.set()

    receipt = texts_at(address, hand).send("message:17", ANNA, WORDS)

    assert receipt == "gw-message:17"
    assert len(gateway.asked) == 2
    assert list(gateway.texts) == ["message:17"]


def test_an_answer_that_is_cut_off_is_no_answer(hand: Hand) -> None:
    def cut_off(connection: socketserver.StreamRequestHandler) -> None:
        while connection.rfile.readline() != b"\r\n":
            pass
        connection.wfile.write(b'HTTP/1.1 202 Accepted\r\nContent-Length: 40\r\n\r\n{"id": "gw-')

    with scripted_server(cut_off) as port, pytest.raises(OutcomeUnknown):
        texts_at(f"http://127.0.0.1:{port}", hand).send("message:17", ANNA, WORDS)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"<html>welcome to our wireless network",
        b"[]",
        b'{"id": ""}',
        b'{"id": null}',
        b'{"id": true}',
        b"[" * 100_000,
    ],
)
def test_a_yes_that_names_nothing_is_not_believed(texts: HttpTexts, gateway: TextGateway, garbage: bytes) -> None:
    gateway.after_taking = Response(garbage, 200)

    with pytest.raises(OutcomeUnknown):
        texts.send("message:17", ANNA, WORDS)


def test_an_answer_without_end_is_broken_off(texts: HttpTexts, gateway: TextGateway) -> None:
    gateway.after_taking = Response(b"x" * (LARGEST_ANSWER + 1), 200)

    with pytest.raises(OutcomeUnknown):
        texts.send("message:17", ANNA, WORDS)


def test_what_is_no_http_at_all_is_no_answer(hand: Hand) -> None:
    def mumble(connection: socketserver.StreamRequestHandler) -> None:
        connection.rfile.readline()
        connection.wfile.write(b"\x00\xffmumble\r\n\r\n")

    with scripted_server(mumble) as port, pytest.raises(OutcomeUnknown):
        texts_at(f"http://127.0.0.1:{port}", hand).send("message:17", ANNA, WORDS)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_gateway_that_fails_may_have_taken_it(texts: HttpTexts, gateway: TextGateway, status: int) -> None:
    gateway.instead = Response(status=status)

    with pytest.raises(OutcomeUnknown):
        texts.send("message:17", ANNA, WORDS)
    gateway.instead = None
    texts.send("message:17", ANNA, WORDS)

    assert list(gateway.texts) == ["message:17"]


@pytest.mark.parametrize("status", [400, 410, 422])
def test_a_refused_number_is_final_and_holds_up_no_other(texts: HttpTexts, gateway: TextGateway, status: int) -> None:
    gateway.refused = {ANNA: status}

    with pytest.raises(NotDelivered) as refusal:
        texts.send("message:17", ANNA, WORDS)
    texts.send("message:18", BEN, WORDS)

    assert refusal.value.is_final
    assert list(gateway.texts) == ["message:18"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_gateway_is_left_alone_for_as_long_as_it_asks(
    texts: HttpTexts, gateway: TextGateway, hand: Hand, status: int
) -> None:
    gateway.instead = Response(status=status, headers={"Retry-After": "120"})

    with pytest.raises(NotDelivered) as busy:
        texts.send("message:17", ANNA, WORDS)
    hand.seconds = 50
    with pytest.raises(NotDelivered) as resting:
        texts.send("message:18", BEN, WORDS)
    asked_while_resting = list(gateway.asked)
    gateway.instead, hand.seconds = None, 121
    texts.send("message:18", BEN, WORDS)

    assert (busy.value.is_final, busy.value.wait_seconds) == (False, 120)
    assert resting.value.wait_seconds == 70
    assert asked_while_resting == ["message:17"]
    assert list(gateway.texts) == ["message:18"]


def test_a_gateway_that_takes_only_so_many_a_second_is_waited_for(
    texts: HttpTexts, gateway: TextGateway, hand: Hand
) -> None:
    gateway.instead = Response(status=429, headers={"Retry-After": "1"})

    def free_again() -> None:
        gateway.instead = None

    hand.meanwhile = free_again
    texts.send("message:17", ANNA, WORDS)

    assert hand.waited == [1.0]
    assert gateway.asked == ["message:17", "message:17"]
    assert list(gateway.texts) == ["message:17"]


def test_a_gateway_that_stays_busy_is_not_waited_for_without_end(
    texts: HttpTexts, gateway: TextGateway, hand: Hand
) -> None:
    gateway.instead = Response(status=429, headers={"Retry-After": "1"})

    with pytest.raises(NotDelivered) as busy:
        texts.send("message:17", ANNA, WORDS)

    assert (busy.value.is_final, busy.value.wait_seconds) == (False, None)
    assert hand.waited == [1.0] * SHORT_WAITS
    assert gateway.texts == {}


def test_a_busy_gateway_that_names_no_time_is_left_to_our_own_patience(
    texts: HttpTexts, gateway: TextGateway, hand: Hand
) -> None:
    gateway.instead = Response(status=429)

    with pytest.raises(NotDelivered) as busy:
        texts.send("message:17", ANNA, WORDS)
    gateway.instead, hand.seconds = None, REST_SECONDS + 1
    texts.send("message:17", ANNA, WORDS)

    assert busy.value.wait_seconds is None
    assert list(gateway.texts) == ["message:17"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("9" * 40, 3600.0),
        ("Mon, 02 Mar 2026 20:01:30 GMT", 90.0),
        ("Mon, 02 Mar 2026 19:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_how_long_to_wait_is_read_as_seconds_or_as_a_date(said: str, seconds: float | None) -> None:
    with clock.stopped_at(NOON):
        assert wait_seconds(said) == seconds


@pytest.mark.parametrize("status", [301, 401, 402, 403, 404, 405])
def test_what_is_wrong_with_our_account_fails_no_message(texts: HttpTexts, gateway: TextGateway, status: int) -> None:
    gateway.instead = Response(status=status, headers={"Location": "https://elsewhere.example.org/"})

    with pytest.raises(NotDelivered) as failure:
        texts.send("message:17", ANNA, WORDS)

    assert not failure.value.is_final
    assert gateway.asked == ["message:17"]


def test_a_gateway_that_is_not_there_is_asked_once_for_many(hand: Hand) -> None:
    with closing(create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    texts = texts_at(f"http://127.0.0.1:{port}", hand)
    with pytest.raises(NotDelivered, match="cannot be reached"):
        texts.send("message:17", ANNA, WORDS)

    with pytest.raises(NotDelivered, match="left alone") as resting:
        texts.send("message:18", BEN, WORDS)

    assert resting.value.wait_seconds is None
    assert not resting.value.is_final


def test_replies_are_read_oldest_first_and_from_then_on(texts: HttpTexts, gateway: TextGateway) -> None:
    gateway.listed = [
        {"from": BEN, "text": "yes", "at": "2026-03-02T21:00:00+01:00"},
        {"from": ANNA, "text": "STOP", "at": (NOON - timedelta(minutes=5)).isoformat()},
        {"from": ANNA, "text": "too old", "at": (NOON - timedelta(hours=2)).isoformat()},
    ]

    found = texts.replies(NOON - timedelta(hours=1))

    assert found == [Reply(ANNA, "STOP", NOON - timedelta(minutes=5)), Reply(BEN, "yes", NOON)]
    assert gateway.since == [NOON - timedelta(hours=1)]


def test_a_reply_that_is_none_hides_no_other(
    texts: HttpTexts, gateway: TextGateway, caplog: pytest.LogCaptureFixture
) -> None:
    good: dict[str, object] = {"from": ANNA, "text": "STOP", "at": NOON.isoformat()}
    gateway.listed = [
        {}, {**good, "from": "Anna"}, {**good, "at": "yesterday"}, {**good, "at": "2026-03-02T12:00:00"},
        {**good, "text": 7}, good,
    ]  # fmt: skip

    found = texts.replies(NOON)

    assert found == [Reply(ANNA, "STOP", NOON)]
    assert "5 entries" in caplog.text
    assert "STOP" not in caplog.text


@pytest.mark.parametrize("content", [b"", b"oops", b"[]", b'{"replies": 7}'])
def test_a_list_of_replies_that_cannot_be_read_is_told(hand: Hand, httpserver: HTTPServer, content: bytes) -> None:
    httpserver.expect_request("/replies").respond_with_data(content)

    with pytest.raises(NotDelivered):
        texts_at(httpserver.url_for(""), hand).replies(NOON)


def test_the_gateway_can_be_tried_without_a_text(
    texts: HttpTexts, address: str, gateway: TextGateway, hand: Hand
) -> None:
    texts.check()

    with pytest.raises(NotDelivered):
        texts_at(address, hand, token="wrong").check()
    assert gateway.asked == []


def test_no_failure_names_whom_it_was_for(
    texts: HttpTexts, gateway: TextGateway, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    gateway.refused = {ANNA: 422}
    told = []
    with pytest.raises(NotDelivered) as refusal:
        texts.send("message:17", ANNA, WORDS)
    told.append(str(refusal.value))
    gateway.instead = Response(f"{ANNA} is too much", 500)
    with pytest.raises(OutcomeUnknown) as failure:
        texts.send("message:17", ANNA, WORDS)
    told += [str(failure.value), caplog.text]

    assert not any(word in text for text in told for word in (ANNA, ANNA[1:], "Anna", TOKEN))
