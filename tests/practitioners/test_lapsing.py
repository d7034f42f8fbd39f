"""How credentials stand on a day, renewals and suspensions included."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from billing.practitioners.lapsing import LAPSES_WITHIN_DAYS, Held, Standing, held, standing_on
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from tests.factories import a_credential, a_practitioner

BEN = a_practitioner(id=1)
ON = date(2026, 3, 2)
LAST = date(2026, 12, 31)
_ids = count(1)


def entry(first: date, last: date, **changes: Any) -> Credential:
    return a_credential(BEN, **{"id": next(_ids), "number": "AC-1", "valid_from": first, "valid_to": last, **changes})


def one(*entries: Credential) -> Held:
    (found,) = held(entries)
    return found


@pytest.mark.parametrize(
    ("ends", "standing"),
    [
        (ON - timedelta(days=1), Standing.LAPSED),
        (ON, Standing.LAPSES_SOON),
        (ON + timedelta(days=LAPSES_WITHIN_DAYS), Standing.LAPSES_SOON),
        (ON + timedelta(days=LAPSES_WITHIN_DAYS + 1), Standing.VALID),
    ],
)
def test_it_stands_by_its_last_day(ends: date, standing: Standing) -> None:
    shown = entry(date(2024, 1, 1), ends)

    assert standing_on(shown, ON) is standing
    assert one(shown).standing(ON) is standing


def test_a_renewal_without_a_gap_carries_it_on() -> None:
    renewed = one(entry(date(2024, 1, 1), date(2026, 3, 31)), entry(date(2026, 4, 1), LAST))

    assert renewed.standing(ON) is Standing.VALID
    assert renewed.until(ON) == LAST


def test_a_renewal_after_a_gap_does_not() -> None:
    gap = one(entry(date(2024, 1, 1), date(2026, 3, 31)), entry(date(2026, 4, 2), LAST))

    assert gap.standing(ON) is Standing.LAPSES_SOON
    assert gap.standing(date(2026, 4, 1)) is Standing.LAPSED
    assert gap.standing(date(2026, 4, 2)) is Standing.VALID


def test_what_has_not_begun_is_not_yet_valid() -> None:
    assert one(entry(date(2026, 4, 1), LAST)).standing(ON) is Standing.NOT_YET


def test_a_suspension_counts_on_its_days_only() -> None:
    parted = one(
        entry(date(2024, 1, 1), date(2026, 2, 28)),
        entry(date(2026, 3, 1), date(2026, 3, 31), status=CredentialStatus.SUSPENDED),
        entry(date(2026, 4, 1), LAST),
    )

    assert parted.standing(date(2025, 6, 1)) is Standing.VALID
    assert parted.standing(ON) is Standing.SUSPENDED
    assert parted.until(ON) == date(2026, 3, 31)
    assert parted.standing(date(2026, 4, 1)) is Standing.VALID


def test_a_new_number_around_its_end_takes_its_place() -> None:
    old, new = held(
        [entry(date(2024, 1, 1), date(2026, 1, 31)), entry(date(2026, 2, 1), LAST, number="AC-2", issuer=" or")]
    )

    assert (old.number, old.replaced_by) == ("AC-1", "AC-2")
    assert (new.number, new.replaced_by) == ("AC-2", "")


@pytest.mark.parametrize(
    "other",
    [
        {"issuer": "WA"},
        {"kind": CredentialKind.CPR},
        {"valid_from": date(2025, 6, 1)},
        {"valid_to": date(2026, 1, 15)},
        {"practitioner_id": 2},
    ],
)
def test_another_credential_does_not_take_its_place(other: dict[str, Any]) -> None:
    cells = {"number": "AC-2", "valid_from": date(2026, 1, 1), "valid_to": LAST, **other}
    first = entry(date(2024, 1, 1), date(2026, 1, 31))

    found = held([first, a_credential(BEN, id=next(_ids), **cells)])

    assert next(one for one in found if first in one.entries).replaced_by == ""


def test_numbers_that_differ_in_blanks_and_capitals_are_one_credential() -> None:
    assert len(one(entry(date(2024, 1, 1), ON), entry(date(2026, 3, 3), LAST, number=" ac-1 ")).entries) == 2
