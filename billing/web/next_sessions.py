"""Booking the next sessions of a course of care from one form, wherever it stands: all that are ticked, or none.

Its rows are drawn by ``templates/parts/next_sessions.html`` and named ``next-0-take``, ``next-0-day``, ``next-0-at``.
"""

from __future__ import annotations

from flask import flash

from billing.errors import Refused
from billing.sessions.proposals import BOOKED_ALREADY, book_like
from billing.web.endpoint import Call
from billing.web.forms import Form

MOST = 12
"""How many sessions one form may book."""


def book_ticked(call: Call, form: Form, like_id: int) -> None:
    """Book the ticked rows of the form, each like that session, and say so.

    Raises :class:`Refused` with what is wrong at each row, and books nothing then. What is booked already, as it is
    on a page that is out of date, is only said to be.
    """
    rows = [row for row in form.rows("next", ("take", "day", "at")) if row["take"]]
    known = [_book(call, form, like_id, f"next-{row['place']}") for row in rows[:MOST]]
    if known and all(known):
        flash("This session is booked already." if len(known) == 1 else "These sessions are booked already.", "warn")
        return
    if not rows:
        form.problem("", "No session is ticked.", "Tick those that the patient wants.")
    form.refuse_any()
    call.detail["booked"] = len(known)
    flash("1 session is booked." if len(known) == 1 else f"{len(known)} sessions are booked.")


def _book(call: Call, form: Form, like_id: int, row: str) -> bool:
    """Book one row of the form, and say whether it was booked before; what speaks against it is told there."""
    on = form.day(f"{row}-day", "Day", earliest=call.today)
    at = form.clock_time(f"{row}-at", "Time")
    if on is None or at is None:
        return False
    try:
        book_like(call.db, like_id, on, at, by=str(call.actor), at=call.at)
    except Refused as refused:
        for one in refused.problems:
            form.problem(f"{row}-{'day' if one.where == 'field:day' else 'at'}", one.why, one.fix)
        if not refused.problems:
            raise
        return any(one.rule == BOOKED_ALREADY for one in refused.problems)
    return False
