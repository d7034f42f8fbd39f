"""What judging some hundred claims of a payment needs to know, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, select

from billing.charges.models import Charge
from billing.claims.lifecycle import ClaimState
from billing.claims.models import AdjudicatedLine, Adjudication, Claim, FiledLine, Responsibility
from billing.clinic.models import Clinic
from billing.coverage.models import Policy
from billing.database import Db
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment
from billing.ledger.models import Posting
from billing.ledger.posting import Line
from billing.ledger.queries import owed_by_insurers_about
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.practitioners.models import Practitioner
from billing.remittances.adjudicating import LineDecision
from billing.remittances.matching import Candidates, ClaimOnFile, LineOnFile, claim_number, comparable, line_number
from billing.remittances.models import Remittance, RemittanceState
from billing.remittances.reversing import REVERSAL_OF, Standing, StandingLine
from billing.sessions.models import ClinicSession

_SET_ASIDE = (ClaimState.REPLACED, ClaimState.VOIDED)


def posted_under(db: Db, payment_key: str) -> Remittance | None:
    """The payment in the books under that key."""
    wanted = (Remittance.payment_key == payment_key, Remittance.state == RemittanceState.POSTED)
    return db.scalar(select(Remittance).where(*wanted))


def remembered(db: Db, payment_key: str, digest: str) -> Remittance | None:
    """The payment that said exactly this under that key before, posted or queued."""
    return db.scalar(select(Remittance).where(Remittance.payment_key == payment_key, Remittance.digest == digest))


def candidates(db: Db, payments: Sequence[ClaimPayment], *, with_names: bool = False) -> Candidates:
    """Every claim that these answers may mean, held so that nobody else moves it until this transaction ends.

    ``with_names`` tells who the patients are even where a claim's own number is quoted.
    """
    numbers = {claim_number(one) for one in payments}
    named = select(Claim.session_id).where(Claim.control_number.in_(numbers))
    claims = _claims(db, named)
    if with_names:
        claims = _named(db, claims)
    nameless = [one for one in payments if claim_number(one) not in claims]
    if line_numbers := {line_number(line) for one in nameless for line in one.lines} - {""}:
        filed = select(Claim.session_id).join(FiledLine, FiledLine.claim_id == Claim.id)
        claims |= _named(db, _claims(db, filed.where(FiledLine.control_number.in_(line_numbers))))
    return _with_lines(db, claims)


def _claims(db: Db, session_ids: Select[int]) -> dict[str, ClaimOnFile]:
    rows = db.execute(
        select(
            Claim.id,
            Claim.control_number,
            Claim.session_id,
            ClinicSession.patient_id,
            ClinicSession.service_on,
            ClinicSession.accident,
            Claim.responsibility,
            Claim.payer_id,
            func.coalesce(Payer.name, ""),
            Claim.state,
            Claim.total_cents,
        )
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .outerjoin(Payer, Payer.id == Claim.payer_id)
        .where(Claim.session_id.in_(session_ids))
        .order_by(Claim.id)
        .with_for_update(of=Claim)
    )
    cells: Iterable[Sequence[Any]] = rows
    return {claim.control_number: claim for claim in (ClaimOnFile(*row) for row in cells)}


def _named(db: Db, claims: dict[str, ClaimOnFile]) -> dict[str, ClaimOnFile]:
    rows = db.execute(
        select(Claim.control_number, Patient.last_name, Policy.subscriber_last_name, Policy.member_id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .outerjoin(Policy, Policy.id == Claim.policy_id)
        .where(Claim.control_number.in_(claims))
    )
    return {
        number: replace(claims[number], names=frozenset(comparable(name) for name in names if name))
        for number, *names in rows
    }


def _with_lines(db: Db, claims: dict[str, ClaimOnFile]) -> Candidates:
    rows = db.execute(
        select(
            FiledLine.claim_id,
            FiledLine.version,
            FiledLine.control_number,
            Charge.id,
            Charge.code,
            Charge.modifiers,
            Charge.cents,
            Charge.service_on,
        )
        .join(Charge, Charge.id == FiledLine.charge_id)
        .where(FiledLine.claim_id.in_([one.id for one in claims.values()]))
        .order_by(FiledLine.claim_id, FiledLine.version, FiledLine.position)
    ).all()
    filed: dict[int, dict[int, list[LineOnFile]]] = defaultdict(lambda: defaultdict(list))
    numbered: list[tuple[str, int, LineOnFile]] = []
    for claim_id, version, number, charge_id, code, modifiers, cents, service_on in rows:
        line = LineOnFile(charge_id, code, tuple(modifiers), cents, service_on)
        filed[claim_id][version].append(line)
        numbered.append((number, claim_id, line))
    return _joined(claims, {claim_id: by_version[max(by_version)] for claim_id, by_version in filed.items()}, numbered)


def _joined(
    claims: dict[str, ClaimOnFile], lines: dict[int, list[LineOnFile]], numbered: Iterable[tuple[str, int, LineOnFile]]
) -> Candidates:
    """Put each claim's lines to it; one that was passed on without us has those of the session's first claim."""
    first = {
        one.session_id: lines[one.id]
        for one in claims.values()
        if one.responsibility is Responsibility.PRIMARY and one.id in lines
    }
    whole = {
        number: replace(one, lines=tuple(lines.get(one.id, first.get(one.session_id, []))))
        for number, one in claims.items()
    }
    by_id = {one.id: one for one in whole.values()}
    of_session: dict[int, list[ClaimOnFile]] = defaultdict(list)
    for one in whole.values():
        if one.state not in _SET_ASIDE:
            of_session[one.session_id].append(one)
    by_line = {number: (by_id[claim_id], line) for number, claim_id, line in numbered}
    return Candidates(whole, by_line, of_session)


def standings(db: Db, claim_ids: Collection[int]) -> dict[int, list[Standing]]:
    """The decisions on each of these claims that have not been taken back, in the order they were made."""
    rows = db.execute(
        select(Adjudication.source, Adjudication.claim_id, Adjudication.charge_cents).where(
            Adjudication.claim_id.in_(claim_ids), Adjudication.reversed_at.is_(None)
        )
    ).all()
    lines = _standing_lines(db, [row.source for row in rows])
    found: dict[int, list[Standing]] = defaultdict(list)
    for source, claim_id, charge_cents in sorted(rows, key=lambda row: _place(row.source)):
        found[claim_id].append(Standing(source, charge_cents, lines[source]))
    return found


def _standing_lines(db: Db, sources: Sequence[str]) -> dict[str, list[StandingLine]]:
    found: dict[str, list[StandingLine]] = defaultdict(list)
    if not sources:
        return found
    wanted = select(AdjudicatedLine).where(AdjudicatedLine.source.in_(sources))
    lines = db.scalars(wanted.order_by(AdjudicatedLine.source, AdjudicatedLine.position)).all()
    posted = _posted(db, [_entry(line) for line in lines])
    for line in lines:
        found[line.source].append(StandingLine(line.position, _decision(line), posted.get(_entry(line), [])))
    return found


def _place(source: str) -> list[int]:
    """The numbers in a decision's source: its payment and its place there."""
    return [int(part) for part in source.split(":") if part.isdecimal()]


