"""What happens if a credential lapses: sessions booked after it, claims that wait or would, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from billing.charges.models import Charge
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimProblem
from billing.clinic.models import Clinic, PlaceOfWork, Room
from billing.database import Db
from billing.errors import Severity
from billing.practitioners.lapsing import Held
from billing.practitioners.models import Credential, CredentialKind
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession

_LATELY = timedelta(days=180)
_STOPS = {CredentialKind.LICENCE: "licence.", CredentialKind.EXCLUSION_CHECK: "exclusion."}
"""The family of rules that stop a claim for want of it; want of any other kind warns."""
CONSEQUENCES = {
    CredentialKind.LICENCE: "Nothing can be signed or billed for later days in {issuer}, and booking says so.",
    CredentialKind.CERTIFICATION: "Nothing stops here. A state or payer that asks for it may end what rests on it.",
    CredentialKind.MALPRACTICE: "Booking, signing and claims warn: no cover on file answers for later treatment.",
    CredentialKind.CPR: "Nothing stops here. A board that asks for it may not renew the licence.",
    CredentialKind.NEEDLE_TECHNIQUE: "Nothing stops here. A board that asks for it may not renew the licence.",
    CredentialKind.ATTESTATION: "Claims to commercial payers warn: a lapsed profile stalls or ends participation.",
    CredentialKind.EXCLUSION_CHECK: "Claims warn that nobody has looked for a month. A match on a list stops them.",
    CredentialKind.MEMBERSHIP: "Booking and signing warn. Insurance or exemptions that come with it may end.",
    CredentialKind.REGISTRATION: "Booking and signing warn: where it is asked for, treating without it is an offence.",
    CredentialKind.PREMISES: "Booking and signing warn: where it is asked for, treating there is an offence.",
    CredentialKind.TRAINING: "Nothing stops here.",
}
"""What its lapse does, by kind."""


def consequence_of(one: Credential) -> str:
    """What its lapse does; that of a licence only in the state that gave it."""
    return CONSEQUENCES[one.kind].format(issuer=one.issuer)


@dataclass(frozen=True, slots=True)
class Lapse:
    """What hangs on a credential's last day."""

    after: date
    """Its last day, renewals included."""
    booked: int
    """Sessions planned for later days that need it."""
    first_on: date | None
    insured: int
    """How many of them go to insurance."""
    expected_cents: int
    """What they are expected to be charged at, by the practitioner's average of late."""
    averaged: int
    """Of how many sessions that average is."""
    unbilled: int
    """Sessions signed for later days that nothing bills yet."""
    held: int
    """Claims that wait because of a credential of its kind now."""
    held_cents: int


def lapse_of(db: Db, clinic: Clinic, one: Held, after: date, today: date) -> Lapse:
    """What would happen if it were not renewed; four queries."""
    concerned = _concerned(clinic, one)
    begins = max(after + timedelta(days=1), today)
    planned = ClinicSession.state.in_((SessionState.BOOKED, SessionState.ARRIVED))
    is_insured = func.count().filter(ClinicSession.bill_to == BillTo.INSURANCE)
    booked, first_on, insured = db.execute(
        _sessions(func.count(), func.min(ClinicSession.service_on), is_insured).where(
            planned, ClinicSession.service_on >= begins, *concerned
        )
    ).one()
    unbilled = db.scalar(
        _sessions(func.count()).where(ClinicSession.awaits_billing, ClinicSession.service_on > after, *concerned)
    )
    cents, averaged = db.execute(
        _sessions(func.sum(Charge.cents), func.count(ClinicSession.id.distinct()))
        .join(Charge, Charge.session_id == ClinicSession.id)
        .where(Charge.reversed_at.is_(None), ClinicSession.service_on >= today - _LATELY, *concerned)
    ).one()
    held, held_cents = _held(db, one, concerned)
    expected = int(cents) * booked // averaged if averaged else 0
    return Lapse(after, booked, first_on, insured, expected, averaged, unbilled or 0, held, held_cents)


def _sessions(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(ClinicSession)
        .outerjoin(Room, Room.id == ClinicSession.room_id)
        .outerjoin(PlaceOfWork, PlaceOfWork.id == Room.place_id)
    )


def _concerned(clinic: Clinic, one: Held) -> list[ColumnElement[bool]]:
    """The sessions that need it: its holder's, of a licence those in its state, of premises those at the place."""
    found: list[ColumnElement[bool]] = []
    last = one.entries[-1]
    if one.practitioner_id is not None:
        found.append(ClinicSession.practitioner_id == one.practitioner_id)
    else:
        found.append(Room.place_id == last.place_id if last.place_id is not None else Room.place_id.is_(None))
    if one.kind is CredentialKind.LICENCE:
        state = one.issuer.strip().upper()
        there = func.upper(PlaceOfWork.state) == state
        found.append(or_(Room.place_id.is_(None), there) if clinic.state.strip().upper() == state else there)
    return found


def _held(db: Db, one: Held, concerned: list[ColumnElement[bool]]) -> tuple[int, int]:
    family = _STOPS.get(one.kind)
    if family is None:
        return 0, 0
    stopped = select(ClaimProblem.claim_id).where(
        ClaimProblem.severity == Severity.BLOCK, ClaimProblem.rule.startswith(family)
    )
    number, cents = db.execute(
        _sessions(func.count(), func.sum(Claim.total_cents))
        .join(Claim, Claim.session_id == ClinicSession.id)
        .where(Claim.state == ClaimState.HELD, Claim.id.in_(stopped), *concerned)
    ).one()
    return number, int(cents or 0)
