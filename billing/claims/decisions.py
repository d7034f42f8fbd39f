"""What payers decided about charges, as it was posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from billing.claims.models import AdjudicatedLine, Adjudication, Claim, Responsibility
from billing.codes.adjustments import Effect, reason
from billing.database import Db, batches
from billing.payers.models import Payer

_CHARGES_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One adjustment as the payer wrote it: group and reason code, and cents."""

    group: str
    reason: str
    cents: int


@dataclass(frozen=True, slots=True)
class Decision:
    """One payer's decision about one charge."""

    source: str
    """The decision on the whole claim."""
    entry: str
    """What was posted of this line, if anything was: the entry's source in the books."""
    charge_id: int
    claim: str
    """The claim's control number."""
    responsibility: Responsibility
    payer: str
    """Its name, or empty when the claim has lost its payer."""
    decided_on: date
    posted_at: datetime
    reversed_at: datetime | None
    paid_cents: int
    adjustments: tuple[Adjusted, ...]
    remarks: tuple[str, ...]
    """Remark codes of the line, then of the claim."""
    is_denied: bool

    @property
    def patients(self) -> list[Adjusted]:
        """Those of its adjustments that this payer leaves to the patient (group PR)."""
        return [one for one in self.adjustments if one.group == "PR"]


def decisions_about(db: Db, charge_ids: Iterable[int]) -> dict[int, list[Decision]]:
    """All decisions about each of these charges, in the order they were posted, those taken back included.

    One query for some thousands of charges.
    """
    found: dict[int, list[Decision]] = defaultdict(list)
    for batch in batches(charge_ids, _CHARGES_AT_ONCE):
        rows = db.execute(
            select(AdjudicatedLine, Adjudication, Claim.control_number, Claim.responsibility, Payer.name)
            .join(Adjudication, Adjudication.source == AdjudicatedLine.source)
            .join(Claim, Claim.id == Adjudication.claim_id)
            .outerjoin(Payer, Payer.id == Claim.payer_id)
            .where(AdjudicatedLine.charge_id.in_(batch))
            .order_by(Adjudication.posted_at, AdjudicatedLine.source, AdjudicatedLine.position)
        )
        for line, claim, control_number, responsibility, payer in rows:
            found[line.charge_id].append(_decision(line, claim, control_number, responsibility, payer))
    return found


def _decision(
    line: AdjudicatedLine, claim: Adjudication, control_number: str, responsibility: Responsibility, payer: str | None
) -> Decision:
    return Decision(
        source=line.source,
        entry=f"{line.source}:line:{line.position}",
        charge_id=line.charge_id,
        claim=control_number,
        responsibility=responsibility,
        payer=payer or "",
        decided_on=claim.decided_on,
        posted_at=claim.posted_at,
        reversed_at=claim.reversed_at,
        paid_cents=line.paid_cents,
        adjustments=tuple(Adjusted(str(group), str(reason), int(cents)) for group, reason, cents in line.adjustments),
        remarks=(*line.remarks, *claim.remarks),
        is_denied=line.is_denied,
    )


def refusals(db: Db, claim_ids: Iterable[int]) -> dict[int, list[Adjusted]]:
    """Why payers pay nothing of lines of these claims, each reason once, as far as the decisions stand.

    Those that refuse; where a line has none of them, whatever reasons it has. One query.
    """
    rows = db.execute(
        select(Adjudication.claim_id, AdjudicatedLine.adjustments)
        .join(AdjudicatedLine, AdjudicatedLine.source == Adjudication.source)
        .where(
            Adjudication.claim_id.in_(list(claim_ids)),
            Adjudication.reversed_at.is_(None),
            AdjudicatedLine.paid_cents <= 0,
        )
        .order_by(Adjudication.posted_at, AdjudicatedLine.source, AdjudicatedLine.position)
    )
    found: dict[int, dict[tuple[str, str], Adjusted]] = defaultdict(dict)
    for claim_id, adjustments in rows:
        given = [Adjusted(str(group), str(code), int(cents)) for group, code, cents in adjustments]
        refusing = [one for one in given if (known := reason(one.reason)) and known.effect is Effect.DENIAL]
        for one in refusing or given:
            found[claim_id].setdefault((one.group, one.reason), one)
    return {claim_id: list(reasons.values()) for claim_id, reasons in found.items()}
