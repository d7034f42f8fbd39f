"""The usual sharing of a visit's cost between plan and patient: deductible, copay, coinsurance, yearly limit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.estimates.patient_share import (
    CopayOrder,
    CopayPer,
    ServiceLine,
    Terms,
    VisitShare,
    percent,
    visit_share,
)
from billing.estimates.who_pays import Bearer, Cover, Finding
from billing.practitioners.models import Network

IN_NETWORK = Cover("Example Health")
OUT_OF_NETWORK = Cover("Example Health", network=Network.OUT)
LIMIT = 100_000


def share(
    *allowed: int,
    left: int | None = 0,
    copay: int = 0,
    percent: int = 0,
    limit: int | None = LIMIT,
    cover: Cover = IN_NETWORK,
    **options: object,
) -> VisitShare:
    """A visit whose lines are allowed as they are charged."""
    terms = Terms(left, copay, percent * 100, limit, **options)
    return visit_share([ServiceLine("97810", one) for one in allowed], cover, terms, "USD")


def test_5_3_vector_1_a_copay_alone_is_what_the_patient_owes() -> None:
    assert share(100_00, copay=25_00).owed == 25_00


def test_5_3_vector_2_coinsurance_is_taken_of_what_the_deductible_leaves() -> None:
    found = share(100_00, left=60_00, percent=20)

    assert (found.lines[0].deductible, found.lines[0].coinsurance, found.owed) == (60_00, 8_00, 68_00)


def test_5_3_vector_3_a_large_deductible_takes_all_of_it() -> None:
    assert share(100_00, left=500_00, percent=20).owed == 100_00


def test_5_3_vector_4_the_yearly_limit_caps_what_the_patient_owes() -> None:
    found = share(100_00, left=500_00, percent=20, limit=40_00)

    assert (found.owed, found.plan) == (40_00, 60_00)


def test_5_3_vector_5_a_copay_is_never_more_than_the_allowed_amount() -> None:
    assert share(20_00, copay=25_00).owed == 20_00


def test_5_3_vector_6_coinsurance_is_rounded_to_the_nearest_cent() -> None:
    assert share(33_33, percent=15).owed == 5_00


def test_5_3_vector_7_half_a_cent_is_rounded_up() -> None:
    assert share(95_05, percent=10).owed == 9_51


def test_5_3_vector_8_used_up_visits_are_the_patients_only_after_a_signed_notice() -> None:
    used_up = replace(IN_NETWORK, finding=Finding.VISITS_USED_UP)

    told, not_told = (share(100_00, cover=replace(used_up, notice_signed=signed)) for signed in (True, False))

    assert (told.bearer, told.owed, told.plan) == (Bearer.PATIENT, 100_00, 0)
    assert (not_told.bearer, not_told.owed, not_told.plan) == (Bearer.UNDECIDED, None, None)


def test_5_3_vector_9_a_deductible_runs_on_from_line_to_line() -> None:
    found = share(60_00, 40_00, left=50_00, percent=20)

    assert [one.patient for one in found.lines] == [52_00, 8_00]
    assert [(one.deductible, one.coinsurance) for one in found.lines] == [(50_00, 2_00), (0, 8_00)]
    assert found.owed == 60_00


def test_5_3_copay_per_visit_is_asked_once_and_what_a_small_line_cannot_take_falls_to_the_next() -> None:
    found = share(20_00, 70_00, copay=25_00)

    assert [one.copay for one in found.lines] == [20_00, 5_00]


def test_5_3_copay_per_service_is_asked_of_each_line() -> None:
    assert share(95_00, 70_00, copay=10_00, copay_per=CopayPer.SERVICE).owed == 20_00


def test_5_3_a_copay_taken_earlier_that_day_is_not_asked_again() -> None:
    later = visit_share([ServiceLine("97810", 95_00)], IN_NETWORK, Terms(0, 25_00), "USD", copay_taken=25_00)

    assert later.owed == 0


def test_5_3_coinsurance_is_taken_of_what_the_copay_leaves() -> None:
    assert share(100_00, copay=25_00, percent=20).owed == 25_00 + 15_00


def test_5_3_copay_waives_deductible() -> None:
    assert share(100_00, left=500_00, copay=25_00, order=CopayOrder.INSTEAD_OF_DEDUCTIBLE).owed == 25_00
    assert share(100_00, left=500_00, order=CopayOrder.INSTEAD_OF_DEDUCTIBLE).owed == 100_00


def test_5_3_deductible_then_copay_asks_both_of_one_line() -> None:
    found = share(100_00, left=60_00, copay=25_00)

    assert [(one.deductible, one.copay, one.patient) for one in found.lines] == [(60_00, 25_00, 85_00)]
    assert share(80_00, left=60_00, copay=25_00).owed == 60_00 + 20_00


def test_5_3_copay_counts_to_oop_or_is_owed_beyond_it() -> None:
    found = share(100_00, copay=25_00, percent=20, limit=5_00, copay_counts_to_out_of_pocket=False)
    counted = share(100_00, copay=25_00, percent=20, limit=5_00)

    assert (counted.owed, counted.after and counted.after.out_of_pocket_left) == (5_00, 0)
    assert (found.owed, found.after and found.after.out_of_pocket_left) == (30_00, 0)


def test_5_3_what_the_limit_spares_is_taken_off_coinsurance_then_copay_then_deductible() -> None:
    found = share(100_00, left=40_00, copay=20_00, percent=50, limit=50_00)

    line = found.lines[0]
    assert (line.deductible, line.copay, line.coinsurance, line.patient) == (40_00, 10_00, 0, 50_00)


def test_a_visit_leaves_the_next_one_what_it_did_not_use() -> None:
    found = share(60_00, left=100_00, copay=25_00, limit=200_00)

    assert found.after == Terms(40_00, 25_00, 0, 140_00)


def test_5_3_in_network_what_was_charged_beyond_the_allowed_amount_is_written_off() -> None:
    line = ServiceLine("97810", 110_00, 95_00)

    found = visit_share([line], IN_NETWORK, Terms(0, 25_00), "USD")

    assert (found.owed, found.plan, found.write_off) == (25_00, 70_00, 15_00)
    assert found.lines[0].steps == (
        "Of $110.00 the plan allows $95.00; $15.00 is written off.",
        "Copay: $25.00.",
        "The patient owes $25.00; the plan pays $70.00.",
    )


def test_5_3_out_of_network_the_patient_may_be_billed_for_it() -> None:
    found = visit_share([ServiceLine("97810", 110_00, 95_00)], OUT_OF_NETWORK, Terms(0, 25_00), "USD")

    assert (found.owed, found.plan, found.write_off, found.lines[0].balance) == (40_00, 70_00, 0, 15_00)
    assert found.lines[0].steps[-1] == "The patient owes $25.00 + $15.00 = $40.00; the plan pays $70.00."


def test_5_3_a_plan_allows_no_more_than_was_charged() -> None:
    found = visit_share([ServiceLine("97810", 95_00, 120_00)], IN_NETWORK, Terms(0, 0, 2000), "USD")

    assert (found.owed, found.plan) == (19_00, 76_00)


def test_the_arithmetic_is_told_step_by_step() -> None:
    found = share(100_00, left=60_00, percent=20, limit=65_00)

    assert found.lines[0].steps == (
        "Deductible: $60.00 is left, so $60.00 of this.",
        "Coinsurance: 20% of $40.00 is $8.00.",
        "No more than $65.00 can still fall to the patient this year.",
        "The patient owes $60.00 + $5.00 = $65.00; the plan pays $35.00.",
    )


def test_an_unknown_deductible_makes_the_share_the_least_it_can_be() -> None:
    found = share(100_00, left=None, copay=25_00)

    assert (found.owed, found.is_least) == (25_00, True)
    assert found.after is not None
    assert found.after.deductible_left is None


def test_without_known_terms_nothing_is_said_to_be_owed_or_paid() -> None:
    found = visit_share([ServiceLine("97810", 95_00)], IN_NETWORK, None, "USD")

    assert (found.bearer, found.owed, found.plan, found.lines) == (Bearer.UNDECIDED, None, None, ())
    assert found.why.startswith("Unknown: collect at most $95.00")


@pytest.mark.parametrize(("basis_points", "text"), [(2000, "20%"), (1250, "12.5%"), (5, "0.05%"), (10000, "100%")])
def test_basis_points_are_read_as_percent(basis_points: int, text: str) -> None:
    assert percent(basis_points) == text


cents = st.integers(min_value=0, max_value=50_000)
lines = st.lists(st.builds(ServiceLine, st.just("97810"), cents, st.one_of(st.none(), cents)), max_size=5)
terms = st.builds(
    Terms,
    st.one_of(st.none(), cents),
    cents,
    st.integers(min_value=0, max_value=10_000),
    st.one_of(st.none(), cents),
    st.sampled_from(CopayPer),
    st.sampled_from(CopayOrder),
    st.booleans(),
)
covers = st.builds(
    Cover, st.just("Example Health"), network=st.sampled_from([*Network, None]), finding=st.sampled_from(Finding),
    notice_signed=st.booleans(),
)  # fmt: skip


@given(lines, covers, terms, cents)
def test_no_cent_is_lost_made_or_below_zero(
    given_lines: list[ServiceLine], cover: Cover, given_terms: Terms, taken: int
) -> None:
    found = visit_share(given_lines, cover, given_terms, "USD", taken)

    for line, one in zip(given_lines, found.lines, strict=found.is_known):
        assert one.patient + one.plan + one.write_off + one.balance == line.charge
        assert min(one.deductible, one.copay, one.coinsurance, one.patient, one.plan, one.write_off, one.balance) >= 0
        if found.bearer is Bearer.TERMS:
            assert one.deductible + one.copay + one.coinsurance == one.patient


def test_a_copay_that_does_not_count_to_the_yearly_limit_is_owed_beyond_it_and_the_deductible_is_not() -> None:
    reached = Terms(deductible_left=1_00, copay=10_00, out_of_pocket_left=0, copay_counts_to_out_of_pocket=False)

    share = visit_share([ServiceLine("97810", 50_00)], IN_NETWORK, reached, "USD")

    assert (share.lines[0].deductible, share.lines[0].copay, share.owed) == (0, 10_00, 10_00)
    assert "No more than $0.00 can still fall to the patient this year besides the copay." in share.lines[0].steps


@given(lines, terms)
def test_the_deductible_and_the_yearly_limit_are_never_overdrawn(
    given_lines: list[ServiceLine], given_terms: Terms
) -> None:
    found = visit_share(given_lines, IN_NETWORK, given_terms, "USD")

    counted = sum(one.patient for one in found.lines)
    if not given_terms.copay_counts_to_out_of_pocket:
        counted -= found.copay
    assert sum(one.deductible for one in found.lines) <= (given_terms.deductible_left or 0)
    assert given_terms.out_of_pocket_left is None or counted <= given_terms.out_of_pocket_left
    if given_terms.copay_per is CopayPer.VISIT:
        assert found.copay <= given_terms.copay
