"""What a code costs on a day."""

from __future__ import annotations

from datetime import date

import pytest

from billing.charges.pricing import FeeSchedule, PricedLine, contract_fees, fee_problems, priced, standard_fees
from billing.codes.edits import ProcedureLine
from billing.errors import Severity
from tests.factories import DAY, a_fee

SCHEDULE = standard_fees(
    [
        a_fee("97810", 9500, effective_from=date(2026, 1, 1)),
        a_fee("97810", 9000, effective_from=date(2025, 1, 1)),
        a_fee("97810", 9900, effective_from=date(2026, 7, 1)),
        a_fee("97810", 6000, effective_from=date(2026, 2, 1), payer_id=7),
        a_fee("97811", 5000, payer_id=7),
        a_fee("99080", 0),
    ]
)


@pytest.mark.parametrize(
    ("on", "cents"),
    [
        (date(2024, 12, 31), None),
        (date(2025, 1, 1), 9000),
        (date(2025, 12, 31), 9000),
        (date(2026, 1, 1), 9500),
        (date(2026, 6, 30), 9500),
        (date(2026, 7, 1), 9900),
    ],
)
def test_a_fee_holds_from_its_first_day_until_the_next_one_takes_effect(on: date, cents: int | None) -> None:
    assert SCHEDULE.price("97810", on) == cents


def test_what_a_payers_contract_allows_is_no_fee() -> None:
    assert SCHEDULE.price("97811", DAY) is None


def test_a_code_nobody_priced_has_no_fee() -> None:
    assert SCHEDULE.price("97140", DAY) is None
    assert FeeSchedule().price("97810", DAY) is None


def test_a_fee_of_nothing_is_a_fee() -> None:
    assert SCHEDULE.price("99080", DAY) == 0
    assert fee_problems([ProcedureLine("99080")], SCHEDULE, DAY) == []


def test_each_code_without_a_fee_is_said_once() -> None:
    lines = [ProcedureLine(code) for code in ("97810", "97140", "97026", "97140")]

    found = fee_problems(lines, SCHEDULE, DAY)

    assert [(one.rule, one.severity, one.where) for one in found] == [
        ("fee.missing", Severity.BLOCK, "fee:97140"),
        ("fee.missing", Severity.BLOCK, "fee:97026"),
    ]


def test_what_a_payers_contract_allows_is_a_schedule_of_its_own() -> None:
    fees = [a_fee("97810", 9500), a_fee("97810", 8000, payer_id=4), a_fee("97810", 7000, payer_id=5)]

    assert contract_fees(fees, 4).price("97810", DAY) == 8000
    assert contract_fees(fees, 6).price("97810", DAY) is None
    assert standard_fees(fees).price("97810", DAY) == 9500


def test_a_line_costs_its_units_and_one_without_a_fee_has_no_price() -> None:
    lines = [ProcedureLine("97811", ("KX",), 2), ProcedureLine("97016")]

    found = priced(lines, standard_fees([a_fee("97811", 7000)]), DAY)

    assert found == [PricedLine("97811", ("KX",), 2, 14000), PricedLine("97016", (), 1, None)]
