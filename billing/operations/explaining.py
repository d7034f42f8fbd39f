"""Why is it so? A claim, a charge or a balance, walked back to the chart, as lines of text."""

from __future__ import annotations

from sqlalchemy import select

from billing.charges.models import Charge
from billing.claims.assembly.outdated import outdated
from billing.claims.models import Claim
from billing.claims.queries import answers_to, claim_by_control_number, history, problems_of
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db
from billing.errors import NotFound
from billing.identifiers import own_number
from billing.invoices.models import Paper, PaperKind
from billing.money import text_from_cents
from billing.operations.explaining_balance import balance, balance_of, charge, patient_charged, statement_balance
from billing.operations.explaining_visits import charge_line, read_visits, visit_lines
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.sessions.models import ClinicSession

__all__ = ["balance", "charge", "claim", "of_patient", "owner_of_charge"]


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
        for problem in [*problems_of(db, [found.id])[found.id], *outdated(db, found.id).values()]
    ]
    lines += ["History:"]
    lines += [
        f"  {local(one.at, zone):%Y-%m-%d %H:%M} {one.from_state} -> {one.to_state} ({one.event})"
        f" by {one.by}: {one.why}"
        for one in history(db, found.id)
    ]
    said = answers_to(db, found.id)
    lines += ["Answers:"] if said else []
    lines += [f"  {one.said_on or local(one.received_at, zone).date()} {one.kind} {one.why}" for one in said]
    charges = _charges_of(db, session.id)
    visits = read_visits(db, [session], charges)
    lines += ["Charges:", *(f"  {charge_line(visits, one)}" for one in charges)]
    return [*lines, "Chart:", *(f"  {line}" for line in visit_lines(visits, session.id))]


def of_patient(db: Db, patient_id: int, about: str = "") -> list[str]:
    """Why a patient's balance is what it is, or one record's amount.

    ``about`` names a ``charge:17``, a ``claim:9`` or a statement (``paper:5``) by our own numbers. Raises
    :class:`NotFound` when it is no record of that patient.
    """
    if db.get(Patient, patient_id) is None:
        raise NotFound("There is no such patient.")
    if not about:
        return balance_of(db, patient_id)
    kind, _, text = about.partition(":")
    number = own_number(text) or 0
    if kind == "charge" and _is_charged(db, number, patient_id):
        return charge(db, str(number))
    if kind == "claim" and (filed := db.get(Claim, number)) and _has_session(db, patient_id, filed.session_id):
        return claim(db, filed.control_number)
    if kind == "paper" and (paper := db.get(Paper, number)) and _is_statement(paper, patient_id):
        return statement_balance(db, paper)
    raise NotFound("There is no such amount in this patient's books.")


def owner_of_charge(db: Db, charge_id: int) -> int:
    """The id of the patient in whose books a charge is. Raises :class:`NotFound` for an unknown charge."""
    charged = db.get(Charge, charge_id)
    if charged is None:
        raise NotFound(f"There is no charge {charge_id}.")
    return patient_charged(db, charged)


def _is_charged(db: Db, charge_id: int, patient_id: int) -> bool:
    charged = db.get(Charge, charge_id)
    return charged is not None and patient_charged(db, charged) == patient_id


def _has_session(db: Db, patient_id: int, session_id: int) -> bool:
    return db.get_one(ClinicSession, session_id).patient_id == patient_id


def _is_statement(paper: Paper, patient_id: int) -> bool:
    return paper.patient_id == patient_id and paper.kind is PaperKind.STATEMENT


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
