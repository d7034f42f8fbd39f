from __future__ import annotations

from billing.operations.importing.report import Counts, IgnoredColumn, Refusal, as_json, as_text

REFUSED = Refusal("patients.csv", 7, "A9", "sex", '"Q" is not one of F, M, U.', "Write one of F, M, U.")
WHOLE = Refusal("fees.csv", 1, "", "", "The file is empty.", "Remove the file.")
REPORT = as_json(
    {"patients.csv": Counts(rows=6, new=2, updated=1, unchanged=2), "fees.csv": Counts()},
    [REFUSED, WHOLE],
    [IgnoredColumn("patients.csv", "memo")],
)


def test_the_report_has_the_agreed_names() -> None:
    assert REPORT == {
        "files": {
            "patients.csv": {"rows": 6, "new": 2, "updated": 1, "unchanged": 2},
            "fees.csv": {"rows": 0, "new": 0, "updated": 0, "unchanged": 0},
        },
        "refused": [
            {
                "file": "patients.csv",
                "line": 7,
                "id": "A9",
                "column": "sex",
                "reason": '"Q" is not one of F, M, U.',
                "fix": "Write one of F, M, U.",
            },
            {
                "file": "fees.csv",
                "line": 1,
                "id": "",
                "column": "",
                "reason": "The file is empty.",
                "fix": "Remove the file.",
            },
        ],
        "ignored_columns": [{"file": "patients.csv", "column": "memo"}],
    }


def test_people_read_the_same() -> None:
    assert as_text(REPORT).splitlines() == [
        "file                      rows       new   updated   unchanged   refused",
        "patients.csv                 6         2         1           2         1",
        "fees.csv                     0         0         0           0         0",
        "",
        "Refused:",
        '  patients.csv line 7 (A9), sex: "Q" is not one of F, M, U. Write one of F, M, U.',
        "  fees.csv line 1: The file is empty. Remove the file.",
        "",
        "Columns not known, passed over:",
        "  patients.csv: memo",
    ]
