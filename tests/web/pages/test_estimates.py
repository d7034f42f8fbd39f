"""Estimates at the desk: what is due, issuing, replacing, handing over, and letting a bill pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from billing import clock
from billing.charges.models import Charge
from billing.database import Db
from billing.estimates.models import EstimateEvent, EstimateHistory, EstimateRequest, GoodFaithEstimate, KeptEstimate
from billing.sessions.models import BillTo
from billing.treatment.plans import start_plan
from billing.web.forms import seen_mark
from tests.estimates.good_faith.estimates_on_stage import at_nine, make_estimate, self_paid, weekly
from tests.factories import Scene, make_fee, make_patient, make_session, set_scene, written
from tests.web.desk import Browser, Desk

FIRST = date(2026, 3, 16)


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with clock.stopped_at(at_nine()):
        yield


@pytest.fixture
def scene(desk: Desk) -> Scene:
    with desk.database.transaction() as db:
        return set_scene(db)


@pytest.fixture
def fay(desk: Desk) -> Browser:
    return desk.browser(desk.cast.fay)


def issued(desk: Desk) -> list[GoodFaithEstimate]:
    with desk.database.reading() as db:
        return list(db.scalars(select(GoodFaithEstimate).order_by(GoodFaithEstimate.id)))


def history(desk: Desk) -> list[EstimateHistory]:
    with desk.database.reading() as db:
        return list(db.scalars(select(EstimateHistory).order_by(EstimateHistory.id)))


def typed(scene: Scene, **changes: str) -> dict[str, str]:
    return {
        "practitioner": str(scene.practitioner.id), "from_on": "2026-03-16", "visits": "3", "every": "7",
        "service-0-code": "97810", "service-0-units": "1", "service-1-code": "97811", "service-1-units": "1", **changes,
    }  # fmt: skip


def stage(desk: Desk, scene: Scene) -> GoodFaithEstimate:
    """An issued estimate of three visits."""
    with desk.database.transaction() as db:
        return make_estimate(db, scene, weekly(FIRST, 3))


def dear(db: Db, scene: Scene) -> None:
    session = make_session(db, scene.patient, scene.practitioner, FIRST, bill_to=BillTo.SELF)
    cells = {"session_id": session.id, "position": 1, "service_on": FIRST, "code": "97810", "modifiers": [], "units": 1}
    written(db, Charge(**cells, cents=575_00, reversed_at=None))


def test_what_is_due_is_listed_with_day_patient_and_reason(desk: Desk, scene: Scene, fay: Browser) -> None:
    with desk.database.transaction() as db:
        self_paid(db, scene, FIRST)

    shown = fay.get("/estimates").text
    of_patient = fay.get(f"/patients/{scene.patient.id}/estimates").text

    for page in (shown, of_patient):
        assert "3 business days left" in page
        assert "and no estimate speaks for it" in page
        assert f"/patients/{scene.patient.id}/estimates/new" in page
    assert "Miri Okoro" in shown
    assert shown.index('<th scope="col">Patient') < shown.index('<th scope="col">Due by')


def test_a_form_issues_an_estimate_of_what_is_typed(desk: Desk, scene: Scene, fay: Browser) -> None:
    form = fay.get(f"/patients/{scene.patient.id}/estimates/new")
    answer = fay.post(
        f"/patients/{scene.patient.id}/estimates/new",
        **typed(scene, **{"service-2-code": "99203", "service-2-units": "1", "service-2-first": "yes"}),
        diagnoses="m54.50, M54.51", separately="Herbs\nX-ray", frequency="Weekly",
    )  # fmt: skip

    (made,) = issued(desk)
    assert form.status_code == 200
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/estimates/{made.id}")
    assert made.total_cents == 3 * 165_00 + 140_00
    assert made.scope["scope"]["diagnoses"] == ["M54.50", "M54.51"]
    assert made.scope["scope"]["separately"] == ["Herbs", "X-ray"]
    assert made.by == f"user:{desk.cast.fay.id}"


def test_a_code_of_the_clinics_own_is_estimated_however_long_it_may_be(desk: Desk, scene: Scene, fay: Browser) -> None:
    with desk.database.transaction() as db:
        make_fee(db, "LIU-WEI-DI-HUANG", 18_00)

    answer = fay.post(
        f"/patients/{scene.patient.id}/estimates/new", **typed(scene, **{"service-1-code": "LIU-WEI-DI-HUANG"})
    )

    assert answer.status_code == 303, answer.text
    assert [one["code"] for one in issued(desk)[0].scope["scope"]["services"]] == ["97810", "LIU-WEI-DI-HUANG"]


def test_what_cannot_be_estimated_is_told_with_what_was_typed_kept(desk: Desk, scene: Scene, fay: Browser) -> None:
    answer = fay.post(
        f"/patients/{scene.patient.id}/estimates/new", **typed(scene, **{"service-0-code": "XX1", "visits": "4"})
    )
    empty = fay.post(f"/patients/{scene.patient.id}/estimates/new")

    assert (answer.status_code, empty.status_code) == (422, 422)
    assert "XX1 has no standard fee in effect" in answer.text
    assert 'value="XX1"' in answer.text
    assert issued(desk) == []


def test_a_version_that_comes_too_late_says_from_when_on_it_binds(desk: Desk, scene: Scene) -> None:
    made = stage(desk, scene)

    with clock.stopped_at(at_nine(date(2026, 3, 15))):
        fay = desk.browser(desk.cast.fay)
        path = f"/patients/{scene.patient.id}/estimates/new?replaces={made.id}"
        answer = fay.post(path, **typed(scene), why="A new price.")
        shown = fay.get(answer.headers["Location"]).text

    assert "It is too late to bind before Tue 17 Mar 2026: until then the one before holds." in shown


def test_a_replaced_estimate_says_until_when_it_speaks_and_can_be_given_until_then(
    desk: Desk, scene: Scene, fay: Browser
) -> None:
    made = stage(desk, scene)
    with desk.database.transaction() as db:
        make_estimate(db, scene, weekly(date(2026, 3, 23), 2), replaces=made.id, why="A new price.")

    page, tab = fay.get(f"/estimates/{made.id}").text, fay.get(f"/patients/{scene.patient.id}/estimates").text
    listed = fay.get("/estimates").text
    given = fay.post(f"/estimates/{made.id}/deliver", how="handed_over", on="2026-03-02", why="")

    assert "Mon 16 Mar 2026 to Sun 22 Mar 2026, then GFE-000001 v2" in page
    assert "Note the delivery" in page
    assert "to Sun 22 Mar 2026" in tab
    assert "to Sun 22 Mar 2026" in listed
    assert "Replaced" in listed
    assert given.status_code == 303, given.text


def test_a_new_version_says_why_and_is_of_the_same_patient(desk: Desk, scene: Scene, fay: Browser) -> None:
    first = stage(desk, scene)
    with desk.database.transaction() as db:
        other = make_patient(db)
    path = f"/patients/{scene.patient.id}/estimates/new?replaces={first.id}"

    form = fay.get(path)
    without = fay.post(path, **typed(scene))
    done = fay.post(path, **typed(scene, visits="5"), why="Two more visits.")
    strange = fay.post(f"/patients/{other.id}/estimates/new?replaces={first.id}", **typed(scene), why="x")

    assert "Replace GFE-000001" in form.text
    assert (without.status_code, done.status_code, strange.status_code) == (422, 303, 404)
    assert [(one.version, one.supersedes_id) for one in issued(desk)] == [(1, None), (2, first.id)]


def test_delivery_signature_and_copy_are_noted_and_shown(desk: Desk, scene: Scene, fay: Browser) -> None:
    made = stage(desk, scene)
    with desk.database.transaction() as db:
        db.merge(scene.patient).email_consent = False

    early = fay.post(f"/estimates/{made.id}/acknowledge", on="2026-03-02")
    fay.post(f"/estimates/{made.id}/deliver", how="handed_over", on="2026-03-02", why="At the desk.")
    fay.post(f"/estimates/{made.id}/acknowledge", on="2026-03-02")
    fay.post(f"/estimates/{made.id}/copy", how="posted", on="2026-03-02")
    mailed = fay.post(f"/estimates/{made.id}/deliver", how="emailed", on="2026-03-02")
    shown = fay.get(f"/estimates/{made.id}").text

    assert (early.status_code, mailed.status_code) == (422, 422)
    assert [one.event for one in history(desk)] == [
        EstimateEvent.DELIVERED, EstimateEvent.ACKNOWLEDGED, EstimateEvent.COPIED
    ]  # fmt: skip
    for words in ("Given to the patient", "At the desk.", "The patient signed for it", "Copy given on request"):
        assert words in shown


def test_the_paper_is_a_pdf_the_same_each_time_and_looking_at_it_is_on_the_trail(
    desk: Desk, scene: Scene, fay: Browser
) -> None:
    made = stage(desk, scene)

    first, again = (fay.get(f"/estimates/{made.id}/paper") for _ in range(2))

    assert (first.mimetype, first.data[:5]) == ("application/pdf", b"%PDF-")
    assert first.data == again.data


def test_only_the_owner_lets_a_bill_pass_and_with_a_reason(desk: Desk, scene: Scene, fay: Browser) -> None:
    made = stage(desk, scene)
    with desk.database.transaction() as db:
        dear(db, scene)
    ada = desk.browser(desk.cast.ada)

    page, own = fay.get("/estimates").text, fay.get(f"/patients/{scene.patient.id}/estimates").text
    itself, ada_sees = (one.get(f"/estimates/{made.id}").text for one in (fay, ada))
    address, seen = f"/estimates/{made.id}/let-pass", seen_mark(410_00)
    refused = fay.post(address, why="x", seen=seen)
    without = ada.post(address, why="", seen=seen)
    of_less = ada.post(address, why="Agreed in writing.", seen=seen_mark(400_00))
    done = ada.post(address, why="Agreed in writing.", seen=seen)
    again = ada.post(address, why="Agreed in writing.", seen=seen)

    assert "Billed above the estimate" in page and "$410.00" in page
    assert "Far above" in own and "Near the limit" not in own
    assert "$410.00 above" in itself and "Open the estimate" not in itself
    assert (refused.status_code, without.status_code, done.status_code, again.status_code) == (403, 422, 303, 303)
    assert of_less.status_code == 422 and "Somebody changed this" in of_less.text
    assert f'value="{seen}"' in ada_sees
    assert [(one.event, one.up_to_cents) for one in history(desk)] == [(EstimateEvent.LET_PASS, 410_00)]


def test_a_request_is_noted_and_taken_off_the_list(desk: Desk, scene: Scene, fay: Browser) -> None:
    fay.post(f"/patients/{scene.patient.id}/estimates/asked", asked_on="2026-03-02", remark="What is a visit?")
    listed = fay.get("/estimates").text
    with desk.database.reading() as db:
        asked = db.scalars(select(EstimateRequest)).one()
    without = fay.post(f"/estimate-requests/{asked.id}/withdraw", why_withdrawn="")
    fay.post(f"/estimate-requests/{asked.id}/withdraw", why_withdrawn="Chose otherwise.")
    after = fay.get("/estimates").text
    shown = fay.get(f"/patients/{scene.patient.id}/estimates").text

    assert "What is a visit?" in listed
    assert without.status_code == 422
    assert "No estimate is due" in after
    assert "Not wanted any more: Chose otherwise." in shown


def test_elsewhere_nothing_is_asked_for_and_a_plain_estimate_can_be_printed(
    desk: Desk, scene: Scene, fay: Browser
) -> None:
    with desk.database.transaction() as db:
        db.merge(scene.clinic).currency = "GBP"

    listed = fay.get("/estimates").text
    fay.post(f"/patients/{scene.patient.id}/estimates/new", **typed(scene))

    assert "No law asks for estimates here" in listed
    assert [one.kind.value for one in issued(desk)] == ["plain"]


def test_what_is_not_there_is_not_found(desk: Desk, scene: Scene, fay: Browser) -> None:
    for path in ("/estimates/99", "/estimates/99/paper", "/patients/99/estimates", "/patients/99/estimates/new"):
        assert fay.get(path).status_code == 404, path
    assert fay.post("/estimate-requests/99/withdraw", why_withdrawn="x").status_code == 404


def test_the_course_of_care_is_shown_session_by_session_and_can_be_printed(
    desk: Desk, scene: Scene, fay: Browser
) -> None:
    none_yet = fay.get(f"/patients/{scene.patient.id}/course").text
    with desk.database.transaction() as db:
        db.merge(scene.benefit).visits_allowed = 2
        start_plan(db, scene.patient.id, scene.practitioner.id, FIRST, 3, 0, 0)

    plan = fay.get(f"/patients/{scene.patient.id}/plan").text
    shown = fay.get(f"/patients/{scene.patient.id}/course").text

    assert "No course has begun yet" in none_yet
    assert f"/patients/{scene.patient.id}/course" in plan
    for words in ("3 to come", "$495.00", "$280.00", "Cover ends at session 3", "no promise of payment"):
        assert words in shown, words


def test_what_a_course_would_cost_is_told_before_the_first_session_is_booked(
    desk: Desk, scene: Scene, fay: Browser
) -> None:
    course = f"/patients/{scene.patient.id}/course"
    booking = fay.get(f"/calendar/book?patient={scene.patient.id}&practitioner={scene.practitioner.id}&day=2026-03-16")
    coverage, plan = (fay.get(f"/patients/{scene.patient.id}/{tab}").text for tab in ("coverage", "plan"))

    usual = fay.get(f"{course}?first=2026-03-16&practitioner={scene.practitioner.id}").text
    other = fay.get(f"{course}?first=2026-03-16&weekly=2&fortnightly=&monthly=").text
    odd = fay.get(f"{course}?first=1999-01-01&weekly=999999&practitioner=99&monthly=x").text

    assert f"{course}?first=2026-03-16&amp;practitioner={scene.practitioner.id}" in booking.text
    assert course in coverage
    assert course in plan
    assert "12 to come" in usual
    assert "Mon 16 Mar 2026" in usual
    assert "2 to come" in other
    assert "30 to come" in odd


def test_a_course_that_has_begun_can_be_reckoned_with_other_numbers(desk: Desk, scene: Scene, fay: Browser) -> None:
    course = f"/patients/{scene.patient.id}/course"
    with desk.database.transaction() as db:
        start_plan(db, scene.patient.id, scene.practitioner.id, FIRST, 3, 0, 0)

    from_booking = fay.get(f"{course}?first=2026-04-13&practitioner={scene.practitioner.id}").text
    other = fay.get(f"{course}?weekly=5").text

    assert "What the course should cost from now on" in from_booking
    assert "3 to come" in from_booking
    assert "5 to come" in other
    assert "the course that has begun stays as it is" in other


def test_the_accuracy_page_says_what_will_be_there(desk: Desk, scene: Scene, fay: Browser) -> None:
    assert "Nothing to compare yet" in fay.get("/estimates/accuracy").text


def test_booking_an_insured_session_keeps_its_estimate(desk: Desk, scene: Scene, fay: Browser) -> None:
    answer = fay.post(
        "/sessions", patient=str(scene.patient.id), practitioner=str(scene.practitioner.id), day="2026-03-16",
        at="09:00", minutes="60", contact_minutes="30", bill_to="insurance",
    )  # fmt: skip

    with desk.database.reading() as db:
        kept = db.scalars(select(KeptEstimate)).all()
    assert answer.status_code == 303, answer.text
    assert [(one.occasion.value, one.expected_cents) for one in kept] == [("booking", 25_00)]


def test_booking_says_by_when_an_estimate_is_due_of_a_visit_that_the_patient_pays(
    desk: Desk, scene: Scene, fay: Browser
) -> None:
    path = f"/calendar/book?patient={scene.patient.id}&practitioner={scene.practitioner.id}&at=09:00"

    early, short, insured = (
        fay.get(f"{path}&day={day}&bill_to={bill_to}").text
        for day, bill_to in (("2026-03-18", "self"), ("2026-03-04", "self"), ("2026-03-18", "insurance"))
    )

    assert "one is due by Thu 5 Mar 2026" in early
    assert "one is due by" not in short + insured
