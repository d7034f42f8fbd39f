"""What a plan has allowed for a code before, where no contract says what it allows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LOOKED_AT = 20
"""So many of a plan's last decisions about a code are looked at: prices change."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a plan allowed for one unit of a code, in cents."""

    low: int
    usual: int
    """The median."""
    high: int
    times: int


Experience = Mapping[str, Allowed]
"""By code, of one plan."""


def allowed_before(amounts: Iterable[int]) -> Allowed | None:
    """From amounts for one unit, the latest first; ``None`` when there are none."""
    found = sorted(list(amounts)[:LOOKED_AT])
    if not found:
        return None
    return Allowed(found[0], found[(len(found) - 1) // 2], found[-1], len(found))
