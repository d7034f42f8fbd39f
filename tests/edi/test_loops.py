from __future__ import annotations

import pytest

from billing.edi.findings import Finding
from billing.edi.guide import Loop, row
from billing.edi.loops import Node, pass_loops, read_loops
from billing.edi.segments import Segment, Separators

GUIDE = Loop(
    "ST",
    "R",
    0,
    row("ST", "R", 1, "R=999 R4-9"),
    Loop(
        "1000",
        "R",
        2,
        row("NM1", "R", 1, "R=41 S5 R2-3"),
        row("N3", "R", 1, "R10"),
        row("REF", "S", 1, "R=EI R#"),
        row("REF", "S", 2, "R=G1/9F R5"),
    ),
    Loop("2000", "S", 0, row("LX", "R", 1, "R#"), row("AMT", "R", 1, "R=D R$"), row("DTP", "S", 1, "R=472 N R@")),
    row("HI", "S", 1, "R(R=ABK R3) S(R=ABF R3 N)"),
    row("SE", "R", 1),
)
WHOLE = [
    "ST*999*0001",
    "NM1*41**AB",
    "N3*STREET",
    "REF*EI*12",
    "REF*G1*A",
    "LX*1",
    "AMT*D*1.5",
    "HI*ABK:A",
    "SE*7*0001",
]


def segments_of(lines: list[str]) -> list[Segment]:
    return [
        Segment(line.split("*")[0], line.split("*"), position, Separators()) for position, line in enumerate(lines, 1)
    ]


def read(lines: list[str]) -> tuple[Node, list[tuple[str, int, str]]]:
    findings: list[Finding] = []
    root = read_loops(segments_of(lines), GUIDE, findings)
    return root, [(finding.rule, finding.position, finding.segment) for finding in findings]


def findings_of(lines: list[str]) -> list[tuple[str, int, str]]:
    return read(lines)[1]


def test_a_faultless_file_becomes_a_tree_without_findings() -> None:
    root, findings = read(WHOLE)

    assert findings == []
    assert [node.loop.id for node in root.nodes] == ["1000", "2000"]
    assert [segment.id for segment in root.nodes[0].segments] == ["NM1", "N3", "REF", "REF"]


def test_what_is_taken_is_no_longer_left_over() -> None:
    root, _ = read(WHOLE)
    party = root.child("1000")
    assert party is not None

    reference = party.take("REF", "G1")

    assert reference is not None
    assert reference.element(2) == "A"
    assert party.take("REF", "G1") is None
    assert [segment.id for segment in party.take_all("REF")] == ["REF"]
    assert [segment.id for segment in root.left_over()] == ["ST", "HI", "SE", "NM1", "N3", "LX", "AMT"]


@pytest.mark.parametrize(
    ("lost", "finding"),
    [
        (0, ("segment.missing", 1, "ST")),
        (2, ("segment.missing", 2, "N3")),
        (6, ("segment.missing", 6, "AMT")),
        (8, ("segment.missing", 1, "SE")),
    ],
)
def test_a_lost_segment_is_found_at_the_loop_it_belongs_to(lost: int, finding: tuple[str, int, str]) -> None:
    assert finding in findings_of(WHOLE[:lost] + WHOLE[lost + 1 :])


def test_a_lost_loop_is_found() -> None:
    findings = findings_of([WHOLE[0], *WHOLE[5:]])

    assert findings == [("loop.missing", 1, "1000")]


def test_a_segment_without_any_place_is_found_and_the_rest_read() -> None:
    root, findings = read([*WHOLE[:3], "ZZZ*1", *WHOLE[3:]])

    assert findings == [("segment.unexpected", 4, "ZZZ")]
    assert [segment.id for segment in root.nodes[0].segments] == ["NM1", "N3", "REF", "REF"]


def test_a_segment_with_an_unknown_qualifier_has_no_place() -> None:
    assert findings_of([*WHOLE[:3], "REF*XX*1", *WHOLE[3:]]) == [("segment.unexpected", 4, "REF")]


