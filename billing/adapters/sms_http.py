"""Text messages by a gateway that speaks HTTP: ``docs/text-gateway.md`` is the contract with it.

The gateway knows a message by its ``Idempotency-Key`` and does nothing twice, so one of which nobody knows what became
of it may be offered again. No error quotes an answer, since it may repeat the number.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlencode

from billing import clock
from billing.adapters.http_line import HttpAnswer, HttpLine, NotAnswered, NotAsked
from billing.adapters.resting import LONGEST_SECONDS, Rest
from billing.adapters.sms_replies import replies_from
from billing.errors import NotDelivered, OutcomeUnknown
from billing.ports import Reply

_log = logging.getLogger(__name__)

TAKEN = (200, 201, 202)
TAKEN_BEFORE = 409
BUSY = (429, 503)
"""The gateway says that it has not taken it, and perhaps for how long to leave it alone."""
ABOUT_US = (401, 402, 403, 404, 405, 407, 408, 421, 425, 426)
"""Answers that speak of our account, our address or our haste, and not of the message: mended, it will be taken."""
REST_SECONDS = 30.0
"""How long a gateway is left alone that cannot be reached, or is busy without saying for how long."""
SHORT_WAIT = 5.0
"""So long is waited at once where the gateway asks for no more: many let through only so many messages a second."""
SHORT_WAITS = 3
"""So often for one message."""
LONGEST_RECEIPT = 200


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where text messages are handed over."""

    address: str
    """Without a slash at its end."""
    token: str
    sender: str
    """The number or name that recipients see."""
    timeout: float = 20.0
    """Seconds for the whole of one question."""


class HttpTexts:
    """A :class:`billing.ports.TextMessenger` that hands each message to a gateway."""

    may_repeat = True

    def __init__(self, gateway: Gateway, rest: Rest | None = None, wait: Callable[[float], None] = time.sleep) -> None:
        self.gateway = gateway
        self._rest = rest or Rest()
        self._wait = wait
        self._line = HttpLine(gateway.address, gateway.timeout)

    def send(self, key: str, number: str, words: str) -> str:
        """Hand it over; gives the gateway's own name for it."""
        content = json.dumps({"to": number, "from": self.gateway.sender, "text": words}).encode("ascii")
        for _ in range(SHORT_WAITS):
            try:
                return self._offer(key, content)
            except NotDelivered as busy:
                if busy.wait_seconds is None or busy.wait_seconds > SHORT_WAIT:
                    raise
                self._wait(busy.wait_seconds)
        try:
            return self._offer(key, content)
        except NotDelivered as busy:
            asked = busy.wait_seconds
            is_short = asked is not None and asked <= SHORT_WAIT
            # What was asked for has been granted, to no avail: our own patience is longer.
            raise NotDelivered(str(busy), is_final=busy.is_final, wait_seconds=None if is_short else asked) from None

    def _offer(self, key: str, content: bytes) -> str:
        if self._rest.seconds:
            raise NotDelivered(
                "The text gateway is being left alone for a while.", wait_seconds=self._rest.asked_seconds
            )
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        try:
            answer = self._ask("POST", "/messages", headers, content)
        except NotDelivered:
            self._rest.begin(REST_SECONDS)
            raise
        return self._receipt(key, answer)

    def replies(self, since: datetime) -> Sequence[Reply]:
        """What came in from then on, oldest first; an entry that is no reply is passed over, and told of."""
        moment = since.astimezone(UTC).isoformat().replace("+00:00", "Z")
        try:
            answer = self._ask("GET", "/replies?" + urlencode({"since": moment}), {})
        except OutcomeUnknown as failure:
            raise NotDelivered(str(failure)) from None
        listed = _fields(answer).get("replies")
        if answer.status != HTTPStatus.OK or not isinstance(listed, list):
            raise NotDelivered(f"The text gateway does not list replies ({answer.status}).")
        found, strange = replies_from(listed)
        if strange:
            _log.warning("the text gateway listed %d entries that are no replies", strange)
        return [one for one in found if one.at >= since]

    def check(self) -> None:
        """Ask for the replies of this moment. Raises :class:`NotDelivered` when that fails."""
        self._rest.end()
        self.replies(clock.now())

    def _ask(self, method: str, path: str, headers: dict[str, str], content: bytes | None = None) -> HttpAnswer:
        """One question. Raises :class:`NotDelivered` or :class:`OutcomeUnknown` when there is no whole answer."""
        headers = {"Authorization": f"Bearer {self.gateway.token}", "Accept": "application/json", **headers}
        try:
            return self._line.ask(method, path, headers, content)
        except NotAsked as failure:
            why = "in time" if failure.took_too_long else "at its address"
            raise NotDelivered(f"The text gateway cannot be reached {why}.") from None
        except NotAnswered as failure:
            why = "took too long" if failure.took_too_long else "broke off"
            raise OutcomeUnknown(f"The text gateway {why}: there was no whole answer.") from None

    def _receipt(self, key: str, answer: HttpAnswer) -> str:
        status, name = answer.status, _fields(answer).get("id")
        if status in TAKEN:
            if not isinstance(name, str | int) or isinstance(name, bool) or not str(name).strip():
                raise OutcomeUnknown(f"The text gateway answered {status} without saying what it calls the message.")
            return str(name).strip()[:LONGEST_RECEIPT]
        if status == TAKEN_BEFORE:
            return str(name).strip()[:LONGEST_RECEIPT] if isinstance(name, str | int) and name else f"taken as {key}"
        raise self._failure(answer)

    def _failure(self, answer: HttpAnswer) -> NotDelivered | OutcomeUnknown:
        status = answer.status
        if status in BUSY:
            seconds = wait_seconds(answer.retry_after)
            self._rest.begin(REST_SECONDS if seconds is None else seconds, is_asked=seconds is not None)
            return NotDelivered(f"The text gateway is busy ({status}).", wait_seconds=seconds)
        if status in ABOUT_US or 300 <= status < 400:
            self._rest.begin(REST_SECONDS)
            return NotDelivered(f"The text gateway turns us away ({status}). Check its address and token.")
        if 400 <= status < 500:
            return NotDelivered(f"The text gateway refuses the message or its number ({status}).", is_final=True)
        return OutcomeUnknown(f"The text gateway failed ({status}).")


def wait_seconds(retry_after: str) -> float | None:
    """What a ``Retry-After`` asks for (RFC 9110, 10.2.3): seconds, or a date; ``None`` when it says neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0.0, (until - clock.now()).total_seconds()), LONGEST_SECONDS)


def _fields(answer: HttpAnswer) -> dict[str, object]:
    """The JSON object of an answer; empty when it is none."""
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
