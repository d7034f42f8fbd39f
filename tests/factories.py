"""Rows for tests: one plain function per concept, every cell good and synthetic, for a test to change what it is about.

``a_payer(**changes)`` is a row that no database knows, for pure rules; ``make_payer(db, **changes)`` has
been written. ``set_scene(db)`` writes a clinic in which a visit of its patient clears every rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import select

from billing.charges.capturing import standing_charges
from billing.charges.models import Fee
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import AdjudicatedLine, Adjudication, Claim
from billing.claims.moving import move
from billing.clinic.models import Clinic, PlaceOfWork, Room, TaxIdKind
from billing.clock import instant
from billing.coverage.models import Authorisation, Benefit, BenefitPeriod, CopayPer, Policy, Relationship
from billing.database import Base, Db
from billing.patients.models import Patient, Sex
from billing.payers.models import Payer, PayerKind
from billing.payments.models import Payment, PaymentMethod
from billing.payments.queries import payments_of_sessions
from billing.payments.receiving import SessionPayment, book_session_payments
from billing.practitioners.models import (
    Credential,
    CredentialKind,
    CredentialStatus,
    Enrolment,
    Network,
    Practitioner,
)
from billing.sessions.charting import chart_sha256
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession, NeedleSet, Note, Procedure, SessionDiagnosis
from billing.sessions.queries import ChartedSet
from billing.treatment.models import Measure, OutcomeScore

ZONE = "America/Los_Angeles"
"""Where the clinic's clocks hang."""
DAY = date(2026, 3, 3)
"""A Tuesday: the date of service unless a test says otherwise."""
NOW = datetime(2026, 4, 1, 16, 0, tzinfo=UTC)
"""When tests write."""
LICENSED_ACUPUNCTURIST = "171100000X"
FAMILY_PHYSICIAN = "207Q00000X"
FEES = {
    "97810": 9500, "97811": 7000, "97813": 10500, "97814": 8000, "97140": 4500, "97026": 2000, "20561": 9000,
    "99203": 14000, "99213": 11000,
}  # fmt: skip
"""Standard fees of the scene, in cents."""

Cas = tuple[str, str, int]
"""Group, reason and cents of an adjustment."""

_Row = TypeVar("_Row", bound=Base)
_numbers = count(1)


def an_npi(number: int) -> str:
    """A test NPI with a right check digit (Luhn over 80840 and the nine digits)."""
    nine = f"19{number:07d}"
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(f"80840{nine}")))
    return f"{nine}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def moment(on: date, clock: str) -> datetime:
    """The instant at which the clinic's clocks show that time: ``moment(DAY, "09:00")``."""
    return instant(on, time.fromisoformat(clock), ZONE)


def written(db: Db, row: _Row) -> _Row:
    """The row, now in the database and with its id."""
    db.add(row)
    db.flush()
    return row


def a_clinic(**changes: Any) -> Clinic:
    cells: dict[str, Any] = {
        "id": 1, "name": "Still Water Acupuncture", "npi": an_npi(1), "tax_id": "93-1234567",
        "tax_id_kind": TaxIdKind.EIN, "taxonomy": "261QM2500X", "address1": "1 SE Example St", "address2": None,
        "city": "Portland", "state": "OR", "zip": "97214-2318", "phone": "503-555-0100",
        "email": "desk@clinic.example.org", "time_zone": ZONE, "currency": "USD", "submitter_id": "STILL01",
    }  # fmt: skip
    return Clinic(**{**cells, **changes})


def a_practitioner(**changes: Any) -> Practitioner:
    number = next(_numbers)
    cells: dict[str, Any] = {
        "external_id": f"PR{number}", "first_name": "Ben", "last_name": "Quill", "credentials": "L.Ac.",
        "npi": an_npi(1000 + number), "taxonomy": LICENSED_ACUPUNCTURIST, "email": "ben@clinic.example.org",
    }  # fmt: skip
    return Practitioner(**{**cells, **changes})


def a_physician(**changes: Any) -> Practitioner:
    """One whom Medicare knows."""
    known = {"first_name": "Ida", "last_name": "Moreau", "credentials": "MD", "taxonomy": FAMILY_PHYSICIAN}
    return a_practitioner(**{**known, **changes})


def a_credential(practitioner: Practitioner, **changes: Any) -> Credential:
    """A licence of Oregon, in force throughout."""
    cells: dict[str, Any] = {
        "practitioner_id": practitioner.id, "kind": CredentialKind.LICENCE, "issuer": "OR",
        "number": f"AC-{next(_numbers)}", "valid_from": date(2022, 1, 1), "valid_to": date(2027, 12, 31),
        "status": CredentialStatus.ACTIVE,
    }  # fmt: skip
    return Credential(**{**cells, **changes})


