"""The 837 professional claim (X12 005010X222A1) as a table: usage, repeats, lengths, codes.

This is the frame: who sends, who bills, who is insured and who is treated. ``guide_claim`` has
the claim itself.
"""

from __future__ import annotations

from billing.edi.claim_837p.guide_claim import (
    COMPANY,
    CONTACT,
    FILING,
    LEVELS,
    N3,
    N3_SOMETIMES,
    N4,
    N4_SOMETIMES,
    NO_NAME,
    NPI,
    PAYER_ID,
    PERSON,
    PERSON_OR_COMPANY,
    SECONDARY_REASON,
    TAXONOMY,
    claim_loop,
    named,
    reference,
)
from billing.edi.guide import Loop, row

_DMG = "R=D8 R@ R=F/M/U"

_PATIENT = Loop(
    "2000C",
    "S",
    0,
    row("HL", "R", 1, "R# R# R=23 R=0"),
    row("PAT", "R", 1, "R=01/19/20/21/39/40/53/G8 N N N S=D8 S@ S=01 S$ S=Y"),
    named(
        "2010CA",
        "R",
        1,
        f"R=QC {PERSON}",
        N3,
        N4,
        row("DMG", "R", 1, _DMG),
        reference("S", 1, "Y4"),
        reference("S", 1, "1W/SY"),
        row("PER", "S", 1, CONTACT),
    ),
    claim_loop("R"),
)

_SUBSCRIBER = Loop(
    "2000B",
    "R",
    0,
    row("HL", "R", 1, "R# R# R=22 R=0/1"),
    row("SBR", "R", 1, f"R={LEVELS} S=18 S50 S60 S={SECONDARY_REASON} N N N S={FILING}"),
    row("PAT", "S", 1),
    named(
        "2010BA",
        "R",
        1,
        f"R=IL {PERSON_OR_COMPANY} S=II/MI S2-80",
        N3_SOMETIMES,
        N4_SOMETIMES,
        row("DMG", "S", 1, _DMG),
        reference("S", 1, "SY"),
        reference("S", 1, "Y4"),
        row("PER", "S", 1, CONTACT),
    ),
    named(
        "2010BB",
        "R",
        1,
        f"R=PR {COMPANY} {PAYER_ID}",
        N3_SOMETIMES,
        N4_SOMETIMES,
        reference("S", 3, "2U/EI/FY/NF"),
        reference("S", 2, "G2/LU"),
    ),
    claim_loop("S"),
    _PATIENT,
)

BILLING_PROVIDER = Loop(
    "2000A",
    "R",
    0,
    row("HL", "R", 1, "R# N R=20 R=1"),
    row("PRV", "S", 1, f"R=BI {TAXONOMY}"),
    row("CUR", "S", 1),
    named(
        "2010AA",
        "R",
        1,
        f"R=85 {PERSON_OR_COMPANY} {NPI}",
        N3,
        N4,
        reference("R", 1, "EI/SY"),
        reference("S", 2, "0B/1G"),
        row("PER", "S", 2, CONTACT),
    ),
    named("2010AB", "S", 1, f"R=87 {NO_NAME}", N3, N4),
    named(
        "2010AC", "S", 1, f"R=PE {COMPANY} {PAYER_ID}", N3, N4, reference("S", 1, "2U/FY/NF"), reference("R", 1, "EI")
    ),
    _SUBSCRIBER,
)
"""Everything one billing provider claims: the part of the guide a single claim is checked against."""

GUIDE_837P = Loop(
    "ST",
    "R",
    0,
    row("ST", "R", 1, "R=837 R4-9 S=005010X222A1/005010X222/005010X222A2"),
    row("BHT", "R", 1, "R=0019 R=00/18 R50 R@ R4-8 R=CH/RP"),
    named("1000A", "R", 1, f"R=41 {PERSON_OR_COMPANY.replace('S10', 'N')} R=46 R2-80", row("PER", "R", 2, CONTACT)),
    named("1000B", "R", 1, f"R=40 {COMPANY} R=46 R2-80"),
    BILLING_PROVIDER,
    row("SE", "R", 1, "R# R4-9"),
)
"""The whole transaction set, from ST to SE."""
