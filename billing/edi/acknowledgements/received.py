"""The envelopes of a received file, each with the findings that lie in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from billing.edi.envelope import GroupHeader, InterchangeHeader, read_group_header, read_interchange_header
from billing.edi.findings import Finding
from billing.edi.segments import Segment, Source, read_segments
from billing.errors import Severity


@dataclass(slots=True)
class ReceivedSet:
    """A transaction set: its ST, and each finding in it with the segment at its place."""

    header: Segment
    faults: list[tuple[Finding, Segment]] = field(default_factory=list)


@dataclass(slots=True)
class ReceivedGroup:
    """A functional group; without a header when transaction sets stand outside of any."""

    header: GroupHeader | None
    included: str = ""
    """GE01."""
    sets: list[ReceivedSet] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class ReceivedInterchange:
    """An interchange; without a header when something stands outside of any."""

    header: InterchangeHeader | None
    has_ta1: bool = False
    groups: list[ReceivedGroup] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)


def read_received(source: Source, findings: Iterable[Finding]) -> list[ReceivedInterchange]:
    """The interchanges of ``source``, in order; those of ``findings`` that weigh nothing are left out."""
    walk = _Walk(findings)
    for segment in read_segments(source, []):
        walk.take(segment)
    return walk.interchanges


class _Walk:
    """Goes through the segments once and gives each finding to the envelope in which it lies."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: dict[int, list[Finding]] = {}
        for finding in findings:
            if finding.severity is not Severity.INFO:
                self.findings.setdefault(finding.position, []).append(finding)
        self.interchanges: list[ReceivedInterchange] = []
        self.group: ReceivedGroup | None = None
        self.set: ReceivedSet | None = None

    def take(self, segment: Segment) -> None:
        """Go one segment on."""
        faults = self.findings.get(segment.position, ())
        match segment.id:
            case "ISA":
                self.group = self.set = None
                self.interchanges.append(ReceivedInterchange(read_interchange_header(segment)))
                self.interchanges[-1].faults += faults
            case "IEA":
                self.group = self.set = None
                self._interchange().faults += faults
            case "TA1":
                self._interchange().has_ta1 = True
            case "GS":
                self.set = None
                self._open_group(read_group_header(segment)).faults += faults
            case "GE":
                group = self.group or self._open_group(None)
                group.included = segment.element(1)
                group.faults += faults
                self.group = self.set = None
            case _:
                self._take_inside(segment, faults)

    def _take_inside(self, segment: Segment, faults: Sequence[Finding]) -> None:
        if segment.id == "ST":
            self.set = ReceivedSet(segment)
            (self.group or self._open_group(None)).sets.append(self.set)
        if self.set is not None:
            self.set.faults += [(fault, segment) for fault in faults]
        elif self.group is not None:
            self.group.faults += faults
        if segment.id == "SE":
            self.set = None

    def _interchange(self) -> ReceivedInterchange:
        if not self.interchanges:
            self.interchanges.append(ReceivedInterchange(None))
        return self.interchanges[-1]

    def _open_group(self, header: GroupHeader | None) -> ReceivedGroup:
        self.group = ReceivedGroup(header)
        self._interchange().groups.append(self.group)
        return self.group
