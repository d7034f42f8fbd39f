"""What happened to a patient's record: changes in order of time, and the audit trail."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.access.models import User
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.database import Database, Db
from billing.invoices.receipt_issuing import payment_receipt
from billing.invoices.statement_issuing import issue_statements
from billing.payments.models import PaymentMethod
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from billing.reports.patient_history import ROWS, acts_page, changes_page
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import ClinicSession, SessionMove
from tests.access.cast import make_cast
from tests.factories import DAY, NOW, Scene, make_patient, make_payment, set_scene, written

LATER = date(2026, 4, 1)


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.transaction() as db:
        return set_scene(db)


def moved(db: Db, session: ClinicSession, minutes: int, by: str = "command:import") -> SessionMove:
    """The session is booked, so many minutes after ``NOW``."""
    cells = {"event": SessionEvent.BOOKED, "from_state": None, "to_state": SessionState.BOOKED, "by": by, "why": ""}
    return written(db, SessionMove(session_id=session.id, at=NOW + timedelta(minutes=minutes), **cells))


def test_changes_of_every_kind_are_told_the_newest_first(database: Database, scene: Scene) -> None:
    ada = make_cast(database).ada
    with database.transaction() as db:
        session = scene.visit(db)
        moved(db, session, -5, f"user:{ada.id}")
        taken = take_payment(db, scene.patient.id, 50_00, PaymentMethod.CASH, LATER, at=NOW)
        refund(db, taken.id, 20_00, "Too much", LATER, at=NOW + timedelta(minutes=2))
        payment_receipt(db, taken.id, NOW + timedelta(minutes=4))

    with database.reading() as db:
        told = changes_page(db, scene.patient.id).changes

    assert [(one.kind, one.words, one.cents) for one in told] == [
        ("paper", "Receipt RC-000001 issued", 50_00),
        ("refund", "Refund in cash", 20_00),
        ("payment", "Payment in cash", 50_00),
        ("session", "Session booked", None),
    ]
    assert (told[3].by, told[3].on) == ("Ada Okafor", DAY)
    assert told[1].why == "Too much"


def test_pages_of_changes_follow_each_other_even_when_all_was_written_at_once(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        for number in range(ROWS):
            session = scene.visit(db, DAY + timedelta(days=number), sets=())
            moved(db, session, 0)
            if number % 2:
                make_payment(db, session)
        issue_statements(db, [scene.patient.id], LATER, NOW)

    seen: list[tuple[str, int]] = []
    before = ""
    with database.reading() as db:
        while True:
            page = changes_page(db, scene.patient.id, before)
            seen += [(one.kind, one.key[2]) for one in page.changes]
            before = page.older
            if not before:
                break

    assert len(seen) == len(set(seen)) == ROWS + ROWS // 2 + 1


def test_a_page_that_nobody_made_begins_at_the_newest_change(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        moved(db, scene.visit(db), 0)

    with database.reading() as db:
        assert all(
            len(changes_page(db, scene.patient.id, text).changes) == 1 for text in ("x", "1~2", "2026-01-01~1~1")
        )


def test_nothing_of_another_patient_is_told(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        other = make_patient(db)
        session = scene.visit(db, patient_id=other.id)
        moved(db, session, 0)
        make_payment(db, session)
        viewed(db, Subject("session", str(session.id)))

    with database.reading() as db:
        assert changes_page(db, scene.patient.id).changes == []
        assert acts_page(db, scene.patient.id).acts == []
        assert len(acts_page(db, other.id).acts) == 1


def viewed(db: Db, subject: Subject, by: Actor | None = None, what: str = "viewed") -> None:
    record(db, by or Actor(ActorKind.COMMAND, "import"), what, subject, NOW)


def test_the_trail_tells_who_saw_the_patient_and_what_is_the_patients(database: Database, scene: Scene) -> None:
    ben: User = make_cast(database).ben
    with database.transaction() as db:
        session = scene.visit(db)
        payment = make_payment(db, session)
        viewed(db, Subject("patient", str(scene.patient.id)), Actor(ActorKind.USER, str(ben.id)), "patient viewed")
        viewed(db, Subject("session", str(session.id)), what="session imported")
        viewed(db, Subject("payment", str(payment.id)), Actor(ActorKind.WORKER, "papers"), "receipt drawn")
        viewed(db, Subject("patient"), what="patients listed")

    with database.reading() as db:
        acts = acts_page(db, scene.patient.id).acts

    assert [(act.entry.action, act.by) for act in acts] == [
        ("receipt drawn", "In the background: papers"),
        ("session imported", "Command “import”"),
        ("patient viewed", "Ben Strand"),
    ]


def test_the_trail_is_read_page_by_page(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        for number in range(ROWS + 4):
            viewed(db, Subject("patient", str(scene.patient.id)), what=f"seen {number}")

    with database.reading() as db:
        first = acts_page(db, scene.patient.id)
        second = acts_page(db, scene.patient.id, first.older)

    assert [act.entry.action for act in second.acts] == [f"seen {number}" for number in (3, 2, 1, 0)]
    assert second.older is None
