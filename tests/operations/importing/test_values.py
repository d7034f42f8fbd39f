from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from billing.clock import stopped_at
from billing.operations.importing.reading import values
from billing.operations.importing.reading.values import Unfit
from billing.patients.models import Sex
from billing.sessions.lifecycle import SessionState


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (values.text, "Zoë Muñoz-Ibáñez 🌿 李", "Zoë Muñoz-Ibáñez 🌿 李"),
        (values.state, "or", "OR"),
        (values.state, "Greater London", "Greater London"),
        (values.day, "2024-02-29", date(2024, 2, 29)),
        (values.day, "1900-01-01", date(1900, 1, 1)),
        (values.day, "2200-12-31", date(2200, 12, 31)),
        (values.time_of_day, "00:00", time(0, 0)),
        (values.time_of_day, "23:59", time(23, 59)),
        (values.whole(0, 10), "010", 10),
        (values.choice(Sex), "f", Sex.F),
        (values.choice(SessionState), "No_Show", SessionState.NO_SHOW),
        (values.yes_or_no, "YES", True),
        (values.yes_or_no, "no", False),
        (values.money, "165", 165_00),
        (values.money, "0.05", 5),
        (values.percent, "20", 20_00),
        (values.percent, "12.5", 12_50),
        (values.percent, "0.25", 25),
        (values.percent, "100.00", 100_00),
        (values.npi, "1234567890", "1234567890"),
        (values.place_of_service, "02", "02"),
        (values.code, "a4215", "A4215"),
        (values.code, "Herbs-1", "HERBS-1"),
        (values.time_zone, "Pacific/Auckland", "Pacific/Auckland"),
        (values.currency, "nzd", "NZD"),
    ],
)
def test_a_good_text_becomes_its_value(parse: values.Parser, text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (values.text, "x" * 201),
        (values.day, "2026-02-30"),
        (values.day, "2026-13-01"),
        (values.day, "03/14/1981"),
        (values.day, "2026-2-3"),
        (values.day, "20260203"),
        (values.day, "2026-W01-1"),
        (values.day, "٢٠٢٦-٠٢-٠٣"),
        (values.day, "1899-12-31"),
        (values.day, "9999-12-31"),
        (values.time_of_day, "24:00"),
        (values.time_of_day, "09:60"),
        (values.time_of_day, "9:00"),
        (values.time_of_day, "09:00:00"),
        (values.time_of_day, "9 am"),
        (values.whole(1, 1440), "0"),
        (values.whole(1, 1440), "1441"),
        (values.whole(1, 1440), "-5"),
        (values.whole(1, 1440), "60.0"),
        (values.whole(1, 1440), "an hour"),
        (values.whole(1, 1440), "٦٠"),
        (values.choice(Sex), "Q"),
        (values.yes_or_no, "maybe"),
        (values.money, "165.0"),
        (values.money, "165.000"),
        (values.money, "1,650.00"),
        (values.money, "52,25"),
        (values.money, "$165.00"),
        (values.money, "95.0.0"),
        (values.money, "twenty"),
        (values.money, "-1.00"),
        (values.money, "1e3"),
        (values.percent, "100.01"),
        (values.percent, "20%"),
        (values.percent, "12.345"),
        (values.npi, "12345ABCDE"),
        (values.npi, "123456789"),
        (values.npi, "1234567890 1"),
        (values.place_of_service, "1"),
        (values.place_of_service, "00"),
        (values.code, "97810 GP"),
        (values.code, "97810*"),
        (values.code, "x" * 21),
        (values.time_zone, "Pacific Time"),
        (values.time_zone, "../etc/passwd"),
        (values.time_zone, "America"),
        (values.currency, "JPY"),
        (values.currency, "Dollar"),
        (values.currency, "ABC"),
    ],
)
def test_a_bad_text_is_refused_with_the_reason_and_what_to_do(parse: values.Parser, text: str) -> None:
    with pytest.raises(Unfit) as refused:
        parse(text)

    assert refused.value.why.endswith(".")
    assert refused.value.fix.endswith(".")


def test_a_refused_text_is_shown_shortened() -> None:
    with pytest.raises(Unfit) as refused:
        values.day("x" * 1_000)

    assert refused.value.why == f'"{"x" * 40}…" is not a date like 2026-03-31.'


def test_a_terminal_takes_nothing_in_a_message_for_a_command() -> None:
    assert values.shown("\x1b[31mred") == '"\ufffd[31mred"'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("two\nlines", "line break"),
        ("two\rlines", "line break"),
        ("tab\there", "control characters"),
        ("nul\0", "control characters"),
        ("escape\x1b[31m", "control characters"),
        ("line\u2028separator", "control characters"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), "not UTF-8"),
        ("x" * 2_001, "2001 characters"),
    ],
)
def test_characters_that_no_column_can_hold_are_refused(text: str, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        values.check_characters(text)


@pytest.mark.parametrize("text", ["Þórdís", "a\u00a0b", "👩\u200d⚕️", "עברית", "عربى", "x" * 2_000])
def test_any_script_and_emoji_are_welcome(text: str) -> None:
    values.check_characters(text)


def test_a_birth_date_in_the_future_is_refused_once_it_is_so_everywhere_on_earth() -> None:
    with stopped_at(datetime(2026, 3, 31, 9, 59, tzinfo=UTC)):
        with pytest.raises(Unfit, match="future"):
            values.birth_date("2026-04-01")
        assert values.birth_date("2026-03-31") == date(2026, 3, 31)

    with stopped_at(datetime(2026, 3, 31, 10, 0, tzinfo=UTC)):
        assert values.birth_date("2026-04-01") == date(2026, 4, 1)
