"""What else a person should read of an answer: free text, other payers, whom to ask, exclusions, limits. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from billing.codes.coverage_words import period_label, service_type_label
from billing.coverage.eligibility.reading.facts import Fact, Note, NoteKind
from billing.coverage.eligibility.reading.limits import LIMIT, POOL_OF, YEARLY, counts
from billing.coverage.eligibility.reading.shares import LEFT, SO_FAR
from billing.coverage.eligibility.reading.weighing import ACUPUNCTURE, NAMED, OFFICE, PLAN, Weighed
from billing.edi.eligibility_271.answer import RelatedEntity
from billing.edi.parties import Organisation

_MAY_LIMIT = re.compile(r"\d|VISIT|LIMIT|MAX|PER |EXCEED|ONLY|COMBINED|SHARED", re.IGNORECASE)
_MAY_SHARE = re.compile(r"COMBIN|SHARED|AGGREGATE|TOGETHER WITH", re.IGNORECASE)
_OTHER_PAYERS = {"PRP": "pays first", "SEP": "pays second", "TTP": "pays third"}
_WAYS = {"TE": "telephone", "UR": "web", "EM": "e-mail", "FX": "fax", "WP": "telephone", "EX": "extension"}
_REVIEWS = "X3"


def notes(rows: Sequence[Weighed], visits: Fact) -> list[Note]:
    """In the order of the rows; ``visits`` is the limit of visits as it was read."""
    return [note for one in rows for note in _of_row(one, visits)]


def _of_row(one: Weighed, visits: Fact) -> Iterator[Note]:
    row, number = one.row, one.number
    if row.is_misplaced:
        text = "It stands at a level of unknown meaning; it is not known to be about this patient and does not count."
        yield Note(NoteKind.MISPLACED, number, text)
    is_ours = one.trust in (NAMED, OFFICE, PLAN) and not one.is_out
    for text in row.messages:
        says_more = _MAY_SHARE.search(text) or (visits.value is None and _MAY_LIMIT.search(text))
        may_limit = is_ours and one.trust == NAMED and says_more
        yield Note(NoteKind.LIMIT_IN_TEXT if may_limit else NoteKind.TEXT, number, text)
    for each in row.conditions:
        if each.text:
            yield Note(NoteKind.TEXT, number, each.text)
        if is_ours and each.qualifier in ("BF", "BK", "ABF", "ABK"):
            yield Note(NoteKind.CONDITION, number, f"It holds for the diagnosis {each.code}.")
    if row.information == "R":
        named = [_entity(entity, _OTHER_PAYERS.get(entity.identity.role, "")) for entity in row.entities]
        yield Note(NoteKind.OTHER_PAYER, number, "; ".join(named) or "The payer knows of another insurer.")
    elif row.information == "U" or any(entity.identity.role == _REVIEWS for entity in row.entities):
        named = [_entity(entity, "") for entity in row.entities]
        yield Note(NoteKind.ASK_ELSEWHERE, number, "; ".join(named) or "The payer says to ask somebody else.")
    elif row.information == "E" and is_ours:
        yield Note(NoteKind.EXCLUSION, number, "The payer tells of an exclusion; read its text.")
    if is_ours and one.trust == NAMED and row.information == LIMIT:
        yield from _limits(one)


def _limits(one: Weighed) -> Iterator[Note]:
    others = [code for code in one.row.service_types if code and code != ACUPUNCTURE]
    if others:
        words = ", ".join(service_type_label(code) for code in others)
        is_known = all(code in POOL_OF for code in others)
        then = "visits there use it up too" if is_known else "it may be shared"
        yield Note(NoteKind.SHARED, one.number, f"The limit is named together with {words}: {then}.")
    for counted in counts(one.row):
        if counted.period not in YEARLY | {LEFT, SO_FAR} and not counted.is_used:
            text = f"At most {counted.number} for {period_label(counted.period)}."
            yield Note(NoteKind.FURTHER_LIMIT, one.number, text)
    for pattern in one.row.deliveries:
        if pattern.unit:
            quantity = f"{pattern.quantity:f}" if pattern.quantity is not None else ""
            every = f"{pattern.every} " if pattern.every else ""
            text = f"A pattern is told: {quantity} {pattern.quantity_qualifier} each {every}{pattern.unit}."
            yield Note(NoteKind.FURTHER_LIMIT, one.number, " ".join(text.split()))


def _entity(entity: RelatedEntity, part: str) -> str:
    name = entity.identity.name
    words = name.name if isinstance(name, Organisation) else " ".join(filter(None, (name.first, name.last)))
    ways = [f"{_WAYS.get(kind, kind)} {value}" for contact in entity.contacts for kind, value in contact.ways if value]
    number = f"number {entity.identity.identifier}" if entity.identity.identifier else ""
    return ", ".join(filter(None, (words or "somebody without a name", part, number, *ways)))
