"""Minding the one worker process of ``meridian serve``: started, started anew when it dies, ended in order."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from billing.settings import Settings, environment_for

PATIENCE = 30.0
"""Seconds that work under way has to come to a halt where it can be taken up again."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds until a worker that died is started anew; twice as long each time that it did not last."""
_LASTS = 60.0
"""After so many seconds a worker is taken to be well again."""
_PROGRAM = Path(__file__).resolve().parents[2]

_log = logging.getLogger(__name__)


class Minder:
    """Keeps one worker process running, from :meth:`begin` until :meth:`end`."""

    def __init__(self, settings: Settings) -> None:
        self._environment = environment_for(settings, os.environ)
        # The worker is this same program, wherever it is started.
        path = os.pathsep.join(filter(None, (str(_PROGRAM), self._environment.get("PYTHONPATH", ""))))
        self._environment["PYTHONPATH"] = path
        # Its two threads hardly ever want memory at once, and each further arena costs megabytes.
        self._environment.setdefault("MALLOC_ARENA_MAX", "1")
        self._ending = threading.Event()
        self._changing = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._mind, name="minder", daemon=True)

    def begin(self) -> None:
        """Start the worker, and mind it in the background."""
        self._thread.start()

    def end(self) -> None:
        """Ask the worker to end, and wait until it has; one that does not in time is killed.

        What it is at then is found again by its lease.
        """
        with self._changing:
            self._ending.set()
            worker = self._worker
        if worker is not None:
            worker.terminate()
            try:
                worker.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                _log.warning("the worker did not come to a halt within %.0f seconds, and is killed", PATIENCE)
                worker.kill()
        if self._thread.is_alive():
            self._thread.join()

    def _mind(self) -> None:
        pause = FIRST_PAUSE
        while not self._ending.is_set():
            began = time.monotonic()
            worker = self._start()
            if worker is None:
                return
            code = worker.wait()
            if self._ending.is_set():
                return
            if time.monotonic() - began > _LASTS:
                pause = FIRST_PAUSE
            _log.warning("the worker ended with code %s, and is started anew in %s seconds", code, pause)
            self._ending.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _start(self) -> subprocess.Popen[bytes] | None:
        """Start the worker, unless the end has come meanwhile."""
        with self._changing:
            if self._ending.is_set():
                return None
            self._worker = subprocess.Popen(
                # Nothing is imported from the folder that people happen to be in.
                [sys.executable, "-P", "-m", "workers.embedded", str(os.getpid())],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # Ctrl-C is for this process, which ends the worker in order.
                start_new_session=True,
            )
            return self._worker
