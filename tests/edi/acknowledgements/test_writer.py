from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from billing.edi.acknowledgements.answer import GroupAnswer, InterchangeAnswer, SegmentError
from billing.edi.acknowledgements.reader import read_acknowledgements
from billing.edi.acknowledgements.writer import encode_999, encode_ta1
from billing.edi.findings import Finding
from billing.errors import Refused
from tests.edi.answers_on_stage import ARRIVED, CUT_OFF, PARTLY, REFUSED, TO_US, WHOLLY
from tests.edi.claims_on_stage import ENVELOPE

GOLDEN = Path(__file__).parents[2] / "golden"


def read_back(content: bytes) -> tuple[list[InterchangeAnswer | GroupAnswer], list[Finding]]:
    findings: list[Finding] = []
    return read_acknowledgements(content, findings), findings


def test_a_partly_accepted_group_is_the_golden_file() -> None:
    assert encode_999([PARTLY, WHOLLY], TO_US) == (GOLDEN / "two_groups_one_of_them_partly_accepted.999").read_bytes()


def test_an_interchange_acknowledgement_is_the_golden_file() -> None:
    expected = (GOLDEN / "one_interchange_arrived_and_one_was_cut_off.ta1").read_bytes()

    assert encode_ta1([ARRIVED, CUT_OFF], TO_US) == expected


def test_written_groups_are_read_back_unchanged() -> None:
    assert read_back(encode_999([PARTLY, WHOLLY], TO_US)) == ([PARTLY, WHOLLY], [])


def test_written_interchange_answers_are_read_back_unchanged() -> None:
    assert read_back(encode_ta1([ARRIVED, CUT_OFF], TO_US)) == ([ARRIVED, CUT_OFF], [])


def test_a_ta1_travels_without_a_group() -> None:
    lines = encode_ta1([ARRIVED], TO_US).decode().split("~\n")

    assert [line[:3] for line in lines] == ["ISA", "TA1", "IEA", ""]
    assert lines[-2] == "IEA*0*000000077"


def test_nothing_to_answer_is_no_file() -> None:
    with pytest.raises(ValueError, match="without"):
        encode_999([], ENVELOPE)
    with pytest.raises(ValueError, match="without"):
        encode_ta1([], ENVELOPE)


@pytest.mark.parametrize(
    ("faulty", "why"),
    [
        (replace(PARTLY, control_number=""), "AK102 is required"),
        (replace(PARTLY, control_number="1234567890"), "AK102 has 10 characters"),
        (replace(PARTLY, codes=("1", "2", "3", "4", "5", "6")), "AK9 has more than 9 elements"),
        (
            replace(PARTLY, sets=(replace(REFUSED, codes=("1", "2", "3", "4", "5", "6")),)),
            "IK5 has more than 6 elements",
        ),
        (replace(PARTLY, sets=(replace(REFUSED, errors=(SegmentError("TOOLONG", 2, "", "8"),)),)), "IK301 has 7"),
    ],
)
def test_an_answer_that_no_999_can_hold_is_refused(faulty: GroupAnswer, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        encode_999([faulty], TO_US)

    assert [problem.why for problem in refusal.value.problems if why in problem.why]


def test_a_ta1_needs_the_date_and_time_of_what_it_answers() -> None:
    with pytest.raises(Refused) as refusal:
        encode_ta1([replace(ARRIVED, sent_date="", sent_time="")], TO_US)

    assert len(refusal.value.problems) == 2


def test_a_separator_in_an_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="AK102"):
        encode_999([replace(PARTLY, control_number="4*2")], TO_US)
