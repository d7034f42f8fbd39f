"""What a claim on a later payer says, as the clearinghouse reads it out of the file.

On SQLite alone: that both databases make the same claims is told beside the stage itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from billing.claims.content.paper_form import cms1500_of
from billing.claims.filing.forms import KIND
from billing.coverage.models import Relationship
from billing.database import Database
from billing.documents.models import Document
from billing.edi.claim_837p import claim as edi
from billing.edi.claim_837p.checks import problems_837p
from billing.patients.models import Sex
from billing.payers.models import PayerKind
from billing.pdf.cms1500 import form as paper
from billing.sessions.models import AccidentKind, ClinicSession
from tests.claims.assembly.further_payers import (
    COPAY,
    DECIDED_ON,
    LATER,
    SECONDARY,
    TERTIARY,
    claim_of,
    decide,
    insure_also,
    secondary_of,
    sent,
)
from tests.claims.office import Office, open_office
from tests.factories import NOW, a_physician, make_payment, procedure

CONTRACTUAL, PATIENT, OTHER = (
    edi.AdjustmentGroup.CONTRACTUAL, edi.AdjustmentGroup.PATIENT, edi.AdjustmentGroup.OTHER,
)  # fmt: skip
SPOUSE: dict[str, Any] = {
    "relationship": Relationship.SPOUSE,
    "subscriber_first_name": "Karin",
    "subscriber_last_name": "Okoro",
    "subscriber_birth_date": date(1980, 2, 17),
    "subscriber_sex": Sex.F,
}


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def secondary(office: Office, session: ClinicSession, **decision: Any) -> edi.ProfessionalClaim:
    """Bill the visit, let the first payer leave a copay, and read what the second is sent."""
    office.bill()
    decide(office, session, COPAY, **decision)
    office.bill(LATER)
    return sent(office, secondary_of(office, session))


def test_it_asks_the_second_payer_in_its_turn_for_the_full_charges(office: Office) -> None:
    insure_also(office, member_id="SEC-77", group_number="G2")

    claim = secondary(office, office.visit())

    assert claim.subscriber.responsibility is edi.Responsibility.SECONDARY
    assert (claim.subscriber.member_id, claim.subscriber.group_number) == ("SEC-77", "G2")
    assert claim.total_cents == sum(line.charge_cents for line in claim.lines) == 165_00


def test_it_names_the_first_payer_with_what_it_paid_and_its_own_claim_number(office: Office) -> None:
    insure_also(office)

    claim = secondary(office, office.visit(), payer_claim_number="ICN-2026-55")

    (first,) = claim.other_payers
    assert first.payer.identifier == office.scene.payer.payer_number
    assert first.subscriber.member_id == office.scene.policy.member_id
    assert first.responsibility is edi.Responsibility.PRIMARY
    assert (first.paid_cents, first.payer_claim_number) == (115_00, "ICN-2026-55")
    assert (first.adjustments, first.adjudicated_on) == ((), None)


def test_each_line_says_what_the_first_payer_decided_about_it(office: Office) -> None:
    insure_also(office)

    claim = secondary(office, office.visit())

    payer = office.scene.payer.payer_number or ""
    assert [line.adjudications for line in claim.lines] == [
        (
            edi.LineAdjudication(
                payer, 55_00, "97810", 1, DECIDED_ON, (),
                (edi.Adjustment(CONTRACTUAL, "45", 15_00), edi.Adjustment(PATIENT, "3", 25_00)), 25_00,
            ),
        ),
        (
            edi.LineAdjudication(
                payer, 60_00, "97811", 1, DECIDED_ON, (), (edi.Adjustment(CONTRACTUAL, "45", 10_00),), 0
            ),
        ),
    ]  # fmt: skip


def test_modifiers_and_units_are_repeated_with_the_decision(office: Office) -> None:
    insure_also(office)

    claim = secondary(office, office.visit(procedures=[procedure("97140", "GP", units=2)], minutes=75))

    (decision,) = claim.lines[2].adjudications
    assert (decision.procedure, decision.modifiers, decision.units) == ("97140", ("GP",), 2)


def test_adjustments_of_nothing_are_not_repeated(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()

    decide(office, session, {1: [("CO", "45", 0), ("PR", "1", 95_00)], 2: [("PR", "1", 70_00)]})
    office.bill(LATER)

    claim = sent(office, secondary_of(office, session))
    assert claim.lines[0].adjudications[0].adjustments == (edi.Adjustment(PATIENT, "1", 95_00),)


def test_what_the_patient_paid_is_on_it_too(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.write(lambda db: make_payment(db, session, 25_00))

    assert secondary(office, session).patient_paid_cents == 25_00


def test_the_holder_of_the_second_policy_is_its_subscriber(office: Office) -> None:
    insure_also(office, **SPOUSE)

    claim = secondary(office, office.visit())

    assert claim.subscriber.name == edi.Person("OKORO", "KARIN")
    assert claim.patient is not None
    assert claim.patient.relationship is edi.Relationship.SPOUSE
    assert claim.other_payers[0].relationship is edi.Relationship.SELF
    assert claim.other_payers[0].subscriber.name == edi.Person("OKORO", "MIRI")


def test_of_two_decisions_about_a_charge_the_last_is_told(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, {1: [("CO", "16", 95_00)], 2: COPAY[2]})

    decide(office, session, COPAY, decided=1, decided_on=date(2026, 4, 9), posted_at=NOW + timedelta(days=7))
    office.bill(LATER)

    claim = sent(office, secondary_of(office, session))
    assert claim.other_payers[0].paid_cents == 115_00
    assert [line.adjudications[0].adjudicated_on for line in claim.lines] == [date(2026, 4, 9), DECIDED_ON]


def test_a_third_payer_is_told_what_both_before_it_decided(office: Office) -> None:
    second = insure_also(office)
    insure_also(office, rank=3, name="Third Health")
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)
    office.bill(LATER)

    decide(
        office, session, {1: [("OA", "23", 70_00), ("PR", "2", 5_00)], 2: [("OA", "23", 70_00)]}, SECONDARY,
        status_code="2", decided_on=date(2026, 5, 12),
    )  # fmt: skip
    office.bill(date(2026, 5, 31))

    found = claim_of(office, session, TERTIARY)
    assert found is not None
    claim = sent(office, found)
    assert claim.subscriber.responsibility is edi.Responsibility.TERTIARY
    assert [(one.responsibility.value, one.paid_cents) for one in claim.other_payers] == [("P", 115_00), ("S", 20_00)]
    of_second = claim.lines[0].adjudications[1]
    assert (of_second.payer_identifier, of_second.paid_cents) == (second.payer.payer_number, 20_00)
    assert of_second.adjustments == (edi.Adjustment(OTHER, "23", 70_00), edi.Adjustment(PATIENT, "2", 5_00))
    assert problems_837p(claim) == []


def test_a_third_policy_is_named_without_a_decision(office: Office) -> None:
    insure_also(office)
    insure_also(office, rank=3, name="Third Health")

    claim = secondary(office, office.visit())

    assert [(one.responsibility.value, one.paid_cents) for one in claim.other_payers] == [("P", 115_00), ("T", None)]


def test_the_health_plan_is_second_to_the_insurer_of_an_injury(office: Office) -> None:
    insure_also(office, kind=PayerKind.AUTO, name="Example Mutual")
    session = office.visit(
        accident=AccidentKind.AUTO, accident_state="OR", onset_on=date(2026, 2, 2), claim_number="AU-9"
    )

    claim = secondary(office, session)

    assert claim.payer.name == office.scene.payer.name.upper()
    assert [one.filing_indicator for one in claim.other_payers] == ["AM"]


@pytest.mark.parametrize(
    ("kind", "born_on", "reason"),
    [
        (PayerKind.COMMERCIAL, date(1961, 3, 3), "12"),
        (PayerKind.COMMERCIAL, date(1961, 3, 4), "43"),
        (PayerKind.WORKERS_COMP, date(1950, 1, 1), "15"),
        (PayerKind.AUTO, date(1950, 1, 1), "14"),
    ],
)
def test_medicare_is_told_why_it_is_second(
    sqlite_database: Database, kind: PayerKind, born_on: date, reason: str
) -> None:
    office = open_office(sqlite_database, kind=kind, practitioner=a_physician())
    office.edit(office.scene.patient, birth_date=born_on)
    insure_also(office, kind=PayerKind.MEDICARE)

    claim = secondary(office, office.visit())

    assert (claim.subscriber.filing_indicator, claim.subscriber.medicare_secondary_reason) == ("MB", reason)


def test_the_first_payer_is_told_why_medicare_will_be_second(office: Office) -> None:
    insure_also(office, kind=PayerKind.MEDICARE)
    session = office.visit()

    office.bill()

    (other,) = office.sent(session).other_payers
    assert (other.filing_indicator, other.responsibility.value) == ("MB", "S")
    assert other.medicare_secondary_reason == "43"


def test_medicare_that_has_paid_first_is_given_no_reason(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, kind=PayerKind.MEDICARE, practitioner=a_physician())
    insure_also(office)

    claim = secondary(office, office.visit())

    assert claim.other_payers[0].filing_indicator == "MB"
    assert claim.other_payers[0].medicare_secondary_reason == ""


def test_the_address_of_the_first_policys_holder_is_sent_with_the_name(office: Office) -> None:
    insure_also(office)
    address = {"subscriber_address1": "9 Quay", "subscriber_city": "Astoria", "subscriber_state": "OR"}
    office.edit(office.scene.policy, **SPOUSE, **address, subscriber_zip="97103")

    (first,) = secondary(office, office.visit()).other_payers

    assert first.subscriber.address == edi.Address(line1="9 QUAY", city="ASTORIA", state="OR", zip="97103")


@pytest.mark.parametrize("broken", [{"subscriber_zip": "971"}, {"subscriber_state": "Oregon"}])
def test_an_address_of_another_holder_that_is_not_whole_is_left_out(office: Office, broken: dict[str, str]) -> None:
    address = {"subscriber_address1": "9 Quay", "subscriber_city": "Astoria", "subscriber_state": "OR"}
    insure_also(office, **SPOUSE, **{**address, "subscriber_zip": "97103", **broken})
    session = office.visit()

    office.bill()

    (other,) = office.sent(session).other_payers
    assert (other.subscriber.name, other.subscriber.address) == (edi.Person("OKORO", "KARIN"), None)


def test_no_other_payer_is_told_why_it_is_second(office: Office) -> None:
    insure_also(office)

    assert secondary(office, office.visit()).subscriber.medicare_secondary_reason == ""


def test_our_own_rules_find_nothing_in_it(office: Office) -> None:
    insure_also(office, **SPOUSE)
    session = office.visit(procedures=[procedure("97140", "GP", units=2)], minutes=75)

    assert problems_837p(secondary(office, session)) == []


def test_its_form_shows_the_first_plan_and_counts_what_it_paid(office: Office) -> None:
    insure_also(office, member_id="SEC-77")
    session = office.visit()
    office.write(lambda db: make_payment(db, session, 25_00))
    claim = secondary(office, session)

    form = cms1500_of(office.frozen()[claim.control_number])

    assert (form.insured_id, form.another_plan) == ("SEC77", True)
    assert form.other_insured_plan == office.scene.payer.name.upper()
    assert (form.other_insured_name, form.other_insured_policy) == ("OKORO, MIRI", "GRP7")
    assert form.amount_paid == 115_00 + 25_00


def test_medicares_form_shows_who_holds_the_policy_that_pays_first(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, practitioner=a_physician())
    office.edit(office.scene.policy, **SPOUSE)
    insure_also(office, kind=PayerKind.MEDICARE, member_id="1EG4TE5MK73", group_number=None)
    claim = secondary(office, office.visit())

    form = cms1500_of(office.frozen()[claim.control_number])

    assert (form.insured_id, form.patient_name) == ("1EG4TE5MK73", "OKORO, MIRI")
    assert (form.insured_name, form.relationship) == ("OKORO, KARIN", paper.Relationship.SPOUSE)
    assert (form.insured_birth_date, form.insured_sex) == (date(1980, 2, 17), paper.Sex.FEMALE)
    assert (form.insured_group, form.insured_plan) == ("GRP7", office.scene.payer.name.upper())
    assert form.insured_address == replace(form.patient_address, phone="")
    assert (form.other_insured_name, form.other_insured_policy, form.other_insured_plan) == ("", "", "")
    assert (form.another_plan, form.amount_paid) == (None, 115_00)


def test_medicares_form_says_none_when_another_plan_pays_after_it(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, kind=PayerKind.MEDICARE, practitioner=a_physician())
    insure_also(office)
    session = office.visit()
    office.bill()

    form = cms1500_of(office.frozen()[office.claim(session).control_number])

    assert (form.insured_group, form.another_plan, form.other_insured_name) == ("NONE", None, "")


def test_its_form_is_drawn_like_any_other(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)

    office.bill(LATER)

    with office.database.reading() as db:
        drawn = db.scalars(sa.select(Document.file_name).where(Document.kind == KIND).order_by(Document.id)).all()
    assert drawn == [f"{claim.control_number}.pdf" for claim in office.claims()]
