"""The courses a practitioner has taken, and how far they go."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.clinic.places import workplace
from billing.practitioners.courses import (
    CourseDetails,
    add_course,
    course_details_of,
    course_with_id,
    edit_course,
    remove_course,
)
from billing.practitioners.lapsing import held
from billing.practitioners.models import ContinuingEducation
from billing.practitioners.queries import credentials_of, education_of, full_name, practitioner_with_id
from billing.practitioners.renewal_data import renewals
from billing.reports.licence_duties import education_of as education_asked
from billing.reports.licence_duties import in_hours
from billing.web.credential_words import credential_words
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("education", __name__)
ADDRESS = "/settings/people/<int:id>/education"
_MAY = Permission.EDIT_CLINIC
_HOUR = 60
_MOST_HOURS = 500


@endpoint(pages, ADDRESS, may=_MAY, audit=None)
def education(call: Call, id: int) -> Response:
    """Everything learned, and what renewals ask for."""
    person = practitioner_with_id(call.db, id)
    courses = education_of(call.db, id)
    here = workplace(call.clinic)
    asked = [education_asked(one, courses, here) for one in held(credentials_of(call.db, id))]
    return page(
        call, "people/education.html", practitioner=person, name=full_name(person), courses=courses,
        asked=[one for one in asked if one is not None and one.cycle.last >= call.today], **_words(),
    )  # fmt: skip


@endpoint(pages, ADDRESS, method="POST", may=_MAY, audit="education added", subject="practitioner", again=education)
def add(call: Call, id: int) -> Response:
    """One more course."""
    call.detail["course"] = add_course(call.db, id, _typed(), call.today).id
    flash("The course is on file.")
    return _to_list(id)


@endpoint(pages, "/settings/education/<int:id>", may=_MAY, audit=None)
def course_form(call: Call, id: int) -> Response:
    """The form with what is on file of a course."""
    course = course_with_id(call.db, id)
    person = practitioner_with_id(call.db, course.practitioner_id)
    return page(
        call, "people/course.html", practitioner=person, name=full_name(person), course=course, seen=_mark(course),
        **_words(),
    )  # fmt: skip


@endpoint(pages, "/settings/education/<int:id>", method="POST", may=_MAY, audit="education changed", again=course_form)
def save(call: Call, id: int) -> Response:
    """Keep a corrected course."""
    course = _about(call, id)
    form = Form()
    form.check_seen(_mark(course))
    edit_course(call.db, id, _typed(form), call.today)
    flash("Saved.")
    return _to_list(course.practitioner_id)


@endpoint(
    pages, "/settings/education/<int:id>/remove", method="POST", may=_MAY, audit="education removed", again=course_form
)
def remove(call: Call, id: int) -> Response:
    """Take back what was entered by mistake."""
    course = _about(call, id)
    call.detail["what"] = f"{course.title}, {course.completed_on}, {course.minutes} minutes"
    remove_course(call.db, id)
    flash("The course is taken off the list.")
    return _to_list(course.practitioner_id)


def _about(call: Call, id: int) -> ContinuingEducation:
    course = course_with_id(call.db, id)
    call.subject, call.detail["course"] = Subject("practitioner", str(course.practitioner_id)), id
    return course


def _typed(form: Form | None = None) -> CourseDetails:
    form = form or Form()
    on = form.day("completed_on", "The day")
    minutes = _minutes(form)
    category = form.text("category", "The category", most=40)
    title, provider = form.text("title", "The title"), form.text("provider", "The provider")
    reference = form.text("reference", "The reference", required=False)
    form.refuse_any()
    if on is None or minutes is None:
        raise AssertionError("a form without a problem has all its details")
    return CourseDetails(on, minutes, category, title, provider, form.ticked("is_distance"), reference)


def _minutes(form: Form) -> int | None:
    """Hours typed like ``1.5`` as minutes."""
    typed = form.text("hours", "The hours", most=10).replace(",", ".")
    if not typed:
        return None
    try:
        hours = Decimal(typed)
    except InvalidOperation:
        hours = Decimal(-1)
    if not hours.is_finite() or not 0 < hours <= _MOST_HOURS or hours * _HOUR != int(hours * _HOUR):
        form.problem("hours", "These are not hours.", "Write them like 2 or 1.5.")
        return None
    return int(hours * _HOUR)


def _mark(course: ContinuingEducation) -> str:
    return seen_mark(course.id, course_details_of(course))


def _words() -> dict[str, Any]:
    return {"categories": renewals().categories, "in_hours": in_hours, **credential_words()}


def _to_list(practitioner_id: int) -> Response:
    return make_response(redirect(url_for("education.education", id=practitioner_id), 303))
