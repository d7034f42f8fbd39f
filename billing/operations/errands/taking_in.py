"""The errands ``remit``, ``answers`` and ``fetch``: files from payers and clearinghouses are sorted and taken in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.database import Db, batches
from billing.documents.models import ReceivedFile
from billing.documents.receiving import name_of
from billing.errors import Refused
from billing.operations.answers import read_answers
from billing.operations.coming_files import ComingFile, StoredFile, sorted_by_kind
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Progress
from billing.operations.remitting import Report, take_in_payments
from billing.relay import look_up
from billing.remittances.advising import reasons_in_words
from billing.remittances.incoming import Fate, Judged

_AT_ONCE = 500
_UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
"""What the names of files end with that somebody is still writing."""


def take_in_files(means: Means, files: Sequence[Mapping[str, str]], progress: Progress) -> dict[str, Any]:
    """Take in files that are in the document store; the result says what became of each answer and payment."""
    coming: list[ComingFile] = [StoredFile(one["name"], one["sha256"], means.documents) for one in files]
    sorted_ = sorted_by_kind(coming)
    counted = _Counted(progress, len(sorted_.answers))
    answers = read_answers(means.database, means.documents, sorted_.answers, counted.answers_read)
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
        "matched": _alike(answers["matched"], look_up(means.database, lambda db: _claim_ids(db, answers["matched"]))),
        "unmatched": answers["unmatched"],
        "payments": [_payment(file, judged) for file, judged in report.judged],
        "failures": report.failures,
    }


@dataclass(slots=True)
class _Counted:
    """Turns both counts into words."""

    progress: Progress
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


def find_in_inbox(means: Means, progress: Progress) -> list[dict[str, str]]:
    """Keep every file of the inbox that has never come before; their names and hashes, in the order of names.

    Raises :class:`Refused` when the folder or one of its files cannot be read.
    """
    found: dict[str, Path] = {}
    paths = _paths_in(means.inbox)
    for done, path in enumerate(paths, start=1):
        progress.tell("Looking through the inbox", done, len(paths))
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Refused(
                f"{name_of(path)} in the inbox cannot be read: {error.strerror}. Mend it and repeat."
            ) from None
        found.setdefault(hashlib.sha256(content).hexdigest(), path)
    known = look_up(means.database, lambda db: _known(db, list(found)))
    return [_kept(means, path) for sha256, path in found.items() if sha256 not in known]


def _paths_in(inbox: Path) -> list[Path]:
    try:
        paths = sorted(inbox.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Refused(f"The inbox {inbox} cannot be looked into: {error.strerror}. Mend it and repeat.") from None
    return [
        path
        for path in paths
        if not path.name.startswith(".") and path.suffix.lower() not in _UNFINISHED and path.is_file()
    ]


def _kept(means: Means, path: Path) -> dict[str, str]:
    try:
        return {"name": name_of(path), "sha256": means.documents.put(path.read_bytes())}
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> Refused:
    return Refused(f"{name_of(path)} in the inbox cannot be read: {error.strerror}. Mend it and repeat.")


def _known(db: Db, sha256s: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for some in batches(sha256s, _AT_ONCE):
        known.update(db.scalars(select(ReceivedFile.sha256).where(ReceivedFile.sha256.in_(some))))
    return known
