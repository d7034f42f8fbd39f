"""The claim acknowledgement (277CA, X12 005010X214) as a strict table, by which a written one is judged."""

from __future__ import annotations

from billing.edi.guide import Loop, Row, row

VERSION_277CA = "005010X214"
_STATUS = "(R1-3 R1-30 S2-3)"
_ENDS = f"N N N N N S{_STATUS} S{_STATUS}"
_NAME = "R60 S35 S25 N S10"


def _hl(parent: str, code: str, child: str) -> Row:
    return row("HL", "R", 1, f"R# {parent} R={code} {child}")


def _trace(loop_id: str, kind: str, *items: Row | Loop) -> Loop:
    return Loop(loop_id, "R", 1, row("TRN", "R", 1, f"R={kind} R1-50"), *items)


def _name(loop_id: str, words: str) -> Loop:
    return Loop(loop_id, "R", 1, row("NM1", "R", 1, words))


def _totals(accepted: str, rejected: str) -> tuple[Row, ...]:
    return (
        row("QTY", "S", 1, f"R={accepted} R#"),
        row("QTY", "S", 1, f"R={rejected} R#"),
        row("AMT", "S", 1, "R=YU R$"),
        row("AMT", "S", 1, "R=YY R$"),
    )


def _reference(qualifier: str) -> Row:
    return row("REF", "S", 1, f"R={qualifier} R1-50")


_LINE = Loop(
    "2220D",
    "S",
    0,
    row("SVC", "R", 1, "R(R=AD/ER/HC/HP/IV/NU/WK R1-48 S2-2 S2-2 S2-2 S2-2) R$ N S1-48 N N S$"),
    row("STC", "R", 1, f"R{_STATUS} R@ R=U N {_ENDS}"),
    _reference("FJ"),
    _reference("XZ"),
    row("DTP", "S", 1, "R=472 R=D8/RD8 R@"),
)

_PATIENT = Loop(
    "2000D",
    "S",
    0,
    _hl("R#", "PT", "N"),
    _name("2100D", f"R=QC R=1 {_NAME} R=II/MI R2-80"),
    _trace(
        "2200D",
        "2",
        row("STC", "R", 0, f"R{_STATUS} R@ R=U/WQ R$ {_ENDS} S1-264"),
        _reference("1K"),
        _reference("D9"),
        _reference("BLT"),
        row("DTP", "R", 1, "R=472 R=D8/RD8 R@"),
        _LINE,
    ),
)

_PROVIDER = Loop(
    "2000C",
    "S",
    0,
    _hl("R#", "19", "R=0/1"),
    _name("2100C", f"R=85 R=1/2 {_NAME} R=FI/SV/XX R2-80"),
    _trace("2200C", "1", row("STC", "R", 0, f"R{_STATUS} N R=U/WQ R$ {_ENDS}"), *_totals("QA", "QC")),
    _PATIENT,
)

_RECEIVER = Loop(
    "2000B",
    "R",
    1,
    _hl("R#", "21", "R=0/1"),
    _name("2100B", "R=41 R=1/2 R60 S35 S25 N N R=46 R2-80"),
    _trace("2200B", "2", row("STC", "R", 0, f"R{_STATUS} R@ R=U/WQ R$ {_ENDS}"), *_totals("90", "AA")),
    _PROVIDER,
)

GUIDE_277CA = Loop(
    "ST",
    "R",
    0,
    row("ST", "R", 1, f"R=277 R4-9 R={VERSION_277CA}"),
    row("BHT", "R", 1, "R=0085 R=08 R1-50 R@ R4-8 R=TH"),
    Loop(
        "2000A",
        "R",
        0,
        _hl("N", "20", "R=1"),
        _name("2100A", "R=AY/PR R=2 R60 N N N N R=46/FI/PI/XV R2-80"),
        _trace("2200A", "1", row("DTP", "R", 1, "R=050 R=D8 R@"), row("DTP", "R", 1, "R=009 R=D8 R@")),
        _RECEIVER,
    ),
    row("SE", "R", 1, "R# R4-9"),
)
