"""Where the clinic lies, by its clocks."""

from __future__ import annotations

import pytest

from billing.clinic.country import country_of, is_american, writes_day_first
from tests.factories import a_clinic


@pytest.mark.parametrize(
    ("zone", "currency", "country"),
    [
        ("America/Los_Angeles", "USD", "US"),
        ("US/Pacific", "USD", "US"),
        ("Europe/London", "GBP", "GB"),
        ("Asia/Kolkata", "INR", "IN"),
        ("America/Puerto_Rico", "USD", "PR"),
    ],
)
def test_the_clocks_tell_the_country(zone: str, currency: str, country: str) -> None:
    assert country_of(a_clinic(time_zone=zone, currency=currency)) == country


@pytest.mark.parametrize(("currency", "country"), [("USD", "US"), ("GBP", "GB"), ("EUR", "")])
def test_where_the_clocks_tell_nothing_the_currency_may(currency: str, country: str) -> None:
    assert country_of(a_clinic(time_zone="UTC", currency=currency)) == country


def test_a_territory_is_addressed_like_the_states_and_london_is_not() -> None:
    assert is_american(a_clinic(time_zone="America/Puerto_Rico"))
    assert not is_american(a_clinic(time_zone="Europe/London", currency="GBP"))


def test_the_month_stands_first_in_america_alone() -> None:
    assert not writes_day_first(a_clinic())
    assert writes_day_first(a_clinic(time_zone="Europe/London", currency="GBP"))
