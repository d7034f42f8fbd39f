from __future__ import annotations

from pathlib import Path

import pytest

from billing.database import Database
from billing.errors import Refused
from billing.operations.importing.reading.folder import read_folder
from tests.operations.importing.folders import GOOD, Stage, bring, check, contents, outcomes, places

POINTING = [
    ("licences.csv", "practitioner_id", "practitioners.csv"),
    ("enrolments.csv", "practitioner_id", "practitioners.csv"),
    ("enrolments.csv", "payer_id", "payers.csv"),
    ("fees.csv", "payer_id", "payers.csv"),
    ("policies.csv", "patient_id", "patients.csv"),
    ("policies.csv", "payer_id", "payers.csv"),
    ("benefits.csv", "patient_id", "patients.csv"),
    ("benefits.csv", "payer_id", "payers.csv"),
    ("authorisations.csv", "patient_id", "patients.csv"),
    ("authorisations.csv", "payer_id", "payers.csv"),
    ("sessions.csv", "patient_id", "patients.csv"),
    ("sessions.csv", "practitioner_id", "practitioners.csv"),
    ("sessions.csv", "supervising_id", "practitioners.csv"),
    ("plans.csv", "patient_id", "patients.csv"),
    ("plans.csv", "practitioner_id", "practitioners.csv"),
]
SPOILT = {"practitioners.csv": {"npi": "12"}, "payers.csv": {"kind": "x"}, "patients.csv": {"sex": "Q"}}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "clinic")


def test_looking_tells_what_would_happen_and_changes_nothing(database: Database, stage: Stage) -> None:
    before = contents(database)

    made = check(database, stage.read())

    assert outcomes(made) == dict.fromkeys(GOOD, (1, 0, 0))
    assert made.refused == []
    assert contents(database) == before


def test_a_folder_that_was_imported_is_known_row_by_row(database: Database, stage: Stage) -> None:
    parsed = stage.read()
    bring(database, parsed)

    assert outcomes(check(database, parsed)) == dict.fromkeys(GOOD, (0, 0, 1))


@pytest.mark.parametrize(
    ("file", "column", "text"),
    [
        ("clinic.csv", "phone", "503-555-0199"),
        ("practitioners.csv", "credentials", "MD"),
        ("payers.csv", "payer_number", ""),
        ("patients.csv", "flags", "pregnant"),
        ("patients.csv", "sms_consent", "no"),
        ("licences.csv", "valid_to", "2029-12-31"),
        ("enrolments.csv", "effective_to", "2026-12-31"),
        ("fees.csv", "amount", "96.00"),
        ("policies.csv", "subscriber_first_name", "Karen"),
        ("benefits.csv", "coinsurance_percent", "12.25"),
        ("authorisations.csv", "visits", "13"),
        ("sessions.csv", "room", "Birch"),
        ("sessions.csv", "room", ""),
        ("sessions.csv", "start", "09:15"),
        ("sessions.csv", "status", "arrived"),
        ("sessions.csv", "sets", "15 new @09:06;10 retained"),
        ("sessions.csv", "procedures", ""),
        ("sessions.csv", "diagnoses", "M62.830;M54.50"),
        ("sessions.csv", "pain_score", ""),
        ("sessions.csv", "modifiers", ""),
        ("sessions.csv", "accident", "auto:WA"),
        ("sessions.csv", "paid", "30.00"),
        ("sessions.csv", "paid_by", "cash"),
        ("plans.csv", "monthly_sessions", "2"),
    ],
)
def test_a_changed_cell_is_found_and_nothing_else(
    sqlite_database: Database, stage: Stage, file: str, column: str, text: str
) -> None:
    bring(sqlite_database, stage.read())

    made = check(sqlite_database, stage.change(file, **{column: text}).read())

    assert outcomes(made) == {name: (0, 1, 0) if name == file else (0, 0, 1) for name in GOOD}


@pytest.mark.parametrize(("file", "column", "target"), POINTING)
def test_a_row_that_points_to_a_refused_row_is_refused(
    sqlite_database: Database, stage: Stage, file: str, column: str, target: str
) -> None:
    stage.add(target, id="X9", **SPOILT[target]).change(file, **{column: "X9"})

    made = check(sqlite_database, stage.read())

    [refusal] = [one for one in made.refused if one.file == file]
    assert (refusal.line, refusal.column) == (2, column)
    assert refusal.reason.endswith("was refused.")


