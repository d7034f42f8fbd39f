"""The claim loop of the 837P (2300 and all below it) as a table, and the words its guide uses everywhere.

Segments that Meridian neither writes nor reads stand here with their usage only, so that files of others
that hold them are not called faulty.
"""

from __future__ import annotations

from billing.edi.guide import Loop, Row, row

PERSON_OR_COMPANY = "R=1/2 R60 S35 S25 N S10"
PERSON = "R=1 R60 S35 S25 N S10"
COMPANY = "R=2 R60 N N N N"
NPI = "S=XX S10-10"
PAYER_ID = "R=PI/XV R2-80"
NO_NAME = "R=1/2"
TAXONOMY = "R=PXC R10-10"

N3 = row("N3", "R", 1, "R55 S55")
N4 = row("N4", "R", 1, "R2-30 S2-2 S3-15 S2-3 N N S1-3")
N3_SOMETIMES = row("N3", "S", 1, "R55 S55")
N4_SOMETIMES = row("N4", "S", 1, "R2-30 S2-2 S3-15 S2-3 N N S1-3")
CONTACT = "R=IC S60 R=EM/FX/TE R256 S=EM/EX/FX/TE S256 S=EM/EX/FX/TE S256"
LEVELS = "A/B/C/D/E/F/G/H/P/S/T/U"
FILING = "11/12/13/14/15/16/17/AM/BL/CH/CI/DS/FI/HM/LM/MA/MB/MC/OF/TV/VA/WC/ZZ"
SECONDARY_REASON = "12/13/14/15/16/41/42/43/47"
_RELATIONS = "01/18/19/20/21/39/40/53/G8"
_CAS_TRIPLES = "R5 R$ S$" + " S5 S$ S$" * 5
_PROCEDURE = "(R=ER/HC/IV/WK R48 S2-2 S2-2 S2-2 S2-2 S80)"
_POINTER = "1/2/3/4/5/6/7/8/9/10/11/12"


def reference(usage: str, repeat: int, qualifiers: str) -> Row:
    """A REF with one of the ``qualifiers``, which are joined by slashes."""
    return row("REF", usage, repeat, f"R={qualifiers} R50")


def _dtp(usage: str, repeat: int, qualifiers: str, formats: str = "D8") -> Row:
    return row("DTP", usage, repeat, f"R={qualifiers} R={formats} R@")


def _dates(qualifiers: str) -> list[Row]:
    """Situational dates that may each stand once."""
    return [_dtp("S", 1, qualifier) for qualifier in qualifiers.split()]


def _references(qualifiers: str) -> list[Row]:
    """Situational references that may each stand once."""
    return [reference("S", 1, qualifier) for qualifier in qualifiers.split()]


def named(loop_id: str, usage: str, repeat: int, words: str, *items: Row | Loop) -> Loop:
    """A loop that opens with a name."""
    return Loop(loop_id, usage, repeat, row("NM1", "R", 1, words), *items)


_CAS = row("CAS", "S", 5, f"R=CO/CR/OA/PI/PR {_CAS_TRIPLES}")

_LINE_ADJUDICATION = Loop(
    "2430",
    "S",
    15,
    row("SVD", "R", 1, f"R2-80 R$ R{_PROCEDURE} N R$ S#"),
    _CAS,
    _dtp("R", 1, "573"),
    row("AMT", "S", 1, "R=EAF R$"),
)

_SERVICE_LINE = Loop(
    "2400",
    "R",
    50,
    row("LX", "R", 1, "R#"),
    row(
        "SV1",
        "R",
        1,
        f"R{_PROCEDURE} R$ R=MJ/UN R$ S2-2 N R(R={_POINTER} S={_POINTER} S={_POINTER} S={_POINTER})"
        " N S=Y N S=Y S=Y N N S=0",
    ),
    row("SV5", "S", 1),
    row("PWK", "S", 11),
    row("CR1", "S", 1),
    row("CR3", "S", 1),
    row("CRC", "S", 5),
    _dtp("R", 1, "472", "D8/RD8"),
    *_dates("471 607 463 461 304"),
    _dtp("S", 2, "738/739"),
    *_dates("011 455 454"),
    row("QTY", "S", 1, "R=PT R$"),
    row("QTY", "S", 1, "R=FL R$"),
    row("MEA", "S", 5),
    row("CN1", "S", 1),
    reference("S", 1, "6R"),
    row("REF", "S", 5, "R=G1 R50 N S(R=2U R50)"),
    row("REF", "S", 5, "R=9F R50 N S(R=2U R50)"),
    *_references("9B 9D EW X4 F4 BT"),
    row("AMT", "S", 1, "R=T R$"),
    row("AMT", "S", 1, "R=F4 R$"),
    row("K3", "S", 10),
    row("NTE", "S", 2, "R=ADD/DCP/TPO R80"),
    row("PS1", "S", 1),
    row("HCP", "S", 1),
    Loop("2410", "S", 1, row("LIN", "R", 1), row("CTP", "R", 1), reference("S", 1, "VY/XZ")),
    named(
        "2420A",
        "S",
        1,
        f"R=82 {PERSON_OR_COMPANY} {NPI}",
        row("PRV", "S", 1, f"R=PE {TAXONOMY}"),
        row("REF", "S", 20),
    ),
    named("2420B", "S", 1, f"R=QB {NO_NAME} N N N N N {NPI}", row("REF", "S", 20)),
    named("2420C", "S", 1, f"R=77 {COMPANY} {NPI}", N3, N4, row("REF", "S", 3)),
    named("2420D", "S", 1, f"R=DQ {PERSON} {NPI}", row("REF", "S", 20)),
    named(
        "2420E",
        "S",
        1,
        f"R=DK {PERSON} {NPI}",
        N3_SOMETIMES,
        N4_SOMETIMES,
        row("REF", "S", 20),
        row("PER", "S", 1, CONTACT),
    ),
    named("2420F", "S", 2, f"R=DN/P3 {PERSON} {NPI}", row("REF", "S", 20)),
    named("2420G", "S", 1, "R=PW R=2", N3, N4),
    named("2420H", "S", 1, "R=45 R=2 S60", N3, N4),
    _LINE_ADJUDICATION,
    Loop("2440", "S", 0, row("LQ", "R", 1), row("FRM", "R", 99)),
)

