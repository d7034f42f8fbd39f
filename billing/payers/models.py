"""Insurers."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key, words


class PayerKind(StrEnum):
    """The line of insurance, which decides which rules apply."""

    COMMERCIAL = "commercial"
    MEDICARE = "medicare"
    MEDICAID = "medicaid"
    VA = "va"
    WORKERS_COMP = "workers_comp"
    AUTO = "auto"


class Payer(Base):
    """One insurer as claims see it."""

    __tablename__ = "payer"

    id: Mapped[Key]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    payer_number: Mapped[str | None]
    kind: Mapped[PayerKind] = mapped_column(words(PayerKind))
    address1: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    zip: Mapped[str | None]
    filing_limit_days: Mapped[int | None]
    """Days from the date of service within which a first claim must reach the payer; empty: 365."""
    rule_pack: Mapped[str | None]
    """The key of the rule pack that judges its plans; empty: the one for its kind."""
    takes_one_service_type: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether an eligibility question may ask it about one kind of service only."""
