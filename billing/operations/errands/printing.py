"""The errand ``forms``: the CMS-1500 forms of many claims as one PDF, to be printed and posted.

The PDF is kept as the errand's document. The result holds claims' numbers and counts, and nobody's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from billing import clock
from billing.audit.recording import Actor, Subject, record
from billing.claims.filing.stacking import Place, form_of, places, snapshots
from billing.database import Db, batches
from billing.documents.keeping import NewDocument, document_of, keep
from billing.documents.models import PDF
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Telling
from billing.pdf.cms1500.printing import FormStack
from billing.relay import carry_out, look_up

OWNER, KIND = "errand", "claim forms"
"""The document's owner and kind."""
LISTED = 200
"""So many claims without a form are named in the result; their number is always whole."""
AT_ONCE = 50


def print_forms(means: Means, errand_id: int, facts: Mapping[str, Any], by: Actor, progress: Telling) -> dict[str, Any]:
    """Draw the forms of the claims ``facts`` name, and keep them; those that have none are told of, with the reason."""
    asked = look_up(means.database, lambda db: places(db, facts["claims"]))
    left_out = [_left_out(one, one.left_out) for one in asked if one.left_out]
    stack = FormStack(background=not facts["preprinted"], nudge_x_pt=facts["right"], nudge_y_pt=facts["down"])
    drawn: list[Place] = []
    progress.tell("Drawing claim forms", len(left_out), len(asked))
    for some in batches([one for one in asked if not one.left_out], AT_ONCE):
        fit, unfit = _drawn(means, stack, some)
        drawn += fit
        left_out += unfit
        progress.tell("Drawing claim forms", len(drawn) + len(left_out), len(asked))
    document_id = _kept(means, errand_id, stack, drawn, by) if drawn else None
    return {
        "asked": len(asked),
        "forms": len(drawn),
        "sheets": stack.sheets,
        "preprinted": facts["preprinted"],
        "document": document_id,
        "without": len(left_out),
        "left_out": left_out[:LISTED],
    }


def _drawn(means: Means, stack: FormStack, some: Sequence[Place]) -> tuple[list[Place], list[dict[str, Any]]]:
    """Draw some of the forms; gives those that are on the stack, and what is told of the others."""
    frozen = look_up(means.database, lambda db: snapshots(db, some))
    fit, unfit = [], []
    for one in some:
        try:
            stack.add(form_of(frozen[one.claim_id]))
        except ValueError as error:
            why, _, _ = str(error).partition("\n")
            unfit.append(_left_out(one, f"What was filed does not go onto the form: {why}."))
        else:
            fit.append(one)
    return fit, unfit


def _left_out(one: Place, why: str) -> dict[str, Any]:
    return {"id": one.claim_id, "number": one.control_number, "why": why}


def _kept(means: Means, errand_id: int, stack: FormStack, drawn: Sequence[Place], by: Actor) -> int:
    content = stack.pdf()
    name = f"claim-forms-{errand_id}.pdf"
    made = NewDocument(OWNER, errand_id, KIND, name, PDF, means.documents.put(content), len(content))

    def name_it(db: Db) -> int:
        at = clock.now()
        keep(db, [made], at)
        for one in drawn:
            record(db, by, "claim form printed", Subject("claim", str(one.claim_id)), at, {"errand": errand_id})
        return document_of(db, OWNER, errand_id, KIND).id

    return carry_out(means.database, name_it)
