"""What was before, for the page of a session: its own history and versions, and the patient's last visits. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing.practitioners.models import Practitioner
from billing.sessions.charting import ChartContent, chart_from
from billing.sessions.documenting import text_of
from billing.sessions.facts import Facts
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import ClinicSession, Note, SessionMove
from billing.sessions.versions import Difference, differences, text_differences

SHOWN = 5
"""Past visits."""


@dataclass(frozen=True, slots=True)
class PastVisit:
    """An earlier signed session of the patient."""

    session_id: int
    on: date
    practitioner: str
    pain: int | None
    points: list[str]
    codes: list[tuple[str, int]]
    """Codes and units."""


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """A version of the signed note."""

    version: int
    at: datetime
    by: str
    why: str
    """Why the one before was amended; empty for the first."""
    chart: ChartContent
    has_chart: bool
    """Whether its needle sets, procedures and diagnoses were kept with it; those of the old system were not."""
    changes: list[Difference]
    """Against the version before; none for the first."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to the session."""

    at: datetime
    event: SessionEvent
    by: str
    why: str


def past_visits(session: ClinicSession, facts: Facts) -> list[PastVisit]:
    """The patient's last signed sessions before this one, the latest first."""
    now = (session.service_on, session.starts_at, session.id)
    earlier = [
        visit
        for visit in facts.visits.get(session.patient_id, [])
        if visit.session.state is SessionState.SIGNED
        and (visit.session.service_on, visit.session.starts_at, visit.session.id) < now
    ]
    return [
        PastVisit(
            session_id=visit.session.id,
            on=visit.session.service_on,
            practitioner=name_of(facts.practitioners[visit.session.practitioner_id]),
            pain=facts.scores_taken.get(visit.session.id),
            points=list(dict.fromkeys(point for one in visit.chart.sets for point in one.points)),
            codes=[(line.code, line.units) for line in visit.coded.lines],
        )
        for visit in reversed(earlier[-SHOWN:])
    ]


def note_versions(notes: Sequence[Note], facts: Facts) -> list[NoteVersion]:
    """All versions of a note, the newest first, each with what it changed."""
    zone = facts.clinic.time_zone
    charts = [chart_from(text_of(note), note.chart) if note.chart else ChartContent(text_of(note)) for note in notes]
    found = []
    for place, (note, chart) in enumerate(zip(notes, charts, strict=True)):
        before = charts[place - 1] if place else None
        both_kept = place > 0 and bool(note.chart) and bool(notes[place - 1].chart)
        changes = []
        if before is not None:
            changes = differences(before, chart, zone) if both_kept else text_differences(before.text, chart.text)
        by = name_of(facts.practitioners[note.signed_by_id])
        why = note.why_amended or ""
        found.append(NoteVersion(note.version, note.signed_at, by, why, chart, bool(note.chart), changes))
    return found[::-1]


def steps_of(moves: Sequence[SessionMove], hands: Mapping[str, str]) -> list[Step]:
    """The session's history in order, with the names of who did it where they have one."""
    return [Step(one.at, one.event, hands.get(one.by) or one.by.replace(":", " "), one.why) for one in moves]


def name_of(practitioner: Practitioner) -> str:
    """A practitioner as colleagues read it: ``Ben Quill, L.Ac.``."""
    name = f"{practitioner.first_name} {practitioner.last_name}"
    return ", ".join(filter(None, (name, practitioner.credentials)))
