"""Why is it so? A claim, a charge or a balance, walked back to the chart, as lines of text."""

from __future__ import annotations

from sqlalchemy import select

from billing.charges.models import Charge, Fee
from billing.claims.models import Claim, FiledLine
from billing.claims.queries import claim_by_control_number, history, problems_of
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db
from billing.errors import NotFound
from billing.ledger.accounts import owed_by_insurance, owed_by_patient
from billing.ledger.queries import AccountLine, movements
from billing.money import text_from_cents
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.sessions.models import ClinicSession
from billing.sessions.queries import Chart, charts

_MOST_DIGITS = 18
"""More would not fit the databases' numbers."""


def claim(db: Db, name: str) -> list[str]:
    """Why a claim is where it is: its problems, its history, its charges. ``name`` is the control number or a session.

    Raises :class:`NotFound`.
    """
    found = _claim_named(db, name)
    zone = the_clinic(db).time_zone
    session = db.get_one(ClinicSession, found.session_id)
    payer = db.get(Payer, found.payer_id) if found.payer_id else None
    lines = [
        f"Claim {found.control_number}: {found.state}, {text_from_cents(found.total_cents)}, "
        f"to {payer.name if payer else 'nobody: no policy is in force'}.",
    ]
    lines += [
        f"  {problem.severity} {problem.rule}: {problem.why} {problem.fix}"
        for problem in problems_of(db, [found.id])[found.id]
    ]
    lines += ["History:"]
    lines += [
        f"  {local(one.at, zone):%Y-%m-%d %H:%M} {one.from_state} -> {one.to_state} ({one.event})"
        f" by {one.by}: {one.why}"
        for one in history(db, found.id)
    ]
    lines += ["Charges:"]
    lines += [f"  {line}" for charge in _charges_of(db, session.id) for line in _charge_lines(db, charge)]
    return [*lines, "Chart:", *(f"  {line}" for line in _chart_lines(charts(db, [session])[session.id]))]


def charge(db: Db, name: str) -> list[str]:
    """What a charge is for and how it was priced. ``name`` is its number. Raises :class:`NotFound`."""
    found = db.get(Charge, number) if (number := _own_number(name)) else None
    if found is None:
        raise NotFound(f"There is no charge {name}.")
    session = db.get_one(ClinicSession, found.session_id)
    filed = db.execute(
        select(Claim.control_number, FiledLine.control_number)
        .join(Claim, Claim.id == FiledLine.claim_id)
        .where(FiledLine.charge_id == found.id)
    ).all()
    lines = _charge_lines(db, found)
    lines += [f"Filed in claim {claim_number} as line {line_number}." for claim_number, line_number in filed]
    return [*lines, "Chart:", *(f"  {line}" for line in _chart_lines(charts(db, [session])[session.id]))]


def balance(db: Db, name: str) -> list[str]:
    """Everything that makes up what a patient and the patient's insurers owe.

    ``name`` is the patient's id, ours or the old system's. Raises :class:`NotFound`.
    """
    patient = db.scalar(select(Patient).where(Patient.external_id == name))
    if patient is None and (number := _own_number(name)):
        patient = db.get(Patient, number)
    if patient is None:
        raise NotFound(f"There is no patient {name}.")
    own, insured = movements(db, owed_by_patient(patient.id)), movements(db, owed_by_insurance(patient.id))
    return [
        f"The patient owes {text_from_cents(_sum(own))}.",
        *_movement_lines(db, own),
        f"Insurers are still to decide about {text_from_cents(_sum(insured))}; the patient does not owe it.",
        *_movement_lines(db, insured),
    ]


def _own_number(name: str) -> int | None:
    """A record's own number, when the name can be one."""
    return int(name) if name.isascii() and name.isdigit() and len(name) <= _MOST_DIGITS else None


def _claim_named(db: Db, name: str) -> Claim:
    try:
        return claim_by_control_number(db, name)
    except NotFound:
        of_session = select(Claim).join(ClinicSession, ClinicSession.id == Claim.session_id)
        found = db.scalars(of_session.where(ClinicSession.external_id == name).order_by(Claim.id.desc())).first()
        if found is None:
            raise NotFound(f"There is no claim {name}, nor a session of that name with a claim.") from None
        return found


def _charges_of(db: Db, session_id: int) -> list[Charge]:
    return list(db.scalars(select(Charge).where(Charge.session_id == session_id).order_by(Charge.id)))


def _charge_lines(db: Db, charge: Charge) -> list[str]:
    modifiers = f" {' '.join(charge.modifiers)}" if charge.modifiers else ""
    taken_back = "; reversed" if charge.reversed_at else ""
    each = charge.cents // charge.units
    return [
        f"Charge {charge.id}: {charge.code}{modifiers} x{charge.units} on {charge.service_on}, {charge.units} x "
        f"{text_from_cents(each)} ({_fee_text(db, charge, each)}) = {text_from_cents(charge.cents)}{taken_back}."
    ]


def _fee_text(db: Db, charge: Charge, cents: int) -> str:
    """Where the price comes from: the schedule, or a fee that has been changed since."""
    fee = db.scalars(
        select(Fee)
        .where(Fee.code == charge.code, Fee.payer_id.is_(None), Fee.effective_from <= charge.service_on)
        .order_by(Fee.effective_from.desc())
    ).first()
    if fee is None or fee.cents != cents:
        return "standard fee when it was charged; the schedule has been changed since"
    return f"standard fee since {fee.effective_from}"


def _chart_lines(chart: Chart) -> list[str]:
    session = chart.session
    lines = [f"Session {session.external_id or session.id} on {session.service_on}, {session.state}."]
    for number, one in enumerate(chart.sets, start=1):
        needles = "new needles" if one.new_needles else "needles retained"
        lines.append(f"Set {number}: {one.minutes} minutes, {needles}{', with current' if one.estim else ''}.")
    lines += [f"Procedure: {one.code} {' '.join(one.modifiers)} x{one.units}." for one in chart.procedures]
    return [*lines, f"Diagnoses: {', '.join(chart.diagnoses) or 'none'}."]


def _sum(lines: list[AccountLine]) -> int:
    return sum(line.cents for line in lines)


def _movement_lines(db: Db, lines: list[AccountLine]) -> list[str]:
    return [
        f"  {line.booked_on} {text_from_cents(line.cents):>10}  {line.memo}{_about(db, line.about)}" for line in lines
    ]


def _about(db: Db, about: str | None) -> str:
    """What a movement concerns, down to the session."""
    kind, _, key = (about or "").partition(":")
    found = db.get(Charge, int(key)) if kind == "charge" else None
    session_id = found.session_id if found else int(key) if kind == "session" else None
    session = db.get(ClinicSession, session_id) if session_id else None
    if session is None:
        return ""
    return f" ({about}; session {session.external_id or session.id} on {session.service_on})"
