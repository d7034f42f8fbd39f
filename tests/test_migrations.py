"""The schema comes from the migrations, on both kinds of database, there and back."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, Responsibility
from billing.coverage.models import Benefit, BenefitPeriod, BenefitSource, CopayPer
from billing.database import Database
from billing.operations import schema
from billing.practitioners.models import CredentialKind, CredentialStatus
from tests.factories import make_benefit, make_credential, make_enrolment, make_payer, make_place, make_room, set_scene

_MIGRATING = """
import sys
from billing.database import Database
from billing.operations import schema
print("ready", flush=True)
sys.stdin.readline()
schema.upgrade(Database(sys.argv[1]))
"""


def everything_in(database: Database) -> set[str]:
    """Names of all tables, triggers and functions that are not the database's own."""
    if database.is_sqlite:
        asked = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    else:
        asked = """
            SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
            UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
        """
    with database.engine.connect() as connection:
        return set(connection.execute(sa.text(asked)).scalars())


def test_a_migrated_database_is_what_the_models_say(empty_database: Database) -> None:
    schema.upgrade(empty_database)

    assert schema.differences(empty_database) == []
    assert schema.is_current(empty_database)


def test_a_fresh_database_is_not_current(empty_database: Database) -> None:
    assert not schema.is_current(empty_database)


def test_migrating_back_leaves_nothing(empty_database: Database) -> None:
    schema.upgrade(empty_database)

    schema.downgrade(empty_database)

    left_over = {name for name in everything_in(empty_database) if not name.startswith("alembic_version")}
    assert left_over == set()


def test_up_and_down_and_up_again_ends_where_up_did(empty_database: Database) -> None:
    schema.upgrade(empty_database)
    once = everything_in(empty_database)

    schema.downgrade(empty_database)
    schema.upgrade(empty_database)

    assert everything_in(empty_database) == once
    assert schema.differences(empty_database) == []


def test_migrating_what_is_current_changes_nothing(database: Database) -> None:
    before = everything_in(database)

    schema.upgrade(database)

    assert everything_in(database) == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_start_on_a_fresh_database_at_once_take_turns(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"empty_{kind}_url")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _MIGRATING, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], "\n".join(said)
    database = Database(url)
    assert schema.is_current(database)
    database.close()


