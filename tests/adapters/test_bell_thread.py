"""A ring is heard in a thread of its own, once for however many rings, and never too late."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from billing.adapters.bell_thread import ThreadBell

PATIENCE = 30.0
"""Seconds after which a test that waits for nothing gives up."""


@pytest.fixture
def bells() -> Iterator[Callable[[Callable[[], None]], ThreadBell]]:
    """Makes bells, and silences them at the end."""
    made: list[ThreadBell] = []

    def bell(work: Callable[[], None]) -> ThreadBell:
        made.append(ThreadBell(work))
        return made[-1]

    yield bell
    for one in made:
        assert one.silence(PATIENCE)


Bells = Callable[[Callable[[], None]], ThreadBell]


def test_a_ring_is_heard_in_another_thread(bells: Bells) -> None:
    heard = threading.Event()
    threads: list[str] = []

    def work() -> None:
        threads.append(threading.current_thread().name)
        heard.set()

    bells(work).ring()

    assert heard.wait(PATIENCE)
    assert threads == ["bell"]


def test_rings_during_the_work_have_it_looked_at_once_more(bells: Bells) -> None:
    begun, go_on, twice = threading.Event(), threading.Event(), threading.Event()
    rounds: list[int] = []

    def work() -> None:
        rounds.append(1)
        begun.set()
        assert go_on.wait(PATIENCE)
        if len(rounds) == 2:
            twice.set()

    bell = bells(work)
    bell.ring()
    assert begun.wait(PATIENCE)
    for _ in range(5):
        bell.ring()
    go_on.set()

    assert twice.wait(PATIENCE)
    assert bell.silence(PATIENCE)
    assert len(rounds) == 2


def test_work_that_breaks_down_is_told_without_its_text_and_is_rung_for_again(
    bells: Bells, caplog: pytest.LogCaptureFixture
) -> None:
    broken, again = threading.Event(), threading.Event()

    def work() -> None:
        if not broken.is_set():
            broken.set()
            raise ValueError("Ada Example, M54.50")
        again.set()

    bell = bells(work)
    with caplog.at_level(logging.ERROR):
        bell.ring()
        assert broken.wait(PATIENCE)
        bell.ring()
        assert again.wait(PATIENCE)

    assert "ValueError" in caplog.text
    assert "Ada" not in caplog.text


def test_it_rings_by_itself_when_it_is_told_to(bells: Bells) -> None:
    rounds = threading.Semaphore(0)
    bell = bells(rounds.release)

    bell.keep_ringing(0.01)

    assert all(rounds.acquire(timeout=PATIENCE) for _ in range(3))


def test_a_silenced_bell_does_nothing_any_more(bells: Bells) -> None:
    rounds: list[int] = []
    bell = bells(lambda: rounds.append(1))

    ended = bell.silence(PATIENCE)
    bell.ring()

    assert ended
    assert bell.is_silenced
    assert rounds == []


def test_silencing_waits_for_the_work_no_longer_than_it_was_told(bells: Bells) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    bell = bells(work)
    bell.ring()
    assert begun.wait(PATIENCE)

    assert not bell.silence(0.01)
    go_on.set()
