"""An explanation's lines become branches and leaves, and nothing of it is lost."""

from __future__ import annotations

from datetime import date

import pytest

from billing.database import Database
from billing.errors import NotFound
from billing.invoices.models import Paper
from billing.invoices.statement_issuing import patient_statement
from billing.operations import explaining
from billing.operations.explaining_steps import remark, result, step
from billing.operations.explaining_tree import Branch, Kind, Leaf, tree
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.factories import make_patient, make_payment
from tests.invoices.payer_on_stage import at_noon, decide

ISSUED = date(2026, 4, 2)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def explained(office: Office, about: str = "", patient_id: int = 0) -> list[str]:
    with office.database.reading() as db:
        return explaining.of_patient(db, patient_id or office.scene.patient.id, about)


def texts(branches: list[Branch]) -> list[str]:
    """Every heading and leaf in order."""
    found = []
    for one in branches:
        found += [one.heading, *(leaf.text for leaf in one.leaves), *texts(one.branches)]
    return [text for text in found if text]


def test_amounts_sums_and_remarks_are_leaves_of_the_heading_above_them() -> None:
    lines = ["What became of it:", step(95_00, "charged"), remark("filed"), step(-1_234_00, "paid"), result(-5, "left")]

    assert tree(lines) == [
        Branch(
            "What became of it",
            [
                Leaf(Kind.STEP, "charged", 95_00),
                Leaf(Kind.REMARK, "filed"),
                Leaf(Kind.STEP, "paid", -1_234_00),
                Leaf(Kind.RESULT, "left", -5),
            ],
        )
    ]


def test_an_empty_line_ends_a_branch_and_later_headings_grow_from_the_first() -> None:
    lines = ["Session 1.", "  Note.", "Charge 1.", step(1, "charged"), "Charge 2.", "", "Files:", "  a.837"]

    assert tree(lines) == [
        Branch("Session 1.", [Leaf(Kind.REMARK, "Note.")],
               [Branch("Charge 1.", [Leaf(Kind.STEP, "charged", 1)]), Branch("Charge 2.")]),
        Branch("Files", [Leaf(Kind.REMARK, "a.837")]),
    ]  # fmt: skip


def test_a_sum_without_a_heading_stands_alone() -> None:
    assert tree(["", result(0, "the patient owes")]) == [Branch("", [Leaf(Kind.RESULT, "the patient owes", 0)])]


def test_nothing_of_a_balance_is_lost_in_its_tree(office: Office) -> None:
    insured = office.visit()
    office.visit(date(2026, 3, 10), bill_to=BillTo.SELF)
    office.write(lambda db: make_payment(db, insured, 20_00))
    office.bill()
    office.write(lambda db: decide(db, insured, {1: [("CO", "45", 25_00), ("PR", "3", 25_00)]}, date(2026, 3, 20)))

    lines = explained(office)

    said = "\n".join(lines)
    branches = tree(lines)
    assert len(texts(branches)) == len([line for line in lines if line])
    assert all(text in said for text in texts(branches))
    visits = [one for one in branches if one.heading.startswith("Session")]
    assert [len(one.branches) for one in visits] == [2, 2]


def test_a_charge_a_claim_and_a_statement_of_the_patient_are_explained_by_our_own_numbers(office: Office) -> None:
    session = office.visit()
    office.bill()
    claim = office.claim(session)
    paper: Paper = office.write(lambda db: patient_statement(db, office.scene.patient.id, ISSUED, at_noon(ISSUED)))

    assert explained(office, "charge:1")[0].startswith("Charge 1: 97810")
    assert explained(office, f"claim:{claim.id}")[0].startswith(f"Claim {claim.control_number}")
    assert explained(office, f"paper:{paper.id}")[0] == "Statement ST-000001 of 2026-04-02: the patient owes 0.00."


@pytest.mark.parametrize("about", ["charge:1", "claim:1", "paper:1", "charge:99", "charge:", "charge:x", "cheese:1"])
def test_what_is_not_of_the_patient_is_not_explained(office: Office, about: str) -> None:
    office.visit()
    office.bill()
    office.write(lambda db: patient_statement(db, office.scene.patient.id, ISSUED, at_noon(ISSUED)))
    other = office.write(lambda db: make_patient(db).id)

    with pytest.raises(NotFound):
        explained(office, about, other)


def test_a_patient_is_never_taken_for_one_whom_the_old_system_gave_that_number(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    office.write(lambda db: make_patient(db, external_id=str(office.scene.patient.id)))

    assert explained(office)[0] == "The patient owes 165.00."


def test_there_is_nothing_to_explain_of_nobody(office: Office) -> None:
    with pytest.raises(NotFound):
        explained(office, patient_id=999)


def test_a_charge_belongs_to_whoever_was_charged(office: Office) -> None:
    office.visit()
    office.bill()

    with office.database.reading() as db:
        assert explaining.owner_of_charge(db, 1) == office.scene.patient.id
        with pytest.raises(NotFound):
            explaining.owner_of_charge(db, 99)
