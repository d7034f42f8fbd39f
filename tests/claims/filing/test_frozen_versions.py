"""What was filed stays as it was filed, whatever is edited afterwards."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.charges.models import Charge, Fee
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, FiledVersion
from billing.documents.keeping import document_of
from billing.errors import NotDelivered
from billing.sessions.models import Procedure, SessionDiagnosis
from tests.claims.office import Office
from tests.factories import DAY, make_payment, moment, procedure


def edit_everything(office: Office) -> None:
    """Change the patient, the policy, the payer, the practitioner, the clinic, every fee and the chart."""
    office.edit(office.scene.patient, last_name="Changed", address1="99 Other St", birth_date=date(1980, 1, 1))
    office.edit(office.scene.policy, member_id="OTHER", group_number="OTHER")
    office.edit(office.scene.payer, name="Other Payer", payer_number="OTHER")
    office.edit(office.scene.practitioner, last_name="Changed")
    office.edit(office.scene.clinic, name="Other Clinic", phone="503-555-0199")
    with office.database.transaction() as db:
        db.execute(sa.update(Fee).values(cents=1))
        db.execute(sa.update(SessionDiagnosis).values(code="M54.2"))
        db.execute(sa.update(Procedure).values(units=3))


def test_a_filed_version_never_changes_when_its_sources_are_edited(office: Office) -> None:
    session = office.visit(procedures=[procedure("97140", "GP")])
    office.bill()
    number = office.claim(session).control_number
    before, received = office.frozen(), office.received()

    edit_everything(office)
    report = office.bill()

    assert office.frozen() == before
    assert before[number].claim == received[number]
    assert report["claims"]["filed"] == []
    assert office.claim(session).total_cents == 210_00


def test_the_charges_of_a_filed_claim_are_not_made_anew(office: Office) -> None:
    office.visit()
    office.bill()

    edit_everything(office)
    office.bill()

    with office.database.reading() as db:
        charges = db.scalars(sa.select(Charge).order_by(Charge.id)).all()
    assert [(one.cents, one.reversed_at) for one in charges] == [(95_00, None), (70_00, None)]


def test_a_claim_that_waits_in_a_file_is_as_frozen_as_one_that_left(office: Office) -> None:
    session = office.visit()
    office.clearinghouse.failure = NotDelivered("the folder is full")
    office.bill()
    before = office.frozen()

    edit_everything(office)
    office.bill()

    assert office.frozen() == before
    assert office.claim(session).total_cents == 165_00
    assert office.claim(session).state is ClaimState.READY


def test_the_form_is_drawn_from_the_frozen_version_though_everything_was_edited(office: Office) -> None:
    session = office.visit()
    office.clearinghouse.failure = NotDelivered("the folder is full")
    office.bill()
    edit_everything(office)
    office.clearinghouse.failure = None
    office.bill()

    with office.database.reading() as db:
        kept = document_of(db, "claim", office.claim(session).id, "cms1500")
    drawn = office.store.get(kept.sha256)

    assert drawn.startswith(b"%PDF")
    assert kept.size == len(drawn)
    assert kept.file_name == f"{office.claim(session).control_number}.pdf"


def test_a_form_is_drawn_once(office: Office) -> None:
    office.visit()
    office.bill()
    kept = dict(office.store.contents)

    office.bill()

    assert office.store.contents == kept


def test_a_payment_taken_after_filing_is_not_on_the_filed_claim(office: Office) -> None:
    session = office.visit()
    office.bill()

    office.write(lambda db: make_payment(db, session, 25_00))
    office.bill()

    assert office.frozen()[office.claim(session).control_number].claim.patient_paid_cents == 0


def test_paper_facts_are_frozen_with_the_claim(office: Office) -> None:
    session = office.visit()
    office.bill()

    edit_everything(office)

    form = office.frozen()[office.claim(session).control_number].form
    assert (form.patient_phone, form.clinic_phone) == ("503-555-0101", "503-555-0100")
    assert form.signed_on == DAY


def test_the_day_of_signing_is_the_clinics_own_date(office: Office) -> None:
    session = office.visit(signed_at=moment(DAY, "22:30"))
    office.bill()

    form = office.frozen()[office.claim(session).control_number].form

    assert form.signed_on == DAY


@pytest.mark.parametrize("table", ["filed_version", "filed_line", "document"])
def test_the_database_itself_refuses_to_change_what_was_filed(office: Office, table: str) -> None:
    office.visit()
    office.bill()

    for statement in (f"UPDATE {table} SET claim_id = claim_id", f"DELETE FROM {table}"):
        changed = statement.replace("claim_id", "owner_id") if table == "document" else statement
        with pytest.raises(sa.exc.DBAPIError, match="only ever added"), office.database.transaction() as db:
            db.execute(sa.text(changed))


def test_each_filed_claim_has_one_version_with_its_total(office: Office) -> None:
    office.visit()
    office.visit(DAY + timedelta(days=1))
    office.bill()

    with office.database.reading() as db:
        versions = db.execute(
            sa.select(FiledVersion.version, FiledVersion.total_cents, Claim.total_cents).join(
                Claim, Claim.id == FiledVersion.claim_id
            )
        ).all()

    assert [tuple(one) for one in versions] == [(1, 165_00, 165_00), (1, 165_00, 165_00)]
