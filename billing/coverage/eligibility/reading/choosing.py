"""Which of several rows is taken for a fact, and what is said about the others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from billing.coverage.eligibility.reading.facts import Fact, FactKind, Other, Value
from billing.coverage.eligibility.reading.weighing import GENERAL, NAMED, OFFICE, PLAN, TRUST_WORDS, Weighed

_NETWORK = "names the network of who treats"
_CLOSER = {NAMED: "names acupuncture", OFFICE: "is about office visits", PLAN: "is about the plan", GENERAL: "fits"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that says something about a fact."""

    weighed: Weighed
    value: Value
    fit: int = 0
    """How well it fits the fact itself: more is better."""
    fit_words: str = ""
    """What a row of less fit lacks, told of the others: ``is about the individual``."""
    remarks: tuple[str, ...] = ()

    @property
    def weight(self) -> tuple[int, bool, int]:
        """What it counts: the service first, then the network, then how well it fits."""
        return self.weighed.trust, self.weighed.names_network, self.fit


def cautious_highest(values: Sequence[Value]) -> Value:
    """Of contradicting amounts the one that surprises nobody later."""
    return max((one for one in values if isinstance(one, int)), default=None)


def cautious_lowest(values: Sequence[Value]) -> Value:
    """Of contradicting limits the one that surprises nobody later."""
    return min((one for one in values if isinstance(one, int) and not isinstance(one, bool)), default=None)


def undecided(values: Sequence[Value]) -> Value:
    """Of contradicting truths none."""
    return None


def first_said(values: Sequence[Value]) -> Value:
    """Of contradicting names the first."""
    return values[0]


def chosen(
    kind: FactKind,
    candidates: Iterable[Candidate],
    settle: Callable[[Sequence[Value]], Value],
    unknown: str,
    out: Iterable[Weighed] = (),
) -> Fact:
    """The fact, from the candidate that counts most.

    ``settle`` decides between values of the same weight; ``unknown`` says why nothing is known when no row tells;
    ``out`` are rows about the same thing that cannot count.
    """
    ranked = sorted(candidates, key=lambda one: (one.weight, -one.weighed.number), reverse=True)
    excluded = [Other(one.number, _sentence(one.is_out)) for one in out]
    if not ranked:
        return Fact(kind, None, unknown, others=tuple(excluded))
    best = ranked[0]
    equal = [one for one in ranked if one.weight == best.weight]
    values = list(dict.fromkeys(one.value for one in equal))
    # 1 and True are the same key, but no fact has both.
    value = best.value if len(values) == 1 else _settled(equal, values, settle)
    taken = [one for one in equal if one.value == value] if value is not None else []
    others = [Other(one.weighed.number, _why_not(one, best, len(values) > 1)) for one in ranked if one not in taken]
    return Fact(
        kind=kind,
        value=value,
        why=_why(best, taken) if value is not None else "Rows contradict each other.",
        rows=tuple(sorted(one.weighed.number for one in taken)),
        others=tuple(sorted([*others, *excluded], key=lambda one: one.row)),
        conflict=_conflict(equal, value) if len(values) > 1 else "",
        remarks=tuple(dict.fromkeys(remark for one in taken for remark in one.remarks)),
    )


def _settled(equal: Sequence[Candidate], values: Sequence[Value], settle: Callable[[Sequence[Value]], Value]) -> Value:
    """Where it depends on a network that is not known, nothing is."""
    networks = {one.weighed.row.in_network for one in equal}
    return None if {"Y", "N"} <= networks else settle(values)


def _why(best: Candidate, taken: Sequence[Candidate]) -> str:
    rows = [str(one.weighed.number) for one in taken]
    named = f"Row {rows[0]}" if len(rows) == 1 else f"Rows {', '.join(sorted(rows, key=int))}"
    parts = [TRUST_WORDS[best.weighed.trust]]
    if best.weighed.names_network:
        parts.append("it holds for the network of who treats")
    if best.fit_words:
        parts.append(f"it {best.fit_words}")
    return f"{named}: {'; '.join(parts)}."


def _why_not(one: Candidate, best: Candidate, is_contradicted: bool) -> str:
    row = best.weighed.number
    if one.weighed.trust != best.weighed.trust:
        return f"Row {row} {_CLOSER[best.weighed.trust]}, which comes before this."
    if one.weighed.names_network != best.weighed.names_network:
        return f"Row {row} {_NETWORK}."
    if one.fit != best.fit:
        return f"Row {row} {best.fit_words}." if best.fit_words else f"Row {row} fits better."
    return "It contradicts another row of the same weight." if is_contradicted else "It says the same."


def _conflict(equal: Sequence[Candidate], value: Value) -> str:
    rows = " and ".join(str(one.weighed.number) for one in sorted(equal, key=lambda one: one.weighed.number))
    networks = {one.weighed.row.in_network for one in equal}
    if {"Y", "N"} <= networks:
        return f"Rows {rows} differ by network, and whether who treats is in it is not on file."
    if value is None:
        return f"Rows {rows} contradict each other, so it counts as not known. Ask the payer."
    taken = "the first" if isinstance(value, str) else "the more cautious one"
    return f"Rows {rows} contradict each other; {taken} is taken. Ask the payer."


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
