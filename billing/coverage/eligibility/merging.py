"""What an answer makes of the benefit on file: what it tells counts, what it does not tell stays. Pure.

Whether acupuncture is covered may have been learned on the telephone; an answer that says nothing about it does not
make that unknown, nor any younger. What runs down over a year is not carried into the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from billing.coverage.benefit_editing import LONGEST_REMARKS, Verified
from billing.coverage.benefit_kept import without_hand
from billing.coverage.eligibility.reading.facts import UNLIMITED, FactKind, NoteKind, Reading, Value
from billing.coverage.eligibility.reading.limits import AND
from billing.coverage.eligibility.stricter_limit import noted_by_hand, with_stricter_limit
from billing.coverage.models import Benefit, BenefitPeriod, BenefitSource
from billing.practitioners.models import Network

_BY_FACT = {
    FactKind.COPAY: "copay_cents",
    FactKind.COINSURANCE: "coinsurance_basis_points",
    FactKind.DEDUCTIBLE: "deductible_cents",
    FactKind.DEDUCTIBLE_LEFT: "deductible_remaining_cents",
    FactKind.FAMILY_DEDUCTIBLE: "family_deductible_cents",
    FactKind.FAMILY_DEDUCTIBLE_LEFT: "family_deductible_remaining_cents",
    FactKind.OUT_OF_POCKET: "out_of_pocket_cents",
    FactKind.OUT_OF_POCKET_LEFT: "out_of_pocket_remaining_cents",
    FactKind.FAMILY_OUT_OF_POCKET: "family_out_of_pocket_cents",
    FactKind.FAMILY_OUT_OF_POCKET_LEFT: "family_out_of_pocket_remaining_cents",
    FactKind.DOLLARS_ALLOWED: "dollar_limit_cents",
    FactKind.DOLLARS_LEFT: "dollars_remaining_cents",
    FactKind.AUTHORISATION: "authorisation_required",
    FactKind.VISITS_ALLOWED: "visits_allowed",
    FactKind.VISITS_LEFT: "visits_remaining",
}
_RUN_DOWN_BY_YEAR = (
    "deductible_remaining_cents", "family_deductible_remaining_cents", "out_of_pocket_remaining_cents",
    "family_out_of_pocket_remaining_cents",
)  # fmt: skip
_RUN_DOWN_BY_PERIOD = ("dollars_remaining_cents", "dollars_told_on")
_CARRIED = (
    "copay_cents", "coinsurance_basis_points", "deductible_cents", "family_deductible_cents", "out_of_pocket_cents",
    "family_out_of_pocket_cents", "visits_allowed", "visits_used_elsewhere", "period", "period_months",
    "plan_year_from", "authorisation_required", "referral_required", "dollar_limit_cents", "deductible_applies",
    "copay_waives_deductible", "copay_counts_to_out_of_pocket", "copay_per",
)  # fmt: skip
_TOLD = (NoteKind.LIMIT_IN_TEXT, NoteKind.TEXT, NoteKind.SHARED, NoteKind.FURTHER_LIMIT, NoteKind.CONDITION,
         NoteKind.EXCLUSION, NoteKind.OTHER_PAYER, NoteKind.ASK_ELSEWHERE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What is put on file, beside the answer itself."""

    reading: Reading
    told_on: date
    """The clinic's day on which the payer said so."""
    reference: str
    overrides: Mapping[FactKind, Value]
    """What people set against facts, and still stands."""
    year_began_on: date
    """First day of the plan's year that lies around ``told_on``: deductible and yearly limit count from it on."""
    period_began_on: date
    """First day of the span around ``told_on`` in which visits and dollars count."""
    decided_here: int = 0
    """Our own visits of that year that the payer had decided by then."""
    limit_is_taken: bool = False
    """Whether a person takes the answer's limit, though one that was noted by hand is stricter."""


def value_of(said: Said, kind: FactKind) -> Value:
    """A fact as it counts: as a person set it, else as the payer tells it."""
    return said.overrides[kind] if kind in said.overrides else said.reading.value(kind)


def verified_from(said: Said, on_file: Benefit | None) -> Verified:
    """The benefit as it is to be kept; ``on_file`` counts without what people set against an earlier answer."""
    told = _verified_from(replace(said, overrides={}), without_hand(on_file))
    if not said.overrides:
        return told
    set_by_hand = tuple(sorted(said.overrides))
    return replace(_verified_from(said, without_hand(on_file)), set_by_hand=set_by_hand, without_hand=told)


def _verified_from(said: Said, on_file: Benefit | None) -> Verified:
    merged = _merged(said, on_file)
    note = None if _limit_is_settled(said) else noted_by_hand(on_file, said.year_began_on)
    if note is None:
        return merged
    return replace(merged, **with_stricter_limit(merged, note, _told_limit(said), said.period_began_on))


