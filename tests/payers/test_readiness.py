"""Can a claim reach this payer, and in time?"""

from __future__ import annotations

from datetime import date

import pytest

from billing.errors import Severity
from billing.payers.readiness import last_filing_day, payer_problems
from tests.factories import a_payer


def test_a_payer_with_a_number_is_ready() -> None:
    assert payer_problems(a_payer(id=1)) == []


@pytest.mark.parametrize("number", [None, ""])
def test_a_payer_without_an_electronic_number_is_incomplete(number: str | None) -> None:
    [problem] = payer_problems(a_payer(id=9, name="Far Away Mutual", payer_number=number))

    assert (problem.rule, problem.severity, problem.where) == ("payer.incomplete", Severity.BLOCK, "payer:9")
    assert "Far Away Mutual" in problem.why


def test_a_payer_without_a_limit_has_a_year() -> None:
    assert last_filing_day(a_payer(filing_limit_days=None), date(2026, 3, 3)) == date(2027, 3, 3)


def test_a_payers_own_limit_wins() -> None:
    assert last_filing_day(a_payer(filing_limit_days=90), date(2026, 3, 3)) == date(2026, 6, 1)


def test_a_limit_of_no_days_is_a_limit() -> None:
    assert last_filing_day(a_payer(filing_limit_days=0), date(2026, 3, 3)) == date(2026, 3, 3)
