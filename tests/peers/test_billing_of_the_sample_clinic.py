"""The sample clinic bills to what its own description promises, session by session, on both databases."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from billing import clock
from billing.adapters.memory import MemoryClearinghouse, MemoryStore
from billing.charges.models import Charge, Fee
from billing.claims.content.snapshot import SNAPSHOT
from billing.claims.filing.preparing import FileSettings
from billing.claims.models import FiledVersion
from billing.database import Database
from billing.documents.keeping import note_handed_out
from billing.edi.claim_837p.claim import ProfessionalClaim, Receiver
from billing.edi.claim_837p.reader import read_837p
from billing.edi.envelope_writer import Usage
from billing.money import cents_from_text
from billing.operations import schema
from billing.operations.billing_report import summary
from billing.operations.billing_run import BillingRun, run_billing
from billing.operations.handing_out import files_to_tell_of, papers_to_hand_out
from billing.operations.importing.reading.folder import read_folder
from billing.sessions.models import ClinicSession
from tests.operations.importing.folders import bring, contents
from tests.peers.pyx12_check import pyx12_findings
from tests.servers import PostgresqlServer

CLINIC = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "clinic-a"
THROUGH = date(2026, 3, 31)
FILED_AT = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)
SETTINGS = FileSettings(Receiver("Example Clearinghouse", "EXAMPLE"), Usage.TEST)
SAME_TWICE = {"S225", "S226"}
TOO_MUCH_TIME = {"S245", "S246"}
_CASE = re.compile(r"^\| (S\d+) \| (A\d+) \| ([^|]+) \|", re.MULTILINE)
_COUNT = re.compile(r"^\| ([^|]+?) \| (\d+)(?: to (\d+))? \|$", re.MULTILINE)


@dataclass(frozen=True)
class Billed:
    """The sample clinic after its import and one billing run."""

    database: Database
    report: dict[str, Any]
    files: list[tuple[str, bytes]]

    @property
    def filed(self) -> dict[str, dict[str, Any]]:
        """What was filed, by session."""
        return {claim["sessions"][0]: claim for claim in self.report["claims"]["filed"]}

    @property
    def held(self) -> dict[str, list[str]]:
        """The rules that hold each held session."""
        return {
            claim["sessions"][0]: [one["rule"] for one in claim["problems"] if one["severity"] == "BLOCK"]
            for claim in self.report["claims"]["held"]
        }

    @property
    def outcomes(self) -> dict[str, list[str]]:
        """In which lists each session stands."""
        found: dict[str, list[str]] = {}
        for name, entries in (
            ("claim", self.report["claims"]["filed"]),
            ("held", self.report["claims"]["held"]),
            ("superbill", self.report["superbills"]),
            ("invoice", self.report["invoices"]),
        ):
            for entry in entries:
                for session in entry["sessions"]:
                    found.setdefault(session, []).append(name)
        for entry in self.report["unbilled"]:
            found.setdefault(entry["session"], []).append("unbilled")
        return found


def described() -> str:
    return (CLINIC / "README.md").read_text(encoding="utf-8")


def cases() -> dict[str, tuple[set[str], set[str]]]:
    """What the description expects of each session it names: in which lists it may stand, held by which rules."""
    return {
        session: ({"claim", "held", "unbilled", "none"} & set(re.findall(r"\w+", expected.split(":")[0])),
                  set(re.findall(r"`([^`]+)`", expected)))
        for session, _, expected in _CASE.findall(described())
    }  # fmt: skip


def counts() -> dict[str, range]:
    """How many sessions the description puts under each outcome."""
    return {outcome: range(int(least), int(most or least) + 1) for outcome, least, most in _COUNT.findall(described())}


def sessions_file() -> dict[str, dict[str, str]]:
    with (CLINIC / "sessions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: row for row in reversed(rows)}


def bill(database: Database) -> tuple[dict[str, Any], MemoryClearinghouse]:
    run, clearinghouse = BillingRun(THROUGH), MemoryClearinghouse()
    with clock.stopped_at(FILED_AT):
        run_billing(database, run, MemoryStore(), clearinghouse, SETTINGS)
    with database.reading() as db:
        report, papers = summary(db, run), papers_to_hand_out(db)
    with database.transaction() as db:
        note_handed_out(db, [*files_to_tell_of(db), *(paper.document_id for paper in papers)], FILED_AT)
    return report, clearinghouse


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def billed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Billed]:
    """Imported and billed once on each database; the tests only look."""
    if not CLINIC.is_dir():
        pytest.skip(f"the sample clinic's folder is missing: {CLINIC}")
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sample') / 'clinic.sqlite3'}"
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        with server.connect() as connection:
            connection.execute("CREATE DATABASE sample_clinic")
        url = server.url("sample_clinic")
    database = Database(url)
    schema.upgrade(database)
    bring(database, read_folder(CLINIC))
    report, clearinghouse = bill(database)
    yield Billed(database, report, clearinghouse.received)
    database.close()


def test_the_description_could_be_read(billed: Billed) -> None:
    assert len(cases()) == 48
    assert all(lists for lists, _ in cases().values())
    assert all(rules for lists, rules in cases().values() if "held" in lists)
    assert counts()["together"] == range(204, 205)


def test_every_session_the_description_names_ends_where_it_says(billed: Billed) -> None:
    found = {session: set(billed.outcomes.get(session, ["none"])) for session in cases()}

    assert {session: found[session] for session, (lists, _) in cases().items() if not found[session] <= lists} == {}


def test_every_held_session_is_held_for_the_reason_described_and_no_other(billed: Billed) -> None:
    for session, (_, rules) in cases().items():
        found = set(billed.held.get(session, []))
        assert found <= rules, session


def test_no_session_is_held_that_the_description_does_not_name(billed: Billed) -> None:
    assert set(billed.held) <= {session for session, (lists, _) in cases().items() if "held" in lists}


def test_of_two_sessions_that_duplicate_or_crowd_each_other_at_least_one_is_held(billed: Billed) -> None:
    assert SAME_TWICE & set(billed.held)
    assert TOO_MUCH_TIME & set(billed.held)


def test_the_counts_are_those_described(billed: Billed) -> None:
    found = Counter(name for names in billed.outcomes.values() for name in names)

    assert found["claim"] in counts()["filed in a claim"]
    assert found["held"] in counts()["held"]
    assert found["claim"] + found["held"] == 168
    assert found["superbill"] in counts()["on a superbill"]
    assert found["invoice"] in counts()["on an invoice"]
    assert found["unbilled"] in counts()["unbilled (arrived, note not signed)"]
    assert billed.report["sessions_signed"] == 185
    assert billed.report["sessions_billed"] == found["claim"] + found["superbill"] + found["invoice"]
    assert billed.report["failures"] == []


def test_every_signed_session_is_in_exactly_one_list_and_unsigned_ones_in_none(billed: Billed) -> None:
    with billed.database.reading() as db:
        states = dict(db.execute(sa.select(ClinicSession.external_id, ClinicSession.state)).all())

    signed = {session for session, state in states.items() if state == "signed"}
    arrived = {session for session, state in states.items() if state == "arrived"}
    assert [names for names in billed.outcomes.values() if len(names) != 1] == []
    assert set(billed.outcomes) == signed | arrived
    assert {session for session, names in billed.outcomes.items() if names == ["unbilled"]} == arrived


def test_each_kind_of_paper_goes_to_those_who_are_billed_that_way(billed: Billed) -> None:
    lists = {"insurance": {"claim", "held"}, "superbill": {"superbill"}, "self": {"invoice"}}

    asked = {session: row["bill_to"] for session, row in sessions_file().items()}
    misplaced = {
        session: names
        for session, names in billed.outcomes.items()
        if names != ["unbilled"] and not set(names) <= lists[asked[session]]
    }
    assert misplaced == {}


def test_totals_are_the_standard_fees_of_the_date_of_service(billed: Billed) -> None:
    totals: Counter[str] = Counter()
    with billed.database.reading() as db:
        fees = db.scalars(sa.select(Fee).where(Fee.payer_id.is_(None)).order_by(Fee.effective_from)).all()
        for charge, session in db.execute(
            sa.select(Charge, ClinicSession.external_id).join(ClinicSession, ClinicSession.id == Charge.session_id)
        ):
            in_effect = [one for one in fees if one.code == charge.code and one.effective_from <= charge.service_on]
            totals[session] += in_effect[-1].cents * charge.units

    entries = [*billed.report["claims"]["filed"], *billed.report["superbills"], *billed.report["invoices"]]
    told = {entry["sessions"][0]: cents_from_text(entry["total"]) for entry in entries}
    assert len(told) == billed.report["sessions_billed"]
    assert told == {session: totals[session] for session in told}


def test_the_fees_rise_on_the_first_of_march(billed: Billed) -> None:
    with billed.database.reading() as db:
        first_needles = db.scalars(sa.select(Charge).where(Charge.code == "97810")).all()

    winter = {one.cents for one in first_needles if date(2026, 1, 1) <= one.service_on < date(2026, 3, 1)}
    spring = {one.cents for one in first_needles if one.service_on >= date(2026, 3, 1)}
    assert (winter, spring) == ({95_00}, {98_00})


def test_pyx12_accepts_every_file(billed: Billed) -> None:
    assert billed.files
    for _, content in billed.files:
        assert pyx12_findings(content.decode("ascii")) == []


def test_every_file_reads_back_to_exactly_the_claims_that_were_frozen(billed: Billed) -> None:
    with billed.database.reading() as db:
        snapshots = db.scalars(sa.select(FiledVersion.snapshot)).all()

    frozen = {one.control_number: one for one in (SNAPSHOT.validate_python(each).claim for each in snapshots)}
    read: list[ProfessionalClaim] = []
    for _, content in billed.files:
        batches, findings = read_837p(content)
        read += [claim for batch in batches for claim in batch.claims]
        assert findings == []
    assert len(read) == len(frozen) == len(billed.filed)
    assert {claim.control_number: claim for claim in read} == frozen


def test_what_the_report_calls_a_file_was_delivered_under_that_name(billed: Billed) -> None:
    named = {claim["file"] for claim in billed.filed.values()}

    assert named == {f"claims/{name}" for name, _ in billed.files}
    for session, claim in billed.filed.items():
        content = dict(billed.files)[claim["file"].removeprefix("claims/")].decode("ascii")
        assert f"CLM*{claim['control_number']}*" in content, session


def test_a_file_is_plain_ascii_whatever_the_names(billed: Billed) -> None:
    for _, content in billed.files:
        assert all(32 <= byte < 127 or byte in b"\r\n" for byte in content)
        assert content.count(b"ISA*") == content.count(b"IEA*") == 1


def test_billing_twice_files_nothing_and_changes_nothing(database: Database) -> None:
    if not CLINIC.is_dir():
        pytest.skip(f"the sample clinic's folder is missing: {CLINIC}")
    bring(database, read_folder(CLINIC))
    first, _ = bill(database)
    before = contents(database)

    second, clearinghouse = bill(database)

    assert clearinghouse.received == []
    assert second["claims"]["filed"] == second["superbills"] == second["invoices"] == []
    assert second["claims"]["held"] == first["claims"]["held"]
    assert second["unbilled"] == first["unbilled"]
    assert second["billed_before"] == first["sessions_billed"]
    assert contents(database) == before
