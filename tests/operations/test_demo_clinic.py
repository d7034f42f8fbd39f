"""The built-in demo clinic goes in whole and bills to what it was made to show."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from billing import clock
from billing.adapters.memory import MemoryClearinghouse, MemoryStore
from billing.claims.filing.preparing import FileSettings
from billing.database import Database
from billing.edi.claim_837p.claim import Receiver
from billing.edi.envelope_writer import Usage
from billing.identifiers import is_npi
from billing.money import cents_from_text
from billing.operations.billing_report import summary
from billing.operations.billing_run import BillingRun, run_billing
from billing.operations.demo import CLINIC, THROUGH
from billing.operations.importing.reading.chart_text import needle_sets
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in

ROWS = {
    "clinic.csv": 1,
    "practitioners.csv": 5,
    "payers.csv": 7,
    "patients.csv": 42,
    "licences.csv": 18,
    "enrolments.csv": 31,
    "fees.csv": 75,
    "policies.csv": 38,
    "benefits.csv": 36,
    "authorisations.csv": 3,
    "sessions.csv": 202,
    "plans.csv": 40,
}
HELD = {
    "V060": "modifier.missing",
    "V087": "procedure.two_initial",
    "V101": "diagnosis.not_billable",
    "V104": "procedure.under_minimum_time",
    "V111": "coverage.inactive",
    "V113": "fee.missing",
    "V118": "subscriber.incomplete",
    "V123": "payer.incomplete",
    "V130": "coverage.limit_reached",
    "V134": "authorisation.used_up",
    "V139": "consent.missing",
    "V160": "licence.lapsed",
}
"""The teaching cases: each session, and the one rule that holds it."""
OPENS, CLOSES = time(9), time(18)
SUNDAY = 6

Row = dict[str, str]
Span = tuple[datetime, datetime]


def imported(database: Database) -> dict[str, Any]:
    parsed = read_folder(CLINIC)
    with database.transaction() as db:
        return bring_in(db, parsed, clock.now()).report()


def billed(database: Database) -> dict[str, Any]:
    imported(database)
    run = BillingRun(THROUGH)
    receiver = Receiver("Demo Clearinghouse", "DEMO")
    run_billing(database, run, MemoryStore(), MemoryClearinghouse(), FileSettings(receiver, Usage.TEST))
    with database.reading() as db:
        return summary(db, run)


def rows_of(name: str) -> list[Row]:
    with (CLINIC / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sessions_that_took_a_room() -> list[Row]:
    return [row for row in rows_of("sessions.csv") if row["status"] != "cancelled"]


def span_of(row: Row) -> Span:
    begin = datetime.fromisoformat(f"{row['date']}T{row['start']}")
    return begin, begin + timedelta(minutes=int(row["minutes"]))


def contact_of(row: Row) -> list[Span]:
    """The spans in which the practitioner is with the patient: the noted ones, or the whole session."""
    noted = [one for one in needle_sets(row["sets"]) if one.new_needles and one.at]
    if not noted:
        return [span_of(row)]
    begun = [(datetime.combine(span_of(row)[0].date(), one.at), one.minutes) for one in noted if one.at]
    return [(begin, begin + timedelta(minutes=minutes)) for begin, minutes in begun]


def overlapping(spans: Iterable[Span]) -> list[tuple[Span, Span]]:
    return [(one, other) for one, other in pairwise(sorted(spans)) if other[0] < one[1]]


def test_the_demo_clinic_imports_with_nothing_refused(database: Database) -> None:
    report = imported(database)

    assert report["refused"] == []
    assert report["ignored_columns"] == []
    assert {name: counts["new"] for name, counts in report["files"].items()} == ROWS


def test_importing_the_demo_clinic_again_changes_nothing(database: Database) -> None:
    imported(database)

    report = imported(database)

    assert {name: counts["unchanged"] for name, counts in report["files"].items()} == ROWS


def test_the_demo_clinic_bills_to_the_expected_counts(database: Database) -> None:
    report = billed(database)

    assert report["failures"] == []
    assert report["sessions_signed"] == 170
    assert report["sessions_billed"] == 158
    assert len(report["claims"]["filed"]) == 139
    assert sum(cents_from_text(claim["total"]) for claim in report["claims"]["filed"]) == 22_796_00
    assert len(report["superbills"]) == 9
    assert len(report["invoices"]) == 10
    assert max(cents_from_text(invoice["total"]) for invoice in report["invoices"]) == 955_85
    assert report["unbilled"] == [
        {"session": "V173", "why": "note not signed"},
        {"session": "V174", "why": "note not signed"},
    ]


def test_each_teaching_case_is_held_for_its_one_reason(database: Database) -> None:
    report = billed(database)

    held = {
        claim["sessions"][0]: [problem["rule"] for problem in claim["problems"]] for claim in report["claims"]["held"]
    }
    assert held == {session: [rule] for session, rule in HELD.items()}


def test_sessions_stand_in_order_of_time() -> None:
    times = [(row["date"], row["start"]) for row in rows_of("sessions.csv")]

    assert times == sorted(times)


def test_every_session_lies_within_opening_hours() -> None:
    spans = [span_of(row) for row in rows_of("sessions.csv")]

    outside = [
        begin for begin, end in spans if begin.weekday() == SUNDAY or begin.time() < OPENS or end.time() > CLOSES
    ]
    assert outside == []


@pytest.mark.parametrize("whose", ["room", "patient_id"])
def test_no_room_and_no_patient_has_two_sessions_at_once(whose: str) -> None:
    spans: dict[str, list[Span]] = defaultdict(list)

    for row in sessions_that_took_a_room():
        spans[row[whose]].append(span_of(row))

    assert len(spans) > 1
    assert {name: overlapping(taken) for name, taken in spans.items() if overlapping(taken)} == {}


def test_no_practitioner_is_with_two_patients_at_once() -> None:
    spans: dict[str, list[Span]] = defaultdict(list)

    for row in sessions_that_took_a_room():
        spans[row["practitioner_id"]] += contact_of(row)

    assert len(spans) == 5
    assert {name: overlapping(taken) for name, taken in spans.items() if overlapping(taken)} == {}


def test_nobody_in_the_demo_clinic_can_be_reached() -> None:
    people = [*rows_of("clinic.csv"), *rows_of("practitioners.csv"), *rows_of("patients.csv")]

    phones = [row["phone"] for row in people if row.get("phone")]
    addresses = [row["email"] for row in people if row["email"]]

    assert [phone for phone in phones if not phone.startswith("970-555-01")] == []
    assert [address for address in addresses if not address.endswith((".example", ".example.org"))] == []


def test_every_npi_is_well_formed_and_of_the_series_that_has_not_been_issued() -> None:
    npis = [row["npi"] for row in [*rows_of("clinic.csv"), *rows_of("practitioners.csv")]]
    npis += [row["referring_npi"] for row in rows_of("sessions.csv") if row["referring_npi"]]

    assert [npi for npi in npis if not is_npi(npi) or not npi.startswith("2")] == []