def an_enrolment(practitioner: Practitioner, payer: Payer, **changes: Any) -> Enrolment:
    cells: dict[str, Any] = {
        "practitioner_id": practitioner.id, "payer_id": payer.id, "network": Network.IN,
        "effective_from": date(2023, 1, 1), "effective_to": None,
    }  # fmt: skip
    return Enrolment(**{**cells, **changes})


def a_payer(**changes: Any) -> Payer:
    number = next(_numbers)
    cells: dict[str, Any] = {
        "external_id": f"P{number}", "name": f"Example Health {number}", "payer_number": f"EX{number:04d}",
        "kind": PayerKind.COMMERCIAL, "address1": "PO Box 100", "city": "Salem", "state": "OR", "zip": "97301",
        "filing_limit_days": None,
    }  # fmt: skip
    return Payer(**{**cells, **changes})


def a_patient(**changes: Any) -> Patient:
    cells: dict[str, Any] = {
        "external_id": f"A{next(_numbers)}", "first_name": "Miri", "middle_name": None, "last_name": "Okoro",
        "birth_date": date(1979, 5, 11), "sex": Sex.F, "address1": "2 SE Example St", "address2": None,
        "city": "Portland", "state": "OR", "zip": "97214-1200", "phone": "503-555-0101",
        "email": "miri@example.org", "sms_consent": True, "email_consent": True, "signature_on_file": True,
        "flags": [],
    }  # fmt: skip
    return Patient(**{**cells, **changes})


def a_policy(patient: Patient, payer: Payer, **changes: Any) -> Policy:
    cells: dict[str, Any] = {
        "patient_id": patient.id, "payer_id": payer.id, "rank": 1, "member_id": f"MEM{next(_numbers):05d}",
        "group_number": "GRP7", "relationship": Relationship.SELF, "effective_from": date(2023, 1, 1),
        "effective_to": None,
    }  # fmt: skip
    return Policy(**{**cells, **changes})


def a_benefit(patient: Patient, payer: Payer, **changes: Any) -> Benefit:
    """Acupuncture is covered without a limit, as verified eleven days before ``DAY``."""
    cells: dict[str, Any] = {
        "patient_id": patient.id, "payer_id": payer.id, "covered": True, "copay_cents": 2500,
        "coinsurance_basis_points": 0, "deductible_remaining_cents": 0, "visits_allowed": None,
        "visits_used_elsewhere": 0, "period": BenefitPeriod.CALENDAR_YEAR, "authorisation_required": False,
        "verified_on": date(2026, 2, 20), "reference": "CALL-1", "shared_with": [], "deductible_applies": True,
        "copay_waives_deductible": False, "copay_counts_to_out_of_pocket": True, "copay_per": CopayPer.VISIT,
    }  # fmt: skip
    return Benefit(**{**cells, **changes})


def an_authorisation(patient: Patient, payer: Payer, **changes: Any) -> Authorisation:
    cells: dict[str, Any] = {
        "patient_id": patient.id, "payer_id": payer.id, "number": f"AU-{next(_numbers)}",
        "valid_from": date(2026, 1, 1), "valid_to": date(2026, 6, 30), "visits": 12, "codes_allowed": [],
        "diagnoses": [], "used_before": 0,
    }  # fmt: skip
    return Authorisation(**{**cells, **changes})


def a_fee(code: str, cents: int, **changes: Any) -> Fee:
    """The clinic's standard fee; with ``payer_id`` what that payer's contract allows."""
    return Fee(**{"code": code, "cents": cents, "payer_id": None, "effective_from": date(2020, 1, 1), **changes})


def a_session(patient: Patient, practitioner: Practitioner, on: date = DAY, **changes: Any) -> ClinicSession:
    """An hour from nine o'clock on, signed that evening, for the insurance."""
    state = changes.get("state", SessionState.SIGNED)
    cells: dict[str, Any] = {
        "external_id": f"S{next(_numbers)}", "patient_id": patient.id, "practitioner_id": practitioner.id,
        "room_id": None, "service_on": on, "starts_at": moment(on, "09:00"), "minutes": 60, "state": state,
        "signed_at": moment(on, "18:00") if state is SessionState.SIGNED else None, "bill_to": BillTo.INSURANCE,
        "place_of_service": "11", "onset_on": date(2025, 9, 1), "accident": None, "accident_state": None,
        "claim_number": None, "acupuncture_modifiers": [], "supervising_id": None, "referring_npi": None,
        "referring_name": None,
    }  # fmt: skip
    return ClinicSession(**{**cells, **changes})