@pytest.mark.parametrize(("file", "column", "target"), POINTING)
def test_a_row_that_points_to_nothing_is_refused(
    sqlite_database: Database, stage: Stage, file: str, column: str, target: str
) -> None:
    made = check(sqlite_database, stage.change(file, **{column: "X77"}).read())

    [refusal] = made.refused
    assert (refusal.file, refusal.line, refusal.column) == (file, 2, column)
    assert refusal.reason.startswith("There is no such")


def test_all_that_a_row_points_to_in_vain_is_told_also_when_a_cell_is_bad(
    sqlite_database: Database, stage: Stage
) -> None:
    stage.change("sessions.csv", patient_id="X1", practitioner_id="X2", minutes="long")

    made = check(sqlite_database, stage.read())

    assert places(made.refused) == [
        ("sessions.csv", 2, "S1", "minutes"),
        ("sessions.csv", 2, "S1", "patient_id"),
        ("sessions.csv", 2, "S1", "practitioner_id"),
    ]


def test_a_row_may_point_to_what_an_earlier_import_brought(database: Database, stage: Stage) -> None:
    bring(database, stage.read())
    later = Stage(stage.folder).only("sessions.csv", "policies.csv")
    later.change("sessions.csv", id="S2", date="2026-02-10").change("policies.csv", rank="2")

    made = bring(database, later.read())

    assert made.refused == []
    assert outcomes(made) == {"sessions.csv": (1, 0, 0), "policies.csv": (1, 0, 0)}


def test_a_row_refused_in_this_folder_counts_before_the_one_of_an_earlier_import(
    database: Database, stage: Stage
) -> None:
    bring(database, stage.read())
    stage.change("patients.csv", sex="Q").only("patients.csv", "policies.csv")

    made = check(database, stage.read())

    assert places(made.refused) == [("patients.csv", 2, "A1", "sex"), ("policies.csv", 2, "", "patient_id")]


def test_rows_that_need_a_refused_file_say_so(sqlite_database: Database, stage: Stage) -> None:
    folder = stage.only("clinic.csv", "patients.csv", "payers.csv", "policies.csv").write()
    (folder / "patients.csv").write_bytes(b"")

    made = check(sqlite_database, read_folder(folder))

    assert [(refusal.file, refusal.fix) for refusal in made.refused][1:] == [
        ("policies.csv", "Correct patients.csv first.")
    ]


def test_refusals_stand_in_the_order_of_the_contract_and_of_the_lines(sqlite_database: Database, stage: Stage) -> None:
    stage.add("sessions.csv", id="S2", patient_id="X").add("sessions.csv", id="S3", minutes="x")
    stage.add("sessions.csv", id="S4", patient_id="X").add("payers.csv", id="P2", kind="x")

    made = check(sqlite_database, stage.read())

    assert [(refusal.file, refusal.line) for refusal in made.refused] == [
        ("payers.csv", 3),
        ("sessions.csv", 3),
        ("sessions.csv", 4),
        ("sessions.csv", 5),
    ]


def test_a_folder_without_a_clinic_is_refused_while_there_is_none(database: Database, stage: Stage) -> None:
    parsed = stage.without("clinic.csv").read()

    with pytest.raises(Refused, match=r"no clinic\.csv"):
        check(database, parsed)


def test_a_folder_without_a_clinic_goes_to_the_clinic_there_is(database: Database, stage: Stage) -> None:
    bring(database, stage.read())

    made = check(database, stage.without("clinic.csv").read())

    assert outcomes(made)["sessions.csv"] == (0, 0, 1)


def test_without_a_time_zone_no_session_goes_in_but_people_do(database: Database, stage: Stage) -> None:
    stage.change("clinic.csv", time_zone="Pacific")

    made = bring(database, stage.read())

    assert places(made.refused) == [("clinic.csv", 2, "", "time_zone"), ("sessions.csv", 2, "S1", "start")]
    assert outcomes(made)["patients.csv"] == (1, 0, 0)
    assert outcomes(made)["sessions.csv"] == (0, 0, 0)


def test_rows_count_the_refused_ones_too(sqlite_database: Database, stage: Stage) -> None:
    stage.add("patients.csv", id="A2", sex="Q").add("patients.csv", id="A3")

    report = check(sqlite_database, stage.read()).report()

    assert report["files"]["patients.csv"] == {"rows": 3, "new": 2, "updated": 0, "unchanged": 0}
    assert [row["line"] for row in report["refused"]] == [3]
