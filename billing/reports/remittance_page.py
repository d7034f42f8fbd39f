"""One payment with everything it said: its sums, its claims line by line, and what belonged to no claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from sqlalchemy import func, select

from billing.charges.models import Charge
from billing.claims.models import AdjudicatedLine, Adjudication, Claim
from billing.codes.adjustments import reason_text, remark_label
from billing.codes.provider_adjustments import provider_adjustment_label
from billing.database import Db
from billing.documents.models import ReceivedFile
from billing.edi.findings import Finding
from billing.edi.remittance_835.reader import read_835
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment, Procedure
from billing.errors import NotFound
from billing.ledger.accounts import deposit
from billing.ledger.models import Posting
from billing.patients.models import Patient
from billing.remittances.adjudicating import PATIENT
from billing.remittances.advising import what_to_do
from billing.remittances.matching import claim_number
from billing.remittances.models import ProviderAdjustment, Remittance, RemittanceState
from billing.remittances.reversing import REVERSAL_OF
from billing.reports.decided_claims import CLAIMS_AT_ONCE, ClaimsPage, DecidedClaim, DecidedLine, Part
from billing.reports.remittances_page import PaymentRow, sums_of
from billing.sessions.models import ClinicSession


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a payer withheld or added for no claim in particular."""

    words: str
    reference: str
    cents: int
    """Above zero it was withheld."""


@dataclass(frozen=True, slots=True)
class PaymentSeen:
    """A payment with the file it came in."""

    row: PaymentRow
    file: ReceivedFile
    provider: Sequence[Withheld] = ()
    steps: Sequence[str] = field(default_factory=list)
    """What to do about it while it waits."""

    @property
    def remittance(self) -> Remittance:
        """Its record."""
        return self.row.remittance

    @property
    def is_queued(self) -> bool:
        """Whether it waits for a person."""
        return self.remittance.state is RemittanceState.QUEUED


