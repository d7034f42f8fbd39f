"""Courses at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from billing import clock
from billing.practitioners.models import ContinuingEducation
from tests.factories import Scene, set_scene
from tests.web.desk import Browser, Desk, audit_rows
from tests.web.pages.claims_stage import NOW
from tests.web.pages.settings_stage import KEY, after, error_at, mark_on, send, words

COURSE = {
    "title": "Ethics at the table", "provider": "Pine School", "completed_on": "2026-03-01", "hours": "1.5",
    "category": "ethics", "reference": "CE-7", "is_distance": "1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def april(noon: None) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def ada(desk: Desk) -> Browser:
    return desk.browser(desk.cast.ada)


@pytest.fixture
def scene(desk: Desk) -> Scene:
    with desk.database.transaction() as db:
        return set_scene(db)


def courses(desk: Desk) -> list[tuple[str, int, bool]]:
    with desk.database.reading() as db:
        return [(one.title, one.minutes, one.is_distance) for one in db.scalars(select(ContinuingEducation))]


def test_a_course_is_entered_corrected_and_taken_off_the_list(desk: Desk, ada: Browser, scene: Scene) -> None:
    address = f"/settings/people/{scene.practitioner.id}/education"
    assert "No course is on file" in words(ada.get(address))

    page = after(ada, send(ada, address, address, **COURSE))
    with desk.database.reading() as db:
        course = db.scalars(select(ContinuingEducation)).one()
    form = f"/settings/education/{course.id}"
    corrected = after(ada, send(ada, form, form, **{**COURSE, "hours": "2", "is_distance": ""}))
    entered = courses(desk)
    gone = after(ada, ada.post(f"{form}/remove"))

    assert "Ethics at the table Pine School, CE-7; from afar Ethics 1.5" in page
    assert "Ethics at the table Pine School, CE-7 Ethics 2" in corrected
    assert entered == [("Ethics at the table", 120, False)]
    assert "No course is on file" in gone
    actions = [row.action for row in audit_rows(desk.database) if row.subject_kind == "practitioner"]
    assert actions == ["education added", "education changed", "education removed"]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("hours", "lots", "not hours"),
        ("hours", "0", "not hours"),
        ("hours", "nan", "not hours"),
        ("hours", "1.3333", "not hours"),
        ("hours", "501", "not hours"),
        ("completed_on", "2026-05-01", "lies ahead"),
        ("category", "astrology", "no such category"),
        ("title", "", "empty"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_is_kept(
    desk: Desk, ada: Browser, scene: Scene, field: str, typed: str, said: str
) -> None:
    address = f"/settings/people/{scene.practitioner.id}/education"

    answer = send(ada, address, address, **{**COURSE, field: typed})

    assert answer.status_code == 422
    assert said in error_at(answer, field)
    assert 'value="Pine School"' in answer.text
    assert courses(desk) == []


def test_a_course_sent_twice_is_entered_once(desk: Desk, ada: Browser, scene: Scene) -> None:
    address = f"/settings/people/{scene.practitioner.id}/education"

    first, second = (ada.post(address, **COURSE, form_key=KEY) for _ in range(2))

    assert (first.status_code, second.location) == (303, first.location)
    assert len(courses(desk)) == 1


def test_a_course_changed_meanwhile_is_not_overwritten(desk: Desk, ada: Browser, scene: Scene) -> None:
    address = f"/settings/people/{scene.practitioner.id}/education"
    send(ada, address, address, **COURSE)
    with desk.database.reading() as db:
        course = db.scalars(select(ContinuingEducation)).one()
    form = f"/settings/education/{course.id}"
    mark = mark_on(ada.get(form))
    send(ada, form, form, **{**COURSE, "hours": "3"})

    answer = ada.post(form, **{**COURSE, "hours": "4"}, seen=mark)

    assert answer.status_code == 422
    assert courses(desk) == [("Ethics at the table", 180, True)]


def test_what_a_renewal_asks_for_is_shown_beside(desk: Desk, ada: Browser, scene: Scene) -> None:
    with desk.database.transaction() as db:
        kept = db.merge(scene.licence)
        kept.issuer, kept.number, kept.valid_to = "TX", "AC 1904", date(2026, 11, 30)

    page = words(ada.get(f"/settings/people/{scene.practitioner.id}/education"))

    assert "Texas: Licensed Acupuncturist 34 hours missing" in page
    assert "Human trafficking one course" in page
    assert "To be checked" in page


def test_of_a_category_that_is_capped_the_most_is_told(desk: Desk, ada: Browser, scene: Scene) -> None:
    with desk.database.transaction() as db:
        kept = db.merge(scene.licence)
        kept.issuer, kept.number, kept.valid_to = "CA", "AC 1904", date(2026, 11, 30)

    page = words(ada.get(f"/settings/people/{scene.practitioner.id}/education"))

    assert "0 of at most 5 hours" in page
    assert "0 hours count" not in page


def test_what_is_not_there_is_not_found(desk: Desk, ada: Browser, scene: Scene) -> None:
    for path in ("/settings/people/999/education", "/settings/education/999"):
        assert ada.get(path).status_code == 404
        assert ada.post(path, **COURSE).status_code == 404
    assert ada.post("/settings/education/999/remove").status_code == 404
