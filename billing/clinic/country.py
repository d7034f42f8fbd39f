"""In which country the clinic lies, told from the place its clocks hang in: its addresses and telephones follow it."""

from __future__ import annotations

from functools import lru_cache

from babel.core import get_global

from billing.clinic.models import Clinic

UNITED_STATES = "US"
ADDRESSED_LIKE_THE_STATES = frozenset({UNITED_STATES, "AS", "GU", "MP", "PR", "VI"})
"""The United States and its territories: the same states' letters, ZIP codes and telephone numbers."""
_BY_CURRENCY = {"USD": "US", "GBP": "GB", "CAD": "CA", "AUD": "AU", "NZD": "NZ"}
"""For clocks that name no country, such as UTC. The euro names none either."""
_NOWHERE = "ZZ"


def country_of(clinic: Clinic) -> str:
    """The country in two letters (ISO 3166): ``US``, ``GB``; empty when nothing tells."""
    return _country_of_zone(clinic.time_zone) or _BY_CURRENCY.get(clinic.currency, "")


def is_american(clinic: Clinic) -> bool:
    """Whether addresses there have a state of two letters and a ZIP code."""
    return country_of(clinic) in ADDRESSED_LIKE_THE_STATES


def writes_day_first(clinic: Clinic) -> bool:
    """Whether ``5/11/1979`` means the fifth of November there, as it does nearly everywhere else."""
    return not is_american(clinic)


@lru_cache(maxsize=64)
def _country_of_zone(zone: str) -> str:
    """By Unicode's table of zones (CLDR); older names of a zone are known too."""
    territories = get_global("zone_territories")
    aliases = get_global("zone_aliases")
    found = territories.get(zone) or territories.get(aliases.get(zone, ""), _NOWHERE)
    return "" if found == _NOWHERE else str(found)
