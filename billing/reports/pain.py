"""Pain scores over the course of care, as a small picture and in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from billing.coverage.wording import day_words
from billing.treatment.scores import has_improved

WORST = 10
WIDTH, HEIGHT, EDGE = 240, 56, 5
"""Of the picture, in its own units; the edge keeps the dots whole."""
MOST_SCORES = 40


@dataclass(frozen=True, slots=True)
class PainCourse:
    """Some scores of pain in order of time."""

    scores: tuple[tuple[date, int], ...]
    improved: bool
    """Whether the last is meaningfully below the first."""

    @property
    def points(self) -> tuple[tuple[int, int], ...]:
        """Where each score lies in the picture: across by its day, upward by the pain."""
        first, last = self.scores[0][0].toordinal(), self.scores[-1][0].toordinal()
        across, down = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
        return tuple(
            (
                EDGE + (across * (on.toordinal() - first) // (last - first) if last > first else across // 2),
                EDGE + down * (WORST - value) // WORST,
            )
            for on, value in self.scores
        )

    @property
    def line(self) -> str:
        """The points as an SVG line takes them."""
        return " ".join(f"{across},{down}" for across, down in self.points)

    @property
    def words(self) -> str:
        """The course for whoever cannot see the picture."""
        (first_on, first), (last_on, last) = self.scores[0], self.scores[-1]
        if len(self.scores) == 1:
            return f"Pain {first} of {WORST} on {day_words(first_on)}."
        values = [value for _, value in self.scores]
        verdict = "a change that patients notice" if self.improved else "no change that patients would notice yet"
        return (
            f"Pain {first} of {WORST} on {day_words(first_on)}, {last} on {day_words(last_on)}; "
            f"between {min(values)} and {max(values)} in {len(values)} scores. This is {verdict}."
        )


def pain_course(scores: Sequence[tuple[date, int]]) -> PainCourse | None:
    """The course of the latest scores, which are given in order of time; ``None`` without any."""
    if not scores:
        return None
    latest = tuple(scores[-MOST_SCORES:])
    return PainCourse(latest, has_improved([value for _, value in latest]))