def _entry(line: AdjudicatedLine) -> str:
    return f"{line.source}:line:{line.position}"


def _decision(line: AdjudicatedLine) -> LineDecision:
    adjustments = tuple(Adjustment(*one) for one in line.adjustments)
    return LineDecision(line.charge_id, line.paid_cents, adjustments, tuple(line.remarks), line.is_denied)


def _posted(db: Db, entries: Sequence[str]) -> dict[str, list[Line]]:
    """What these entries hold, those left out that have been mirrored."""
    if not entries:
        return {}
    mirrors = [f"{REVERSAL_OF}{entry}" for entry in entries]
    found: dict[str, list[Line]] = defaultdict(list)
    for posting in db.scalars(
        select(Posting).where(Posting.entry.in_([*entries, *mirrors])).order_by(Posting.entry, Posting.position)
    ):
        found[posting.entry].append(Line(posting.account, posting.cents, posting.about))
    return {entry: lines for entry, lines in found.items() if f"{REVERSAL_OF}{entry}" not in found}


def policies_of(db: Db, patient_ids: Collection[int]) -> dict[int, list[Policy]]:
    """Every policy of these patients."""
    found: dict[int, list[Policy]] = defaultdict(list)
    for policy in db.scalars(select(Policy).where(Policy.patient_id.in_(patient_ids))):
        found[policy.patient_id].append(policy)
    return found


def our_numbers(db: Db) -> frozenset[str]:
    """The NPIs and the tax number by which payers know us, digits only."""
    numbers = [
        *db.scalars(select(Practitioner.npi)),
        *db.scalars(select(Clinic.npi)),
        *db.scalars(select(Clinic.tax_id)),
    ]
    return frozenset(number.replace("-", "") for number in numbers if number)


def payers(db: Db) -> dict[int, Payer]:
    """Every payer there is."""
    return {payer.id: payer for payer in db.scalars(select(Payer))}


def owed_by_insurers(db: Db, charge_ids: Collection[int]) -> dict[int, int]:
    """What insurers still owe about each of these charges, in cents."""
    if not charge_ids:
        return {}
    owed = owed_by_insurers_about(db, [f"charge:{one}" for one in charge_ids])
    return {one: owed.get(f"charge:{one}", 0) for one in charge_ids}
