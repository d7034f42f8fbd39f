from __future__ import annotations

import pytest

from billing.edi.envelope import Transaction, pass_over, transactions
from billing.edi.findings import Finding
from billing.errors import Severity

LINES = [
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260331*1705*^*00501*000000042*1*T*:",
    "GS*HC*CLINIC*HOUSE*20260331*1705*7*X*005010X222A1",
    "ST*837*0001*005010X222A1",
    "BHT*0019*00*A*20260331*1705*CH",
    "SE*3*0001",
    "ST*837*0002",
    "BHT*0019*00*B*20260331*1705*CH",
    "SE*3*0002",
    "GE*2*7",
    "IEA*1*000000042",
]


def read(lines: list[str]) -> tuple[list[tuple[str, str, list[str]]], list[tuple[str, int]]]:
    """Set id, control number and segment ids of each transaction; rule and position of each finding."""
    findings: list[Finding] = []
    taken = [
        (transaction.set_id, transaction.control_number, [segment.id for segment in transaction.segments])
        for transaction in transactions("".join(f"{line}~" for line in lines), findings)
    ]
    return taken, [(finding.rule, finding.position) for finding in findings]


def without(*starts: str) -> list[str]:
    return [line for line in LINES if not line.startswith(starts)]


def test_each_transaction_comes_with_its_segments_from_st_to_se() -> None:
    taken, findings = read(LINES)

    assert taken == [("837", "0001", ["ST", "BHT", "SE"]), ("837", "0002", ["ST", "BHT", "SE"])]
    assert findings == []


def test_a_transaction_knows_who_sent_it_and_by_which_guide() -> None:
    first, second = transactions("".join(f"{line}~" for line in LINES), [])

    assert first.interchange is not None
    assert (first.interchange.sender_id, first.interchange.receiver_id) == ("SENDER", "RECEIVER")
    assert (first.interchange.control_number, first.interchange.usage) == ("000000042", "T")
    assert first.interchange.acknowledgement_requested
    assert first.group is not None
    assert (first.group.functional_id, first.group.sender, first.group.control_number) == ("HC", "CLINIC", "7")
    assert second.version == "005010X222A1"


def test_what_the_caller_does_not_read_is_counted_all_the_same() -> None:
    findings: list[Finding] = []

    taken: list[Transaction] = []
    for transaction in transactions("".join(f"{line}~" for line in LINES), findings):
        taken.append(transaction)

    assert [transaction.control_number for transaction in taken] == ["0001", "0002"]
    assert findings == []


@pytest.mark.parametrize(
    ("wrong", "right", "finding"),
    [
        ("SE*3*0001", "SE*4*0001", ("transaction.count_wrong", 5)),
        ("SE*3*0001", "SE**0001", ("transaction.count_wrong", 5)),
        ("SE*3*0001", "SE*3*0009", ("transaction.number_differs", 5)),
        ("GE*2*7", "GE*1*7", ("group.count_wrong", 9)),
        ("GE*2*7", "GE*2*8", ("group.number_differs", 9)),
        ("IEA*1*000000042", "IEA*2*000000042", ("interchange.count_wrong", 10)),
        ("IEA*1*000000042", "IEA*1*000000043", ("interchange.number_differs", 10)),
    ],
)
def test_a_wrong_count_or_number_is_found_where_it_stands(wrong: str, right: str, finding: tuple[str, int]) -> None:
    taken, findings = read([right if line == wrong else line for line in LINES])

    assert len(taken) == 2
    assert findings == [finding]


def test_leading_zeros_of_a_count_are_no_mistake() -> None:
    _, findings = read([line.replace("SE*3*", "SE*0003*") for line in LINES])

    assert findings == []


def test_a_repeated_transaction_number_is_found() -> None:
    _, findings = read([line.replace("0002", "0001") for line in LINES])

    assert findings == [("transaction.number_repeated", 6)]


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("ISA", {"separators.guessed", "interchange.header_missing"}),
        ("GS", {"group.header_missing", "interchange.count_wrong"}),
        ("ST", {"transaction.header_missing"}),
        ("SE", {"transaction.trailer_missing"}),
        ("GE", {"group.trailer_missing"}),
        ("IEA", {"interchange.trailer_missing"}),
    ],
)
def test_a_lost_envelope_is_found_and_its_content_still_read(lost: str, expected: set[str]) -> None:
    taken, findings = read(without(lost))

    assert [ids.count("BHT") for _, _, ids in taken] == [1, 1]
    assert {rule for rule, _ in findings} == expected


def test_a_transaction_that_breaks_off_cannot_be_relied_on() -> None:
    findings: list[Finding] = []

    for transaction in transactions("".join(f"{line}~" for line in LINES[:4]), findings):
        list(transaction.segments)

    assert [(f.rule, f.severity) for f in findings if f.severity is Severity.BLOCK] == [
        ("transaction.trailer_missing", Severity.BLOCK)
    ]


def test_a_ta1_travels_alone_between_interchange_and_group() -> None:
    acknowledgement = "TA1*000000042*260331*1705*A*000"

    taken, findings = read([LINES[0], acknowledgement, "IEA*0*000000042"])

    assert taken == [("TA1", "", ["TA1"])]
    assert findings == []


def test_trailers_that_close_nothing_are_found() -> None:
    taken, findings = read([LINES[0], "SE*1*1", "GE*1*1", "IEA*0*000000042", "IEA*0*1"])

    assert taken == []
    assert [rule for rule, _ in findings] == [
        "transaction.header_missing",
        "group.header_missing",
        "interchange.header_missing",
    ]


def test_several_interchanges_follow_each_other() -> None:
    taken, findings = read(LINES * 3)

    assert len(taken) == 6
    assert findings == []


def test_a_transaction_that_is_passed_over_is_told_where_it_stands() -> None:
    findings: list[Finding] = []

    for transaction in transactions("".join(f"{line}~" for line in LINES), findings):
        pass_over(transaction, "It is of another kind.", findings)

    assert [(finding.rule, finding.segment) for finding in findings] == [("transaction.other_kind", "ST")] * 2
    assert findings[0].position == [line[:3] for line in LINES].index("ST*") + 1
