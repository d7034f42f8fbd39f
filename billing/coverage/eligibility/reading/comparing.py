"""What changed since the last answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from billing.coverage.eligibility.reading.facts import FactKind, Reading, Value


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that is told differently now."""

    kind: FactKind
    before: Value
    now: Value


def changes(before: Reading, now: Reading) -> list[Change]:
    """The facts that two readings tell differently, in the order of :class:`FactKind`; what became unknown too."""
    told = {fact.kind: fact.value for fact in before.facts}
    return [
        Change(fact.kind, told.get(fact.kind), fact.value) for fact in now.facts if told.get(fact.kind) != fact.value
    ]
