"""Insurers as the settings list them, with how much each is used. A fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ScalarSelect, func, select

from billing.charges.models import Fee
from billing.claims.models import Claim
from billing.coverage.models import Policy
from billing.database import Db
from billing.payers.models import Payer
from billing.practitioners.models import Enrolment, Practitioner


@dataclass(frozen=True, slots=True)
class Usage:
    """How much an insurer is used."""

    claims: int = 0
    policies: int = 0
    enrolled: int = 0
    """Practitioners whose standing with it is on file for today."""
    prices: int = 0
    """Allowed amounts of its contract, over time."""

    @property
    def weight(self) -> int:
        """Claims and policies: what hangs on the insurer's kind."""
        return self.claims + self.policies


@dataclass(frozen=True, slots=True)
class PayerRow:
    """An insurer in the list."""

    payer: Payer
    usage: Usage


def payers_page(db: Db, today: date) -> list[PayerRow]:
    """Every insurer by name; one query."""
    rows = db.execute(select(Payer, *_counts(today)).order_by(Payer.name, Payer.id))
    return [PayerRow(payer, Usage(*counts)) for payer, *counts in rows.all()]


def usage_of(db: Db, payer_id: int, today: date) -> Usage:
    """How much one insurer is used; one query."""
    row = db.execute(select(*_counts(today)).where(Payer.id == payer_id)).one_or_none()
    return Usage(*row) if row else Usage()


def enrolled_with(db: Db, payer_id: int) -> list[tuple[Enrolment, Practitioner]]:
    """Everybody's standing with an insurer over time, by name."""
    rows = db.execute(
        select(Enrolment, Practitioner)
        .join(Practitioner, Practitioner.id == Enrolment.practitioner_id)
        .where(Enrolment.payer_id == payer_id)
        .order_by(Practitioner.last_name, Practitioner.id, Enrolment.effective_from)
    )
    return [(enrolment, practitioner) for enrolment, practitioner in rows]


def _counts(today: date) -> tuple[ScalarSelect[int], ScalarSelect[int], ScalarSelect[int], ScalarSelect[int]]:
    """The counts of a usage, in its order, for a query on payers."""
    enrolled = select(func.count(Enrolment.practitioner_id.distinct())).where(
        Enrolment.payer_id == Payer.id,
        Enrolment.effective_from <= today,
        Enrolment.effective_to.is_(None) | (Enrolment.effective_to >= today),
    )
    return (
        select(func.count(Claim.id)).where(Claim.payer_id == Payer.id).scalar_subquery(),
        select(func.count(Policy.id)).where(Policy.payer_id == Payer.id).scalar_subquery(),
        enrolled.scalar_subquery(),
        select(func.count(Fee.id)).where(Fee.payer_id == Payer.id).scalar_subquery(),
    )
