"""What a payer withholds or adds for no claim in particular."""

from __future__ import annotations

import pytest

from billing.codes.provider_adjustments import is_known_provider_adjustment, provider_adjustment_label


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("WO", "overpayment taken back"),
        ("FB", "balance carried forward"),
        ("L6", "interest"),
        ("72", "refund received"),
        ("CS", "adjustment"),
        ("AP", "advance payment or its recovery"),
    ],
)
def test_the_reasons_of_the_guide_are_known_and_have_a_label_of_ours(code: str, label: str) -> None:
    assert is_known_provider_adjustment(code)
    assert provider_adjustment_label(code) == label


@pytest.mark.parametrize("code", ["", "ZZ", "wo", "L7"])
def test_any_other_reason_is_not_known_and_shown_as_it_is(code: str) -> None:
    assert not is_known_provider_adjustment(code)
    assert provider_adjustment_label(code) == code
