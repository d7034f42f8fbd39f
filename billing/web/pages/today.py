"""Today: who comes, who is in the clinic, who is finished, and what each session lacks."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.estimates.good_faith.queries import without_estimate
from billing.payments.allocating import allocate
from billing.reports.due_courses import Urgency, overdue_count
from billing.reports.today import Day, Tab, day_at_the_desk
from billing.sessions import moving
from billing.sessions.booking import rebook as book_again
from billing.sessions.models import ClinicSession
from billing.web.asked import asked_choice, asked_day, asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.formatting import day as day_in_words
from billing.web.formatting import hour
from billing.web.forms import Form
from billing.web.links import to
from billing.web.rendering import page, part

pages = Blueprint("today", __name__)

TABS = {Tab.SCHEDULED: "Scheduled", Tab.IN_THE_CLINIC: "In the clinic", Tab.FINISHED: "Finished"}
NOTHING = {
    Tab.SCHEDULED: ("Nobody is to come", "Sessions booked for this day appear here."),
    Tab.IN_THE_CLINIC: ("Nobody is in the clinic", "Those who have arrived appear here until they leave."),
    Tab.FINISHED: ("Nothing is finished yet", "Those who have left, did not come or called it off appear here."),
}


@endpoint(pages, "/", may=Permission.SEE_DAY, audit="day viewed", subject="day")
def today(call: Call) -> Response:
    """The sessions of a day under three tabs."""
    day = _day(call)
    call.subject = Subject("day", day.on.isoformat())
    return _shown(call, day)


@endpoint(pages, "/day-sheet", may=Permission.SEE_DAY, audit="day sheet viewed", subject="day")
def sheet(call: Call) -> Response:
    """The day on paper: all sessions in order of time."""
    day = _day(call)
    call.subject = Subject("day", day.on.isoformat())
    return page(call, "today/sheet.html", day=day, tabs=TABS)


def _again(call: Call, id: int) -> Response:
    return _shown(call, _day(call), about=id)


def _day(call: Call) -> Day:
    return day_at_the_desk(call.db, call.at, asked_day(), asked_number("practitioner"))


def _shown(call: Call, day: Day, about: int = 0) -> Response:
    """The day, whole or the part that changes; ``about`` is the session whose form was refused."""
    tab = asked_choice("tab", Tab, Tab.SCHEDULED)

    def address(on: date | None = None, under: Tab | None = None) -> str:
        return _address(on or day.on, under or tab, day.practitioner_id)

    facts: dict[str, Any] = {
        "day": day,
        "tab": tab,
        "cards": day.under(tab),
        "tabs": [(words, address(under=one), one is tab, len(day.under(one))) for one, words in TABS.items()],
        "nothing": NOTHING[tab],
        "address": address,
        "calls": to("follow_ups.follow_ups", tab=Urgency.OVERDUE.value),
        "unfinished": Tab.IN_THE_CLINIC,
        "about": about,
        # A count of today: on another day it would be taken for that day's.
        "untold": without_estimate(call.db, day.today) if day.on == day.today else 0,
        "to_call": overdue_count(call.db, day.today) if day.on == day.today else 0,
        "is_partial": call.is_partial,
        "at_the_door": {"day": day.on.isoformat(), "tab": tab.value, "practitioner": day.practitioner_id or ""},
    }
    return part(call, "today/_day.html", **facts) if call.is_partial else page(call, "today/today.html", **facts)


def _address(on: date, tab: Tab, practitioner_id: int | None) -> str:
    return url_for("today.today", day=on.isoformat(), tab=tab.value, practitioner=practitioner_id)


def _back() -> AnyResponse:
    """To the tab that the form was on; a form that does not say leads to today."""
    on = asked_day()
    if on is None:
        return redirect(url_for("today.today"), 303)
    return redirect(_address(on, asked_choice("tab", Tab, Tab.SCHEDULED), asked_number("practitioner")), 303)


def _done(words: str) -> Response:
    flash(words)
    return make_response(_back())


@endpoint(pages, "/sessions/<int:id>/arrive", method="POST", may=Permission.BOOK, audit="session checked in",
          subject="session", again=_again)  # fmt: skip
def arrive(call: Call, id: int) -> Response:
    """The patient is here."""
    session = moving.check_in(call.db, id, by=str(call.actor), at=call.at, room_id=asked_number("room"))
    if session.service_on < call.today:
        return _done(f"Noted as having come on {day_in_words(session.service_on)}.")
    return _done(f"Checked in at {hour(call.at, call.clinic.time_zone)}.{_room_wanted(session)}")


def _room_wanted(session: ClinicSession) -> str:
    return "" if session.room_id is not None else " No room is chosen yet: choose it under In the clinic."


@endpoint(pages, "/sessions/<int:id>/undo-arrival", method="POST", may=Permission.BOOK, audit="arrival undone",
          subject="session", again=_again)  # fmt: skip
def undo_arrival(call: Call, id: int) -> Response:
    """Checked in by mistake."""
    moving.undo_arrival(call.db, id, by=str(call.actor), at=call.at)
    return _done("The arrival is undone; the session is scheduled again.")


@endpoint(pages, "/sessions/<int:id>/room", method="POST", may=Permission.BOOK, audit="room given",
          subject="session", again=_again)  # fmt: skip
def give_room(call: Call, id: int) -> Response:
    """Another room, or none."""
    moving.assign_room(call.db, id, asked_number("room"), by=str(call.actor), at=call.at)
    return _done("The room is changed.")


@endpoint(pages, "/sessions/<int:id>/no-show", method="POST", may=Permission.BOOK, audit="session missed",
          subject="session", again=_again)  # fmt: skip
def no_show(call: Call, id: int) -> Response:
    """The patient did not come."""
    session = moving.miss(call.db, id, by=str(call.actor), at=call.at)
    _free_money(call, session)
    return _done("Marked as a no-show.")


@endpoint(pages, "/sessions/<int:id>/cancel", method="POST", may=Permission.BOOK, audit="session cancelled",
          subject="session", again=_again)  # fmt: skip
def cancel(call: Call, id: int) -> Response:
    """The session is called off."""
    form = Form()
    why = form.text("why", "The reason")
    form.refuse_any()
    session = moving.cancel(call.db, id, why=why, by=str(call.actor), at=call.at)
    _free_money(call, session)
    return _done(f"The session on {day_in_words(session.service_on)} is cancelled.")


@endpoint(pages, "/sessions/<int:id>/rebook", method="POST", may=Permission.BOOK, audit="session booked again",
          subject="session", again=_again)  # fmt: skip
def rebook(call: Call, id: int) -> Response:
    """A session that was missed or cancelled takes place after all."""
    session = book_again(call.db, id, by=str(call.actor), at=call.at)
    _free_money(call, session)
    return _done(
        f"Booked again for {day_in_words(session.service_on)}, {hour(session.starts_at, call.clinic.time_zone)}."
    )


def _free_money(call: Call, session: ClinicSession) -> None:
    """Money that was taken with the session may now pay for something else, or be kept for it again."""
    allocate(call.db, [session.patient_id], call.at)
