"""Follow-ups: who should come and has nothing booked, and from there to a booking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from billing import clock
from billing.coverage.models import Benefit
from billing.patients.models import Patient
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Channel, Message, Rule
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.treatment.models import TreatmentPlan
from billing.treatment.plans import start_plan
from tests.factories import Scene, make_patient, make_policy, make_session, moment, set_scene, written
from tests.sessions.booked import second_practitioner
from tests.web.desk import Browser, Desk, audit_rows, contents
from tests.web.pages.record_stage import words
from tests.web.statements import counted

TODAY = date(2026, 3, 31)
"""A Tuesday."""
NOON = moment(TODAY, "12:00")
MOST_STATEMENTS = 12


@pytest.fixture(autouse=True)
def march(noon: None) -> Iterator[None]:
    with clock.stopped_at(NOON):
        yield


@pytest.fixture
def scene(desk: Desk) -> Scene:
    with desk.database.transaction() as db:
        return set_scene(db)


def fay(desk: Desk) -> Browser:
    return desk.browser(desk.cast.fay)


def days_ago(count: int) -> date:
    return TODAY - timedelta(days=count)


def in_care(desk: Desk, scene: Scene, ago: int = 10, start: str = "09:00", **changes: Any) -> Patient:
    """Somebody in the weekly phase who was here so many days ago; ``practitioner`` is whose course it is."""
    practitioner = changes.pop("practitioner", scene.practitioner)
    with desk.database.transaction() as db:
        patient = make_patient(db, **changes)
        make_session(
            db, patient, practitioner, days_ago(ago), start=start, minutes=45, contact_minutes=20, sets=(),
            diagnoses=(),
        )  # fmt: skip
        start_plan(db, patient.id, practitioner.id, days_ago(ago), 6, 3, 3)
        return patient


def plan_of(desk: Desk, patient: Patient) -> TreatmentPlan:
    with desk.database.reading() as db:
        return db.query(TreatmentPlan).filter_by(patient_id=patient.id).one()


def test_each_tab_shows_its_own_and_counts_all(desk: Desk, scene: Scene) -> None:
    in_care(desk, scene, 2, last_name="Dueman")
    in_care(desk, scene, 10, last_name="Overdueson")
    in_care(desk, scene, 40, last_name="Lapsenski")
    browser = fay(desk)

    overdue, due, lapsed = (
        words(browser.get(path)) for path in ("/follow-ups", "/follow-ups?tab=due", "/follow-ups?tab=lapsed")
    )

    assert "Overdue 1 Due this week 1 Lapsed 1" in overdue
    assert "Overdueson, Miri (503) 555-0101 Sat 28 Mar 2026 3 days ago last visit 21 Mar 2026 Weekly" in overdue
    assert "Weekly, 1 of 12 given Ben Quill" in overdue
    assert "Dueman, Miri (503) 555-0101 Sun 5 Apr 2026 in 5 days" in due
    assert "Lapsenski, Miri (503) 555-0101 Thu 26 Feb 2026 33 days ago" in lapsed
    assert [page.count("555-0101") for page in (overdue, due, lapsed)] == [1, 1, 1]


def test_an_empty_list_says_that_it_is_empty(desk: Desk, scene: Scene) -> None:
    page = fay(desk).get("/follow-ups")

    assert "Nobody is overdue" in words(page)
    assert "<table" not in page.text


def test_the_booking_form_is_filled_in_as_the_patient_is_used_to(desk: Desk, scene: Scene) -> None:
    in_care(desk, scene, 10, start="14:15")
    browser = fay(desk)

    link = re.search(r'href="(/calendar/book[^"]+)"', browser.get("/follow-ups").text)
    assert link is not None
    form = browser.get(link[1].replace("&amp;", "&")).text

    assert "Miri Okoro" in form
    for field, value in (("day", "2026-04-04"), ("at", "14:15"), ("minutes", "45"), ("contact_minutes", "20")):
        assert re.search(rf'name="{field}"[^>]* value="{value}"', form), field
    assert re.search(rf'<option value="{scene.practitioner.id}" selected>', form)


@pytest.mark.parametrize(("hour", "day"), [("09:00", "2026-04-07"), ("16:00", "2026-03-31")])
def test_today_is_offered_only_while_the_usual_hour_is_to_come(desk: Desk, scene: Scene, hour: str, day: str) -> None:
    in_care(desk, scene, 14, start=hour)

    assert f"day={day}&amp;at={hour}" in fay(desk).get("/follow-ups").text


def test_whoever_treated_last_is_offered_where_the_courses_practitioner_has_left(desk: Desk, scene: Scene) -> None:
    with desk.database.transaction() as db:
        ida = second_practitioner(db)
    patient = in_care(desk, scene, 10, practitioner=scene.practitioner)
    with desk.database.transaction() as db:
        db.get_one(type(ida), scene.practitioner.id).left_on = days_ago(5)
        make_session(db, db.merge(patient), ida, days_ago(9), sets=(), diagnoses=())

    assert f"practitioner={ida.id}&amp;day=" in fay(desk).get("/follow-ups").text


def test_the_list_is_narrowed_to_a_practitioner_with_its_counts(desk: Desk, scene: Scene) -> None:
    with desk.database.transaction() as db:
        ida = second_practitioner(db)
    in_care(desk, scene, 10, last_name="Bensen")
    in_care(desk, scene, 40, last_name="Bensdottir")
    in_care(desk, scene, 11, last_name="Idason", practitioner=ida)

    page = fay(desk).get(f"/follow-ups?practitioner={ida.id}")

    assert "Overdue 1 Due this week 0 Lapsed 0" in words(page)
    assert "Idason" in page.text
    assert "Bensen" not in page.text
    assert f'<option value="{ida.id}" selected>' in page.text
    assert f"practitioner={ida.id}" in page.text.partition("Lapsed")[0]


def test_what_the_plan_has_left_is_told_with_who_pays(desk: Desk, scene: Scene) -> None:
    insured, alone = in_care(desk, scene, 10), in_care(desk, scene, 11, last_name="Alone")
    with desk.database.transaction() as db:
        patient = db.merge(insured)
        make_policy(db, patient, db.merge(scene.payer))
        db.add(
            Benefit(
                patient_id=patient.id, payer_id=scene.payer.id, covered=True, visits_allowed=12,
                visits_used_elsewhere=8, period="calendar_year", authorisation_required=False,
                verified_on=days_ago(5), reference="CALL-2",
            )
        )  # fmt: skip

    said = words(fay(desk).get("/follow-ups"))

    # Twelve, less eight elsewhere and the one of ten days ago.
    assert f"{scene.payer.name} 3 visits left" in said
    assert alone.last_name in said
    assert "the patient pays" in said


def a_message(patient: Patient, plan: TreatmentPlan, slot: str, state: MessageState, **changes: Any) -> Message:
    cells: dict[str, Any] = {
        "rule": Rule.FOLLOW_UP, "subject_kind": "plan", "subject_id": plan.id, "slot": slot, "channel": Channel.TEXT,
        "patient_id": patient.id, "user_id": None, "state": state, "due_at": moment(days_ago(5), "10:00"),
        "not_after": moment(TODAY, "20:00"), "taken_at": None, "tries": 0, "moved_at": NOON,
        "sent_at": moment(days_ago(5), "10:02") if state is MessageState.SENT else None, "address": "", "said": "",
        "receipt": "", "why": "",
    }  # fmt: skip
    return Message(**{**cells, **changes})


def test_the_last_reminder_of_this_session_is_told_and_no_earlier_ones(desk: Desk, scene: Scene) -> None:
    said, earlier = in_care(desk, scene, 10), in_care(desk, scene, 11)
    due_on = days_ago(3).isoformat()
    with desk.database.transaction() as db:
        plan = plan_of(desk, said)
        message = written(db, a_message(said, plan, due_on, MessageState.SENT))
        planned = moment(TODAY + timedelta(days=5), "10:00")
        db.add(
            a_message(said, plan, f"{due_on}:1", MessageState.PLANNED, rule=Rule.RECALL, due_at=planned,
                      not_after=planned + timedelta(days=30))
        )  # fmt: skip
        db.add(a_message(earlier, plan_of(desk, earlier), days_ago(90).isoformat(), MessageState.SENT))

    page = fay(desk).get("/follow-ups")

    assert "Said Text, 26 Mar 2026" in words(page)
    assert f'href="/reminders/{message.id}"' in page.text
    assert "To come" not in words(page)
    assert words(page).count("no reminder") == 1


def test_of_what_is_to_come_the_next_is_told(desk: Desk, scene: Scene) -> None:
    patient = in_care(desk, scene, 10)
    due_on = days_ago(3).isoformat()
    with desk.database.transaction() as db:
        plan = plan_of(desk, patient)
        tomorrow, next_week = (moment(TODAY + timedelta(days=days), "10:00") for days in (1, 5))
        message = written(
            db, a_message(patient, plan, due_on, MessageState.PLANNED, due_at=tomorrow, not_after=next_week)
        )
        db.add(
            a_message(patient, plan, f"{due_on}:1", MessageState.PLANNED, rule=Rule.RECALL, due_at=next_week,
                      not_after=next_week + timedelta(days=30))
        )  # fmt: skip

    page = fay(desk).get("/follow-ups")

    assert "To come Text, 1 Apr 2026" in words(page)
    assert f'href="/reminders/{message.id}"' in page.text


def test_where_nobody_is_insured_nothing_is_said_of_insurance(desk: Desk, scene: Scene) -> None:
    in_care(desk, scene, 10)
    fays = fay(desk)
    american = words(fays.get("/follow-ups"))
    with desk.database.transaction() as db:
        clinic = db.merge(scene.clinic)
        clinic.currency, clinic.time_zone = "GBP", "Europe/London"

    british = words(fays.get("/follow-ups"))

    assert "the patient pays" in american
    assert "Insurance" not in british
    assert "the patient pays" not in british


def test_a_long_list_goes_on_where_the_page_before_ended(desk: Desk, scene: Scene) -> None:
    with desk.database.transaction() as db:
        for number in range(53):
            patient = make_patient(db, last_name=f"Waits{number:02d}")
            ago = 8 + number % 7
            make_session(db, patient, scene.practitioner, days_ago(ago), sets=(), diagnoses=())
            start_plan(db, patient.id, scene.practitioner.id, days_ago(ago), 6, 0, 0)
    browser = fay(desk)

    first = browser.get("/follow-ups")
    link = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert link is not None
    second = browser.get(link[1].replace("&amp;", "&"))

    names = [re.findall(r"Waits\d\d(?=,)", page.text) for page in (first, second)]
    assert [len(one) for one in names] == [50, 3]
    assert len({*names[0], *names[1]}) == 53
    assert 'rel="next"' not in second.text
    assert "First page" in words(second)


@pytest.mark.parametrize("query", ["tab=never", "after=x~1", "after=~", "after=1~" + "9" * 40, "practitioner=nobody"])
def test_an_address_that_makes_no_sense_shows_the_beginning(desk: Desk, scene: Scene, query: str) -> None:
    in_care(desk, scene, 10)

    page = fay(desk).get(f"/follow-ups?{query}")

    assert page.status_code == 200
    assert "Okoro, Miri" in words(page)


def test_a_biller_sees_the_list_and_is_offered_no_booking(desk: Desk, scene: Scene) -> None:
    in_care(desk, scene, 10)

    page = desk.browser(desk.cast.cleo).get("/follow-ups")

    assert "Okoro, Miri" in words(page)
    assert "/calendar/book" not in page.text.partition("<main")[2].partition("</main>")[0]


def test_looking_at_it_leaves_one_row_in_the_trail_and_changes_nothing(desk: Desk, scene: Scene) -> None:
    in_care(desk, scene, 10)
    browser = fay(desk)
    before = contents(desk.database, without="audit_entry")

    browser.get("/follow-ups?tab=lapsed")

    assert contents(desk.database, without="audit_entry") == before
    row = audit_rows(desk.database)[-1]
    assert (row.action, row.subject_kind, row.detail["tab"]) == ("follow-ups listed", "patient", "lapsed")


def test_today_counts_who_is_overdue_and_leads_there(desk: Desk, scene: Scene) -> None:
    browser = fay(desk)
    nobody = browser.get("/").text
    in_care(desk, scene, 10)
    once = words(browser.get("/"))
    in_care(desk, scene, 12)
    in_care(desk, scene, 40)

    page, another_day = browser.get("/"), browser.get(f"/?day={TODAY + timedelta(days=1)}")

    assert "overdue" not in nobody
    assert "1 follow-up overdue" in once
    assert "2 follow-ups overdue" in words(page)
    assert 'href="/follow-ups?tab=overdue"' in page.text
    assert "overdue" not in words(another_day)


def test_many_take_as_few_statements_as_one(desk: Desk, scene: Scene) -> None:
    browser = fay(desk)

    def statements() -> int:
        with counted(desk.database) as seen:
            assert browser.get("/follow-ups").status_code == 200
        return len(seen)

    in_care(desk, scene, 10)
    statements()
    once = statements()
    for ago in range(8, 15):
        patient = in_care(desk, scene, ago)
        with desk.database.transaction() as db:
            make_policy(db, db.merge(patient), db.merge(scene.payer))

    assert statements() <= once <= MOST_STATEMENTS


class TestBookingFromThePlan:
    """The proposed sessions on the plan tab, booked together."""

    @staticmethod
    def rows(page: str) -> dict[str, str]:
        """The form as it is sent when all is left as it was."""
        fields = dict(re.findall(r'name="(next-\d+-(?:day|at))".*?value="([^"]+)"', page))
        mark = re.search(r'name="seen" value="([0-9a-f]+)"', page.partition("next-0-take")[0])
        assert mark is not None
        return {**fields, "seen": mark[1], "form_key": "the-key-of-this-form-01"}

    @staticmethod
    def ticks(fields: dict[str, str], most: int = 99) -> dict[str, str]:
        rows = [name.removesuffix("-day") for name in fields if name.endswith("-day")]
        return {f"{row}-take": "yes" for row in rows[:most]}

    @staticmethod
    def booked(desk: Desk, patient: Patient) -> list[ClinicSession]:
        with desk.database.reading() as db:
            theirs = db.query(ClinicSession).filter_by(patient_id=patient.id, state=SessionState.BOOKED)
            return theirs.order_by(ClinicSession.starts_at).all()

    def test_all_are_booked_at_once_at_the_usual_time_of_the_last_session(self, desk: Desk, scene: Scene) -> None:
        patient = in_care(desk, scene, 10, start="14:15")
        browser, path = fay(desk), f"/patients/{patient.id}/plan"
        page = browser.get(path)
        fields = self.rows(page.text)

        answer = browser.post(f"{path}/sessions", **fields, **self.ticks(fields))

        assert "With Ben Quill, L.Ac., 45 minutes each, as on Sat 21 Mar 2026." in words(page)
        assert (answer.status_code, answer.location) == (303, path)
        made = self.booked(desk, patient)
        assert len(made) == 8
        assert [one.starts_at for one in made[:2]] == [moment(date(2026, 4, day), "14:15") for day in (4, 11)]
        assert {(one.practitioner_id, one.minutes, one.bill_to) for one in made} == {
            (scene.practitioner.id, 45, BillTo.SELF)
        }
        told = words(browser.get(path))
        assert "8 sessions are booked." in told
        assert "Next session is booked" in told
        row = [one for one in audit_rows(desk.database) if one.action == "next sessions booked"][-1]
        assert (row.subject_kind, row.subject_id, row.detail["booked"]) == ("patient", str(patient.id), 8)

    def test_some_are_booked_at_another_time(self, desk: Desk, scene: Scene) -> None:
        patient = in_care(desk, scene, 10)
        browser, path = fay(desk), f"/patients/{patient.id}/plan"
        fields = self.rows(browser.get(path).text)

        browser.post(f"{path}/sessions", **{**fields, "next-1-at": "17:30", "next-1-take": "yes"})

        assert [one.starts_at for one in self.booked(desk, patient)] == [moment(date(2026, 4, 11), "17:30")]

    def test_none_is_booked_when_one_cannot_be_and_what_is_in_the_way_stands_at_its_row(
        self, desk: Desk, scene: Scene
    ) -> None:
        patient = in_care(desk, scene, 10)
        browser, path = fay(desk), f"/patients/{patient.id}/plan"
        fields = self.rows(browser.get(path).text)
        with desk.database.transaction() as db:
            other = make_patient(db, first_name="Osei", last_name="Brandt")
            make_session(
                db, other, scene.practitioner, date(2026, 4, 11), state=SessionState.BOOKED, contact_minutes=30,
                sets=(), diagnoses=(),
            )  # fmt: skip

        answer = browser.post(f"{path}/sessions", **{**fields, "next-2-at": "10:45"}, **self.ticks(fields, 3))

        assert answer.status_code == 422
        assert 'id="next-1-error"' in answer.text
        assert "Ben Quill is with Osei Brandt" in words(answer)
        assert 'value="10:45"' in answer.text
        assert 'name="weekly" type="number" autocomplete="off" value="6"' in answer.text
        assert self.booked(desk, patient) == []

    def test_what_is_taken_is_told_before_anything_is_sent(self, desk: Desk, scene: Scene) -> None:
        patient = in_care(desk, scene, 10)
        with desk.database.transaction() as db:
            make_session(
                db, make_patient(db), scene.practitioner, date(2026, 4, 4), state=SessionState.BOOKED,
                contact_minutes=30, sets=(), diagnoses=(),
            )  # fmt: skip

        page = fay(desk).get(f"/patients/{patient.id}/plan")

        assert "At 09:00 Ben Quill is taken; 08:30 is the nearest free time." in words(page)

    def test_without_a_tick_nothing_is_booked(self, desk: Desk, scene: Scene) -> None:
        patient = in_care(desk, scene, 10)
        browser, path = fay(desk), f"/patients/{patient.id}/plan"

        answer = browser.post(f"{path}/sessions", **self.rows(browser.get(path).text))

        assert answer.status_code == 422
        assert "No session is ticked." in words(answer)
        assert self.booked(desk, patient) == []

    def test_sent_twice_or_from_an_old_tab_they_are_booked_once(self, desk: Desk, scene: Scene) -> None:
        patient = in_care(desk, scene, 10)
        browser, path = fay(desk), f"/patients/{patient.id}/plan"
        fields = self.rows(browser.get(path).text)
        sent = {**fields, **self.ticks(fields, 2)}
        browser.post(f"{path}/sessions", **sent)

        browser.post(f"{path}/sessions", **sent)
        old_tab = browser.post(f"{path}/sessions", **{**sent, "form_key": "the-key-of-an-old-tab-1"})

        assert old_tab.status_code == 303
        assert "These sessions are booked already." in words(browser.get(path))
        assert len(self.booked(desk, patient)) == 2

    def test_a_page_that_showed_another_practitioner_books_nothing(self, desk: Desk, scene: Scene) -> None:
        patient = in_care(desk, scene, 10)
        browser, path = fay(desk), f"/patients/{patient.id}/plan"
        fields = self.rows(browser.get(path).text)
        with desk.database.transaction() as db:
            make_session(db, db.merge(patient), scene.practitioner, days_ago(1), minutes=90, sets=(), diagnoses=())

        answer = browser.post(f"{path}/sessions", **fields, **self.ticks(fields, 1))

        assert answer.status_code == 422
        assert "Somebody changed this after you had opened it." in words(answer)
        assert self.booked(desk, patient) == []

    def test_who_was_never_here_is_booked_from_the_form_for_one(self, desk: Desk, scene: Scene) -> None:
        with desk.database.transaction() as db:
            patient = make_patient(db)
            start_plan(db, patient.id, scene.practitioner.id, TODAY, 3, 0, 0)
        browser, path = fay(desk), f"/patients/{patient.id}/plan"

        page = browser.get(path)
        answer = browser.post(f"{path}/sessions", **{"next-0-take": "yes", "next-0-day": "2026-04-04"})

        assert "next-0-take" not in page.text
        assert "day=2026-03-31" in page.text
        assert answer.status_code == 422
        assert "There is no course with a session that others could be like." in words(answer)

    def test_a_biller_sees_the_days_and_books_none(self, desk: Desk, scene: Scene) -> None:
        patient = in_care(desk, scene, 10)
        browser, path = desk.browser(desk.cast.cleo), f"/patients/{patient.id}/plan"

        page = browser.get(path)

        assert "Proposed by the plan Sat 4 Apr 2026" in words(page)
        assert "next-0-take" not in page.text
        assert browser.post(f"{path}/sessions", **{"next-0-take": "yes"}).status_code == 403

    def test_nobody_is_not_a_patient(self, desk: Desk, scene: Scene) -> None:
        assert fay(desk).post("/patients/999/plan/sessions", **{"next-0-take": "yes"}).status_code == 404

    def test_the_page_takes_few_statements(self, desk: Desk, scene: Scene) -> None:
        patient = in_care(desk, scene, 10)
        browser = fay(desk)

        with counted(desk.database) as seen:
            browser.get(f"/patients/{patient.id}/plan")

        assert len(seen) <= 18, "\n".join(seen)
