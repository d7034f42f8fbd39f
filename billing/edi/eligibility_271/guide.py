"""The eligibility response (271, X12 005010X279A1, and the older X092) as one table for reading.

The levels stand side by side rather than inside each other, so that a lost or misnumbered one costs
its neighbours nothing; the reader keeps who stands above whom. Where payers put things in the wrong
place (benefits without a name before them, entities without LS) there is room.
"""

from __future__ import annotations

from billing.edi.guide import Loop, Row, row

PARENTS = {"20": "", "21": "20", "22": "21", "23": "22"}
"""For each level code the level it stands under."""

_NAMED = "R=1/2 S60 S35 S25 S10 S10 S1-2 S2-80 S S S60"
_NAME = f"R2-3 {_NAMED}"
_ENTITIES = "13/1I/1P/2B/36/73/FA/GP/GW/I3/LR/OC/P3/P4/P5/PR/PRP/SEP/TTP/VER/VN/VY/X3/Y2"
_TRN = row("TRN", "S", 3, "R=1/2 R1-50 S1-10 S1-50")
_REF = row("REF", "S", 9, "R2-3 R1-50 S1-80")
_DTP = row("DTP", "S", 20, "R3-3 R=D8/RD8 R@")
_AAA = row("AAA", "S", 9, "R=N/Y N R2-2 R1-1")
_PER = row("PER", "S", 3, "R=IC S60 S2-2 S256 S2-2 S256 S2-2 S256")
_N3 = row("N3", "S", 1, "R55 S55")
_N4 = row("N4", "S", 1)
_PRV = row("PRV", "S", 1)


def _benefit(loop_id: str) -> Loop:
    of_entity = loop_id.replace("2110", "2120")
    return Loop(
        loop_id,
        "S",
        0,
        row("EB", "R", 1, "R1-2 S3-3 S S1-3 S1-50 S1-2 S$ S$ S2-2 S$ S1-1 S1-1 S S"),
        row("HSD", "S", 9, "S2-2 S$ S2-2 S$ S1-2 S# S1-2 S1-1"),
        _REF,
        _DTP,
        _AAA,
        row("MSG", "S", 10, "R1-264"),
        row("III", "S", 10),
        _entity(of_entity, _ENTITIES),
        Loop(loop_id.replace("2110", "LS"), "S", 1, row("LS", "R", 1), _entity(of_entity, "")),
        row("LE", "S", 1),
    )


def _entity(loop_id: str, roles: str) -> Loop:
    """Who else a benefit speaks of. Outside of LS and LE it must not be mistaken for the next member."""
    name = row("NM1", "R", 1, f"R={roles} {_NAMED}" if roles else _NAME)
    return Loop(loop_id, "S", 0, name, _N3, _N4, _PER, _PRV)


def _level(letter: str, code: str, *items: Row | Loop) -> Loop:
    level = row("HL", "R", 1, f"R1-12 S1-12 R={code} S=0/1" if code else "")
    return Loop(f"2000{letter}", "S", 0, level, *items)


def _source(letter: str, code: str) -> Loop:
    """The payer's level and the receiver's."""
    name = Loop(f"2100{letter}", "R", 1, row("NM1", "R", 1, _NAME), _REF, _N3, _N4, _PER, _AAA, _PRV)
    return _level(letter, code, _TRN, _AAA, name)


def _member(letter: str, code: str) -> Loop:
    """The subscriber's level and the dependent's."""
    benefit = _benefit(f"2110{letter}")
    name = Loop(
        f"2100{letter}",
        "R",
        1,
        row("NM1", "R", 1, _NAME),
        _REF,
        _N3,
        _N4,
        _PER,
        _AAA,
        _PRV,
        row("DMG", "S", 1),
        row("INS", "S", 1),
        row("HI", "S", 1),
        _DTP,
        row("MPI", "S", 1),
        benefit,
    )
    return _level(letter, code, _TRN, _AAA, name, benefit)


GUIDE_271 = Loop(
    "ST",
    "R",
    0,
    row("ST", "R", 1, "R=271 R4-9 S1-35"),
    row("BHT", "R", 1, "R4-4 R2-2 S1-50 S@ S4-8"),
    _source("A", "20"),
    _source("B", "21"),
    _member("C", "22"),
    _member("D", "23"),
    _member("X", ""),
    row("SE", "R", 1, "R# R4-9"),
)
"""Each level opens with its HL; ``2000X`` is a level with a code of no known meaning."""
