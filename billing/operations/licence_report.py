"""Licences on a day: what is valid, what lapses soon, what is held because of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimProblem
from billing.database import Db
from billing.practitioners.lapsing import LAPSES_WITHIN_DAYS, Standing, standing_on
from billing.practitioners.models import Credential, Practitioner
from billing.sessions.models import ClinicSession

_COLUMNS = ("name", "kind", "issuer", "number", "valid_from", "valid_to", "standing")
_IN_FORCE = (Standing.VALID, Standing.LAPSES_SOON)


def licence_report(db: Db, on: date) -> dict[str, Any]:
    """Every credential with its standing on ``on``, and the sessions whose claims are held over a licence."""
    rows = db.execute(
        select(Credential, Practitioner)
        .join(Practitioner, Practitioner.id == Credential.practitioner_id)
        .order_by(Practitioner.last_name, Practitioner.id, Credential.kind, Credential.valid_to)
    ).all()
    listed = [_listed(credential, practitioner, on) for credential, practitioner in rows]
    return {
        "on": on.isoformat(),
        "valid": [one for one in listed if one["standing"] in _IN_FORCE],
        "lapsing": [one for one in listed if one["standing"] == Standing.LAPSES_SOON],
        "not_valid": [one for one in listed if one["standing"] not in _IN_FORCE],
        "held": _held(db),
    }


def _listed(credential: Credential, practitioner: Practitioner, on: date) -> dict[str, Any]:
    return {
        "practitioner": practitioner.external_id or str(practitioner.id),
        "name": f"{practitioner.first_name} {practitioner.last_name}",
        "kind": credential.kind.value,
        "issuer": credential.issuer,
        "number": credential.number,
        "valid_from": credential.valid_from.isoformat(),
        "valid_to": credential.valid_to.isoformat(),
        "days_left": (credential.valid_to - on).days,
        "standing": standing_on(credential, on).value,
    }


def _held(db: Db) -> list[dict[str, Any]]:
    rows = db.execute(
        select(ClaimProblem.rule, ClinicSession.id, ClinicSession.external_id, Claim.control_number)
        .join(Claim, Claim.id == ClaimProblem.claim_id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(Claim.state == ClaimState.HELD, ClaimProblem.rule.startswith("licence."))
        .order_by(ClinicSession.service_on, Claim.id)
    )
    by_rule: dict[str, list[dict[str, str]]] = defaultdict(list)
    for rule, own, outside, control_number in rows:
        by_rule[rule].append({"session": outside or str(own), "claim": control_number})
    return [{"rule": rule, "claims": claims} for rule, claims in sorted(by_rule.items())]


def as_text(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [f"Licences and certificates on {report['on']}"]
    listed = [*report["valid"], *report["not_valid"]]
    widths = {key: max((len(one[key]) for one in listed), default=0) for key in _COLUMNS}
    for title, group in (
        (f"Lapsing within {LAPSES_WITHIN_DAYS} days", "lapsing"),
        ("Not valid", "not_valid"),
        ("Valid", "valid"),
    ):
        lines += ["", f"{title}: {len(report[group])}"]
        lines += ["  " + "  ".join(f"{one[key]:<{widths[key]}}" for key in _COLUMNS).rstrip() for one in report[group]]
    held = sum(len(one["claims"]) for one in report["held"])
    lines += ["", f"Claims held over a licence: {held}"]
    for one in report["held"]:
        lines += [f"  {one['rule']}: session {claim['session']}, claim {claim['claim']}" for claim in one["claims"]]
    return "\n".join(lines)
