"""From booking to the paid claim and the statement: what people do, and what goes on by itself in between.

The journey is made in both ways to run a clinic: by ``meridian serve`` alone on SQLite, and by web, two workers and
beat as processes of their own on PostgreSQL and Redis, with a mail server and a gateway for texts. The clocks of the
house are in the test's hand, so that a week goes by, and in it the night in which clocks are put forward.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from billing import clock
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, Responsibility
from billing.coverage.eligibility.lifecycle import QuestionState
from billing.coverage.eligibility.models import EligibilityQuestion
from billing.database import Database
from billing.edi.claim_837p.reader import read_837p
from billing.ledger.queries import unbalanced_entries
from billing.operations.models import Errand
from billing.reminders.models import Message
from billing.remittances.models import Remittance, RemittanceState
from billing.sessions.models import ClinicSession
from tests.factories import Scene, moment
from tests.journeys.days.houses import PUBLIC, Clinic, Hands, embedded, for_real
from tests.journeys.days.opening import open_the_clinic
from tests.journeys.days.people import Person
from tests.waiting import until

BOOKED, VISIT = date(2026, 3, 3), date(2026, 3, 10)
"""In the night to the 8th clocks are put forward."""
THREE_BEFORE, DAY_BEFORE, MONTHS_STATEMENTS = date(2026, 3, 7), date(2026, 3, 9), date(2026, 3, 11)
SETTINGS = {
    "MERIDIAN_CLEARINGHOUSE": "sandbox",
    # Of the payer's answers one that pays both claims and leaves something to the patient.
    "MERIDIAN_SANDBOX_SEED": "1",
    "MERIDIAN_PUBLIC_URL": PUBLIC,
}


SET = {"minutes": "15", "placed": "4", "taken": "4", "points": "BL23, BL25"}
"""Of needles, as Ben writes it down."""


@pytest.fixture(params=["embedded", "for real"])
def clinic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clinic]:
    hands = Hands(tmp_path / "hands")
    hands.set_to(moment(BOOKED, "09:30"))
    if request.param == "embedded":
        database: Database = request.getfixturevalue("sqlite_database")
        with embedded(database, tmp_path, hands, SETTINGS) as made:
            yield made
    else:
        database, redis_url = request.getfixturevalue("postgresql_database"), request.getfixturevalue("redis_url")
        server: HTTPServer = request.getfixturevalue("httpserver")
        with for_real(database, redis_url, server, tmp_path, hands, SETTINGS) as made:
            yield made


def test_from_booking_to_the_paid_claim_and_the_statement(clinic: Clinic) -> None:
    with clock.stopped_at(moment(BOOKED, "08:00")), clinic.database.transaction() as db:
        scene = open_the_clinic(db, clinic.cast)

    have_it_go_by_itself(clinic)
    session = book(clinic, scene)
    confirm_by_the_link_of_a_reminder(clinic)
    be_reminded_the_day_before(clinic)
    come_and_be_treated(clinic, session)
    let_the_evening_bill_it(clinic)
    be_sent_a_statement(clinic, scene)

    assert Counter(mail["To"] for mail in clinic.mails()) == {"miri@example.org": 2}
    assert Counter(number for number, _ in clinic.texts()) == {"+15035550101": 2}
    filed = [read_837p(content) for content in clinic.claim_files()]
    assert [findings for _, findings in filed] == [[], []]
    claims = [claim for batches, _ in filed for batch in batches for claim in batch.claims]
    assert [one.subscriber.responsibility.name for one in claims] == ["PRIMARY", "SECONDARY"]
    with clinic.database.reading() as db:
        assert list(unbalanced_entries(db)) == []
    assert [one.state for one in rows(clinic, Remittance)] == [RemittanceState.POSTED] * 2
    asked = ["bill:2026-03-10", "bill:2026-03-11", "statements:2026-03"]
    assert [(one.period, one.asked_by_id) for one in rows(clinic, Errand)] == [(period, None) for period in asked]


def have_it_go_by_itself(clinic: Clinic) -> None:
    """Ada has the day billed in the evening, and statements made on the eleventh."""
    ada = clinic.somebody()
    ada.sign_in("ada")
    ada.press(ada.open("/settings/by-itself"), "Save", bills_at="18:30", statements_on="11")


def book(clinic: Clinic, scene: Scene) -> int:
    """Fay books Miri for Tuesday next week, whereupon her insurer is asked and answers; the session's number."""
    fay = signed_in(clinic, "fay")
    form = fay.open(f"/calendar/book?day={VISIT}&at=10:00&patient={scene.patient.id}")
    booked = fay.press(form, "Book the session", bill_to="insurance")
    assert booked.says("Booked for Tue 10 Mar 2026, 10:00")
    until(lambda: len(rows(clinic, Message)) == 4)
    until(lambda: [one.state for one in rows(clinic, EligibilityQuestion)] == [QuestionState.ANSWERED])
    assert fay.open("/coverage/questions/1").says("Acupuncture")
    (session,) = rows(clinic, ClinicSession)
    return int(session.id)


