"""What a message is to say, put together from what is known of whom and what it is about. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from billing.reminders.facts import Facts
from billing.reminders.links import Links
from billing.reminders.models import Rule
from billing.reminders.rules import ENROLMENT, SESSION
from billing.reminders.wording import Saying


def saying_of(row: Row[Any], facts: Facts, links: Links, at: datetime) -> Saying:
    """What a message says, as of that instant."""
    here = facts.here
    who = facts.patients[row.patient_id] if row.patient_id else facts.staff[row.user_id]
    cells: dict[str, Any]
    if row.rule is Rule.LICENCE:
        told = facts.alerts[row.subject_kind, row.subject_id, row.slot].said
        page = "/settings/enrolments" if row.subject_kind == ENROLMENT else "/licences"
        cells = {"licence": told, "link": links.desk(f"{page}/{row.subject_id}")}
    else:
        link = links.visit(row.id)
        cells = {"stop_link": link, "one_click_stop": links.stop(link)}
        if row.subject_kind == SESSION:
            session = facts.sessions[row.subject_id]
            cells |= {"starts_at": session.starts_at, "minutes": session.minutes, "session_id": row.subject_id}
            cells |= {"changes": max(0, session.changes - 1), "link": link}
        else:
            cells["due_on"] = date.fromisoformat(row.slot.partition(":")[0])
    return Saying(
        rule=row.rule, first_name=who.first_name, clinic=here.name, clinic_address=here.address, phone=here.phone,
        zone=here.zone, american=here.american, at=at, **cells,
    )  # fmt: skip
