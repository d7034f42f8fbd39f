"""Points are read however people write them, kept in one spelling, and never lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Severity
from billing.sessions.points import LAST_POINT, point_problems, points_of, unknown_points


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        ("LI4, ST36 BL23", ["LI4", "ST36", "BL23"]),
        ("li 4; st-36 (L) Du 20 ren6 BL23 R", ["LI4", "ST36 L", "GV20", "CV6", "BL23 R"]),
        ("P6 SJ5 LV3 UB40 K3 H7", ["PC6", "TE5", "LR3", "BL40", "KI3", "HT7"]),
        ("LI4L ST36 left, GB21 bilateral", ["LI4 L", "ST36 L", "GB21"]),
        ("yintang Taiyang, ex-le5 EXHN1", ["EX-HN3", "EX-HN5", "EX-LE5", "EX-HN1"]),
        ("Ashi, LI4, li4", ["Ashi", "LI4"]),
        ("LI4\nST36", ["LI4", "ST36"]),
        ("ear shen men, LI4", ["ear shen men", "LI4"]),
        ("CV24 GV29 LI4", ["CV24", "GV29", "LI4"]),
        ("ST36 four gates", ["ST36", "four gates"]),
        ("LI4\x1fST36 L", ["LI4", "ST36 L"]),
        ("  ", []),
    ],
)
def test_points_are_read_however_they_are_written(typed: str, points: list[str]) -> None:
    assert list(points_of(typed)) == points


@pytest.mark.parametrize(("channel", "last"), LAST_POINT.items())
def test_each_channel_ends_at_its_last_point(channel: str, last: int) -> None:
    assert unknown_points([f"{channel}1", f"{channel}{last}"]) == []
    assert unknown_points([f"{channel}0", f"{channel}{last + 1}"]) == [f"{channel}0", f"{channel}{last + 1}"]


def test_the_body_has_three_hundred_and_sixty_one_numbered_points() -> None:
    assert sum(last for channel, last in LAST_POINT.items() if not channel.startswith("EX")) == 361


@given(st.text(max_size=60))
def test_no_letter_or_digit_of_what_is_unknown_is_lost_and_reading_again_changes_nothing(typed: str) -> None:
    points = points_of(typed)

    assert points_of(", ".join(points)) == points
    if unknown_points(points) == list(points):
        kept = "".join(points)
        assert all(letter in kept for letter in typed if letter.isalnum())


def test_unknown_points_are_mentioned_and_stop_nothing() -> None:
    (problem,) = point_problems(["LI4", "GV29", "ear shen men"], [], "session:1")

    assert (problem.rule, problem.severity) == ("points.unknown", Severity.INFO)
    assert "GV29, ear shen men" in problem.why


def test_points_avoided_in_pregnancy_are_asked_about_when_the_patient_is_pregnant() -> None:
    points = ["LI4 L", "ST36"]

    (problem,) = point_problems(points, ["pregnant"], "session:1")

    assert (problem.rule, problem.severity) == ("safety.point_in_pregnancy", Severity.WARN)
    assert "LI4 L" in problem.why
    assert point_problems(points, [], "session:1") == []


def test_a_number_of_any_length_is_no_point_and_no_trouble() -> None:
    points = points_of(f"LI4, LI{'9' * 5000}")

    assert unknown_points(points) == [f"LI{'9' * 5000}"]
