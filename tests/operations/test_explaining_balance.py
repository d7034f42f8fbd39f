"""Every cent of a balance or a statement is walked back to the signed note, and the steps add up."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.claims.models import Adjudication, ClaimFile
from billing.codes.adjustments import remark_label
from billing.database import Database
from billing.documents.models import ReceivedFile
from billing.errors import NotFound
from billing.invoices.models import Paper
from billing.invoices.statement_issuing import STATEMENT, issue_statements, patients_due
from billing.ledger.accounts import adjusted, money_received, owed_by_insurance, owed_by_patient
from billing.ledger.posting import Line, NewEntry, post
from billing.ledger.queries import balance
from billing.money import cents_from_text
from billing.operations import explaining
from billing.payments.allocating import allocate
from billing.payments.models import PaymentMethod, Refund
from billing.payments.taking import take_payment
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from tests.claims.office import Office, open_office
from tests.factories import DAY, make_fee, make_payment, procedure, written
from tests.invoices.payer_on_stage import at_noon, charges_of, decide, take_back

DECIDED, LATER = date(2026, 3, 20), date(2026, 4, 20)
ISSUED = date(2026, 4, 2)
ALLOWED = [("CO", "45", 25_00), ("PR", "1", 30_00), ("PR", "2", 14_00)]
"""Of 97810: 26.00 are paid, 44.00 are the patient's."""

_STEP = re.compile(r"(?P<sum>=?) +(?P<amount>-?\d+\.\d\d)  (?P<text>.+)")


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def explained(office: Office, name: str | None = None) -> list[str]:
    with office.database.reading() as db:
        return explaining.balance(db, name or str(office.scene.patient.id))


def told(office: Office, name: str | None = None) -> str:
    return "\n".join(explained(office, name))


def owed(office: Office) -> int:
    with office.database.reading() as db:
        return balance(db, owed_by_patient(office.scene.patient.id))


def results(lines: list[str]) -> dict[str, int]:
    """The sums that were printed, in cents, after adding each up from the steps before it."""
    found: dict[str, int] = {}
    running = 0
    for line in lines:
        match = _STEP.fullmatch(line)
        if match is None:
            if not line.startswith("  "):
                running = 0
        elif match["sum"]:
            assert running == cents_from_text(match["amount"]), line
            found[match["text"]] = running
        else:
            running += cents_from_text(match["amount"])
    return found


def received(office: Office) -> str:
    """The name of the one file that came from a payer."""
    with office.database.reading() as db:
        return db.scalars(sa.select(ReceivedFile.file_name)).one()


def left_of_charges(found: dict[str, int]) -> int:
    return sum(cents for text, cents in found.items() if text.startswith("left to pay of charge"))


def issue(office: Office, on: date = ISSUED) -> None:
    with office.database.transaction() as db:
        issue_statements(db, patients_due(db, on), on, at_noon(on))


def decided(
    office: Office, session: ClinicSession, parts: dict[int, list[tuple[str, str, int]]], on: date = DECIDED
) -> str:
    source: str = office.write(lambda db: decide(db, session, parts, on))
    return source


def test_an_insured_charge_is_walked_from_the_signed_note_to_the_cent(office: Office) -> None:
    session = office.visit()
    office.write(lambda db: make_payment(db, session, 20_00))
    office.bill()
    decided(office, session, {1: ALLOWED, 2: [("CO", "45", 20_00)]})

    lines = explained(office)

    name = office.scene.payer.name
    assert lines[0] == "The patient owes 24.00."
    walk = lines[lines.index(f"Session {session.external_id} on 2026-03-03, signed.") :]
    assert walk[1] == "  Note version 1, signed by Ben Quill, L.Ac. on 2026-03-03 at 18:00."
    first = walk.index(next(line for line in walk if line.startswith("Charge ")))
    assert "1 x 95.00 (standard fee since 2020-01-01) = 95.00" in walk[first]
    claim = office.claim(session).control_number
    assert [line.strip() for line in walk[first + 1 : first + 9]] == [
        "95.00  2026-03-03 charged",
        f"filed on 2026-03-31 with {name}: line {claim}L1 of claim {claim} in the file 20260331-000000001.837",
        f"2026-03-20 {name} decided on claim {claim}: claim 1 of payment 88001 in the file {received(office)}",
        f"-26.00  2026-03-20 paid by {name}, transfer 88001 of 2026-03-20",
        "-25.00  2026-03-20 CO-45 over fee schedule: nobody owes it",
        f"=      44.00  the patient's part: PR-1 deductible 30.00 + PR-2 coinsurance 14.00, as {name} decided on "
        "2026-03-20",
        f"-20.00  2026-03-03 payment 1 by card, taken with session {session.external_id} on 2026-03-03",
        "=      24.00  left to pay of charge 1",
    ]
    assert results(lines)["the patient owes"] == owed(office) == 24_00


