"""The numbering of hierarchical levels (HL), which no row of a guide can express.

Readers of answers take the levels as they come, one after the other, so that a level that was lost
or stands in the wrong place costs its neighbours nothing; here it is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from billing.edi.findings import Finding
from billing.edi.segments import Segment
from billing.errors import Severity


class Hierarchy:
    """Takes the HL segments of one transaction set in their order and says what is wrong with each."""

    def __init__(self, parents: Mapping[str, str]) -> None:
        """``parents`` names for each level code (HL03) the code of the level it stands under; empty for the topmost."""
        self.parents = parents
        self.count = 0
        self.codes: dict[str, str] = {}
        """Only of levels that others can stand under: the rest are as many as there are claims."""

    def check(self, level: Segment) -> Iterator[Finding]:
        """What is wrong with the next level."""
        self.count += 1
        own, above, code = level.element(1), level.element(2), level.element(3)
        if own != str(self.count):
            yield _finding(level, "hierarchy.number", f"HL01 does not count on; {self.count} is due.")
        if code not in self.parents:
            yield _finding(level, "hierarchy.level", "HL03 is no level of this transaction set.")
        elif (self.codes.get(above) if above else "") != self.parents[code]:
            yield _finding(level, "hierarchy.parent", "HL02 is not a level that this one can stand under.")
        if code in self.parents.values():
            self.codes[own] = code
        else:
            self.codes.pop(own, None)


def _finding(level: Segment, rule: str, why: str) -> Finding:
    return Finding(rule, Severity.WARN, why, level.position, "HL")
