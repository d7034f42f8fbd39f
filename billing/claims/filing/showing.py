"""A claim to look at, on paper or as X12: as it was filed, or as it would be filed now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from billing.claims.content.snapshot import SNAPSHOT, FiledClaim
from billing.claims.filing.composing import composed, on_file
from billing.claims.filing.forms import KIND as FORM
from billing.claims.lifecycle import UNFILED, ClaimState
from billing.claims.models import Claim, ClaimFile, FiledVersion
from billing.claims.queries import claim_by_id
from billing.database import Db
from billing.documents.models import Document
from billing.errors import Refused
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession


@dataclass(frozen=True, slots=True)
class Shown:
    """What a claim says."""

    claim: Claim
    filed: FiledClaim
    file: ClaimFile | None
    """The file it was written into; ``None`` for a draft."""

    @property
    def is_draft(self) -> bool:
        """Whether it is only what would be filed now."""
        return self.file is None


def shown(db: Db, claim_id: int, today: date) -> Shown:
    """The last filed version of a claim; of one that was never filed, what it would say if it were filed ``today``.

    Raises :class:`NotFound`, and :class:`Refused` when there is nothing to show: it says why.
    """
    claim = claim_by_id(db, claim_id)
    last = db.execute(
        select(FiledVersion.snapshot, ClaimFile)
        .join(ClaimFile, ClaimFile.id == FiledVersion.file_id)
        .where(FiledVersion.claim_id == claim.id)
        .order_by(FiledVersion.version.desc())
        .limit(1)
    ).one_or_none()
    if last is not None:
        return Shown(claim, SNAPSHOT.validate_python(last[0]), last[1])
    if claim.state is ClaimState.REPLACED:
        raise _nothing(claim, "it was set aside, and we filed nothing")
    if claim.state not in UNFILED:
        raise _nothing(claim, "the payer before it passed it on by itself, and we filed nothing")
    return Shown(claim, _as_of_now(db, claim, today), None)


def kept_form(db: Db, claim_id: int) -> Document | None:
    """The CMS-1500 that was drawn of the last filed version, if it has been drawn yet."""
    own = (Document.owner_kind == "claim", Document.owner_id == claim_id, Document.kind == FORM)
    return db.scalars(select(Document).where(*own).order_by(Document.version.desc()).limit(1)).one_or_none()


def _as_of_now(db: Db, claim: Claim, today: date) -> FiledClaim:
    session = db.get_one(ClinicSession, claim.session_id)
    if session.state is not SessionState.SIGNED:
        raise _nothing(claim, f"its session is {session.state}")
    known = on_file(db, [claim], [session.patient_id], max(today, session.service_on))
    if not known.charges[session.id]:
        raise _nothing(claim, "nothing is charged for its session yet")
    if not known.is_in_turn(claim):
        raise _nothing(claim, "the payer before it has not decided every charge")
    try:
        return composed(claim, known)
    except ValueError as error:
        raise _nothing(claim, str(error)) from None


def _nothing(claim: Claim, why: str) -> Refused:
    return Refused(f"Claim {claim.control_number} cannot be shown as it would be filed: {why}.")
