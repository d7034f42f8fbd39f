from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.findings import Finding
from billing.edi.segments import Segment, read_segments

HEADER = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260331*1705*^*00501*000000042*0*T*:~"
BODY = "GS*HC*S*R*20260331*1705*1*X*005010X222A1~ST*837*0001~REF*G1*A:B^C~SE*3*0001~GE*1*1~IEA*1*000000042~"
WHOLE = HEADER + BODY
IDS = ["ISA", "GS", "ST", "REF", "SE", "GE", "IEA"]


def read(source: str | bytes | io.BytesIO) -> tuple[list[Segment], list[str]]:
    findings: list[Finding] = []
    segments = list(read_segments(source, findings))
    return segments, [finding.rule for finding in findings]


def ids(segments: list[Segment]) -> list[str]:
    return [segment.id for segment in segments]


def test_a_plain_file_is_cut_into_its_segments_with_their_positions() -> None:
    segments, rules = read(WHOLE)

    assert ids(segments) == IDS
    assert [segment.position for segment in segments] == [1, 2, 3, 4, 5, 6, 7]
    assert rules == []


def test_elements_components_and_repetitions_are_found_by_number() -> None:
    reference = read(WHOLE)[0][3]

    assert reference.element(1) == "G1"
    assert reference.element(9) == ""
    assert reference.components(2) == ["A", "B^C"]
    assert reference.component(2, 1) == "A"
    assert reference.component(2, 5) == ""
    assert reference.repetitions(2) == ["A:B", "C"]
    assert reference.repetitions(9) == []


def test_before_version_5010_nothing_repeats() -> None:
    older = WHOLE.replace("*^*00501*", "*U*00401*")

    reference = read(older)[0][3]

    assert reference.repetitions(2) == ["A:B^C"]


@pytest.mark.parametrize(
    "source",
    [
        WHOLE.replace("~", "~\n"),
        WHOLE.replace("~", "~\r\n"),
        WHOLE.replace("~", "~\r"),
        WHOLE.replace("~", "\n"),
        WHOLE.replace("~", "\r\n"),
        WHOLE.replace("~", "\r"),
        WHOLE.replace("~", "~\n   "),
        WHOLE.replace("~", "\x1d"),
        WHOLE.replace("*", "|"),
        WHOLE.replace("*", "\x1f"),
        WHOLE.replace("REF*G1", "RE\nF*G\r\n1"),
        "\ufeff" + WHOLE,
        " \r\n\r\n" + WHOLE + "\r\n\r\n\x1a",
        WHOLE.replace("~", "~~"),
    ],
    ids=[
        "newlines",
        "windows lines",
        "old mac lines",
        "newline as terminator",
        "windows line end as terminator",
        "carriage return as terminator",
        "indented segments",
        "control character as terminator",
        "bars",
        "control character between elements",
        "lines wrapped inside a segment",
        "byte order mark",
        "blank lines around",
        "doubled terminators",
    ],
)
def test_the_ways_files_are_laid_out_make_no_difference(source: str) -> None:
    segments, rules = read(source.encode())

    assert ids(segments) == IDS
    assert segments[3].parts[:2] == ["REF", "G1"]
    assert segments[3].components(2)[0] == "A"
    assert rules == []


def test_each_interchange_brings_its_own_separators() -> None:
    other = WHOLE.replace("*", "|").replace("~", "\n").replace(":", ">").replace("^", "!")

    segments, rules = read(WHOLE + "\n" + other + WHOLE)

    assert ids(segments) == IDS * 3
    assert [segments[place].component(2, 2) for place in (3, 10, 17)] == ["B^C", "B!C", "B^C"]
    assert rules == []


def test_an_interchange_whose_trailer_has_no_terminator_ends_where_the_next_begins() -> None:
    segments, rules = read(WHOLE[:-1] + "\n" + WHOLE)

    assert ids(segments) == IDS * 2
    assert segments[6].parts == ["IEA", "1", "000000042"]
    assert rules == []


