"""The clinic, its places of work and rooms, and the counters it numbers its papers from."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key, words


class TaxIdKind(StrEnum):
    """Whose tax number the clinic uses."""

    EIN = "EIN"
    SSN = "SSN"


class Clinic(Base):
    """The one clinic of this database: billing provider, letterhead and place of service."""

    __tablename__ = "clinic"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[Key]
    name: Mapped[str]
    npi: Mapped[str | None]
    tax_id: Mapped[str]
    tax_id_kind: Mapped[TaxIdKind] = mapped_column(words(TaxIdKind))
    taxonomy: Mapped[str | None]
    address1: Mapped[str]
    address2: Mapped[str | None]
    city: Mapped[str]
    state: Mapped[str]
    zip: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str | None]
    time_zone: Mapped[str]
    currency: Mapped[str]
    submitter_id: Mapped[str | None]


class PlaceOfWork(Base):
    """A place besides the clinic's own address at which people are treated."""

    __tablename__ = "place"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    address1: Mapped[str]
    address2: Mapped[str | None]
    city: Mapped[str]
    state: Mapped[str]
    """In the United States its two letters; elsewhere the county or nation, as people there write it."""
    zip: Mapped[str]
    country: Mapped[str]
    """Two letters (ISO 3166)."""
    npi: Mapped[str | None]
    """Where the place has a number of its own."""


class Room(Base):
    """A treatment room."""

    __tablename__ = "room"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    closed_on: Mapped[date | None]
    """From this day on nothing is booked into it."""
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey(PlaceOfWork.id))
    """Where it is; empty at the clinic's own address."""


class Counter(Base):
    """The last number issued of one series."""

    __tablename__ = "counter"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(sa.BigInteger())
