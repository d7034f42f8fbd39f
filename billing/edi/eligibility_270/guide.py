"""The eligibility question (270, X12 005010X279A1) as a table: usage, repeats, lengths, codes."""

from __future__ import annotations

from billing.edi.guide import Loop, Row, row

VERSION_270 = "005010X279A1"
RELATIONS = "01/19/34"
"""INS02: spouse, child, other adult."""

_LEVEL = "R# {above} R={code} R={child}"
_PERSON = "R=1 S60 S35 S25 N S10"
_PAYER = "R=2B/36/GP/P5/PR R=1/2 S60 S35 S25 N S10 R=24/46/FI/NI/PI/XV/XX R2-80"
_TRN = row("TRN", "S", 2, "R=1 R50 R10-10 S50")
_REF = row("REF", "S", 9, "R2-3 R50")
_N3 = row("N3", "S", 1, "R55 S55")
_N4 = row("N4", "S", 1, "R2-30 S2-2 S3-15 S2-3 N N S1-3")
_PRV = row("PRV", "S", 1)
_DMG = row("DMG", "S", 1, "S=D8 S@ S=F/M")
_HI = row("HI", "S", 1)
_DTP = row("DTP", "S", 2, "R=102/291 R=D8/RD8 R@")
_QUESTION = Loop(
    "2110",
    "S",
    99,
    row("EQ", "R", 1, "S S S3-3 N S"),
    row("AMT", "S", 2),
    row("III", "S", 10),
    row("REF", "S", 1),
    row("DTP", "S", 1, "R=291 R=D8/RD8 R@"),
)


def _level(code: str, above: str, child: str) -> Row:
    return row("HL", "R", 1, _LEVEL.format(above=above, code=code, child=child))


def _insured(name: str, *items: Row | Loop) -> Loop:
    return Loop("2100", "R", 1, row("NM1", "R", 1, name), _REF, _N3, _N4, _PRV, *items, _QUESTION)


_DEPENDENT = Loop(
    "2000D",
    "S",
    0,
    _level("23", "R#", "0"),
    _TRN,
    _insured(f"R=03 {_PERSON} S=MI/II S2-80", _DMG, row("INS", "S", 1, f"R=N R={RELATIONS}"), _HI, _DTP),
)

_SUBSCRIBER = Loop(
    "2000C",
    "R",
    0,
    _level("22", "R#", "0/1"),
    _TRN,
    _insured(f"R=IL {_PERSON} S=II/MI S2-80", _DMG, row("INS", "S", 1, "R=Y R=18"), _HI, _DTP),
    _DEPENDENT,
)

_RECEIVER = Loop(
    "2000B",
    "R",
    0,
    _level("21", "R#", "1"),
    Loop(
        "2100B",
        "R",
        1,
        row("NM1", "R", 1, "R=1P/2B/36/80/FA/GP/P5/PR R=1/2 S60 S35 S25 N S10 R=24/34/FI/PI/PP/SV/XV/XX R2-80"),
        _REF,
        _N3,
        _N4,
        row("PER", "S", 3),
        _PRV,
    ),
    _SUBSCRIBER,
)

GUIDE_270 = Loop(
    "ST",
    "R",
    0,
    row("ST", "R", 1, f"R=270 R4-9 R={VERSION_270}/005010X279"),
    row("BHT", "R", 1, "R=0022 R=01/13/36 S50 R@ R4-8 S2-2"),
    Loop(
        "2000A",
        "R",
        0,
        _level("20", "N", "1"),
        Loop("2100A", "R", 1, row("NM1", "R", 1, _PAYER)),
        _RECEIVER,
    ),
    row("SE", "R", 1, "R# R4-9"),
)
"""From ST to SE: the payer, who asks, the subscriber, and the patient where that is somebody else."""
