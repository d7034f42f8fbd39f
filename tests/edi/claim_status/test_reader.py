from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.claim_837p.writer import encode_837p
from billing.edi.claim_status.reader import read_status
from billing.edi.claim_status.status import Level, Statement, Status, StatusFile, StatusReport
from billing.edi.claim_status.writer import encode_277ca
from billing.edi.findings import Finding
from billing.errors import Severity
from tests.edi.answers_on_stage import ANSWERED_FILE, TO_US, counted
from tests.edi.claims_on_stage import BACK_PAIN, ENVELOPE, batch_of

CA_FILE = encode_277ca([ANSWERED_FILE], TO_US).decode()
RESPONSE = counted("""\
ISA*00*          *00*          *ZZ*CEDAR1         *ZZ*WB0001         *260401*0830*^*00501*000000077*0*T*:~
GS*HN*CEDAR1*WB0001*20260401*0830*78*X*005010X212~
ST*277*0001*005010X212~
BHT*0010*08*CEDAR-9*20260401*0830*DG~
HL*1**20*1~
NM1*PR*2*CEDAR HEALTH PLAN*****PI*CEDAR1~
PER*IC*CLAIM DESK*TE*8005550100~
HL*2*1*21*1~
NM1*41*2*WILLOW BARK ACUPUNCTURE*****46*WB0001~
TRN*2*ASK-9~
STC*E0:24:41*20260401~
HL*3*2*19*1~
NM1*1P*2*WILLOW BARK ACUPUNCTURE*****XX*1234567893~
TRN*1*0~
STC*E0:24:1P*20260401~
HL*4*3*22*0~
NM1*IL*1*FINCH*ROSA****MI*CH100200300~
TRN*2*ASK-9-1~
STC*F1:65*20260320**145.5*90*20260319**20260321*TRACE1~
STC*P3:317*20260310**145.5******P3:1*A1:20*WAITING~
REF*1K*CEDAR-1~
REF*EJ*WB-1001~
REF*D9*PINE-5~
DTP*472*D8*20260302~
SVC*HC:97810*85*60****1~
STC*F1:65*20260320~
REF*FJ*L1~
DTP*472*D8*20260302~
SVC*HC:97811*60.5*30****1~
REF*FJ*L2~
DTP*472*D8*20260302~
TRN*2*ASK-9-2~
STC*F2:88*20260320**50*0~
HL*5*3*22*1~
NM1*IL*1*FINCH*ODIN****MI*CH900800700~
HL*6*5*23~
NM1*QC*1*FINCH*IVY~
TRN*2*ASK-9-3~
STC*A4:35*20260401~
SE*0*0001~
GE*1*78~
IEA*1*000000077~
""")


def read(text: str | bytes) -> tuple[list[StatusFile], list[str]]:
    """The files, and the rules of all findings with any weight."""
    findings: list[Finding] = []
    files = read_status(text, findings)
    return files, [finding.rule for finding in findings if finding.severity is not Severity.INFO]


def the_reports(text: str) -> tuple[tuple[StatusReport, ...], list[str]]:
    (file,), rules = read(counted(text))
    return file.reports, rules


def test_a_response_is_read_with_everything_it_says_at_every_level() -> None:
    paid = Statement((Status("F1", "65"),), date(2026, 3, 20), "", 14550)
    waiting = Statement(
        (Status("P3", "317"), Status("P3", "1"), Status("A1", "20")), date(2026, 3, 10), "", 14550, "WAITING"
    )

    files, rules = read(RESPONSE)

    assert files == [
        StatusFile(
            kind="277",
            reports=(
                StatusReport(Level.RECEIVER, "ASK-9", (Statement((Status("E0", "24", "41"),), date(2026, 4, 1)),)),
                StatusReport(Level.PROVIDER, "0", (Statement((Status("E0", "24", "1P"),), date(2026, 4, 1)),)),
                StatusReport(
                    level=Level.CLAIM,
                    trace_number="ASK-9-1",
                    statements=(paid, waiting),
                    payer_claim_number="CEDAR-1",
                    control_number="WB-1001",
                    clearinghouse_number="PINE-5",
                    line_statements=(("L1", (replace(paid, total_cents=None),)),),
                ),
                StatusReport(Level.CLAIM, "ASK-9-2", (Statement((Status("F2", "88"),), date(2026, 3, 20), "", 5000),)),
                StatusReport(Level.CLAIM, "ASK-9-3", (Statement((Status("A4", "35"),), date(2026, 4, 1)),)),
            ),
            reference="CEDAR-9",
            produced_on=date(2026, 4, 1),
        )
    ]
    assert rules == []


@pytest.mark.parametrize(
    ("version", "structure", "kind"),
    [
        ("005010X214", "0085", "277CA"),
        ("004040X167", "0085", "277CA"),
        ("005010X214", "0010", "277CA"),
        ("", "0085", "277CA"),
        ("005010X212", "0010", "277"),
        ("004010X093A1", "0010", "277"),
        ("003070X070", "0010", "277"),
        ("", "0010", "277"),
    ],
)
def test_an_acknowledgement_is_told_from_a_response(version: str, structure: str, kind: str) -> None:
    text = RESPONSE.replace("005010X212", version).replace("BHT*0010", f"BHT*{structure}")

    (file,), _ = read(text)

    assert (file.kind, len(file.reports)) == (kind, 5)


