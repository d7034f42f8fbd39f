from __future__ import annotations

from datetime import UTC, date, datetime

from billing.web.formatting import count, day, hour, in_words, moment, money, phone, plain_day, rule_in_words, with_days
from tests.factories import a_clinic


def test_money_reads_as_money() -> None:
    assert [money(cents, "USD") for cents in (0, 5, 123450, -16500)] == ["$0.00", "$0.05", "$1,234.50", "-$165.00"]


def test_a_date_cannot_be_misread() -> None:
    assert day(date(2026, 3, 2)) == "Mon 2 Mar 2026"


def test_dates_in_the_sentences_of_rules_read_like_all_others() -> None:
    said = "Verified on 2026-03-02, in 20260302-2026-03-02.835; 2026-13-45 is none."

    assert with_days(said) == "Verified on Mon 2 Mar 2026, in 20260302-2026-03-02.835; 2026-13-45 is none."


def test_an_instant_reads_in_the_clinics_zone_also_across_midnight_and_clock_changes() -> None:
    assert moment(datetime(2026, 3, 3, 2, 5, tzinfo=UTC), "America/Los_Angeles") == "Mon 2 Mar 2026, 18:05"
    assert hour(datetime(2026, 3, 8, 10, 30, tzinfo=UTC), "America/Los_Angeles") == "03:30"


def test_counts_and_stored_words_are_readable() -> None:
    assert count(12345) == "12,345"
    assert in_words("front_desk") == "Front desk"


def test_a_rule_is_read_in_words() -> None:
    rules = ("modifier.missing", "coverage.limit_reached", "place_of_service.not_valid", "npi.invalid")

    assert [rule_in_words(rule) for rule in (*rules, "note not signed")] == [
        "Modifier missing",
        "Coverage: limit reached",
        "Place of service: not valid",
        "NPI invalid",
        "Note not signed",
    ]


def test_a_birth_date_needs_no_weekday() -> None:
    assert plain_day(date(1979, 5, 11)) == "11 May 1979"


def test_a_telephone_reads_as_it_is_written_where_the_clinic_is() -> None:
    london = a_clinic(time_zone="Europe/London", currency="GBP")

    assert phone("+15035550100", a_clinic()) == "(503) 555-0100"
    assert phone("+15035550100", london) == "+1 503-555-0100"
    assert phone("+442079460000", london) == "020 7946 0000"
    assert phone("ask for Ben", None) == "ask for Ben"