_OTHER_PAYER = Loop(
    "2320",
    "S",
    10,
    row("SBR", "R", 1, f"R={LEVELS} R={_RELATIONS} S50 S60 S={SECONDARY_REASON} N N N S={FILING}"),
    _CAS,
    row("AMT", "S", 1, "R=D R$"),
    row("AMT", "S", 1, "R=A8 R$"),
    row("AMT", "S", 1, "R=EAF R$"),
    row("OI", "R", 1, "N N R=N/W/Y S=P N R=I/Y"),
    row("MOA", "S", 1),
    named(
        "2330A", "R", 1, f"R=IL {PERSON_OR_COMPANY} R=II/MI R2-80", N3_SOMETIMES, N4_SOMETIMES, reference("S", 1, "SY")
    ),
    named(
        "2330B",
        "R",
        1,
        f"R=PR {COMPANY} {PAYER_ID}",
        N3_SOMETIMES,
        N4_SOMETIMES,
        _dtp("S", 1, "573"),
        reference("S", 2, "2U/EI/FY/NF"),
        reference("S", 1, "G1"),
        reference("S", 1, "9F"),
        reference("S", 1, "T4"),
        reference("S", 1, "F8"),
    ),
    named("2330C", "S", 2, "R=DN/P3 R=1", row("REF", "R", 3)),
    named("2330D", "S", 1, f"R=82 {NO_NAME}", row("REF", "R", 3)),
    named("2330E", "S", 1, "R=77 R=2", row("REF", "R", 3)),
    named("2330F", "S", 1, "R=DQ R=1", row("REF", "R", 3)),
    named("2330G", "S", 1, f"R=85 {NO_NAME}", row("REF", "R", 2)),
)


_CLM = row(
    "CLM",
    "R",
    1,
    "R38 R$ N N R(R2-2 R=B R1-1) R=N/Y R=A/B/C R=N/W/Y R=I/Y S=P"
    " S(R=AA/EM/OA S=AA/EM/OA N S2-2 S2-3) S=02/03/05/09 N N N N N N N S=1/2/3/4/5/6/7/8/9/10/11/15",
)

_CLAIM_ITEMS: tuple[Row | Loop, ...] = (
    *_dates("431 454 304 453 439 484 455 471"),
    _dtp("S", 1, "314/360/361", "D8/RD8"),
    *_dates("297 296 435 096"),
    _dtp("S", 2, "090/091"),
    _dtp("S", 1, "444"),
    _dtp("S", 1, "050"),
    row("PWK", "S", 10),
    row("CN1", "S", 1),
    row("AMT", "S", 1, "R=F5 R$"),
    *_references("4N F5 EW 9F G1 F8 X4 9A 9C LX D9 EA P4 1J"),
    row("K3", "S", 10),
    row("NTE", "S", 1, "R=ADD/CER/DCP/DGN/TPO R80"),
    row("CR1", "S", 1),
    row("CR2", "S", 1),
    row("CRC", "S", 8),
    row("HI", "R", 1, "R(R=ABK/BK R30)" + " S(R=ABF/BF R30)" * 11),
    row("HI", "S", 1, "R(R=BP R30) S(R=BO R30)"),
    row("HI", "S", 2, "R(R=BG R30)" + " S(R=BG R30)" * 11),
    row("HCP", "S", 1),
    named("2310A", "S", 2, f"R=DN/P3 {PERSON} {NPI}", reference("S", 3, "0B/1G/G2")),
    named(
        "2310B",
        "S",
        1,
        f"R=82 {PERSON_OR_COMPANY} {NPI}",
        row("PRV", "S", 1, f"R=PE {TAXONOMY}"),
        reference("S", 4, "0B/1G/G2/LU"),
    ),
    named("2310C", "S", 1, f"R=77 {COMPANY} {NPI}", N3, N4, reference("S", 3, "0B/G2/LU"), row("PER", "S", 1, CONTACT)),
    named("2310D", "S", 1, f"R=DQ {PERSON} {NPI}", reference("S", 4, "0B/1G/G2/LU")),
    named("2310E", "S", 1, "R=PW R=2", N3, N4),
    named("2310F", "S", 1, "R=45 R=2 S60", N3, N4),
    _OTHER_PAYER,
    _SERVICE_LINE,
)


def claim_loop(usage: str) -> Loop:
    """2300, which may stand under the subscriber and must stand under another patient."""
    return Loop("2300", usage, 100, _CLM, *_CLAIM_ITEMS)
