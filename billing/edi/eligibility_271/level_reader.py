"""The levels of a 271 one after the other, with what stands above each (loops 2000A to 2100D)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from billing.edi.eligibility_271.answer import EligibilityAnswer, Identity, Member, Rejection, Where
from billing.edi.eligibility_271.benefit_reader import (
    read_benefit,
    read_identity,
    read_trace,
    take_dates,
    take_references,
    take_rejections,
)
from billing.edi.findings import Finding
from billing.edi.loops import Node
from billing.edi.parties import Organisation
from billing.edi.party_segments import take_address, take_demographics
from billing.edi.segments import Segment
from billing.errors import Severity

_LEVELS = {"2000A": Where.PAYER, "2000B": Where.RECEIVER, "2000C": Where.SUBSCRIBER, "2000D": Where.DEPENDENT}
_INSURED, _DEPENDENT = "IL", "03"
_NAMELESS = Member(Identity("", Organisation("")))


@dataclass(slots=True)
class _Person:
    """What a level holds of one person: usually it is all of it."""

    name: Node | None
    traces: list[Segment]
    benefits: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Level:
    """A level with all that stands above it. ``speaks``: something was said of this one in particular."""

    where: Where
    answer: EligibilityAnswer
    speaks: bool
    has_below: bool = False

    @property
    def is_answer(self) -> bool:
        """Whether it makes an answer of its own: the lowest level does, and a subscriber with something to say."""
        if self.where in (Where.PAYER, Where.RECEIVER):
            return bool(self.answer.rejections) and not self.has_below
        return self.speaks or not self.has_below


class LevelReader:
    """Takes the levels in order and knows under which of them the next one stands."""

    def __init__(self, reference: str, produced_on: date | None, findings: list[Finding]) -> None:
        """Begin with what BHT says."""
        self.findings = findings
        self.header = EligibilityAnswer(reference, produced_on, None, None)
        self.levels: list[_Level] = []
        self.open: list[_Level] = []

    def take(self, node: Node) -> None:
        """Read the next level."""
        where = _LEVELS.get(node.loop.id)
        node.take("HL")
        if where is None:
            self._take_unknown(node)
            return
        if where in (Where.PAYER, Where.RECEIVER):
            self._take_source(node, where)
            return
        above = take_rejections(node, where)
        first, *others = _persons(node)
        self._take_person(first, where, above)
        for person in others:  # whose level was lost: only the name tells which it was
            self._take_person(person, Where.SUBSCRIBER, ())

    def finish(self) -> list[EligibilityAnswer]:
        """All answers, when there are no more levels."""
        return [level.answer for level in self.levels if level.is_answer]

    def _take_unknown(self, node: Node) -> None:
        """A level of no known meaning: a member is known by the name; what nobody is named for stays and is marked."""
        why = "A level of unknown meaning: its rows are kept, and count only where it names a member."
        self.findings.append(Finding("answer.level_unknown", Severity.WARN, why, node.position, "HL"))
        rejections = take_rejections(node, Where.SUBSCRIBER)
        for person in _persons(node):
            if person.name and person.name.segments[0].element(1) in (_INSURED, _DEPENDENT):
                self._take_person(person, Where.SUBSCRIBER, rejections)
            else:
                self._keep_aside(person, rejections)
            rejections = ()

    def _keep_aside(self, person: _Person, rejections: tuple[Rejection, ...]) -> None:
        rows = tuple(replace(read_benefit(row, self.findings), is_misplaced=True) for row in person.benefits)
        if not rows and not rejections:
            return
        above = next((one for one in reversed(self.open) if one.where in (Where.SUBSCRIBER, Where.DEPENDENT)), None)
        if above is None:
            nobody = replace(self.open[-1].answer if self.open else self.header, subscriber=_NAMELESS)
            above = _Level(Where.SUBSCRIBER, nobody, speaks=True)
            self._open(above)
        answer = above.answer
        above.answer = replace(answer, rejections=answer.rejections + rejections, benefits=answer.benefits + rows)
        above.speaks = True

    def _take_source(self, node: Node, where: Where) -> None:
        above = self._close_down_to(where)
        name = node.child(f"2100{node.loop.id[-1]}")
        rejections = take_rejections(node, where) + (take_rejections(name, where) if name else ())
        identity = read_identity(name.segments.pop(0)) if name else None
        answer = replace(above, rejections=above.rejections + rejections)
        answer = replace(answer, payer=identity) if where is Where.PAYER else replace(answer, receiver=identity)
        self._open(_Level(where, answer, speaks=False))

    def _take_person(self, person: _Person, where: Where, rejections: tuple[Rejection, ...]) -> None:
        member = self._member(person.name)
        if member.identity.role == _DEPENDENT:
            where = Where.DEPENDENT
        above = self._close_down_to(where)
        if person.name:
            rejections += take_rejections(person.name, where)
        benefits = tuple(read_benefit(benefit, self.findings) for benefit in person.benefits)
        rejections += tuple(rejection for benefit in benefits for rejection in benefit.rejections)
        answer = replace(
            above,
            traces=above.traces + tuple(map(read_trace, person.traces)),
            rejections=above.rejections + rejections,
            benefits=benefits,
        )
        is_dependent = where is Where.DEPENDENT
        answer = replace(answer, dependent=member) if is_dependent else replace(answer, subscriber=member)
        self._open(_Level(where, answer, speaks=bool(rejections or benefits)))

    def _member(self, name: Node | None) -> Member:
        if name is None:
            return _NAMELESS
        identity = read_identity(name.segments.pop(0))
        birth_date, sex = take_demographics(name, self.findings)
        relation = name.take("INS")
        return Member(
            identity=identity,
            birth_date=birth_date,
            sex=sex,
            address=take_address(name),
            relationship=relation.element(2) if relation else "",
            references=take_references(name),
            dates=take_dates(name),
        )

    def _open(self, level: _Level) -> None:
        self.levels.append(level)
        self.open.append(level)

    def _close_down_to(self, where: Where) -> EligibilityAnswer:
        """Close what ``where`` cannot stand under, and return what it does stand under."""
        order = list(Where)
        while self.open and order.index(self.open[-1].where) >= order.index(where):
            self.open.pop()
        if not self.open:
            return self.header
        self.open[-1].has_below = True
        return self.open[-1].answer


def _persons(node: Node) -> Iterator[_Person]:
    """The persons of a level, in the order of the file.

    A level has one; a second name means that its HL was lost, and what stands behind it must not be
    taken for the first one's.
    """
    parts: list[Node | Segment] = [*node.nodes, *node.take_all("TRN")]
    person = _Person(None, [])
    waiting: list[Segment] = []
    for part in sorted(parts, key=lambda part: part.position):
        if isinstance(part, Segment):
            waiting.append(part)
        elif part.loop.opening.id == "EB":
            person.benefits.append(part)
        else:
            if person.name or person.benefits:
                yield person
            person = _Person(part, waiting, list(part.nodes))
            waiting = []
    person.traces += waiting
    yield person
