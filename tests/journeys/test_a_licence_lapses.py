"""A licence lapses: booking warns, signing is refused, the claim is held; a backdated renewal lets it go by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from billing import clock
from billing.adapters.memory import MemoryBell
from billing.claims.lifecycle import ClaimState
from billing.database import Database
from billing.practitioners.accounts import link_account
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.settings import settings_from
from billing.web.app import create_app
from billing.wiring import Program
from tests.access.cast import Cast, make_cast
from tests.claims.office import Office
from tests.factories import moment
from tests.web.desk import Browser, Desk, do_what_is_due
from tests.web.pages.claims_stage import office_behind
from tests.web.pages.session_stage import TYPED
from tests.web.pages.settings_stage import after, mark_on, send, words

LAST_DAY = date(2026, 6, 30)
BEFORE, FIRST_AFTER, TREATED, RENEWED = date(2026, 6, 23), date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 20)


@dataclass(frozen=True, slots=True)
class Clinic:
    """The desk, the billing office behind it, and what its workers run."""

    desk: Desk
    office: Office
    program: Program

    @property
    def cast(self) -> Cast:
        return self.desk.cast

    def state_of(self, session: ClinicSession) -> SessionState:
        with self.desk.database.reading() as db:
            return db.get_one(ClinicSession, session.id).state


@pytest.fixture
def clinic(database: Database, tmp_path: Path) -> Clinic:
    url = database.url.render_as_string(hide_password=False)
    program = Program(settings_from({"MERIDIAN_DATA": str(tmp_path), "MERIDIAN_DATABASE_URL": url}))
    # Long work that the desk asks for waits until the test lets the workers do it.
    program.database, program.bell = database, MemoryBell()
    desk = Desk(create_app(program), database, make_cast(database))
    made = office_behind(desk, program)
    made.edit(made.scene.licence, valid_to=LAST_DAY)
    made.write(lambda db: link_account(db, made.scene.practitioner.id, desk.cast.ben.id))
    return Clinic(desk, made, program)


def test_a_licence_lapses_and_its_backdated_renewal_lets_the_claim_go(clinic: Clinic) -> None:
    # What another system had signed knows nothing of our refusal, so that its claim is what holds.
    signed_elsewhere = clinic.office.visit(FIRST_AFTER, start="09:00")

    booking_warns(clinic)
    here = clinic.office.visit(
        TREATED, state=SessionState.ARRIVED, start="11:00", sets=(), diagnoses=(), arrived_at=moment(TREATED, "10:55")
    )
    signing_is_refused(clinic, here)
    the_claim_is_held(clinic, signed_elsewhere)
    the_renewal_lets_it_go(clinic, signed_elsewhere)
    signing_goes(clinic, here)


def booking_warns(clinic: Clinic) -> None:
    scene = clinic.office.scene
    asked = f"practitioner={scene.practitioner.id}&patient={scene.patient.id}&at=09:00"
    with clock.stopped_at(moment(BEFORE, "12:00")):
        fay = clinic.desk.browser(clinic.cast.fay)
        in_time = words(fay.get(f"/calendar/book?day={LAST_DAY}&{asked}"))
        too_late = words(fay.get(f"/calendar/book?day={TREATED}&{asked}"))

    assert "Licence in force" in in_time
    assert "Licence lapsed" in too_late
    assert "ended on Tue 30 Jun 2026, before Thu 2 Jul 2026" in too_late


def signing_is_refused(clinic: Clinic, session: ClinicSession) -> None:
    with clock.stopped_at(moment(TREATED, "12:00")):
        answer = sign(clinic.desk.browser(clinic.cast.ben), session)

    assert answer.status_code == 422
    assert "ended on Tue 30 Jun 2026" in words(answer)
    assert clinic.state_of(session) is SessionState.ARRIVED


def the_claim_is_held(clinic: Clinic, session: ClinicSession) -> None:
    clinic.office.bill(TREATED, moment(TREATED, "20:00"))

    assert clinic.office.claim(session).state is ClaimState.HELD
    assert clinic.office.holding(session) == ["licence.lapsed"]


def the_renewal_lets_it_go(clinic: Clinic, session: ClinicSession) -> None:
    licence, office = clinic.office.scene.licence, clinic.office
    form = f"/licences/{licence.id}/renew"
    with clock.stopped_at(moment(RENEWED, "10:00")):
        ada = clinic.desk.browser(clinic.cast.ada)
        held = words(ada.get("/licences"))
        shown = ada.get(form).text
        answer = send(ada, form, form, number=licence.number, valid_from="2026-07-01", valid_to="2028-06-30")
        told = after(ada, answer)
        do_what_is_due(clinic.program)
        later = words(ada.get("/licences"))

    assert "1 claim" in held.partition("Held because of a licence")[2]
    assert 'value="2026-07-01"' in shown
    # By the rule of Oregon: the 30th of June of the next even year.
    assert 'value="2028-06-30"' in shown
    assert "Held claims are judged again now." in told
    assert "No claim waits for a licence." in later
    assert office.claim(session).state is ClaimState.READY
    last = office.moves(office.claim(session))[-1]
    assert (last.event.value, last.by) == ("passed", f"user:{clinic.cast.ada.id}")
    office.bill(RENEWED, moment(RENEWED, "20:00"))
    assert office.claim(session).state is ClaimState.SENT


def signing_goes(clinic: Clinic, session: ClinicSession) -> None:
    with clock.stopped_at(moment(RENEWED, "11:00")):
        answer = sign(clinic.desk.browser(clinic.cast.ben), session)

    assert answer.status_code == 303, words(answer)
    assert clinic.state_of(session) is SessionState.SIGNED


def sign(browser: Browser, session: ClinicSession) -> TestResponse:
    """What Ben typed, signed with one press."""
    page = browser.get(f"/sessions/{session.id}")
    return browser.post(f"/sessions/{session.id}/sign", seen=mark_on(page), **TYPED)
