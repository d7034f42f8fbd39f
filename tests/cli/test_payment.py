"""``meridian payment``: money is taken, given back, listed and receipted, each once, and the trail says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from billing.audit.models import AuditEntry
from billing.database import Database
from billing.ledger.accounts import owed_by_patient
from billing.ledger.queries import balance
from billing.payments.models import Payment
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.cli.conftest import Shell
from tests.factories import DAY, make_payment
from tests.operations.importing.folders import Stage
from tests.pdf.papers_on_stage import text_of

CARD = "3782 822463 10005"


@pytest.fixture
def shell(database: Database, tmp_path: Path) -> Shell:
    """A shell whose settings name either kind of database."""
    url = database.url.render_as_string(hide_password=False)
    data = tmp_path / "data"
    return Shell(data, database, {"MERIDIAN_DATA": str(data), "MERIDIAN_DATABASE_URL": url})


@pytest.fixture
def clinic(shell: Shell) -> Office:
    """A clinic whose patient owes 165.00 for one visit."""
    office = open_office(shell.database)
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    return office


def patient(clinic: Office) -> str:
    name = clinic.scene.patient.external_id
    assert name
    return name


def take(shell: Shell, clinic: Office, amount: str, *words: object) -> dict[str, Any]:
    return shell.ask("payment", "take", patient(clinic), amount, "--method", "card", "--on", "2026-04-01", *words)


def owed(clinic: Office) -> int:
    with clinic.database.reading() as db:
        return balance(db, owed_by_patient(clinic.scene.patient.id))


def trail(clinic: Office) -> list[tuple[str, str]]:
    """Who did what with payments."""
    with clinic.database.reading() as db:
        rows = db.scalars(sa.select(AuditEntry).where(AuditEntry.actor_id == "payment").order_by(AuditEntry.id))
        return [(one.action, one.subject_kind) for one in rows]


def test_a_payment_says_what_it_paid_for_and_what_is_left(shell: Shell, clinic: Office) -> None:
    told = take(shell, clinic, "170.00", "--reference", "Visa 4242")

    charged = [one for one in told["applied"] if one["to"] == "charge"]
    assert (told["payment"], told["patient"], told["amount"]) == (1, patient(clinic), "170.00")
    assert (told["method"], told["received_on"], told["reference"]) == ("card", "2026-04-01", "Visa 4242")
    assert [(one["amount"], one["service_on"]) for one in charged] == [("95.00", "2026-03-03"), ("70.00", "2026-03-03")]
    assert told["applied"][2:] == [{"to": "credit", "amount": "5.00"}]
    assert told["account"] == {"balance": "-5.00", "owed": "0.00", "credit": "5.00", "kept": "0.00"}
    assert (told["receipt"], told["repeated"]) == (None, False)
    assert owed(clinic) == -500
    assert trail(clinic) == [("payment taken", "payment")]


def test_the_charges_named_are_paid_first(shell: Shell, clinic: Office) -> None:
    second = shell.ask("payment", "list", patient(clinic))
    with clinic.database.reading() as db:
        charge_id = db.scalars(sa.text("SELECT id FROM charge ORDER BY position DESC")).first()

    told = take(shell, clinic, "50.00", "--charge", charge_id)

    assert second["payments"] == []
    assert [(one["charge"], one["amount"]) for one in told["applied"]] == [(charge_id, "50.00")]


def test_our_own_number_names_the_patient_too(shell: Shell, clinic: Office) -> None:
    told = shell.ask("payment", "take", clinic.scene.patient.id, "10", "--method", "cash")

    assert told["patient"] == patient(clinic)
    assert owed(clinic) == 15500


def test_the_same_key_is_booked_once(shell: Shell, clinic: Office) -> None:
    first = take(shell, clinic, "50.00", "--key", "till-1-0077")

    again = take(shell, clinic, "50.00", "--key", "till-1-0077")
    other = shell.run("payment", "take", patient(clinic), "60", "--method", "card", "--key", "till-1-0077")

    assert (first["repeated"], again["repeated"], again["payment"]) == (False, True, first["payment"])
    assert other.exit_code == 1
    assert "another payment" in other.stderr
    assert owed(clinic) == 11500
    assert trail(clinic) == [("payment taken", "payment")]


def test_without_a_key_the_same_command_is_another_payment(shell: Shell, clinic: Office) -> None:
    for _ in range(2):
        take(shell, clinic, "50.00")

    assert owed(clinic) == 6500


def test_a_receipt_is_left_in_the_folder_and_is_the_same_ever_after(shell: Shell, clinic: Office) -> None:
    told = take(shell, clinic, "170.00", "--reference", "Visa 4242", "--out", shell.out)
    file = shell.out / "receipts" / "RC-000001.pdf"
    first = file.read_bytes()
    take(shell, clinic, "20.00")

    again = shell.ask("payment", "receipt", told["payment"], "--out", shell.out)

    assert (told["receipt"], told["files"], told["failures"]) == ("RC-000001", ["receipts/RC-000001.pdf"], [])
    assert (again["receipt"], again["files"]) == ("RC-000001", ["receipts/RC-000001.pdf"])
    assert file.read_bytes() == first
    assert "Visa ending 4242" in text_of(first)
    assert "You have a credit of $5.00." in text_of(first)


def test_an_imported_payment_gets_a_receipt_as_well(shell: Shell, clinic: Office) -> None:
    visit = clinic.visit(DAY.replace(day=10), bill_to=BillTo.SELF)
    payment = clinic.write(lambda db: make_payment(db, visit, 2500))

    told = shell.ask("payment", "receipt", payment.id, "--out", shell.out)

    assert told["applied"] == [
        {"to": "kept", "session": visit.external_id, "service_on": "2026-03-10", "amount": "25.00"}
    ]
    assert told["files"] == ["receipts/RC-000001.pdf"]
    assert trail(clinic) == [("receipt written", "payment")]


def test_what_an_import_says_was_paid_pays_the_session_once_it_is_billed_and_has_a_receipt(
    shell: Shell, tmp_path: Path
) -> None:
    stage = Stage(tmp_path / "clinic").change(
        "sessions.csv", bill_to="self", paid="120.00", paid_by="check", procedures="", sets="15 new", accident="",
        claim_number="",
    )  # fmt: skip
    folder = stage.write()
    shell.ask("import", folder)
    (before,) = shell.ask("payment", "list", "A1")["payments"]
    shell.ask("bill", "--through", "2026-03-31", "--out", shell.out)
    shell.ask("import", folder)

    (after,) = shell.ask("payment", "list", "A1")["payments"]
    told = shell.ask("payment", "receipt", after["payment"], "--out", shell.out)

    assert [(part["to"], part["amount"]) for part in before["applied"]] == [("kept", "120.00")]
    assert [(part["to"], part["amount"]) for part in after["applied"]] == [("charge", "95.00"), ("credit", "25.00")]
    assert (after["method"], told["account"]["balance"], told["receipt"]) == ("check", "-25.00", "RC-000001")
    text = text_of((shell.out / "receipts" / "RC-000001.pdf").read_bytes())
    assert "Acupuncture, first 15 min (97810) Ben Quill $95.00 Credit on your account $25.00" in text


def test_credit_is_given_back_once_with_a_receipt_of_its_own(shell: Shell, clinic: Office) -> None:
    payment = take(shell, clinic, "170.00", "--out", shell.out)["payment"]
    words = ("payment", "refund", payment, "5.00", "--why", "paid too much", "--on", "2026-04-02", "--out", shell.out)

    told, again = shell.ask(*words), shell.ask(*words)
    receipts = shell.ask("payment", "receipt", payment, "--out", shell.out)

    assert (told["refund"], told["amount"], told["method"], told["why"]) == (1, "5.00", "card", "paid too much")
    assert (told["receipt"], told["files"]) == ("RC-000002", ["receipts/RC-000002.pdf"])
    assert (told["repeated"], again["repeated"]) == (False, True)
    assert told["account"]["balance"] == "0.00"
    assert receipts["files"] == ["receipts/RC-000001.pdf", "receipts/RC-000002.pdf"]
    assert "(receipt RC-000001)" in text_of((shell.out / "receipts" / "RC-000002.pdf").read_bytes())
    assert [action for action, _ in trail(clinic)] == ["payment taken", "payment refunded", "receipt written"]


def test_what_pays_for_a_service_is_not_given_back(shell: Shell, clinic: Office) -> None:
    payment = take(shell, clinic, "100.00")["payment"]

    refused = shell.run("payment", "refund", payment, "1.00", "--why", "changed my mind")

    assert refused.exit_code == 1
    assert "Nothing of payment 1 is free" in refused.stderr
    assert owed(clinic) == 6500


def test_a_list_tells_every_payment_with_its_refunds(shell: Shell, clinic: Office) -> None:
    payment = take(shell, clinic, "170.00")["payment"]
    shell.ask("payment", "refund", payment, "2.00", "--why", "too much", "--on", "2026-04-02")

    told = shell.ask("payment", "list", patient(clinic))

    assert told["patient"] == patient(clinic)
    assert told["account"] == {"balance": "-3.00", "owed": "0.00", "credit": "3.00", "kept": "0.00"}
    (one,) = told["payments"]
    assert (one["payment"], one["taken_back"]) == (payment, False)
    assert [(back["amount"], back["why"]) for back in one["refunds"]] == [("2.00", "too much")]
    assert [part["amount"] for part in one["applied"]] == ["95.00", "70.00", "3.00"]
    assert trail(clinic)[-1] == ("payments viewed", "patient")


def test_people_read_the_same_as_text_and_no_names(shell: Shell, clinic: Office) -> None:
    name = patient(clinic)
    taken = shell.run("payment", "take", name, "170", "--method", "check", "--reference", "1042", "--on", "2026-04-01")
    given = shell.run("payment", "refund", "1", "2", "--why", "too much", "--on", "2026-04-02")
    listed = shell.run("payment", "list", name)

    assert [one.exit_code for one in (taken, given, listed)] == [0, 0, 0]
    assert f"Payment 1: 170.00 from patient {name} by check (1042) on 2026-04-01." in taken.stdout
    assert "The patient owes 0.00; credit 5.00." in taken.stdout
    assert given.stdout.startswith("Refund 1: 2.00 by check on 2026-04-02: too much")
    assert "95.00  to charge 1, session" in listed.stdout
    for word in (clinic.scene.patient.first_name, clinic.scene.patient.last_name):
        assert word not in taken.output + given.output + listed.output


def test_a_whole_card_number_goes_nowhere(shell: Shell, clinic: Office) -> None:
    payment = take(shell, clinic, "170.00")["payment"]
    base = ("payment", "take", patient(clinic), "5", "--method")

    refused = [
        shell.run(*base, "card", "--reference", CARD),
        shell.run(*base, "other", "--reference", CARD),
        shell.run(*base, "cash", "--key", CARD),
        shell.run("payment", "refund", payment, "1", "--why", f"back to {CARD}"),
        shell.run("payment", "refund", payment, "1", "--why", "back", "--reference", CARD),
    ]

    assert [one.exit_code for one in refused] == [1] * 5
    assert all("822463" not in one.output for one in refused)
    assert owed(clinic) == -500


@pytest.mark.parametrize(
    "words",
    [
        ("take", "A1", "5,00", "--method", "cash"), ("take", "A1", "five", "--method", "cash"),
        ("take", "A1", "-5", "--method", "cash"), ("take", "A1", "5.005", "--method", "cash"),
        ("take", "A1", "5", "--method", "barter"), ("take", "A1", "5"), ("take", "A1"),
        ("take", "A1", "5", "--method", "cash", "--charge", "first"), ("refund", "x", "5", "--why", "y"),
        ("refund", "1", "5"), ("receipt", "1"), ("list",), ("take", "A1", "5", "--method", "cash", "--on", "today"),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell.run("payment", *words)

    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("take", "A1", "-5", "--method", "cash"), "-5 is below zero: write an amount like 165.00."),
        (("refund", "1", "-5.00", "--why", "y"), "-5.00 is below zero: write an amount like 165.00."),
        (("take", "A1", "5.005", "--method", "cash"), "no more than two decimals"),
        (("take", "A1", "5", "--method", "cash", "--charge", "-3"), "named by its number"),
        (("receipt", "x", "--out", "y"), "named by its number"),
    ],
)
def test_wrong_usage_says_what_is_right(shell: Shell, words: tuple[str, ...], why: str) -> None:
    result = shell.run("payment", *words)

    assert result.exit_code == 2
    assert why in result.stderr


def test_a_reason_may_begin_with_a_dash_and_a_figure(shell: Shell, clinic: Office) -> None:
    payment = take(shell, clinic, "170.00")["payment"]

    told = shell.ask("payment", "refund", payment, "5.00", "--why", "-5", "--on", "2026-04-02")

    assert told["why"] == "-5"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("take", "nobody", "5", "--method", "cash"), "There is no patient nobody."),
        (("take", "{patient}", "0", "--method", "cash"), "more than zero"),
        (("take", "{patient}", "9999999", "--method", "cash"), "surely mistyped"),
        (("take", "{patient}", "5", "--method", "cash", "--on", "2126-01-01"), "in the future"),
        (("take", "{patient}", "5", "--method", "cash", "--charge", "999"), "no charge 999"),
        (("refund", "999", "5", "--why", "x"), "no payment 999"),
        (("receipt", "999", "--out", "{out}"), "no payment 999"),
        (("list", "nobody"), "There is no patient nobody."),
    ],
)
def test_what_cannot_be_done_is_refused_with_1_in_text_and_json(
    shell: Shell, clinic: Office, words: tuple[str, ...], why: str
) -> None:
    said = [word.format(patient=patient(clinic), out=shell.out) for word in words]

    text, told = shell.run("payment", *said), shell.run("payment", *said, "--json")

    assert (text.exit_code, told.exit_code) == (1, 1)
    assert why in text.stderr
    assert why in json.loads(told.stdout)["error"]
    with clinic.database.reading() as db:
        assert db.scalars(sa.select(Payment)).all() == []


def test_a_folder_that_cannot_be_written_stops_the_payment_before_it_is_booked(shell: Shell, clinic: Office) -> None:
    shell.out.write_text("a file, not a folder")

    refused = shell.run("payment", "take", patient(clinic), "5", "--method", "cash", "--out", shell.out / "x")

    assert refused.exit_code == 1
    assert owed(clinic) == 16500
