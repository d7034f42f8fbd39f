"""The levels of a 277CA (X12 005010X214) and a 277 (X212, and the older X070 and X093) as one table for reading.

The guides nest the levels; here they stand side by side, because what is said at a level is complete in
itself and payers leave levels out. ``guide_277ca`` is the strict table, for writing. A status without a
trace number before it has a place too: it is told, not lost, and above all not taken for its neighbour's.
"""

from __future__ import annotations

from billing.edi.guide import Loop, Row, row

PARENTS = {"20": "", "21": "20", "19": "21", "22": "19", "PT": "19", "23": "22"}
"""For each level code the level it stands under."""

_STATUS = "(R1-3 S1-30 S2-3 S1-3)"
_STC = row("STC", "S", 0, f"R{_STATUS} S@ S1-2 S$ S$ S@ S3-3 S@ S1-50 S{_STATUS} S{_STATUS} S1-264")
_STC_NEEDED = row("STC", "R", 0, f"R{_STATUS} S@ S1-2 S$ S$ S@ S3-3 S@ S1-50 S{_STATUS} S{_STATUS} S1-264")
_REF = row("REF", "S", 0, "R2-3 R1-50 S1-80")
_DTP = row("DTP", "S", 0, "R3-3 R=D8/RD8 R@")
_QTY = row("QTY", "S", 0, "R2-2 R$")
_AMT = row("AMT", "S", 0, "R1-3 R$")
_LINE = Loop("2220", "S", 0, row("SVC", "R", 1), _STC, _REF, _DTP)


def _level(loop_id: str, code: str, *, status_needed: bool) -> Loop:
    """A level: who it is about, and under each trace number what is said."""
    status = _STC_NEEDED if status_needed else _STC
    trace = Loop(loop_id.replace("20", "22", 1), "S", 0, _TRN, status, _REF, _DTP, _QTY, _AMT, _LINE)
    named = "R" if code else "S"
    address = (row("N3", "S", 1), row("N4", "S", 1))
    name = Loop(loop_id.replace("20", "21", 1), named, 0, row("NM1", "R", 1), _PER, *address)
    return Loop(loop_id, "S", 0, _hl(code), name, row("DMG", "S", 1), trace, _STC, _REF, _DTP, _QTY, _AMT, _LINE)


def _hl(code: str) -> Row:
    return row("HL", "R", 1, f"R1-12 S1-12 R={code} S=0/1" if code else "")


_TRN = row("TRN", "R", 1, "R=1/2 R1-50 S1-50 S1-50")
_PER = row("PER", "S", 0)

GUIDE_277 = Loop(
    "ST",
    "R",
    0,
    row("ST", "R", 1, "R=277 R4-9 S1-35"),
    row("BHT", "R", 1, "R4-4 R2-2 S1-50 S@ S4-8 S2-2"),
    _level("2000A", "20", status_needed=False),
    _level("2000B", "21", status_needed=False),
    _level("2000C", "19", status_needed=False),
    _level("2000D", "22", status_needed=True),
    _level("2000P", "PT", status_needed=True),
    _level("2000E", "23", status_needed=True),
    _level("2000X", "", status_needed=False),
    row("SE", "R", 1, "R# R4-9"),
)
"""Each level opens with its HL; ``2000X`` is a level with a code of no known meaning."""
