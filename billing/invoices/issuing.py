"""Issuing papers: an invoice for a session the patient pays, a superbill for one the patient claims back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import insert

from billing.charges.capturing import Charged
from billing.clinic.letterhead import letterhead
from billing.clinic.models import Clinic, TaxIdKind
from billing.clinic.numbering import take_numbers
from billing.clock import local
from billing.codes.diagnoses import diagnosis_label, normal_code
from billing.codes.procedures import label_of
from billing.database import Db
from billing.errors import Problem, blocking
from billing.invoices.models import Paper, PaperKind
from billing.invoices.paid import Paid, check_word, paid_toward
from billing.money import Money
from billing.patients.party import party
from billing.pdf import parts
from billing.pdf.invoice import Invoice, InvoiceLine
from billing.pdf.superbill import Diagnosis, Superbill, SuperbillLine
from billing.pdf.superbill import Visit as SuperbillVisit
from billing.practitioners.models import Credential, CredentialKind, Practitioner
from billing.sessions.clearance import safety_problems
from billing.sessions.facts import Facts, Visit
from billing.sessions.models import BillTo, ClinicSession

INVOICE: TypeAdapter[Invoice] = TypeAdapter(Invoice)
SUPERBILL: TypeAdapter[Superbill] = TypeAdapter(Superbill)

PAPER_FOR = {BillTo.SELF: PaperKind.INVOICE, BillTo.SUPERBILL: PaperKind.SUPERBILL}
"""The paper that bills a session which no claim does."""

_PREFIX = {PaperKind.INVOICE: "INV", PaperKind.SUPERBILL: "SB", PaperKind.RECEIPT: "RC", PaperKind.STATEMENT: "ST"}
_LETTERED_DIAGNOSES = 26
_POINTERS = 4
_ACCIDENT = {"auto": "Auto accident", "work": "Accident at work", "other": "Accident"}


def paper_name(kind: PaperKind, number: int) -> str:
    """The number as it is printed: ``INV-000012``."""
    return f"{_PREFIX[kind]}-{number:06d}"


def paper_called(text: str) -> tuple[PaperKind, int] | None:
    """The kind and number of the paper that a text names as it is printed; case and leading zeros do not matter."""
    named = re.fullmatch(r"([A-Z]+)[- ]?([0-9]{1,18})", text.strip().upper())
    kinds = [kind for kind, prefix in _PREFIX.items() if named and named[1] == prefix]
    return (kinds[0], int(named[2])) if named and kinds else None


def issue(
    db: Db, kind: PaperKind, visits: Sequence[Visit], facts: Facts, charged: dict[int, Charged], on: date, at: datetime
) -> None:
    """Issue one paper of ``kind`` for each visit, numbered in order, dated ``on``.

    The visits must be charged, and must not have a paper of this kind yet.
    """
    if not visits:
        return
    charges_of = {visit.session.id: charged[visit.session.id].charges for visit in visits}
    patient_of = {visit.session.id: visit.session.patient_id for visit in visits}
    paid = paid_toward(db, patient_of, charges_of, facts.clinic.currency, on)
    rows = []
    for number, visit in zip(take_numbers(db, kind, len(visits)), visits, strict=True):
        session = visit.session
        charges = charged[session.id]
        name = paper_name(kind, number)
        rows.append(
            {
                "kind": kind,
                "number": number,
                "session_id": session.id,
                "patient_id": session.patient_id,
                "issued_on": on,
                "issued_at": at,
                "total_cents": charges.total_cents,
                "snapshot": _snapshot(kind, name, visit, facts, charges, paid[session.id], on),
            }
        )
    db.execute(insert(Paper), rows)


def stopping_problems(visit: Visit, facts: Facts, charged: Charged, estimated: Sequence[Problem] = ()) -> list[Problem]:
    """What keeps a session that the patient pays from being billed: safety, a missing fee, or want of any charge.

    ``estimated`` is what the patient's estimate has to say against it, when it is far exceeded.
    """
    reasons = blocking([*safety_problems(visit, facts), *charged.problems, *estimated])
    return reasons if reasons or charged.charges else blocking(visit.coded.problems)


def _snapshot(
    kind: PaperKind, name: str, visit: Visit, facts: Facts, charged: Charged, paid: Paid, on: date
) -> dict[str, Any]:
    if kind is PaperKind.INVOICE:
        content = INVOICE.dump_python(invoice(name, visit, facts, charged, paid, on), mode="json")
    else:
        content = SUPERBILL.dump_python(superbill(name, visit, facts, charged, paid, on), mode="json")
    return dict(content)


def invoice(number: str, visit: Visit, facts: Facts, charged: Charged, paid: Paid, on: date) -> Invoice:
    """The invoice of a visit, with what was paid with it."""
    clinic = facts.clinic
    paper = Invoice(
        number=number,
        issued_on=on,
        letterhead=letterhead(clinic, with_tax_id=clinic.tax_id_kind is TaxIdKind.EIN),
        bill_to=party(facts.patients[visit.session.patient_id]),
        lines=tuple(
            InvoiceLine(
                charge.service_on,
                label_of(charge.code),
                Money(charge.cents, clinic.currency),
                "" if label_of(charge.code) == charge.code else charge.code,
                charge.units,
            )
            for charge in charged.charges
        ),
        currency=clinic.currency,
        practitioner=_practitioner(visit, facts),
        payments=paid,
    )
    check = check_word(clinic.currency)
    owed = f"Please pay {paper.balance} by card, cash or {check} at the desk, or call {clinic.phone}."
    settled = "Nothing is left to pay. Please keep this for your records."
    return replace(paper, next_step=owed if paper.balance.cents > 0 else settled)


def superbill(number: str, visit: Visit, facts: Facts, charged: Charged, paid: Paid, on: date) -> Superbill:
    """The superbill of a visit: what a patient sends to an insurer to be paid back."""
    clinic, session = facts.clinic, visit.session
    patient, treating = facts.patients[session.patient_id], facts.practitioners[session.practitioner_id]
    policy = visit.policies[0] if visit.policies else None
    codes = list(dict.fromkeys(normal_code(code) for code in visit.chart.diagnoses))[:_LETTERED_DIAGNOSES]
    signed_at = local(session.signed_at, clinic.time_zone).date() if session.signed_at else session.service_on
    lines = tuple(
        SuperbillLine(
            charge.code,
            label_of(charge.code),
            Money(charge.cents, clinic.currency),
            tuple(charge.modifiers),
            charge.units,
            tuple(codes[:_POINTERS]),
        )
        for charge in charged.charges
    )
    return Superbill(
        number=number,
        version=1,
        issued_on=on,
        letterhead=letterhead(clinic, with_tax_id=True),
        practitioner=_practitioner(visit, facts),
        patient=party(patient),
        patient_birth_date=patient.birth_date,
        diagnoses=tuple(Diagnosis(code, diagnosis_label(code)) for code in codes),
        visits=(SuperbillVisit(session.service_on, session.place_of_service, lines),),
        signed_by=f"{treating.first_name} {treating.last_name}",
        signed_on=signed_at,
        currency=clinic.currency,
        group_npi=clinic.npi or "",
        insurer=facts.payers[policy.payer_id].name if policy else "",
        member_id=policy.member_id if policy else "",
        group_number=(policy.group_number or "") if policy else "",
        payments=paid,
        referring_provider=session.referring_name or "",
        referring_npi=session.referring_npi or "",
        onset_on=None if session.accident else session.onset_on,
        accident=_accident(session),
        next_step="Send this to your insurer with its claim form to ask for your money back.",
    )


def _practitioner(visit: Visit, facts: Facts) -> parts.Practitioner:
    treating = facts.practitioners[visit.session.practitioner_id]
    return practitioner(treating, facts.credentials[treating.id], facts.clinic, visit.session.service_on)


def practitioner(
    treating: Practitioner, credentials: Sequence[Credential], clinic: Clinic, on: date
) -> parts.Practitioner:
    """Who treated, with the licence of the clinic's state, or in Britain the membership, in force on the day."""
    in_force = [one for one in credentials if one.covers(on)]
    licences = [one for one in in_force if one.kind is CredentialKind.LICENCE and one.issuer == clinic.state]
    bodies = [one for one in in_force if one.kind is CredentialKind.CERTIFICATION and clinic.currency == "GBP"]
    return parts.Practitioner(
        name=f"{treating.first_name} {treating.last_name}",
        credentials=treating.credentials or "",
        npi=treating.npi or "",
        licence_number=licences[0].number if licences else "",
        licence_state=licences[0].issuer if licences else "",
        membership=f"{bodies[0].issuer} {bodies[0].number}" if bodies else "",
    )


def _accident(session: ClinicSession) -> str:
    if session.accident is None:
        return ""
    where = f" in {session.accident_state}" if session.accident_state else ""
    when = f" on {session.onset_on}" if session.onset_on else ""
    return f"{_ACCIDENT[session.accident]}{where}{when}"
