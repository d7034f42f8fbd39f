"""The chart that a practitioner's signature stands for: needle sets, procedures and diagnoses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol


class ChartedSet(Protocol):
    """A needle set as it was charted, whether it is a row yet or not."""

    @property
    def minutes(self) -> int:
        """Contact minutes; of a retained set, minutes of rest."""

    @property
    def new_needles(self) -> bool:
        """Whether fresh needles were placed."""

    @property
    def estim(self) -> bool:
        """Whether current was applied."""

    @property
    def starts_at(self) -> datetime | None:
        """When the set began, if it was noted; an aware instant."""


class ChartedProcedure(Protocol):
    """A service besides the needles as it was charted."""

    @property
    def code(self) -> str:
        """The procedure code."""

    @property
    def modifiers(self) -> Sequence[str]:
        """Its modifiers, in order."""

    @property
    def units(self) -> int:
        """How many."""


def chart_sha256(sets: Sequence[ChartedSet], procedures: Sequence[ChartedProcedure], diagnoses: Sequence[str]) -> str:
    """The digest of a chart, in hex: what a signed note keeps, so that a later change of the chart shows.

    All three in their order; the first diagnosis is the principal one. Equal charts have equal
    digests, whatever zone their instants are written in.
    """
    chart = (
        [(one.minutes, one.new_needles, one.estim, _utc_text(one.starts_at)) for one in sets],
        [(one.code, list(one.modifiers), one.units) for one in procedures],
        list(diagnoses),
    )
    return hashlib.sha256(json.dumps(chart, separators=(",", ":")).encode()).hexdigest()


def _utc_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
