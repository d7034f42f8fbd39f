"""A rule pack from a short form: the few things most plans say, written as the text that is then read and kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from billing.codes.procedures import ACUPUNCTURE_CODES
from billing.coverage.rules.pack import Edition
from billing.coverage.rules.windows import Window

REVIEWED_AFTER = timedelta(days=365)
"""A plan's policy is looked at again after a year, unless the form says otherwise."""


@dataclass(frozen=True, slots=True)
class PlanRules:
    """What the form asks about a plan; what is empty or ``None`` the plan does not say."""

    name: str
    source: str
    """Where it was read: the booklet, the policy number, the portal page."""
    valid_from: date
    checked_on: date
    payer_kind: str = ""
    """Empty: only for the payers and plans it is named for."""
    visits: int | None = None
    window: Window = Window.CALENDAR_YEAR
    conditions: tuple[str, ...] = ()
    units: int | None = None
    benefit_after_weeks: int | None = None
    needs_authorisation: bool = False
    excludes_maintenance: bool = False
    bills_patient_never: bool = False
    stops: bool = False
    """Whether what breaks a limit or names another condition is stopped rather than warned of."""
    valid_to: date | None = None
    review_by: date | None = None
    """By default a year after it was checked."""


def key_of(name: str) -> str:
    """The key of a pack with that name: ``Aspen Gold 2026`` is ``aspen-gold-2026``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-")


def composed(plan: PlanRules) -> str:
    """The rules as the text of a pack."""
    kinds = [plan.payer_kind] if plan.payer_kind else []
    head = {"key": key_of(plan.name), "name": plan.name, "payer_kinds": kinds}
    return "\n".join([_table("", head), edition_table(plan), *rule_tables(plan)])


def edition_table(plan: PlanRules, before: Edition | None = None) -> str:
    """The head of an edition; what the form does not ask is as in the one ``before``, if any."""
    cells: dict[str, object] = {"valid_from": plan.valid_from}
    cells |= {"valid_to": plan.valid_to} if plan.valid_to else {}
    cells |= {"checked_on": plan.checked_on, "review_by": plan.review_by or plan.checked_on + REVIEWED_AFTER}
    cells |= {"is_verified": before.is_verified if before else True, "source": plan.source}
    cells |= {"url": before.url} if before and before.url else {}
    counted = before.counted_codes if before else ACUPUNCTURE_CODES
    return _table("[[edition]]", {**cells, "counted_codes": sorted(counted)})


def rule_tables(plan: PlanRules) -> list[str]:
    """What the plan says, a table for each rule."""
    return [_table("[[edition.rule]]", rule) for rule in _rules(plan)]


def _rules(plan: PlanRules) -> list[Mapping[str, object]]:
    severity = "BLOCK" if plan.stops else "WARN"
    rules: list[Mapping[str, object]] = []
    if plan.needs_authorisation:
        rules.append({"kind": "authorisation", "title": "An authorisation is needed", "severity": "BLOCK"})
    if plan.conditions:
        listed = {"kind": "diagnoses", "title": "Conditions", "codes": list(plan.conditions), "severity": severity}
        rules.append(listed)
    if plan.visits is not None:
        title = f"{plan.visits} visits"
        limit = {"kind": "visits", "title": title, "window": str(plan.window), "visits": plan.visits}
        rules.append({**limit, "severity": severity})
    if plan.units is not None:
        rules.append({"kind": "units", "title": "Units a visit", "units": plan.units, "severity": severity})
    if plan.benefit_after_weeks is not None:
        after = {"window": "course", "days": 90, "after_days": plan.benefit_after_weeks * 7}
        title = f"Benefit within {plan.benefit_after_weeks} weeks"
        rules.append({"kind": "improvement", "id": "coverage.no_benefit", "title": title, **after, "severity": "WARN"})
    if plan.excludes_maintenance:
        rules.append({"kind": "maintenance", "title": "No maintenance", "severity": "WARN"})
    if plan.bills_patient_never:
        rules.append({"kind": "patient_not_billed", "title": "The patient is not billed"})
    return rules


def _table(header: str, cells: Mapping[str, object]) -> str:
    lines = [header] if header else []
    lines += [f"{name} = {_value(value)}" for name, value in cells.items()]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    # A JSON text, list, number or truth is TOML as well.
    return json.dumps(value, ensure_ascii=False)