def test_a_file_without_a_header_is_read_with_guessed_separators() -> None:
    segments, rules = read(BODY)

    assert ids(segments) == IDS[1:]
    assert rules == ["separators.guessed"]


def test_a_file_without_a_header_and_with_lines_for_segments_is_read() -> None:
    segments, rules = read(BODY.replace("~", "\n").replace("*", "|"))

    assert ids(segments) == IDS[1:]
    assert rules == ["separators.guessed"]


def test_text_before_the_header_is_skipped_and_told() -> None:
    segments, rules = read("From: somebody\nSubject: your file\n\n" + WHOLE)

    assert ids(segments) == IDS
    assert rules == ["interchange.text_before"]


def test_a_header_of_another_length_is_read_and_told() -> None:
    segments, rules = read(WHOLE.replace("SENDER         ", "SENDER"))

    assert ids(segments) == IDS
    assert rules == ["interchange.header_length"]


def test_a_header_with_too_few_elements_is_read_as_far_as_can_be() -> None:
    segments, rules = read("ISA*00*SENDER~ST*837*0001~SE*2*0001~")

    assert ids(segments) == ["ISA", "ST", "SE"]
    assert rules == ["separators.guessed"]


def test_a_file_that_breaks_off_gives_what_it_has() -> None:
    segments, rules = read(WHOLE[: WHOLE.index("SE*") + 4])

    assert ids(segments) == [*IDS[:4], "SE"]
    assert segments[-1].parts == ["SE", "3"]
    assert rules == ["segment.unterminated"]


def test_bytes_that_are_not_utf8_are_read_as_latin_1() -> None:
    segments, rules = read(WHOLE.replace("A:B", "ZOË").encode("latin-1"))

    assert segments[3].components(2)[0] == "ZOË^C"
    assert rules == ["text.not_utf8"]


def test_utf8_is_read_as_utf8_wherever_chunks_end() -> None:
    source = WHOLE.replace("A:B", "ZOË").encode()

    segments = list(read_segments((source[at : at + 1] for at in range(len(source))), []))

    assert segments[3].element(2) == "ZOË^C"


@pytest.mark.parametrize(
    "source", ["", " \n", "hello, this is no X12 at all", "ISA", "ISA 00*X~ISA 00*Y~", "{}", "\x00\x1a"]
)
def test_what_is_no_x12_does_no_harm(source: str) -> None:
    segments, _ = read(source)

    assert all(segment.position for segment in segments)


def test_a_flood_without_separators_is_not_kept_in_memory() -> None:
    findings: list[Finding] = []

    segments = list(read_segments((HEADER.encode(), *[b"x" * 500_000] * 5, b"~", BODY.encode()), findings))

    assert ids(segments)[-6:] == IDS[1:]
    assert {finding.rule for finding in findings} == {"segment.endless"}


def test_a_file_opened_for_bytes_is_read_in_pieces() -> None:
    segments, rules = read(io.BytesIO((HEADER + "REF*G1*123~" * 50_000 + "IEA*1*000000042~").encode()))

    assert len(segments) == 50_002
    assert rules == []


@given(st.lists(st.integers(1, 60), max_size=20))
def test_where_chunks_end_makes_no_difference(sizes: list[int]) -> None:
    source = (WHOLE.replace("~", "~\r\n") + WHOLE.replace("~", "\n")).encode()
    chunks, start = [], 0
    for size in sizes:
        chunks.append(source[start : start + size])
        start += size
    chunks.append(source[start:])

    segments = list(read_segments(chunks, []))

    assert segments == list(read_segments(source, []))


@given(st.binary(max_size=400))
def test_no_bytes_whatever_make_the_tokeniser_fail(noise: bytes) -> None:
    segments = list(read_segments([HEADER.encode(), noise, WHOLE.encode()], []))

    assert segments[0].id == "ISA"