def fresh(minutes: int, *, estim: bool = False, at: datetime | None = None) -> ChartedSet:
    """A set of new needles; ``at`` is when it began, if that was noted."""
    return ChartedSet(minutes, True, estim, at)


def retained(minutes: int, *, estim: bool = False) -> ChartedSet:
    """Needles left in."""
    return ChartedSet(minutes, False, estim, None)


def procedure(code: str, *modifiers: str, units: int = 1) -> Procedure:
    """A charted service besides the needles: ``procedure("97140", "GP", units=2)``."""
    return Procedure(code=code, modifiers=list(modifiers), units=units)


def make_clinic(db: Db, **changes: Any) -> Clinic:
    return written(db, a_clinic(**changes))


def make_room(db: Db, name: str = "Alder", place: PlaceOfWork | None = None) -> Room:
    return written(db, Room(name=name, place_id=place.id if place else None))


def make_place(db: Db, **changes: Any) -> PlaceOfWork:
    """A place of work besides the clinic's own address, across the river."""
    cells: dict[str, Any] = {
        "name": "Vancouver Annex", "address1": "9 Main St", "address2": None, "city": "Vancouver", "state": "WA",
        "zip": "98660-1234", "country": "US", "npi": None,
    }  # fmt: skip
    return written(db, PlaceOfWork(**{**cells, **changes}))


def make_practitioner(db: Db, **changes: Any) -> Practitioner:
    return written(db, a_practitioner(**changes))


def make_physician(db: Db, **changes: Any) -> Practitioner:
    return written(db, a_physician(**changes))


def make_credential(db: Db, practitioner: Practitioner, **changes: Any) -> Credential:
    return written(db, a_credential(practitioner, **changes))


def make_enrolment(db: Db, practitioner: Practitioner, payer: Payer, **changes: Any) -> Enrolment:
    return written(db, an_enrolment(practitioner, payer, **changes))


def make_payer(db: Db, **changes: Any) -> Payer:
    return written(db, a_payer(**changes))


def make_patient(db: Db, **changes: Any) -> Patient:
    return written(db, a_patient(**changes))


def make_policy(db: Db, patient: Patient, payer: Payer, **changes: Any) -> Policy:
    return written(db, a_policy(patient, payer, **changes))


def make_benefit(db: Db, patient: Patient, payer: Payer, **changes: Any) -> Benefit:
    return written(db, a_benefit(patient, payer, **changes))


def make_authorisation(db: Db, patient: Patient, payer: Payer, **changes: Any) -> Authorisation:
    return written(db, an_authorisation(patient, payer, **changes))


def make_fee(db: Db, code: str, cents: int, **changes: Any) -> Fee:
    return written(db, a_fee(code, cents, **changes))


def make_score(db: Db, patient: Patient, on: date, value: int, **changes: Any) -> OutcomeScore:
    """A pain score that was not taken with a session."""
    cells: dict[str, Any] = {
        "patient_id": patient.id, "measure": Measure.NRS_PAIN, "measured_on": on, "value": value,
        "source": f"test:{next(_numbers)}",
    }  # fmt: skip
    return written(db, OutcomeScore(**{**cells, **changes}))


def make_session(
    db: Db,
    patient: Patient,
    practitioner: Practitioner,
    on: date = DAY,
    *,
    start: str = "09:00",
    sets: Sequence[ChartedSet] = (fresh(15), fresh(15)),
    procedures: Iterable[Procedure] = (),
    diagnoses: Iterable[str] = ("M54.50",),
    pain_score: int | None = None,
    **changes: Any,
) -> ClinicSession:
    """A session with its chart; unless ``state`` says otherwise its note is signed by who treated."""
    times = {"starts_at": moment(on, start), **changes}
    session = written(db, a_session(patient, practitioner, on, **times))
    chart(db, session, sets=sets, procedures=procedures, diagnoses=diagnoses)
    if pain_score is not None:
        make_score(db, patient, on, pain_score, source=f"session:{session.id}")
    return session


