"""A question to an HTTP server is answered whole, or it is known whether the server can have had it."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server

import pytest
from pytest_httpserver import HTTPServer

from billing.adapters.http_line import RESTS_SECONDS, HttpAnswer, HttpLine, NotAnswered, NotAsked
from tests.adapters.smtp_server import certificate, scripted_server, trust_in

Connection = socketserver.StreamRequestHandler
YES = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"
OURS = {"Accept": "application/json"}


@dataclass
class Far:
    """The other end: what it answers, and how many connections it was given."""

    answers: bytes = YES
    hangs_up: bool = False
    """After each answer."""
    gone: threading.Event = field(default_factory=threading.Event)
    connections: int = 0
    questions: list[bytes] = field(default_factory=list)

    def __call__(self, connection: Connection) -> None:
        self.connections += 1
        while question := _question(connection):
            self.questions.append(question)
            connection.wfile.write(self.answers)
            if self.hangs_up:
                break
        connection.connection.close()
        self.gone.set()


def _question(connection: Connection) -> bytes:
    head, length = b"", 0
    while (line := connection.rfile.readline()) not in (b"\r\n", b""):
        head += line
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + connection.rfile.read(length)


@pytest.fixture
def far() -> Far:
    return Far()


@contextmanager
def line_to(act: Callable[[Connection], None], timeout: float = 5.0) -> Iterator[HttpLine]:
    with scripted_server(act) as port:
        yield HttpLine(f"http://127.0.0.1:{port}/v1", timeout)


def test_many_questions_go_over_one_connection(far: Far) -> None:
    with line_to(far) as line:
        answers = [line.ask("POST", "/messages", OURS, b'{"to": 1}') for _ in range(3)]

    assert answers == [HttpAnswer(202, b"{}")] * 3
    assert far.connections == 1
    assert far.questions[0].startswith(b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nAccept: application/json\r\n" in far.questions[0]
    assert far.questions[0].endswith(b'\r\n{"to": 1}')


def test_a_server_that_hangs_up_after_an_answer_costs_no_question(far: Far) -> None:
    far.hangs_up = True

    with line_to(far) as line:
        for _ in range(3):
            assert line.ask("POST", "/messages", OURS, b"{}").status == 202
            assert far.gone.wait(5)
            far.gone.clear()

    assert (far.connections, len(far.questions)) == (3, 3)


def test_a_connection_that_rested_for_long_is_not_trusted(far: Far) -> None:
    asked_at = [0.0]
    with scripted_server(far) as port:
        line = HttpLine(f"http://127.0.0.1:{port}", 5.0, lambda: asked_at[-1])
        for seconds in (0.0, RESTS_SECONDS - 1, 2 * RESTS_SECONDS):
            asked_at.append(seconds)
            line.ask("GET", "/", OURS)

    assert far.connections == 2


def test_a_server_that_wants_to_hang_up_is_let(far: Far) -> None:
    far.answers = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    far.hangs_up = True

    with line_to(far) as line:
        assert [line.ask("GET", "/", OURS).content for _ in range(2)] == [b"{}", b"{}"]

    assert far.connections == 2


def test_an_answer_in_pieces_is_put_together(far: Far) -> None:
    far.answers = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"

    with line_to(far) as line:
        assert [line.ask("GET", "/", OURS).content for _ in range(2)] == [b"[1,2]", b"[1,2]"]

    assert far.connections == 1


@pytest.mark.parametrize(
    "cut",
    [
        b"",
        b"HTTP/1.1 2",
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 40\r\n\r\n{",
        b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
        b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n{",
        b"HTTP/1.1 huh\r\n\r\n",
    ],
)
def test_an_answer_that_is_cut_off_or_garbled_is_none(far: Far, cut: bytes) -> None:
    far.answers, far.hangs_up = cut, True

    with line_to(far) as line, pytest.raises(NotAnswered) as failure:
        line.ask("POST", "/messages", OURS, b"{}")

    assert not failure.value.took_too_long
    assert len(far.questions) == 1


def test_an_answer_that_comes_in_drops_is_not_waited_for_without_end() -> None:
    over = threading.Event()

    def drip(connection: Connection) -> None:
        _question(connection)
        connection.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
        while not over.wait(0.05):
            connection.wfile.write(b"x")

    with line_to(drip, timeout=0.4) as line, pytest.raises(NotAnswered) as failure:
        began = time.monotonic()
        try:
            line.ask("GET", "/", OURS)
        finally:
            over.set()

    assert failure.value.took_too_long
    assert time.monotonic() - began < 5


def test_a_server_that_is_not_there_was_not_asked() -> None:
    with closing(create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]

    with pytest.raises(NotAsked):
        HttpLine(f"http://127.0.0.1:{port}", 5.0).ask("GET", "/", OURS)


@pytest.mark.parametrize("headers", [{"Key": "one\r\nTo: two"}, {"Key": "łódź"}])
def test_what_cannot_be_said_in_http_is_not_sent(far: Far, headers: dict[str, str]) -> None:
    with line_to(far) as line, pytest.raises(NotAsked):
        line.ask("GET", "/", headers)

    assert far.questions == []


def test_a_server_whose_certificate_nobody_vouches_for_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    with HTTPServer("localhost", 0, ssl_context=trust_in(pem)) as server:
        server.expect_request("/v1/messages").respond_with_data(b"{}", 202)
        address = server.url_for("/v1")

        with pytest.raises(NotAsked):
            HttpLine(address, 5.0).ask("POST", "/messages", OURS, b"{}")
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        line = HttpLine(address, 5.0)

        assert [line.ask("POST", "/messages", OURS, b"{}").status for _ in range(2)] == [202, 202]
        assert len(server.log) == 2
