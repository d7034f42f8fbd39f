"""Credentials as strips over the months around a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from billing.practitioners.lapsing import held
from billing.practitioners.models import Credential, CredentialStatus
from billing.reports.licence_picture import MONTHS, WIDTH, Bar, window
from tests.factories import a_credential, a_payer, a_practitioner, an_enrolment

BEN = a_practitioner(id=1)
TODAY = date(2026, 3, 16)
PICTURE = window(TODAY)


def entry(first: date, last: date, number: int = 1, **changes: Any) -> Credential:
    return a_credential(BEN, **{"id": number, "number": "AC-1", "valid_from": first, "valid_to": last, **changes})


def bars(*entries: Credential) -> list[Bar]:
    (one,) = held(entries)
    return PICTURE.bars(one)


def test_the_picture_begins_six_months_back_and_ends_a_year_ahead() -> None:
    assert (PICTURE.first, len(PICTURE.months)) == (date(2025, 9, 1), MONTHS)
    assert PICTURE.months[-1] == date(2027, 2, 1)
    assert PICTURE.today_at == 600 + 15 * 100 // 31


def test_what_lasts_beyond_both_edges_fills_the_strip() -> None:
    assert bars(entry(date(2020, 1, 1), date(2030, 1, 1))) == [Bar(0, WIDTH, "good")]


def test_what_ends_soon_ends_where_its_last_day_ends() -> None:
    assert bars(entry(date(2025, 10, 1), date(2026, 4, 30))) == [Bar(100, 699, "warn")]


def test_a_lapse_is_drawn_up_to_today() -> None:
    over, gap = bars(entry(date(2024, 1, 1), date(2026, 1, 31)))

    assert (over.tone, over.left, over.left + over.width) == ("quiet", 0, gap.left)
    assert (gap.tone, gap.left + gap.width) == ("gap", PICTURE.today_at)


def test_what_ended_before_the_picture_is_only_a_gap() -> None:
    assert bars(entry(date(2022, 1, 1), date(2023, 12, 31))) == [Bar(0, PICTURE.today_at, "gap")]


def test_a_suspension_between_two_terms_stands_out() -> None:
    tones = bars(
        entry(date(2024, 1, 1), date(2025, 12, 31)),
        entry(date(2026, 1, 1), date(2026, 4, 30), 2, status=CredentialStatus.SUSPENDED),
        entry(date(2026, 5, 1), date(2028, 1, 1), 3),
    )

    assert [one.tone for one in tones] == ["quiet", "bad", "good"]


def test_a_term_with_a_renewal_behind_it_is_not_soon_over() -> None:
    tones = bars(entry(date(2024, 1, 1), date(2026, 4, 30)), entry(date(2026, 5, 1), date(2028, 1, 1), 2))

    assert [one.tone for one in tones] == ["good", "good"]


def test_an_enrolment_without_an_end_goes_on_to_the_edge() -> None:
    payer = a_payer(id=2)
    before = an_enrolment(BEN, payer, effective_from=date(2025, 9, 1), effective_to=date(2025, 12, 31))
    now = an_enrolment(BEN, payer, effective_from=date(2026, 1, 1))

    first, second = PICTURE.enrolled([before, now])

    assert (first.left, first.tone) == (0, "quiet")
    assert (second.left, second.left + second.width, second.tone) == (400, WIDTH, "good")