def chart(
    db: Db,
    session: ClinicSession,
    *,
    sets: Sequence[ChartedSet],
    procedures: Iterable[Procedure] = (),
    diagnoses: Iterable[str] = ("M54.50",),
) -> None:
    """Chart a session that has nothing charted yet, and sign it if it is signed."""
    services, codes = list(procedures), list(diagnoses)
    for position, one in enumerate(sets, start=1):
        cells = {"minutes": one.minutes, "new_needles": one.new_needles, "estim": one.estim}
        db.add(NeedleSet(session_id=session.id, position=position, starts_at=one.starts_at, **cells))
    for position, service in enumerate(services, start=1):
        service.session_id, service.position = session.id, position
        db.add(service)
    for position, code in enumerate(codes, start=1):
        db.add(SessionDiagnosis(session_id=session.id, position=position, code=code))
    if session.signed_at is not None:
        digest = chart_sha256(sets, services, codes)
        db.add(
            Note(
                session_id=session.id, version=1, subjective="Low back pain.", objective="Tender.",
                assessment="As expected.", plan="Weekly.", signed_at=session.signed_at,
                signed_by_id=session.practitioner_id, chart_sha256=digest,
            )
        )  # fmt: skip
    db.flush()


def make_payment(
    db: Db, session: ClinicSession, cents: int = 2500, method: PaymentMethod = PaymentMethod.CARD
) -> Payment:
    """What the patient paid on the day of the session, in the books as well."""
    taken = SessionPayment(session.id, session.patient_id, cents, method, session.service_on)
    book_session_payments(db, [taken], NOW)
    return payments_of_sessions(db, [session.id])[session.id][0]


def make_adjudication(
    db: Db,
    claim: Claim,
    adjustments: Mapping[int, Sequence[Cas]],
    *,
    decided: int | None = None,
    **changes: Any,
) -> Adjudication:
    """A payer's decision on a claim, which is then paid; nothing is booked.

    The payer pays every charge of the claim's session but the ``adjustments``: by the charge's position, each
    a group, a reason and cents, such as ``("PR", "3", 25_00)``. Of the charges only the first ``decided`` are.
    """
    charges = standing_charges(db, [claim.session_id])[claim.session_id][:decided]
    charged = sum(charge.cents for charge in charges)
    taken = {one.id: adjustments.get(one.position, ()) for one in charges}
    parts = [part for parts in taken.values() for part in parts]
    cells: dict[str, Any] = {
        "source": f"remittance:{next(_numbers)}:claim:1", "claim_id": claim.id, "decided_on": date(2026, 4, 2),
        "status_code": "1", "payer_claim_number": f"ICN{claim.id}", "charge_cents": charged,
        "paid_cents": charged - sum(cents for _, _, cents in parts),
        "patient_cents": sum(cents for group, _, cents in parts if group == "PR"), "is_denial": False, "remarks": [],
        "posted_at": NOW, "reversed_at": None,
    }  # fmt: skip
    made = written(db, Adjudication(**{**cells, **changes}))
    for position, charge in enumerate(charges, start=1):
        paid = charge.cents - sum(cents for _, _, cents in taken[charge.id])
        line = AdjudicatedLine(
            source=made.source, position=position, charge_id=charge.id, paid_cents=paid,
            adjustments=[list(each) for each in taken[charge.id]], remarks=[], is_denied=False,
        )  # fmt: skip
        written(db, line)
    state = db.scalars(select(Claim.state).where(Claim.id == claim.id)).one()
    if state is not ClaimState.PAID:
        move(db, [claim.id], state, ClaimEvent.PAID, by="command:remit", why="decided", at=NOW)
    return made


@dataclass(frozen=True, slots=True)
class Scene:
    """A clinic in which every rule is content: Ben treats Miri, whom one payer insures."""

    clinic: Clinic
    practitioner: Practitioner
    licence: Credential
    malpractice: Credential
    payer: Payer
    enrolment: Enrolment
    patient: Patient
    policy: Policy
    benefit: Benefit

    def visit(self, db: Db, on: date = DAY, **changes: Any) -> ClinicSession:
        """A signed session of the patient with the practitioner (see ``make_session``)."""
        return make_session(db, self.patient, self.practitioner, on, **changes)


def set_scene(db: Db, kind: PayerKind = PayerKind.COMMERCIAL, practitioner: Practitioner | None = None) -> Scene:
    """Write a whole clinic. At Medicare pass ``a_physician()``: an acupuncturist alone cannot bill it."""
    clinic = make_clinic(db)
    treating = written(db, practitioner or a_practitioner())
    payer, patient = make_payer(db, kind=kind), make_patient(db)
    for code, cents in FEES.items():
        make_fee(db, code, cents)
    return Scene(
        clinic=clinic,
        practitioner=treating,
        licence=make_credential(db, treating),
        malpractice=make_credential(db, treating, kind=CredentialKind.MALPRACTICE, issuer="Example Mutual"),
        payer=payer,
        enrolment=make_enrolment(db, treating, payer),
        patient=patient,
        policy=make_policy(db, patient, payer),
        benefit=make_benefit(db, patient, payer),
    )
