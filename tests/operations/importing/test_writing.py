from __future__ import annotations

import random
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.audit.models import AuditEntry
from billing.charges.models import Fee
from billing.clinic.models import Clinic, Room
from billing.coverage.models import Benefit, Policy
from billing.database import Base, Database
from billing.errors import Refused
from billing.ledger.models import Posting
from billing.operations.importing.planning import Plan
from billing.operations.importing.reading.folder import Parsed, read_folder
from billing.patients.models import Patient, Sex
from billing.payments.models import Payment, PaymentMethod
from billing.practitioners.models import Practitioner
from billing.sessions.charting import chart_sha256
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import AccidentKind, BillTo, ClinicSession, NeedleSet, Note, Procedure, SessionDiagnosis
from billing.treatment.models import OutcomeScore, TreatmentPlan
from tests.benchmarks.big_clinic import write_big_clinic
from tests.operations.importing.folders import AT, GOOD, Stage, bring, contents, outcomes


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "clinic")


def the(database: Database, model: type[Base]) -> Any:
    """The one row of a table."""
    [found] = every(database, model)
    return found


def every(database: Database, model: type[Base]) -> list[Any]:
    """All rows of a table in the order of their keys."""
    with database.reading() as db:
        return list(db.scalars(sa.select(model).order_by(*model.__table__.primary_key)))


def sums(database: Database) -> dict[str, int]:
    """The books: the sum of each account that is not even."""
    total = sa.func.sum(Posting.cents)
    with database.reading() as db:
        found = db.execute(sa.select(Posting.account, total).group_by(Posting.account))
        return {account: int(cents) for account, cents in found if cents}


def test_every_value_finds_its_place(database: Database, stage: Stage) -> None:
    bring(database, stage.read())

    clinic, patient, policy, benefit = (the(database, model) for model in (Clinic, Patient, Policy, Benefit))
    assert (clinic.id, clinic.time_zone, clinic.currency) == (1, "America/Los_Angeles", "USD")
    assert clinic.zip == "97214-2318"
    assert (patient.external_id, patient.birth_date, patient.sex) == ("A1", date(1979, 5, 11), Sex.F)
    assert (patient.sms_consent, patient.email_consent, patient.signature_on_file) == (True, False, True)
    assert patient.flags == ["pacemaker", "pregnant"]
    assert (policy.rank, policy.subscriber_birth_date, policy.effective_to) == (1, date(1950, 2, 17), None)
    assert (benefit.copay_cents, benefit.coinsurance_basis_points) == (2500, 1250)
    assert benefit.deductible_remaining_cents == 0
    assert the(database, Practitioner).npi == "1637904156"
    assert (the(database, Fee).payer_id, the(database, Fee).cents) == (None, 9500)
    assert the(database, TreatmentPlan).monthly_sessions == 0


def test_a_session_has_its_local_time_as_an_instant(database: Database, stage: Stage) -> None:
    bring(database, stage.read())

    session = the(database, ClinicSession)
    assert (session.external_id, session.service_on) == ("S1", date(2026, 2, 3))
    assert session.starts_at == datetime(2026, 2, 3, 17, 0, tzinfo=UTC)
    assert (session.state, session.bill_to) == (SessionState.SIGNED, BillTo.INSURANCE)
    assert session.signed_at == datetime(2026, 2, 3, 18, 0, tzinfo=UTC)
    assert (session.accident, session.accident_state) == (AccidentKind.AUTO, "OR")
    assert session.acupuncture_modifiers == ["KX"]
    assert session.room_id == the(database, Room).id
    assert session.supervising_id == session.practitioner_id == the(database, Practitioner).id


