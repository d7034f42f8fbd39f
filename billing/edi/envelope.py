"""The envelopes of an interchange, read: ISA..IEA around GS..GE around ST..SE.

Reading never insists on an envelope: a missing one, a wrong count or an unequal control number is a
finding, and the segments inside are handed on all the same.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass, field

from billing.edi.findings import Finding
from billing.edi.segments import Run, Segment, Source, read_runs
from billing.errors import Severity

_ENVELOPE = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"})


@dataclass(frozen=True, slots=True)
class InterchangeHeader:
    """What an ISA says. Identifiers are without the blanks that pad them; dates and times as written."""

    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    receiver_id: str
    date: str
    time: str
    version: str
    control_number: str
    acknowledgement_requested: bool
    usage: str


@dataclass(frozen=True, slots=True)
class GroupHeader:
    """What a GS says."""

    functional_id: str
    sender: str
    receiver: str
    date: str
    time: str
    control_number: str
    version: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction set on its way through: who sent it, and a stream of its segments.

    ``segments`` runs from ST to SE and reads the source as it goes, so take what you need before asking
    for the next transaction. ``runs`` are the same segments in larger pieces, for who must be fast: take
    the one or the other. ``set_id`` is ST01; it is ``TA1`` for that lone segment between ISA and GS,
    and empty when segments come without an ST.
    """

    set_id: str
    control_number: str
    version: str
    interchange: InterchangeHeader | None
    group: GroupHeader | None
    segments: Iterator[Segment]
    runs: Iterator[Run]


def transactions(source: Source, findings: list[Finding]) -> Iterator[Transaction]:
    """The transaction sets of ``source`` in order, from all its interchanges and groups.

    Never raises for bad content; what is wrong with the envelopes goes into ``findings``.
    """
    return _EnvelopeReader(read_runs(source, findings), findings).transactions()


def read_interchange_header(segment: Segment) -> InterchangeHeader:
    """What an ISA says; empty text for all that it lacks."""
    parts = [part.strip() for part in segment.parts] + [""] * 17
    return InterchangeHeader(
        sender_qualifier=parts[5],
        sender_id=parts[6],
        receiver_qualifier=parts[7],
        receiver_id=parts[8],
        date=parts[9],
        time=parts[10],
        version=parts[12],
        control_number=parts[13],
        acknowledgement_requested=parts[14] == "1",
        usage=parts[15],
    )


def read_group_header(segment: Segment) -> GroupHeader:
    """What a GS says; empty text for all that it lacks."""
    parts = [*segment.parts, *[""] * 9]
    return GroupHeader(
        functional_id=parts[1],
        sender=parts[2],
        receiver=parts[3],
        date=parts[4],
        time=parts[5],
        control_number=parts[6],
        version=parts[8],
    )


def pass_over(transaction: Transaction, why: str, findings: list[Finding]) -> None:
    """Note at the first segment of ``transaction``, of which nothing was taken yet, that it is not read."""
    first = next(transaction.segments)
    findings.append(Finding("transaction.other_kind", Severity.WARN, why, first.position, first.id))


@dataclass(slots=True)
class _Open:
    """An envelope that has begun: where, under which number, and how many it holds so far."""

    segment: Segment
    number: str
    count: int = 0
    numbers: set[str] = field(default_factory=set)


