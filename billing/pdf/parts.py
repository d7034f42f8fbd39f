"""The facts that several papers share: who issues, who receives, who paid.

Every paper is a frozen dataclass of these and its own lines. Amounts are :class:`~billing.money.Money`
of one currency; dates are the clinic's local dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from billing.money import Money

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Region(StrEnum):
    """Where the paper is read: it settles the sheet's size and how a date is written."""

    US = "US"
    """US Letter; dates as on American claim forms, ``11/21/2026``."""
    UK = "UK"
    """A4; dates as ``21 Nov 2026``."""

    def date_text(self, day: date) -> str:
        """``day`` as this region's readers write it, the same on every machine whatever its locale."""
        if self is Region.US:
            return f"{day.month:02d}/{day.day:02d}/{day.year}"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The clinic as it presents itself. Whatever is empty is not printed, nor is its label."""

    clinic_name: str
    address: tuple[str, ...]
    """Street and town, one string a line."""
    phone: str = ""
    email: str = ""
    website: str = ""
    tax_id: str = ""
    """US employer identification number; a UK clinic has none."""
    vat_number: str = ""
    """Only of a clinic registered for VAT."""
    logo: bytes | None = None
    """A PNG or JPEG file's bytes."""
    region: Region = Region.US


@dataclass(frozen=True, slots=True)
class Party:
    """A person or an organisation with a postal address."""

    name: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Who treated, with what an insurer or a cash plan asks about them. Empty facts are not printed."""

    name: str
    """Legal name."""
    credentials: str = ""
    """Letters after the name, or the professional body: ``L.Ac., Dipl. Ac. (NCCAOM)``, ``MBAcC``."""
    npi: str = ""
    """Individual National Provider Identifier (US)."""
    licence_number: str = ""
    licence_state: str = ""
    membership: str = ""
    """Membership of a professional body with its number, as a UK cash plan wants it."""

    @property
    def titled_name(self) -> str:
        """Name and letters together."""
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A discount (amount above zero takes away) or a tax (amount above zero is added), with its reason."""

    label: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received, as a positive amount; money given back is negative."""

    received_on: date
    method: str
    """``Cash``, ``Check``, ``Visa ending 4242``: never more of a card than its last four digits."""
    amount: Money
    reference: str = ""

    def text(self, region: Region) -> str:
        """When and how it came, in words: ``Paid 11/21/2026, Check 1042``."""
        verb = "Paid" if self.amount.cents >= 0 else "Refunded"
        return f"{verb} {region.date_text(self.received_on)}, {self.method} {self.reference}".rstrip()


def total_of(amounts: list[Money], currency: str) -> Money:
    """The sum, zero of ``currency`` for none. Raises ``ValueError`` when an amount is of another currency."""
    total = Money(0, currency)
    for amount in amounts:
        total += amount
    return total