def test_a_session_has_its_chart_its_score_and_its_signed_note(database: Database, stage: Stage) -> None:
    bring(database, stage.read())

    sets, note, score = every(database, NeedleSet), the(database, Note), the(database, OutcomeScore)
    diagnoses = [one.code for one in every(database, SessionDiagnosis)]
    assert [(one.position, one.minutes, one.new_needles, one.estim, one.starts_at) for one in sets] == [
        (1, 15, True, False, datetime(2026, 2, 3, 17, 5, tzinfo=UTC)),
        (2, 10, False, False, None),
    ]
    assert (the(database, Procedure).code, the(database, Procedure).modifiers) == ("97140", ["GP"])
    assert diagnoses == ["M54.50", "M62.830"]
    assert (score.value, score.measured_on, score.source) == (7, date(2026, 2, 3), f"session:{note.session_id}")
    assert (note.version, note.subjective, note.signed_at) == (1, "", datetime(2026, 2, 3, 18, 0, tzinfo=UTC))
    assert note.chart_sha256 == chart_sha256(sets, every(database, Procedure), diagnoses)


def test_what_was_paid_is_booked_once(database: Database, stage: Stage) -> None:
    parsed = stage.read()

    bring(database, parsed)
    bring(database, parsed)

    payment = the(database, Payment)
    assert (payment.cents, payment.method, payment.received_on) == (2500, PaymentMethod.CARD, date(2026, 2, 3))
    assert sorted(sums(database).values()) == [-2500, 2500]


def test_a_payment_that_is_no_longer_told_is_taken_back(database: Database, stage: Stage) -> None:
    bring(database, stage.read())

    bring(database, stage.change("sessions.csv", paid="", paid_by="").read())

    assert the(database, Payment).reversed_at == AT
    assert sums(database) == {}


def test_a_payment_that_is_told_differently_is_booked_anew(database: Database, stage: Stage) -> None:
    bring(database, stage.read())

    bring(database, stage.change("sessions.csv", paid="30.00").read())

    first, second = every(database, Payment)
    assert (first.cents, first.reversed_at, second.cents, second.reversed_at) == (2500, AT, 3000, None)
    assert sorted(sums(database).values()) == [-3000, 3000]


def test_a_session_that_was_not_signed_has_no_note(database: Database, stage: Stage) -> None:
    bring(database, stage.change("sessions.csv", status="arrived").read())

    assert every(database, Note) == []
    assert the(database, ClinicSession).signed_at is None


def test_a_changed_chart_of_a_signed_session_is_the_next_version_of_its_note(database: Database, stage: Stage) -> None:
    bring(database, stage.read())
    with database.transaction() as db:
        db.execute(sa.update(Note).values(subjective="slept well"))

    bring(database, stage.change("sessions.csv", sets="20 new").read())

    first, second = every(database, Note)
    assert (first.version, second.version, second.subjective) == (1, 2, "slept well")
    assert first.chart_sha256 != second.chart_sha256
    assert [(one.position, one.minutes) for one in every(database, NeedleSet)] == [(1, 20)]


def test_a_change_beside_the_chart_leaves_the_note_as_it_is(database: Database, stage: Stage) -> None:
    bring(database, stage.read())

    bring(database, stage.change("sessions.csv", room="Birch", pain_score="6").read())

    assert the(database, Note).version == 1
    assert the(database, OutcomeScore).value == 6
    assert [room.name for room in every(database, Room)] == ["Alder", "Birch"]


def test_states_are_facts_of_the_old_system_and_need_not_follow_from_each_other(
    database: Database, stage: Stage
) -> None:
    bring(database, stage.read())

    bring(database, stage.change("sessions.csv", status="cancelled", sets="", procedures="", diagnoses="").read())

    session = the(database, ClinicSession)
    assert (session.state, session.signed_at) == (SessionState.CANCELLED, None)
    assert every(database, NeedleSet) == every(database, Procedure) == every(database, SessionDiagnosis) == []
    assert the(database, Note).version == 1


def test_a_corrected_time_moves_the_imported_signature(database: Database, stage: Stage) -> None:
    bring(database, stage.read())

    bring(database, stage.change("sessions.csv", start="10:00", sets="15 new @10:05").read())

    session = the(database, ClinicSession)
    assert session.starts_at == datetime(2026, 2, 3, 18, 0, tzinfo=UTC)
    assert session.signed_at == datetime(2026, 2, 3, 19, 0, tzinfo=UTC)