class _EnvelopeReader:
    """Walks the segments once. ``run`` holds those at hand, and ``at`` is the index of the next of them."""

    def __init__(self, runs: Iterator[Run], findings: list[Finding]) -> None:
        self.runs = runs
        self.findings = findings
        self.run: Run | None = None
        self.at = 0
        self.interchange: _Open | None = None
        self.group: _Open | None = None
        self.interchange_header: InterchangeHeader | None = None
        self.group_header: GroupHeader | None = None

    def transactions(self) -> Iterator[Transaction]:
        while (segment := self._next()) is not None:
            match segment.id:
                case "ISA":
                    self._close_interchange(None)
                    self._open_interchange(segment)
                case "GS":
                    self._close_group(None)
                    self._open_group(segment)
                case "GE":
                    self._close_group(segment)
                case "IEA":
                    self._close_interchange(segment)
                case "SE":
                    self._note(segment, "transaction.header_missing", "SE closes a transaction that was never opened.")
                case "TA1":
                    yield self._transaction("TA1", "", "", iter((_alone(segment),)))
                case _:
                    body = self._body(segment)
                    yield self._opened(segment, body)
                    collections.deque(body, maxlen=0)  # what the caller left unread still counts
        self._close_interchange(None)

    def _at_hand(self) -> Run | None:
        """The run with the next segment in it; ``None`` at the end of the source."""
        if self.run is None or self.at == len(self.run.texts):
            self.run, self.at = next(self.runs, None), 0
        return self.run

    def _next(self) -> Segment | None:
        run = self._at_hand()
        if run is None:
            return None
        self.at += 1
        return run.segment(self.at - 1)

    def _opened(self, first: Segment, body: Iterator[Run]) -> Transaction:
        if self.group is None:
            self._note(first, "group.header_missing", "The transaction stands outside a functional group.")
        else:
            self.group.count += 1
            if first.id == "ST":
                self._unique(self.group, first, first.element(2), "transaction")
        if first.id != "ST":
            self._note(first, "transaction.header_missing", "A segment stands outside a transaction.")
            return self._transaction("", "", "", body)
        return self._transaction(first.element(1), first.element(2), first.element(3), body)

    def _transaction(self, set_id: str, number: str, version: str, body: Iterator[Run]) -> Transaction:
        version = version or (self.group_header.version if self.group_header else "")
        segments = (segment for run in body for segment in run.segments())
        return Transaction(set_id, number, version, self.interchange_header, self.group_header, segments, body)

    def _body(self, first: Segment) -> Iterator[Run]:
        count = 1
        yield _alone(first)
        while (run := self._at_hand()) is not None:
            start, end = self.at, _end_of_body(run, self.at)
            if start < end:
                self.at = end
                count += end - start
                yield run.part(start, end)
                continue
            if run.segment(end).id != "SE":
                break
            self.at += 1
            trailer = run.segment(end)
            if first.id == "ST":
                self._check_trailer(trailer, "transaction", count + 1, first.element(2))
            yield _alone(trailer)
            return
        if first.id == "ST":
            why = "The transaction has no SE; it may be cut off."
            self._note(first, "transaction.trailer_missing", why, Severity.BLOCK)

    def _open_interchange(self, segment: Segment) -> None:
        self.interchange_header = read_interchange_header(segment)
        self.interchange = _Open(segment, self.interchange_header.control_number)

    def _open_group(self, segment: Segment) -> None:
        self.group_header = read_group_header(segment)
        number = self.group_header.control_number
        self.group = _Open(segment, number)
        if self.interchange is None:
            self._note(segment, "interchange.header_missing", "The functional group stands outside an interchange.")
        else:
            self.interchange.count += 1
            self._unique(self.interchange, segment, number, "group")

    def _close_group(self, trailer: Segment | None) -> None:
        group, self.group, self.group_header = self.group, None, None
        if group and trailer:
            self._check_trailer(trailer, "group", group.count, group.number)
        elif group:
            self._note(group.segment, "group.trailer_missing", "The functional group has no GE; it may be cut off.")
        elif trailer:
            self._note(trailer, "group.header_missing", "GE closes a functional group that was never opened.")

    def _close_interchange(self, trailer: Segment | None) -> None:
        self._close_group(None)
        interchange, self.interchange, self.interchange_header = self.interchange, None, None
        if interchange and trailer:
            self._check_trailer(trailer, "interchange", interchange.count, interchange.number)
        elif interchange:
            why = "The interchange has no IEA; it may be cut off."
            self._note(interchange.segment, "interchange.trailer_missing", why)
        elif trailer:
            self._note(trailer, "interchange.header_missing", "IEA closes an interchange that was never opened.")

    def _check_trailer(self, trailer: Segment, kind: str, count: int, number: str) -> None:
        if (trailer.element(1).lstrip("0") or "0") != str(count):
            self._note(trailer, f"{kind}.count_wrong", f"{trailer.id}01 does not say {count}, which is what there is.")
        if trailer.element(2).strip() != number.strip():
            self._note(trailer, f"{kind}.number_differs", f"{trailer.id}02 is not the control number of the header.")

    def _unique(self, parent: _Open, segment: Segment, number: str, kind: str) -> None:
        if number in parent.numbers:
            self._note(segment, f"{kind}.number_repeated", f"{segment.id} repeats a control number used before.")
        parent.numbers.add(number)

    def _note(self, segment: Segment, rule: str, why: str, severity: Severity = Severity.WARN) -> None:
        self.findings.append(Finding(rule, severity, why, segment.position, segment.id))


def _alone(segment: Segment) -> Run:
    """A run of one segment."""
    return Run(segment.position, [segment.separators.element.join(segment.parts)], segment.separators, False)


def _end_of_body(run: Run, start: int) -> int:
    """The index from ``start`` on where an envelope's segment stands, or the run ends."""
    if run.is_plain:
        return len(run.texts)
    element = run.separators.element
    ends = (index for index in range(start, len(run.texts)) if run.texts[index].partition(element)[0] in _ENVELOPE)
    return next(ends, len(run.texts))
