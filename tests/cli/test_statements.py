"""``meridian statements`` issues a day's statements once, leaves their papers, and says which they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from billing.database import Database
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.cli.conftest import Shell
from tests.factories import DAY, make_patient, make_payment, make_session

STATEMENTS = ("statements", "--on", "2026-04-30", "--out")
BILL = ("bill", "--through", "2026-03-31", "--out")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, shell: Shell) -> Office:
    """A clinic in the database that the shell's environment names, once of each kind."""
    if request.param == "sqlite":
        return open_office(shell.database)
    database: Database = request.getfixturevalue("postgresql_database")
    shell.database = database
    shell.environment["MERIDIAN_DATABASE_URL"] = database.url.render_as_string(hide_password=False)
    return open_office(database)


def test_everyone_who_owes_gets_a_statement_and_its_paper(shell: Shell, office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    office.write(lambda db: make_payment(db, session, 65_00))
    office.write(make_patient)
    office.bill()

    told = shell.ask(*STATEMENTS, shell.out)

    patient = office.scene.patient.external_id
    assert told["statements"] == [
        {"statement": "ST-000001", "patient": patient, "total": "100.00", "file": "statements/ST-000001.pdf"}
    ]
    assert (told["on"], told["issued"], told["failures"]) == ("2026-04-30", 1, [])
    written = contents(shell.out)
    assert set(written) == {"statements/ST-000001.pdf"}
    assert written["statements/ST-000001.pdf"].startswith(b"%PDF")


def test_the_same_day_again_makes_no_second_one_and_leaves_the_same_papers(
    shell: Shell, office: Office, tmp_path: Path
) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    first = shell.ask(*STATEMENTS, shell.out)
    office.write(lambda db: make_payment(db, office.scene.visit(db, bill_to=BillTo.SELF, start="13:00"), 65_00))

    again = shell.ask(*STATEMENTS, tmp_path / "again")

    assert again["statements"] == first["statements"]
    assert (first["issued"], again["issued"]) == (1, 0)
    assert contents(tmp_path / "again") == contents(shell.out)


def test_one_patient_can_be_asked_for(shell: Shell, office: Office) -> None:
    other = office.write(make_patient)
    office.visit(bill_to=BillTo.SELF)
    office.write(lambda db: make_session(db, other, office.scene.practitioner, start="11:00", bill_to=BillTo.SELF))
    office.bill()

    by_name = shell.ask(*STATEMENTS, shell.out, "--patient", other.external_id)
    by_number = shell.ask(*STATEMENTS, shell.out, "--patient", other.id)
    everyone = shell.ask(*STATEMENTS, shell.out)

    assert [one["patient"] for one in by_name["statements"]] == [other.external_id]
    assert by_number["statements"] == by_name["statements"]
    assert [one["statement"] for one in everyone["statements"]] == ["ST-000001", "ST-000002"]


def test_the_statement_can_be_explained_by_its_number(shell: Shell, office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    shell.ask(*STATEMENTS, shell.out)

    told = shell.ask("explain", "balance", "ST-000001")

    assert told["explanation"][0] == "Statement ST-000001 of 2026-04-30: the patient owes 165.00."


def test_a_statement_run_is_audited_and_sealed(shell: Shell, office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    shell.run(*BILL, shell.out)

    shell.run(*STATEMENTS, shell.out)

    with office.database.reading() as db:
        rows = db.connection().exec_driver_sql(
            "SELECT actor_kind, actor_id, action, subject_kind FROM audit_entry "
            "JOIN audit_seal ON entry_id = audit_entry.id WHERE action = 'statements issued'"
        )
        assert [tuple(row) for row in rows] == [("command", "statements", "statements issued", "clinic")]
    assert shell.run("verify").exit_code == 0


def test_an_unknown_patient_is_refused_and_makes_no_folder(shell: Shell, clinic: Office) -> None:
    result = shell.run(*STATEMENTS, shell.out, "--patient", "nobody")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "nobody" in result.stderr
    assert not shell.out.exists()


def test_nothing_to_tell_ends_well_and_empty(shell: Shell, clinic: Office) -> None:
    result = shell.run(*STATEMENTS, shell.out, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["statements"] == []


def test_without_a_clinic_nothing_is_issued(shell: Shell) -> None:
    result = shell.run(*STATEMENTS, shell.out)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "meridian import" in result.stderr


def test_people_are_told_how_many_and_for_whom(shell: Shell, clinic: Office) -> None:
    clinic.visit(bill_to=BillTo.SELF)
    clinic.bill()

    result = shell.run(*STATEMENTS, shell.out)

    assert result.stdout.startswith("1 statement of 2026-04-30 in ")
    assert ", 1 of them new.\n" in result.stdout
    assert f"ST-000001      165.00  patient {clinic.scene.patient.external_id}\n" in result.stdout


def test_a_statement_below_zero_is_told_as_the_patients_money(shell: Shell, clinic: Office) -> None:
    session = clinic.visit(bill_to=BillTo.SELF)
    clinic.write(lambda db: make_payment(db, session, 200_00))
    clinic.bill()

    result = shell.run(*STATEMENTS, shell.out)

    assert f"ST-000001      -35.00  patient {clinic.scene.patient.external_id}, whose money it is\n" in result.stdout


def test_a_statement_of_a_day_to_come_is_made_with_a_warning(shell: Shell, clinic: Office) -> None:
    clinic.visit(bill_to=BillTo.SELF)
    clinic.bill()

    told = shell.ask("statements", "--on", "2126-04-30", "--out", shell.out)
    text = shell.run("statements", "--on", "2126-04-30", "--out", shell.out)
    past = shell.ask(*STATEMENTS, shell.out)

    (warning,) = told["warnings"]
    assert warning.startswith("2126-04-30 is in the future")
    assert text.stdout.splitlines()[-1] == warning
    assert past["warnings"] == []


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_issued(shell: Shell, clinic: Office) -> None:
    clinic.visit(bill_to=BillTo.SELF)
    clinic.bill()
    shell.out.mkdir()
    (shell.out / "statements").write_text("a file where the folder should be")

    refused = shell.run(*STATEMENTS, shell.out)
    (shell.out / "statements").unlink()
    told = shell.ask(*STATEMENTS, shell.out)

    assert refused.exit_code == 1
    assert "Nothing was billed or issued" in refused.stderr
    assert told["issued"] == 1


def test_a_paper_that_cannot_be_kept_is_told_and_drawn_by_the_next_run(shell: Shell, clinic: Office) -> None:
    clinic.visit(bill_to=BillTo.SELF)
    clinic.bill()
    documents = shell.data / "documents"
    documents.write_text("a file where the store should be")

    failed = shell.run(*STATEMENTS, shell.out, "--json")
    documents.unlink()
    told = shell.ask(*STATEMENTS, shell.out)

    assert failed.exit_code == 1
    report = json.loads(failed.stdout)
    assert (report["issued"], report["statements"], len(report["failures"])) == (1, [], 1)
    assert [one["statement"] for one in told["statements"]] == ["ST-000001"]
    assert told["issued"] == 0


def test_billing_tells_of_no_statement_and_papers_leaves_all_of_them(
    shell: Shell, clinic: Office, tmp_path: Path
) -> None:
    clinic.visit(DAY, bill_to=BillTo.SELF)
    shell.run(*BILL, shell.out)
    shell.ask(*STATEMENTS, shell.out)

    billed = shell.ask(*BILL, tmp_path / "billed")
    shell.ask("papers", "--out", tmp_path / "all")

    assert "statements" not in billed
    assert not (tmp_path / "billed" / "statements").exists()
    handed_out = contents(shell.out)
    del handed_out["summary.json"]
    assert {"invoices/INV-000001.pdf", "statements/ST-000001.pdf"} == set(handed_out)
    assert contents(tmp_path / "all") == handed_out


@pytest.mark.parametrize("words", [("statements",), ("statements", "--on", "2026-04-31", "--out", "x")])
def test_wrong_usage_ends_with_2(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell.run(*words)

    assert (result.exit_code, result.stdout) == (2, "")
