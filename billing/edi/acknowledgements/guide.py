"""The implementation acknowledgement (999, X12 005010X231A1), its older form (997) and the TA1 as tables.

Code lists stand here only where reading depends on them, because payers answer in codes of their own
often enough; and an answer repeats the numbers of what it answers, however short they were.
"""

from __future__ import annotations

from billing.edi.guide import Loop, Row, row

VERSION_999 = "005010X231A1"
_CODES = "S1-3 S1-3 S1-3 S1-3 S1-3"
_CONTEXT = (row("CTX", "S", 10),)


def _guide(set_id: str, prefix: str, contexts: tuple[Row, ...]) -> Loop:
    """The 999 and the 997 differ in the names of the segments that speak of errors, and in the contexts."""
    place = "R(R# S# S#)" if set_id == "999" else "R(R# S#)"
    element = Loop("2110", "S", 0, row(f"{prefix}4", "R", 1, f"{place} S1-4 R1-3 S1-99"), *contexts)
    segment = Loop("2100", "S", 0, row(f"{prefix}3", "R", 1, "R2-3 R# S1-6 S1-3"), *contexts, element)
    verdict = row(f"{prefix}5", "R", 1, f"R=A/E/M/R/W/X {_CODES}")
    answered_set = Loop("2000", "S", 0, row("AK2", "R", 1, "R1-3 R1-9 S1-35"), segment, verdict)
    return Loop(
        set_id,
        "R",
        0,
        row("ST", "R", 1, f"R={set_id} R4-9 S1-35"),
        Loop(
            "1000",
            "R",
            1,
            row("AK1", "R", 1, "R2-2 R1-9 S1-12"),
            answered_set,
            row("AK9", "R", 1, f"R=A/E/M/P/R/W/X R# R# R# {_CODES}"),
        ),
        row("SE", "R", 1, "R# R4-9"),
    )


GUIDE_999 = _guide("999", "IK", _CONTEXT)
GUIDE_997 = _guide("997", "AK", ())
GUIDE_TA1 = Loop("TA1", "R", 0, row("TA1", "R", 1, "R9-9 R6-6 R4-4 R=A/E/R R3-3"))