def test_the_instant_at_which_somebody_signed_here_is_not_touched(database: Database, stage: Stage) -> None:
    bring(database, stage.read())
    really = datetime(2026, 2, 4, 1, 2, 3, tzinfo=UTC)
    with database.transaction() as db:
        db.execute(sa.update(ClinicSession).values(signed_at=really))

    unchanged = bring(database, stage.read())
    bring(database, stage.change("sessions.csv", minutes="50").read())

    session = the(database, ClinicSession)
    assert outcomes(unchanged)["sessions.csv"] == (0, 0, 1)
    assert (session.minutes, session.signed_at) == (50, really)


def test_what_the_files_do_not_tell_stays_as_it_is(database: Database, stage: Stage) -> None:
    bring(database, stage.read())
    payer = Base.metadata.tables["payer"]
    with database.transaction() as db:
        db.execute(sa.update(payer).values(filing_limit_days=90))

    bring(database, stage.change("payers.csv", name="Example Health of Oregon").read())

    with database.reading() as db:
        assert db.execute(sa.select(payer.c.name, payer.c.filing_limit_days)).one() == ("Example Health of Oregon", 90)


def test_a_session_can_move_to_people_and_rooms_that_come_with_it(database: Database, stage: Stage) -> None:
    bring(database, stage.read())
    stage.add("patients.csv", id="A2").add("practitioners.csv", id="PR2")
    stage.change("sessions.csv", patient_id="A2", practitioner_id="PR2", supervising_id="PR2", room="Birch")

    made = bring(database, stage.read())

    session, patients = the(database, ClinicSession), every(database, Patient)
    assert outcomes(made)["sessions.csv"] == (0, 1, 0)
    assert [one.external_id for one in patients if one.id == session.patient_id] == ["A2"]
    assert [one.cents for one in every(database, Payment) if one.reversed_at is None] == [2500]
    assert [one.signed_by_id for one in every(database, Note)][-1] == session.practitioner_id


def test_good_rows_go_in_and_refused_ones_do_not(database: Database, stage: Stage) -> None:
    stage.add("patients.csv", id="A2", sex="Q").add("sessions.csv", id="S2", patient_id="A2")

    bring(database, stage.read())

    assert [one.external_id for one in every(database, Patient)] == ["A1"]
    assert [one.external_id for one in every(database, ClinicSession)] == ["S1"]


def test_a_time_that_the_clock_change_skips_is_moved_on(database: Database, stage: Stage) -> None:
    bring(database, stage.change("sessions.csv", date="2026-03-08", start="02:30", sets="15 new").read())

    assert the(database, ClinicSession).starts_at == datetime(2026, 3, 8, 10, 30, tzinfo=UTC)


def test_text_that_looks_like_a_command_is_only_text(database: Database, stage: Stage) -> None:
    name = "Robert'); DROP TABLE patient;-- % %s :x {0}"

    stage.only("clinic.csv", "patients.csv").change("patients.csv", last_name=name, id="a'1%(x)s:y")
    bring(database, stage.read())
    again = bring(database, stage.read())

    assert the(database, Patient).last_name == name
    assert outcomes(again)["patients.csv"] == (0, 0, 1)


def test_each_import_leaves_one_row_in_the_audit_trail(database: Database, stage: Stage) -> None:
    bring(database, stage.add("patients.csv", id="A2", sex="Q").read())

    entry = the(database, AuditEntry)
    assert (entry.actor_kind, entry.actor_id, entry.action, entry.at) == ("command", "import", "folder imported", AT)
    assert (entry.detail["refused"], entry.detail["sessions.csv new"]) == (1, 1)


