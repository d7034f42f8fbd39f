"""Draws that depend on what is drawn for, never on how often something was drawn before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

_BYTES = 6
_NUMBERS: int = 1 << 8 * _BYTES

Option = TypeVar("Option")


@dataclass(frozen=True, slots=True)
class Chance:
    """The luck of one thing. Asked the same question it always gives the same answer."""

    name: str
    """The seed, and the names of the thing."""

    def of(self, *names: str) -> Chance:
        """The luck of something within this, such as one claim of a payer."""
        return Chance("\x1f".join([self.name, *names]))

    def happens(self, what: str, rate: float) -> bool:
        """Whether ``what`` happens, which it does in ``rate`` of all cases (0 never, 1 always)."""
        return self._number(what) < rate * _NUMBERS

    def between(self, what: str, least: int, most: int) -> int:
        """A whole number from ``least`` up to and including ``most``."""
        return least + self._number(what) % (most - least + 1)

    def pick(self, what: str, options: Sequence[Option]) -> Option:
        """One of ``options``."""
        return options[self._number(what) % len(options)]

    def digits(self, what: str, count: int) -> str:
        """A run of ``count`` digits, for a number that somebody would have assigned."""
        return f"{self.between(what, 0, 10**count - 1):0{count}d}"

    def _number(self, what: str) -> int:
        content = hashlib.sha256(f"{self.name}\x1f{what}".encode())
        return int.from_bytes(content.digest()[:_BYTES])
