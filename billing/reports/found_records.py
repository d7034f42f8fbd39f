"""Finding sessions, claims, payments and papers by their dates and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select

from billing import clock
from billing.access.permissions import Permission
from billing.claims.models import Adjudication, Claim, ClaimFile
from billing.coverage.wording import day_words
from billing.database import Db
from billing.identifiers import own_number
from billing.invoices.issuing import paper_called, paper_name
from billing.invoices.models import Paper
from billing.money import Money
from billing.patients.models import Patient
from billing.patients.search import by_name
from billing.patients.written_dates import DatesMeant
from billing.payers.models import Payer
from billing.payments.models import Payment
from billing.remittances.models import Remittance, RemittanceState
from billing.reports.hits import Hit, HitKind, Seeker
from billing.sessions.models import ClinicSession

FEWEST_CHARACTERS = 3
"""Of a number that is looked for by its beginning or a part of it."""
_MOST_NAMESAKES = 500
_CHECK = re.compile(r"^(?:(?:check|cheque)\b\s*)?(?:no\b\.?\s*|#\s*)?", re.IGNORECASE)
"""What people write before the number of a check."""


def sessions_found(db: Db, typed: str, meant: DatesMeant, limit: int, seeker: Seeker) -> list[Hit]:
    """Sessions by ``#17``, by their number in the old system, or by their day; a name beside it must fit too."""
    hits = [_session_hit(row, "Session number", seeker.zone, exact=True) for row in _numbered(db, typed)]
    for on in meant.dates:
        hits += _on_day(db, on, meant.rest, limit, seeker)
    return hits


def _numbered(db: Db, typed: str) -> Sequence[tuple[ClinicSession, Patient]]:
    number = own_number(typed.removeprefix("#").strip()) if typed.startswith("#") else None
    spellings = {typed.removeprefix("#"), typed.removeprefix("#").upper()}
    which: ColumnElement[bool] = ClinicSession.external_id.in_(spellings)
    if number is not None:
        which = or_(which, ClinicSession.id == number)
    return _sessions(db, which, 2)


def _on_day(db: Db, on: date, name: str, limit: int, seeker: Seeker) -> Iterator[Hit]:
    which = ClinicSession.service_on == on
    if name:
        namesakes = [one.patient_id for one in by_name(db, name)][:_MOST_NAMESAKES]
        which &= ClinicSession.patient_id.in_(namesakes)
    else:
        count = db.scalar(select(func.count()).where(which)) or 0
        if count or on == seeker.today:
            line = f"{count} session{'' if count == 1 else 's'}"
            yield Hit(HitKind.DAY, 0, day_words(on), line, "Date", on, is_exact=True)
    for row in _sessions(db, which, limit):
        yield _session_hit(row, "Date and name" if name else "Date", seeker.zone, exact=bool(name))


def _sessions(db: Db, which: ColumnElement[bool], limit: int) -> Sequence[tuple[ClinicSession, Patient]]:
    rows = db.execute(
        select(ClinicSession, Patient)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .where(which)
        .order_by(ClinicSession.starts_at, ClinicSession.id)
        .limit(limit)
    )
    return rows.all()


def _session_hit(row: tuple[ClinicSession, Patient], why: str, zone: str, *, exact: bool) -> Hit:
    session, patient = row
    title = f"{day_words(session.service_on)}, {clock.local(session.starts_at, zone):%H:%M}"
    line = f"{patient.first_name} {patient.last_name} · {session.state.replace('_', ' ')}"
    return Hit(HitKind.SESSION, session.id, title, line, why, is_exact=exact)


def claims_found(db: Db, typed: str, limit: int) -> list[Hit]:
    """Claims by their own number, the payer's number for them, or the name of the file that carried them."""
    text = typed.removeprefix("#").strip()
    if len(text) < FEWEST_CHARACTERS:
        return []
    ways = (
        (Claim.control_number.in_({text, text.upper()}), "Claim number", True),
        (Claim.id.in_(select(Adjudication.claim_id).where(Adjudication.payer_claim_number.in_({text, text.upper()}))),
         "The payer's claim number", True),
        (Claim.file_id.in_(select(ClaimFile.id).where(ClaimFile.name.in_({text, text.lower(), text.upper()}))),
         "Claim file", False),
    )  # fmt: skip
    hits: dict[int, Hit] = {}
    for which, why, exact in ways:
        for claim, session, patient, payer in _claims(db, which, limit):
            line = f"{patient.first_name} {patient.last_name} · {day_words(session.service_on)}"
            line += f" · {payer}" if payer else ""
            title = f"Claim {claim.control_number}, {claim.state}"
            hits.setdefault(claim.id, Hit(HitKind.CLAIM, claim.id, title, line, why, is_exact=exact))
    return list(hits.values())


def _claims(
    db: Db, which: ColumnElement[bool], limit: int
) -> Sequence[tuple[Claim, ClinicSession, Patient, str | None]]:
    rows = db.execute(
        select(Claim, ClinicSession, Patient, Payer.name)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .outerjoin(Payer, Payer.id == Claim.payer_id)
        .where(which)
        .order_by(Claim.id)
        .limit(limit)
    )
    return rows.all()


def papers_found(db: Db, typed: str, seeker: Seeker) -> list[Hit]:
    """The paper whose number was typed: ``RC-000012``."""
    called = paper_called(typed)
    if called is None or not seeker.sees(Permission.SEE_PATIENTS):
        return []
    kind, number = called
    rows = db.execute(
        select(Paper, Patient)
        .join(Patient, Patient.id == Paper.patient_id)
        .where(Paper.kind == kind, Paper.number == number)
    )
    return [
        Hit(
            HitKind.PAPER,
            paper.id,
            paper_name(kind, number),
            f"{patient.first_name} {patient.last_name}, {day_words(paper.issued_on)}",
            f"Number of the {kind.value}",
            is_exact=True,
        )
        for paper, patient in rows
    ]


def money_found(db: Db, typed: str, limit: int, seeker: Seeker) -> list[Hit]:
    """Patients' payments and payers' payments by the number of their check or transfer."""
    text = _CHECK.sub("", typed)
    if len(text) < FEWEST_CHARACTERS:
        return []
    spellings = {text, text.upper(), text.lower(), text.title(), f"#{text}", f"Check {text}", f"check {text}"}
    hits = []
    if seeker.sees(Permission.TAKE_MONEY):
        rows = db.execute(
            select(Payment, Patient)
            .join(Patient, Patient.id == Payment.patient_id)
            .where(Payment.reference.in_(spellings))
            .order_by(Payment.id.desc())
            .limit(limit)
        )
        for payment, patient in rows:
            title = f"{Money(payment.cents, seeker.currency)} by {payment.method}, {day_words(payment.received_on)}"
            line = f"{patient.first_name} {patient.last_name}{' · taken back' if payment.reversed_at else ''}"
            hits.append(Hit(HitKind.PAYMENT, patient.id, title, line, "Check or card reference", is_exact=True))
    if seeker.sees(Permission.POST_REMITTANCES):
        remittances = select(Remittance).where(Remittance.trace_number.in_(spellings)).order_by(Remittance.id.desc())
        for one in db.scalars(remittances.limit(limit)):
            waits = " · waits for you" if one.state is RemittanceState.QUEUED else ""
            title = f"{Money(one.paid_cents, seeker.currency)} from {one.payer_name}"
            line = f"{day_words(one.paid_on) if one.paid_on else 'no date'}{waits}"
            hits.append(Hit(HitKind.REMITTANCE, one.id, title, line, "Check or transfer number", is_exact=True))
    return hits
