"""Entering the courses that practitioners have taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing.database import Database
from billing.errors import NotFound, Refused
from billing.practitioners.courses import CourseDetails, add_course, course_details_of, edit_course, remove_course
from billing.practitioners.queries import education_of
from tests.factories import make_practitioner

TODAY = date(2026, 3, 31)
COURSE = CourseDetails(date(2026, 3, 1), 90, "ethics", "Ethics at the table", "Pine School", True, "CE-7")


def test_a_course_is_entered_corrected_and_taken_back(database: Database) -> None:
    with database.transaction() as db:
        ben = make_practitioner(db)
        made = add_course(db, ben.id, replace(COURSE, title="  Ethics  at the table "), TODAY)
        first = course_details_of(made)
        edit_course(db, made.id, replace(COURSE, minutes=120), TODAY)

    with database.transaction() as db:
        assert first == COURSE
        assert [one.minutes for one in education_of(db, ben.id)] == [120]
        remove_course(db, made.id)
        assert education_of(db, ben.id) == []
        with pytest.raises(NotFound):
            remove_course(db, made.id)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minutes": 0}, "hours"),
        ({"minutes": 60 * 501}, "hours"),
        ({"category": "astrology"}, "category"),
        ({"completed_on": date(2026, 4, 1)}, "completed_on"),
        ({"title": " "}, "title"),
        ({"provider": ""}, "provider"),
        ({"reference": "x" * 201}, "reference"),
    ],
)
def test_what_no_course_can_be_is_refused_at_its_field(
    sqlite_database: Database, changes: dict[str, Any], field: str
) -> None:
    with sqlite_database.transaction() as db:
        ben = make_practitioner(db)

        with pytest.raises(Refused) as refused:
            add_course(db, ben.id, replace(COURSE, **changes), TODAY)

        assert [one.where for one in refused.value.problems] == [f"field:{field}"]
        assert education_of(db, ben.id) == []


def test_a_course_entered_again_is_refused_since_it_would_count_twice(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        ben = make_practitioner(db)
        add_course(db, ben.id, COURSE, TODAY)

        with pytest.raises(Refused) as refused:
            add_course(db, ben.id, replace(COURSE, title=" ethics at  the Table", minutes=120), TODAY)
        add_course(db, ben.id, replace(COURSE, category="safety"), TODAY)

        assert [one.where for one in refused.value.problems] == ["field:title"]
        assert [one.category for one in education_of(db, ben.id)] == ["ethics", "safety"]