def _limit_is_settled(said: Said) -> bool:
    return said.limit_is_taken or not {FactKind.VISITS_ALLOWED, FactKind.VISITS_LEFT}.isdisjoint(said.overrides)


def _told_limit(said: Said) -> dict[str, Any]:
    """What the answer tells of the limit of visits; ``None`` where it says that there is none."""
    told = {_BY_FACT[kind]: said.reading.value(kind) for kind in (FactKind.VISITS_ALLOWED, FactKind.VISITS_LEFT)}
    return {name: None if value == UNLIMITED else value for name, value in told.items() if value is not None}


def _merged(said: Said, on_file: Benefit | None) -> Verified:
    cells = _carried(said, on_file)
    told: dict[str, Any] = {
        name: value for kind, name in _BY_FACT.items() if (value := value_of(said, kind)) is not None
    }
    if UNLIMITED in told.values():
        cells |= {"visits_allowed": None, "visits_used_elsewhere": 0}
        told = {name: value for name, value in told.items() if name not in ("visits_allowed", "visits_remaining")}
    if "dollars_remaining_cents" in told:
        told["dollars_told_on"] = said.told_on
    cells |= told
    if (period := value_of(said, FactKind.PERIOD)) is not None:
        cells["period"] = BenefitPeriod(str(period))
    if (shared := value_of(said, FactKind.SHARED)) is not None:
        cells["shared_with"] = (*cells.get("shared_with", ()), *str(shared).split(AND))
    cells |= {_BY_FACT[kind]: None for kind, value in said.overrides.items() if value is None and kind in _BY_FACT}
    cells |= _named(said, on_file)
    covered = False if value_of(said, FactKind.ACTIVE) is False else value_of(said, FactKind.COVERED)
    is_silent = covered is None and FactKind.COVERED not in said.overrides
    if is_silent and on_file is not None and on_file.covered is not None and on_file.verified_on is not None:
        return Verified(
            covered=on_file.covered, visits_decided_here=said.decided_here,
            **_learned_before(on_file, on_file.verified_on), **_within(cells),
        )  # fmt: skip
    return Verified(
        covered=None if covered is None else bool(covered), verified_on=said.told_on,
        source=BenefitSource.ANSWER_271, reference=said.reference, visits_decided_here=said.decided_here,
        **_within(cells),
    )  # fmt: skip


def _within(cells: dict[str, Any]) -> dict[str, Any]:
    """Without a remainder that is more than its whole, which two sources may make."""
    for whole, left in (("visits_allowed", "visits_remaining"), ("dollar_limit_cents", "dollars_remaining_cents")):
        if cells.get(whole) is not None and (cells.get(left) or 0) > cells[whole]:
            cells[whole] = None
    if cells.get("visits_allowed") is not None:
        cells["visits_used_elsewhere"] = min(cells.get("visits_used_elsewhere", 0), cells["visits_allowed"])
    return cells


def _carried(said: Said, on_file: Benefit | None) -> dict[str, Any]:
    """What is on file and is not told anew."""
    if on_file is None:
        return {}
    cells = {name: getattr(on_file, name) for name in _CARRIED}
    verified = on_file.verified_on or date.min
    if verified >= said.year_began_on:
        cells |= {name: getattr(on_file, name) for name in _RUN_DOWN_BY_YEAR}
    if verified >= said.period_began_on:
        cells |= {name: getattr(on_file, name) for name in _RUN_DOWN_BY_PERIOD}
    else:
        cells["visits_used_elsewhere"] = 0
    return cells | {"shared_with": tuple(on_file.shared_with)}


def _learned_before(on_file: Benefit, verified_on: date) -> dict[str, Any]:
    """Whether acupuncture is covered was learned before: day, source and reference of that go together."""
    return {
        "verified_on": verified_on, "source": on_file.source or BenefitSource.IMPORT,
        "reference": on_file.reference or "", "representative": on_file.representative or "",
    }  # fmt: skip


def _named(said: Said, on_file: Benefit | None) -> dict[str, Any]:
    plan = value_of(said, FactKind.PLAN)
    known = said.reading.in_network
    network = None if known is None else Network.IN if known else Network.OUT
    remarks = "\n".join(dict.fromkeys(_remarks(said.reading)))[:LONGEST_REMARKS]
    return {
        "plan_name": str(plan)[:200] if plan else (on_file.plan_name or "" if on_file else ""),
        "network": network or (on_file.network if on_file else None),
        "remarks": remarks or (on_file.remarks or "" if on_file else ""),
    }


def _remarks(reading: Reading) -> Iterator[str]:
    if reading.value(FactKind.ACTIVE) is False:
        yield "The payer says that the plan is not in force."
    yield from (fact.conflict for fact in reading.facts if fact.conflict)
    yield from (f"Coinsurance: {remark}" for remark in reading.fact(FactKind.COINSURANCE).remarks)
    yield from (note.text for note in reading.notes if note.kind in _TOLD)
