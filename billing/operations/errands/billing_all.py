"""The errand ``bill``: the billing run for the whole clinic, and what a page tells of it.

The result holds record numbers, claim numbers, amounts and rules alone; why a claim is held is asked of the
claim when the page is shown, so that it tells how things stand then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from billing import clock
from billing.audit.recording import Actor, Subject, record
from billing.claims.filing.forms import forms_undrawn
from billing.claims.models import Claim
from billing.clinic.queries import the_clinic
from billing.database import Db, batches
from billing.documents.keeping import note_handed_out
from billing.errors import Severity
from billing.invoices.drawing import OWNER, papers_undrawn
from billing.money import cents_from_text
from billing.operations.billing_report import summary
from billing.operations.billing_run import BillingRun, patients_to_bill, run_billing
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Telling
from billing.operations.handing_out import files_to_tell_of, papers_to_hand_out
from billing.relay import carry_out, look_up
from billing.sessions.models import BillTo
from billing.sessions.queries import unsigned_arrivals

LISTED = 200
"""Of each kind so many are named in the result; their number is always whole."""
_AT_ONCE = 500
_STAGES = {
    "patients billed": "Charging and checking sessions",
    "claim files": "Writing claim files",
    "claims": "Handing claims over",
    "papers": "Drawing papers",
    "claim forms": "Drawing claim forms",
}
_LEFT = {"papers": papers_undrawn, "claim forms": forms_undrawn}
"""How many of a stage are left to be done, where that can be asked."""


def bill(means: Means, through: date, by: Actor, progress: Telling, *, superbills_wait: bool = False) -> dict[str, Any]:
    """Bill up to a day; claims go to the clearinghouse, papers are drawn and kept.

    ``superbills_wait``: sessions that are billed by superbill are left to the month's run.

    Raises :class:`Refused` when there is no clinic, :class:`Conflict` while another billing run is going on.
    """
    bill_to = [one for one in BillTo if not (superbills_wait and one is BillTo.SUPERBILL)]
    due = look_up(means.database, lambda db: _due(db, through, bill_to))
    run = BillingRun(through, bill_to=bill_to, by=str(by))

    totals = {"patients billed": due}

    def tell(what: str, done: int) -> None:
        if what in _LEFT and what not in totals:
            totals[what] = done + look_up(means.database, _LEFT[what])
        progress.tell(_STAGES.get(what, what.capitalize()), done, totals.get(what))

    with means.database.alone("billing run"):
        run_billing(means.database, run, means.documents, means.clearinghouse, means.file_settings, progress=tell)
        told = look_up(means.database, lambda db: _told(db, run))
        carry_out(means.database, lambda db: _remember(db, told, through, by))
    return told.result


def _due(db: Db, through: date, bill_to: Collection[BillTo]) -> int:
    the_clinic(db)
    return patients_to_bill(db, through, bill_to)


@dataclass(frozen=True, slots=True)
class _Told:
    """A result, and the documents it tells of."""

    result: dict[str, Any]
    document_ids: Sequence[int]


def _told(db: Db, run: BillingRun) -> _Told:
    report, papers = summary(db, run), papers_to_hand_out(db)
    claims = report["claims"]
    ids = _claim_ids(db, [one["claim"] for group in claims.values() for one in group])
    documents = {f"{paper.folder}/{paper.file_name}": paper.document_id for paper in papers}
    lists = {
        "filed": [_filed(one, ids) for one in claims["filed"]],
        "unknown": [_filed(one, ids) for one in claims["unknown"]],
        "rejected": [_filed(one, ids) for one in claims["rejected"]],
        "held": [_waiting(one, ids) for one in claims["held"]],
        "outdated": [_waiting(one, ids) for one in claims["outdated"]],
        "unbilled": _unbilled(db, run),
        "superbills": _papers(report["superbills"], documents),
        "invoices": _papers(report["invoices"], documents),
    }
    result = {
        "through": report["through"],
        "sessions_signed": report["sessions_signed"],
        "sessions_billed": report["sessions_billed"],
        "billed_before": report["billed_before"],
        "filed_cents": sum(one["total_cents"] for one in lists["filed"]),
        "counts": {name: len(entries) for name, entries in lists.items()},
        "held_by_rule": _by_rule(claims["held"]),
        **{name: entries[:LISTED] for name, entries in lists.items()},
        "failures": report["failures"],
    }
    return _Told(result, [*files_to_tell_of(db), *(paper.document_id for paper in papers)])


def _remember(db: Db, told: _Told, through: date, by: Actor) -> None:
    at = clock.now()
    note_handed_out(db, told.document_ids, at)
    record(db, by, "clinic billed", Subject("clinic", "1"), at, {"through": through.isoformat()})


def _claim_ids(db: Db, numbers: Iterable[str | None]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in batches(sorted({number for number in numbers if number}), _AT_ONCE):
        found.update(db.execute(select(Claim.control_number, Claim.id).where(Claim.control_number.in_(some))).all())
    return found


def _filed(one: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    number = one["claim"]
    return {"id": ids.get(number), "number": number, "total_cents": cents_from_text(one["total"])}


def _waiting(one: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    rules = [problem["rule"] for problem in one["problems"]]
    return {"id": ids.get(one["claim"]), "number": one["claim"], "rules": list(dict.fromkeys(rules))}


def _by_rule(held: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many claims each rule holds, most first."""
    rules = Counter(
        rule
        for one in held
        for rule in {problem["rule"] for problem in one["problems"] if problem["severity"] == Severity.BLOCK}
    )
    return dict(rules.most_common())


def _unbilled(db: Db, run: BillingRun) -> list[dict[str, Any]]:
    unsigned = [{"session": one.id, "rules": ["note not signed"]} for one in unsigned_arrivals(db, run.through)]
    stopped = [
        {"session": session_id, "rules": list(dict.fromkeys(problem.rule for problem in problems))}
        for session_id, problems in sorted(run.stopped.items())
    ]
    return [*unsigned, *stopped]


def _papers(entries: Iterable[Mapping[str, Any]], documents: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"number": one[OWNER], "document": documents.get(one["file"]), "total_cents": cents_from_text(one["total"])}
        for one in entries
    ]
