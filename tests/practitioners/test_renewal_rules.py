"""How long licences and certificates last, by the rules that come with the program."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.practitioners.renewal_data import ENROLMENT, renewals
from billing.practitioners.renewal_rules import (
    DOES_NOT_LAPSE,
    Ends,
    RenewalRule,
    months_after,
    months_between,
    next_expiry,
    renewal_opens,
)

BORN = date(1984, 5, 14)
ALL = {one.id: one for one in renewals().rules}


def next_after(rule_id: str, ended: date, *, number: str = "AC 1904", birth_date: date | None = BORN) -> date | None:
    return next_expiry(
        ALL[rule_id], ended=ended, begins=ended + timedelta(days=1), birth_date=birth_date, number=number
    ).on


def first_term(rule_id: str, begins: date, *, birth_date: date | None = BORN, number: str = "1") -> date | None:
    return next_expiry(ALL[rule_id], ended=None, begins=begins, birth_date=birth_date, number=number).on


@pytest.mark.parametrize(
    ("state", "ended", "expected"),
    [
        ("ca", date(2026, 5, 31), date(2028, 5, 31)),
        ("ny", date(2025, 8, 31), date(2028, 8, 31)),
        ("tx", date(2026, 11, 30), date(2028, 11, 30)),
        ("fl", date(2026, 2, 28), date(2028, 2, 28)),
        ("wa", date(2026, 5, 14), date(2027, 5, 14)),
        ("or", date(2026, 6, 30), date(2028, 6, 30)),
        ("co", date(2025, 12, 31), date(2027, 12, 31)),
        ("ma", date(2026, 5, 14), date(2028, 5, 14)),
        ("nj", date(2025, 6, 30), date(2027, 6, 30)),
        ("il", date(2025, 6, 30), date(2027, 6, 30)),
    ],
)
def test_4_2_each_state_has_its_next_last_day(state: str, ended: date, expected: date) -> None:
    assert next_after(f"us-{state}-licence", ended) == expected


@pytest.mark.parametrize(
    ("number", "ended", "expected"),
    [
        ("AC 1904", date(2025, 1, 1), date(2026, 11, 30)),
        ("AC 1905", date(2025, 1, 1), date(2025, 11, 30)),
        ("AC 1905", date(2025, 11, 30), date(2027, 11, 30)),
        ("AC 1904", date(2026, 11, 29), date(2026, 11, 30)),
    ],
)
def test_4_2_in_texas_even_licence_numbers_end_in_even_years(number: str, ended: date, expected: date) -> None:
    assert next_after("us-tx-licence", ended, number=number) == expected


def test_4_2_florida_ends_on_28_february_of_2026_and_of_2028_though_that_is_a_leap_year() -> None:
    assert next_after("us-fl-licence", date(2025, 7, 1)) == date(2026, 2, 28)
    assert next_after("us-fl-licence", date(2026, 2, 28)) == date(2028, 2, 28)


@pytest.mark.parametrize("issued", [date(2026, month, 10) for month in range(1, 13)])
def test_4_2_a_first_licence_of_california_lasts_13_to_24_months_to_the_end_of_the_birth_month(issued: date) -> None:
    ends = first_term("us-ca-licence", issued)

    assert ends is not None
    assert (ends.month, ends + timedelta(days=1)) == (5, date(ends.year, 6, 1))
    months = (ends.year - issued.year) * 12 + ends.month - issued.month
    assert 13 <= months <= 24


def test_4_2_a_birth_month_that_ends_in_a_leap_day_ends_there() -> None:
    assert next_after("us-ca-licence", date(2026, 2, 28), birth_date=date(1990, 2, 3)) == date(2028, 2, 29)


def test_4_2_washington_is_renewable_from_90_days_before_the_birthday() -> None:
    assert renewal_opens(ALL["us-wa-licence"], date(2027, 5, 14)) == date(2027, 2, 13)
    assert renewal_opens(ALL["us-or-licence"], date(2028, 6, 30)) is None


def test_who_was_born_on_a_leap_day_has_a_birthday_every_year() -> None:
    assert next_after("us-wa-licence", date(2027, 2, 28), birth_date=date(1992, 2, 29)) == date(2028, 2, 29)
    assert next_after("us-wa-licence", date(2028, 2, 29), birth_date=date(1992, 2, 29)) == date(2029, 2, 28)


@pytest.mark.parametrize(
    ("rule_id", "ended", "expected"),
    [
        ("us-national-certification", date(2026, 4, 30), date(2030, 4, 30)),
        ("cpr-card", date(2026, 2, 28), date(2028, 2, 29)),
        ("us-caqh", date(2026, 3, 1), date(2026, 6, 29)),
        ("us-caqh-il", date(2026, 3, 1), date(2026, 8, 28)),
        ("us-recredentialing", date(2026, 3, 15), date(2029, 3, 15)),
        ("us-exclusion-check", date(2026, 3, 15), date(2026, 4, 15)),
        ("yearly-training", date(2026, 3, 15), date(2027, 3, 15)),
    ],
)
def test_4_3_national_and_other_credentials_have_their_cycles(rule_id: str, ended: date, expected: date) -> None:
    assert next_after(rule_id, ended) == expected


def test_4_3_caqh_is_attested_every_120_days_and_in_illinois_every_180() -> None:
    assert ALL["us-caqh"].period_days == 120
    assert renewals().for_credential("attestation", "CAQH", "US", "IL")[0].id == "us-caqh-il"
    assert [one.id for one in renewals().for_credential("attestation", "CAQH", "US", "OR")] == ["us-caqh"]


def test_4_3_re_credentialing_comes_every_36_months() -> None:
    [rule] = [one for one in renewals().rules if ENROLMENT in one.kinds]

    assert rule.period_months == 36


def test_4_3_a_needle_technique_certificate_does_not_lapse() -> None:
    assert first_term("needle-technique", date(2020, 1, 1)) == DOES_NOT_LAPSE


@pytest.mark.parametrize(
    ("rule_id", "ended", "expected"),
    [
        ("gb-wales", date(2027, 11, 28), date(2030, 11, 28)),
        ("gb-london", date(2026, 3, 31), date(2027, 3, 31)),
        ("gb-scotland", date(2026, 3, 31), date(2027, 3, 31)),
        ("gb-bacc", date(2026, 9, 30), date(2027, 9, 30)),
        ("gb-local-authority", date(2026, 9, 30), DOES_NOT_LAPSE),
    ],
)
def test_4_4_the_united_kingdom_has_its_terms(rule_id: str, ended: date, expected: date) -> None:
    assert next_after(rule_id, ended) == expected


def test_4_4_a_welsh_licence_lasts_three_years_from_its_first_day() -> None:
    assert first_term("gb-wales", date(2024, 11, 29)) == date(2027, 11, 28)


def test_4_4_which_british_rule_is_meant_is_told_by_the_place_or_the_issuer_else_all_are_offered() -> None:
    def offered(issuer: str, region: str) -> list[str]:
        return [one.id for one in renewals().for_credential("registration", issuer, "GB", region)]

    assert offered("Conwy County Borough Council", "Wales") == ["gb-wales"]
    assert offered("London Borough of Camden", "") == ["gb-london"]
    assert offered("Dudley Council", "West Midlands") == ["gb-wales", "gb-london", "gb-scotland", "gb-local-authority"]


@pytest.mark.parametrize("rule_id", ["us-ca-licence", "us-wa-licence", "us-ma-licence"])
def test_a_rule_by_birth_says_that_it_lacks_the_date_of_birth(rule_id: str) -> None:
    found = next_expiry(ALL[rule_id], ended=date(2026, 5, 31), begins=date(2026, 6, 1), number="1")

    assert (found.on, found.lacking) == (None, "the date of birth of who holds it")


def test_a_rule_by_number_says_that_it_lacks_a_digit() -> None:
    found = next_expiry(ALL["us-tx-licence"], ended=date(2026, 5, 31), begins=date(2026, 6, 1), number="pending")

    assert found.on is None
    assert "digit" in found.lacking


def test_a_licence_goes_by_the_rule_of_its_issuer_wherever_the_clinic_is() -> None:
    assert [one.id for one in renewals().for_credential("licence", "TX", "US", "OR")] == ["us-tx-licence"]
    assert renewals().for_credential("licence", "NV", "US", "OR") == []
    assert renewals().for_credential("certification", "Some School", "US", "OR") == []
    assert [one.id for one in renewals().for_credential("certification", "NCCAOM", "US", "OR")] == [
        "us-national-certification"
    ]


def test_what_was_not_read_at_the_authority_is_marked_to_be_checked() -> None:
    unverified = {one.id for one in renewals().rules if not one.is_verified}

    assert unverified == {
        "us-tx-licence", "us-co-licence", "us-nj-licence", "cpr-card", "yearly-training", "needle-technique",
        "us-exclusion-check", "gb-bacc",
    }  # fmt: skip


def test_every_rule_names_its_source_and_says_how_long_it_lasts() -> None:
    assert all(one.source and one.checked_on and one.lasts for one in renewals().rules)
    assert ALL["us-or-licence"].lasts == "2 years, to 30 June of even years"
    assert ALL["us-exclusion-check"].lasts == "1 month"


DAYS = st.dates(date(2000, 1, 1), date(2080, 12, 31))


@given(st.sampled_from([one for one in renewals().rules if one.ends is not Ends.NEVER]), DAYS, DAYS)
def test_the_next_last_day_is_always_later_and_never_further_than_the_term_may_last(
    rule: RenewalRule, ended: date, born: date
) -> None:
    found = next_expiry(rule, ended=ended, begins=ended, birth_date=born, number="AC 7").on

    assert found is not None
    assert found > ended
    assert found <= months_after(ended, rule.period_months) + timedelta(days=rule.period_days + 31)


@given(DAYS, st.integers(1, 60))
def test_a_term_of_so_many_months_is_counted_as_that_many(first: date, months: int) -> None:
    assert months_between(first, months_after(first, months) - timedelta(days=1)) == months
