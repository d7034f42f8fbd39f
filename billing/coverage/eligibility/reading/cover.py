"""Is the plan in force, is acupuncture covered, does it want an authorisation, and what is the plan? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from billing.coverage.eligibility.reading.choosing import Candidate, chosen, first_said, undecided
from billing.coverage.eligibility.reading.facts import Circumstances, Fact, FactKind, Other
from billing.coverage.eligibility.reading.weighing import GENERAL, NAMED, OFFICE, PLAN, Weighed
from billing.edi.eligibility_271.answer import DatedPeriod, Member

ACTIVE = frozenset("12345")
INACTIVE = frozenset("678")
NOT_COVERED = "I"
_IMPLY_COVER = frozenset({"A", "B", "C", "CB", "F", "G", "H"})
_ENDLESS = 2999
_GROUP = ("6P", "1L", "18")
_BEGINS, _ENDS = ("346", "356", "348"), ("347", "357", "349")
_SPANS = ("291", "307", "292")
_NOBODY_SAYS = "No row tells."


def plan_facts(rows: Sequence[Weighed], member: Member | None, circumstances: Circumstances) -> list[Fact]:
    """Whether the plan is in force, from when to when, and what it is called."""
    starts, ends = _dates(rows, member)
    active = _active(rows, starts, ends, circumstances.on)
    plan = chosen(FactKind.PLAN, _plans(rows, active), first_said, "No row names the plan.")
    return [
        active,
        plan,
        _group(member),
        _dated(FactKind.STARTS_ON, starts),
        _dated(FactKind.ENDS_ON, ends),
    ]


_AS_PLAN = {PLAN: 3, NAMED: 2, OFFICE: 1, GENERAL: 0}
_AS_PLAN_WORDS = {PLAN: "is about the plan as a whole", NAMED: "names acupuncture", OFFICE: "is about office visits"}


def _active(rows: Sequence[Weighed], starts: date | None, ends: date | None, on: date) -> Fact:
    """In force or not: rows about the plan come first, since a service may be left out of a plan that is in force."""
    said = [one for one in rows if one.row.information in ACTIVE | INACTIVE]
    # Another service, or another network, that is in force says that the plan is, when nothing closer does.
    told = [one for one in said if not one.is_out or (one.row.information in ACTIVE and not one.is_other_day)]
    candidates = [
        Candidate(
            replace(one, trust=GENERAL, names_network=False),
            one.row.information in ACTIVE,
            -1 if one.is_out else _AS_PLAN[one.trust],
            _AS_PLAN_WORDS.get(one.trust, ""),
        )
        for one in told
    ]
    fact = chosen(FactKind.ACTIVE, candidates, undecided, "No row says whether the plan is in force.",
                  [one for one in said if one not in told])  # fmt: skip
    if fact.value is not None:
        fact = replace(fact, why=_plain(fact))
    if fact.value is False and any(one.trust == NAMED and one.row.information in ACTIVE for one in told):
        conflict = "The plan is said to be inactive, and acupuncture active. Ask the payer."
        return _contradicted(fact, conflict, "Rows contradict each other.")
    over = _outside(starts, ends, on)
    if fact.value is True and over:
        conflict = f"The plan is said to be active, but {over}. Ask the payer."
        return _contradicted(fact, conflict, "Row and dates contradict each other.")
    return fact


def _contradicted(fact: Fact, conflict: str, why: str) -> Fact:
    """Not known: what was taken for it is told among what was not chosen."""
    taken = [Other(row, "What else is said contradicts it.") for row in fact.rows]
    others = tuple(sorted([*fact.others, *taken], key=lambda one: one.row))
    return replace(fact, value=None, rows=(), others=others, conflict=conflict, why=why)


def _plain(fact: Fact) -> str:
    rows = ", ".join(map(str, fact.rows))
    state = "active" if fact.value else "inactive"
    return f"{'Row' if len(fact.rows) == 1 else 'Rows'} {rows}: the plan is said to be {state}."


def _outside(starts: date | None, ends: date | None, on: date) -> str:
    if starts and on < starts:
        return f"it begins on {starts}"
    return f"it ended on {ends}" if ends and on > ends else ""


def covered_fact(rows: Sequence[Weighed]) -> Fact:
    """Whether acupuncture is covered: only rows that name it can say so."""
    named = [one for one in rows if one.trust == NAMED]
    candidates = [candidate for one in named if not one.is_out for candidate in _says_covered(one)]
    unknown = (
        "The rows about acupuncture do not say whether it is covered."
        if named
        else "No row names acupuncture, so nobody has said whether it is covered. Ask by telephone."
    )
    out = [one for one in named if one.is_out and one.row.information in ACTIVE | INACTIVE | {NOT_COVERED}]
    return chosen(FactKind.COVERED, candidates, undecided, unknown, out)


def _says_covered(one: Weighed) -> Iterator[Candidate]:
    information = one.row.information
    if information in ACTIVE:
        yield Candidate(one, True, 1, "says so outright")
    elif information in INACTIVE or information == NOT_COVERED:
        yield Candidate(one, False, 1, "says so outright")
    elif information in _IMPLY_COVER:
        remark = "It is not said outright: what the patient pays or how often is named, so it is covered."
        # What is said outright comes first, in whichever network.
        yield Candidate(replace(one, names_network=False), True, 0, remarks=(remark,))


def authorisation_fact(rows: Sequence[Weighed]) -> Fact:
    """Whether an authorisation is needed. That none is, only rows that name acupuncture can say."""
    said = [one for one in rows if one.row.authorisation in ("Y", "N")]
    fitting = [one for one in said if not one.is_out]
    candidates = [
        Candidate(one, one.row.authorisation == "Y")
        for one in fitting
        if one.row.authorisation == "Y" or one.trust == NAMED
    ]
    needless = [
        replace(one, is_out="that none is needed is not said of acupuncture")
        for one in fitting
        if one.row.authorisation == "N" and one.trust != NAMED
    ]
    unknown = "No row about acupuncture says whether an authorisation is needed."
    out = [*(one for one in said if one.is_out), *needless]
    return chosen(FactKind.AUTHORISATION, candidates, undecided, unknown, out)


def _plans(rows: Iterable[Weighed], active: Fact) -> Iterator[Candidate]:
    for one in rows:
        if one.row.plan and not one.is_other_day:
            yield Candidate(replace(one, names_network=False), one.row.plan, int(one.number in active.rows))


def _group(member: Member | None) -> Fact:
    found = {one.qualifier: one.value for one in (member.references if member else ())}
    value = next((found[qualifier] for qualifier in _GROUP if found.get(qualifier)), None)
    return Fact(FactKind.GROUP, value, "As the payer names the member's group." if value else _NOBODY_SAYS)


def _dated(kind: FactKind, on: date | None) -> Fact:
    why = "From the dates of the plan." if on else _NOBODY_SAYS
    return Fact(kind, on.isoformat() if on else None, why)


def _dates(rows: Sequence[Weighed], member: Member | None) -> tuple[date | None, date | None]:
    """First and last day of the plan: what is said of the member first, then of the rows that say it is in force."""
    places = [member.dates if member else ()]
    places += [one.row.dates for one in rows if one.row.information in ACTIVE | INACTIVE and one.trust in (NAMED, PLAN)]
    starts = ends = None
    for dates in places:
        starts = starts or _first(dates)
        ends = ends or _last(dates)
    return starts, ends if ends and ends.year < _ENDLESS else None


def _first(dates: Sequence[DatedPeriod]) -> date | None:
    found = {one.qualifier: one.first for one in reversed(dates) if one.first}
    return next((found[qualifier] for qualifier in (*_BEGINS, *_SPANS) if qualifier in found), None)


def _last(dates: Sequence[DatedPeriod]) -> date | None:
    """A span of one day is a day on which something begins."""
    found = {
        one.qualifier: one.last
        for one in reversed(dates)
        if one.last and (one.qualifier in _ENDS or (one.qualifier in _SPANS and one.first != one.last))
    }
    return next((found[qualifier] for qualifier in (*_ENDS, *_SPANS) if qualifier in found), None)