def test_a_status_without_a_trace_number_belongs_to_nobody() -> None:
    reports, rules = the_reports(RESPONSE.replace("TRN*2*ASK-9-3~\n", ""))

    assert reports[-1] == StatusReport(Level.CLAIM, "", (Statement((Status("A4", "35"),), date(2026, 4, 1)),))
    assert rules == ["status.untraced"]


def test_a_claim_whose_level_is_lost_is_not_taken_for_its_neighbour() -> None:
    before, _ = the_reports(RESPONSE)

    reports, rules = the_reports(RESPONSE.replace("HL*5*3*22*1~\n", "").replace("HL*6*5*23~\n", ""))

    assert reports == before
    assert "segment.unexpected" in rules or "segment.repeated" in rules or "segment.out_of_order" in rules


def test_a_claim_whose_level_is_lost_under_its_provider_is_not_said_of_all_claims() -> None:
    reports, rules = the_reports(RESPONSE.replace("HL*4*3*22*0~\n", ""))

    assert [(report.level, report.trace_number) for report in reports] == [
        (Level.RECEIVER, "ASK-9"),
        (Level.PROVIDER, "0"),
        (Level.CLAIM, "ASK-9-1"),
        (Level.CLAIM, "ASK-9-2"),
        (Level.CLAIM, "ASK-9-3"),
    ]
    assert {"status.level", "hierarchy.number"} <= set(rules)


def test_the_kind_of_a_trace_number_does_not_change_its_level() -> None:
    assert the_reports(RESPONSE.replace("TRN*1*0", "TRN*2*0"))[0] == the_reports(RESPONSE)[0]


def test_a_provider_whose_level_is_lost_is_not_said_of_the_whole_file() -> None:
    reports, rules = the_reports(RESPONSE.replace("HL*3*2*19*1~\n", ""))

    assert [report.level for report in reports[:2]] == [Level.RECEIVER, Level.PROVIDER]
    assert "status.level" in rules


def test_a_level_of_unknown_meaning_is_left_out_and_told() -> None:
    reports, rules = the_reports(RESPONSE.replace("HL*4*3*22*0", "HL*4*3*77*0"))

    assert [report.trace_number for report in reports] == ["ASK-9", "0", "ASK-9-3"]
    assert {"hierarchy.level", "status.left_out"} <= set(rules)


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("HL*4*3*22*0", "HL*9*3*22*0", "hierarchy.number"),
        ("HL*4*3*22*0", "HL*4*2*22*0", "hierarchy.parent"),
        ("HL*4*3*22*0", "HL*4**22*0", "hierarchy.parent"),
        ("**145.5*90", "**MUCH*90", "value.unreadable"),
        ("STC*A4:35*20260401", "STC*A4:35*20260231", "element.form"),
        ("STC*A4:35*20260401", "STC", "element.missing"),
        ("STC*A4:35*20260401~\n", "", "segment.missing"),
        ("TRN*2*ASK-9-1", "TRN*2", "element.missing"),
    ],
)
def test_a_fault_is_found_and_the_rest_still_read(right: str, wrong: str, rule: str) -> None:
    reports, rules = the_reports(RESPONSE.replace(right, wrong, 1))

    assert len(reports) >= 4
    assert rule in rules


def test_a_statement_without_a_date_or_a_readable_amount_is_still_a_statement() -> None:
    reports, _ = the_reports(RESPONSE.replace("STC*F2:88*20260320**50*0", "STC*F2:88***FIFTY*0"))

    assert reports[3].statements == (Statement((Status("F2", "88"),), None),)


def test_other_separators_read_the_same() -> None:
    translated = CA_FILE.replace("~\n", "\x00").translate(str.maketrans("*:^\x00", "|>!\r"))

    assert read(translated.encode()) == read(CA_FILE)


def test_other_transaction_sets_are_passed_over_and_told() -> None:
    assert read(encode_837p(batch_of(BACK_PAIN), ENVELOPE)) == ([], ["transaction.other_kind"])


def test_a_file_without_envelopes_still_gives_its_reports() -> None:
    bare = RESPONSE[RESPONSE.index("BHT*") : RESPONSE.index("SE*")]

    (file,), rules = read(bare)

    assert len(file.reports) == 5
    assert "transaction.header_missing" in rules


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\x00\xff\x07" * 99, b"%PDF-1.7 no X12 at all", b"ISA", b"ST*277*1~HL*1**20~TRN*1~"]
)
def test_what_says_nothing_gives_no_report(content: bytes) -> None:
    files, _ = read(content)

    assert [file.reports for file in files if file.reports] == []


@pytest.mark.parametrize("length", range(0, len(RESPONSE), 13))
def test_a_file_cut_off_anywhere_says_no_more_than_the_whole(length: int) -> None:
    traces = [(report.level, report.trace_number) for report in the_reports(RESPONSE)[0]]

    files, rules = read(RESPONSE[:length])

    said = [report for file in files for report in file.reports]
    assert [report.level for report in said] == [level for level, _ in traces[: len(said)]]
    assert all(trace.startswith(report.trace_number) for report, (_, trace) in zip(said, traces, strict=False))
    assert rules or length == 0


@given(st.data())
def test_no_damage_to_a_file_makes_the_reader_fail(data: st.DataObject) -> None:
    segments = RESPONSE.split("~\n")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(segments) - 1))
        parts = segments[place].split("*")
        parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(st.text(max_size=9))
        segments[place] = "*".join(parts)

    files, rules = read("~\n".join(segments).encode())

    assert isinstance(files, list)
    assert isinstance(rules, list)
