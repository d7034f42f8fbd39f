"""Licences on a day: what is valid, what lapses soon, what is held because of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimProblem
from billing.clinic.models import Clinic
from billing.clinic.places import workplace
from billing.database import Db
from billing.practitioners.lapsing import LAPSES_WITHIN_DAYS, Standing, held, standing_on
from billing.practitioners.models import Credential, Practitioner
from billing.practitioners.queries import (
    all_credentials,
    all_education,
    all_enrolments,
    all_practitioners,
    full_name,
)
from billing.reports.licence_duties import goes_by_rules, recredentialings, shortages
from billing.reports.licences_page import HELD_BY
from billing.sessions.models import ClinicSession

_COLUMNS = ("name", "kind", "issuer", "number", "valid_from", "valid_to", "standing")
_IN_FORCE = (Standing.VALID, Standing.LAPSES_SOON)
PREMISES = "(premises)"


def licence_report(db: Db, on: date) -> dict[str, Any]:
    """Every credential with its standing on ``on``, and the sessions whose claims are held over a licence."""
    rows = db.execute(
        select(Credential, Practitioner)
        .outerjoin(Practitioner, Practitioner.id == Credential.practitioner_id)
        .order_by(Practitioner.last_name, Practitioner.id, Credential.kind, Credential.valid_to)
    ).all()
    listed = [_listed(credential, practitioner, on) for credential, practitioner in rows]
    return {
        "on": on.isoformat(),
        "valid": [one for one in listed if one["standing"] in _IN_FORCE],
        "lapsing": [one for one in listed if one["standing"] == Standing.LAPSES_SOON],
        "not_valid": [one for one in listed if one["standing"] not in _IN_FORCE],
        "held": _held(db),
        "recredentialing": _recredentialing(db, on),
        "education": _education(db, on),
    }


def _recredentialing(db: Db, on: date) -> list[dict[str, Any]]:
    """Whom payers want looked into again within the next months, or wanted."""
    found = recredentialings(all_enrolments(db), all_practitioners(db), on)
    return [
        {
            "practitioner": one.holder.external_id or str(one.holder.id),
            "name": full_name(one.holder),
            "payer": one.payer.external_id or str(one.payer.id),
            "payer_name": one.payer.name,
            "by": one.enrolment.recredential_by.isoformat() if one.enrolment.recredential_by else "",
            "days_left": one.days_left,
        }
        for one in found
    ]


def _education(db: Db, on: date) -> list[dict[str, Any]]:
    """What education is missing for terms that end within the next months, with the rule that asks for it."""
    clinic = db.get(Clinic, 1)
    if clinic is None:
        return []
    people = {one.id: one for one in all_practitioners(db)}
    known = [one for one in held(all_credentials(db)) if goes_by_rules(one, people.get(one.practitioner_id or 0))]
    found = shortages(known, all_education(db), workplace(clinic), on)
    return [
        {
            "name": full_name(people[one.held.practitioner_id]),
            "kind": one.held.kind.value,
            "number": one.held.number,
            "valid_to": one.cycle.last.isoformat(),
            "missing": one.missing_words,
            "source": one.rule.source,
            "to_be_checked": not one.rule.is_verified,
        }
        for one in found
        if one.held.practitioner_id in people
    ]


def _listed(credential: Credential, practitioner: Practitioner | None, on: date) -> dict[str, Any]:
    """One entry; of what belongs to a place of work the practitioner is empty, of an unknown end the last day."""
    valid_to = credential.valid_to
    return {
        "practitioner": (practitioner.external_id or str(practitioner.id)) if practitioner else "",
        "name": f"{practitioner.first_name} {practitioner.last_name}" if practitioner else PREMISES,
        "kind": credential.kind.value,
        "issuer": credential.issuer,
        "number": credential.number,
        "valid_from": credential.valid_from.isoformat(),
        "valid_to": valid_to.isoformat() if valid_to else "",
        "days_left": (valid_to - on).days if valid_to else None,
        "standing": standing_on(credential, on).value,
    }


def _held(db: Db) -> list[dict[str, Any]]:
    rows = db.execute(
        select(ClaimProblem.rule, ClinicSession.id, ClinicSession.external_id, Claim.control_number)
        .join(Claim, Claim.id == ClaimProblem.claim_id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(Claim.state == ClaimState.HELD, or_(*(ClaimProblem.rule.startswith(one) for one in HELD_BY)))
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
    for title, key, words in (
        ("Payers want to look into", "recredentialing", "{name}: {payer_name} by {by}"),
        ("Education missing", "education", "{name}: {missing} for {kind} {number}, which ends on {valid_to}"),
    ):
        lines += ["", f"{title}: {len(report[key])}"] if report[key] else []
        lines += [f"  {words.format(**one)}" for one in report[key]]
    held_claims = sum(len(one["claims"]) for one in report["held"])
    lines += ["", f"Claims held over a licence: {held_claims}"]
    for one in report["held"]:
        lines += [f"  {one['rule']}: session {claim['session']}, claim {claim['claim']}" for claim in one["claims"]]
    return "\n".join(lines)