def test_the_numbers_of_the_charges_add_up_to_the_balance(office: Office) -> None:
    own, insured, waiting = (office.visit(DAY + timedelta(days=day), procedures=[procedure("97140", "GP")],
                                          bill_to=to) for day, to in enumerate([BillTo.SELF, BillTo.INSURANCE,
                                                                                BillTo.INSURANCE]))  # fmt: skip
    for session in (own, insured, waiting):
        office.write(lambda db, session=session: make_payment(db, session, 25_00))
    office.bill()
    decided(office, insured, {1: ALLOWED, 2: [("PR", "3", 25_00)], 3: [("CO", "16", 45_00)]})

    found = results(explained(office))

    assert left_of_charges(found) - 25_00 == found["the patient owes"] == owed(office)
    assert len([text for text in found if text.startswith("left to pay of charge")]) == 9


def test_the_balance_is_first_told_by_what_is_left_of_each_charge(office: Office) -> None:
    own, insured = office.visit(bill_to=BillTo.SELF), office.visit(DAY + timedelta(days=1))
    office.write(lambda db: make_payment(db, own, 90_00))
    office.write(lambda db: make_payment(db, insured, 25_00))
    office.bill()

    lines = explained(office)

    waits = f"session {insured.external_id} on 2026-03-04, whose insurer is still to decide"
    assert lines[:7] == [
        "The patient owes 50.00.",
        "",
        "That is made up of:",
        f"        5.00  left to pay of charge 1 (session {own.external_id} on 2026-03-03)",
        f"       70.00  left to pay of charge 2 (session {own.external_id} on 2026-03-03)",
        f"      -25.00  kept for {waits}",
        "=      50.00  the patient owes",
    ]


def test_money_kept_for_a_session_that_is_not_billed_says_so(office: Office) -> None:
    session = office.visit(state=SessionState.BOOKED, signed_at=None)
    office.write(lambda db: make_payment(db, session, 25_00))

    lines = explained(office)

    assert f"kept for session {session.external_id} on 2026-03-03, which is not billed yet" in results(lines)