def confirm_by_the_link_of_a_reminder(clinic: Clinic) -> None:
    """Three days before, at the hour of the visit, Miri gets a mail and a text, and confirms by the link."""
    clinic.hands.set_to(moment(THREE_BEFORE, "10:00"))
    (mail,) = until(clinic.mails)
    ((_, words),) = until(clinic.texts)
    text = mail.get_body(("plain",))
    assert text is not None
    assert "10:00" in words
    found = re.search(rf"{PUBLIC}(/\S+)", text.get_content())
    assert found is not None

    miri = clinic.somebody()
    confirmed = miri.press(miri.open(found[1]), "I will come")

    assert confirmed.says("Thank you")
    fay = signed_in(clinic, "fay")
    assert fay.open(f"/?day={VISIT}").says("Confirmed")


def be_reminded_the_day_before(clinic: Clinic) -> None:
    """Once more by both ways, at ten o'clock of the clocks that were put forward meanwhile."""
    clinic.hands.set_to(moment(DAY_BEFORE, "09:55"))
    assert len(clinic.mails()) == len(clinic.texts()) == 1
    clinic.hands.set_to(moment(DAY_BEFORE, "10:00"))
    until(lambda: len(clinic.mails()) == len(clinic.texts()) == 2)


def come_and_be_treated(clinic: Clinic, session: int) -> None:
    """Fay checks her in, Ben charts and signs, and Fay takes the copay and lets her go."""
    clinic.hands.set_to(moment(VISIT, "09:55"))
    fay, ben = signed_in(clinic, "fay"), signed_in(clinic, "ben")
    fay.press(fay.open(f"/sessions/{session}"), "Arrive")

    signed = ben.press(
        ben.open(f"/sessions/{session}"),
        "Sign",
        subjective="Low back pain for six months.",
        objective="Tender at L4 and L5.",
        assessment="Chronic low back pain.",
        plan="Weekly for six weeks.",
        **{f"set-{number}-{name}": value for number in range(2) for name, value in SET.items()},
        **{"diagnosis-0-code": "M54.50", "pain": "7"},
    )
    assert signed.says("The note is signed.")

    fay.press(fay.open(f"/sessions/{session}/checkout"), "Take payment")
    left = fay.press(fay.open(f"/sessions/{session}/checkout"), "Check out")
    assert left.says("Checked out.")


def let_the_evening_bill_it(clinic: Clinic) -> None:
    """At half past six the day is billed; both insurers are asked and pay, one after the other."""
    assert rows(clinic, Errand) == []
    clinic.hands.set_to(moment(VISIT, "18:30"))
    paid = [(Responsibility.PRIMARY, ClaimState.PAID), (Responsibility.SECONDARY, ClaimState.PAID)]
    until(lambda: [(one.responsibility, one.state) for one in rows(clinic, Claim)] == paid)

    cleo = signed_in(clinic, "cleo")
    shown = cleo.open("/claims?queue=paid")
    assert shown.says("MER0000001")
    assert shown.says("MER0000002")


def be_sent_a_statement(clinic: Clinic, scene: Scene) -> None:
    """The next evening is the one of the month's statements."""
    clinic.hands.set_to(moment(MONTHS_STATEMENTS, "18:30"))
    cleo = signed_in(clinic, "cleo")
    papers = f"/patients/{scene.patient.id}/papers"
    until(lambda: cleo.open(papers).says("ST-000001"))
    found = re.search(r'href="(/[^"]+)"[^>]*>\s*(?:Statement )?ST-000001', cleo.open(papers).html)
    assert found is not None
    paper = cleo.browser.get(found[1], follow_redirects=True)
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")


def signed_in(clinic: Clinic, name: str) -> Person:
    person = clinic.somebody()
    person.sign_in(name)
    return person


def rows(clinic: Clinic, table: Any) -> list[Any]:
    """All rows of a table, oldest first."""
    with clinic.database.reading() as db:
        return list(db.scalars(sa.select(table).order_by(table.id)))
