"""How right estimates were: what the patient was told before, against what the payer left to them afterwards.

Of each session the estimate told last counts, and of its payer's decisions those that stand. Amounts are cents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from billing.claims.models import AdjudicatedLine, Adjudication, Claim, Responsibility
from billing.clinic.queries import the_clinic
from billing.codes.adjustments import reason_text
from billing.database import Db
from billing.estimates.models import KeptEstimate
from billing.money import Money
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.sessions.models import ClinicSession

MOST = 5000
"""So many of the latest estimates are compared."""
WORST = 20
_PARTS = {"1": "deductible", "2": "coinsurance", "3": "copay"}
"""Reasons of group PR (X12 code list 139) that the estimate reckons with, by its own names for them."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One session's estimate and what became of it."""

    estimate: KeptEstimate
    session_id: int
    service_on: date
    patient_id: int
    patient: str
    payer: str
    expected: int | None
    actual: int
    """What the payer left to the patient."""
    why: str
    """What made the difference; empty when there is none."""

    @property
    def error(self) -> int:
        """Actual less expected; zero where nothing was expected."""
        return 0 if self.expected is None else self.actual - self.expected

    @property
    def is_within(self) -> bool:
        """Whether it came out between the bounds that were told."""
        low, high = self.estimate.low_cents, self.estimate.high_cents
        return low is not None and high is not None and low <= self.actual <= high


@dataclass(frozen=True, slots=True)
class PayerAccuracy:
    """How right the estimates for one payer's patients were."""

    payer: str
    count: int
    expected: int
    """What patients were told, in all."""
    actual: int
    median_error: int
    """The middle one of the differences, whichever way they go."""
    worst: Compared
    within: int
    """How many came out between the bounds that were told."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The report."""

    payers: list[PayerAccuracy]
    worst: list[Compared]
    unknown: int
    """Of how many the patient's part could not be told beforehand."""


def accuracy(db: Db) -> Accuracy:
    """Estimates against decisions, by payer, the least right first; a fixed number of queries."""
    found = compared(db)
    told = [one for one in found if one.expected is not None]
    by_payer: dict[str, list[Compared]] = defaultdict(list)
    for one in told:
        by_payer[one.payer].append(one)
    rows = [_of_payer(name, own) for name, own in by_payer.items()]
    return Accuracy(
        sorted(rows, key=lambda one: (-one.median_error, one.payer)),
        [one for one in sorted(told, key=lambda one: -abs(one.error)) if one.error][:WORST],
        len(found) - len(told),
    )


def median(errors: Iterable[int]) -> int:
    """The middle of the differences without their signs, the lower of two. Pure."""
    ordered = sorted(abs(one) for one in errors)
    return ordered[(len(ordered) - 1) // 2] if ordered else 0


def compared(db: Db, patient_id: int | None = None) -> list[Compared]:
    """Sessions with an estimate whose payer has decided, the latest estimate first; four queries."""
    last = select(func.max(KeptEstimate.id).label("id")).group_by(KeptEstimate.session_id)
    asked = (
        select(KeptEstimate, ClinicSession, Patient, Payer, Claim.id)
        .join(ClinicSession, ClinicSession.id == KeptEstimate.session_id)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .join(Payer, Payer.id == KeptEstimate.payer_id)
        .join(
            Claim,
            (Claim.session_id == KeptEstimate.session_id)
            & (Claim.payer_id == KeptEstimate.payer_id)
            & (Claim.responsibility == Responsibility.PRIMARY),
        )
        .where(
            KeptEstimate.id.in_(last),
            select(Adjudication.source)
            .where(Adjudication.claim_id == Claim.id, Adjudication.reversed_at.is_(None))
            .exists(),
        )
        .order_by(KeptEstimate.id.desc())
        .limit(MOST)
    )
    if patient_id is not None:
        asked = asked.where(ClinicSession.patient_id == patient_id)
    rows = db.execute(asked).all()
    decided = _decided(db, [row[4] for row in rows])
    currency = the_clinic(db).currency
    return [
        _compared(estimate, session, patient, payer, decided[claim_id], currency)
        for estimate, session, patient, payer, claim_id in rows
    ]


@dataclass(slots=True)
class _Decided:
    """What a payer decided about a claim, so far as it stands."""

    left: int
    by_reason: dict[str, int]
    is_denial: bool


def _decided(db: Db, claim_ids: Sequence[int]) -> dict[int, _Decided]:
    found: dict[int, _Decided] = {}
    sources: dict[str, int] = {}
    standing = Adjudication.reversed_at.is_(None)
    # One claim may have been decided in parts.
    for one in db.scalars(select(Adjudication).where(Adjudication.claim_id.in_(claim_ids), standing)):
        kept = found.setdefault(one.claim_id, _Decided(0, defaultdict(int), False))
        kept.left += one.patient_cents
        kept.is_denial = kept.is_denial or one.is_denial
        sources[one.source] = one.claim_id
    for line in db.scalars(select(AdjudicatedLine).where(AdjudicatedLine.source.in_(list(sources)))):
        for group, code, cents in line.adjustments:
            if group == "PR":
                found[sources[line.source]].by_reason[code] += cents
    return found


def _compared(
    estimate: KeptEstimate, session: ClinicSession, patient: Patient, payer: Payer, decided: _Decided, currency: str
) -> Compared:
    return Compared(
        estimate=estimate,
        session_id=session.id,
        service_on=session.service_on,
        patient_id=patient.id,
        patient=f"{patient.first_name} {patient.last_name}",
        payer=payer.name,
        expected=estimate.expected_cents,
        actual=decided.left,
        why=difference(estimate.inputs["lines"], decided.by_reason, currency, is_denial=decided.is_denial),
    )


def difference(
    lines: Iterable[Mapping[str, int]], by_reason: Mapping[str, int], currency: str, *, is_denial: bool = False
) -> str:
    """In which parts the decision differs from the estimate's lines, in words; empty when in none. Pure."""
    kept = list(lines)
    parts = []
    for code, name in _PARTS.items():
        was, told = by_reason.get(code, 0), sum(line[name] for line in kept)
        if was != told:
            parts.append(f"{name} {Money(was, currency)} instead of {Money(told, currency)}")
    others = {code: cents for code, cents in by_reason.items() if code not in _PARTS and cents}
    parts += [f"{Money(cents, currency)} {reason_text('PR', code)}" for code, cents in sorted(others.items())]
    return ", ".join([*(["denied"] if is_denial else []), *parts])


def _of_payer(name: str, found: Sequence[Compared]) -> PayerAccuracy:
    return PayerAccuracy(
        payer=name,
        count=len(found),
        expected=sum(one.expected or 0 for one in found),
        actual=sum(one.actual for one in found),
        median_error=median(one.error for one in found),
        worst=max(found, key=lambda one: abs(one.error)),
        within=sum(one.is_within for one in found),
    )
