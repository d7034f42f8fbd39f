"""How often an address on the network may ask for what anybody may ask for; counted in each process for itself."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from threading import Lock
from weakref import WeakKeyDictionary

from werkzeug.exceptions import TooManyRequests

from billing.web.endpoint import Call
from billing.wiring import Program

MOST_A_MINUTE = 120
"""Requests of one address: a clinic's patients may share one, as behind a telephone company's gateway."""
MOST_WRONG = 20
"""Links of one address, in :data:`WRONG_SPAN`, that we never made."""
MINUTE = timedelta(minutes=1)
WRONG_SPAN = timedelta(minutes=10)
_HOME_BITS = 64


class Count:
    """How often each has done something in the present span of time; the next span begins with nothing."""

    def __init__(self, most: int, span: timedelta) -> None:
        self._most = most
        self._span = span
        self._lock = Lock()
        self._since: datetime | None = None
        self._done: Counter[str] = Counter()

    def add(self, who: str, at: datetime) -> None:
        """Once more."""
        with self._lock:
            if self._since is None or not self._since <= at < self._since + self._span:
                self._since = at
                self._done.clear()
            self._done[who] += 1

    def is_too_much(self, who: str, at: datetime) -> bool:
        """Whether it was done more often than may be."""
        with self._lock:
            is_present = self._since is not None and self._since <= at < self._since + self._span
            return is_present and self._done[who] > self._most


class Patience:
    """With everybody who has no login."""

    def __init__(self) -> None:
        self._asked = Count(MOST_A_MINUTE, MINUTE)
        self._wrong = Count(MOST_WRONG, WRONG_SPAN)

    def admit(self, address: str, at: datetime) -> None:
        """Let one more request of that address in. Raises ``TooManyRequests`` (429)."""
        home = _home(address)
        self._asked.add(home, at)
        if self._asked.is_too_much(home, at) or self._wrong.is_too_much(home, at):
            raise TooManyRequests

    def note_wrong(self, address: str, at: datetime) -> None:
        """It asked for something that we never made."""
        self._wrong.add(_home(address), at)


_with_those_of: WeakKeyDictionary[Program, Patience] = WeakKeyDictionary()


def patience(call: Call) -> Patience:
    """The one of the program that answers this request."""
    return _with_those_of.setdefault(call.program, Patience())


def _home(address: str) -> str:
    """Whose address it is: of IPv6 a household has a whole network."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(int(known) >> _HOME_BITS) if isinstance(known, IPv6Address) else address