def payment_seen(db: Db, remittance_id: int) -> PaymentSeen:
    """A payment, without its claims. Raises :class:`NotFound`."""
    found = db.execute(
        select(Remittance, ReceivedFile)
        .join(ReceivedFile, ReceivedFile.id == Remittance.file_id)
        .where(Remittance.id == remittance_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no remittance {remittance_id}.")
    remittance, file = found
    row = PaymentRow(remittance, file.file_name, sums_of(db, [remittance])[remittance.id])
    held = select(ProviderAdjustment).where(ProviderAdjustment.remittance_id == remittance_id)
    provider = [
        Withheld(f"{one.reason} {provider_adjustment_label(one.reason)}", one.reference, one.cents)
        for one in db.scalars(held.order_by(ProviderAdjustment.position))
    ]
    return PaymentSeen(row, file, provider, what_to_do(remittance.why) if remittance.why else [])


def claims_in_books(db: Db, remittance_id: int, first: int = 1) -> ClaimsPage:
    """What a posted payment decided, from the books, in the order of its file, and then what it took back.

    What is paid over all of it comes to what the payment posted to claims.
    """
    beginning = f"remittance:{remittance_id}:claim:"
    sources = db.scalars(select(Adjudication.source).where(Adjudication.source.startswith(beginning))).all()
    taken = _taken_back(db, remittance_id)
    in_order = [
        *sorted(sources, key=lambda source: int(source.removeprefix(beginning))),
        *(REVERSAL_OF + one for one in taken),
    ]
    shown = in_order[first - 1 : first - 1 + CLAIMS_AT_ONCE]
    found = _decided(db, [one.removeprefix(REVERSAL_OF) for one in shown])
    claims = [
        _reversed(found[source], taken[source]) if source != one else found[one]
        for one in shown
        for source in (one.removeprefix(REVERSAL_OF),)
    ]
    return ClaimsPage(claims, len(in_order), first)


def _taken_back(db: Db, remittance_id: int) -> dict[str, dict[int, int]]:
    """By the decisions of which a payment took money back: how many cents of each line, below zero."""
    rows = db.execute(
        select(Posting.entry, func.sum(Posting.cents))
        .where(Posting.account == deposit(remittance_id), Posting.entry.startswith(REVERSAL_OF))
        .group_by(Posting.entry)
    )
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for entry, cents in sorted((entry, int(cents)) for entry, cents in rows):
        source, _, position = entry.removeprefix(REVERSAL_OF).rpartition(":line:")
        found[source][int(position)] = cents
    return found


def _reversed(made: DecidedClaim, taken: Mapping[int, int]) -> DecidedClaim:
    """A decision turned round, as far as its money was taken back."""
    lines = [line for position, line in enumerate(made.lines, start=1) if position in taken]
    return replace(
        made,
        charge_cents=-sum(line.charge_cents for line in lines),
        paid_cents=sum(taken.values()),
        patient_cents=-sum(line.patient_cents for line in lines),
        lines=(),
        is_denial=False,
        taken_back_at=None,
        is_reversal=True,
    )


def _decided(db: Db, sources: Sequence[str]) -> dict[str, DecidedClaim]:
    lines = _lines(db, sources)
    rows = db.execute(
        select(Adjudication, Claim.id, Claim.control_number, Patient)
        .join(Claim, Claim.id == Adjudication.claim_id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .where(Adjudication.source.in_(sources))
    )
    return {
        one.source: DecidedClaim(
            number,
            claim_id,
            patient.id,
            f"{patient.last_name}, {patient.first_name}",
            one.charge_cents,
            one.paid_cents,
            one.patient_cents,
            lines[one.source],
            is_denial=one.is_denial,
            taken_back_at=one.reversed_at,
        )
        for one, claim_id, number, patient in rows
    }


def _lines(db: Db, sources: Sequence[str]) -> dict[str, list[DecidedLine]]:
    found: dict[str, list[DecidedLine]] = defaultdict(list)
    rows = db.execute(
        select(AdjudicatedLine, Charge)
        .join(Charge, Charge.id == AdjudicatedLine.charge_id)
        .where(AdjudicatedLine.source.in_(sources))
        .order_by(AdjudicatedLine.source, AdjudicatedLine.position)
    )
    for line, charge in rows:
        adjustments = [Adjustment(*one) for one in line.adjustments]
        found[line.source].append(
            DecidedLine(
                charge.service_on,
                charge.code,
                charge.modifiers,
                charge.cents,
                line.paid_cents,
                _parts(adjustments),
                [remark_label(remark) for remark in line.remarks],
                line.is_denied,
                sum(one.cents for one in adjustments if one.group == PATIENT),
            )
        )
    return found


def _parts(adjustments: Iterable[Adjustment]) -> list[Part]:
    return [Part(reason_text(one.group, one.reason), one.cents) for one in adjustments]


def claims_in_file(content: bytes, ordinal: int, first: int = 1) -> tuple[list[ClaimPayment], int]:
    """What the payment at that place in a file says of claims: a page of them, and how many there are. Pure."""
    findings: list[Finding] = []
    for place, remittance in enumerate(read_835(content, findings), start=1):
        if place == ordinal:
            claims = remittance.claims()
            shown = list(islice(claims, first - 1, first - 1 + CLAIMS_AT_ONCE))
            return shown, first - 1 + len(shown) + sum(1 for _ in claims)
    return [], 0


def claims_told(db: Db, payments: Sequence[ClaimPayment], total: int, first: int = 1) -> ClaimsPage:
    """What a payment that waits says of claims, each with the claim of ours that has its number."""
    numbers = {claim_number(one) for one in payments}
    ids = dict(db.execute(select(Claim.control_number, Claim.id).where(Claim.control_number.in_(numbers))).all())
    return ClaimsPage([_told(one, ids.get(claim_number(one))) for one in payments], total, first)


def _told(one: ClaimPayment, claim_id: int | None) -> DecidedClaim:
    name = ", ".join(part for part in (one.patient_last_name, one.patient_first_name) if part)
    lines = [
        DecidedLine(
            line.service_on or one.service_from,
            _billed(line.submitted, line.procedure).code,
            _billed(line.submitted, line.procedure).modifiers,
            line.charge_cents,
            line.paid_cents,
            _parts(line.adjustments),
            [remark_label(remark) for remark in line.remarks],
        )
        for line in one.lines
    ]
    return DecidedClaim(
        one.control_number,
        claim_id,
        None,
        name,
        one.charge_cents,
        one.paid_cents,
        one.patient_cents,
        lines,
        _parts(one.adjustments),
    )


def _billed(submitted: Procedure | None, adjudicated: Procedure) -> Procedure:
    return submitted or adjudicated
