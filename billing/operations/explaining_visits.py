"""What was done in a visit, who signed for it, and how its charges came to their price, as lines of text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from billing.charges.models import Charge, Fee
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db
from billing.money import text_from_cents
from billing.practitioners.models import Practitioner
from billing.sessions.models import ClinicSession, Note
from billing.sessions.queries import Chart, charts


@dataclass(frozen=True, slots=True)
class Visits:
    """The visits that charges are about, and what may be said of them."""

    charts: dict[int, Chart]
    """By session."""
    signatures: dict[int, list[str]]
    """By session, a line for each version of its note."""
    fees: dict[str, list[Fee]]
    """The clinic's standard fees by code, the latest first."""


def read_visits(db: Db, sessions: Sequence[ClinicSession], charges: Iterable[Charge]) -> Visits:
    """What is known of these sessions and of the prices of these charges; six queries."""
    fees: dict[str, list[Fee]] = defaultdict(list)
    codes = {charge.code for charge in charges}
    standard = select(Fee).where(Fee.code.in_(codes), Fee.payer_id.is_(None))
    for fee in db.scalars(standard.order_by(Fee.code, Fee.effective_from.desc())):
        fees[fee.code].append(fee)
    return Visits(charts(db, sessions), _signatures(db, sessions), fees)


def _signatures(db: Db, sessions: Sequence[ClinicSession]) -> dict[int, list[str]]:
    zone = the_clinic(db).time_zone
    found: dict[int, list[str]] = defaultdict(list)
    rows = db.execute(
        select(Note.session_id, Note.version, Note.signed_at, Practitioner)
        .join(Practitioner, Practitioner.id == Note.signed_by_id)
        .where(Note.session_id.in_([session.id for session in sessions]))
        .order_by(Note.session_id, Note.version)
    )
    for session_id, version, signed_at, one in rows:
        name = ", ".join(filter(None, (f"{one.first_name} {one.last_name}", one.credentials)))
        found[session_id].append(
            f"Note version {version}, signed by {name} on {local(signed_at, zone):%Y-%m-%d at %H:%M}."
        )
    return found


def visit_lines(visits: Visits, session_id: int) -> list[str]:
    """A session's chart, and who signed for it when."""
    chart = visits.charts[session_id]
    session = chart.session
    lines = [f"Session {session.external_id or session.id} on {session.service_on}, {session.state}."]
    lines += visits.signatures.get(session_id, [])
    for number, one in enumerate(chart.sets, start=1):
        needles = "new needles" if one.new_needles else "needles retained"
        lines.append(f"Set {number}: {one.minutes} minutes, {needles}{', with current' if one.estim else ''}.")
    lines += [f"Procedure: {one.code} {' '.join(one.modifiers)} x{one.units}." for one in chart.procedures]
    return [*lines, f"Diagnoses: {', '.join(chart.diagnoses) or 'none'}."]


def charge_line(visits: Visits, charge: Charge) -> str:
    """What a charge is for, and how it was priced."""
    modifiers = f" {' '.join(charge.modifiers)}" if charge.modifiers else ""
    taken_back = "; reversed" if charge.reversed_at else ""
    each = charge.cents // charge.units
    return (
        f"Charge {charge.id}: {charge.code}{modifiers} x{charge.units} on {charge.service_on}, {charge.units} x "
        f"{text_from_cents(each)} ({_fee_text(visits, charge, each)}) = {text_from_cents(charge.cents)}{taken_back}."
    )


def _fee_text(visits: Visits, charge: Charge, cents: int) -> str:
    """Where the price comes from: the schedule, or a fee that has been changed since."""
    in_effect = [fee for fee in visits.fees.get(charge.code, ()) if fee.effective_from <= charge.service_on]
    if not in_effect or in_effect[0].cents != cents:
        return "standard fee when it was charged; the schedule has been changed since"
    return f"standard fee since {in_effect[0].effective_from}"
