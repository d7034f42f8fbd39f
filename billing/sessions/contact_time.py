"""Can one practitioner have given all the contact minutes charted for a day?

A practitioner may go from room to room while needles rest, so sessions may overlap; contact minutes
may not. Each charted set is work to be done within its session, exactly where it was noted to begin
if it was. Working always on what must be finished first finds a way whenever there is one (earliest
deadline first), so what it cannot finish does not fit.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing.sessions.charting import ChartedSet
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from billing.sessions.queries import ContactDay, TimedSession


@dataclass(frozen=True, slots=True, order=True)
class Contact:
    """So many minutes of contact, to be given between two instants."""

    earliest: datetime
    latest: datetime
    minutes: int


def contacts_of(session: TimedSession, sets: Iterable[ChartedSet]) -> list[Contact]:
    """The contact a session's sets ask for. Retained needles ask for none.

    A set noted to lie outside its session, even in part, is left too little room and fits nowhere.
    """
    begin, end = session.starts_at, session.starts_at + timedelta(minutes=session.minutes)
    contacts = []
    for one in sets:
        if one.new_needles and one.starts_at:
            noted_end = one.starts_at + timedelta(minutes=one.minutes)
            contacts.append(Contact(max(begin, one.starts_at), min(end, noted_end), one.minutes))
        elif one.new_needles:
            contacts.append(Contact(begin, end, one.minutes))
    return contacts


def fits(contacts: Sequence[Contact]) -> bool:
    """Whether one person can give all these contacts, interrupting one for another where needed."""
    coming = sorted(contacts)
    open_ones: list[tuple[datetime, int]] = []
    position, now = 0, datetime.min
    while position < len(coming) or open_ones:
        if not open_ones:
            now = coming[position].earliest
        while position < len(coming) and coming[position].earliest <= now:
            heapq.heappush(open_ones, (coming[position].latest, coming[position].minutes))
            position += 1
        latest, minutes = heapq.heappop(open_ones)
        done = now + timedelta(minutes=minutes)
        if done > latest:
            return False
        if position < len(coming) and coming[position].earliest < done:
            worked = coming[position].earliest - now
            heapq.heappush(open_ones, (latest, minutes - int(worked.total_seconds() // 60)))
            now = coming[position].earliest
        else:
            now = done
    return True


def sessions_that_do_not_fit(day: ContactDay) -> set[int]:
    """The ids of the day's sessions whose contact minutes no longer fit, taking them by their start.

    Signed ones that are billed to nobody but the patient, and those that were filed already, are taken
    first: they can no longer be held, so what does not fit beside them must be. One that is not signed
    yet is taken last, whoever pays for it.
    """

    def is_signed(one: TimedSession) -> bool:
        return one.state is SessionState.SIGNED

    def may_be_held(one: TimedSession) -> bool:
        return not is_signed(one) or (one.bill_to is BillTo.INSURANCE and one.id not in day.filed)

    in_order = sorted(day.sessions, key=lambda one: (not is_signed(one), may_be_held(one), one.starts_at, one.id))
    taken: list[Contact] = []
    left_over = set()
    for one in in_order:
        together = taken + contacts_of(one, day.sets[one.id])
        if fits(together):
            taken = together
        elif may_be_held(one):
            left_over.add(one.id)
    return left_over
