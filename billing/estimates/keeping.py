"""Keeping what a session was expected to cost the patient, with all that it was reckoned from.

A session nobody has charted yet is reckoned like the patient's last one, or as the usual visit; the kept row says
which. What is reckoned anew and comes out the same is not kept a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from billing.charges.models import Fee
from billing.coverage.models import BenefitVersion
from billing.database import Db
from billing.estimates.experience import Experience
from billing.estimates.models import KeptEstimate, Occasion
from billing.estimates.session_estimate import SessionEstimate, session_estimate
from billing.sessions.charting import ChartedSet
from billing.sessions.coding import coded_session
from billing.sessions.facts import Facts, Visit
from billing.sessions.queries import Chart

USUAL_SETS = (ChartedSet(15, True, False, None), ChartedSet(15, True, False, None))
"""What a visit is taken for when nothing tells better: two sets of fresh needles of fifteen minutes each."""


def visit_expected(session_id: int, facts: Facts) -> tuple[Visit, str]:
    """The session as it is charted, or else as it is expected to be; and in words what was assumed, if anything was.

    An expected visit takes the place of the empty one among the facts.
    """
    own = next(visits for visits in facts.visits.values() if any(one.session.id == session_id for one in visits))
    place = next(at for at, one in enumerate(own) if one.session.id == session_id)
    visit = own[place]
    if visit.coded.lines:
        return visit, ""
    like = next((one for one in reversed(own[:place]) if one.chart.sets and one.coded.lines), None)
    sets = list(like.chart.sets) if like else list(USUAL_SETS)
    codes = list(visit.chart.diagnoses or (like.chart.diagnoses if like else ()))
    chart = replace(visit.chart, sets=sets, diagnoses=codes) if isinstance(visit.chart, Chart) else visit.chart
    own[place] = Visit(chart, coded_session(chart), visit.policies)
    facts.__dict__.pop("visit_of", None)
    if like is None:
        return own[place], "Nothing is charted yet: taken for two sets of needles of 15 minutes each."
    return own[place], f"Nothing is charted yet: taken for a visit like that of {like.session.service_on}."


def keep_estimate(
    db: Db,
    session_id: int,
    facts: Facts,
    fees: Sequence[Fee],
    occasion: Occasion,
    *,
    by: str,
    at: datetime,
    experience: Mapping[int, Experience] | None = None,
) -> KeptEstimate:
    """Keep the estimate of a session that is billed to insurance; ``facts`` hold it as if it were signed."""
    visit, assumed = visit_expected(session_id, facts)
    estimate = session_estimate(visit, facts, fees, experience, is_to_come=bool(assumed))
    made = _row(visit, estimate, facts, fees, assumed, occasion, by, at)
    made.sources["benefit_version"] = _benefit_version(db, estimate)
    last = db.scalars(
        select(KeptEstimate).where(KeptEstimate.session_id == session_id).order_by(KeptEstimate.id.desc()).limit(1)
    ).first()
    if last is not None and last.occasion is occasion and (last.inputs, last.shown) == (made.inputs, made.shown):
        return last
    db.add(made)
    db.flush()
    return made


def _row(
    visit: Visit,
    estimate: SessionEstimate,
    facts: Facts,
    fees: Sequence[Fee],
    assumed: str,
    occasion: Occasion,
    by: str,
    at: datetime,
) -> KeptEstimate:
    span, currency = estimate.spread, facts.clinic.currency
    shown = [*([assumed] if assumed else []), *span.words(currency), estimate.share.why]
    shown += [f"{line.code}: {step}" for line in estimate.share.lines for step in line.steps]
    shown += [f"{one.why} {one.fix}" for one in estimate.conditions]
    return KeptEstimate(
        session_id=visit.session.id,
        occasion=occasion,
        at=at,
        by=by,
        payer_id=estimate.payer.id if estimate.payer else None,
        charge_cents=estimate.share.charge,
        low_cents=span.low,
        expected_cents=span.expected,
        high_cents=span.high,
        plan_cents=estimate.share.plan,
        inputs=_inputs(visit, estimate, assumed),
        sources=_sources(visit, estimate, facts, fees),
        shown=[*shown, *estimate.cautions],
    )


def _inputs(visit: Visit, estimate: SessionEstimate, assumed: str) -> dict[str, Any]:
    lines = [
        {"code": one.code, "charge": one.charge, "allowed": one.allowed, "deductible": one.deductible,
         "copay": one.copay, "coinsurance": one.coinsurance, "patient": one.patient, "plan": one.plan,
         "balance": one.balance}
        for one in estimate.share.lines
    ]  # fmt: skip
    coded = [{"code": one.code, "modifiers": list(one.modifiers), "units": one.units} for one in visit.coded.lines]
    cover = estimate.cover
    return {
        "coded": coded,
        "lines": lines,
        "assumed": assumed,
        "finding": cover.finding.value,
        "network": cover.network.value if cover.network else None,
        "notice_signed": cover.notice_signed,
        "terms": asdict(estimate.terms) if estimate.terms else None,
    }


def _sources(visit: Visit, estimate: SessionEstimate, facts: Facts, fees: Sequence[Fee]) -> dict[str, Any]:
    codes = {one.code for one in visit.coded.lines}
    payer_id, on = (estimate.payer.id if estimate.payer else None), visit.session.service_on
    used = [
        one.id for one in fees if one.code in codes and one.effective_from <= on and one.payer_id in (None, payer_id)
    ]
    return {
        "policy": estimate.policy.id if estimate.policy else None,
        "benefit": estimate.benefit.id if estimate.benefit else None,
        "fees": used,
        "rule_pack": _rule_pack(visit, estimate, facts),
        "problems": [one.rule for one in estimate.problems],
    }


def _rule_pack(visit: Visit, estimate: SessionEstimate, facts: Facts) -> dict[str, str] | None:
    """The pack that judged the visit, and the first day of its edition."""
    if estimate.payer is None:
        return None
    on = visit.session.service_on
    found = facts.packs.edition_for(estimate.payer, estimate.policy, facts.clinic.state, on)
    return {"key": found[0].key, "edition": found[1].valid_from.isoformat()} if found else None


def _benefit_version(db: Db, estimate: SessionEstimate) -> int | None:
    """The version of the benefit that was on file."""
    benefit = estimate.benefit
    if benefit is None:
        return None
    return db.scalar(
        select(BenefitVersion.id)
        .where(BenefitVersion.patient_id == benefit.patient_id, BenefitVersion.payer_id == benefit.payer_id)
        .order_by(BenefitVersion.id.desc())
        .limit(1)
    )
