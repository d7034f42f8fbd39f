from __future__ import annotations

from datetime import UTC, date, datetime

from billing.web.formatting import count, day, hour, in_words, moment, money


def test_money_reads_as_money() -> None:
    assert [money(cents, "USD") for cents in (0, 5, 123450, -16500)] == ["$0.00", "$0.05", "$1,234.50", "-$165.00"]


def test_a_date_cannot_be_misread() -> None:
    assert day(date(2026, 3, 2)) == "Mon 2 Mar 2026"


def test_an_instant_reads_in_the_clinics_zone_also_across_midnight_and_clock_changes() -> None:
    assert moment(datetime(2026, 3, 3, 2, 5, tzinfo=UTC), "America/Los_Angeles") == "Mon 2 Mar 2026, 18:05"
    assert hour(datetime(2026, 3, 8, 10, 30, tzinfo=UTC), "America/Los_Angeles") == "03:30"


def test_counts_and_stored_words_are_readable() -> None:
    assert count(12345) == "12,345"
    assert in_words("front_desk") == "Front desk"
