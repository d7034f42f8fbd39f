"""The course of care in a patient's record: how far it has come, its next sessions, beginning and ending one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing import clock
from billing.access.permissions import Permission
from billing.errors import Refused
from billing.patients.queries import patient_with_id
from billing.reports.course_page import MOST_TRIED, USUAL_COUNTS, course_of, tried_plan
from billing.reports.patient import patient_head
from billing.reports.patient_plan import next_sessions, patient_plan, practitioners_on, usual_session
from billing.sessions.models import ClinicSession
from billing.treatment.models import TreatmentPlan
from billing.treatment.plans import LONGEST_WHY, MOST_SESSIONS, SUCCEEDED, end_plan, plans_of, start_plan
from billing.web.asked import asked_day, asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.next_sessions import book_ticked
from billing.web.rendering import page

pages = Blueprint("patient_record", __name__)
"""The pages of the record, of which the others are in :mod:`billing.web.pages.patient_record`."""

COUNTS = frozenset({"weekly", "fortnightly", "monthly"})
"""How an address says how many sessions a course that is only tried would have."""


def record_page(call: Call, id: int, tab: str, template: str = "", **facts: Any) -> Response:
    """A page of the record in its frame; ``template`` where it is not the tab's own."""
    head = patient_head(call.db, id, call.today)
    return page(call, f"patient_record/{template or tab}.html", patient=head.patient, head=head, tab=tab, **facts)


@endpoint(pages, "/patients/<int:id>/plan", may=Permission.SEE_PATIENTS, audit="patient plan viewed",
          subject="patient")  # fmt: skip
def plan(call: Call, id: int) -> Response:
    """The course of care: how far it has come, what is next, and forms to begin or end one."""
    zone = call.clinic.time_zone
    today = clock.local(call.at, zone).date()
    shown, here = patient_plan(call.db, id, today), practitioners_on(call.db, today)
    coming = next_sessions(call.db, shown, call.at, zone)
    mark = _mark(coming.like) if coming else ""
    return record_page(call, id, "plan", shown=shown, coming=coming, mark=mark, practitioners=here, most=MOST_SESSIONS)


@endpoint(pages, "/patients/<int:id>/course", may=Permission.SEE_PATIENTS, audit="course estimate viewed",
          subject="patient")  # fmt: skip
def course(call: Call, id: int) -> Response:
    """What the course of care should cost from now on, to be looked at and printed; or what another one would.

    Another one is reckoned with ``?weekly=`` and the like, and where no course has begun.
    """
    today = clock.local(call.at, call.clinic.time_zone).date()
    patient_with_id(call.db, id)
    shown, here = patient_plan(call.db, id, today), practitioners_on(call.db, today)
    own = shown.current.plan if shown.current and not COUNTS & request.args.keys() else None
    tried = None if own else _tried(id, [number for number, _ in here], today)
    found = course_of(call.db, shown, today, tried)
    return record_page(
        call, id, "plan", "course", shown=shown, found=found, plan=own or tried, is_tried=own is None, today=today,
        practitioners=here, most=MOST_TRIED,
    )  # fmt: skip


def _tried(id: int, here: Sequence[int], today: date) -> TreatmentPlan | None:
    """The course that the address asks about; ``None`` where nobody treats."""
    asked = asked_number("practitioner")
    if not here:
        return None
    numbers = [asked_number(name) for name in ("weekly", "fortnightly", "monthly")]
    counts = USUAL_COUNTS if numbers == [None] * 3 else [min(one or 0, MOST_TRIED) for one in numbers]
    first_on = max(asked_day("first") or today, today)
    return tried_plan(id, next((one for one in here if one == asked), here[0]), first_on, counts)


@endpoint(pages, "/patients/<int:id>/plan", method="POST", may=Permission.BOOK, audit="treatment plan started",
          subject="patient", again=plan)  # fmt: skip
def begin_plan(call: Call, id: int) -> Response:
    """Begin a course of care; one still in force ends that day."""
    form = Form()
    treating = [number for number, _ in practitioners_on(call.db, call.today)]
    practitioner = form.pick("practitioner", "Practitioner", treating)
    starts_on = form.day("starts_on", "First session on")
    weekly, fortnightly, monthly = (
        form.number(name, label, 0, MOST_SESSIONS)
        for name, label in (("weekly", "Weekly"), ("fortnightly", "Fortnightly"), ("monthly", "Monthly"))
    )
    diagnosis = form.text("diagnosis", "Diagnosis", most=10, required=False)
    why = form.text("why", "Why a new course", most=LONGEST_WHY, required=False)
    form.refuse_any()
    if practitioner is not None and starts_on is not None:
        made = start_plan(
            call.db, id, practitioner, starts_on, weekly or 0, fortnightly or 0, monthly or 0, diagnosis or None,
            why or SUCCEEDED,
        )  # fmt: skip
        call.detail["plan"] = made.id
        flash("The course of care has begun. Its next sessions are proposed below.")
    return make_response(redirect(url_for("patient_record.plan", id=id), 303))


@endpoint(pages, "/patients/<int:id>/plan/end", method="POST", may=Permission.BOOK, audit="treatment plan ended",
          subject="patient", again=plan)  # fmt: skip
def finish_plan(call: Call, id: int) -> Response:
    """End a course of care before its last session."""
    form = Form()
    number = form.pick("plan", "Plan", [one.id for one in plans_of(call.db, id)])
    on = form.day("ends_on", "Ends on")
    why = form.text("why_ended", "Reason", most=LONGEST_WHY)
    form.refuse_any()
    if number is not None and on is not None:
        end_plan(call.db, number, on, why)
        call.detail["plan"] = number
        flash("The course of care is ended.")
    return make_response(redirect(url_for("patient_record.plan", id=id), 303))


@endpoint(pages, "/patients/<int:id>/plan/sessions", method="POST", may=Permission.BOOK,
          audit="next sessions booked", subject="patient", again=plan)  # fmt: skip
def book_sessions(call: Call, id: int) -> Response:
    """Book the ticked ones of the proposed sessions like the patient's last one, all of them or none."""
    patient_with_id(call.db, id)
    shown = patient_plan(call.db, id, call.today)
    like = usual_session(call.db, shown.current.plan) if shown.current else None
    if like is None:
        raise Refused("There is no course with a session that others could be like. Look at the page again.")
    form = Form()
    form.check_seen(_mark(like))
    book_ticked(call, form, like.id)
    return make_response(redirect(url_for("patient_record.plan", id=id), 303))


def _mark(like: ClinicSession) -> str:
    """What the person was told of the sessions besides their days and times."""
    return seen_mark(like.practitioner_id, like.minutes)
