"""Follow-ups: whose next session is due with nothing booked, to be called and booked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from billing.access.permissions import Permission
from billing.reports.due_courses import Urgency
from billing.reports.follow_ups_page import FEW, FollowUp, Wanted, follow_ups_page
from billing.web.asked import asked_choice, asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.links import to
from billing.web.pages.reminders import in_words
from billing.web.rendering import page

pages = Blueprint("follow_ups", __name__)

TABS = {Urgency.OVERDUE: "Overdue", Urgency.DUE: "Due this week", Urgency.LAPSED: "Lapsed"}
MEANINGS = {
    Urgency.OVERDUE: "Their next session was due, and none is booked. Who has waited longest comes first.",
    Urgency.DUE: "Their next session is due today or in the next six days, and none is booked.",
    Urgency.LAPSED: "Overdue by more than a week in the weekly phase, a fortnight in the fortnightly, 30 days in the "
    "monthly. Who lapsed last comes first; a course that has ended for good can be ended on the patient's plan.",
}
NOTHING = {
    Urgency.OVERDUE: ("Nobody is overdue", "Everybody whose session was due has one booked, or has lapsed."),
    Urgency.DUE: ("Nobody is left to book this week", "Everybody whose session is due this week has one booked."),
    Urgency.LAPSED: ("No course has lapsed", "Who stays away for longer than the phase forgives appears here."),
}


@endpoint(pages, "/follow-ups", may=Permission.SEE_PATIENTS, audit="follow-ups listed", subject="patient")
def follow_ups(call: Call) -> Response:
    """Those who are overdue, due this week, or have lapsed."""
    wanted = Wanted(
        asked_choice("tab", Urgency, Urgency.OVERDUE), asked_number("practitioner"), request.args.get("after", "")
    )
    shown = follow_ups_page(call.db, call.at, wanted)
    call.detail["tab"] = wanted.urgency.value
    return page(
        call,
        "follow_ups/follow_ups.html",
        shown=shown,
        wanted=wanted,
        tabs=[
            (words, _here(Wanted(one, wanted.practitioner_id)), one is wanted.urgency, shown.counts.get(one, 0))
            for one, words in TABS.items()
        ],
        meaning=MEANINGS[wanted.urgency],
        nothing=NOTHING[wanted.urgency],
        practitioners=[(one.id, f"{one.first_name} {one.last_name}") for one in shown.practitioners],
        few=FEW,
        first=_here(Wanted(wanted.urgency, wanted.practitioner_id)) if wanted.after else "",
        following=_here(Wanted(wanted.urgency, wanted.practitioner_id, shown.following)) if shown.following else "",
        everybody=_here(Wanted(wanted.urgency)),
        booking=_booking,
        **in_words(),
    )


def _here(wanted: Wanted) -> str:
    """The address of these follow-ups, from a place on."""
    given = {"practitioner": wanted.practitioner_id, "after": wanted.after}
    kept: dict[str, Any] = {name: value for name, value in given.items() if value}
    return url_for("follow_ups.follow_ups", tab=wanted.urgency.value, **kept)


def _booking(one: FollowUp) -> str:
    """The address of the booking form, filled in as the patient is used to; empty for who may not book."""
    usual = one.usual
    return to(
        "calendar.book_form",
        patient=one.patient.id,
        practitioner=one.with_id,
        day=one.offered_on.isoformat(),
        at=f"{usual.at:%H:%M}" if usual else None,
        minutes=usual.minutes if usual else None,
        contact_minutes=usual.contact_minutes if usual else None,
        room=one.room_id,
    )
