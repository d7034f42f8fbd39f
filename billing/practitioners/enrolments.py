"""A practitioner's standing with payers: entering and correcting it. A day belongs to one entry only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from billing.database import Db, hold_lock
from billing.errors import Problem, Refused, block
from billing.payers.queries import payer_with_id
from billing.practitioners.models import Enrolment, Network
from billing.practitioners.queries import enrolment_with_id, practitioner_with_id


@dataclass(frozen=True, slots=True)
class EnrolmentDetails:
    """What a payer confirmed of a practitioner."""

    payer_id: int
    network: Network
    effective_from: date
    effective_to: date | None = None
    """The last day; empty while it goes on."""
    place_id: int | None = None
    """The one place of work it holds for; empty for all of them."""
    identifier: str = ""
    """What the payer calls the practitioner."""
    recredential_by: date | None = None
    """By this day the payer wants the practitioner looked into again."""


def enrolment_details_of(enrolment: Enrolment) -> EnrolmentDetails:
    """What is on file of an enrolment."""
    return EnrolmentDetails(
        enrolment.payer_id, enrolment.network, enrolment.effective_from, enrolment.effective_to, enrolment.place_id,
        enrolment.identifier or "", enrolment.recredential_by,
    )  # fmt: skip


def add_enrolment(db: Db, practitioner_id: int, details: EnrolmentDetails) -> Enrolment:
    """Put a practitioner's standing with a payer on file.

    Raises :class:`NotFound` for an unknown practitioner or payer, :class:`Refused` with every reason.
    """
    practitioner_with_id(db, practitioner_id)
    payer_with_id(db, details.payer_id)
    _refuse_any(_problems(db, practitioner_id, details))
    made = Enrolment(practitioner_id=practitioner_id, payer_id=details.payer_id)
    _write(made, details)
    db.add(made)
    db.flush()
    return made


def edit_enrolment(db: Db, enrolment_id: int, details: EnrolmentDetails) -> Enrolment:
    """Correct or end an enrolment. Its payer stays: another payer's is another enrolment.

    Raises :class:`NotFound` for an unknown one, :class:`Refused` with every reason.
    """
    enrolment = enrolment_with_id(db, enrolment_id)
    problems = list(_problems(db, enrolment.practitioner_id, details, but=enrolment.id))
    if details.payer_id != enrolment.payer_id:
        why, fix = "The payer of an enrolment cannot be changed.", "End this one, and add the other payer's."
        problems.append(block("enrolment.payer", why, fix, "field:payer"))
    _refuse_any(problems)
    _write(enrolment, details)
    db.flush()
    return enrolment


def _write(enrolment: Enrolment, details: EnrolmentDetails) -> None:
    enrolment.network = details.network
    enrolment.effective_from, enrolment.effective_to = details.effective_from, details.effective_to
    enrolment.place_id, enrolment.recredential_by = details.place_id, details.recredential_by
    enrolment.identifier = " ".join(details.identifier.split()) or None


def _problems(db: Db, practitioner_id: int, details: EnrolmentDetails, but: int | None = None) -> Iterator[Problem]:
    hold_lock(db, f"enrolments:{practitioner_id}")
    same = (Enrolment.practitioner_id == practitioner_id, Enrolment.payer_id == details.payer_id)
    others = db.scalars(select(Enrolment).where(*same).order_by(Enrolment.effective_from))
    yield from enrolment_span_problems(details, [one for one in others if one.id != but])


def enrolment_span_problems(details: EnrolmentDetails, others: Iterable[Enrolment]) -> Iterator[Problem]:
    """What is wrong with the days, beside the ``others`` of the same practitioner and payer."""
    if details.effective_to is not None and details.effective_to < details.effective_from:
        why = f"It would end on {details.effective_to}, before it begins on {details.effective_from}."
        yield block("enrolment.dates", why, "Correct one of the two days.", "field:effective_to")
    if details.recredential_by is not None and details.recredential_by <= details.effective_from:
        why = "Nobody is looked into again before the enrolment begins."
        yield block("enrolment.dates", why, "Correct one of the two days.", "field:recredential_by")
    for one in others:
        ends, their_end = details.effective_to or date.max, one.effective_to or date.max
        if details.effective_from > their_end or one.effective_from > ends:
            continue
        if None not in (one.place_id, details.place_id) and one.place_id != details.place_id:
            continue
        span = f"from {one.effective_from} " + (f"to {one.effective_to}" if one.effective_to else "on")
        why = f"{'In' if one.network is Network.IN else 'Out of'} network is on file {span} already."
        fix = "End that one before this one begins" + (
            f", or begin on {one.effective_to + timedelta(days=1)}." if one.effective_to else "."
        )
        yield block("enrolment.overlap", why, fix, "field:effective_from")


def _refuse_any(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise Refused(" ".join(problem.why for problem in found), found)
