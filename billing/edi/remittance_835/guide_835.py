"""The 835 (X12 005010X221A1) as a strict table, by which a written one is judged.

It holds what this house writes; ``guide`` is the tolerant table for what others send.
"""

from __future__ import annotations

from billing.edi.guide import Loop, Row, row

VERSION_835 = "005010X221A1"

_BANK = "S=01/04 S3-12 S=DA/SG S1-35"
_CLAIM_STATUS = "R=1/2/3/4/19/20/21/22/23/25"
_FILING = "R=12/13/14/15/16/17/AM/CH/DS/HM/LM/MA/MB/MC/OF/TV/VA/WC/ZZ"
_MODIFIERS = "S2-2 S2-2 S2-2 S2-2"
_PROVIDER_REASONS = (
    "50/51/72/90/AH/AM/AP/B2/B3/BD/BN/C5/CR/CS/CT/CV/CW/DM/E3/FB/FC/GO/HM/IP/IR/IS/J1/L3/L6/LE/LS/OA/OB/PI/PL"
    "/RA/RE/SL/TL/WO/WU"
)

_N3 = row("N3", "R", 1, "R55 S55")
_N4 = row("N4", "R", 1, "R2-30 R2-2 R3-15")
_CAS = row("CAS", "S", 99, "R=CO/OA/PI/PR R1-5 R$ S$" + " S1-5 S$ S$" * 5)


def _dated(qualifier: str) -> Row:
    return row("DTM", "S", 1, f"R={qualifier} R@")


def _procedure(usage: str) -> str:
    return f"{usage}(R=AD/ER/HC/HP/IV/N4/NU/WK R1-48 {_MODIFIERS})"


_LINE = Loop(
    "2110",
    "S",
    999,
    row("SVC", "R", 1, f"{_procedure('R')} R$ R$ N S$ {_procedure('S')}"),
    _dated("150"),
    _dated("151"),
    _dated("472"),
    _CAS,
    row("REF", "S", 1, "R=6R R50"),
    row("AMT", "S", 1, "R=B6 R$"),
    row("LQ", "S", 99, "R=HE R30"),
)

_CLAIM = Loop(
    "2100",
    "R",
    0,
    row("CLP", "R", 1, f"R38 {_CLAIM_STATUS} R$ R$ S$ {_FILING} R50"),
    _CAS,
    row("NM1", "R", 1, "R=QC R=1 R60 S35 N N N S=MI S2-80"),
    row("MOA", "S", 1, "N N R30 S30 S30 S30 S30"),
    _dated("232"),
    _dated("233"),
    row("AMT", "S", 1, "R=I R$"),
    _LINE,
)

GUIDE_835 = Loop(
    "ST",
    "R",
    1,
    row("ST", "R", 1, "R=835 R4-9"),
    row("BPR", "R", 1, f"R=C/D/H/I/P/U/X R$ R=C/D R=ACH/BOP/CHK/FWT/NON S=CCP/CTX {_BANK} S10-10 N {_BANK} R@"),
    row("TRN", "R", 1, "R=1 R50 R10-10"),
    row("REF", "S", 1, "R=EV R50"),
    _dated("405"),
    Loop(
        "1000A",
        "R",
        1,
        row("N1", "R", 1, "R=PR R60"),
        _N3,
        _N4,
        row("REF", "S", 1, "R=2U R50"),
        row("PER", "R", 1, "R=BL S60 S=TE/EM S1-256 S=EM S1-256"),
    ),
    Loop(
        "1000B",
        "R",
        1,
        row("N1", "R", 1, "R=PE R60 R=FI/XX R2-80"),
        row("N3", "S", 1, "R55 S55"),
        row("N4", "S", 1, "R2-30 R2-2 R3-15"),
    ),
    Loop("2000", "S", 0, row("LX", "R", 1, "R#"), _CLAIM),
    row("PLB", "S", 0, "R50 R@" + f" R(R={_PROVIDER_REASONS} S50) R$" + f" S(R={_PROVIDER_REASONS} S50) S$" * 5),
    row("SE", "R", 1),
)
"""The whole transaction set; usage, repetition, order, lengths and closed code lists."""
