"""A 270 read to the questions it asks, as a payer reads it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from billing.edi.element_values import code, period
from billing.edi.eligibility_270.guide import GUIDE_270
from billing.edi.eligibility_270.inquiry import (
    NOBODY,
    AskedDependent,
    AskedPayer,
    AskedSubscriber,
    AskingProvider,
    Inquiry,
)
from billing.edi.envelope import Transaction, pass_over, transactions
from billing.edi.findings import Finding
from billing.edi.loops import Node, read_loops
from billing.edi.parties import Person, Relationship, Sex
from billing.edi.party_segments import read_party, read_person, take_demographics
from billing.edi.segments import Segment, Source

_RELATIONS = {"01": Relationship.SPOUSE, "19": Relationship.CHILD, "34": Relationship.OTHER}


def read_270(source: Source, findings: list[Finding]) -> list[Inquiry]:
    """The questions of ``source`` in the order of the file; nothing in the content makes it raise.

    There is one for each person about whom something is asked. One without a date asks about the day of the file,
    and about no day at all when that has none either: it is left out, and the table of the guide says why.
    """
    inquiries: list[Inquiry] = []
    for transaction in transactions(source, findings):
        if transaction.set_id not in ("270", ""):
            pass_over(transaction, "The transaction set is not an eligibility question; it was not read.", findings)
            continue
        inquiries += _read_questions(transaction, findings)
    return inquiries


def _read_questions(transaction: Transaction, findings: list[Finding]) -> Iterator[Inquiry]:
    root = read_loops(transaction.segments, GUIDE_270, findings)
    begin = root.take("BHT")
    written_on = period(begin, 4)[0] if begin else None
    for source in root.children("2000A"):
        for receiver in source.children("2000B"):
            for level in receiver.children("2000C"):
                yield from _of_subscriber(level, _payer(source), _provider(receiver), written_on, findings)


def _of_subscriber(
    level: Node, payer: AskedPayer, provider: AskingProvider, written_on: date | None, findings: list[Finding]
) -> Iterator[Inquiry]:
    node = level.child("2100")
    name, born, sex = _insured(node, findings)
    number = name.element(9) if name else ""
    subscriber = AskedSubscriber(read_person(name) if name else Person(""), number, born, sex)
    dependents = list(level.children("2000D"))
    for place in dependents or [level]:
        dependent = _dependent(place, findings) if dependents else None
        asked = place.child("2100")
        about = _day(asked) or written_on
        if about is None:
            continue
        trace = place.take("TRN")
        yield Inquiry(
            trace=trace.element(2) if trace else "",
            originator=trace.element(3) if trace else "",
            payer=payer,
            provider=provider,
            subscriber=subscriber,
            asked_on=about,
            service_types=tuple(_service_types(asked)),
            dependent=dependent,
        )


def _payer(level: Node) -> AskedPayer:
    name = _name(level, "2100A")
    return AskedPayer(name.element(3), name.element(9)) if name else AskedPayer("", "")


def _provider(level: Node) -> AskingProvider:
    name = _name(level, "2100B")
    return AskingProvider(read_party(name), name.element(9)) if name else NOBODY


def _name(level: Node, loop_id: str) -> Segment | None:
    node = level.child(loop_id)
    return node.segments[0] if node else None


def _insured(node: Node | None, findings: list[Finding]) -> tuple[Segment | None, date | None, Sex | None]:
    if node is None:
        return None, None, None
    born, sex = take_demographics(node, findings)
    return node.segments[0], born, sex


def _dependent(level: Node, findings: list[Finding]) -> AskedDependent:
    node = level.child("2100")
    name, born, sex = _insured(node, findings)
    relation = node.take("INS") if node else None
    return AskedDependent(
        name=read_person(name) if name else Person(""),
        relationship=_relationship(relation, findings),
        birth_date=born,
        sex=sex,
    )


def _relationship(relation: Segment | None, findings: list[Finding]) -> Relationship:
    if relation is None:
        return Relationship.OTHER
    known = _RELATIONS.get(relation.element(2))
    return known or code(Relationship, relation.element(2), Relationship.OTHER, relation, findings)


def _day(node: Node | None) -> date | None:
    for segment in node.segments if node else ():
        if segment.id == "DTP" and segment.element(1) == "291":
            return period(segment, 3)[0]
    return None


def _service_types(node: Node | None) -> Iterator[str]:
    for question in node.children("2110") if node else ():
        yield from (one for one in question.segments[0].repetitions(1) if one)
