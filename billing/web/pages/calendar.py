"""The day by practitioner or by room: booking and moving sessions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, time
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.database import Db
from billing.errors import NotFound, Refused, blocking
from billing.estimates.good_faith.queries import estimate_due_if_booked
from billing.estimates.models import Occasion
from billing.operations.estimating import keep_session_estimate
from billing.operations.rounds import ASK_PAYERS
from billing.reports.booking_page import Booking, booking, first_free, last_treated_by
from billing.reports.calendar_page import By, day_grid
from billing.reports.hits import Hit
from billing.reports.outlook_facts import Surroundings, surroundings
from billing.reports.search import patients_found
from billing.sessions.booking import book as book_session
from billing.sessions.booking import reschedule, slot_of
from billing.sessions.calendar import DEFAULT_CONTACT_MINUTES, DEFAULT_MINUTES
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.moving import the_session
from billing.sessions.slots import LONGEST_MINUTES, SHORTEST_MINUTES, Slot, hold_calendar
from billing.web.asked import asked_choice, asked_day, asked_number, asked_time
from billing.web.endpoint import Call, endpoint
from billing.web.formatting import moment, with_days
from billing.web.forms import Form, seen_mark
from billing.web.pages.patients import seeker_of
from billing.web.rendering import page, part

pages = Blueprint("calendar", __name__)

MOST_FOUND = 20
BILL_TO = {BillTo.INSURANCE: "Insurance", BillTo.SELF: "The patient", BillTo.SUPERBILL: "The patient, with a superbill"}
USUAL_START = time(9)


@endpoint(pages, "/calendar", may=Permission.SEE_DAY, audit="calendar viewed", subject="day")
def day(call: Call) -> Response:
    """One day, in columns."""
    grid = day_grid(call.db, call.at, asked_day(), asked_choice("by", By, By.PRACTITIONER))
    call.subject = Subject("day", grid.on.isoformat())
    return page(call, "calendar/day.html", grid=grid)


@endpoint(pages, "/calendar/book", may=Permission.BOOK, audit="booking form viewed", subject="patient")
def book_form(call: Call) -> Response:
    """Whom to book; with ``?patient=`` when, with whom and where."""
    return _booking_form(call)


def _booking_form(call: Call) -> Response:
    patient_id = asked_number("patient")
    if patient_id is None:
        return _whom(call, None)
    call.subject = Subject("patient", str(patient_id))
    around = surroundings(call.db)
    slot = _slot_asked(call, around, patient_id)
    if slot is None:
        return page(call, "calendar/nobody_treats.html")
    billed = asked_choice("bill_to", BillTo, BillTo.SELF) if request.values.get("bill_to") else None
    found = booking(call.db, around, patient_id, slot, call.at, billed)
    facts = _form_facts(around, slot, found, call.today)
    if call.is_partial:
        return part(call, "calendar/_outlook.html", **facts)
    return page(call, "calendar/book.html", **facts)


def _whom(call: Call, found: list[Hit] | None) -> Response:
    asked = {name: request.values[name] for name in ("day", "at", "practitioner", "room") if request.values.get(name)}
    template = "calendar/_found.html" if call.is_partial else "calendar/whom.html"
    return part(call, template, found=found, asked=asked, most=MOST_FOUND)


@endpoint(pages, "/calendar/find", method="POST", may=Permission.BOOK, audit="searched", looks_only=True)
def find(call: Call) -> Response:
    """Patients to book, by what is typed."""
    found = patients_found(call.db, request.form.get("q", ""), MOST_FOUND + 1, seeker_of(call))
    return _whom(call, found)


@endpoint(pages, "/calendar/look", method="POST", may=Permission.BOOK, audit="booking form viewed",
          subject="patient", looks_only=True)  # fmt: skip
def look(call: Call) -> Response:
    """The form as it is filled now, with what speaks against it; nothing is booked."""
    moved = asked_number("session")
    return _booking_form(call) if moved is None else _moving_form(call, moved)


@endpoint(pages, "/sessions", method="POST", may=Permission.BOOK, audit="session booked", subject="session",
          again=_booking_form)  # fmt: skip
def book(call: Call) -> Response:
    """Book what the form says."""
    form = Form()
    patient_id = asked_number("patient")
    if patient_id is None:
        raise NotFound("There is no such patient.")
    around = surroundings(call.db)
    slot = _slot_typed(form, around)
    bill_to = form.choice("bill_to", "Bill to", BillTo)
    form.refuse_any()
    continues = asked_number("continues") if form.ticked("continues") else None
    session = book_session(
        call.db, patient_id, slot, by=str(call.actor), at=call.at, bill_to=bill_to, continues=continues
    )
    call.subject = Subject("session", str(session.id))
    keep_session_estimate(call.db, session.id, Occasion.BOOKING, by=str(call.actor), at=call.at)
    if session.bill_to is BillTo.INSURANCE:
        call.ring(ASK_PAYERS)
    flash(f"Booked for {moment(session.starts_at, around.clinic.time_zone)}.")
    _warn_before_signing(around, slot)
    return _to_day(slot.on)


def _warn_before_signing(around: Surroundings, slot: Slot) -> None:
    """Say what will keep the session from being signed: whoever books without looking first sees it too."""
    problems = around.clinicians.practice_problems(slot.practitioner_id, slot.on, slot.room_id)
    for problem in blocking(problems):
        flash(with_days(f"As it stands it cannot be signed: {problem.why}"), "warn")


@endpoint(pages, "/sessions/<int:id>/move", may=Permission.BOOK, audit="move form viewed", subject="session")
def move_form(call: Call, id: int) -> Response:
    """Where and when else a session could be; a drop on the calendar comes with day, time and column."""
    return _moving_form(call, id)


def _moving_form(call: Call, id: int) -> Response:
    session = _session(call.db, id)
    around = surroundings(call.db)
    zone = around.clinic.time_zone
    slot = _slot_asked(call, around, session.patient_id, slot_of(session, zone))
    if slot is None:
        return page(call, "calendar/nobody_treats.html")
    found = booking(call.db, around, session.patient_id, slot, call.at, None, session)
    facts = _form_facts(around, slot, found, call.today)
    facts |= {"moved": session, "now": slot_of(session, zone), "mark": _mark(session)}
    if call.is_partial:
        return part(call, "calendar/_outlook.html", **facts)
    return page(call, "calendar/move.html", **facts)


@endpoint(pages, "/sessions/<int:id>/move", method="POST", may=Permission.BOOK, audit="session moved",
          subject="session", again=_moving_form)  # fmt: skip
def move(call: Call, id: int) -> Response:
    """Move the session to where the form says."""
    form = Form()
    hold_calendar(call.db)
    session = the_session(call.db, id)
    around = surroundings(call.db)
    slot = _slot_typed(form, around)
    why = form.text("why", "The reason", required=False)
    form.check_seen(_mark(session))
    form.refuse_any()
    session = reschedule(call.db, id, slot, by=str(call.actor), at=call.at, why=why)
    flash(f"Moved to {moment(session.starts_at, call.clinic.time_zone)}.")
    _warn_before_signing(around, slot)
    return _to_day(slot.on)


def _session(db: Db, id: int) -> ClinicSession:
    session = db.get(ClinicSession, id)
    if session is None:
        raise NotFound("There is no such session.")
    return session


def _mark(session: ClinicSession) -> str:
    return seen_mark(
        session.state, session.starts_at, session.practitioner_id, session.room_id, session.minutes,
        session.contact_minutes,
    )  # fmt: skip


def _slot_asked(call: Call, around: Surroundings, patient_id: int, now: Slot | None = None) -> Slot | None:
    """The slot that the address or the form asks for; what it leaves open is as it is ``now``, or as usual.

    ``None`` when nobody treats here.
    """
    on = asked_day() or (now.on if now else call.today)
    minutes, contact = asked_number("minutes"), asked_number("contact_minutes")
    treating = {one.id: one for one in around.treating_on(on, {now.practitioner_id} if now else ())}
    wanted = asked_number("practitioner") or (now.practitioner_id if now else last_treated_by(call.db, patient_id))
    if not treating:
        return None
    slot = Slot(
        practitioner_id=wanted if wanted in treating else _first_choice(around, treating, on),
        on=on,
        at=asked_time() or (now.at if now else USUAL_START),
        room_id=_room_asked(around, now),
        minutes=(now.minutes if now else DEFAULT_MINUTES) if minutes is None else minutes,
        contact_minutes=(now.contact_minutes if now else DEFAULT_CONTACT_MINUTES) if contact is None else contact,
    )
    if now is None and asked_time() is None:
        zone = around.clinic.time_zone
        return replace(slot, at=first_free(call.db, slot, patient_id, zone, call.at))
    return slot


def _first_choice(around: Surroundings, treating: Collection[int], on: date) -> int:
    """The first by name who is licensed that day, else just the first."""
    licensed = (one for one in treating if not blocking(around.clinicians.practice_problems(one, on)))
    return next(licensed, next(iter(treating)))


def _room_asked(around: Surroundings, now: Slot | None) -> int | None:
    if now is not None and "room" not in request.values:
        return now.room_id
    room_id = asked_number("room")
    return room_id if room_id in {one.id for one in around.rooms} else None


def _slot_typed(form: Form, around: Surroundings) -> Slot:
    """The slot of a form that is to be carried out. Raises :class:`Refused` with everything that is wrong with it."""
    practitioner_id = form.pick("practitioner", "Practitioner", around.clinicians.practitioners)
    on, at = form.day("day", "The day"), form.clock_time("at", "The time")
    room_id = form.pick("room", "Room", {one.id for one in around.rooms}, required=False)
    minutes = form.number("minutes", "Minutes", SHORTEST_MINUTES, LONGEST_MINUTES)
    contact = form.number("contact_minutes", "The practitioner's minutes", 1, LONGEST_MINUTES)
    if practitioner_id is None or on is None or at is None or minutes is None or contact is None:
        form.refuse_any()
        raise Refused("The form is not complete.")
    return Slot(practitioner_id, on, at, room_id, minutes, contact)


def _form_facts(around: Surroundings, slot: Slot, found: Booking, today: date) -> dict[str, Any]:
    return {
        "slot": slot,
        "found": found,
        "practitioners": [
            (one.id, f"{one.first_name} {one.last_name}") for one in around.treating_on(slot.on, {slot.practitioner_id})
        ],
        "rooms": [(one.id, one.name) for one in around.rooms_on(slot.on, {slot.room_id} if slot.room_id else ())],
        "who_treats": {one.id: f"{one.first_name} {one.last_name}" for one in around.practitioners},
        "payers": bool(around.clinicians.payers),
        "bill_to": [(one.value, words) for one, words in BILL_TO.items()],
        "sent": request.form or None,
        "moved": None,
        "estimate_due": estimate_due_if_booked(around.clinic, found.bill_to, today, slot.on),
    }


def _to_day(on: date) -> Response:
    return make_response(redirect(url_for("calendar.day", day=on.isoformat()), 303))
