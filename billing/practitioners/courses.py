"""Entering the courses that practitioners have taken, and taking back what was entered by mistake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from billing.database import Db
from billing.errors import NotFound, Problem, Refused, block
from billing.practitioners.lapsing import same_words
from billing.practitioners.models import ContinuingEducation
from billing.practitioners.queries import practitioner_with_id
from billing.practitioners.renewal_data import renewals

LONGEST_TEXT = 200
_MOST_MINUTES = 60 * 500


@dataclass(frozen=True, slots=True)
class CourseDetails:
    """What a certificate of a course says."""

    completed_on: date
    minutes: int
    category: str
    title: str
    provider: str
    is_distance: bool = False
    reference: str = ""


def course_details_of(one: ContinuingEducation) -> CourseDetails:
    """What is on file of a course."""
    return CourseDetails(
        one.completed_on, one.minutes, one.category, one.title, one.provider, one.is_distance, one.reference
    )


def course_with_id(db: Db, course_id: int) -> ContinuingEducation:
    """The course of that number. Raises :class:`NotFound`."""
    found = db.get(ContinuingEducation, course_id)
    if found is None:
        raise NotFound(f"There is no course {course_id}.")
    return found


def add_course(db: Db, practitioner_id: int, details: CourseDetails, today: date) -> ContinuingEducation:
    """Put a course on file. Raises :class:`NotFound`, :class:`Refused` with every reason."""
    practitioner_with_id(db, practitioner_id)
    if _is_on_file(db, practitioner_id, details):
        why = "This course of that day is on file already: it would count twice."
        raise Refused(why, [block("education.twice", why, "Correct the one on file, or this title.", "field:title")])
    made = ContinuingEducation(practitioner_id=practitioner_id)
    return _keep(db, made, details, today)


def edit_course(db: Db, course_id: int, details: CourseDetails, today: date) -> ContinuingEducation:
    """Correct a course. Raises :class:`NotFound`, :class:`Refused` with every reason."""
    return _keep(db, course_with_id(db, course_id), details, today)


def remove_course(db: Db, course_id: int) -> None:
    """Take back a course that was entered by mistake. Raises :class:`NotFound`."""
    db.delete(course_with_id(db, course_id))
    db.flush()


def _keep(db: Db, kept: ContinuingEducation, details: CourseDetails, today: date) -> ContinuingEducation:
    if problems := course_problems(details, today):
        raise Refused(" ".join(one.why for one in problems), problems)
    kept.completed_on, kept.minutes, kept.category = details.completed_on, details.minutes, details.category
    kept.title, kept.provider = " ".join(details.title.split()), " ".join(details.provider.split())
    kept.is_distance, kept.reference = details.is_distance, " ".join(details.reference.split())
    db.add(kept)
    db.flush()
    return kept


def _is_on_file(db: Db, practitioner_id: int, details: CourseDetails) -> bool:
    """Whether the same course, of that day and provider, is there already, however its words are spaced or cased."""
    same_day = select(ContinuingEducation).where(
        ContinuingEducation.practitioner_id == practitioner_id,
        ContinuingEducation.completed_on == details.completed_on,
    )
    return any(_identity(course_details_of(one)) == _identity(details) for one in db.scalars(same_day))


def _identity(one: CourseDetails) -> tuple[object, ...]:
    return (
        same_words(one.title), same_words(one.provider), same_words(one.reference), one.category, one.is_distance,
    )  # fmt: skip


def course_problems(details: CourseDetails, today: date) -> list[Problem]:
    """What no course can be."""
    problems = []
    if not 0 < details.minutes <= _MOST_MINUTES:
        why = "A course takes from a quarter of an hour to 500 hours."
        problems.append(block("education.minutes", why, "Copy the hours from the certificate.", "field:hours"))
    if details.category not in renewals().categories:
        why = "There is no such category of courses."
        problems.append(block("education.category", why, "Choose one of the list.", "field:category"))
    if details.completed_on > today:
        why = "The course lies ahead."
        problems.append(block("education.day", why, "Enter it once it was taken.", "field:completed_on"))
    for name, label in (("title", "title"), ("provider", "provider")):
        if not getattr(details, name).strip():
            problems.append(block("education.missing", f"The {label} is empty.", "Fill it in.", f"field:{name}"))
    for name in ("title", "provider", "reference"):
        if len(getattr(details, name)) > LONGEST_TEXT:
            why = f"This is longer than {LONGEST_TEXT} characters."
            problems.append(block("education.length", why, "Shorten it.", f"field:{name}"))
    return problems
