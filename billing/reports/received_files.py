"""Files that came from outside, what they are, and what those that answer claims said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, Select, func, select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimAnswer, Verdict
from billing.database import Db
from billing.documents.models import Document, ReceivedFile
from billing.documents.receiving import OWNER_KIND
from billing.errors import NotFound
from billing.remittances.acknowledging import PAYMENT_FILE

FILES_AT_ONCE = 50
ANSWERS_AT_ONCE = 100
_KINDS = {
    "999": "999, file acknowledgement",
    "997": "997, file acknowledgement",
    "TA1": "TA1, interchange acknowledgement",
    "277CA": "277CA, claim acknowledgement",
    "277": "277, claim status",
    "271": "271, answer about coverage",
    "835": "835, payment advice",
    "837": "837, claim file",
    "unknown": "Not an X12 file",
}


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file that came from outside."""

    id: int
    name: str
    sha256: str
    size: int
    """Bytes."""
    received_at: datetime
    kind: str
    said: Mapping[Verdict, int]
    """How many claims it said what of, as far as nothing else had said the same before."""

    @property
    def kind_in_words(self) -> str:
        """What kind of file it is."""
        return _KINDS.get(self.kind, f"{self.kind}, which nothing here reads")

    @property
    def is_payment(self) -> bool:
        """Whether it is a payment advice."""
        return self.kind == PAYMENT_FILE


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page of a list of files."""

    rows: Sequence[FileSeen]
    older: int | None
    """Where the next page begins; ``None`` on the last one."""


def answer_files(db: Db, before: int | None = None) -> FilePage:
    """Received files that are no payments, newest first; ``before`` continues a list behind that file."""
    older = [] if before is None else [ReceivedFile.id < before]
    found = db.execute(
        _files().where(Document.kind != PAYMENT_FILE, *older).order_by(ReceivedFile.id.desc()).limit(FILES_AT_ONCE + 1)
    ).all()
    shown = found[:FILES_AT_ONCE]
    said = _said(db, [file.id for file, _ in shown])
    rows = [_seen(row, said) for row in shown]
    return FilePage(rows, rows[-1].id if len(found) > FILES_AT_ONCE else None)


def file_seen(db: Db, file_id: int) -> FileSeen:
    """One received file. Raises :class:`NotFound`."""
    found = db.execute(_files().where(ReceivedFile.id == file_id)).one_or_none()
    if found is None:
        raise NotFound(f"There is no received file {file_id}.")
    return _seen(found, _said(db, [file_id]))


def _files() -> Select[ReceivedFile, str]:
    # What we answered to a file is a document of the same owner; its own bytes tell which one is the file itself.
    own = (
        (Document.owner_kind == OWNER_KIND)
        & (Document.owner_id == ReceivedFile.id)
        & (Document.sha256 == ReceivedFile.sha256)
    )
    return select(ReceivedFile, Document.kind).join(Document, own)


def _seen(row: Row[ReceivedFile, str], said: Mapping[int, Mapping[Verdict, int]]) -> FileSeen:
    file, kind = row
    return FileSeen(file.id, file.file_name, file.sha256, file.size, file.received_at, kind, said.get(file.id, {}))


def _said(db: Db, file_ids: Sequence[int]) -> dict[int, dict[Verdict, int]]:
    rows = db.execute(
        select(ClaimAnswer.file_id, ClaimAnswer.verdict, func.count(ClaimAnswer.claim_id.distinct()))
        .where(ClaimAnswer.file_id.in_(file_ids))
        .group_by(ClaimAnswer.file_id, ClaimAnswer.verdict)
    )
    said: dict[int, dict[Verdict, int]] = defaultdict(dict)
    for file_id, verdict, count in rows:
        said[file_id][verdict] = count
    return said


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What a file said of one claim."""

    id: int
    claim_id: int
    control_number: str
    state: ClaimState
    """Where the claim stands today."""
    kind: str
    code: str
    verdict: Verdict
    said_on: date | None
    why: str


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """A page of what a file said."""

    rows: Sequence[AnswerRow]
    further: int | None
    """Where the next page begins; ``None`` on the last one."""


def answers_in(db: Db, file_id: int, after: int = 0) -> AnswerPage:
    """What a file said of claims, in its order; ``after`` continues a list behind that answer."""
    rows = db.execute(
        select(
            ClaimAnswer.id,
            ClaimAnswer.claim_id,
            Claim.control_number,
            Claim.state,
            ClaimAnswer.kind,
            ClaimAnswer.code,
            ClaimAnswer.verdict,
            ClaimAnswer.said_on,
            ClaimAnswer.why,
        )
        .join(Claim, Claim.id == ClaimAnswer.claim_id)
        .where(ClaimAnswer.file_id == file_id, ClaimAnswer.id > after)
        .order_by(ClaimAnswer.id)
        .limit(ANSWERS_AT_ONCE + 1)
    ).all()
    shown = [AnswerRow(*row) for row in rows[:ANSWERS_AT_ONCE]]
    return AnswerPage(shown, shown[-1].id if len(rows) > ANSWERS_AT_ONCE else None)
