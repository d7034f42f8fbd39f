"""Why a payment waits is said once for all claims it is said of, and with what can be done about it."""

from __future__ import annotations

import pytest

from billing.remittances.advising import reasons_in_words, what_to_do


def test_what_is_said_alike_of_several_claims_is_said_once() -> None:
    why = "; ".join([*(f"claim {place} (MER{place}) is not a claim of ours" for place in range(1, 6)),
                     "it does not balance"])  # fmt: skip

    assert reasons_in_words(why) == [
        "5 claims, MER1, MER2, MER3 and 2 more: each is not a claim of ours.",
        "It does not balance.",
    ]


def test_one_claim_is_named() -> None:
    assert reasons_in_words("claim 3 (MER7) was never filed: it is held") == ["Claim MER7 was never filed: it is held."]


def test_a_posted_payment_has_no_reasons() -> None:
    assert reasons_in_words("") == []


def test_every_reason_has_its_step_once() -> None:
    steps = what_to_do("claim 1 (A) is not a claim of ours; claim 2 (B) is not a claim of ours; it does not balance")

    assert len(steps) == 2
    assert "corrected" in steps[0]
    assert "another system" in steps[1]


@pytest.mark.parametrize("why", ["something nobody has thought of", ""])
def test_there_is_always_something_to_do(why: str) -> None:
    assert len(what_to_do(why)) == 1


@pytest.mark.parametrize(
    ("why", "step"),
    [
        ("claim 1 (A) is only being sent", "Wait"),
        ("claim 1 (A) was never filed: it is held", "File the claim first"),
        ("a payment with other content was posted under the same number", "Ask which of the two stands"),
        ("claim 1 (A) was sent to Example Health, and another payer answers it", "number in the settings"),
        ("It holds no payment: it is a 837; it is a claim file, which asks for payment", "Nothing is to be done"),
    ],
)  # fmt: skip
def test_a_reason_leads_to_its_own_step(why: str, step: str) -> None:
    assert any(step in one for one in what_to_do(why))
