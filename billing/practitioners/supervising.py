"""Who supervises whose treatments: entering it, and what of it is asked where a payer wants supervision.

Medicare pays for an acupuncturist's work only as incident to that of a physician or another professional it enrols,
under the supervision that 42 CFR 410.26 asks for (CMS NCD 30.3.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block, warn
from billing.payers.models import Payer
from billing.payers.queries import payer_with_id
from billing.practitioners.models import Practitioner, Supervision
from billing.practitioners.queries import full_name, practitioner_with_id


@dataclass(frozen=True, slots=True)
class SupervisionDetails:
    """Who supervises, for whom and when."""

    supervisor_id: int
    payer_id: int | None
    """Empty for every payer that wants supervision."""
    starts_on: date
    ends_on: date | None = None
    attested_on: date | None = None
    """When the supervisor attested it in writing."""


def supervision_details_of(one: Supervision) -> SupervisionDetails:
    """What is on file of it."""
    return SupervisionDetails(one.supervisor_id, one.payer_id, one.starts_on, one.ends_on, one.attested_on)


def in_force(supervisions: Iterable[Supervision], payer_id: int, on: date) -> list[Supervision]:
    """Those that hold on the day for that payer; what is for this payer alone stands first, then what began last."""
    found = [
        one
        for one in supervisions
        if one.payer_id in (None, payer_id) and one.starts_on <= on and (one.ends_on is None or on <= one.ends_on)
    ]
    return sorted(found, key=lambda one: (one.payer_id is None, -one.starts_on.toordinal(), one.id))


def proposed_supervisor(supervisions: Iterable[Supervision], payer_id: int, on: date) -> int | None:
    """Who is taken to supervise on the day unless somebody says otherwise: attested before only agreed."""
    found = sorted(in_force(supervisions, payer_id, on), key=lambda one: one.attested_on is None)
    return found[0].supervisor_id if found else None


def supervision_problems(
    treating: Practitioner,
    supervisor: Practitioner,
    supervisions: Sequence[Supervision],
    payer: Payer,
    on: date,
    where: str,
) -> list[Problem]:
    """Whether this supervision is on file for the day, and attested.

    Where nobody's supervision of this practitioner was ever entered, that is told and stops nothing: it may be kept
    on paper. Once it is kept here, what is not in force or not attested stops the claim.
    """
    names = f"{full_name(supervisor)} supervises {full_name(treating)}"
    person = f"practitioner:{treating.id}"
    if not supervisions:
        fix = "Enter the supervision with its first day, and when it was attested."
        return [warn("supervision.unrecorded", f"That {names} is not on file.", fix, person)]
    theirs = [one for one in in_force(supervisions, payer.id, on) if one.supervisor_id == supervisor.id]
    if not theirs:
        fix = "Name who did supervise, or correct the days of the supervision."
        return [block("supervision.not_in_force", f"That {names} is not on file for {on}.", fix, where or person)]
    if all(one.attested_on is None for one in theirs):
        fix = "Have the supervisor sign it, and enter the day."
        return [block("supervision.not_attested", f"That {names} is agreed and not attested yet.", fix, person)]
    return []


def supervisions_of(db: Db, practitioner_id: int) -> Sequence[Supervision]:
    """By whom a practitioner is or was supervised, the latest first."""
    theirs = select(Supervision).where(Supervision.practitioner_id == practitioner_id)
    return db.scalars(theirs.order_by(Supervision.starts_on.desc(), Supervision.id)).all()


def supervision_with_id(db: Db, supervision_id: int) -> Supervision:
    """The supervision of that number. Raises :class:`NotFound`."""
    found = db.get(Supervision, supervision_id)
    if found is None:
        raise NotFound(f"There is no supervision {supervision_id}.")
    return found


def add_supervision(db: Db, practitioner_id: int, details: SupervisionDetails) -> Supervision:
    """Put on file who supervises a practitioner. Raises :class:`NotFound`, :class:`Refused` with every reason."""
    practitioner_with_id(db, practitioner_id)
    made = Supervision(practitioner_id=practitioner_id)
    return _keep(db, made, details)


def edit_supervision(db: Db, supervision_id: int, details: SupervisionDetails) -> Supervision:
    """Correct, end or attest a supervision. Raises :class:`NotFound`, :class:`Refused` with every reason."""
    return _keep(db, supervision_with_id(db, supervision_id), details)


def _keep(db: Db, kept: Supervision, details: SupervisionDetails) -> Supervision:
    practitioner_with_id(db, details.supervisor_id)
    if details.payer_id is not None:
        payer_with_id(db, details.payer_id)
    hold_lock(db, f"supervision:{kept.practitioner_id}")
    problems = _problems(db, kept, details)
    if problems:
        raise Refused(" ".join(one.why for one in problems), problems)
    kept.supervisor_id, kept.payer_id = details.supervisor_id, details.payer_id
    kept.starts_on, kept.ends_on, kept.attested_on = details.starts_on, details.ends_on, details.attested_on
    db.add(kept)
    db.flush()
    return kept


def _problems(db: Db, kept: Supervision, details: SupervisionDetails) -> list[Problem]:
    problems = []
    if details.supervisor_id == kept.practitioner_id:
        why = "Nobody supervises their own treatments."
        problems.append(block("supervision.own", why, "Choose somebody else.", "field:supervisor"))
    if details.ends_on is not None and details.ends_on < details.starts_on:
        why = f"It would end on {details.ends_on}, before it begins on {details.starts_on}."
        problems.append(block("supervision.dates", why, "Correct one of the two days.", "field:ends_on"))
    payer_id = Supervision.payer_id
    same_payer = payer_id.is_(None) if details.payer_id is None else payer_id == details.payer_id
    others = select(Supervision).where(
        Supervision.practitioner_id == kept.practitioner_id,
        Supervision.supervisor_id == details.supervisor_id,
        same_payer,
        Supervision.id != (kept.id or 0),
        or_(Supervision.ends_on.is_(None), Supervision.ends_on >= details.starts_on),
    )
    for other in db.scalars(others):
        if details.ends_on is None or other.starts_on <= details.ends_on:
            why = f"The same supervision is on file from {other.starts_on} already."
            problems.append(block("supervision.overlap", why, "Correct that one instead.", "field:starts_on"))
    return problems
