"""A person says what became of a file of which nobody knew whether it arrived.

Nothing here sends anything, and nothing else may send such a file again: only somebody who has asked the clearinghouse
can say that it did not arrive. A file arrives as a whole or not at all, so what is said of one of its claims holds for
all that went with it; and what a payer has answered about one of them outweighs what anybody thinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimFile, FileState
from billing.claims.moving import move
from billing.claims.queries import claim_by_id
from billing.database import Db
from billing.errors import Conflict, Refused, block


def found(db: Db, claim_ids: Sequence[int], by: str, why: str, at: datetime) -> int:
    """Say that the files of these claims of unknown fate arrived; returns how many claims are *sent* by that.

    Raises :class:`NotFound`, :class:`Refused` when one of them is not of unknown fate or no reason is given, and
    :class:`Conflict` when its file has been moved on.
    """
    check_reason(why)
    files = _files(db, claim_ids)
    for file in files:
        file.state, file.sent_at = FileState.SENT, file.taken_at
    return _move_all(db, files, ClaimEvent.FOUND, by, why, at)


def missed(db: Db, claim_ids: Sequence[int], by: str, why: str, at: datetime) -> int:
    """Say that the files of these claims of unknown fate did not arrive; returns how many claims are *ready* again.

    Each file waits to be handed over once more, under the same name and with the same bytes. Raises what :func:`found`
    does, and :class:`Refused` too when something was heard of another claim of the file, which therefore arrived.
    """
    check_reason(why)
    files = _files(db, claim_ids)
    for file in files:
        _check_unheard(db, file)
        file.state, file.sent_at = FileState.PREPARED, None
    return _move_all(db, files, ClaimEvent.MISSED, by, why, at)


def check_reason(why: str) -> None:
    """Raises :class:`Refused` when there is none."""
    if not why.strip():
        problem = block("reason.missing", "No reason is given.", "Say how it is known.", "field:why")
        raise Refused("A reason is needed.", [problem])


def _files(db: Db, claim_ids: Sequence[int]) -> list[ClaimFile]:
    """The files these claims went in, held until the transaction ends."""
    claims = [claim_by_id(db, claim_id) for claim_id in claim_ids]
    for claim in claims:
        if claim.state is not ClaimState.UNKNOWN or claim.file_id is None:
            raise Refused(f"Claim {claim.control_number} is {claim.state}; there is nothing to find out about it.")
    wanted = select(ClaimFile).where(ClaimFile.id.in_({claim.file_id for claim in claims}))
    files = list(db.scalars(wanted.order_by(ClaimFile.id).with_for_update()))
    for file in files:
        if file.state is not FileState.UNKNOWN:
            raise Conflict(f"The file {file.name} is {file.state} by now. Look again.")
    return files


def _check_unheard(db: Db, file: ClaimFile) -> None:
    others = select(Claim).where(Claim.file_id == file.id, Claim.state != ClaimState.UNKNOWN).order_by(Claim.id)
    heard = db.scalars(others.limit(1)).one_or_none()
    if heard is not None:
        why = f"Claim {heard.control_number} of the same file is {heard.state}, so the file arrived."
        fix = "Say that it arrived. Sent again, every claim in it would be a duplicate."
        raise Refused(f"{why} {fix}", [block("claim.was_heard_of", why, fix, f"claim:{heard.id}")])


def _move_all(db: Db, files: Sequence[ClaimFile], event: ClaimEvent, by: str, why: str, at: datetime) -> int:
    together = select(Claim.id).where(Claim.file_id.in_([file.id for file in files]), Claim.state == ClaimState.UNKNOWN)
    claim_ids = db.scalars(together.order_by(Claim.id)).all()
    move(db, claim_ids, ClaimState.UNKNOWN, event, by=by, why=why.strip(), at=at)
    return len(claim_ids)
