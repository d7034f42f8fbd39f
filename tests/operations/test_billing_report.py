"""The report of a billing run: each signed session in exactly one list, and everything that waits.

On SQLite alone: the sample clinic's whole report is compared on both.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from billing.database import Database
from billing.errors import NotDelivered, OutcomeUnknown
from billing.operations.billing_report import as_text
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.factories import DAY, procedure

OUT = Path("/somewhere/out")


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def one_of_each(office: Office) -> dict[str, str]:
    """A session for every list, by the list it belongs in."""
    pairs = {
        "filed": {},
        "held": {"diagnoses": ["M54.5"]},
        "superbill": {"bill_to": BillTo.SUPERBILL},
        "invoice": {"bill_to": BillTo.SELF},
        "stopped": {"bill_to": BillTo.SELF, "procedures": [procedure("97124")]},
        "arrived": {"state": SessionState.ARRIVED},
        "booked": {"state": SessionState.BOOKED},
        "no-show": {"state": SessionState.NO_SHOW},
        "cancelled": {"state": SessionState.CANCELLED},
    }
    sessions = {}
    for day, (name, changes) in enumerate(pairs.items()):
        session = office.visit(DAY + timedelta(days=day), **changes)
        sessions[name] = session.external_id or ""
    return sessions


def test_each_session_is_in_its_list_and_in_no_other(office: Office) -> None:
    sessions = one_of_each(office)

    report = office.bill()

    assert [one["sessions"] for one in report["claims"]["filed"]] == [[sessions["filed"]]]
    assert [one["sessions"] for one in report["claims"]["held"]] == [[sessions["held"]]]
    assert [one["sessions"] for one in report["superbills"]] == [[sessions["superbill"]]]
    assert [one["sessions"] for one in report["invoices"]] == [[sessions["invoice"]]]
    assert {one["session"]: one["why"] for one in report["unbilled"]} == {
        sessions["arrived"]: "note not signed", sessions["stopped"]: "fee.missing",
    }  # fmt: skip
    assert (report["sessions_signed"], report["sessions_billed"], report["billed_before"]) == (5, 3, 0)


def test_what_is_filed_says_which_claim_payer_total_and_file(office: Office) -> None:
    session = office.visit()

    (filed,) = office.bill()["claims"]["filed"]

    number = office.claim(session).control_number
    assert filed == {
        "claim": number, "sessions": [session.external_id], "payer": office.scene.payer.external_id,
        "total": "165.00", "control_number": number, "file": f"claims/{office.clearinghouse.received[0][0]}",
    }  # fmt: skip


def test_what_is_held_says_rule_weight_reason_and_remedy(office: Office) -> None:
    office.visit(diagnoses=["M54.5"])

    (held,) = office.bill()["claims"]["held"]

    assert held["payer"] == office.scene.payer.external_id
    assert [(one["rule"], one["severity"]) for one in held["problems"]] == [("diagnosis.not_billable", "BLOCK")]
    assert all(one["why"] and one["fix"] for one in held["problems"])


def test_the_report_can_be_written_as_json(office: Office) -> None:
    one_of_each(office)
    report = office.bill()

    assert json.loads(json.dumps(report)) == report


def test_a_session_without_an_old_id_is_called_by_its_own(office: Office) -> None:
    session = office.visit(external_id=None)

    assert office.bill()["claims"]["filed"][0]["sessions"] == [str(session.id)]


def test_a_second_run_counts_what_the_first_billed(office: Office) -> None:
    one_of_each(office)
    office.bill()
    office.visit(DAY + timedelta(days=20))

    report = office.bill()

    assert (report["sessions_signed"], report["sessions_billed"], report["billed_before"]) == (6, 1, 3)
    assert len(report["claims"]["filed"]) == 1
    assert len(report["claims"]["held"]) == 1


def test_what_may_not_have_arrived_is_in_a_list_of_its_own(office: Office) -> None:
    session = office.visit()
    office.clearinghouse.failure = OutcomeUnknown("the line went dead")

    report = office.bill()

    assert [one["sessions"] for one in report["claims"]["unknown"]] == [[session.external_id]]
    assert report["claims"]["filed"] == []
    assert report["failures"] == ["the line went dead"]


def test_a_failure_is_told_once_however_many_papers_it_stopped(office: Office) -> None:
    for day in range(3):
        office.visit(DAY + timedelta(days=day), bill_to=BillTo.SELF)
    office.store.failure = NotDelivered("the disk is full")

    assert office.bill()["failures"] == ["the disk is full"]


def test_a_paper_issued_but_not_drawn_is_reported_by_the_run_that_draws_it(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    office.store.failure = NotDelivered("the disk is full")
    first = office.bill()

    office.store.failure = None
    second = office.bill()

    assert first["invoices"] == []
    assert [one["sessions"] for one in second["invoices"]] == [[session.external_id]]


def test_sessions_after_the_day_are_in_no_list(office: Office) -> None:
    office.visit(DAY + timedelta(days=1))
    office.visit(DAY + timedelta(days=1), state=SessionState.ARRIVED)

    report = office.bill(DAY)

    assert report["sessions_signed"] == 0
    assert report["unbilled"] == report["claims"]["held"] == report["claims"]["filed"] == []


def test_the_text_for_people_says_the_same(office: Office) -> None:
    sessions = one_of_each(office)

    text = as_text(office.bill(), OUT)

    assert "5 signed sessions; 0 were billed before, 3 are billed now" in text
    assert f"session {sessions['held']}: diagnosis.not_billable: " in text
    assert f"session {sessions['arrived']}: note not signed" in text
    assert str(OUT / "superbills") in text


def test_the_text_says_what_failed_and_what_to_ask_the_clearinghouse(office: Office) -> None:
    office.visit()
    office.clearinghouse.failure = OutcomeUnknown("The line went dead.")

    text = as_text(office.bill(), OUT)

    assert "1 claims may or may not have arrived" in text
    assert "FAILED: The line went dead." in text


def test_no_report_names_a_patient(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False, last_name="Quetzalcoatl", address1="77 Nowhere Ln")
    one_of_each(office)

    report = office.bill()

    told = json.dumps(report) + as_text(report, OUT)
    assert "Quetzalcoatl" not in told
    assert "77 Nowhere" not in told
