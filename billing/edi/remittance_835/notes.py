"""The findings of one payment, taken down beside those of the whole source, and never too many of them."""

from __future__ import annotations

from collections import Counter

from billing.edi.findings import Finding
from billing.errors import Severity

MOST_OF_A_KIND = 20
"""So many findings of one rule about one kind of segment are told for each payment; the others are counted."""


class Notes:
    """Adds findings to the list for the whole source, and knows which of them are about this payment."""

    def __init__(self, findings: list[Finding], since: int, position: int) -> None:
        """The payment begins at ``position``; whatever stands in ``findings`` from ``since`` on may be about it."""
        self._all = findings
        self._since = since
        self._until: int | None = None
        self._position = position
        self._counts: Counter[tuple[str, str, Severity]] = Counter()

    def note(self, rule: str, severity: Severity, why: str, position: int, segment: str) -> None:
        """Add a finding, unless there are enough of its kind."""
        kind = rule, segment, severity
        self._counts[kind] += 1
        if self._counts[kind] <= MOST_OF_A_KIND:
            self._all.append(Finding(rule, severity, why, position, segment))

    def close(self) -> None:
        """Tell how many findings were not told; nothing that comes later is about this payment."""
        for (rule, segment, severity), count in self._counts.items():
            if count > MOST_OF_A_KIND:
                why = f"There are {count - MOST_OF_A_KIND} more like this about {segment or 'the payment'}."
                self._all.append(Finding(rule, severity, why, self._position, segment))
        self._until = len(self._all)

    @property
    def findings(self) -> list[Finding]:
        """Those about this payment, or about the source as a whole, noticed while it was read."""
        noticed = self._all[self._since : self._until]
        return [finding for finding in noticed if finding.position >= self._position or not finding.position]