def test_too_many_of_a_segment_or_a_loop_are_found() -> None:
    assert findings_of([*WHOLE[:3], "N3*AGAIN", *WHOLE[3:]]) == [("segment.repeated", 4, "N3")]
    assert findings_of([WHOLE[0], *WHOLE[1:3] * 3, *WHOLE[5:]]) == [("segment.repeated", 6, "NM1")]


def test_order_matters_between_kinds_but_not_among_like_ones() -> None:
    assert findings_of([*WHOLE[:3], WHOLE[4], WHOLE[3], *WHOLE[5:]]) == []
    assert findings_of([*WHOLE[:2], WHOLE[3], WHOLE[2], *WHOLE[4:]]) == [("segment.out_of_order", 4, "N3")]


@pytest.mark.parametrize(
    ("place", "line", "rule"),
    [
        (1, "NM1*41**A", "element.length"),
        (1, "NM1*41**ABCD", "element.length"),
        (1, "NM1*41", "element.missing"),
        (1, "NM1*41*TOOLONG*AB", "element.length"),
        (1, "NM1*41**AB*MORE", "element.not_used"),
        (3, "REF*EI*1A", "element.form"),
        (3, "REF*EI*\N{SUPERSCRIPT TWO}", "element.form"),
        (6, "AMT*D*1,5", "element.form"),
        (6, "AMT*D*", "element.missing"),
        (7, "HI*ABK:LONG", "element.length"),
        (7, "HI*ABK", "element.missing"),
        (7, "HI*ABK:A*ABX:B", "element.code"),
        (7, "HI*ABK:A*ABF:B:C", "element.not_used"),
        (7, "HI*ABK:A*ABF:B:C:D", "element.not_used"),
    ],
)
def test_an_element_of_the_wrong_form_is_found(place: int, line: str, rule: str) -> None:
    findings = findings_of([*WHOLE[:place], line, *WHOLE[place + 1 :]])

    assert [(found, position) for found, position, _ in findings] == [(rule, place + 1)]


@pytest.mark.parametrize("value", ["-1.5", "0", ".5", "12.", "1000000"])
def test_decimals_come_in_several_forms(value: str) -> None:
    assert findings_of([*WHOLE[:6], f"AMT*D*{value}", *WHOLE[7:]]) == []


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ("20260228", True),
        ("20260228-20260301", True),
        ("20260229", False),
        ("20260301-20260228", False),
        ("20260228-", False),
        ("260228", False),
        ("2026022A", False),
    ],
)
def test_dates_and_periods_are_real_ones(value: str, is_right: bool) -> None:
    findings = findings_of([*WHOLE[:7], f"DTP*472**{value}", *WHOLE[7:]])

    assert (findings == []) is is_right


def test_a_finding_does_not_repeat_what_the_element_holds() -> None:
    findings: list[Finding] = []

    read_loops([Segment("N3", ["N3", "SECRET STREET OF ROSA"], 1, Separators())], GUIDE, findings)

    assert findings
    assert not any("SECRET" in finding.why for finding in findings)


def test_loops_passed_one_at_a_time_are_those_of_the_tree() -> None:
    lines = [*WHOLE[:5], "XX*1", *["LX*1", "AMT*D*1.5"] * 3, *WHOLE[5:]]
    root, tree_findings = read(lines)
    findings: list[Finding] = []

    *passed, last = pass_loops(segments_of(lines), GUIDE, findings)

    assert [(node.loop.id, node.segments) for node in passed] == [(node.loop.id, node.segments) for node in root.nodes]
    assert (last.loop.id, last.segments, last.nodes) == ("ST", root.segments, [])
    assert [(finding.rule, finding.position, finding.segment) for finding in findings] == tree_findings


def test_a_loop_is_passed_before_the_one_after_the_next_is_read() -> None:
    segments = iter(segments_of(WHOLE))

    first = next(pass_loops(segments, GUIDE, []))

    assert first.loop.id == "1000"
    assert [segment.id for segment in segments] == ["AMT", "HI", "SE"]
