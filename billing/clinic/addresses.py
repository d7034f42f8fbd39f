"""Addresses in the United States: a state of two letters and a ZIP code, or nothing yet. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from billing.errors import Problem, block
from billing.identifiers import zip_digits

STATES = frozenset(
    {
        "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS",
        "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC",
        "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
        "AS", "GU", "MP", "PR", "VI", "FM", "MH", "PW", "AA", "AE", "AP",
    }
)  # fmt: skip
"""States, the district, territories, freely associated states and military posts (USPS Publication 28, appendix B)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody lives; an empty text is not known."""

    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""

    def tidied(self) -> Place:
        """With one blank between words, and the letters of a state and a postcode in capitals."""
        parts = [" ".join(part.split()) for part in (self.address1, self.address2, self.city, self.state, self.zip)]
        state = parts[3].upper() if len(parts[3]) == 2 else parts[3]
        return Place(parts[0], parts[1], parts[2], state, parts[4].upper())


def place_problems(place: Place, before: str = "") -> list[Problem]:
    """What no address in the United States can have; what is missing is no mistake here.

    ``before`` stands before the names of the form's fields: ``subscriber_`` makes it ``subscriber_zip``.
    """
    problems = []
    if place.state and place.state not in STATES:
        fix = "Write its two letters, such as OR."
        problems.append(block("address.state", "There is no such state.", fix, f"field:{before}state"))
    if place.zip and not _is_zip(place.zip):
        fix = "Write five or nine digits, such as 97214 or 97214-2318."
        problems.append(block("address.zip", "This is not a ZIP code.", fix, f"field:{before}zip"))
    return problems


def _is_zip(text: str) -> bool:
    try:
        return bool(zip_digits(text))
    except ValueError:
        return False
