"""Has a patient improved?"""

from __future__ import annotations

from collections.abc import Sequence

MEANINGFUL_PAIN_POINTS = 2
MEANINGFUL_PERCENT = 30
"""Ostelo et al., Spine 2008: what change in pain a patient notices."""


def has_improved(pain_scores: Sequence[int]) -> bool:
    """Whether the last of the pain scores, in order of time, is meaningfully below the first.

    Two points of ten, or 30 percent of the first. Fewer than two scores prove nothing.
    """
    if len(pain_scores) < 2:
        return False
    first, fallen = pain_scores[0], pain_scores[0] - pain_scores[-1]
    return fallen >= MEANINGFUL_PAIN_POINTS or (first > 0 and fallen * 100 >= first * MEANINGFUL_PERCENT)
