"""A bell that is heard in the same process: a thread of its own does what is due, once for however many rings."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class ThreadBell:
    """A :class:`billing.ports.Bell` whose listener is a daemon thread.

    The thread begins with the first ring, so that a process that forks before has none to lose. Whatever rings
    while it works makes it look once more, and rings are counted no further. A daemon may be cut off anywhere:
    what it does has to bear being begun anew.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        """``work`` does everything that is due; what it raises ends that work and not the thread."""
        self._work = work
        self._rung = threading.Event()
        self._gone = threading.Event()
        self._start = threading.Lock()
        self._listener: threading.Thread | None = None
        self._process = 0
        self._every: float | None = None

    @property
    def is_silenced(self) -> bool:
        """Whether it has been asked to stop: work under way should come to a halt where it can be taken up again."""
        return self._gone.is_set()

    def ring(self) -> None:
        """Have what is due done soon; returns at once."""
        if self._gone.is_set():
            return
        self._rung.set()
        with self._start:
            if self._listener is None or not self._listener.is_alive() or self._process != os.getpid():
                self._process = os.getpid()
                self._listener = threading.Thread(target=self._listen, name="bell", daemon=True)
                self._listener.start()

    def keep_ringing(self, seconds: float) -> None:
        """From now on do what is due that often, even if nobody rings, and at once."""
        self._every = seconds
        self.ring()

    def silence(self, patience: float) -> bool:
        """Stop listening; waits at most so many seconds for work under way, and says whether it has ended."""
        self._gone.set()
        self._rung.set()
        if self._listener is None or self._process != os.getpid():
            return True
        self._listener.join(patience)
        return not self._listener.is_alive()

    def _listen(self) -> None:
        while True:
            self._rung.wait(self._every)
            self._rung.clear()
            if self._gone.is_set():
                return
            try:
                self._work()
            except Exception as error:
                # Its text may quote a record.
                _log.error("what the bell had done broke off with %s", type(error).__name__)