def test_of_several_payments_each_charge_names_the_one_that_pays_it(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    patient_id = office.scene.patient.id
    for cents, reference in ((100_00, "1042"), (80_00, "1043")):
        office.write(
            lambda db, cents=cents, reference=reference: take_payment(
                db, patient_id, cents, PaymentMethod.CHECK, LATER, reference, at=at_noon(LATER)
            )
        )

    lines = [line.strip() for line in explained(office)]

    first = lines.index("=      95.00  the patient's part")
    assert lines[first + 1] == "-95.00  2026-04-20 payment 1 by check, 1042"
    second = lines.index("=      70.00  the patient's part")
    assert lines[second + 1 : second + 3] == [
        "-5.00  2026-04-20 payment 1 by check, 1042",
        "-65.00  2026-04-20 payment 2 by check, 1043",
    ]


def test_money_that_went_to_its_own_session_is_told_there_and_not_again(office: Office) -> None:
    own, ahead = office.visit(bill_to=BillTo.SELF), office.visit(DAY + timedelta(days=1), bill_to=BillTo.SELF)
    office.write(lambda db: make_payment(db, own, 50_00))
    office.write(lambda db: make_payment(db, ahead, 200_00))
    office.bill()

    lines = explained(office)

    headings = [line for line in lines if line.startswith("Money taken with")]
    assert headings == [f"Money taken with session {ahead.external_id} on 2026-03-04:"]
    assert results(lines)["left of it"] == 0


def test_the_files_behind_the_money_are_named_with_their_hashes(office: Office) -> None:
    session = office.visit()
    office.bill()
    decided(office, session, {1: ALLOWED, 2: [("CO", "45", 20_00)]})

    lines = explained(office)

    with office.database.reading() as db:
        sent, received = db.scalars(sa.select(ClaimFile)).one(), db.scalars(sa.select(ReceivedFile)).one()
    assert lines[lines.index("Files, kept to the byte:") + 1 :] == [
        f"  {sent.name}, sent on 2026-03-31, SHA-256 {sent.sha256}",
        f"  {received.file_name}, received on 2026-03-20, SHA-256 {received.sha256}",
    ]


def test_a_refusal_names_the_claim_and_the_file_it_was_read_in(office: Office) -> None:
    session = office.visit()
    office.bill()
    decided(office, session, {1: [("CO", "50", 95_00)], 2: [("CO", "50", 70_00)]})

    lines = [line.strip() for line in explained(office)]

    claim, name = office.claim(session).control_number, office.scene.payer.name
    where = f"2026-03-20 {name} decided on claim {claim}: claim 1 of payment 88001 in the file {received(office)}"
    place = lines.index(where)
    assert lines[place - 1].startswith("filed on 2026-03-31 with ")
    assert lines[place + 1].startswith("2026-03-20 refused by ")


def test_what_insurers_hold_is_told_apart(office: Office) -> None:
    session = office.visit()
    office.bill()

    lines = explained(office)

    assert "Insurers are still to decide about 165.00; the patient does not owe it." in lines
    assert any("still to be decided by insurers: the patient does not owe it" in line for line in lines)
    assert results(lines)["the patient owes"] == 0
    assert f"       70.00  charge 2 (session {session.external_id} on 2026-03-03)" in lines


def test_a_refusal_says_what_it_means_and_what_to_do_first(office: Office) -> None:
    session = office.visit()
    office.bill()
    decided(office, session, {1: [("CO", "50", 95_00)], 2: [("CO", "50", 70_00)]})

    text = told(office)

    assert "refused by" in text
    assert "CO-50 not medically necessary, 95.00. It stays with the insurer" in text
    assert "What to do first:" in text
    assert results(explained(office))["the patient owes"] == 0


def test_remarks_of_a_refusal_are_told_in_words(office: Office) -> None:
    session = office.visit()
    office.bill()
    office.write(lambda db: decide(db, session, {1: [("CO", "16", 95_00)], 2: [("CO", "16", 70_00)]}, DECIDED,
                                   remarks=["MA130"]))  # fmt: skip

    assert f"The payer remarks: {remark_label('MA130')} (MA130)." in told(office)


def test_a_decision_that_was_taken_back_is_told_with_its_correction(office: Office) -> None:
    session = office.visit()
    office.bill()
    source = decided(office, session, {1: ALLOWED, 2: [("CO", "45", 20_00)]})
    office.write(lambda db: take_back(db, source, LATER))
    decided(office, session, {1: [("CO", "45", 25_00), ("PR", "2", 10_00)], 2: [("CO", "45", 20_00)]}, LATER)

    lines = explained(office)

    text = "\n".join(lines)
    assert "26.00  2026-04-20 taken back: paid by" in text
    assert "25.00  2026-04-20 taken back: CO-45 over fee schedule" in text
    assert text.index("2026-04-20 taken back: paid by") < text.index("2026-04-20 paid by")
    assert "the patient's part: PR-2 coinsurance 10.00" in text
    assert results(lines)["the patient owes"] == owed(office) == 10_00


def test_what_waits_for_a_second_payer_is_told_and_not_owed(office: Office) -> None:
    session = office.visit()
    office.bill()
    office.write(lambda db: decide(db, session, {1: ALLOWED}, DECIDED, patient_owes=False))

    lines = explained(office)

    text = "\n".join(lines)
    assert "leaves PR-1 deductible 30.00 + PR-2 coinsurance 14.00 to a further insurer, who is to decide first." in text
    assert results(lines)["the patient owes"] == 0


def test_a_payer_that_leaves_all_of_it_to_the_next_one_is_told_though_nothing_was_booked(office: Office) -> None:
    session = office.visit()
    office.bill()
    everything = {1: [("PR", "1", 95_00)], 2: [("PR", "1", 70_00)]}
    office.write(lambda db: decide(db, session, everything, DECIDED, patient_owes=False))
    issue(office)

    text = told(office)

    name = office.scene.payer.name
    assert f"2026-03-20 {name} pays nothing of it: PR-1 deductible 95.00" in text
    assert f"{name} leaves PR-1 deductible 95.00 to a further insurer, who is to decide first." in text
    with office.database.reading() as db:
        paper = STATEMENT.validate_python(db.scalars(sa.select(Paper)).one().snapshot)
    assert paper.lines[0].why == f"{name} has decided; your other insurance is still to decide."
    assert paper.total.cents == 0


def test_what_insurers_have_accounted_for_twice_is_not_told_as_waiting(office: Office) -> None:
    session = office.visit()
    office.bill()
    decided(office, session, {1: [], 2: [("CO", "45", 20_00)]})
    (first, _) = office.write(lambda db: charges_of(db, session))
    again = [Line(adjusted("contractual"), 30_00, f"charge:{first.id}")]
    again += [Line(owed_by_insurance(session.patient_id), -30_00, f"charge:{first.id}")]
    office.write(lambda db: post(db, [NewEntry("remittance:9:claim:1:line:1", LATER, "twice", again)], at_noon(LATER)))

    text = told(office)

    assert "Insurers have together accounted for 30.00 too much" in text
    assert "30.00  accounted for twice by insurers: one of them is to take its payment back" in text
    assert "still to decide" not in text


def test_a_refusal_that_came_after_a_statement_is_not_told_of_it(office: Office) -> None:
    session = office.visit()
    office.bill()
    decided(office, session, {1: [("CO", "50", 95_00)], 2: [("CO", "50", 70_00)]})
    office.write(lambda db: db.execute(sa.update(Adjudication).values(posted_at=at_noon(LATER))))
    own = office.visit(DAY + timedelta(days=1), bill_to=BillTo.SELF)
    office.bill()
    issue(office)

    statement, now = told(office, "ST-000001"), told(office)

    assert own.external_id is not None
    assert own.external_id in statement
    assert "refused by" not in statement
    assert "refused by" in now


def test_a_write_off_is_told_and_reasons_that_no_longer_add_up_are_not_given(office: Office) -> None:
    session = office.visit()
    office.bill()
    (first, _) = office.write(lambda db: charges_of(db, session))
    decided(office, session, {1: ALLOWED, 2: [("CO", "45", 20_00)]})
    patient, about = owed_by_patient(session.patient_id), f"charge:{first.id}"
    kindness = [Line(adjusted("other"), 4_00, about), Line(patient, -4_00, about)]
    office.write(
        lambda db: post(db, [NewEntry("writeoff:1", LATER, "Given up by the owner", kindness)], at_noon(LATER))
    )

    lines = explained(office)

    assert "      -4.00  2026-04-20 Given up by the owner: nobody owes it" in "\n".join(lines)
    assert "the patient's part" in [text for text in results(lines) if text == "the patient's part"]
    assert results(lines)["the patient owes"] == 40_00


def test_payments_refunds_and_what_is_unused_are_told(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    payment = office.write(lambda db: make_payment(db, session, 200_00, PaymentMethod.CHECK))
    office.bill()
    refund = office.write(
        lambda db: written(
            db,
            Refund(payment_id=payment.id, cents=10_00, method=PaymentMethod.CASH, refunded_on=LATER, reference=None,
                   why="paid too much"),
        )
    )  # fmt: skip
    about = f"session:{session.id}"
    back = [Line(owed_by_patient(session.patient_id), 10_00, about), Line(money_received("cash"), -10_00, about)]
    office.write(lambda db: post(db, [NewEntry(f"refund:{refund.id}", LATER, "Refund", back)], at_noon(LATER)))

    lines = explained(office)

    text = "\n".join(lines)
    assert f"-200.00  2026-03-03 payment {payment.id} by check" in text
    assert f"10.00  2026-04-20 refund {refund.id} by cash: paid too much" in text
    assert "25.00  put to the patient's credit" in text
    assert lines[:2] == ["The patient owes -25.00.", "Below zero: 25.00 of the patient's money is here."]
    assert results(lines)["the patient owes"] == owed(office) == -25_00


def test_allocations_in_the_books_change_no_explanation(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    office.write(lambda db: make_payment(db, session, 100_00))
    office.bill()
    before = explained(office)

    office.write(lambda db: allocate(db, [session.patient_id], at_noon(LATER)))

    assert explained(office) == before


def test_a_statement_is_explained_as_the_books_were_when_it_was_issued(office: Office) -> None:
    own, insured = office.visit(bill_to=BillTo.SELF), office.visit(DAY + timedelta(days=1))
    office.bill()
    issue(office)
    decided(office, insured, {1: ALLOWED, 2: [("CO", "45", 20_00)]}, LATER)
    late = office.visit(DAY, start="13:00", bill_to=BillTo.SELF)
    office.bill(at=at_noon(LATER))

    first = explained(office, "ST-000001")

    assert first[0] == "Statement ST-000001 of 2026-04-02: the patient owes 165.00."
    assert results(first)["the patient owes"] == 165_00
    assert f"Session {own.external_id} on 2026-03-03, signed." in first
    assert f"Session {late.external_id} on 2026-03-03, signed." not in first
    assert results(explained(office))["the patient owes"] == owed(office) == 374_00


@pytest.mark.parametrize("name", ["ST-000009", "ST-1", "st-000001", "ST-" + "9" * 30])
def test_a_statement_that_does_not_exist_is_not_found(office: Office, name: str) -> None:
    with pytest.raises(NotFound):
        explained(office, name)


def test_a_charge_is_walked_alone_as_well(office: Office) -> None:
    session = office.visit()
    office.bill()
    decided(office, session, {1: ALLOWED, 2: [("CO", "45", 20_00)]})
    (first, _) = office.write(lambda db: charges_of(db, session))

    with office.database.reading() as db:
        lines = explaining.charge(db, str(first.id))

    assert lines[1] == "What became of it:"
    assert results(lines) == {
        f"the patient's part: PR-1 deductible 30.00 + PR-2 coinsurance 14.00, as {office.scene.payer.name} decided on "
        "2026-03-20": 44_00,
        f"left to pay of charge {first.id}": 44_00,
    }
    assert "  Note version 1, signed by Ben Quill, L.Ac. on 2026-03-03 at 18:00." in lines


def test_a_charge_that_was_taken_back_comes_to_nothing(office: Office) -> None:
    office.visit(diagnoses=["M54.5"])
    office.bill()
    office.write(lambda db: make_fee(db, "97811", 75_00, effective_from=DAY))
    office.bill(at=at_noon(LATER))

    lines = explained(office)

    assert "-70.00  2026-03-31 taken back: charged" in [line.strip() for line in lines]
    assert results(lines)["left to pay of charge 2"] == 0
    assert "Insurers are still to decide about 170.00; the patient does not owe it." in lines


def test_no_explanation_of_a_balance_names_the_patient(office: Office) -> None:
    office.edit(office.scene.patient, last_name="Quetzalcoatl")
    session = office.visit()
    office.bill()
    decided(office, session, {1: ALLOWED})

    assert "Quetzalcoatl" not in told(office)
