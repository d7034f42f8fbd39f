"""The bell that workers hear: it sends a round's name through the broker. Here too: which broker that is.

Workers set themselves up with the same :func:`broker_options`, so that bell and workers cannot miss each other.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from time import monotonic_ns
from typing import Any

from celery import Celery
from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

from billing.settings import Settings

SECONDS_BETWEEN_LOOKS = 0.2
"""How often a worker looks into the folder of queues, when files are the broker."""
_LONGEST_LOOK = 0.5
SECONDS_UNTIL_STALE = 60
"""A ring that nobody heard for so long is dropped: by then a round has done the same."""
_REDIS = {"unacked_restore_interval": 5, "unacked_restore_throttle": 1}
"""A call that a killed worker had taken is given to another after seconds; by default it would take minutes."""
_IMPATIENT = {"socket_connect_timeout": 2, "socket_timeout": 2, "retry_on_timeout": False}
"""A ring is not worth more seconds than this."""

_log = logging.getLogger(__name__)


class WholeFiles(filesystem.Channel):
    """Queues as files in a folder, of which nobody ever sees a half.

    Kombu's own writes a file where readers look for it, moves what it takes to the machine's temporary folder, and
    keeps tables of exchanges in files; calls go to their queue by its name here, so that none is needed.
    """

    def _put(self, *call: Any, **_: Any) -> None:
        queue, payload = call
        name = f"{monotonic_ns():020}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f"{name}.part"
        try:
            unfinished.write_text(dumps(payload), encoding="utf-8")
            unfinished.rename(folder / name)
        except OSError as error:
            raise ChannelError(f"The queue {queue} cannot be written: {error.strerror}.") from None

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            try:
                content = path.read_text(encoding="utf-8")
                path.unlink()
            except FileNotFoundError:
                # Another worker has taken it.
                continue
            return loads(content)
        raise Empty

    def _queue_bind(self, *_: Any) -> None:
        return

    def get_table(self, exchange: str) -> list[Any]:
        """No exchange leads anywhere."""
        return []


class FileQueues(filesystem.Transport):
    """Kombu's transport of that name, with :class:`WholeFiles`."""

    Channel = WholeFiles

    def drain_events(self, *connection: Any, **wanted: Any) -> None:
        """Look for calls, and come back soon: only in between does a worker notice that it is to end."""
        patience = wanted.get("timeout") or _LONGEST_LOOK
        super().drain_events(connection[0], timeout=min(patience, _LONGEST_LOOK))


TRANSPORT_ALIASES["filesystem"] = f"{__name__}:{FileQueues.__name__}"


def broker_options(settings: Settings, *, is_impatient: bool = False) -> dict[str, Any]:
    """Celery's settings for the broker in force; without one, queues are files in the data folder.

    ``is_impatient``: for somebody who only rings, and does not wait for calls.
    """
    if settings.broker_url:
        is_redis = settings.broker_url.startswith("redis")
        options = {**_REDIS, **(_IMPATIENT if is_impatient else {})} if is_redis else {}
        return {"broker_url": settings.broker_url, "broker_transport_options": options}
    calls = settings.queues / "calls"
    calls.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://localhost",
        "broker_transport_options": {
            "data_folder_in": str(calls),
            "data_folder_out": str(calls),
            "polling_interval": SECONDS_BETWEEN_LOOKS,
        },
        "worker_enable_remote_control": False,
    }


class CeleryBell:
    """A :class:`billing.ports.Bell` that whatever workers there are hear.

    It rings from a thread of its own, which begins with the first ring: whoever rings waits for nothing, and a
    process that forks before has no thread and no connection to lose. What was rung several times meanwhile is rung
    once, and a ring that fails is told in the log and forgotten.
    """

    def __init__(self, settings: Settings, queue_of: Mapping[str, str], usual: str) -> None:
        """``queue_of``: each round's queue by the round's name. ``usual``: the round that is meant without a name."""
        self._settings = settings
        self._queue_of = queue_of
        self._usual = usual
        self._wanted: dict[str, None] = {}
        self._begun = threading.Lock()
        self._rung = threading.Condition()
        self._ringer: threading.Thread | None = None
        self._process = 0

    def ring(self, what: str = "") -> None:
        """Have a round done soon; returns at once."""
        with self._begun:
            if self._ringer is None or not self._ringer.is_alive() or self._process != os.getpid():
                self._rung = threading.Condition()
                self._process = os.getpid()
                self._ringer = threading.Thread(target=self._keep_ringing, name="bell", daemon=True)
                self._ringer.start()
        with self._rung:
            self._wanted[what or self._usual] = None
            self._rung.notify()

    def _keep_ringing(self) -> None:
        app = _app(self._settings)
        while True:
            with self._rung:
                while not self._wanted:
                    self._rung.wait()
                wanted, self._wanted = self._wanted, {}
            for what in wanted:
                self._send(app, what)

    def _send(self, app: Celery, what: str) -> None:
        try:
            app.send_task(
                what,
                queue=self._queue_of[what],
                expires=SECONDS_UNTIL_STALE,
                ignore_result=True,
                retry=True,
                retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0},
            )
        except Exception as error:
            # Its text may quote the broker's password.
            _log.warning("the bell for %s could not be rung: %s", what, type(error).__name__)


def broker_failure(settings: Settings) -> str:
    """What keeps the broker from being reached, as the name of a kind of error; empty when it answers."""
    try:
        with _app(settings).connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=5)
            connection.SimpleQueue("desk").close()
    except Exception as error:
        return type(error).__name__
    return ""


def _app(settings: Settings) -> Celery:
    """A Celery that only sends; it must not become the one that a worker's tasks belong to."""
    app = Celery("meridian-bell", set_as_current=False)
    app.conf.update(task_ignore_result=True, **broker_options(settings, is_impatient=True))
    return app
