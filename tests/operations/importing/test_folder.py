from __future__ import annotations

import csv
from pathlib import Path

import pytest

from billing.errors import Refused
from billing.operations.importing.reading.contract import FILES
from billing.operations.importing.reading.folder import read_folder
from tests.operations.importing.folders import GOOD, Stage, places, refusals


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "clinic")


def test_a_good_folder_is_read_without_a_refusal(stage: Stage) -> None:
    parsed = stage.read()

    assert refusals(parsed) == []
    assert {name: len(read.rows) for name, read in parsed.files.items()} == dict.fromkeys(GOOD, 1)


def test_missing_optional_columns_are_empty(stage: Stage) -> None:
    for file in FILES:
        needed = {column.name for column in file.columns if column.required}
        stage.rows[file.name] = [{name: cell for name, cell in GOOD[file.name].items() if name in needed}]

    assert refusals(stage.read()) == []


REQUIRED = [(file.name, column.name) for file in FILES for column in file.columns if column.required]


@pytest.mark.parametrize(("file", "column"), REQUIRED)
def test_a_required_cell_that_is_empty_is_refused(stage: Stage, file: str, column: str) -> None:
    [refusal] = refusals(stage.change(file, **{column: "  "}).read())

    assert (refusal.file, refusal.line, refusal.column) == (file, 2, column)
    assert refusal.reason == f"{column} is required."


@pytest.mark.parametrize(("file", "column"), REQUIRED)
def test_a_file_without_a_required_column_is_refused_as_a_whole(stage: Stage, file: str, column: str) -> None:
    del stage.rows[file][0][column]

    parsed = stage.read()

    assert places(refusals(parsed)) == [(file, 1, "", column)]
    assert parsed.files[file].rows == []


