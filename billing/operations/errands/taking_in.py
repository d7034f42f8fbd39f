"""Files from payers and clearinghouses are sorted and taken in: the errands ``remit`` and ``answers``, and fetching."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.database import Db, batches
from billing.operations.answers import read_answers
from billing.operations.coming_files import ComingFile, StoredFile, sorted_by_kind
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Telling
from billing.operations.remitting import Report, take_in_payments
from billing.relay import look_up
from billing.remittances.advising import reasons_in_words
from billing.remittances.incoming import Fate, Judged

_AT_ONCE = 500


def take_in_files(means: Means, files: Sequence[Mapping[str, str]], progress: Telling) -> dict[str, Any]:
    """Take in files that are in the document store; the result says what became of each answer and payment."""
    coming: list[ComingFile] = [StoredFile(one["name"], one["sha256"], means.documents) for one in files]
    sorted_ = sorted_by_kind(coming)
    counted = _Counted(progress, len(sorted_.answers))
    answers = read_answers(means.database, means.documents, sorted_.answers, counted.answers_read)
    of_claims = [one for one in answers["matched"] if one["claim"] is not None]
    report = Report()
    if sorted_.payments:
        report = take_in_payments(
            means.database,
            means.documents,
            means.acknowledgements,
            means.file_settings,
            sorted_.payments,
            counted.payments_judged,
        )
    return {
        "files": [{"name": one["name"], "sha256": one["sha256"]} for one in files],
        "matched": _alike(of_claims, look_up(means.database, lambda db: _claim_ids(db, of_claims))),
        "questions": _questions([one for one in answers["matched"] if one["claim"] is None]),
        "unmatched": answers["unmatched"],
        "payments": [_payment(file, judged) for file, judged in report.judged],
        "failures": report.failures,
    }


@dataclass(slots=True)
class _Counted:
    """Turns both counts into words."""

    progress: Telling
    answer_files: int

    def answers_read(self, done: int) -> None:
        self.progress.tell("Reading answers to claims", done, self.answer_files)

    def payments_judged(self, done: int) -> None:
        self.progress.tell("Judging and posting payments", done)


def _claim_ids(db: Db, matched: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    numbers = {one["claim"] for one in matched}
    found: dict[str, int] = {}
    for some in batches(sorted(numbers), _AT_ONCE):
        found.update(db.execute(select(Claim.control_number, Claim.id).where(Claim.control_number.in_(some))).all())
    return found


def _alike(matched: Sequence[Mapping[str, Any]], ids: Mapping[str, int]) -> list[dict[str, Any]]:
    """What was said alike of several claims, once; rejected ones first, since somebody has to see to them."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for one in matched:
        alike.setdefault((one["file"], one["kind"], str(one["state"]), one["why"]), []).append(one["claim"])
    groups = [
        {
            "file": file,
            "kind": kind,
            "state": state,
            "why": why,
            "claims": [{"number": number, "id": ids.get(number)} for number in dict.fromkeys(numbers)],
        }
        for (file, kind, state, why), numbers in alike.items()
    ]
    return sorted(groups, key=lambda group: group["state"] != ClaimState.REJECTED.value)


def _questions(matched: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How many eligibility questions each file answered, and how many its payer would not."""
    counts = Counter((one["file"], one["state"]) for one in matched)
    return [{"file": file, "state": state, "count": count} for (file, state), count in sorted(counts.items())]


def _payment(file: str, judged: Judged) -> dict[str, Any]:
    fate = Fate.QUEUED if judged.waits else judged.fate
    return {
        "file": file,
        "fate": fate.value,
        "id": judged.remittance_id,
        "trace_number": judged.payment,
        "claims": judged.claims,
        "paid_cents": judged.paid_cents,
        "reasons": reasons_in_words(judged.why),
    }
