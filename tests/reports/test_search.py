"""The box that finds everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from billing.access.permissions import Role
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimFile, FileState, Responsibility
from billing.database import Database, Db
from billing.documents.models import ReceivedFile
from billing.invoices.receipt_issuing import payment_receipt
from billing.payments.models import PaymentMethod
from billing.payments.taking import take_payment
from billing.remittances.models import Remittance, RemittanceState
from billing.reports.hits import Hit, HitKind, Seeker
from billing.reports.search import found, patients_found
from tests.factories import NOW, ZONE, Scene, make_adjudication, make_patient, set_scene, written

OWNER = Seeker(Role.OWNER, today=date(2026, 3, 3), zone=ZONE, currency="USD", day_first=False, country="US")
PRACTITIONER = replace(OWNER, role=Role.PRACTITIONER)


def kinds(hits: list[Hit]) -> list[HitKind]:
    return [hit.kind for hit in hits]


def looked_for(database: Database, text: str, seeker: Seeker = OWNER) -> list[Hit]:
    with database.reading() as db:
        return found(db, text, 20, seeker)


def filed_claim(db: Db, scene: Scene) -> Claim:
    """A claim of a session that a file carried."""
    session = scene.visit(db)
    file = written(
        db, ClaimFile(control_number=7, name="claims-7.837", sha256="0" * 64, state=FileState.SENT, prepared_at=NOW)
    )
    return written(
        db,
        Claim(
            control_number="MX00012", session_id=session.id, responsibility=Responsibility.PRIMARY,
            payer_id=scene.payer.id, state=ClaimState.ACCEPTED, total_cents=16500, file_id=file.id,
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("okoro", "Name"),
        ("1979-05-11", "Birth date"),
        ("5/11/1979", "Birth date"),
        ("11 May 1979", "Birth date"),
        ("okoro 11 may 1979", "Name, birth date"),
        ("(503) 555-0101", "Telephone"),
        ("0101", "Telephone"),
        ("miri@example", "E-mail"),
        ("JL-0007", "Member number"),
        ("jl 0007", "Member number"),
        ("A-77", "Number in the old system"),
    ],
)
def test_a_patient_is_found_by_whatever_is_known(sqlite_database: Database, text: str, why: str) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.patient.external_id, scene.policy.member_id = "A-77", "JL 0007"

    hits = looked_for(sqlite_database, text)

    assert [(hit.kind, hit.id, hit.why) for hit in hits] == [(HitKind.PATIENT, scene.patient.id, why)]
    assert hits[0].title == "Miri Okoro"
    assert hits[0].line == "born 11 May 1979 · (503) 555-0101 · Portland"


def test_patients_are_found_on_either_database(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_patient(db, first_name="Zoe", last_name="Quill", birth_date=date(2001, 1, 1), phone=None, email=None)

    for text in ("okro", "1979-05-11", "0101", "MIRI@", scene.policy.member_id):
        assert [hit.id for hit in looked_for(database, text)] == [scene.patient.id]


def test_a_name_beside_another_birth_date_finds_nobody(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        set_scene(db)

    assert looked_for(sqlite_database, "okoro 1980-01-01") == []


@pytest.mark.parametrize("text", ["", "   ", "%", "_____", "'; drop table patient; --", "\\", "\u0000", "x" * 5000])
def test_no_text_is_too_strange(database: Database, text: str) -> None:
    with database.transaction() as db:
        set_scene(db)

    assert looked_for(database, text) == []


def test_the_sessions_of_a_day_are_found_with_the_day_itself(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = scene.visit(db, date(2026, 3, 3))
        scene.visit(db, date(2026, 3, 4))

    for text in ("3 mar 2026", "today", "2026-03-03"):
        hits = looked_for(database, text)
        assert [(hit.kind, hit.id, hit.on) for hit in hits] == [
            (HitKind.DAY, 0, date(2026, 3, 3)), (HitKind.SESSION, session.id, None),
        ]  # fmt: skip
        assert (hits[0].line, hits[1].title) == ("1 session", "3 Mar 2026, 09:00")


def test_a_name_beside_a_day_finds_that_patients_session(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        session = scene.visit(db)

    assert [(hit.kind, hit.id) for hit in looked_for(sqlite_database, "okoro today")] == [(HitKind.SESSION, session.id)]
    assert looked_for(sqlite_database, "quill today") == []


def test_a_session_is_found_by_its_number(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db)

    assert [hit.id for hit in looked_for(database, f"#{session.id}") if hit.kind is HitKind.SESSION] == [session.id]
    assert [hit.id for hit in looked_for(database, session.external_id or "")] == [session.id]
    assert looked_for(database, "#999999999999999999999999") == []


def test_a_claim_is_found_by_its_number_the_payers_number_and_its_file(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        claim = filed_claim(db, scene)
        make_adjudication(db, claim, {}, payer_claim_number="ICN-55")

    for text, why in (
        ("mx00012", "Claim number"),
        ("icn-55", "The payer's claim number"),
        ("claims-7.837", "Claim file"),
    ):
        assert [(hit.kind, hit.id, hit.why) for hit in looked_for(database, text)] == [(HitKind.CLAIM, claim.id, why)]


def test_money_is_found_by_the_number_of_its_check(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        take_payment(db, scene.patient.id, 4000, PaymentMethod.CHECK, date(2026, 3, 3), "Check 1187", at=NOW)
        file = written(db, ReceivedFile(sha256="1" * 64, file_name="a.835", size=1, received_at=NOW))
        paid = written(
            db,
            Remittance(
                file_id=file.id, ordinal=1, payment_key="K", digest="2" * 64, trace_number="EFT998877",
                payer_name="Aspen Health", paid_on=date(2026, 3, 2), method="ACH", paid_cents=123_45, claims=1,
                state=RemittanceState.QUEUED, why="", arithmetic="", recorded_at=NOW,
            ),
        )  # fmt: skip

    [mine] = looked_for(database, "1187")
    assert looked_for(database, "check no. 1187") == looked_for(database, "#1187") == [mine]
    [theirs] = looked_for(database, "eft998877")

    assert (mine.kind, mine.id, mine.title) == (HitKind.PAYMENT, scene.patient.id, "$40.00 by check, 3 Mar 2026")
    assert (theirs.kind, theirs.id, theirs.title) == (HitKind.REMITTANCE, paid.id, "$123.45 from Aspen Health")


def test_a_paper_is_found_by_the_number_that_is_printed_on_it(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        payment = take_payment(db, scene.patient.id, 4000, PaymentMethod.CASH, date(2026, 3, 3), at=NOW)
        payment_receipt(db, payment.id, NOW)

    found = [looked_for(database, typed) for typed in ("RC-000001", "rc-1", " rc 000001")]

    assert [(hit.kind, hit.title) for [hit] in found] == [(HitKind.PAPER, "RC-000001")] * 3
    assert looked_for(database, "RC-000002") == looked_for(database, "ST-000001") == []


def test_who_may_not_see_claims_and_money_finds_none(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        filed_claim(db, scene)
        take_payment(db, scene.patient.id, 4000, PaymentMethod.CHECK, date(2026, 3, 3), "1187A", at=NOW)

    assert looked_for(sqlite_database, "MX00012", PRACTITIONER) == []
    assert looked_for(sqlite_database, "1187A", PRACTITIONER) == []
    assert kinds(looked_for(sqlite_database, "okoro", PRACTITIONER)) == [HitKind.PATIENT]


def test_no_more_is_found_than_is_wanted(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        for _ in range(5):
            make_patient(db)

    with sqlite_database.reading() as db:
        assert len(found(db, "okoro", 3, OWNER)) == 3
        assert len(patients_found(db, "okoro", 3, OWNER)) == 3