@pytest.mark.parametrize(
    ("file", "column", "text"),
    [
        ("clinic.csv", "npi", "15489021"),
        ("clinic.csv", "tax_id", "93-12345"),
        ("clinic.csv", "tax_id_kind", "ITIN"),
        ("clinic.csv", "time_zone", "Pacific"),
        ("clinic.csv", "currency", "JPY"),
        ("practitioners.csv", "npi", "12345ABCDE"),
        ("practitioners.csv", "last_name", "x" * 201),
        ("licences.csv", "kind", "license"),
        ("licences.csv", "valid_to", "2027-13-01"),
        ("licences.csv", "valid_to", "2021-12-31"),
        ("licences.csv", "status", "expired"),
        ("payers.csv", "kind", "private"),
        ("enrolments.csv", "network", "maybe"),
        ("enrolments.csv", "effective_to", "2022-12-31"),
        ("fees.csv", "code", "97810 GP"),
        ("fees.csv", "amount", "52,25"),
        ("fees.csv", "amount", "-5.00"),
        ("patients.csv", "birth_date", "03/14/1981"),
        ("patients.csv", "birth_date", "2199-01-01"),
        ("patients.csv", "sex", "Q"),
        ("patients.csv", "sms_consent", "perhaps"),
        ("patients.csv", "first_name", "two\nlines"),
        ("patients.csv", "first_name", "bell\a"),
        ("policies.csv", "rank", "4"),
        ("policies.csv", "relationship", "cousin"),
        ("policies.csv", "subscriber_birth_date", "2199-01-01"),
        ("policies.csv", "subscriber_sex", "X"),
        ("policies.csv", "effective_to", "2022-12-31"),
        ("benefits.csv", "covered", "mostly"),
        ("benefits.csv", "copay", "25.5"),
        ("benefits.csv", "coinsurance_percent", "120"),
        ("benefits.csv", "visits_allowed", "-1"),
        ("benefits.csv", "period", "month"),
        ("authorisations.csv", "visits", "many"),
        ("authorisations.csv", "valid_to", "2025-12-31"),
        ("sessions.csv", "date", "2026-02-30"),
        ("sessions.csv", "start", "25:00"),
        ("sessions.csv", "minutes", "an hour"),
        ("sessions.csv", "minutes", "0"),
        ("sessions.csv", "status", "done"),
        ("sessions.csv", "sets", "15 minutes"),
        ("sessions.csv", "procedures", "97140 many"),
        ("sessions.csv", "pain_score", "11"),
        ("sessions.csv", "bill_to", "nobody"),
        ("sessions.csv", "place_of_service", "clinic"),
        ("sessions.csv", "accident", "auto"),
        ("sessions.csv", "modifiers", "KXX"),
        ("sessions.csv", "referring_npi", "155500123"),
        ("sessions.csv", "paid", "twenty"),
        ("sessions.csv", "paid_by", "bitcoin"),
        ("plans.csv", "weekly_sessions", "some"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_at_its_line_and_column(
    stage: Stage, file: str, column: str, text: str
) -> None:
    stage.change(file, **{column: text})

    parsed = stage.read()

    assert places(refusals(parsed)) == [(file, 2, GOOD[file].get("id", ""), column)]
    assert all(refusal.reason.endswith(".") and refusal.fix.endswith(".") for refusal in refusals(parsed))
    assert parsed.files[file].count == 1
    assert parsed.files[file].rows == []


@pytest.mark.parametrize(
    ("file", "column", "text"),
    [
        ("practitioners.csv", "npi", "1234567890"),
        ("sessions.csv", "paid_by", ""),
        ("patients.csv", "last_name", "Muñoz*Ibáñez ~ 李 🌿"),
        ("patients.csv", "zip", "SW1A 1AA"),
        ("patients.csv", "sms_consent", ""),
        ("sessions.csv", "diagnoses", "M54.5;M54.5;nonsense"),
        ("sessions.csv", "status", "booked"),
        ("sessions.csv", "date", "2199-01-01"),
        ("sessions.csv", "sets", "10 retained estim"),
        ("sessions.csv", "procedures", "HERBS x2"),
        ("policies.csv", "effective_to", "2023-01-01"),
    ],
)
def test_what_only_billing_can_judge_goes_in(stage: Stage, file: str, column: str, text: str) -> None:
    assert refusals(stage.change(file, **{column: text}).read()) == []


def test_a_clinic_that_does_not_bill_in_dollars_has_a_tax_id_of_its_own_form(stage: Stage) -> None:
    stage.change("clinic.csv", currency="GBP", tax_id="GB 123 4567 89", state="Kent", zip="CT1 2EH")

    assert refusals(stage.read()) == []


def test_all_faults_of_a_row_are_told_at_once(stage: Stage) -> None:
    stage.change("sessions.csv", date="tomorrow", start="", minutes="60.5", paid="1,000.00")

    assert [refusal.column for refusal in refusals(stage.read())] == ["date", "start", "minutes", "paid"]


def test_of_two_rows_with_one_id_the_first_stands(stage: Stage) -> None:
    stage.add("patients.csv", first_name="Other")

    parsed = stage.read()

    assert places(refusals(parsed)) == [("patients.csv", 3, "A1", "id")]
    assert [row[1] for row in parsed.files["patients.csv"].rows] == ["Miri"]
    assert parsed.files["patients.csv"].refused_ids == set()


def test_a_refused_row_still_stands_before_the_next_of_its_id(stage: Stage) -> None:
    stage.change("patients.csv", sex="Q").add("patients.csv")

    parsed = stage.read()

    assert places(refusals(parsed)) == [("patients.csv", 2, "A1", "sex"), ("patients.csv", 3, "A1", "id")]
    assert parsed.files["patients.csv"].refused_ids == {"A1"}


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("licences.csv", "valid_from"),
        ("enrolments.csv", "effective_from"),
        ("fees.csv", "effective_from"),
        ("policies.csv", "effective_from"),
        ("benefits.csv", "payer_id"),
        ("authorisations.csv", "number"),
        ("plans.csv", "starts_on"),
    ],
)
def test_of_two_rows_that_are_known_by_the_same_the_first_stands(stage: Stage, file: str, column: str) -> None:
    assert places(refusals(stage.add(file).read())) == [(file, 3, "", column)]


def test_a_second_clinic_is_refused(stage: Stage) -> None:
    parsed = stage.add("clinic.csv", name="Another").read()

    assert places(refusals(parsed)) == [("clinic.csv", 3, "", "")]
    assert len(parsed.files["clinic.csv"].rows) == 1


def test_unknown_columns_are_told_and_passed_over(stage: Stage) -> None:
    stage.change("patients.csv", front_desk_memo="prefers mornings,\nquiet room").add("patients.csv", id="A2")

    parsed = stage.read()

    assert refusals(parsed) == []
    assert parsed.files["patients.csv"].ignored == [("patients.csv", "front_desk_memo")]
    assert list(parsed.files["patients.csv"].lines) == [2, 4]


def test_names_of_columns_and_files_may_be_written_in_capitals(stage: Stage) -> None:
    folder = stage.without("plans.csv").write()
    text = (folder / "patients.csv").read_text(encoding="utf-8")
    (folder / "patients.csv").unlink()
    (folder / "Patients.CSV").write_text(text.replace("birth_date", " Birth_Date ").replace("id", "ID", 1))

    assert len(read_folder(folder).files["patients.csv"].rows) == 1


def test_a_column_that_stands_twice_refuses_the_file(stage: Stage) -> None:
    folder = stage.write()
    with (folder / "fees.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["code", "amount", "effective_from", "amount"], ["97810", "1", "2026-01-01", "2"]])

    assert places(refusals(read_folder(folder))) == [("fees.csv", 1, "", "amount")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty."),
        (b"PK\x03\x04\x00\x00", "This is not a text file; it may be a workbook of a spreadsheet program."),
        ("code,amount".encode("utf-16"), "The file is written in UTF-16, not in UTF-8."),
        (b"code;amount;payer_id;effective_from\n97810;95.00;;2025-01-01\n", "The columns are not separated by commas."),
        (b'"code,amount\n', "The quotation marks of this row do not match."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_the_others_are_not(
    stage: Stage, content: bytes, reason: str
) -> None:
    folder = stage.write()
    (folder / "fees.csv").write_bytes(content)

    parsed = read_folder(folder)

    assert [(refusal.line, refusal.reason) for refusal in refusals(parsed)] == [(1, reason)]
    assert parsed.files["fees.csv"].unreadable
    assert len(parsed.files["patients.csv"].rows) == 1


def test_a_row_in_another_encoding_is_refused_and_plain_rows_of_the_file_are_not(stage: Stage) -> None:
    folder = stage.add("patients.csv", id="A2", last_name="Muñoz").add("patients.csv", id="A3").write()
    text = (folder / "patients.csv").read_text(encoding="utf-8")
    (folder / "patients.csv").write_text(text, encoding="cp1252")

    parsed = read_folder(folder)

    [refusal] = refusals(parsed)
    assert (refusal.line, refusal.id, refusal.column) == (3, "A2", "last_name")
    assert "CSV UTF-8" in refusal.fix
    assert [row[0] for row in parsed.files["patients.csv"].rows] == ["A1", "A3"]


def test_a_file_that_was_cut_off_loses_its_last_row_only(stage: Stage) -> None:
    folder = stage.add("patients.csv", id="A2").write()
    content = (folder / "patients.csv").read_bytes()
    (folder / "patients.csv").write_bytes(content[: content.rindex(b"F,")])

    parsed = read_folder(folder)

    assert places(refusals(parsed)) == [("patients.csv", 3, "A2", "address1")]
    assert parsed.files["patients.csv"].refused_ids == {"A2"}
    assert [row[0] for row in parsed.files["patients.csv"].rows] == ["A1"]


def test_a_message_can_be_printed_whatever_the_id_was(stage: Stage) -> None:
    [refusal] = refusals(stage.change("patients.csv", id="\x1b[31mA1").read())

    assert refusal.id == "\ufffd[31mA1"
    assert refusal.column == "id"


def test_progress_is_told_for_each_file(stage: Stage) -> None:
    told: list[tuple[str, int]] = []

    read_folder(stage.write(), lambda name, rows: told.append((name, rows)))

    assert sorted(told) == sorted((name, 1) for name in GOOD)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no folder"):
        read_folder(tmp_path / "nowhere")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clinic.csv").write_text("name")

    with pytest.raises(Refused, match="is a file"):
        read_folder(tmp_path / "clinic.csv")


def test_a_folder_with_none_of_the_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holiday.csv").write_text("name")

    with pytest.raises(Refused, match="nothing to import"):
        read_folder(tmp_path)
