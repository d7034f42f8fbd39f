"""One benefit row (loop 2110) and the segments that occur in several places of a 271."""

from __future__ import annotations

from collections.abc import Iterator

from billing.edi.element_values import cents_or_none, decimal_or_none, period
from billing.edi.eligibility_271.answer import (
    Benefit,
    Communication,
    Condition,
    DatedPeriod,
    Delivery,
    Identity,
    Reference,
    Rejection,
    RelatedEntity,
    Trace,
    Where,
)
from billing.edi.findings import Finding
from billing.edi.loops import Node
from billing.edi.party_segments import read_party, take_address
from billing.edi.segments import Segment


def read_benefit(node: Node, findings: list[Finding]) -> Benefit:
    """The EB of a loop, as it was sent, with all that belongs to it."""
    row = node.segments.pop(0)
    return Benefit(
        information=row.element(1),
        level=row.element(2),
        service_types=tuple(row.repetitions(3)),
        insurance_type=row.element(4),
        plan=row.element(5),
        period=row.element(6),
        cents=cents_or_none(row, 7, findings),
        share=decimal_or_none(row, 8, findings),
        quantity_qualifier=row.element(9),
        quantity=decimal_or_none(row, 10, findings),
        authorisation=row.element(11),
        in_network=row.element(12),
        procedure=_components(row, 13),
        diagnosis_pointers=_components(row, 14),
        deliveries=tuple(_delivery(segment, findings) for segment in node.take_all("HSD")),
        references=take_references(node),
        dates=take_dates(node),
        rejections=take_rejections(node, Where.BENEFIT),
        messages=tuple(segment.element(1) for segment in node.take_all("MSG")),
        conditions=tuple(_condition(segment) for segment in node.take_all("III")),
        entities=tuple(_entity(child) for child in _entities(node)),
        position=row.position,
    )


def take_references(node: Node) -> tuple[Reference, ...]:
    """All REF of a loop."""
    return tuple(
        Reference(segment.element(1), segment.element(2), segment.element(3)) for segment in node.take_all("REF")
    )


def take_dates(node: Node) -> tuple[DatedPeriod, ...]:
    """All DTP of a loop."""
    return tuple(DatedPeriod(segment.element(1), *period(segment, 3)) for segment in node.take_all("DTP"))


def take_rejections(node: Node, where: Where) -> tuple[Rejection, ...]:
    """All AAA of a loop."""
    return tuple(
        Rejection(where, segment.element(3), segment.element(4), segment.element(1) == "Y")
        for segment in node.take_all("AAA")
    )


def read_trace(segment: Segment) -> Trace:
    """A TRN."""
    return Trace(segment.element(1), segment.element(2), segment.element(3))


def read_identity(name: Segment) -> Identity:
    """Whom an NM1 names."""
    return Identity(name.element(1), read_party(name), name.element(8), name.element(9))


def _components(row: Segment, number: int) -> tuple[str, ...]:
    return tuple(row.components(number)) if row.element(number) else ()


def _delivery(segment: Segment, findings: list[Finding]) -> Delivery:
    return Delivery(
        segment.element(1), decimal_or_none(segment, 2, findings), *(segment.element(number) for number in range(3, 9))
    )


def _condition(segment: Segment) -> Condition:
    return Condition(*(segment.element(number) for number in range(1, 5)))


def _entities(node: Node) -> Iterator[Node]:
    """The 2120 loops, those between LS and LE and those without them."""
    node.take("LE")
    for child in node.nodes:
        if child.take("LS"):
            yield from child.nodes
        else:
            yield child


def _entity(node: Node) -> RelatedEntity:
    name, specialty = node.segments.pop(0), node.take("PRV")
    return RelatedEntity(
        identity=read_identity(name),
        address=take_address(node),
        contacts=tuple(_communication(segment) for segment in node.take_all("PER")),
        taxonomy=specialty.element(3) if specialty else "",
    )


def _communication(segment: Segment) -> Communication:
    ways = ((segment.element(number), segment.element(number + 1)) for number in (3, 5, 7))
    return Communication(segment.element(2), tuple(way for way in ways if any(way)))
