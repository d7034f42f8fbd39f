"""What a filed claim says, as the clearinghouse reads it out of the file.

On SQLite alone: that both databases give the same files is told by the sample clinic, claim by claim.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.claims.content.paper_form import cms1500_of
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, FiledLine
from billing.clinic.models import PlaceOfWork, TaxIdKind
from billing.coverage.models import Relationship as PolicyRelationship
from billing.database import Database
from billing.edi.claim_837p import claim as edi
from billing.patients.models import Sex
from billing.payers.models import PayerKind
from billing.sessions.models import AccidentKind
from tests.claims.office import Office, open_office
from tests.factories import (
    DAY,
    a_physician,
    an_npi,
    fresh,
    make_authorisation,
    make_credential,
    make_enrolment,
    make_fee,
    make_payer,
    make_payment,
    make_physician,
    make_place,
    make_policy,
    make_room,
    procedure,
)

PARENT = {
    "relationship": PolicyRelationship.CHILD,
    "subscriber_first_name": "Karin",
    "subscriber_last_name": "Okoro",
    "subscriber_birth_date": date(1950, 2, 17),
    "subscriber_sex": Sex.F,
}


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def test_a_patient_who_holds_the_policy_is_the_subscriber(office: Office) -> None:
    session = office.visit()

    office.bill()

    claim = office.sent(session)
    assert claim.patient is None
    assert claim.subscriber.name == edi.Person("OKORO", "MIRI")
    assert (claim.subscriber.birth_date, claim.subscriber.sex) == (date(1979, 5, 11), edi.Sex.FEMALE)
    assert claim.subscriber.address == edi.Address("2 SE EXAMPLE ST", "PORTLAND", "OR", "972141200")
    assert claim.subscriber.member_id == office.scene.policy.member_id
    assert claim.subscriber.responsibility is edi.Responsibility.PRIMARY


def test_a_dependent_is_the_patient_and_the_parent_the_subscriber(office: Office) -> None:
    office.edit(office.scene.policy, **PARENT)
    session = office.visit()

    office.bill()

    claim = office.sent(session)
    assert claim.subscriber.name == edi.Person("OKORO", "KARIN")
    assert claim.patient is not None
    assert claim.patient.name == edi.Person("OKORO", "MIRI")
    assert claim.patient.relationship is edi.Relationship.CHILD


@pytest.mark.parametrize("known", [True, False])
def test_a_subscribers_own_address_is_sent_when_all_of_it_is_known(office: Office, known: bool) -> None:
    zip_code = "97301" if known else None
    own = {"subscriber_address1": "9 Elm Rd", "subscriber_city": "Salem", "subscriber_state": "OR"}
    office.edit(office.scene.policy, **PARENT, **own, subscriber_zip=zip_code)
    session = office.visit()

    office.bill()

    frozen = office.frozen()[office.claim(session).control_number].claim
    assert frozen.subscriber.address is not None
    assert frozen.subscriber.address.city == ("SALEM" if known else "PORTLAND")


def test_lines_carry_the_charges_their_modifiers_units_and_line_numbers(office: Office) -> None:
    session = office.visit(
        sets=[fresh(15), fresh(15), fresh(15)],
        procedures=[procedure("97140", "GP", units=2)],
        minutes=75,
        diagnoses=["M54.50", "M54.2"],
    )

    office.bill()

    claim = office.sent(session)
    assert [(line.procedure, line.modifiers, line.units, line.charge_cents) for line in claim.lines] == [
        ("97810", (), 1, 95_00),
        ("97811", (), 2, 140_00),
        ("97140", ("GP",), 2, 90_00),
    ]
    assert [line.control_number for line in claim.lines] == [f"{claim.control_number}L{n}" for n in (1, 2, 3)]
    assert {line.service_on for line in claim.lines} == {DAY}
    assert {line.pointers for line in claim.lines} == {(1, 2)}
    assert claim.total_cents == 325_00


def test_each_line_number_leads_back_to_its_charge(office: Office) -> None:
    session = office.visit()
    office.bill()

    with office.database.reading() as db:
        kept = {line.control_number: line.charge_id for line in db.scalars(sa.select(FiledLine))}

    assert {line.control_number for line in office.sent(session).lines} == set(kept)
    assert len(set(kept.values())) == 2


def test_diagnoses_go_without_dots_and_a_line_points_to_the_first_four(office: Office) -> None:
    session = office.visit(diagnoses=["M54.50", "M54.2", "M25.511", "G43.909", "R51.9"])

    office.bill()

    claim = office.sent(session)
    assert claim.diagnoses == ("M5450", "M542", "M25511", "G43909", "R519")
    assert {line.pointers for line in claim.lines} == {(1, 2, 3, 4)}


def test_what_the_patient_paid_with_the_visit_is_on_the_claim(office: Office) -> None:
    session = office.visit()
    office.write(lambda db: make_payment(db, session, 25_00))

    office.bill()

    assert office.sent(session).patient_paid_cents == 25_00


def test_onset_is_sent_for_an_illness(office: Office) -> None:
    session = office.visit(onset_on=date(2026, 1, 10))

    office.bill()

    claim = office.sent(session)
    assert (claim.onset_on, claim.accident_on, claim.related_causes) == (date(2026, 1, 10), None, ())


def test_a_work_injury_names_its_cause_its_day_and_the_insurers_claim_number(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, kind=PayerKind.WORKERS_COMP)
    session = office.visit(accident=AccidentKind.WORK, onset_on=date(2026, 2, 2), claim_number="wc-2026-7")

    office.bill()

    claim = office.sent(session)
    assert claim.subscriber.filing_indicator == "WC"
    assert claim.related_causes == (edi.RelatedCause.EMPLOYMENT,)
    assert (claim.accident_on, claim.onset_on) == (date(2026, 2, 2), None)
    assert claim.property_casualty_number == "WC-2026-7"


def test_an_auto_accident_names_its_state(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, kind=PayerKind.AUTO)
    session = office.visit(
        accident=AccidentKind.AUTO, accident_state="WA", onset_on=date(2026, 2, 2), claim_number="AU-9"
    )

    office.bill()

    claim = office.sent(session)
    assert claim.subscriber.filing_indicator == "AM"
    assert (claim.related_causes, claim.accident_state) == ((edi.RelatedCause.AUTO_ACCIDENT,), "WA")
    assert (claim.accident_on, claim.property_casualty_number) == (date(2026, 2, 2), "AU-9")


def test_the_insurer_of_an_injury_is_billed_before_the_health_plan(office: Office) -> None:
    with office.database.transaction() as db:
        insurer = make_payer(db, kind=PayerKind.WORKERS_COMP, name="Example Mutual")
        make_enrolment(db, office.scene.practitioner, insurer)
        make_policy(db, office.scene.patient, insurer, rank=2)
    injury = office.visit(accident=AccidentKind.WORK, onset_on=date(2026, 2, 2), claim_number="WC-7")
    illness = office.visit(DAY + timedelta(days=1))

    office.bill()

    assert office.sent(injury).payer.name == "EXAMPLE MUTUAL"
    assert office.sent(illness).payer.name == office.scene.payer.name.upper()


def test_further_coverage_is_named_and_its_turn_told(office: Office) -> None:
    with office.database.transaction() as db:
        second = make_payer(db, name="Second Health", kind=PayerKind.MEDICAID)
        make_policy(db, office.scene.patient, second, rank=2, member_id="SEC-1", group_number="G2")
    session = office.visit()

    office.bill()

    claim = office.sent(session)
    (other,) = claim.other_payers
    assert claim.subscriber.responsibility is edi.Responsibility.PRIMARY
    assert (other.payer.name, other.payer.identifier) == ("SECOND HEALTH", second.payer_number)
    assert (other.responsibility, other.filing_indicator) == (edi.Responsibility.SECONDARY, "MC")
    assert (other.subscriber.name, other.subscriber.member_id) == (edi.Person("OKORO", "MIRI"), "SEC-1")
    assert other.paid_cents is None


def test_further_coverage_through_a_spouse_names_the_spouse(office: Office) -> None:
    spouse = {**PARENT, "relationship": PolicyRelationship.SPOUSE, "subscriber_first_name": "Emil"}
    with office.database.transaction() as db:
        second = make_payer(db)
        make_policy(db, office.scene.patient, second, rank=2, **spouse)
    session = office.visit()

    office.bill()

    (other,) = office.sent(session).other_payers
    assert other.relationship is edi.Relationship.SPOUSE
    assert other.subscriber.name == edi.Person("OKORO", "EMIL")


def test_coverage_that_has_ended_is_not_named(office: Office) -> None:
    with office.database.transaction() as db:
        second = make_payer(db)
        make_policy(db, office.scene.patient, second, rank=2, effective_to=DAY - timedelta(days=1))
    session = office.visit()

    office.bill()

    assert office.sent(session).other_payers == ()


def test_at_medicare_the_supervising_physician_renders(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, kind=PayerKind.MEDICARE)
    with office.database.transaction() as db:
        physician = make_physician(db)
        make_enrolment(db, physician, office.scene.payer)
        make_credential(db, physician)
    session = office.visit(supervising_id=physician.id)

    office.bill()

    claim = office.sent(session)
    assert claim.subscriber.filing_indicator == "MB"
    assert claim.rendering is not None
    assert (claim.rendering.name, claim.rendering.npi) == (edi.Person("MOREAU", "IDA"), physician.npi)
    assert claim.supervising is None


def test_elsewhere_a_supervisor_is_named_as_such(office: Office) -> None:
    physician = office.write(make_physician)
    session = office.visit(supervising_id=physician.id)

    office.bill()

    claim = office.sent(session)
    assert claim.rendering is not None
    assert claim.rendering.npi == office.scene.practitioner.npi
    assert claim.supervising is not None
    assert (claim.supervising.name, claim.supervising.npi) == (edi.Person("MOREAU", "IDA"), physician.npi)


def test_medicare_modifiers_stand_on_the_acupuncture_lines_alone(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, kind=PayerKind.MEDICARE, practitioner=a_physician())
    session = office.visit(procedures=[procedure("97140", "GP")], acupuncture_modifiers=["KX"])

    office.bill()

    told = {line.procedure: line.modifiers for line in office.sent(session).lines}
    assert told == {"97810": ("KX",), "97811": ("KX",), "97140": ("GP",)}


def test_who_treats_under_the_clinics_own_number_is_not_named_again(office: Office) -> None:
    office.edit(office.scene.practitioner, npi=office.scene.clinic.npi)
    session = office.visit()

    office.bill()

    assert office.sent(session).rendering is None


def test_a_clinic_that_is_a_person_bills_under_a_social_security_number(office: Office) -> None:
    office.edit(office.scene.clinic, tax_id="900-00-0002", tax_id_kind=TaxIdKind.SSN)
    session = office.visit()

    office.bill()

    billing = office.sent(session).billing_provider
    assert (billing.tax_id, billing.tax_id_kind) == ("900000002", edi.TaxIdKind.SOCIAL_SECURITY)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Dr. Lena Torvald", edi.Person("TORVALD", "LENA")),
        ("Lena Torvald, M.D.", edi.Person("TORVALD", "LENA")),
        ("Lena Maria Torvald, ND, LAc", edi.Person("TORVALD", "LENA MARIA")),
        ("Torvald", edi.Person("TORVALD", "")),
    ],
)
def test_a_referring_providers_name_is_taken_apart(office: Office, written: str, name: edi.Person) -> None:
    session = office.visit(referring_name=written, referring_npi=an_npi(7))

    office.bill()

    referring = office.sent(session).referring
    assert referring is not None
    assert (referring.name, referring.npi) == (name, an_npi(7))


def test_an_authorisation_that_covers_the_day_is_quoted(office: Office) -> None:
    with office.database.transaction() as db:
        make_authorisation(db, office.scene.patient, office.scene.payer, number="auth 77")
    session = office.visit()

    office.bill()

    assert office.sent(session).prior_authorisation == "AUTH 77"


@pytest.mark.parametrize(
    ("kind", "indicator"), [(PayerKind.COMMERCIAL, "CI"), (PayerKind.MEDICAID, "MC"), (PayerKind.VA, "VA")]
)
def test_the_filing_indicator_tells_the_line_of_insurance(
    sqlite_database: Database, kind: PayerKind, indicator: str
) -> None:
    office = open_office(sqlite_database, kind=kind)
    with office.database.transaction() as db:
        make_authorisation(db, office.scene.patient, office.scene.payer)
    session = office.visit()

    office.bill()

    assert office.sent(session).subscriber.filing_indicator == indicator


@pytest.mark.parametrize(
    ("first", "last", "sent"),
    [
        ("Zoë", "Peña-García", edi.Person("PENA-GARCIA", "ZOE")),
        ("Søren", "Ærøskøbing", edi.Person("AEROSKOBING", "SOREN")),
        ("Siobhan", "O\u2019Neill", edi.Person("O'NEILL", "SIOBHAN")),
        ("  Łukasz ", "von  Groß", edi.Person("VON GROSS", "LUKASZ")),
    ],
)
def test_names_are_folded_into_plain_letters(office: Office, first: str, last: str, sent: edi.Person) -> None:
    office.edit(office.scene.patient, first_name=first, last_name=last)
    session = office.visit()

    office.bill()

    assert office.sent(session).subscriber.name == sent


def test_a_separator_in_a_street_becomes_a_blank_and_is_told(office: Office) -> None:
    office.edit(office.scene.patient, address1="12~Oak*St:3^B")
    session = office.visit()

    office.bill()

    address = office.sent(session).subscriber.address
    assert address is not None
    assert address.line1 == "12 OAK ST 3 B"
    assert office.warnings(session) == ["text.character_replaced"]


@pytest.mark.parametrize("name", ["Иванова", "王", "Miri \U0001f600"])
def test_a_name_without_a_plain_form_is_held_and_never_guessed(office: Office, name: str) -> None:
    office.edit(office.scene.patient, last_name=name)
    session = office.visit()

    office.bill()

    assert office.holding(session) == ["text.character_not_allowed"]
    assert office.clearinghouse.received == []


@pytest.mark.parametrize("member_id", ["AB~12", "AB*12", "AB:12", "AB^12"])
def test_nothing_is_replaced_inside_a_member_number(office: Office, member_id: str) -> None:
    office.edit(office.scene.policy, member_id=member_id)
    session = office.visit()

    office.bill()

    assert office.holding(session) == ["text.character_not_allowed"]
    assert office.clearinghouse.received == []


def test_a_practitioners_and_a_clinics_name_are_folded_too(office: Office) -> None:
    office.edit(office.scene.practitioner, first_name="Anaïs", last_name="Brontë")
    office.edit(office.scene.clinic, name="Café Señor Acupuncture")
    session = office.visit()

    office.bill()

    claim = office.sent(session)
    assert claim.rendering is not None
    assert claim.rendering.name == edi.Person("BRONTE", "ANAIS")
    assert claim.billing_provider.name == edi.Organisation("CAFE SENOR ACUPUNCTURE")


def test_a_claim_of_no_money_is_still_a_claim(office: Office) -> None:
    office.write(lambda db: make_fee(db, "97810", 0, effective_from=DAY))
    session = office.visit(sets=[fresh(15)])

    office.bill()

    claim = office.claim(session)
    assert (claim.state, claim.total_cents) == (ClaimState.SENT, 0)


def test_the_control_number_of_the_claim_is_the_one_in_our_books(office: Office) -> None:
    office.visit()
    office.bill()

    with office.database.reading() as db:
        numbers = set(db.scalars(sa.select(Claim.control_number)))

    assert set(office.received()) == numbers


def test_a_service_elsewhere_names_the_place_and_one_at_the_billing_address_does_not(office: Office) -> None:
    there, here = office.write(
        lambda db: (
            make_room(db, "Far", make_place(db, name="Eastside & Annex", state="OR", npi=an_npi(77))),
            make_room(
                db, "Near",
                make_place(
                    db, name="Ground floor", address1="1 SE Example St", city="Portland", state="OR", zip="972142318"
                ),
            ),
        )
    )  # fmt: skip
    far, near = office.visit(room_id=there.id), office.visit(DAY + timedelta(days=1), room_id=here.id)
    plain = office.visit(DAY + timedelta(days=2))

    office.bill()

    assert office.sent(far).facility == edi.ServiceFacility(
        "EASTSIDE & ANNEX", edi.Address("9 MAIN ST", "VANCOUVER", "OR", "986601234"), an_npi(77)
    )
    assert (office.sent(near).facility, office.sent(plain).facility) == (None, None)
    form = cms1500_of(office.frozen()[office.claim(far).control_number])
    assert (form.facility.name, form.facility.address.city, form.facility.npi) == (
        "EASTSIDE & ANNEX", "VANCOUVER", an_npi(77),
    )  # fmt: skip


def test_a_place_whose_zip_code_is_short_holds_the_claim_and_says_where_to_mend_it(office: Office) -> None:
    room = office.write(lambda db: make_room(db, "Far", make_place(db, state="OR", zip="98660")))
    session = office.visit(room_id=room.id)

    office.bill()

    assert office.holding(session) == ["place.incomplete"]
    office.write(lambda db: db.execute(sa.update(PlaceOfWork).values(zip="98660-1234")))
    office.bill()
    assert office.states() == [ClaimState.SENT]
