"""The errand ``superbills``: a superbill for every session of a month that its patient claims back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from billing import clock
from billing.audit.recording import Actor, Fact, Subject, record
from billing.clinic.queries import the_clinic
from billing.database import Db, batches
from billing.documents.keeping import note_handed_out
from billing.documents.models import Document
from billing.invoices.drawing import OWNER, papers_route, papers_undrawn
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.operations.billing_report import FOLDER
from billing.operations.billing_run import PATIENTS_AT_ONCE, BillingRun, patients_to_bill
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Telling
from billing.operations.handing_out import papers_to_hand_out
from billing.relay import carry_out, climb, look_up, relay
from billing.sessions.models import BillTo

LISTED = 500
"""So many superbills are named in the result; their number is always whole."""
_OURS = (BillTo.SUPERBILL,)
_AT_ONCE = 500


def issue_superbills(means: Means, through: date, by: Actor, progress: Telling) -> dict[str, Any]:
    """Issue and draw the superbills of sessions up to a day; the result lists all that nobody was told of yet.

    Raises :class:`Refused` when there is no clinic, :class:`Conflict` while a billing run is going on.
    """
    due = look_up(means.database, lambda db: _due(db, through))
    run = BillingRun(through, bill_to=_OURS, by=str(by))
    done = 0

    def count() -> None:
        nonlocal done
        done = min(done + PATIENTS_AT_ONCE, due)
        progress.tell("Charging and issuing superbills", done, due)

    with means.database.alone("billing run"):
        climb(means.database, run.stage, count)
        papers = look_up(means.database, papers_undrawn)
        drawn = relay(
            means.database,
            papers_route(means.documents),
            lambda so_far: progress.tell("Drawing papers", so_far, papers),
        )
        superbills = look_up(means.database, _untold)
        documents = [one["document"] for one in superbills]
        carry_out(means.database, lambda db: _remember(db, documents, through, by))
    return {
        "through": through.isoformat(),
        "count": len(superbills),
        "total_cents": sum(one["total_cents"] for one in superbills),
        "superbills": superbills[:LISTED],
        "unbilled": [
            {"session": session_id, "rules": list(dict.fromkeys(one.rule for one in problems))}
            for session_id, problems in sorted(run.stopped.items())
        ],
        "failures": list(dict.fromkeys(str(one.failure) for one in drawn if one.failure)),
    }


def _due(db: Db, through: date) -> int:
    the_clinic(db)
    return patients_to_bill(db, through, _OURS)


def _untold(db: Db) -> list[dict[str, Any]]:
    """The drawn superbills that no run has told of, in the order of their numbers; patients by number alone."""
    folder = FOLDER[PaperKind.SUPERBILL]
    ids = [paper.document_id for paper in papers_to_hand_out(db) if paper.folder == folder]
    return [
        {
            "number": paper_name(PaperKind.SUPERBILL, number),
            "patient": patient_id,
            "total_cents": cents,
            "document": document_id,
        }
        for some in batches(ids, _AT_ONCE)
        for number, patient_id, cents, document_id in db.execute(
            select(Paper.number, Paper.patient_id, Paper.total_cents, Document.id)
            .join(Document, (Document.owner_kind == OWNER) & (Document.owner_id == Paper.id))
            .where(Document.id.in_(some))
            .order_by(Paper.number)
        )
    ]


def _remember(db: Db, document_ids: Sequence[int], through: date, by: Actor) -> None:
    at = clock.now()
    note_handed_out(db, document_ids, at)
    detail: dict[str, Fact] = {"through": through.isoformat(), "issued": len(document_ids)}
    record(db, by, "superbills issued", Subject("clinic", "1"), at, detail)
