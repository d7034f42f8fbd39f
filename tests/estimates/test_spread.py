"""Between which amounts the patient's part will lie, each bound with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.estimates.experience import Allowed, allowed_before
from billing.estimates.patient_share import ServiceLine, Terms, visit_share
from billing.estimates.spread import Prices, Spread, spread
from billing.estimates.who_pays import Cover, Finding
from billing.payers.models import PayerKind
from billing.practitioners.models import Network

COVER = Cover("Example Health")
LINE = ServiceLine("97810", 100_00)


def found(
    terms: Terms | None,
    cover: Cover = COVER,
    usual: int | None = None,
    low: int | None = None,
    high: int | None = None,
    deductible: int | None = None,
) -> Spread:
    """The span of one line of $100.00 that the plan allows so much of."""
    lines = [[replace(LINE, allowed=allowed)] for allowed in (usual, low or usual, high or usual)]
    share = visit_share(lines[0], cover, terms, "USD")
    return spread(share, Prices(*lines), cover, terms, "USD", deductible=deductible)


def bounds(span: Spread) -> tuple[int, int | None, int]:
    return span.low, span.expected, span.high


def test_5_3_where_everything_is_known_there_is_one_amount() -> None:
    span = found(Terms(0, 25_00))

    assert (bounds(span), span.is_exact) == ((25_00, 25_00, 25_00), True)
    assert span.words("USD") == ["The patient's part: $25.00."]


def test_5_3_an_unknown_deductible_is_tried_as_used_up_and_as_whole() -> None:
    span = found(Terms(None, 25_00))

    assert bounds(span) == (25_00, 25_00, 100_00)
    assert span.words("USD") == [
        "The patient's part: $25.00 to $100.00, $25.00 expected.",
        "$25.00 if nothing is left of the deductible.",
        "$100.00 if all of the deductible is left.",
    ]


def test_5_3_where_the_plan_told_the_whole_deductible_no_more_than_that_can_be_left() -> None:
    assert bounds(found(Terms(None, 0, 2000), deductible=50_00)) == (20_00, 20_00, 60_00)


def test_5_3_an_unknown_standing_is_tried_in_and_out_of_network() -> None:
    span = found(Terms(0, 25_00), replace(COVER, network=None), usual=80_00)

    assert bounds(span) == (25_00, 25_00, 45_00)
    assert (span.low_why, span.high_why) == (
        "the practitioner is in the plan's network",
        "the practitioner is outside the plan's network",
    )


def test_5_3_who_may_not_be_billed_beyond_the_allowed_amount_is_not_out_of_network_either() -> None:
    medicare = Cover("Medicare", PayerKind.MEDICARE, None)

    assert bounds(found(Terms(0, 0, 2000), medicare, usual=80_00)) == (16_00, 16_00, 16_00)


def test_5_3_what_the_plan_allowed_before_spans_the_coinsurance() -> None:
    span = found(Terms(0, 0, 2000), usual=80_00, low=70_00, high=90_00)

    assert bounds(span) == (14_00, 16_00, 18_00)
    assert span.high_why == "the plan allows the most it has allowed before"


def test_5_3_unknown_cover_spans_from_the_terms_on_file_to_the_whole_charge_and_expects_nothing() -> None:
    unknown = replace(COVER, finding=Finding.UNKNOWN)

    assert bounds(found(Terms(0, 25_00), unknown)) == (25_00, None, 100_00)
    assert bounds(found(None, unknown)) == (0, None, 100_00)


@pytest.mark.parametrize("finding", [Finding.EXCLUDED, Finding.VISITS_USED_UP])
def test_5_3_without_a_known_notice_it_is_nothing_or_the_whole_charge(finding: Finding) -> None:
    span = found(Terms(0, 25_00), replace(COVER, finding=finding))

    assert bounds(span) == (0, None, 100_00)
    assert span.words("USD") == [
        "The patient's part: $0.00 to $100.00.",
        "$0.00 if no notice was signed before the visit.",
        "$100.00 if the patient signed a notice before the visit.",
    ]


cents = st.integers(min_value=0, max_value=20_000)


@given(
    st.builds(Terms, st.one_of(st.none(), cents), cents, st.integers(0, 10_000), st.one_of(st.none(), cents)),
    st.sampled_from([*Network, None]), st.sampled_from(Finding), st.booleans(), cents, cents, cents,
)  # fmt: skip
def test_5_3_what_is_expected_lies_within_the_bounds_which_lie_within_the_charge(
    terms: Terms, network: Network | None, finding: Finding, signed: bool, low: int, usual: int, high: int
) -> None:
    low, usual, high = sorted((low, usual, high))

    span = found(terms, Cover("Example", PayerKind.COMMERCIAL, network, finding, signed), usual, low, high)

    assert 0 <= span.low <= span.high <= 100_00
    assert span.expected is None or span.low <= span.expected <= span.high


def test_what_a_plan_allowed_before_is_the_least_the_median_and_the_most_of_its_last_decisions() -> None:
    assert allowed_before([80_00, 70_00, 85_00, 75_00]) == Allowed(70_00, 75_00, 85_00, 4)
    assert allowed_before([80_00] * 20 + [1_00]) == Allowed(80_00, 80_00, 80_00, 20)
    assert allowed_before([]) is None
