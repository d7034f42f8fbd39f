"""People, organisations and places as every healthcare transaction set names them (NM1, N3, N4, PER, DMG)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Relationship(StrEnum):
    """PAT01 and 2320 SBR02: what the patient is to the subscriber."""

    SELF = "18"
    SPOUSE = "01"
    CHILD = "19"
    EMPLOYEE = "20"
    UNKNOWN = "21"
    ORGAN_DONOR = "39"
    CADAVER_DONOR = "40"
    LIFE_PARTNER = "53"
    OTHER = "G8"


class Sex(StrEnum):
    """DMG03."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = "U"


@dataclass(frozen=True, slots=True)
class Person:
    """A name in parts, as NM103 to NM107 carry it."""

    last: str
    first: str = ""
    middle: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """The name of a clinic, an employer, a company."""

    name: str


Party = Person | Organisation


@dataclass(frozen=True, slots=True)
class Address:
    """A place in the United States or its territories; ``zip`` is five or nine digits without a hyphen."""

    line1: str
    city: str
    state: str
    zip: str
    line2: str = ""


NOWHERE = Address("", "", "", "")
"""What a reader puts where an address is required and none was sent."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask; ``phone`` is ten digits."""

    name: str
    phone: str
    email: str = ""
