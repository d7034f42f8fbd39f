"""Two points of ten or 30 percent of the first: a change in pain that a patient notices (Ostelo et al. 2008)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.treatment.scores import has_improved

SCORE = st.integers(0, 10)


@pytest.mark.parametrize(
    ("scores", "improved"),
    [
        ([8, 6], True),
        ([8, 7], False),
        ([3, 2], True),
        ([4, 3], False),
        ([2, 1], True),
        ([1, 0], True),
        ([0, 0], False),
        ([7, 7], False),
        ([6, 8], False),
    ],
)
def test_improvement_is_two_points_or_thirty_percent(scores: list[int], improved: bool) -> None:
    assert has_improved(scores) is improved


@pytest.mark.parametrize("scores", [[], [9]])
def test_fewer_than_two_scores_prove_nothing(scores: list[int]) -> None:
    assert has_improved(scores) is False


def test_only_the_first_and_the_last_count() -> None:
    assert has_improved([7, 2, 7]) is False
    assert has_improved([7, 10, 5]) is True


@given(first=SCORE, last=SCORE)
def test_nobody_improves_by_staying_or_worsening(first: int, last: int) -> None:
    if last >= first:
        assert has_improved([first, last]) is False


@given(first=SCORE, last=SCORE)
def test_less_pain_never_counts_for_less(first: int, last: int) -> None:
    if last > 0 and has_improved([first, last]):
        assert has_improved([first, last - 1])
