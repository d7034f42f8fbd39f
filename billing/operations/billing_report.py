"""What a billing run did, as ``summary.json`` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from billing.claims.assembly.outdated import outdated
from billing.claims.lifecycle import UNDELIVERED, ClaimState
from billing.claims.models import Claim, ClaimFile, Responsibility
from billing.claims.queries import problems_of, sessions_with_filed_claims
from billing.database import Db
from billing.documents.models import Document, HandedOut
from billing.errors import Problem, Severity
from billing.invoices.drawing import OWNER
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.invoices.queries import sessions_with_papers
from billing.money import text_from_cents
from billing.operations.billing_run import BillingRun
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.queries import unsigned_arrivals

_NAMED = 10
"""Rejected claims that are named; often a whole file's are rejected."""
FOLDER = {PaperKind.SUPERBILL: "superbills", PaperKind.INVOICE: "invoices"}


def summary(db: Db, run: BillingRun) -> dict[str, Any]:
    """The run's report: what was filed and issued and no report has told yet, and everything that waits.

    So what an interrupted run did is told by the next. A session is billed with its first claim or paper, and
    again when that claim was rejected and another took its place: ``billed_before`` counts those that earlier
    reports told of, and ``sessions_signed`` is that plus the signed sessions in the lists, leaving out those
    that are there only for a claim on a later payer.
    """
    not_to_tell = (*UNDELIVERED, ClaimState.REPLACED)
    is_told_now = Claim.state.not_in(not_to_tell) & ~_is_handed_out("claim_file", Claim.file_id)
    filed = _claims(db, is_told_now)
    superbills, invoices = (_papers(db, kind) for kind in (PaperKind.SUPERBILL, PaperKind.INVOICE))
    first = _claims(db, is_told_now & (Claim.responsibility == Responsibility.PRIMARY))
    billed = len(first) + len(superbills) + len(invoices)
    due = (ClinicSession.state == SessionState.SIGNED, ClinicSession.service_on <= run.through)
    billed_ever = _count(db, *due, sessions_with_filed_claims() | sessions_with_papers())
    return {
        "through": run.through.isoformat(),
        "sessions_signed": _count(db, *due),
        "sessions_billed": billed,
        "billed_before": max(0, billed_ever - billed),
        "claims": {
            "filed": filed,
            "held": _held(db, run),
            "unknown": _claims(db, Claim.state == ClaimState.UNKNOWN),
            "outdated": _outdated(db),
            "rejected": _claims(db, Claim.state == ClaimState.REJECTED),
        },
        "superbills": superbills,
        "invoices": invoices,
        "unbilled": _unbilled(db, run),
        "failures": run.failures,
    }


def _count(db: Db, *conditions: ColumnElement[bool]) -> int:
    return db.scalar(select(func.count()).select_from(ClinicSession).where(*conditions)) or 0


def _name(outside: str | None, own: int) -> str:
    """What a record is called outside: the old system's id, or our own number where there is none."""
    return outside or str(own)


