"""A payer on stage: its decisions, written and booked as a posted remittance would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count

import sqlalchemy as sa

from billing.charges.models import Charge
from billing.claims.models import AdjudicatedLine, Adjudication, Claim, Responsibility
from billing.codes.adjustments import Effect, reason
from billing.database import Db
from billing.documents.models import ReceivedFile
from billing.ledger.accounts import adjusted, deposit, money_received, owed_by_insurance, owed_by_patient
from billing.ledger.models import Entry
from billing.ledger.posting import Line, NewEntry, post, reverse
from billing.remittances.models import Remittance, RemittanceState
from billing.sessions.models import ClinicSession
from tests.factories import written

Cas = tuple[str, str, int]
"""Group, reason and cents of an adjustment."""
_ACCOUNT = {"CO": "contractual", "PI": "payer", "OA": "other"}
_numbers = count(1)


def at_noon(on: date) -> datetime:
    """An instant of that day, at the clinic as well."""
    return datetime(on.year, on.month, on.day, 20, tzinfo=UTC)


def charges_of(db: Db, session: ClinicSession) -> list[Charge]:
    """The session's standing charges, in order."""
    standing = sa.select(Charge).where(Charge.session_id == session.id, Charge.reversed_at.is_(None))
    return list(db.scalars(standing.order_by(Charge.position)))


def decide(
    db: Db,
    session: ClinicSession,
    adjustments: Mapping[int, Sequence[Cas]],
    on: date,
    *,
    patient_owes: bool = True,
    trace: str = "88001",
    remarks: Sequence[str] = (),
) -> str:
    """The payer pays all of the session's charges but these adjustments, by position; returns the decision's source.

    Denied amounts stay with the insurer. With ``patient_owes`` false the patient's share does too, for a further payer.
    """
    claim = db.scalars(
        sa.select(Claim).where(Claim.session_id == session.id, Claim.responsibility == Responsibility.PRIMARY)
    ).one()
    charges = charges_of(db, session)
    made = [(one, tuple(adjustments.get(one.position, ()))) for one in charges]
    paid = sum(one.cents - sum(cas[2] for cas in lines) for one, lines in made)
    remittance = _remittance(db, paid, on, trace)
    source = f"remittance:{remittance.id}:claim:1"
    of_patient = sum(cas[2] for _, lines in made for cas in lines if cas[0] == "PR")
    written(
        db,
        Adjudication(
            source=source, claim_id=claim.id, decided_on=on, status_code="1", payer_claim_number="EX-1",
            charge_cents=claim.total_cents, paid_cents=paid, patient_cents=of_patient, is_denial=paid == 0,
            remarks=list(remarks), posted_at=at_noon(on), reversed_at=None,
        ),
    )  # fmt: skip
    for position, (charge, lines) in enumerate(made, start=1):
        _decide_line(db, source, position, session, charge, lines, on, patient_owes=patient_owes)
    return source


def take_back(db: Db, source: str, on: date) -> None:
    """The payer takes a whole decision back."""
    booked = list(db.scalars(sa.select(Entry.source).where(Entry.source.startswith(f"{source}:line:"))))
    reverse(db, booked, on, at_noon(on))
    db.get_one(Adjudication, source).reversed_at = at_noon(on)
    db.flush()


def _decide_line(
    db: Db,
    source: str,
    position: int,
    session: ClinicSession,
    charge: Charge,
    lines: Sequence[Cas],
    on: date,
    *,
    patient_owes: bool,
) -> None:
    line_paid = charge.cents - sum(cas[2] for cas in lines)
    denied = [cas for cas in lines if cas[0] != "PR" and _is_denial(cas[1]) and not line_paid]
    written(
        db,
        AdjudicatedLine(
            source=source, position=position, charge_id=charge.id, paid_cents=line_paid,
            adjustments=[list(cas) for cas in lines], remarks=[], is_denied=bool(denied),
        ),
    )  # fmt: skip
    about = f"charge:{charge.id}"
    booked = [Line(deposit(_remittance_id(source)), line_paid, about)] if line_paid else []
    for group, code, cents in lines:
        if group == "PR" and patient_owes:
            booked.append(Line(owed_by_patient(session.patient_id), cents, about))
        elif group != "PR" and (group, code, cents) not in denied:
            booked.append(Line(adjusted(_ACCOUNT[group]), cents, about))
    if booked:
        total = sum(one.cents for one in booked)
        booked.append(Line(owed_by_insurance(session.patient_id), -total, about))
        post(db, [NewEntry(f"{source}:line:{position}", on, "Decided", booked)], at_noon(on))


def _is_denial(code: str) -> bool:
    known = reason(code)
    return known is not None and known.effect is Effect.DENIAL


def _remittance_id(source: str) -> int:
    return int(source.split(":")[1])


def _remittance(db: Db, paid: int, on: date, trace: str) -> Remittance:
    number = next(_numbers)
    file = written(
        db, ReceivedFile(sha256=f"{number:064x}", file_name=f"{number}.835", size=1, received_at=at_noon(on))
    )
    made = written(
        db,
        Remittance(
            file_id=file.id, ordinal=1, payment_key=f"EX:{number}", digest=f"{number:064x}", trace_number=trace,
            payer_name="Example Health", paid_on=on, method="ACH", paid_cents=paid, claims=1,
            state=RemittanceState.POSTED, why="", arithmetic="", recorded_at=at_noon(on),
        ),
    )  # fmt: skip
    if paid:
        lines = [Line(money_received("transfer"), paid), Line(deposit(made.id), -paid)]
        post(db, [NewEntry(f"remittance:{made.id}:deposit", on, "Payment of Example Health", lines)], at_noon(on))
    return made
