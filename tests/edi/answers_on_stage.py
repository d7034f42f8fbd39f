"""Synthetic answers of payers that the tests of this room share. Nobody here exists."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from billing.edi.acknowledgements.answer import Decision, GroupAnswer, InterchangeAnswer, SegmentError, SetAnswer
from billing.edi.claim_status.acknowledged_file import (
    ACCEPTS,
    REJECTS,
    AcknowledgedClaim,
    AcknowledgedFile,
    AcknowledgedLine,
    AcknowledgedProvider,
)
from billing.edi.claim_status.status import Statement, Status
from billing.edi.envelope_writer import Envelope, Usage
from billing.edi.parties import Organisation, Person

TODAY = date(2026, 4, 1)
TO_US = Envelope(
    sender_id="PINE99",
    receiver_id="WB0001",
    interchange_number=77,
    group_number=78,
    created_at=datetime(2026, 4, 1, 8, 30, tzinfo=UTC),
    usage=Usage.TEST,
)

TAKEN = SetAnswer("837", "0001", Decision.ACCEPTED, version="005010X222A1")
REFUSED = SetAnswer(
    "837",
    "0002",
    Decision.REJECTED,
    ("5", "4"),
    (
        SegmentError("CLM", 22, "2300", "8", (("2", "1"), ("5:3", "7"))),
        SegmentError("REF", 57, "", "3"),
    ),
    "005010X222A1",
)
PARTLY = GroupAnswer(
    functional_id="HC",
    control_number="42",
    version="005010X222A1",
    decision=Decision.PARTLY_ACCEPTED,
    sets=(TAKEN, REFUSED),
    included=2,
    received=2,
    accepted=1,
    answered_on=TODAY,
    reference="000000077-78-0001",
    codes=("5",),
)
WHOLLY = replace(
    PARTLY,
    decision=Decision.ACCEPTED,
    sets=(TAKEN,),
    included=1,
    received=1,
    reference="000000077-78-0002",
    codes=(),
)
ARRIVED = InterchangeAnswer("000000042", Decision.ACCEPTED, "000", TODAY, "000000077", "260331", "1705")
CUT_OFF = InterchangeAnswer("000000043", Decision.REJECTED, "023", TODAY, "000000077", "260331", "1706")


def said(action: str, total_cents: int | None, *statuses: Status, message: str = "") -> Statement:
    """One STC of the day."""
    return Statement(statuses, TODAY, action, total_cents, message)


ACCEPTED_CLAIM = AcknowledgedClaim(
    patient=Person("FINCH", "ROSA", "M"),
    member_id="CH100200300",
    control_number="WB-1001",
    statements=(said(ACCEPTS, 14550, Status("A2", "20", "PR")),),
    service_from=date(2026, 3, 2),
    payer_claim_number="CEDAR-1",
)
REJECTED_CLAIM = AcknowledgedClaim(
    patient=Person("FINCH", "IVY"),
    member_id="CH900800700",
    control_number="WB-1002",
    statements=(
        said(REJECTS, 6050, Status("A7", "562", "85"), Status("A6", "158", "QC"), message="BIRTH DATE MISSING"),
        said(REJECTS, 6050, Status("A3", "33", "IL")),
    ),
    service_from=date(2026, 3, 2),
    service_through=date(2026, 3, 9),
    clearinghouse_number="PINE-5",
    lines=(AcknowledgedLine("97811", 6050, said(REJECTS, None, Status("A7", "454")), ("GP",), "L2", date(2026, 3, 2)),),
)
CLINIC_IN_FILE = AcknowledgedProvider(
    Organisation("WILLOW BARK ACUPUNCTURE"), "1234567893", (ACCEPTED_CLAIM, REJECTED_CLAIM)
)
ANSWERED_FILE = AcknowledgedFile(
    payer_name="CEDAR HEALTH PLAN",
    payer_identifier="CEDAR1",
    receiver=Organisation("WILLOW BARK ACUPUNCTURE"),
    receiver_identifier="WB0001",
    reference="CEDAR-ACK-9",
    claim_file="BATCH-7",
    received_on=date(2026, 3, 31),
    processed_on=TODAY,
    providers=(CLINIC_IN_FILE,),
)

_271 = """\
ISA*00*          *00*          *ZZ*CEDAR1         *ZZ*WB0001         *260401*0830*^*00501*000000077*0*T*:~
GS*HB*CEDAR1*WB0001*20260401*0830*78*X*005010X279A1~
ST*271*0001*005010X279A1~
BHT*0022*11*ASK-5*20260401*0830~
HL*1**20*1~
NM1*PR*2*CEDAR HEALTH PLAN*****PI*CEDAR1~
PER*IC*MEMBER LINE*TE*8005550100*UR*CEDAR.EXAMPLE~
HL*2*1*21*1~
NM1*1P*2*WILLOW BARK ACUPUNCTURE*****XX*1234567893~
HL*3*2*22*0~
TRN*2*ASK-5-1*9WB0001~
TRN*1*CEDAR-55*9CEDAR1~
NM1*IL*1*FINCH*ROSA*M***MI*CH100200300~
REF*18*PLAN-3*GOLD~
REF*1L*G-4411~
N3*7 FERN COURT~
N4*MEDFORD*OR*97501~
DMG*D8*19790402*F~
INS*Y*18~
DTP*291*RD8*20260101-20261231~
EB*1**64**PPO GOLD~
EB*C*IND*30***23*1500*****Y~
EB*C*IND*30***29*400*****Y~
EB*B**64^98***27*25****U*W~
EB*A**64*****.2****N~
EB*F**64***23***VS*20~
HSD*VS*20***23*1~
REF*G1*AUTH77~
DTP*292*D8*20260101~
MSG*LIMIT SHARED WITH CHIROPRACTIC~
MSG*PLAN YEAR~
III*ZZ*11~
LS*2120~
NM1*X3*2*MAPLE UTILISATION*****PI*MAPLE2~
N3*1 PLAZA WAY~
N4*PORTLAND*OR*97201~
PER*IC*REVIEW DESK*TE*8005550101*FX*8005550102~
PRV*PE*PXC*171100000X~
LE*2120~
EB*F**64***29***VS*7~
EB*1**********Y**HC:97810:GP*1:2~
EB*V**33~
AAA*N**62*C~
SE*42*0001~
GE*1*78~
IEA*1*000000077~
"""
COVER = _271.replace("SE*42", f"SE*{_271.count('~') - 4}")
"""The answer about a subscriber with acupuncture cover, with every kind of segment that is read."""

_AFTER_RECEIVER = COVER.index("HL*3")
_TRAILER = COVER.index("SE*")


def answer_of(*levels: str) -> str:
    """The answer with these segments below the receiver's level, and a right count."""
    text = COVER[:_AFTER_RECEIVER] + "".join(f"{line}~\n" for line in levels) + COVER[_TRAILER:]
    return counted(text)


def counted(text: str) -> str:
    """``text`` with SE01 put right, for a file with one transaction set; unchanged when that is not whole."""
    lines = text.split("~\n")
    begins = [place for place, line in enumerate(lines) if line.startswith("ST*")]
    ends = [place for place, line in enumerate(lines) if line.startswith("SE*")]
    if not begins or not ends:
        return text
    return re.sub(r"(?m)^SE\*\d+", f"SE*{ends[0] - begins[0] + 1}", text)


def losses(text: str) -> list[tuple[str, str]]:
    """``text`` with each of its segments lost in turn, and that segment; the count does not give the loss away."""
    lines = text.removesuffix("~\n").split("~\n")
    return [
        (counted("".join(f"{line}~\n" for line in lines[:place] + lines[place + 1 :])), lost)
        for place, lost in enumerate(lines)
    ]