def _claims(db: Db, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    rows = db.execute(
        select(Claim, ClinicSession.external_id, Payer.external_id, Payer.id, ClaimFile.name)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .join(Payer, Payer.id == Claim.payer_id)
        .join(ClaimFile, ClaimFile.id == Claim.file_id)
        .where(which)
        .order_by(Claim.id)
    )
    return [
        {
            "claim": claim.control_number,
            "sessions": [_name(session, claim.session_id)],
            "payer": _name(payer, payer_id),
            "total": text_from_cents(claim.total_cents),
            "control_number": claim.control_number,
            "file": f"claims/{file}",
        }
        for claim, session, payer, payer_id, file in rows
    ]


def _held(db: Db, run: BillingRun) -> list[dict[str, Any]]:
    held = db.scalars(
        select(Claim.id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(
            Claim.state == ClaimState.HELD,
            ClinicSession.state == SessionState.SIGNED,
            ClinicSession.service_on <= run.through,
        )
    ).all()
    found = problems_of(db, held)
    return _waiting(db, {claim_id: found[claim_id] for claim_id in held})


def _outdated(db: Db) -> list[dict[str, Any]]:
    return _waiting(db, {claim_id: [problem] for claim_id, problem in outdated(db).items()})


def _waiting(db: Db, problems: Mapping[int, list[Problem]]) -> list[dict[str, Any]]:
    """Claims that somebody has to see to, and why; ``problems`` by claim."""
    rows = db.execute(
        select(Claim.id, Claim.control_number, ClinicSession.id, ClinicSession.external_id, Payer.id, Payer.external_id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .outerjoin(Payer, Payer.id == Claim.payer_id)
        .where(Claim.id.in_(problems))
        .order_by(ClinicSession.service_on, ClinicSession.starts_at, Claim.id)
    )
    return [
        {
            "claim": control_number,
            "sessions": [_name(session, session_id)],
            "payer": _name(payer, payer_id) if payer_id else None,
            "problems": [as_json(problem) for problem in problems[claim_id]],
        }
        for claim_id, control_number, session_id, session, payer_id, payer in rows
    ]


def as_json(problem: Problem) -> dict[str, Any]:
    """A problem as files and ``--json`` show it."""
    return asdict(problem)


def _papers(db: Db, kind: PaperKind) -> list[dict[str, Any]]:
    rows = db.execute(
        select(Paper, ClinicSession.id, ClinicSession.external_id, Patient.external_id, Document.file_name)
        .join(ClinicSession, ClinicSession.id == Paper.session_id)
        .join(Patient, Patient.id == Paper.patient_id)
        .join(Document, (Document.owner_kind == OWNER) & (Document.owner_id == Paper.id))
        .where(Paper.kind == kind, ~_is_handed_out(OWNER, Paper.id))
        .order_by(Paper.number)
    )
    return [
        {
            OWNER: paper_name(kind, paper.number),
            "sessions": [_name(session, own)],
            "patient": _name(patient, paper.patient_id),
            "total": text_from_cents(paper.total_cents),
            "file": f"{FOLDER[kind]}/{file_name}",
        }
        for paper, own, session, patient, file_name in rows
    ]


def _is_handed_out(owner_kind: str, owner_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a report has told of an owner's document."""
    return (
        select(HandedOut.document_id)
        .join(Document, Document.id == HandedOut.document_id)
        .where(Document.owner_kind == owner_kind, Document.owner_id == owner_id)
        .exists()
    )


def _unbilled(db: Db, run: BillingRun) -> list[dict[str, str]]:
    arrivals = [
        {"session": _name(one.external_id, one.id), "why": "note not signed"}
        for one in unsigned_arrivals(db, run.through)
    ]
    rows = db.execute(
        select(ClinicSession.id, ClinicSession.external_id)
        .where(ClinicSession.id.in_(run.stopped))
        .order_by(ClinicSession.id)
    )
    stopped = [
        {
            "session": _name(outside, own),
            "why": ", ".join(dict.fromkeys(problem.rule for problem in run.stopped[own])),
            "detail": " ".join(f"{problem.why} {problem.fix}" for problem in run.stopped[own]),
        }
        for own, outside in rows
    ]
    return [*arrivals, *stopped]


def as_text(report: dict[str, Any], out: Path) -> str:
    """The report for people; ``out`` is where the papers lie."""
    claims = report["claims"]
    lines = [
        f"{report['sessions_signed']} signed sessions; {report['billed_before']} were billed before, "
        f"{report['sessions_billed']} are billed now:",
        f"  {len(claims['filed']):>5} claims filed       {out / 'claims'}, {out / 'cms1500'}",
        f"  {len(report['superbills']):>5} superbills issued  {out / FOLDER[PaperKind.SUPERBILL]}",
        f"  {len(report['invoices']):>5} invoices issued    {out / FOLDER[PaperKind.INVOICE]}",
    ]
    if claims["held"]:
        lines += ["", f"{len(claims['held'])} claims are held:"]
        lines += [f"  {_held_text(held)}" for held in claims["held"]]
    if claims["unknown"]:
        lines += ["", f"{len(claims['unknown'])} claims may or may not have arrived; ask the clearinghouse."]
    if claims["outdated"]:
        lines += ["", f"{len(claims['outdated'])} claims tell their payer what an earlier one no longer says:"]
        lines += [f"  {_outdated_text(one)}" for one in claims["outdated"]]
    if claims["rejected"]:
        names = ", ".join(one["claim"] for one in claims["rejected"][:_NAMED])
        more = len(claims["rejected"]) - _NAMED
        lines += [
            "",
            f"{len(claims['rejected'])} claims are rejected, and no payer judges them: {names}"
            f"{f' and {more} more' if more > 0 else ''}. Why: meridian explain claim NUMBER. They go again once their "
            "record is corrected, or unchanged with --refile.",
        ]
    if report["unbilled"]:
        lines += ["", f"{len(report['unbilled'])} sessions are not billed:"]
        lines += [f"  session {one['session']}: {one.get('detail', one['why'])}" for one in report["unbilled"]]
    return "\n".join([*lines, *(f"FAILED: {failure}" for failure in report["failures"])])


def _held_text(held: dict[str, Any]) -> str:
    reasons = [one for one in held["problems"] if one["severity"] == Severity.BLOCK]
    return f"session {', '.join(held['sessions'])}: " + "; ".join(f"{one['rule']}: {one['why']}" for one in reasons)


def _outdated_text(one: dict[str, Any]) -> str:
    return f"{one['claim']}: " + " ".join(f"{problem['why']} {problem['fix']}" for problem in one["problems"])