def test_an_import_that_fails_half_way_changes_nothing(database: Database, stage: Stage) -> None:
    bring(database, stage.only("clinic.csv").read())
    before = contents(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE treatment_plan RENAME TO elsewhere"))

    with pytest.raises(sa.exc.DBAPIError):
        bring(database, Stage(stage.folder).read())

    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO treatment_plan"))
    assert contents(database) == before


def test_a_disk_that_fills_up_stops_the_import_and_leaves_nothing_behind(
    sqlite_database: Database, tmp_path: Path
) -> None:
    write_big_clinic(tmp_path / "big", patients=300, sessions=1_000)
    parsed, before = read_folder(tmp_path / "big"), contents(sqlite_database)
    sqlite_database.close()
    sa.event.listen(sqlite_database.engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count=150"))

    with pytest.raises(Refused, match="is full"):
        bring(sqlite_database, parsed)

    assert contents(sqlite_database) == before


def test_two_imports_at_once_bring_each_row_once(database: Database, tmp_path: Path) -> None:
    write_big_clinic(tmp_path / "big", patients=60, sessions=300)
    parsed = read_folder(tmp_path / "big")

    def once(_number: int) -> Plan:
        return bring(database, parsed)

    with ThreadPoolExecutor(3) as pool:
        plans = list(pool.map(once, range(3)))

    new = [sum(new for new, _, _ in outcomes(made).values()) for made in plans]
    assert sorted(new)[:2] == [0, 0]
    assert max(new) == sum(len(read.rows) for read in parsed.files.values())
    assert len(every(database, ClinicSession)) == 300


def test_two_different_imports_at_once_both_go_in(database: Database, tmp_path: Path) -> None:
    bring(database, Stage(tmp_path / "first").read())
    folders = [Stage(tmp_path / f"folder {number}").change("patients.csv", id=f"B{number}") for number in range(4)]
    for number, folder in enumerate(folders):
        folder.change("sessions.csv", id=f"T{number}", patient_id=f"B{number}", room="Cedar")
    parsed = [folder.only("patients.csv", "sessions.csv").read() for folder in folders]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: bring(database, one), parsed))

    assert {one.external_id for one in every(database, Patient)} == {"A1", "B0", "B1", "B2", "B3"}
    assert sorted(one.name for one in every(database, Room)) == ["Alder", "Cedar"]
    assert len(every(database, Payment)) == 5


def shuffled(folder: Path, seed: int) -> Parsed:
    """The folder with the rows of each file in another order."""
    for path in folder.glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(seed).shuffle(rows)
        path.write_text("".join([header, *rows]), encoding="utf-8")
    return read_folder(folder)


def test_importing_again_in_any_order_changes_nothing(database: Database, tmp_path: Path) -> None:
    write_big_clinic(tmp_path / "big", patients=60, sessions=300)
    first = bring(database, read_folder(tmp_path / "big"))
    before = contents(database)

    again = bring(database, shuffled(tmp_path / "big", 7), AT + timedelta(days=1))

    assert first.refused == again.refused == []
    assert all((new, updated) == (0, 0) for new, updated, _ in outcomes(again).values())
    assert contents(database) == before


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), patients=st.integers(3, 25), sessions=st.integers(0, 60))
def test_the_order_of_rows_does_not_matter(_sqlite_template: Path, seed: int, patients: int, sessions: int) -> None:
    found: list[tuple[Any, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        write_big_clinic(Path(name, "big"), patients, sessions)
        for parsed in (read_folder(Path(name, "big")), shuffled(Path(name, "big"), seed)):
            file = Path(name, f"{len(found)}.sqlite3")
            shutil.copyfile(_sqlite_template, file)
            database = Database(f"sqlite:///{file}")
            made = bring(database, parsed)
            found.append((outcomes(made), contents(database)))
            database.close()

    assert found[0] == found[1]


def test_the_good_rows_of_the_stage_are_all_there_is(database: Database, stage: Stage) -> None:
    made = bring(database, stage.read())

    assert made.report() == {
        "files": {name: {"rows": 1, "new": 1, "updated": 0, "unchanged": 0} for name in made.files},
        "refused": [],
        "ignored_columns": [],
    }
    assert made.files.keys() == GOOD.keys()
