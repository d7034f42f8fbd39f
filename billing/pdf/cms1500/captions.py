"""The words on the drawn form, as data: titles of the boxes and what helps to fill them in.

A title stands at the top of its row, which begins under the print line that is typed before it.
"""

from __future__ import annotations

from billing.pdf.cms1500.rules import LEFT, RIGHT, bottom_of
from billing.pdf.cms1500.sheet import x_of, y_of

Caption = tuple[float, float, str, float, bool]
"""x, baseline, text, size in points, bold."""

_TITLE_SIZE = 5.3
_HINT_SIZE = 5.0
_ZONES = {1: LEFT + 2, 30: x_of(30) + 1.8, 50: x_of(49) + 5.6}
"""Where titles start in the three zones; elsewhere they start at the column itself."""


def _titles(above: float, *titles: tuple[float, str]) -> list[Caption]:
    """Titles of the boxes in the row that begins under print line ``above``."""
    return [
        (_ZONES.get(int(column), x_of(column)), bottom_of(above) + 6.4, text, _TITLE_SIZE, False)
        for column, text in titles
    ]


def _hints(line: float, *hints: tuple[float, str], size: float = _HINT_SIZE) -> list[Caption]:
    """Words on the typed line itself, beside squares and amounts."""
    return [(x_of(column), y_of(line) - 0.5, text, size, False) for column, text in hints]


def _head(column: float, *lines: str) -> list[Caption]:
    """The head of a narrow column of box 24, one short line under another."""
    return [(x_of(column), bottom_of(40) + 6 + 5.4 * number, text, 4.2, False) for number, text in enumerate(lines)]


def _date_hints(above: float, *columns: float) -> list[Caption]:
    """MM, DD, YY over the parts of dates that begin at the columns."""
    parts = [(column + 3 * place, text) for column in columns for place, text in enumerate(("MM", "DD", "YY"))]
    return [(x_of(column) + 2.5, bottom_of(above) + 11.8, text, 4.2, False) for column, text in parts]


_YES_NO = [hint for line in (20, 22, 24) for hint in _hints(line, (36.5, "YES"), (42.5, "NO"))]
_LETTERS = [
    (x_of(column) - 9, y_of(line), f"{letter}.", 6.0, False)
    for letter, (line, column) in zip(
        "ABCDEFGHIJKL", [(line, column) for line in (38, 39, 40) for column in (3, 16, 29, 42)], strict=True
    )
]

_AUTHORIZATIONS = (
    (LEFT + 2, 14, _TITLE_SIZE, "12. PATIENT'S OR AUTHORIZED PERSON'S SIGNATURE"),
    (x_of(21), 14, 4.9, "I authorize the release of medical or other information needed to process this"),
    (LEFT + 10, 20.5, 4.9, "claim. I also request payment of government benefits to myself or to the party who"),
    (LEFT + 10, 26.5, 4.9, "accepts assignment below."),
    (x_of(49) + 5.6, 6.4, _TITLE_SIZE, "13. INSURED'S OR AUTHORIZED PERSON'S SIGNATURE   I authorize"),
    (x_of(51), 13.4, _TITLE_SIZE, "payment of medical benefits to the undersigned physician or"),
    (x_of(51), 20.4, _TITLE_SIZE, "supplier for the services described below."),
)

