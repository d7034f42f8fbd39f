"""The errand ``codes``: a code set is loaded from files that are in the document store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from billing import clock
from billing.audit.recording import Actor
from billing.codes.sets.kinds import SetKind
from billing.documents.keeping import NewDocument, keep
from billing.errors import Refused
from billing.operations.code_sets.loading import Loading, load
from billing.operations.code_sets.unpacking import sent_document
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Progress
from billing.relay import carry_out

_BYTES = "application/octet-stream"
OWNER, SENT = "errand", "code set"
"""Owner and kind of the files that were sent."""


def load_codes(means: Means, errand_id: int, facts: Mapping[str, Any], by: Actor, progress: Progress) -> dict[str, Any]:
    """Load a set, whole or not at all. Raises what :func:`billing.operations.code_sets.loading.load` raises."""
    if means.code_folder is None:
        raise Refused("This installation keeps no code sets.")
    sent = [sent_document(one["name"], one["sha256"], means.documents) for one in facts["files"]]
    documents = [
        NewDocument(OWNER, errand_id, SENT, one["name"], _BYTES, one["sha256"], one["size"], version)
        for version, one in enumerate(facts["files"], 1)
    ]
    asked = date.fromisoformat(facts["from"]) if facts.get("from") else None
    report = load(means.database, means.code_folder, Loading(SetKind(facts["kind"]), sent, asked, by), progress)
    carry_out(means.database, lambda db: keep(db, documents, clock.now()))
    return report
