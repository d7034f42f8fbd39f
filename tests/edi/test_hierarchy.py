from __future__ import annotations

import pytest

from billing.edi.hierarchy import Hierarchy
from billing.edi.segments import read_segments

PARENTS = {"20": "", "21": "20", "22": "21"}
SOUND = ["HL*1**20*1", "HL*2*1*21*1", "HL*3*2*22*0", "HL*4*2*22*0", "HL*5**20*1", "HL*6*5*21*0"]


def rules(lines: list[str]) -> list[tuple[int, str]]:
    hierarchy, segments = Hierarchy(PARENTS), read_segments("".join(f"{line}~" for line in lines), [])
    return [(finding.position, finding.rule) for segment in segments for finding in hierarchy.check(segment)]


def test_levels_in_order_under_their_parents_are_right() -> None:
    assert rules(SOUND) == []


@pytest.mark.parametrize(
    ("place", "wrong", "expected"),
    [
        (2, "HL*9*2*22*0", [(3, "hierarchy.number")]),
        (2, "HL*3*1*22*0", [(3, "hierarchy.parent")]),
        (2, "HL*3**22*0", [(3, "hierarchy.parent")]),
        (2, "HL*3*8*22*0", [(3, "hierarchy.parent")]),
        (4, "HL*5*1*20*1", [(5, "hierarchy.parent")]),
        (3, "HL*4*2*77*0", [(4, "hierarchy.level")]),
        (3, "HL", [(4, "hierarchy.number"), (4, "hierarchy.level")]),
    ],
)
def test_a_level_with_a_wrong_number_parent_or_code_is_found(
    place: int, wrong: str, expected: list[tuple[int, str]]
) -> None:
    assert rules([*SOUND[:place], wrong, *SOUND[place + 1 :]]) == expected


def test_after_a_lost_level_the_numbers_no_longer_count_on() -> None:
    found = rules([*SOUND[:2], *SOUND[3:]])

    assert {rule for _, rule in found} == {"hierarchy.number"}
