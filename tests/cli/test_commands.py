"""Every command says what it did, as text or as one JSON object, and ends with 0, 1 or 2."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from billing.cli.main import main
from billing.database import Database
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.cli.conftest import Shell
from tests.factories import DAY, make_payment
from tests.operations.importing.folders import Stage

BILL = ("bill", "--through", "2026-03-31", "--out")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_help_names_every_command(shell: Shell) -> None:
    result = shell.run("--help")

    assert result.exit_code == 0
    for name in main.commands:
        assert re.search(rf"^  {name} ", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_takes_json(shell: Shell, name: str) -> None:
    command = main.commands[name]
    leaves = getattr(command, "commands", {name: command}).values()

    for leaf in leaves:
        assert "--json" in [option for parameter in leaf.params for option in parameter.opts]


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("bill",),
        ("bill", "--through", "2026-13-01", "--out", "x"),
        ("bill", "--through", "tomorrow", "--out", "x"),
        ("explain", "nonsense", "1"),
        ("explain", "claim"),
        ("licences",),
        ("licences", "--on", "2026-02-30"),
        ("user", "add", "ada@example.org"),
        ("user", "add", "ada@example.org", "--name", "Ada", "--role", "emperor", "--password", "x"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why_on_standard_error(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell.run(*words)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage:" in result.stderr


def test_a_clean_import_ends_with_0_and_a_refused_row_with_1(shell: Shell, tmp_path: Path) -> None:
    stage = Stage(tmp_path / "clinic").change("policies.csv", subscriber_last_name="Okoro")
    clean = shell.run("import", stage.write(), "--json")

    spoiled = shell.run("import", stage.change("patients.csv", birth_date="1979-13-11").write(), "--json")

    assert (clean.exit_code, spoiled.exit_code) == (0, 1)
    assert json.loads(clean.stdout)["refused"] == []
    refused = json.loads(spoiled.stdout)["refused"]
    assert ("patients.csv", 2, "A1", "birth_date") in [
        (one["file"], one["line"], one["id"], one["column"]) for one in refused
    ]
    assert all(one["reason"] and one["fix"] for one in refused)


def test_a_check_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    folder = Stage(tmp_path / "clinic").write()

    checked = shell.ask("import", folder, "--check")
    imported = shell.ask("import", folder)

    assert checked["files"] == imported["files"]
    assert imported["files"]["patients.csv"]["new"] == 1


def test_importing_again_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    folder = Stage(tmp_path / "clinic").write()
    shell.run("import", folder)

    again = shell.ask("import", folder)

    assert {name: (one["new"], one["updated"]) for name, one in again["files"].items()} == dict.fromkeys(
        again["files"], (0, 0)
    )


def test_a_folder_that_is_not_there_is_refused(shell: Shell, tmp_path: Path) -> None:
    result = shell.run("import", tmp_path / "nowhere")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "nowhere" in result.stderr


def test_what_is_refused_is_one_json_object_too(shell: Shell, tmp_path: Path) -> None:
    told = shell.ask("import", tmp_path / "nowhere")

    assert list(told) == ["error"]


def test_billing_without_a_clinic_is_refused_and_makes_no_folder(shell: Shell) -> None:
    result = shell.run(*BILL, shell.out)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "meridian import" in result.stderr
    assert not shell.out.exists()


def test_a_run_that_leaves_nothing_ends_with_0_and_leaves_its_papers(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    clinic.visit(start="11:00", bill_to=BillTo.SELF)
    clinic.visit(start="13:00", bill_to=BillTo.SUPERBILL)

    result = shell.run(*BILL, shell.out, "--json")

    report, written = json.loads(result.stdout), contents(shell.out)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(written["summary.json"]) == report
    named = [report["claims"]["filed"][0]["file"], report["superbills"][0]["file"], report["invoices"][0]["file"]]
    assert set(written) == {*named, f"cms1500/{report['claims']['filed'][0]['claim']}.pdf", "summary.json"}
    assert written[named[0]].startswith(b"ISA*")


@pytest.mark.parametrize(
    "changes",
    [
        {"diagnoses": ["M54.5"]},
        {"state": SessionState.ARRIVED},
    ],
)
def test_a_run_that_leaves_something_for_a_person_ends_with_1(
    shell: Shell, clinic: Office, changes: dict[str, object]
) -> None:
    clinic.visit(**changes)

    result = shell.run(*BILL, shell.out)

    assert result.exit_code == 1
    assert result.stderr == ""


def test_billing_twice_files_nothing_and_makes_no_second_document(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    clinic.visit(start="11:00", bill_to=BillTo.SELF)
    shell.run(*BILL, shell.out)
    before = contents(shell.out)

    report = shell.ask(*BILL, shell.out)

    after = contents(shell.out)
    del before["summary.json"], after["summary.json"]
    assert after == before
    assert report["claims"]["filed"] == report["invoices"] == report["superbills"] == []
    assert (report["sessions_billed"], report["billed_before"]) == (0, 2)


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_billed(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    shell.out.mkdir()
    (shell.out / "claims").write_text("a file where the folder should be")

    result = shell.run(*BILL, shell.out)

    assert result.exit_code == 1
    assert "Nothing was billed" in result.stderr
    assert clinic.claims() == []


def test_a_claim_file_in_the_way_is_not_overwritten_and_the_claim_waits(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    shell.run(*BILL, shell.out)
    (sent,) = (shell.out / "claims").iterdir()
    second = sent.with_name(re.sub(r"-0*1\.837$", "-000000002.837", sent.name))
    second.write_bytes(b"somebody else's")
    clinic.visit(date(2026, 3, 10))

    result = shell.run(*BILL, shell.out)

    assert result.exit_code == 1
    assert second.read_bytes() == b"somebody else's"
    assert f"FAILED: {second.name}" in result.stdout


def test_papers_come_again_as_they_were(shell: Shell, clinic: Office, tmp_path: Path) -> None:
    clinic.visit()
    clinic.visit(start="11:00", bill_to=BillTo.SUPERBILL)
    shell.run(*BILL, shell.out)

    told = shell.ask("papers", "--out", tmp_path / "again")

    first = contents(shell.out)
    del first["summary.json"]
    assert told == {"papers": 3}
    assert contents(tmp_path / "again") == first


def test_preprinted_forms_carry_the_data_alone(shell: Shell, clinic: Office, tmp_path: Path) -> None:
    clinic.visit()
    shell.run(*BILL, tmp_path / "drawn")
    clinic.visit(date(2026, 3, 10))
    shell.run(*BILL, tmp_path / "bare", "--preprinted")

    (drawn,), (bare,) = (list((tmp_path / name / "cms1500").iterdir()) for name in ("drawn", "bare"))

    assert bare.stat().st_size < drawn.stat().st_size


def test_licences_end_with_1_while_claims_are_held_over_one(shell: Shell, clinic: Office) -> None:
    free = shell.run("licences", "--on", "2026-03-31")
    clinic.edit(clinic.scene.licence, valid_to=date(2026, 3, 1))
    clinic.visit()
    shell.run(*BILL, shell.out)

    held = shell.run("licences", "--on", "2026-03-31")

    assert (free.exit_code, held.exit_code) == (0, 1)
    assert "licence.lapsed" in held.stdout
    assert shell.ask("licences", "--on", "2026-03-31")["on"] == "2026-03-31"


def test_explain_answers_about_claims_charges_and_balances(shell: Shell, clinic: Office) -> None:
    session = clinic.visit()
    clinic.write(lambda db: make_payment(db, session, 25_00))
    shell.run(*BILL, shell.out)
    number = clinic.claim(session).control_number

    claim = shell.run("explain", "claim", number)
    charge = shell.ask("explain", "charge", 1)
    balance = shell.ask("explain", "balance", clinic.scene.patient.external_id)

    assert claim.exit_code == 0
    assert claim.stdout.startswith(f"Claim {number}: sent")
    assert charge["explanation"][0].startswith("Charge 1: 97810")
    assert balance["explanation"][0] == "The patient owes -25.00."


@pytest.mark.parametrize("what", ["claim", "charge", "balance"])
def test_explaining_what_does_not_exist_ends_with_1(shell: Shell, clinic: Office, what: str) -> None:
    result = shell.run("explain", what, "9999999")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "9999999" in result.stderr


def test_verify_says_that_everything_holds(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    shell.run(*BILL, shell.out)

    result = shell.run("verify")

    assert (result.exit_code, result.stdout) == (0, "Everything holds.\n")


def test_verify_ends_with_1_when_a_document_was_changed(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    shell.run(*BILL, shell.out)
    for path in (shell.data / "documents").rglob("*"):
        if path.is_file():
            path.write_bytes(b"tampered with")

    result = shell.run("verify", "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["ok"] is False
    assert {one["rule"] for one in told["problems"]} == {"document.changed"}


def test_verify_notices_a_schema_that_is_not_ours(shell: Shell, clinic: Office) -> None:
    with shell.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_claim_state_moved_at_id")

    result = shell.run("verify", "--json")

    assert result.exit_code == 1
    assert [one["rule"] for one in json.loads(result.stdout)["problems"]] == ["schema.differs"]


def test_a_billing_run_is_audited_and_sealed(shell: Shell, clinic: Office) -> None:
    clinic.visit()

    shell.run(*BILL, shell.out)

    with shell.database.reading() as db:
        rows = db.connection().exec_driver_sql(
            "SELECT actor_kind, actor_id, action FROM audit_entry JOIN audit_seal ON entry_id = audit_entry.id"
        )
        assert [tuple(row) for row in rows] == [("command", "bill", "clinic billed")]


def test_doctor_is_content_with_a_clinic_and_warns_of_an_empty_database(shell: Shell) -> None:
    empty = shell.ask("doctor")
    open_office(shell.database)

    well = shell.run("doctor")

    assert "clinic.missing" in [one["rule"] for one in empty["problems"]]
    assert well.exit_code == 0
    assert "clinic.missing" not in well.stdout


def test_the_demo_is_refused_in_a_folder_that_is_no_demo(shell: Shell, clinic: Office) -> None:
    result = shell.run("demo", "--out", shell.data)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "not a demo" in result.stderr
    assert (shell.data / "meridian.sqlite3").exists()


def test_the_demo_lives_in_its_own_database_and_leaves_its_papers(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "demo"

    told = shell.ask("demo", "--out", out, "--once")

    assert told["imported"]["refused"] == []
    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == told["billed"]
    assert len(list((out / "cms1500").iterdir())) == len(told["billed"]["claims"]["filed"]) > 100
    assert told["heard"]["answers"]["unmatched"] == told["heard"]["payments"]["queued"] == []
    assert len(told["billed_next"]["claims"]["filed"]) == 4
    assert len(told["heard_next"]["payments"]["posted"]) == 1
    assert len(list((out / "statements").iterdir())) == len(told["statements"]["statements"]) == 42
    with shell.database.reading() as db:
        assert db.connection().exec_driver_sql("SELECT COUNT(*) FROM patient").scalar() == 0


@pytest.mark.parametrize("words", [("verify",), ("doctor",), ("licences", "--on", "2026-03-31")])
def test_a_fresh_data_folder_is_made_by_whichever_command_comes_first(tmp_path: Path, words: tuple[str, ...]) -> None:
    data = tmp_path / "brand" / "new"
    shell = Shell(data, Database("sqlite://"), {"MERIDIAN_DATA": str(data)})

    result = shell.run(*words)

    assert result.exit_code == 0
    assert (data / "meridian.sqlite3").exists()


def test_the_same_commands_work_on_postgresql(postgresql_database: Database, tmp_path: Path) -> None:
    url = postgresql_database.url.render_as_string(hide_password=False)
    environment = {"MERIDIAN_DATA": str(tmp_path / "data"), "MERIDIAN_DATABASE_URL": url}
    shell = Shell(tmp_path / "data", postgresql_database, environment)
    clinic = open_office(postgresql_database)
    clinic.visit(DAY)

    report = shell.ask(*BILL, shell.out)

    assert len(report["claims"]["filed"]) == 1
    assert shell.run("verify").exit_code == 0
    assert not (tmp_path / "data" / "meridian.sqlite3").exists()


@pytest.mark.parametrize(
    "environment",
    [
        {"MERIDIAN_NOPE": "1"},
        {"MERIDIAN_DATABASE_URL": "nonsense"},
        {"MERIDIAN_DATABASE_URL": "mysql://ada:sekret@localhost/clinic"},
        {"MERIDIAN_DATABASE_URL": "postgresql://ada:sekret@127.0.0.1:1/clinic"},
        {"MERIDIAN_DATA": "FILE"},
    ],
)
def test_settings_that_cannot_work_are_told_and_not_traced(
    shell: Shell, tmp_path: Path, environment: dict[str, str]
) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    shell.environment |= {name: str(file) if value == "FILE" else value for name, value in environment.items()}

    result = shell.run("verify")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
    assert "sekret" not in result.stderr


def test_a_file_that_is_no_database_is_told_and_not_traced(shell: Shell) -> None:
    for file in shell.data.glob("meridian.sqlite3*"):
        file.unlink()
    (shell.data / "meridian.sqlite3").write_bytes(b"not a database at all" * 100)

    result = shell.run("verify")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "database cannot be used" in result.stderr


def test_a_database_that_breaks_a_step_is_told_by_the_kind_of_fault_alone(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    with shell.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE counter")

    result = shell.run(*BILL, shell.out)

    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    assert "counter" not in result.stderr


def test_nothing_that_fails_says_whom_it_was_about(
    shell: Shell, clinic: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    clinic.edit(clinic.scene.patient, first_name="Xochitl", last_name="Quetzalcoatl", signature_on_file=False)
    clinic.visit(diagnoses=["M54.5"])
    clinic.visit(start="11:00", bill_to=BillTo.SELF)
    stage = Stage(tmp_path / "folder")
    stage.change("patients.csv", first_name="Xochitl", last_name="Quetzalcoatl", birth_date="never", phone="??")
    failing = [
        shell.run("import", stage.write()),
        shell.run("import", stage.write(), "--json"),
        shell.run(*BILL, shell.out),
        shell.run(*BILL, shell.out, "--json"),
        shell.run("explain", "claim", clinic.claims()[0].control_number),
        shell.run("verify"),
        shell.run("doctor"),
    ]

    told = "".join(result.output for result in failing) + caplog.text

    assert told
    assert "Quetzalcoatl" not in told
    assert "Xochitl" not in told
