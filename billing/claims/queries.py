"""What one asks about claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from billing.claims.lifecycle import SET_ASIDE, UNFILED, ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimAnswer, ClaimFile, ClaimMove, ClaimProblem, FileState
from billing.database import Db
from billing.errors import NotFound, Problem
from billing.sessions.models import ClinicSession


def is_filed() -> ColumnElement[bool]:
    """Whether a claim has been filed, or waits in a file, and no other has taken its place: its content is frozen."""
    return (Claim.state != ClaimState.REPLACED) & ~is_unfiled()


def is_unfiled() -> ColumnElement[bool]:
    """Whether a claim still follows its session's chart."""
    return Claim.state.in_(UNFILED) & Claim.file_id.is_(None)


def sessions_with_filed_claims() -> ColumnElement[bool]:
    """Whether a session has a claim that follows its chart no longer; for queries on sessions."""
    return _has_claim(is_filed())


def sessions_fixed_by_claims() -> ColumnElement[bool]:
    """Whether a claim has fixed what a session says: filed, and not come back rejected; for queries on sessions."""
    return _has_claim(is_filed() & (Claim.state != ClaimState.REJECTED))


def _has_claim(such: ColumnElement[bool]) -> ColumnElement[bool]:
    # Of the query around it only the session is meant, even where that asks for claims itself.
    return select(Claim.id).where(Claim.session_id == ClinicSession.id, such).correlate(ClinicSession).exists()


def problems_of(db: Db, claim_ids: Iterable[int]) -> dict[int, list[Problem]]:
    """What the last scrubbing found about each claim."""
    found: dict[int, list[Problem]] = defaultdict(list)
    for row in db.scalars(
        select(ClaimProblem)
        .where(ClaimProblem.claim_id.in_(list(claim_ids)))
        .order_by(ClaimProblem.claim_id, ClaimProblem.position)
    ):
        found[row.claim_id].append(Problem(row.rule, row.severity, row.why, row.fix, row.where))
    return found


def claim_by_control_number(db: Db, control_number: str) -> Claim:
    """The claim with that patient control number. Raises :class:`NotFound`."""
    claim = db.scalar(select(Claim).where(Claim.control_number == control_number))
    if claim is None:
        raise NotFound(f"There is no claim {control_number}.")
    return claim


def claim_by_id(db: Db, claim_id: int) -> Claim:
    """The claim of that number of ours. Raises :class:`NotFound`."""
    claim = db.get(Claim, claim_id)
    if claim is None:
        raise NotFound(f"There is no claim {claim_id}.")
    return claim


def in_place_of(db: Db, claim_ids: Iterable[int]) -> dict[int, Claim]:
    """For those of these claims for which another stands now, the other: the same session's on the same turn."""
    other = aliased(Claim)
    found = (
        select(Claim.id, other)
        .join(other, (other.session_id == Claim.session_id) & (other.responsibility == Claim.responsibility))
        .where(Claim.id.in_(list(claim_ids)), other.id != Claim.id, other.state.not_in(SET_ASIDE))
    )
    return dict(db.execute(found).all())


def history(db: Db, claim_id: int) -> Sequence[ClaimMove]:
    """Everything that happened to a claim, in order."""
    return db.scalars(select(ClaimMove).where(ClaimMove.claim_id == claim_id).order_by(ClaimMove.id)).all()


def answers_to(db: Db, claim_id: int) -> Sequence[ClaimAnswer]:
    """What acknowledgements and status reports said of a claim, in the order in which they were taken in."""
    return db.scalars(select(ClaimAnswer).where(ClaimAnswer.claim_id == claim_id).order_by(ClaimAnswer.id)).all()


@dataclass(frozen=True, slots=True)
class FileInDoubt:
    """A claim file of which nobody knows whether it arrived."""

    name: str
    taken_at: datetime | None
    """When it was handed over."""
    claim_id: int
    """The first of its claims of unknown fate; what is said of one holds for all."""
    claims: int
    """How many of them there are."""


def files_in_doubt(db: Db, limit: int = 20) -> list[FileInDoubt]:
    """Files of unknown fate with claims that wait to be found out about, oldest first."""
    rows = db.execute(
        select(ClaimFile.name, ClaimFile.taken_at, func.min(Claim.id), func.count())
        .join(Claim, (Claim.file_id == ClaimFile.id) & (Claim.state == ClaimState.UNKNOWN))
        .where(ClaimFile.state == FileState.UNKNOWN)
        .group_by(ClaimFile.id, ClaimFile.name, ClaimFile.taken_at)
        .order_by(ClaimFile.id)
        .limit(limit)
    )
    return [FileInDoubt(*row) for row in rows]


def is_any_on_its_way(db: Db) -> bool:
    """Whether a claim file is being sent, or was when its sender died, and nobody knows yet what became of it."""
    return db.scalar(select(ClaimFile.id).where(ClaimFile.state == FileState.SENDING).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class FilesNotTaken:
    """Claim files that the clearinghouse would not take, and that wait to be offered again."""

    count: int
    since: datetime
    """When the oldest was prepared."""
    tried_at: datetime
    """When one was last offered."""
    why: str
    """What was said then."""


def files_not_taken(db: Db) -> FilesNotTaken | None:
    """The files that were offered and not taken; ``None`` when there are none."""
    waits = (ClaimFile.state == FileState.PREPARED, ClaimFile.taken_at.is_not(None))
    asked = select(func.count(), func.min(ClaimFile.prepared_at), func.max(ClaimFile.taken_at)).where(*waits)
    count, since, tried_at = db.execute(asked).one()
    if since is None or tried_at is None:
        return None
    why = db.scalar(
        select(ClaimMove.why)
        .join(Claim, Claim.id == ClaimMove.claim_id)
        .join(ClaimFile, ClaimFile.id == Claim.file_id)
        .where(*waits, ClaimMove.event == ClaimEvent.RETURNED)
        .order_by(ClaimMove.id.desc())
        .limit(1)
    )
    return FilesNotTaken(count, since, tried_at, why) if why else None


def counts_by_state(db: Db) -> dict[ClaimState, int]:
    """How many claims there are in each state that has any."""
    return dict(db.execute(select(Claim.state, func.count()).group_by(Claim.state)).all())
