"""What a reader noticed in a file it was given: never raised, always collected.

Readers in this room take a ``findings`` list and append to it, so that one list tells the whole
story of a file from its first byte to its last control number, in the order of reading.
"""

from __future__ import annotations

from dataclasses import dataclass

from billing.errors import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the standard says.

    ``severity`` is ``BLOCK`` when what was read cannot be relied on, ``WARN`` when it can though the
    file is faulty, ``INFO`` when something lawful was left unread. ``position`` counts segments of
    the source from 1; 0 means the source as a whole. The text names places and rules, never the
    content of an element other than a control number, so that it may be logged; where it speaks of an
    element it begins with its name as X12 writes it (``CLM05``, ``SVC01 component 2``).
    """

    rule: str
    severity: Severity
    why: str
    position: int = 0
    segment: str = ""
