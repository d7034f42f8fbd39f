"""What else is kept with a benefit: what it is without what people set by hand, and which statement contradicts it.

Law: what a person set is never passed off as the payer's. Taken back, it leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from billing.coverage.benefit_history import SAID
from billing.coverage.models import Benefit, BenefitPeriod, BenefitSource, CopayPer
from billing.coverage.visits import STALE_AFTER_DAYS
from billing.practitioners.models import Network

COVERED_BY_HAND = frozenset({"active", "covered"})
"""The facts of an answer that make a benefit covered or not."""
_DAYS = ("verified_on", "plan_year_from", "dollars_told_on")
_WORDS: dict[str, type[StrEnum]] = {
    "source": BenefitSource, "network": Network, "copay_per": CopayPer, "period": BenefitPeriod,
}  # fmt: skip


def benefit_as(benefit: Benefit, said: Mapping[str, Any]) -> Benefit:
    """The benefit as it was by what was kept of it; never written down. Problems of it lead to what is on file."""
    known = {name: _value(name, said[name]) for name in SAID if name in said}
    return Benefit(id=benefit.id, patient_id=benefit.patient_id, payer_id=benefit.payer_id, **known)


def _value(name: str, told: Any) -> Any:
    if told is None:
        return None
    if name in _DAYS:
        return date.fromisoformat(told)
    return _WORDS[name](told) if name in _WORDS else told


def without_hand(benefit: Benefit | None) -> Benefit | None:
    """What is on file without what people set against the payer's answers: on it the next answer builds."""
    return benefit if benefit is None or not benefit.without_hand else benefit_as(benefit, benefit.without_hand)


def contradicted_by(on_file: Benefit | None, said: Mapping[str, Any]) -> dict[str, Any] | None:
    """The payer's other statement, when it said elsewhere within a month that acupuncture is (not) covered.

    ``said`` is what is to be kept now, by the names of :class:`Benefit`. What a person set by hand is none of the
    payer's statements. A contradiction stands until it grows old, or the source that gave it says the same.
    """
    before = without_hand(on_file)
    if before is None or on_file is None or said["covered"] is None or _is_by_hand(said):
        return None
    if before.covered is not None and before.covered != said["covered"]:
        return _statement(before) if before.source != said["source"] and _is_near(before.verified_on, said) else None
    known = on_file.contradicted_by
    if not known or known["covered"] == said["covered"] or known["source"] == said["source"]:
        return None
    return known if _is_near(date.fromisoformat(known["verified_on"]), said) else None


def _is_by_hand(said: Mapping[str, Any]) -> bool:
    return not COVERED_BY_HAND.isdisjoint(said["set_by_hand"])


def _is_near(on: date | None, said: Mapping[str, Any]) -> bool:
    return on is not None and abs((said["verified_on"] - on).days) <= STALE_AFTER_DAYS


def _statement(benefit: Benefit) -> dict[str, Any]:
    return {
        "covered": benefit.covered,
        "verified_on": benefit.verified_on.isoformat() if benefit.verified_on else None,
        "source": (benefit.source or BenefitSource.IMPORT).value,
        "reference": benefit.reference,
        "representative": benefit.representative,
    }
