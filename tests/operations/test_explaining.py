"""Why is it so? A claim, a charge and a balance can be walked back to the chart."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from billing.charges.models import Charge
from billing.database import Database
from billing.errors import NotFound
from billing.operations import explaining
from billing.sessions.models import BillTo, ClinicSession
from tests.claims.office import Office, open_office
from tests.factories import DAY, fresh, make_fee, make_payment, procedure, retained


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def claim_text(office: Office, name: str) -> list[str]:
    with office.database.reading() as db:
        return explaining.claim(db, name)


def balance_text(office: Office, name: str) -> list[str]:
    with office.database.reading() as db:
        return explaining.balance(db, name)


def charge_text(office: Office, name: str) -> list[str]:
    with office.database.reading() as db:
        return explaining.charge(db, name)


def charges_of(office: Office, session: ClinicSession) -> list[Charge]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(Charge).where(Charge.session_id == session.id).order_by(Charge.id)))


def test_a_filed_claim_is_walked_from_its_state_to_the_chart(office: Office) -> None:
    session = office.visit(sets=[fresh(15), retained(10), fresh(15)], procedures=[procedure("97140", "GP")])
    office.bill()
    number = office.claim(session).control_number

    lines = claim_text(office, number)

    assert lines[0].startswith(f"Claim {number}: sent, 210.00, to {office.scene.payer.name}")
    assert lines.index("History:") < lines.index("Charges:") < lines.index("Chart:")
    text = "\n".join(lines)
    assert "2026-03-31 13:00 draft -> ready (passed) by command:bill: nothing stops it" in text
    assert "ready -> sending (taken)" in text
    assert "sending -> sent (delivered)" in text
    assert "97810 x1 on 2026-03-03" in text
    assert f"Session {session.external_id} on 2026-03-03, signed." in text
    assert "Set 2: 10 minutes, needles retained." in text
    assert "Procedure: 97140 GP x1." in text
    assert "Diagnoses: M54.50." in text


def test_a_held_claim_says_what_holds_it_and_what_to_do(office: Office) -> None:
    session = office.visit(diagnoses=["M54.5"])
    office.bill()

    lines = claim_text(office, office.claim(session).control_number)

    (problem,) = [line for line in lines if "diagnosis.not_billable:" in line]
    assert problem.strip().startswith("BLOCK diagnosis.not_billable:")
    assert ": held, " in lines[0]
    assert "draft -> held (stopped) by command:bill: diagnosis.not_billable" in "\n".join(lines)


def test_a_claim_is_found_by_its_sessions_name_too(office: Office) -> None:
    session = office.visit()
    office.bill()

    assert claim_text(office, session.external_id or "") == claim_text(office, office.claim(session).control_number)


def test_a_claim_nobody_would_pay_says_that_there_is_no_policy(office: Office) -> None:
    office.edit(office.scene.policy, patient_id=office.scene.patient.id, effective_to=DAY - timedelta(days=1))
    session = office.visit()
    office.bill()

    lines = claim_text(office, session.external_id or "")

    assert "coverage.inactive" in "\n".join(lines)


def test_a_charge_is_units_times_the_fee_of_the_day(office: Office) -> None:
    session = office.visit(procedures=[procedure("97140", "GP", units=2)])
    office.bill()
    charge = charges_of(office, session)[-1]

    lines = charge_text(office, str(charge.id))

    assert "97140 GP x2 on 2026-03-03" in lines[0]
    assert "2 x 45.00" in lines[0]
    assert "= 90.00" in lines[0]
    number = office.claim(session).control_number
    assert any(f": line {number}L3 of claim {number} in the file " in line for line in lines)
    assert "Chart:" in lines


def test_a_reversed_charge_says_so(office: Office) -> None:
    session = office.visit(procedures=[procedure("97124")], bill_to=BillTo.INSURANCE, diagnoses=["M54.5"])
    office.write(lambda db: make_fee(db, "97124", 40_00))
    office.bill()
    first = charges_of(office, session)[-1]
    office.write(lambda db: make_fee(db, "97124", 44_00, effective_from=DAY))
    office.bill()

    assert "reversed" in charge_text(office, str(first.id))[0]
    assert "reversed" not in charge_text(office, str(charges_of(office, session)[-1].id))[0]


def test_a_balance_lists_every_movement_and_sums_to_it(office: Office) -> None:
    own = office.visit(bill_to=BillTo.SELF)
    insured = office.visit(DAY + timedelta(days=1))
    office.write(lambda db: make_payment(db, own, 50_00))
    office.bill()

    lines = balance_text(office, office.scene.patient.external_id or "")

    text = "\n".join(lines)
    assert lines[0] == "The patient owes 115.00."
    assert "Insurers are still to decide about 165.00; the patient does not owe it." in lines
    assert "-50.00" in text
    assert f"session {own.external_id} on {own.service_on}" in text
    assert f"session {insured.external_id} on {insured.service_on}" in text


def test_a_balance_is_found_by_our_own_number_too(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()

    by_own = balance_text(office, str(office.scene.patient.id))

    assert by_own == balance_text(office, office.scene.patient.external_id or "")


def test_a_patient_without_movements_owes_nothing(office: Office) -> None:
    assert balance_text(office, office.scene.patient.external_id or "")[0] == "The patient owes 0.00."


def test_what_does_not_exist_is_not_found(office: Office) -> None:
    for name in ("MER9999999", "S-none", "", "999999", "1 OR 1=1"):
        for explain in (claim_text, charge_text, balance_text):
            with pytest.raises(NotFound):
                explain(office, name)


def test_a_number_too_large_for_any_record_is_not_found(office: Office) -> None:
    for explain in (claim_text, charge_text, balance_text):
        with pytest.raises(NotFound):
            explain(office, "9" * 30)


def test_a_digit_that_is_no_number_is_not_found(office: Office) -> None:
    for name in ("\u00b2", "\u0663"):
        for explain in (charge_text, balance_text):
            with pytest.raises(NotFound):
                explain(office, name)


def test_no_explanation_of_a_claim_names_the_patient(office: Office) -> None:
    office.edit(office.scene.patient, last_name="Quetzalcoatl")
    session = office.visit()
    office.bill()

    assert "Quetzalcoatl" not in "\n".join(claim_text(office, session.external_id or ""))
