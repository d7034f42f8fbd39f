"""What the answers to some hundred claims put into the database, gathered first and written at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from billing.audit.recording import Actor, ActorKind
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import AdjudicatedLine, Adjudication, ClaimAnswer, Verdict
from billing.claims.moving import Move, move
from billing.database import Db, insert_many
from billing.edi.remittance_835.remittance import ClaimPayment
from billing.ledger.posting import NewEntry, post
from billing.remittances.adjudicating import LineDecision, is_denial

BY = Actor(ActorKind.COMMAND, "remit")
ANSWER = "835"
"""The kind of an answer to a claim that is not a decision."""


@dataclass(slots=True)
class Sheet:
    """Rows waiting to be written."""

    at: datetime
    decided_on: date
    entries: list[NewEntry] = field(default_factory=list)
    adjudications: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)
    """Sources of decisions that stand no more."""
    answers: list[dict[str, Any]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    def adjudicate(self, source: str, claim_id: int, payment: ClaimPayment, lines: Sequence[LineDecision]) -> None:
        """A decision and its lines."""
        self.adjudications.append(
            {
                "source": source,
                "claim_id": claim_id,
                "decided_on": self.decided_on,
                "status_code": payment.status,
                "payer_claim_number": storable(payment.payer_claim_number),
                "charge_cents": payment.charge_cents,
                "paid_cents": payment.paid_cents,
                "patient_cents": sum(line.patient_cents for line in lines),
                "is_denial": is_denial(lines),
                "remarks": [storable(remark) for remark in payment.remarks],
                "posted_at": self.at,
                "reversed_at": None,
            }
        )
        self.lines += [
            {
                "source": source,
                "position": position,
                "charge_id": line.charge_id,
                "paid_cents": line.paid_cents,
                "adjustments": [[one.group, one.reason, one.cents] for one in line.adjustments],
                "remarks": [storable(remark) for remark in line.remarks],
                "is_denied": line.is_denied,
            }
            for position, line in enumerate(lines, start=1)
        ]

    def note(self, claim_id: int, file_id: int, reference: str, payment: ClaimPayment, why: str) -> None:
        """Something the payer said of a claim that changes nothing."""
        self.answers.append(
            {
                "claim_id": claim_id,
                "file_id": file_id,
                "kind": ANSWER,
                "reference": reference,
                "code": payment.status,
                "verdict": Verdict.NOTED,
                "said_on": self.decided_on,
                "why": why,
                "received_at": self.at,
            }
        )

    def write(self, db: Db) -> None:
        """Write all of it.

        Raises ``IntegrityError`` when one of the decisions, or the taking back of one, is in the books already.
        """
        insert_many(db, Adjudication, self.adjudications)
        insert_many(db, AdjudicatedLine, self.lines)
        insert_many(db, ClaimAnswer, self.answers)
        if self.taken_back:
            gone = update(Adjudication).where(Adjudication.source.in_(self.taken_back)).values(reversed_at=self.at)
            db.execute(gone.execution_options(synchronize_session=False))
        post(db, self.entries, self.at)
        for waves in _in_waves(self.moves):
            for (state, event, why), claim_ids in waves.items():
                move(db, claim_ids, state, event, by=str(BY), why=why, at=self.at)


def _in_waves(moves: Iterable[Move]) -> list[dict[tuple[ClaimState, ClaimEvent, str], list[int]]]:
    """Moves that can be made together: first the first one of every claim, then every second one …"""
    waves: list[dict[tuple[ClaimState, ClaimEvent, str], list[int]]] = []
    made: Counter[int] = Counter()
    for one in moves:
        if made[one.claim_id] == len(waves):
            waves.append(defaultdict(list))
        waves[made[one.claim_id]][one.state, one.event, one.why].append(one.claim_id)
        made[one.claim_id] += 1
    return waves


def storable(text: str) -> str:
    """Text from outside without the one character that no database takes."""
    return text.replace("\0", "")