def migrate(database: Database, step: str, revision: str) -> None:
    """Go up or down to a revision."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, step)(config, revision)


MOVE = (
    'INSERT INTO claim_move (id, claim_id, at, event, from_state, to_state, "by", why) '
    "VALUES ({id}, {claim}, '2026-03-31 12:00:00', '{event}', 'draft', 'sent', 'command:bill', 'nothing stops it')"
)
PAPER = (
    "INSERT INTO paper (id, kind, number, session_id, patient_id, issued_on, issued_at, total_cents, snapshot) "
    "VALUES ({id}, '{kind}', 1, {session}, {patient}, '2026-03-31', '2026-03-31 12:00:00', 12000, '{{}}')"
)


@dataclass
class Records:
    """A database with a session and its claim, to which statements are made by hand."""

    database: Database
    session: int
    patient: int
    claim: int

    def write(self, statement: str, **changes: object) -> None:
        names = {"session": self.session, "patient": self.patient, "claim": self.claim, **changes}
        with self.database.engine.begin() as connection:
            connection.exec_driver_sql(statement.format(**names))

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with self.database.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]


@pytest.fixture
def records_of_before(empty_database: Database) -> Records:
    schema.upgrade(empty_database)
    with empty_database.transaction() as db:
        session = set_scene(db).visit(db, date(2026, 3, 3))
        claim = Claim(
            control_number="MER0000001",
            session_id=session.id,
            responsibility=Responsibility.PRIMARY,
            state=ClaimState.SENT,
            total_cents=12000,
        )
        db.add(claim)
        db.flush()
        records = Records(empty_database, session.id, session.patient_id, claim.id)
    migrate(empty_database, "downgrade", "0002")
    return records


def test_history_and_papers_of_before_survive_the_answers_and_stay_frozen(records_of_before: Records) -> None:
    records = records_of_before
    records.write(MOVE, id=7, event="passed")
    records.write(PAPER, id=9, kind="invoice")

    migrate(records.database, "upgrade", "0003")

    assert records.ask("SELECT id, event FROM claim_move") == [(7, "passed")]
    assert records.ask("SELECT id, kind, session_id FROM paper") == [(9, "invoice", records.session)]
    for table in ("claim_move", "paper"):
        with pytest.raises(sa.exc.DatabaseError, match="only ever added"):
            records.write(f"DELETE FROM {table}")


def test_new_words_are_admitted_and_unknown_ones_still_refused(records_of_before: Records) -> None:
    records = records_of_before
    migrate(records.database, "upgrade", "0003")

    records.write(MOVE, id=7, event="reversed")
    records.write(PAPER, id=9, kind="receipt", session="NULL")

    with pytest.raises(sa.exc.IntegrityError, match="ck_claim_move_claimevent"):
        records.write(MOVE, id=8, event="eaten")
    with pytest.raises(sa.exc.IntegrityError, match="ck_paper_paperkind"):
        records.write(PAPER, id=10, kind="poem")


def test_going_back_before_the_answers_keeps_invoices_and_drops_statements(records_of_before: Records) -> None:
    records = records_of_before
    migrate(records.database, "upgrade", "0003")
    records.write(PAPER, id=9, kind="invoice")
    records.write(PAPER, id=10, kind="statement", session="NULL")

    migrate(records.database, "downgrade", "0002")

    assert records.ask("SELECT id FROM paper") == [(9,)]
    with pytest.raises(sa.exc.DatabaseError, match="only ever added"):
        records.write("DELETE FROM paper")


def test_migrations_are_numbered_in_sequence() -> None:
    names = sorted(file.name for file in (schema.MIGRATIONS / "versions").glob("*.py"))

    numbers = [int(name[:4]) for name in names]

    assert numbers == list(range(1, len(names) + 1))
    assert [name for name in names if not re.fullmatch(r"\d{4}_[a-z_0-9]+\.py", name)] == []


def test_the_newest_revision_is_the_one_that_migrations_lead_to() -> None:
    head = ScriptDirectory(str(schema.MIGRATIONS)).get_current_head()

    assert schema.newest_revision() == head


def test_benefits_of_before_keep_what_was_said_and_may_be_unknown_from_now_on(empty_database: Database) -> None:
    schema.upgrade(empty_database)
    with empty_database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.source = BenefitSource.PHONE
    migrate(empty_database, "downgrade", "0006")
    migrate(empty_database, "upgrade", "head")

    with empty_database.transaction() as db:
        kept = db.scalars(sa.select(Benefit)).one()
        assert (kept.covered, kept.source, kept.copay_cents) == (True, BenefitSource.PHONE, 25_00)
        assert (kept.shared_with, kept.copay_per, kept.copay_counts_to_out_of_pocket) == ([], CopayPer.VISIT, True)
        kept.covered, kept.source, kept.period = None, BenefitSource.ANSWER_271, BenefitPeriod.ROLLING_MONTHS
    with pytest.raises(sa.exc.IntegrityError, match="ck_benefit_benefitsource"), empty_database.engine.begin() as made:
        made.exec_driver_sql("UPDATE benefit SET source = 'rumour'")


def test_going_back_before_the_unknown_keeps_what_was_known(empty_database: Database) -> None:
    schema.upgrade(empty_database)
    with empty_database.transaction() as db:
        scene = set_scene(db)
        other = make_benefit(db, scene.patient, make_payer(db), covered=None)
        scene.benefit.source, scene.benefit.period = BenefitSource.ANSWER_271, BenefitPeriod.CALENDAR_MONTH
        assert other.covered is None
    migrate(empty_database, "downgrade", "0006")

    with empty_database.engine.connect() as asked:
        rows = asked.execute(sa.text("SELECT source, period FROM benefit")).all()
    assert [tuple(row) for row in rows] == [("portal", "calendar_year")]


def test_going_back_before_places_keeps_what_had_a_word_then_and_drops_the_rest(empty_database: Database) -> None:
    schema.upgrade(empty_database)
    with empty_database.transaction() as db:
        scene = set_scene(db)
        place = make_place(db)
        make_room(db, "Far", place)
        endless = make_credential(db, scene.practitioner, number="OPEN", valid_to=None)
        make_credential(db, scene.practitioner, number="CAQH", kind=CredentialKind.ATTESTATION)
        make_credential(db, scene.practitioner, number="LIMITED", status=CredentialStatus.RESTRICTED)
        make_credential(db, scene.practitioner, number="HERE", practitioner_id=None, kind=CredentialKind.PREMISES)
        make_enrolment(db, scene.practitioner, scene.payer, place_id=place.id)
        kept = {scene.licence.number, scene.malpractice.number, "LIMITED"}
        proven = {"OPEN": endless.id, "licence": scene.licence.id}
    records = Records(empty_database, 0, 0, 0)
    for number, credential_id in enumerate(proven.values(), start=1):
        write_document(records, "credential", credential_id, number)

    migrate(empty_database, "downgrade", "0005")

    assert {number for (number,) in records.ask("SELECT number FROM credential")} == kept
    assert records.ask("SELECT status FROM credential WHERE number = 'LIMITED'") == [("suspended",)]
    assert len(records.ask("SELECT id FROM enrolment")) == 1
    owners = set(records.ask("SELECT owner_kind, owner_id FROM document"))
    assert owners == {("withdrawn_credential", 1), ("credential", proven["licence"])}
    with pytest.raises(sa.exc.IntegrityError):
        records.write("UPDATE credential SET kind = 'premises'")

    migrate(empty_database, "upgrade", "head")
    assert schema.differences(empty_database) == []
    for unfit in ("kind = 'premises'", "practitioner_id = NULL", "form = 'verbal'", "status = 'mislaid'"):
        with pytest.raises(sa.exc.IntegrityError):
            records.write(f"UPDATE credential SET {unfit}")


def write_document(records: Records, owner: str, owner_id: int, number: int) -> None:
    """A kept document of that owner, which a run has handed out."""
    columns = "owner_kind, owner_id, kind, version, file_name, media_type, sha256, size, created_at, retain_until"
    kept = f"({number}, '{owner}', {owner_id}, 'any', 1, 'a.pdf', 'application/pdf', 'a{number}', 1"
    records.write(f"INSERT INTO document (id, {columns}) VALUES {kept}, '2026-03-31', '2036-03-31')")
    records.write(f"INSERT INTO handed_out (document_id, at) VALUES ({number}, '2026-03-31')")


def test_going_back_before_estimates_leaves_no_paper_to_be_taken_for_a_later_estimates(
    empty_database: Database,
) -> None:
    schema.upgrade(empty_database)
    records = Records(empty_database, 0, 0, 0)
    write_document(records, "estimate", 1, number=1)
    write_document(records, "paper", 1, number=2)

    migrate(empty_database, "downgrade", "0008")

    owners = set(records.ask("SELECT id, owner_kind, owner_id FROM document"))
    assert owners == {(1, "withdrawn_estimate", 1), (2, "paper", 1)}
    with pytest.raises(sa.exc.IntegrityError, match="only ever added"):
        records.write("UPDATE document SET owner_kind = 'paper'")
