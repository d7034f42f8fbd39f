"""The tabs of a patient's record: what each shows, to whom, and what it leaves in the trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from billing import clock
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from billing.treatment.models import TreatmentPlan
from billing.treatment.plans import start_plan
from tests.factories import DAY, make_patient, make_payment, make_practitioner
from tests.invoices.payer_on_stage import decide
from tests.web.desk import Desk, audit_rows, contents
from tests.web.pages.record_stage import ALLOWED, AT, KEY, ON, Stage, open_stage, words
from tests.web.statements import counted

TABS = ("sessions", "plan", "ledger", "papers", "messages", "history")


@pytest.fixture(autouse=True)
def april() -> Iterator[None]:
    with clock.stopped_at(AT):
        yield


@pytest.fixture
def stage(desk: Desk) -> Stage:
    return open_stage(desk)


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_of_a_new_patient_explains_its_emptiness_and_is_audited(stage: Stage, tab: str) -> None:
    page = stage.owner().get(f"{stage.path}/{tab}")

    assert page.status_code == 200
    assert f'href="{stage.path}/{tab}" aria-current="page"' in page.text
    last = audit_rows(stage.desk.database)[-1]
    assert (last.action, last.subject_kind, last.subject_id) == (
        f"patient {tab} viewed", "patient", str(stage.patient_id)
    )  # fmt: skip


@pytest.mark.parametrize("tab", (*TABS, "payment"))
def test_nobody_is_not_a_patient(stage: Stage, tab: str) -> None:
    assert stage.owner().get(f"/patients/999/{tab}").status_code == 404


def test_the_name_of_the_patient_is_not_in_the_title(stage: Stage) -> None:
    page = stage.owner().get(f"{stage.path}/sessions").text

    assert "Okoro" not in page.partition("</title>")[0]


def test_sessions_tell_codes_claims_and_money_apart(stage: Stage) -> None:
    session = stage.office.visit(pain_score=6)
    stage.office.write(lambda db: make_payment(db, session, 20_00))
    stage.office.bill()
    stage.office.write(lambda db: decide(db, session, {1: ALLOWED, 2: [("CO", "16", 70_00)]}, date(2026, 3, 20)))

    said = words(stage.front_desk().get(f"{stage.path}/sessions"))

    assert (
        "Tue 3 Mar 2026 09:00 Ben Quill, L.Ac. Signed 97810, 97811 6 Claim sent $44.00 $20.00 kept for it $70.00"
        in said
    )


def test_a_practitioner_sees_the_sessions_without_the_money(stage: Stage) -> None:
    stage.office.visit(bill_to=BillTo.SELF)
    stage.office.bill()

    page = stage.practitioner().get(f"{stage.path}/sessions")

    assert "Patient owes" not in page.text
    assert "165.00" not in page.text.partition("<table")[2]
    assert stage.practitioner().get(f"{stage.path}/ledger").status_code == 403


def test_a_page_behind_somebody_elses_session_is_not_there(stage: Stage) -> None:
    other = stage.office.write(lambda db: make_patient(db).id)
    theirs = stage.office.visit(patient_id=other)

    assert stage.owner().get(f"{stage.path}/sessions?before={theirs.id}").status_code == 404


def test_the_ledger_never_mixes_the_patients_debt_with_what_waits_for_insurers(stage: Stage) -> None:
    stage.office.visit(bill_to=BillTo.SELF)
    stage.office.visit(DAY + timedelta(days=1))
    stage.office.bill()

    said = words(stage.front_desk().get(f"{stage.path}/ledger"))

    assert "The patient owes $165.00" in said
    assert "Waits for insurers $165.00 not the patient's debt until they have decided" in said
    assert "330" not in said


def test_the_ledger_leads_from_each_amount_to_its_reason(stage: Stage) -> None:
    session = stage.office.visit()
    stage.office.bill()
    stage.office.write(lambda db: decide(db, session, {1: ALLOWED}, date(2026, 3, 20)))

    page = stage.front_desk().get(f"{stage.path}/ledger")

    assert f'href="/accounts/why/{stage.patient_id}?about=charge:1"' in page.text
    assert "left to the patient: PR-1 deductible, PR-2 coinsurance" in words(page)
    assert stage.front_desk().get(f"/accounts/why/{stage.patient_id}?about=charge:1").status_code == 200


def test_papers_are_listed_and_can_be_narrowed_to_a_kind(stage: Stage) -> None:
    stage.office.visit(bill_to=BillTo.SELF)
    stage.office.bill()
    stage.send(f"/accounts/{stage.patient_id}/statement")

    browser = stage.front_desk()

    assert "INV-000001" in words(browser.get(f"{stage.path}/papers"))
    only = words(browser.get(f"{stage.path}/papers?kind=statement"))
    assert "ST-000001" in only
    assert "INV-000001" not in only
    assert "No paper of this kind" in words(browser.get(f"{stage.path}/papers?kind=superbill"))


def test_messages_say_honestly_that_none_was_sent_and_show_the_consent(stage: Stage) -> None:
    stage.office.edit(stage.office.scene.patient, sms_consent=False, email=None)

    said = words(stage.front_desk().get(f"{stage.path}/messages"))

    assert "Nothing has been said, and nothing is due to be said" in said
    assert "Text messages (503) 555-0101 No consent" in said
    assert "E-mail No address on file Consent, but no address" in said


def test_the_trail_is_for_those_who_may_see_it_and_the_changes_for_all(stage: Stage) -> None:
    stage.front_desk().get(f"{stage.path}/sessions")
    session = stage.office.visit()
    stage.office.write(lambda db: make_payment(db, session, 20_00))

    trail = words(stage.owner().get(f"{stage.path}/history?trail=1"))
    changes = words(stage.front_desk().get(f"{stage.path}/history?trail=1"))

    assert "Fay Lindqvist Patient sessions viewed" in trail
    assert "Payment by card" in changes
    assert "viewed" not in changes


def test_a_course_of_care_is_begun_with_what_was_typed(stage: Stage) -> None:
    answer = begin(stage)

    assert (answer.status_code, answer.location) == (303, f"{stage.path}/plan")
    plan = stage.ask(lambda db: db.scalars(sa.select(TreatmentPlan)).one())
    assert (plan.weekly_sessions, plan.fortnightly_sessions, plan.monthly_sessions) == (6, 3, 0)
    assert (plan.patient_id, plan.starts_on, plan.diagnosis) == (stage.patient_id, ON, "M54.50")
    said = words(stage.practitioner().get(f"{stage.path}/plan"))
    assert "6 weekly, then 3 every other week" in said
    assert "Proposed by the plan Mon 20 Apr 2026" in said


def begin(stage: Stage, **changes: str) -> TestResponse:
    typed = {
        "practitioner": str(stage.office.scene.practitioner.id), "starts_on": ON.isoformat(), "weekly": "6",
        "fortnightly": "3", "monthly": "0", "diagnosis": "M54.50", "form_key": KEY,
    }  # fmt: skip
    return stage.send(f"{stage.path}/plan", **{**typed, **changes})


def test_a_course_that_cannot_be_begun_keeps_what_was_typed_and_begins_none(stage: Stage) -> None:
    left = stage.office.write(lambda db: make_practitioner(db, left_on=DAY).id)

    page = begin(stage, practitioner=str(left), weekly="x", diagnosis="M54.50")

    assert page.status_code == 422
    assert 'value="x"' in page.text
    assert "Weekly is not a whole number." in words(page)
    assert stage.ask(lambda db: db.scalars(sa.select(TreatmentPlan)).all()) == []


def test_what_a_course_lacks_is_said_at_the_field(stage: Stage) -> None:
    page = begin(stage, weekly="0", fortnightly="0", diagnosis="Z99")

    assert page.status_code == 422
    assert 'id="weekly-error"' in page.text
    assert 'id="diagnosis-error"' in page.text


def test_a_flare_up_begins_a_new_course_and_ends_the_old_one_with_its_reason(stage: Stage) -> None:
    ben = stage.office.scene.practitioner.id
    stage.office.write(lambda db: start_plan(db, stage.patient_id, ben, DAY, 4, 0, 0))
    stage.office.visit(DAY)

    begin(stage, why="Flare-up after a fall")

    said = words(stage.front_desk().get(f"{stage.path}/plan"))
    assert "Course of care since Mon 20 Apr 2026" in said
    assert "Tue 3 Mar 2026 Mon 20 Apr 2026 4 weekly 1 of 4 Ben Quill, L.Ac. Flare-up after a fall" in said


def test_a_course_begun_twice_by_one_form_is_begun_once(stage: Stage) -> None:
    assert begin(stage).location == begin(stage).location
    assert len(stage.ask(lambda db: db.scalars(sa.select(TreatmentPlan)).all())) == 1


def test_a_course_is_ended_with_a_reason(stage: Stage) -> None:
    ben = stage.office.scene.practitioner.id
    plan = stage.office.write(lambda db: start_plan(db, stage.patient_id, ben, DAY, 4, 0, 0))

    nameless = stage.send(f"{stage.path}/plan/end", plan=str(plan.id), ends_on=ON.isoformat(), why_ended="")
    ended = stage.send(f"{stage.path}/plan/end", plan=str(plan.id), ends_on=ON.isoformat(), why_ended="Free of pain")

    assert nameless.status_code == 422
    assert 'id="why_ended-error"' in nameless.text
    assert ended.status_code == 303
    kept = stage.ask(lambda db: db.get(TreatmentPlan, plan.id))
    assert (kept.ended_on, kept.why_ended) == (ON, "Free of pain")


def test_nobody_ends_another_patients_course(stage: Stage) -> None:
    ben = stage.office.scene.practitioner.id
    other = stage.office.write(lambda db: make_patient(db).id)
    theirs = stage.office.write(lambda db: start_plan(db, other, ben, DAY, 4, 0, 0))

    answer = stage.send(f"{stage.path}/plan/end", plan=str(theirs.id), ends_on=ON.isoformat(), why_ended="Mistaken")

    assert answer.status_code == 422
    assert stage.ask(lambda db: db.get(TreatmentPlan, theirs.id)).ended_on is None


def test_a_biller_changes_no_course(stage: Stage) -> None:
    before = contents(stage.desk.database, without="audit_entry")

    answer = stage.send(f"{stage.path}/plan", by=stage.desk.cast.cleo, weekly="3")

    assert answer.status_code == 403
    after = contents(stage.desk.database, without="audit_entry")
    assert {name: rows for name, rows in after.items() if name != "login"} == {
        name: rows for name, rows in before.items() if name != "login"
    }


@pytest.mark.parametrize("tab", TABS)
def test_a_longer_record_asks_no_more_of_the_database(stage: Stage, tab: str) -> None:
    browser = stage.owner()

    def statements() -> int:
        with counted(stage.desk.database) as seen:
            browser.get(f"{stage.path}/{tab}")
        return len(seen)

    first = stage.office.visit()
    stage.office.write(lambda db: make_payment(db, first, 20_00))
    stage.office.bill()
    statements()
    once = statements()
    for day in range(1, 6):
        session = stage.office.visit(DAY + timedelta(days=day))
        stage.office.write(lambda db, session=session: make_payment(db, session, 20_00))
    stage.office.visit(ON + timedelta(days=7), state=SessionState.BOOKED, signed_at=None)
    stage.office.bill()

    assert statements() <= once
