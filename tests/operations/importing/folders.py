"""Import folders on stage: a small clinic whose every cell is good, for a test to spoil where it likes."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from billing.database import Base, Database
from billing.operations.importing.planning import Plan, plan
from billing.operations.importing.reading.folder import Parsed, read_folder
from billing.operations.importing.report import Refusal
from billing.operations.importing.writing import bring_in

AT = datetime(2026, 4, 1, 16, 0, tzinfo=UTC)
"""When tests import."""

GOOD: dict[str, dict[str, str]] = {
    "clinic.csv": {
        "name": "Still Water Acupuncture", "npi": "1548902174", "tax_id": "93-1234567", "tax_id_kind": "EIN",
        "address1": "1 SE Example St", "city": "Portland", "state": "OR", "zip": "97214-2318", "phone": "503-555-0100",
        "time_zone": "America/Los_Angeles", "currency": "USD", "submitter_id": "STILL01",
    },
    "practitioners.csv": {
        "id": "PR1", "first_name": "Ben", "last_name": "Quill", "credentials": "L.Ac.", "npi": "1637904156",
        "taxonomy": "171100000X", "email": "ben@clinic.example.org",
    },
    "payers.csv": {"id": "P1", "name": "Example Health", "payer_number": "EXAM1", "kind": "commercial", "state": "OR"},
    "patients.csv": {
        "id": "A1", "first_name": "Miri", "last_name": "Okoro", "birth_date": "1979-05-11", "sex": "F",
        "address1": "2 SE Example St", "city": "Portland", "state": "OR", "zip": "97214", "phone": "503-555-0101",
        "sms_consent": "yes", "email_consent": "no", "signature_on_file": "yes", "flags": "pacemaker;Pregnant",
    },
    "licences.csv": {
        "practitioner_id": "PR1", "kind": "licence", "issuer": "OR", "number": "AC-1", "valid_from": "2022-01-01",
        "valid_to": "2027-12-31", "status": "active",
    },
    "enrolments.csv": {
        "practitioner_id": "PR1", "payer_id": "P1", "network": "in", "effective_from": "2023-01-01",
        "effective_to": "",
    },
    "fees.csv": {"code": "97810", "amount": "95.00", "payer_id": "", "effective_from": "2025-01-01"},
    "policies.csv": {
        "patient_id": "A1", "payer_id": "P1", "rank": "1", "member_id": "EX1", "relationship": "child",
        "subscriber_first_name": "Karin", "subscriber_birth_date": "1950-02-17", "subscriber_sex": "F",
        "effective_from": "2023-01-01", "effective_to": "",
    },
    "benefits.csv": {
        "patient_id": "A1", "payer_id": "P1", "covered": "yes", "copay": "25.00", "coinsurance_percent": "12.5",
        "deductible_remaining": "0.00", "visits_allowed": "24", "visits_used_elsewhere": "2", "period": "plan_year",
        "authorisation_required": "no", "verified_on": "2026-01-20", "reference": "CALL-1",
    },
    "authorisations.csv": {
        "patient_id": "A1", "payer_id": "P1", "number": "AU-1", "valid_from": "2026-01-01", "valid_to": "2026-06-30",
        "visits": "12",
    },
    "sessions.csv": {
        "id": "S1", "patient_id": "A1", "practitioner_id": "PR1", "room": "Alder", "date": "2026-02-03",
        "start": "09:00", "minutes": "60", "status": "signed", "sets": "15 new @09:05;10 retained",
        "procedures": "97140 GP x2", "diagnoses": "M54.50;m62.830", "pain_score": "7", "bill_to": "insurance",
        "place_of_service": "11", "onset_on": "2026-01-10", "accident": "auto:OR", "claim_number": "CL-7",
        "modifiers": "KX", "supervising_id": "PR1", "referring_npi": "1555001233", "referring_name": "Dr. Lena Torvald",
        "paid": "25.00", "paid_by": "card",
    },
    "plans.csv": {
        "patient_id": "A1", "practitioner_id": "PR1", "starts_on": "2026-02-02", "diagnosis": "M54.50",
        "weekly_sessions": "6", "fortnightly_sessions": "4", "monthly_sessions": "",
    },
}  # fmt: skip


class Stage:
    """A folder in the making: rows to change, add and leave out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, list[dict[str, str]]] = {name: [dict(row)] for name, row in GOOD.items()}

    def change(self, file: str, **cells: str) -> Stage:
        """Change cells of the file's last row."""
        self.rows[file][-1].update(cells)
        return self

    def add(self, file: str, **cells: str) -> Stage:
        """Add a row that is like the good one except for these cells."""
        self.rows[file].append({**GOOD[file], **cells})
        return self

    def only(self, *files: str) -> Stage:
        """Leave out all other files."""
        self.rows = {name: rows for name, rows in self.rows.items() if name in files}
        return self

    def without(self, *files: str) -> Stage:
        """Leave these files out."""
        self.rows = {name: rows for name, rows in self.rows.items() if name not in files}
        return self

    def write(self) -> Path:
        """The folder, newly written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.csv"):
            old.unlink()
        for name, rows in self.rows.items():
            with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(dict.fromkeys(cell for row in rows for cell in row)))
                writer.writeheader()
                writer.writerows(rows)
        return self.folder

    def read(self) -> Parsed:
        """The folder, written and read."""
        return read_folder(self.write())


def bring(database: Database, parsed: Parsed, at: datetime = AT) -> Plan:
    """Import, as the command does."""
    with database.transaction() as db:
        return bring_in(db, parsed, at)


def check(database: Database, parsed: Parsed) -> Plan:
    """Look what an import would do, as ``--check`` does."""
    with database.reading() as db:
        return plan(db, parsed)


def refusals(parsed: Parsed) -> list[Refusal]:
    """What reading alone refused."""
    return [refusal for read in parsed.files.values() for refusal in read.refusals]


def places(refused: list[Refusal]) -> list[tuple[str, int, str, str]]:
    """File, line, id and column of each refusal."""
    return [(refusal.file, refusal.line, refusal.id, refusal.column) for refusal in refused]


def outcomes(made: Plan) -> dict[str, tuple[int, int, int]]:
    """New, updated and unchanged rows by file."""
    return {name: (one.counts.new, one.counts.updated, one.counts.unchanged) for name, one in made.files.items()}


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the audit trail, which grows with each import."""
    tables = [table for table in Base.metadata.sorted_tables if not table.name.startswith("audit_")]
    with database.reading() as db:
        return {table.name: sorted((tuple(row) for row in db.execute(sa.select(table))), key=repr) for table in tables}
