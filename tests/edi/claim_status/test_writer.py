from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.edi.claim_status.acknowledged_file import AcknowledgedClaim, AcknowledgedFile
from billing.edi.claim_status.reader import read_status
from billing.edi.claim_status.status import Level, Statement, Status, StatusFile, StatusReport
from billing.edi.claim_status.writer import encode_277ca
from billing.edi.findings import Finding
from billing.edi.parties import Person
from billing.errors import Refused, Severity
from tests.edi.answers_on_stage import (
    ACCEPTED_CLAIM,
    ANSWERED_FILE,
    CLINIC_IN_FILE,
    REJECTED_CLAIM,
    TO_US,
    TODAY,
    said,
)

GOLDEN = Path(__file__).parents[2] / "golden"


def file_of(*claims: AcknowledgedClaim) -> AcknowledgedFile:
    return replace(ANSWERED_FILE, providers=(replace(CLINIC_IN_FILE, claims=claims),))


def starting(start: str, *files: AcknowledgedFile) -> list[str]:
    return [line for line in encode_277ca(files, TO_US).decode("ascii").split("~\n") if line.startswith(start)]


def report_of(claim: AcknowledgedClaim) -> StatusReport:
    """What a reader should make of a claim."""
    return StatusReport(
        level=Level.CLAIM,
        trace_number=claim.control_number,
        statements=claim.statements,
        payer_claim_number=claim.payer_claim_number,
        clearinghouse_number=claim.clearinghouse_number,
        line_statements=tuple((line.control_number, (line.statement,)) for line in claim.lines),
    )


def received(total_cents: int) -> tuple[StatusReport, StatusReport]:
    """What is said of a whole file, and of its one provider, when both were received."""
    statement = said("WQ", total_cents, Status("A1", "19", "PR"))
    return (
        StatusReport(Level.RECEIVER, "BATCH-7", (statement,)),
        StatusReport(Level.PROVIDER, "0", (replace(statement, said_on=None),)),
    )


def test_one_claim_accepted_and_one_rejected_is_the_golden_file() -> None:
    expected = (GOLDEN / "one_claim_accepted_and_one_rejected.277ca").read_bytes()

    assert encode_277ca([ANSWERED_FILE], TO_US) == expected


def test_what_is_written_is_read_back_unchanged() -> None:
    findings: list[Finding] = []

    files = read_status(encode_277ca([ANSWERED_FILE, file_of(ACCEPTED_CLAIM)], TO_US), findings)

    assert files == [
        StatusFile(
            "277CA",
            (*received(20600), report_of(ACCEPTED_CLAIM), report_of(REJECTED_CLAIM)),
            "CEDAR-ACK-9",
            TODAY,
        ),
        StatusFile("277CA", (*received(14550), report_of(ACCEPTED_CLAIM)), "CEDAR-ACK-9", TODAY),
    ]
    assert {finding.severity for finding in findings} == {Severity.INFO}


def test_levels_are_numbered_and_stand_under_each_other() -> None:
    assert starting("HL", ANSWERED_FILE) == ["HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*1", "HL*4*3*PT", "HL*5*3*PT"]


def test_totals_count_what_was_taken_apart_from_what_was_refused() -> None:
    assert starting("QTY", ANSWERED_FILE) == ["QTY*90*1", "QTY*AA*1", "QTY*QA*1", "QTY*QC*1"]
    assert starting("AMT", ANSWERED_FILE) == ["AMT*YU*145.5", "AMT*YY*60.5"] * 2


def test_totals_of_nothing_are_not_said() -> None:
    assert starting("QTY", file_of(ACCEPTED_CLAIM)) == ["QTY*90*1", "QTY*QA*1"]
    assert starting("AMT", file_of(REJECTED_CLAIM)) == ["AMT*YY*60.5"] * 2


