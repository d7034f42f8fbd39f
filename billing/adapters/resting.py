"""Leaving a far end alone for a while, after it asked for that or could not be reached at all."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_SECONDS = 3600.0
"""However long the far end asks for: a clinic's reminders are of no use days later."""


class Rest:
    """Until when nothing is to be offered. Hundreds of letters may wait behind one that hit a dead line."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._until = 0.0
        self._is_asked = False

    @property
    def asked_seconds(self) -> float | None:
        """How long the far end itself still asks to be left alone; ``None`` when it did not."""
        return self.seconds if self._is_asked else None

    @property
    def seconds(self) -> float:
        """How long it still lasts; zero when it is over."""
        return max(0.0, self._until - self._monotonic())

    def begin(self, seconds: float, *, is_asked: bool = False) -> None:
        """Offer nothing for so long from now on; ``is_asked`` when the far end named that time."""
        self._is_asked = is_asked
        self._until = self._monotonic() + min(seconds, LONGEST_SECONDS)

    def end(self) -> None:
        """The far end answers again."""
        self._until = 0.0
