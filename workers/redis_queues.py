"""Redis as Kombu speaks to it, except that a worker survives its death.

When Redis dies, Kombu closes the line; but a worker still wants to give back the calls it has taken, or to say that one
is done. Kombu then stumbles over the line that is gone, in a way that ends the worker with all it is at. Here it is
told what it can bear: that there is no connection. What the calls asked for stands in the database.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as NoConnection


class CallsTaken(redis.QoS):
    """The calls that a worker has taken and not yet done."""

    def restore_unacked(self, client: Any = None) -> None:
        """Give them back, as far as there is anybody to give them to; after that they are nobody's."""
        try:
            super().restore_unacked(client)
        finally:
            # Kombu goes through them once more at the end of the process.
            if self._delivered is not None:
                self._delivered.clear()


class Channel(redis.Channel):
    """Kombu's, that knows when its line is gone."""

    QoS = CallsTaken

    @contextmanager
    def conn_or_acquire(self, client: Any = None) -> Generator[Any, None, None]:
        """Something to talk to Redis with. Raises :class:`NoConnection` when the line was closed."""
        if self.connection is None or self.connection.client is None:
            raise NoConnection("The line to Redis was closed.")
        with super().conn_or_acquire(client) as found:
            yield found


class RedisQueues(redis.Transport):
    """Kombu's, with that channel."""

    Channel = Channel
