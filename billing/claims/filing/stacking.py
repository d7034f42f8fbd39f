"""A stack of CMS-1500 forms to print: whose, in which order, and why some claim has none to be posted.

A form in a stack says what was filed, from the frozen version, so that the same stack is the same to the byte. A claim
that nobody has handed over yet is not in it: on paper and by file it would be claimed twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_

from billing.claims.content.paper_form import cms1500_of
from billing.claims.content.snapshot import SNAPSHOT
from billing.claims.lifecycle import SET_ASIDE, UNDELIVERED, UNFILED, ClaimState
from billing.claims.models import Claim, FiledVersion
from billing.database import Db, batches
from billing.payers.models import Payer
from billing.pdf.cms1500.form import Cms1500
from billing.sessions.models import ClinicSession

MOST = 2_000
"""Claims in one stack; four reams of paper."""
ORDER = "by payer, then date of service, then claim number"
"""In which order the forms lie, in words."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Place:
    """A claim's place in a stack."""

    claim_id: int
    control_number: str
    version: int
    """The last that was filed; nought when none was."""
    left_out: str
    """Why it has no form to be posted, in words; empty when it has one."""


def known(db: Db, claim_ids: Collection[int]) -> set[int]:
    """Those of the numbers that are claims'."""
    return set(db.scalars(select(Claim.id).where(Claim.id.in_(claim_ids))))


def places(db: Db, claim_ids: Collection[int]) -> list[Place]:
    """These claims in the order of a stack; what there is no claim of is passed over."""
    found: list[tuple[tuple[Any, ...], Place]] = []
    last = select(func.max(FiledVersion.version)).where(FiledVersion.claim_id == Claim.id).scalar_subquery()
    for some in batches(sorted(set(claim_ids)), _AT_ONCE):
        rows = db.execute(
            select(Claim, func.coalesce(Payer.name, ""), ClinicSession.service_on, func.coalesce(last, 0))
            .join(ClinicSession, ClinicSession.id == Claim.session_id)
            .outerjoin(Payer, Payer.id == Claim.payer_id)
            .where(Claim.id.in_(some))
        )
        for claim, payer, on, version in rows:
            place = Place(claim.id, claim.control_number, version, _why_not(claim.state, version))
            found.append(((payer.casefold(), claim.payer_id or 0, on, claim.control_number), place))
    return [place for _, place in sorted(found, key=lambda one: one[0])]


def _why_not(state: ClaimState, version: int) -> str:
    if state is ClaimState.UNKNOWN:
        return "Nobody knows whether it arrived. Settle that first, or it may be claimed twice."
    if state in UNFILED and not version:
        return "It has not been filed: what it says may still change."
    if state in UNDELIVERED:
        return "It is still on its way out. Its form can be printed once it has been handed over."
    if state in SET_ASIDE:
        return "It was set aside: nobody is to decide about it any more."
    return "" if version else "The payer before it passed it on by itself, and we filed nothing."


def snapshots(db: Db, some: Sequence[Place]) -> Mapping[int, dict[str, Any]]:
    """The frozen versions of these places, by claim."""
    which = tuple_(FiledVersion.claim_id, FiledVersion.version).in_([(one.claim_id, one.version) for one in some])
    return dict(db.execute(select(FiledVersion.claim_id, FiledVersion.snapshot).where(which)).all())


def form_of(snapshot: dict[str, Any]) -> Cms1500:
    """The form of a frozen version. Raises ``ValueError`` when it does not go onto one."""
    return cms1500_of(SNAPSHOT.validate_python(snapshot))
