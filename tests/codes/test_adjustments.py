"""The reasons payers give for not paying: all of them, in our words, with what follows from each."""

from __future__ import annotations

from datetime import date

import pytest

from billing.codes.adjustments import GROUPS, AdjustmentReason, Category, Effect, is_known, reason, reason_text
from billing.codes.adjustments import remark_label as label_of_remark
from billing.codes.tables import rows

TODAY = date(2026, 11, 20)
LAST_NUMBER = 308


def every_reason() -> list[AdjustmentReason]:
    known = [reason(row["code"]) for row in rows("adjustment_reasons.csv")]
    return [one for one in known if one is not None]


def test_no_number_of_the_list_is_left_out() -> None:
    assert [number for number in range(1, LAST_NUMBER + 1) if reason(str(number)) is None] == []


@pytest.mark.parametrize("code", ["A1", "B7", "B15", "P1", "P14", "P32", "W1", "W9", "Y3", "D23"])
def test_lettered_reasons_are_listed_too(code: str) -> None:
    assert reason(code) is not None


@pytest.mark.parametrize("name", ["adjustment_reasons.csv", "remarks.csv"])
def test_no_code_stands_twice(name: str) -> None:
    codes = [row["code"] for row in rows(name)]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("code", ["", "0", "01", "309", "999", "Z1", "co45", "45 "])
def test_what_is_on_no_list_is_not_known(code: str) -> None:
    assert reason(code) is None
    assert not is_known(code, TODAY)


@pytest.mark.parametrize(
    ("code", "last_day"), [("38", date(2013, 1, 1)), ("125", date(2013, 11, 1)), ("165", date(2018, 5, 1))]
)
def test_a_withdrawn_reason_is_known_up_to_its_last_day_only(code: str, last_day: date) -> None:
    assert is_known(code, last_day)
    assert not is_known(code, date.fromordinal(last_day.toordinal() + 1))
    assert reason(code) is not None


@pytest.mark.parametrize("code", ["242", "243", "284", "287", "288", "296", "P14"])
def test_what_replaced_the_withdrawn_ones_is_known(code: str) -> None:
    assert is_known(code, TODAY)


@pytest.mark.parametrize(
    ("codes", "effect"),
    [
        ("1 2 3 66 241", Effect.PATIENT_SHARE),
        ("44 45 94 104 105 131 144 237 253 P12 P24", Effect.CONTRACTUAL),
        ("23", Effect.PRIOR_PAYER),
        ("16 18 22 27 29 50 96 97 109 119 197 198 204 242 B7 B15", Effect.DENIAL),
        ("133 257 P8", Effect.DENIAL),
        ("101 246", Effect.INFORMATION),
    ],
)
def test_what_a_reason_does_to_the_money(codes: str, effect: Effect) -> None:
    known = [reason(code) for code in codes.split()]

    assert {one.effect for one in known if one} == {effect}
    assert None not in known


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("27", Category.ELIGIBILITY),
        ("119", Category.ELIGIBILITY),
        ("197", Category.AUTHORISATION),
        ("296", Category.AUTHORISATION),
        ("4", Category.CODING),
        ("97", Category.CODING),
        ("B15", Category.CODING),
        ("50", Category.NECESSITY),
        ("151", Category.NECESSITY),
        ("29", Category.TIMELY),
        ("22", Category.COORDINATION),
        ("109", Category.COORDINATION),
        ("185", Category.CREDENTIAL),
        ("18", Category.DUPLICATE),
        ("16", Category.INFORMATION),
        ("222", Category.CONTRACT),
        ("2", Category.PATIENT),
    ],
)
def test_what_kind_of_thing_a_reason_is(code: str, category: Category) -> None:
    known = reason(code)

    assert known is not None
    assert known.category is category


def test_every_denial_has_a_first_step_and_nothing_else_has() -> None:
    assert [one.code for one in every_reason() if (one.effect is Effect.DENIAL) != bool(one.first_step)] == []


def test_nothing_but_a_denial_or_a_penalty_could_have_been_prevented() -> None:
    preventable = [one for one in every_reason() if one.preventable and one.effect is not Effect.DENIAL]

    assert [one.code for one in preventable] == ["B4"]


def test_late_filing_is_never_put_on_the_patient() -> None:
    late = reason("29")

    assert late is not None
    assert late.preventable
    assert "never bill the patient" in late.first_step


def test_labels_are_short_and_read_on_after_the_code() -> None:
    proper = ("Medicare",)
    labels = [(one.code, one.label) for one in every_reason()]

    assert [code for code, label in labels if not 3 <= len(label) <= 90 or label.endswith(".")] == []
    assert [code for code, label in labels if label[0].isupper() and not label.startswith((*proper, "NPI"))] == []


def test_a_reason_is_quoted_with_its_group() -> None:
    assert reason_text("CO", "45") == "CO-45 over fee schedule"
    assert reason_text("PR", "1") == "PR-1 deductible"
    assert reason_text("CO", "999") == "CO-999"


def test_there_are_four_groups() -> None:
    assert sorted(GROUPS) == ["CO", "OA", "PI", "PR"]
    assert GROUPS["PR"] == "patient"


@pytest.mark.parametrize(
    "code", ["M76", "N290", "N257", "MA63", "MA130", "MA04", "MA18", "N386", "N130", "N781", "N782"]
)
def test_remarks_of_this_trade_have_a_label(code: str) -> None:
    assert label_of_remark(code) != code


def test_a_remark_without_a_label_is_shown_by_its_code() -> None:
    assert label_of_remark("N9999") == "N9999"
    assert label_of_remark("N290") == "rendering provider's NPI missing or invalid"
