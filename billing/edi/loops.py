"""Segments read by a guide: a tree of loops, and findings for all that does not fit.

Every segment goes to the innermost open loop that has room for its kind, so a lost, repeated or
misplaced segment costs a finding and not the rest of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from billing.edi.findings import Finding
from billing.edi.guide import Loop, Row, key
from billing.edi.segments import Segment
from billing.errors import Severity


class Node:
    """One occurrence of a loop: its segments in order, and the loops inside it.

    A reader *takes* what it understands; what is left over at the end was lawful but is not carried.
    """

    __slots__ = ("block", "counts", "loop", "nodes", "position", "segments")

    def __init__(self, loop: Loop) -> None:
        """An occurrence without content yet."""
        self.loop = loop
        self.segments: list[Segment] = []
        self.nodes: list[Node] = []
        self.position = 0
        self.counts: dict[int, int] = {}
        self.block = 0

    def take(self, segment_id: str, qualifier: str = "") -> Segment | None:
        """Remove and return the first such segment; ``qualifier`` is as the guide tells segments apart."""
        for place, segment in enumerate(self.segments):
            if segment.id == segment_id and (not qualifier or key(segment)[1] == qualifier):
                return self.segments.pop(place)
        return None

    def take_all(self, segment_id: str) -> list[Segment]:
        """Remove and return all segments with that id."""
        taken = [segment for segment in self.segments if segment.id == segment_id]
        self.segments = [segment for segment in self.segments if segment.id != segment_id]
        return taken

    def child(self, loop_id: str) -> Node | None:
        """The first loop of that name inside this one."""
        return next(self.children(loop_id), None)

    def children(self, loop_id: str) -> Iterator[Node]:
        """All loops of that name directly inside this one."""
        return (node for node in self.nodes if node.loop.id == loop_id)

    def left_over(self) -> Iterator[Segment]:
        """The segments here and below that nobody took."""
        yield from self.segments
        for node in self.nodes:
            yield from node.left_over()


def read_loops(segments: Iterable[Segment], guide: Loop, findings: list[Finding]) -> Node:
    """The tree of ``segments`` by ``guide``, whose outermost loop they are; never raises."""
    walker = _Walker(guide, findings)
    for segment in segments:
        walker.take(segment)
    return walker.finish()


def pass_loops(segments: Iterable[Segment], guide: Loop, findings: list[Finding]) -> Iterator[Node]:
    """The loops directly inside the outermost one, each when it has ended, and last the outermost without them.

    They are the same as those of :func:`read_loops`, but only one is held at a time.
    """
    walker = _Walker(guide, findings)
    for segment in segments:
        walker.take(segment)
        while len(walker.root.nodes) > 1:
            yield walker.root.nodes.pop(0)
    root = walker.finish()
    while root.nodes:
        yield root.nodes.pop()
    yield root


def not_carried(root: Node) -> Iterator[Finding]:
    """What nobody took of a transaction set or of a loop: lawful, but without a place in the values that were read."""
    root.take("ST")
    root.take("SE")
    for segment in root.left_over():
        why = f"{segment.id} has no place in the values read; it was left out."
        yield Finding("segment.not_carried", Severity.INFO, why, segment.position, segment.id)


class _Walker:
    def __init__(self, guide: Loop, findings: list[Finding]) -> None:
        self.findings = findings
        self.root = Node(guide)
        self.open = [self.root]

    def take(self, segment: Segment) -> None:
        if self.root.position == 0:
            self.root.position = segment.position
            if segment.id == self.root.loop.opening.id:
                self._put(segment, self.root, self.root.loop.opening)
                return
        self._place(segment)

    def finish(self) -> Node:
        if not self.root.segments or self.root.segments[0].id != self.root.loop.opening.id:
            self._missing(self.root, self.root.loop.opening)
        while self.open:
            self._close()
        return self.root

    def _place(self, segment: Segment) -> None:
        wanted = key(segment)
        for depth in range(len(self.open) - 1, -1, -1):
            place = self.open[depth].loop.place(*wanted)
            if place is not None:
                break
        else:
            why = f"{segment.id} has no place in or around loop {self.open[-1].loop.id}."
            self._note(segment, "segment.unexpected", why)
            return
        while len(self.open) > depth + 1:
            self._close()
        self._enter(segment, self.open[depth], place)

    def _enter(self, segment: Segment, node: Node, place: int) -> None:
        item = node.loop.items[place]
        count = node.counts[place] = node.counts.get(place, 0) + 1
        if item.repeat and count > item.repeat:
            why = f"{item.id} occurs more than {item.repeat} times in {node.loop.id}."
            self._note(segment, "segment.repeated", why)
        if node.loop.blocks[place] < node.block:
            why = f"{item.id} stands after what it should precede in {node.loop.id}."
            self._note(segment, "segment.out_of_order", why, Severity.WARN)
        else:
            node.block = node.loop.blocks[place]
        if isinstance(item, Row):
            self._put(segment, node, item)
            return
        child = Node(item)
        child.position = segment.position
        node.nodes.append(child)
        self.open.append(child)
        self._put(segment, child, item.opening)

    def _put(self, segment: Segment, node: Node, row: Row) -> None:
        node.segments.append(segment)
        for rule, why in row.complaints(segment):
            self._note(segment, rule, f"{why} (loop {node.loop.id}).")

    def _close(self) -> None:
        node = self.open.pop()
        for place in node.loop.required:
            if place not in node.counts:
                self._missing(node, node.loop.items[place])

    def _missing(self, node: Node, item: Row | Loop) -> None:
        what = f"Loop {item.id}" if isinstance(item, Loop) else "/".join([item.id, *sorted(item.qualifiers)])
        why = f"{what} is missing in loop {node.loop.id}."
        rule = "loop.missing" if isinstance(item, Loop) else "segment.missing"
        self.findings.append(Finding(rule, Severity.BLOCK, why, node.position, item.id))

    def _note(self, segment: Segment, rule: str, why: str, severity: Severity = Severity.BLOCK) -> None:
        self.findings.append(Finding(rule, severity, why, segment.position, segment.id))