CAPTIONS: list[Caption] = [
    (LEFT, 66, "HEALTH INSURANCE CLAIM FORM", 11.5, True),
    (LEFT, 75, "APPROVED BY NATIONAL UNIFORM CLAIM COMMITTEE (NUCC) 02/12", _TITLE_SIZE, False),
    (x_of(4) + 3, bottom_of(6) - 3, "PICA", 6, False),
    (x_of(76) - 18, bottom_of(6) - 3, "PICA", 6, False),
    *_titles(6, (1, "1.  MEDICARE"), (8, "MEDICAID"), (15, "TRICARE"), (24, "CHAMPVA"), (31, "GROUP HEALTH PLAN")),
    *_titles(6, (39.6, "FECA BLK LUNG"), (46, "OTHER")),
    *_titles(6, (50, "1a. INSURED'S I.D. NUMBER"), (66, "(For Program in Item 1)")),
    *_hints(8, (2.5, "(Medicare #)"), (9.5, "(Medicaid #)"), (16.5, "(ID # / DoD #)"), (25.5, "(Member ID #)")),
    *_hints(8, (32.5, "(ID #)"), (40.5, "(ID #)"), (46.5, "(ID #)")),
    *_titles(8, (1, "2. PATIENT'S NAME (Last Name, First Name, Middle Initial)"), (30, "3. PATIENT'S BIRTH DATE")),
    *_titles(8, (43.5, "SEX"), (50, "4. INSURED'S NAME (Last Name, First Name, Middle Initial)")),
    *_hints(10, (41.1, "M"), (46, "F")),
    *_date_hints(8, 31),
    *_titles(10, (1, "5. PATIENT'S ADDRESS (No., Street)"), (30, "6. PATIENT RELATIONSHIP TO INSURED")),
    *_titles(10, (50, "7. INSURED'S ADDRESS (No., Street)")),
    *_hints(12, (31, "Self"), (34.4, "Spouse"), (39.5, "Child"), (43.8, "Other"), size=5.4),
    *_titles(12, (1, "CITY"), (26, "STATE"), (30, "8. RESERVED FOR NUCC USE"), (50, "CITY"), (74, "STATE")),
    *_titles(14, (1, "ZIP CODE"), (14, "TELEPHONE (Include Area Code)")),
    *_titles(14, (50, "ZIP CODE"), (64, "TELEPHONE (Include Area Code)")),
    *_hints(16, (14.3, "("), (18.2, ")"), (64.3, "("), (68.2, ")"), size=9),
    *_titles(16, (1, "9. OTHER INSURED'S NAME (Last Name, First Name, Middle Initial)")),
    *_titles(16, (30, "10. IS PATIENT'S CONDITION RELATED TO:"), (50, "11. INSURED'S POLICY GROUP OR FECA NUMBER")),
    *_titles(18, (1, "a. OTHER INSURED'S POLICY OR GROUP NUMBER"), (30, "a. EMPLOYMENT? (Current or Previous)")),
    *_titles(18, (50, "a. INSURED'S DATE OF BIRTH"), (70.5, "SEX")),
    *_hints(20, (66.8, "M"), (73.9, "F"), size=6),
    *_date_hints(18, 54),
    *_titles(20, (1, "b. RESERVED FOR NUCC USE"), (30, "b. AUTO ACCIDENT?"), (44.2, "PLACE (State)")),
    *_titles(20, (50, "b. OTHER CLAIM ID (Designated by NUCC)")),
    *_titles(22, (1, "c. RESERVED FOR NUCC USE"), (30, "c. OTHER ACCIDENT?")),
    *_titles(22, (50, "c. INSURANCE PLAN NAME OR PROGRAM NAME")),
    *_YES_NO,
    *_titles(24, (1, "d. INSURANCE PLAN NAME OR PROGRAM NAME"), (30, "10d. CLAIM CODES (Designated by NUCC)")),
    *_titles(24, (50, "d. IS THERE ANOTHER HEALTH BENEFIT PLAN?")),
    *_hints(26, (53.5, "YES"), (58.5, "NO"), (61.5, "If yes, complete items 9, 9a and 9d.")),
    (x_of(9), bottom_of(26) + 6.4, "READ BACK OF FORM BEFORE COMPLETING & SIGNING THIS FORM.", _TITLE_SIZE, True),
    *[(x, bottom_of(26) + down, text, size, False) for x, down, size, text in _AUTHORIZATIONS],
    *_hints(30, (2, "SIGNED"), (34.5, "DATE"), (51, "SIGNED"), size=6),
    *_titles(30, (1, "14. DATE OF CURRENT: ILLNESS, INJURY or PREGNANCY (LMP)"), (30, "15. OTHER DATE")),
    *_titles(30, (50, "16. DATES PATIENT UNABLE TO WORK IN CURRENT OCCUPATION")),
    *_hints(32, (13, "QUAL."), (50.6, "FROM"), (65.6, "TO")),
    *_date_hints(30, 2, 37, 54, 68),
    *_titles(32, (1, "17. NAME OF REFERRING PROVIDER OR OTHER SOURCE")),
    *_titles(32, (50, "18. HOSPITALIZATION DATES RELATED TO CURRENT SERVICES")),
    (x_of(28) + 1.6, y_of(33) - 0.5, "17a.", 5, False),
    (x_of(28) + 1.6, y_of(34) - 0.5, "17b.", 5, False),
    (x_of(30) + 3, y_of(34) - 0.5, "NPI", 5.6, False),
    *_hints(34, (50.6, "FROM"), (65.6, "TO")),
    *_date_hints(32, 54, 68),
    *_titles(34, (1, "19. ADDITIONAL CLAIM INFORMATION (Designated by NUCC)")),
    *_titles(34, (50, "20. OUTSIDE LAB?"), (63, "$ CHARGES")),
    *_hints(36, (53.5, "YES"), (58.5, "NO")),
    *_titles(36, (1, "21. DIAGNOSIS OR NATURE OF ILLNESS OR INJURY   Relate A-L to service line below (24E)")),
    (x_of(37), y_of(37) - 0.5, "ICD Ind.", _TITLE_SIZE, False),
    *_LETTERS,
    *_titles(36, (50, "22. RESUBMISSION CODE"), (62, "ORIGINAL REF. NO.")),
    *_titles(38, (50, "23. PRIOR AUTHORIZATION NUMBER")),
    *_head(1, "24.  A.     DATE(S) OF SERVICE", "      From                       To"),
    *[(x, bottom_of(42) - 2.4, text, size, bold) for x, _, text, size, bold in _date_hints(40, 1, 10)],
    *_head(18.65, "       B.", "PLACE OF", "SERVICE"),
    *_head(21.8, "   C.", "", "  EMG"),
    *_head(25, "D. PROCEDURES, SERVICES, OR SUPPLIES", "     (Explain Unusual Circumstances)", "CPT/HCPCS"),
    (x_of(36), bottom_of(42) - 2.4, "MODIFIER", 4.6, False),
    *_head(44.9, "     E.", "DIAGNOSIS", "POINTER"),
    *_head(51.5, "       F.", "", "$ CHARGES"),
    *_head(58.9, "G. DAYS", "   OR", "UNITS"),
    *_head(62.15, "  H.", "EPSDT", "Family"),
    *_head(64.8, "   I.", "  ID.", "QUAL."),
    *_head(70, "         J.", "RENDERING", "PROVIDER ID. #"),
    *[(x_of(65) + 3, y_of(line) - 0.5, "NPI", 5.6, False) for line in range(44, 56, 2)],
    *[(LEFT - 8, y_of(42 + 2 * number) - 2, str(number), 8, True) for number in range(1, 7)],
    *_titles(54, (1, "25. FEDERAL TAX I.D. NUMBER"), (16.8, "SSN"), (19.1, "EIN"), (22.5, "26. PATIENT'S ACCOUNT NO.")),
    *_titles(54, (37.8, "27. ACCEPT ASSIGNMENT?"), (50, "28. TOTAL CHARGE"), (61.3, "29. AMOUNT PAID")),
    *_titles(54, (70.8, "30. Rsvd for NUCC Use")),
    *_hints(56, (39.5, "YES"), (44.5, "NO")),
    *_hints(56, (49.9, "$"), (61.3, "$"), size=7),
    *_titles(56, (1, "31. SIGNATURE OF PHYSICIAN OR SUPPLIER")),
    (LEFT + 10, bottom_of(56) + 12.4, "INCLUDING DEGREES OR CREDENTIALS", _TITLE_SIZE, False),
    (LEFT + 10, bottom_of(56) + 18.4, "(I certify that the statements on the reverse", 4.7, False),
    (LEFT + 10, bottom_of(56) + 23.9, "apply to this bill and are made a part of it.)", 4.7, False),
    (LEFT + 2, y_of(61) - 0.5, "DATE", _HINT_SIZE, False),
    *_titles(56, (22.5, "32. SERVICE FACILITY LOCATION INFORMATION"), (50, "33. BILLING PROVIDER INFO & PH #")),
    *_hints(57, (66.3, "("), (70.2, ")"), size=9),
    *[
        (x_of(column) - 7.5, y_of(61) - 0.5, text, 6.5, True)
        for column, text in ((24, "a."), (37, "b."), (51, "a."), (63, "b."))
    ],
    (LEFT, bottom_of(61) + 8, "NUCC Instruction Manual available at: www.nucc.org", 6, False),
    (x_of(33), bottom_of(61) + 8, "PLEASE PRINT OR TYPE", 6.5, True),
    (RIGHT - 146, bottom_of(61) + 8, "APPROVED OMB-0938-1197 FORM 1500 (02-12)", 6, False),
]

SIDE_LABELS: tuple[tuple[float, float, str, float], ...] = (
    (RIGHT + 9, y_of(3), "CARRIER", 6),
    (RIGHT + 9, y_of(18), "PATIENT AND INSURED INFORMATION", 6),
    (RIGHT + 9, y_of(46), "PHYSICIAN OR SUPPLIER INFORMATION", 6),
)
"""x, centre, text and size of what is written upwards along the right edge."""