def test_a_file_of_which_every_claim_is_refused_is_refused_as_a_whole() -> None:
    refused, partly = file_of(REJECTED_CLAIM), file_of(REJECTED_CLAIM, ACCEPTED_CLAIM)

    assert starting("STC*A1", refused) == ["STC*A1:19:PR*20260401*U*60.5", "STC*A1:19:PR**U*60.5"]
    assert starting("STC*A1", partly) == ["STC*A1:19:PR*20260401*WQ*206", "STC*A1:19:PR**WQ*206"]


def test_a_provider_may_be_told_apart_from_its_file() -> None:
    unknown = replace(CLINIC_IN_FILE, claims=(), statuses=(Status("A3", "24", "85"),))

    (file,) = read_status(encode_277ca([replace(ANSWERED_FILE, providers=(unknown,))], TO_US), [])

    assert file.reports[1].statements == (Statement((Status("A3", "24", "85"),), None, "U", 0),)


def test_a_file_refused_before_its_claims_were_looked_at_has_no_levels_below() -> None:
    refused = replace(ANSWERED_FILE, providers=(), statuses=(Status("A3", "24", "41"),))

    (file,) = read_status(encode_277ca([refused], TO_US), [])

    assert file.reports == (StatusReport(Level.RECEIVER, "BATCH-7", (said("U", 0, Status("A3", "24", "41")),)),)
    assert starting("HL", refused) == ["HL*1**20*1", "HL*2*1*21*0"]


def test_a_period_of_one_day_is_a_day() -> None:
    one_day = replace(REJECTED_CLAIM, service_through=REJECTED_CLAIM.service_from, lines=())

    assert starting("DTP*472", file_of(one_day)) == ["DTP*472*D8*20260302"]
    assert starting("DTP*472*RD8", file_of(REJECTED_CLAIM)) == ["DTP*472*RD8*20260302-20260309"]


def test_a_suffix_of_the_receiver_is_left_out_because_there_is_no_room() -> None:
    person = replace(ANSWERED_FILE, receiver=Person("THORNE", "BEN", "Q", "JR"))

    assert starting("NM1*41", person) == ["NM1*41*1*THORNE*BEN*Q***46*WB0001"]


@pytest.mark.parametrize(
    ("faulty", "why"),
    [
        (file_of(replace(ACCEPTED_CLAIM, statements=())), "STC is missing"),
        (file_of(replace(ACCEPTED_CLAIM, statements=(Statement((), TODAY, "WQ", 14550),))), "STC01"),
        (file_of(replace(ACCEPTED_CLAIM, statements=(said("", 14550, Status("A2", "20")),))), "STC03 is required"),
        (file_of(replace(ACCEPTED_CLAIM, statements=(said("WQ", None, Status("A2", "20")),))), "STC04 is required"),
        (file_of(replace(ACCEPTED_CLAIM, control_number="")), "TRN02 is required"),
        (file_of(replace(ACCEPTED_CLAIM, member_id="")), "NM109 is required"),
        (replace(ANSWERED_FILE, payer_name=""), "NM103 is required"),
        (replace(ANSWERED_FILE, reference="9" * 51), "BHT03 has 51 characters"),
    ],
)
def test_values_that_no_277ca_can_hold_are_refused(faulty: AcknowledgedFile, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        encode_277ca([faulty], TO_US)

    assert [problem.why for problem in refusal.value.problems if why in problem.why]


def test_more_than_three_statuses_at_once_are_refused() -> None:
    four = said("U", 14550, *[Status("A7", code) for code in ("1", "2", "3", "4")])

    with pytest.raises(ValueError, match="three"):
        encode_277ca([file_of(replace(ACCEPTED_CLAIM, statements=(four,)))], TO_US)


def test_no_files_are_no_interchange() -> None:
    with pytest.raises(ValueError, match="without"):
        encode_277ca([], TO_US)


def test_a_line_without_a_day_or_a_number_of_its_own_may_be_sent() -> None:
    (line,) = REJECTED_CLAIM.lines
    bare = replace(REJECTED_CLAIM, lines=(replace(line, service_on=None, control_number=""),))

    (file,) = read_status(encode_277ca([file_of(bare)], TO_US), [])

    assert file.reports[2].line_statements == (("", (line.statement,)),)
    assert date(2026, 3, 2) == line.service_on
