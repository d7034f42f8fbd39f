"""The command that plans and sends messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select

from billing import clock
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.cli.console import DONE, LEFT_FOR_A_PERSON, Console, command
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.errors import Refused
from billing.reminders.lifecycle import MessageState
from billing.reminders.planning import Span
from billing.reminders.queries import MessageRow, messages_moved
from billing.reminders.rounds import Planned, plan_messages, send_messages
from billing.reminders.rules import ROW_OF, SESSION
from billing.reminders.sending import Turn
from billing.sessions.models import ClinicSession
from billing.wiring import Program

_TOLD = {
    "sent": (MessageState.SENT,),
    "withheld": (MessageState.WITHHELD,),
    "failed": (MessageState.FAILED,),
    "unknown": (MessageState.UNKNOWN, MessageState.SENDING),
    "waiting": (MessageState.PLANNED,),
}
"""The lists of the report, and which messages are in each."""
_STILL_TODAY = timedelta(days=1)
"""A nightly job may be told the minute or the day it was started in."""
_FOR_A_PERSON = ("failed", "unknown", "waiting")


@click.command()
@click.option("--until", metavar="INSTANT", required=True, help="ISO 8601; in the clinic's zone without an offset.")
@command
def remind(console: Console, until: str) -> int:
    """Plan and send every message due until an instant, each judged at its own due time.

    An instant more than a day ago replays all days up to it as they were; else nothing is said whose time has passed
    by now. What the other side would not take is tried once; it waits, and is told.
    """
    report = remind_until(console, console.program, until)
    console.report(report, as_text(report))
    return LEFT_FOR_A_PERSON if any(report[name] for name in _FOR_A_PERSON) else DONE


def remind_until(console: Console, program: Program, until: str) -> dict[str, Any]:
    """Plan, send, and return the report. Raises :class:`Refused` for what is no instant."""
    with program.database.reading() as db:
        zone = the_clinic(db).time_zone
    last, began = instant_from(until, zone), clock.now()
    since = min(last, began) if last >= began - _STILL_TODAY else None
    with program.database.alone("reminding"):
        planned = plan_messages(program.database, Span(last, since))
        turn = Turn(until=lambda: last, since=(lambda: since) if since else None, untried_since=began)
        send_messages(
            program.database, program.mailer, program.texts, program.links, turn,
            progress=lambda done: console.progress("messages", done),
        )  # fmt: skip
    console.progress_done()
    with program.database.transaction() as db:
        report = _report(db, last, began, planned, zone)
        by = Actor(ActorKind.COMMAND, "remind")
        counts = {name: len(report[name]) for name in _TOLD}
        record(db, by, "messages sent", Subject("clinic", "1"), clock.now(), {"until": last.isoformat(), **counts})
    return report


def instant_from(text: str, zone: str) -> datetime:
    """An instant in ISO 8601, in ``zone`` unless it says otherwise. Raises :class:`Refused`."""
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused(f"{text} is no instant. Write it like 2026-03-31T18:00.") from None
    return clock.instant(said.date(), said.time(), zone) if said.tzinfo is None else said


def _report(db: Db, until: datetime, began: datetime, planned: Planned, zone: str) -> dict[str, Any]:
    """What became of every message that was due, and of each why."""
    rows = [one for one in messages_moved(db, began) if one.due_at <= until or one.tries]
    names = _session_names(db, rows)
    told = {name: [_as_json(one, names, zone) for one in rows if one.state in states] for name, states in _TOLD.items()}
    reasons = Counter(one["why"] for name in _TOLD for one in told[name] if one["why"])
    return {
        "until": until.astimezone(ZoneInfo(zone)).isoformat(),
        "planned": planned.new,
        "released": planned.released,
        **told,
        "reasons": dict(reasons.most_common()),
    }


def _session_names(db: Db, rows: Sequence[MessageRow]) -> dict[int, str]:
    """What the old system called the sessions that were told of."""
    ids = sorted({one.subject_id for one in rows if one.subject_kind == SESSION})
    names: dict[int, str] = {}
    for first in range(0, len(ids), 10_000):
        some = ids[first : first + 10_000]
        known = select(ClinicSession.id, ClinicSession.external_id).where(ClinicSession.id.in_(some))
        names |= {own: name for own, name in db.execute(known) if name}
    return names


def _as_json(one: MessageRow, names: dict[int, str], zone: str) -> dict[str, Any]:
    about = names.get(one.subject_id, str(one.subject_id)) if one.subject_kind == SESSION else str(one.subject_id)
    return {
        "message": one.id,
        "rule": one.rule.value,
        "channel": one.channel.value,
        one.subject_kind: about,
        "slot": one.slot,
        "due_at": one.due_at.astimezone(ZoneInfo(zone)).isoformat(),
        "why": one.why,
    }


def as_text(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [f"{report['planned']} messages were planned; until {report['until']}:"]
    for name in _TOLD:
        if report[name] or name == "sent":
            lines.append(f"  {len(report[name])} {name.replace('_', ' ')}")
            by_rule = Counter((one["rule"], one["channel"]) for one in report[name])
            names = {row.value: table.name for row, table in ROW_OF.items()}
            lines += [f"    {count} {names[rule]}, by {channel}" for (rule, channel), count in sorted(by_rule.items())]
    lines += [f"  {count} because: {why}" for why, count in report["reasons"].items()]
    return "\n".join(lines)
