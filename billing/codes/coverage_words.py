"""What the codes of an eligibility answer (271, X12 005010X279A1) mean, in plain words of our own.

The codes this trade sees are here; any other is shown by its code. What a rejection means comes with what to do
about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from billing.codes.tables import rows

_ASK = "Ask by telephone."


@dataclass(frozen=True, slots=True)
class RejectionWords:
    """Why a payer does not answer, and what to do."""

    label: str
    fix: str
    may_ask_again: bool
    """Whether the same question may simply be asked again later."""


def rejection_words(reason: str, follow_up: str) -> RejectionWords:
    """A rejection by its AAA03 and AAA04."""
    known = _table("eligibility_rejections.csv").get(reason)
    action = _table("eligibility_follow_ups.csv").get(follow_up)
    label = known["label"] if known else f"reason {reason}" if reason else "no reason is given"
    if action:
        label = f"{label} ({action['label']})"
    return RejectionWords(label, known["fix"] if known else _ASK, bool(action and action["again"] == "yes"))


def information_label(code: str) -> str:
    """What kind of row it is (EB01)."""
    return _label("benefit_information.csv", code, "kind")


def service_type_label(code: str) -> str:
    """Which kind of care is meant (EB03)."""
    return _label("service_types.csv", code, "service type")


def period_label(code: str) -> str:
    """For which span of time something holds (EB06)."""
    return _label("benefit_periods.csv", code, "period")


def level_label(code: str) -> str:
    """For whom a row holds (EB02)."""
    return _label("coverage_levels.csv", code, "level")


def insurance_type_label(code: str) -> str:
    """What kind of insurance it is (EB04)."""
    return _label("insurance_types.csv", code, "insurance type")


def quantity_label(code: str) -> str:
    """What is counted (EB09, HSD01)."""
    return _label("benefit_quantities.csv", code, "quantity")


def _label(table: str, code: str, what: str) -> str:
    known = _table(table).get(code)
    return known["label"] if known else f"{what} {code}"


@cache
def _table(name: str) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows(name)}
