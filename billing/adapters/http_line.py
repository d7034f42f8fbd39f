"""Questions to one HTTP server, over connections that are kept open between them.

What matters to whoever asks is whether a question that failed can have arrived: it cannot when no connection was to be
had. A server that hangs up on a resting connection is noticed before anything is sent on it.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError, SSLError

RESTS_SECONDS = 20.0
"""Connections over which nothing was asked for longer are not used again: who knows what became of them on the way."""
LARGEST_ANSWER = 4 * 1024 * 1024
_AT_ONCE = 64 * 1024


class _Failed(Exception):
    """A question got no whole answer."""

    def __init__(self, why: Exception) -> None:
        super().__init__(type(why).__name__)
        self.took_too_long = isinstance(why, TimeoutError | ConnectTimeoutError | ReadTimeoutError)


class NotAsked(_Failed):
    """Nothing of the question was sent."""


class NotAnswered(_Failed):
    """The server may have had it."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the server said."""

    status: int
    content: bytes
    retry_after: str = ""


class HttpLine:
    """The way to a server; several threads may use it."""

    def __init__(self, address: str, timeout: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """``timeout``: seconds for the whole of one question."""
        self._address = address
        self._timeout = timeout
        self._monotonic = monotonic
        self._asked_at = monotonic()
        trust = ssl.create_default_context()
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(timeout), ssl_context=trust)

    def ask(self, method: str, path: str, headers: Mapping[str, str], content: bytes | None = None) -> HttpAnswer:
        """The answer to one question. Raises :class:`NotAsked` or :class:`NotAnswered`. Redirects are not followed."""
        begins = self._monotonic()
        if begins - self._asked_at > RESTS_SECONDS:
            self._pool.clear()
        self._asked_at = begins
        try:
            response = self._pool.request(
                method, self._address + path, body=content, headers=headers, preload_content=False, redirect=False
            )
            read = _whole(response, lambda: self._monotonic() - begins > self._timeout)
        except (NewConnectionError, ConnectTimeoutError, ValueError) as error:
            raise NotAsked(error) from None
        except (HTTPError, OSError) as error:
            raise (NotAsked if _was_not_trusted(error) else NotAnswered)(error) from None
        return HttpAnswer(response.status, read, response.headers.get("Retry-After", ""))


def _was_not_trusted(error: Exception) -> bool:
    """Whether the server's certificate was refused, so that nothing was said to it."""
    return isinstance(error, SSLError) and any(isinstance(one, ssl.SSLCertVerificationError) for one in error.args)


def _whole(response: urllib3.BaseHTTPResponse, is_over: Callable[[], bool]) -> bytes:
    """The content of an answer. One that is endless, in size or in time, is broken off."""
    content = bytearray()
    try:
        while part := response.read1(_AT_ONCE):
            content += part
            if len(content) > LARGEST_ANSWER:
                raise OSError("the answer is too large")
            if is_over():
                raise TimeoutError
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return bytes(content)
