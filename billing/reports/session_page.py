"""One session as its page shows it: what is charted, what that earns, what stands in the way, and what was before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Text, cast, func, literal, select

from billing import clock
from billing.access.models import User
from billing.claims.queries import sessions_with_filed_claims
from billing.clinic.models import Clinic, Room
from billing.database import Db
from billing.errors import NotFound, Problem, Severity
from billing.invoices.queries import sessions_with_papers
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner, PractitionerAccount
from billing.reports.session_codes import Codes, codes_of
from billing.reports.session_past import NoteVersion, PastVisit, Step, note_versions, past_visits, steps_of
from billing.sessions.charting import ChartContent
from billing.sessions.clearance import booking_problems
from billing.sessions.completeness import is_completeness
from billing.sessions.documenting import text_of
from billing.sessions.facts import Facts, Visit, gather
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession, DraftNote, Note, SessionMove
from billing.sessions.signing import signature_problems, signing_problems, stops_signing
from billing.treatment.models import TreatmentPlan
from billing.treatment.proposing import PlanProgress, plan_progress

_EVER = date(9999, 12, 31)
"""A visit is judged with all that is known by now, as the billing run will judge it."""
_TAKES_PLACE = (SessionState.BOOKED, SessionState.ARRIVED, SessionState.SIGNED)


@dataclass(frozen=True, slots=True)
class Judged:
    """What speaks against signing and billing, sorted by who must do something about it."""

    stops: list[Problem]
    """The note cannot be signed before these are mended."""
    holds: list[Problem]
    """It can be signed; the bill waits for the desk."""
    knowing: list[Problem]

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.stops and not self.holds


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Everything on the page of one session."""

    session: ClinicSession
    clinic: Clinic
    patient: Patient
    practitioner: Practitioner
    supervising: Practitioner | None
    room: Room | None
    chart: ChartContent
    """As it was typed just now, or else as it was saved or signed last."""
    draft: DraftNote | None
    saved_by: str
    """Who saved the draft last."""
    seen: tuple[object, ...]
    """What changes whenever somebody else saves, signs or moves the session."""
    versions: list[NoteVersion]
    """Of the signed note, the newest first."""
    codes: Codes | None
    judged: Judged
    not_signer: list[Problem]
    """Why the person who looks cannot sign this note, whatever is in it."""
    past: list[PastVisit]
    plan: TreatmentPlan | None
    progress: PlanProgress | None
    steps: list[Step]
    is_filed: bool
    """A claim of it is with an insurer, and follows the chart no longer."""
    has_paper: bool
    """An invoice or superbill of it was issued."""

    @property
    def name(self) -> str:
        """The patient's name."""
        return " ".join(filter(None, (self.patient.first_name, self.patient.middle_name, self.patient.last_name)))


@dataclass(frozen=True, slots=True)
class _Story:
    """The session's own rows."""

    session: ClinicSession
    room: Room | None
    draft: DraftNote | None
    notes: list[Note]
    moves: list[SessionMove]
    hands: dict[str, str]
    """Names of those who did something, by their hand as histories write it."""
    own_practitioner_id: int | None
    has_paper: bool


def session_page(db: Db, session_id: int, user_id: int, at: datetime, typed: ChartContent | None = None) -> SessionPage:
    """The page of a session for one person, with the chart ``typed`` if something was; eight queries.

    Raises :class:`NotFound` when there is no such session.
    """
    story = _story(db, session_id, user_id)
    session = story.session
    takes_place = session.state in _TAKES_PLACE
    facts = gather(
        db,
        [session.patient_id],
        _EVER,
        sessions_with_filed_claims(),
        as_if_signed=[session_id] if takes_place else [],
        typed={session_id: typed} if typed and takes_place else {},
    )
    visit = facts.visit_of.get(session_id)
    chart = typed or _saved(story, visit, facts)
    codes = codes_of(db, visit) if visit else None
    treated = facts.practitioners[session.practitioner_id]
    own = facts.practitioners.get(story.own_practitioner_id or 0)
    plan, progress = _plan(db, facts, session, clock.local(at, facts.clinic.time_zone).date())
    return SessionPage(
        session=session,
        clinic=facts.clinic,
        patient=facts.patients[session.patient_id],
        practitioner=treated,
        supervising=facts.practitioners.get(session.supervising_id or 0),
        room=story.room,
        chart=chart,
        draft=story.draft,
        saved_by=story.hands.get(story.draft.saved_by, "") if story.draft else "",
        seen=_seen(session.state, story.draft.saved_at if story.draft else None, len(story.notes)),
        versions=note_versions(story.notes, facts),
        codes=codes,
        judged=_judged(session, chart, visit, codes, facts, _stood(db, story, typed)),
        not_signer=signature_problems(session, treated, own),
        past=past_visits(session, facts),
        plan=plan,
        progress=progress,
        steps=steps_of(story.moves, story.hands),
        is_filed=session_id in facts.filed,
        has_paper=story.has_paper,
    )


def session_seen(db: Db, session_id: int) -> tuple[object, ...]:
    """What :attr:`SessionPage.seen` is now; one query. Raises :class:`NotFound`."""
    versions = select(func.count()).where(Note.session_id == ClinicSession.id).scalar_subquery()
    row = db.execute(
        select(ClinicSession.state, DraftNote.saved_at, versions)
        .outerjoin(DraftNote, DraftNote.session_id == ClinicSession.id)
        .where(ClinicSession.id == session_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such session.")
    return _seen(*row)


def _seen(state: SessionState, saved_at: datetime | None, versions: int) -> tuple[object, ...]:
    return (state.value, saved_at, versions)


def _story(db: Db, session_id: int, user_id: int) -> _Story:
    own = select(PractitionerAccount.practitioner_id).where(PractitionerAccount.user_id == user_id).scalar_subquery()
    hand = literal("user:") + cast(User.id, Text)
    rows = db.execute(
        select(ClinicSession, Room, DraftNote, Note, SessionMove, hand, User.name, own, sessions_with_papers())
        .outerjoin(Room, Room.id == ClinicSession.room_id)
        .outerjoin(DraftNote, DraftNote.session_id == ClinicSession.id)
        .outerjoin(Note, Note.session_id == ClinicSession.id)
        .outerjoin(SessionMove, SessionMove.session_id == ClinicSession.id)
        .outerjoin(User, hand.in_([SessionMove.by, DraftNote.saved_by]))
        .where(ClinicSession.id == session_id)
    ).all()
    if not rows:
        raise NotFound("There is no such session.")
    session, room, draft, *_, own_id, has_paper = rows[0]
    notes = {row[3].version: row[3] for row in rows if row[3]}
    moves = {row[4].id: row[4] for row in rows if row[4]}
    hands = {row[5]: row[6] for row in rows if row[6]}
    in_order = [moves[key] for key in sorted(moves)]
    return _Story(session, room, draft, [notes[key] for key in sorted(notes)], in_order, hands, own_id, has_paper)


def _saved(story: _Story, visit: Visit | None, facts: Facts) -> ChartContent:
    words = story.draft or (story.notes[-1] if story.notes else None)
    if visit is None:
        return ChartContent(text=text_of(words))
    return ChartContent(
        text=text_of(words),
        sets=tuple(visit.chart.sets),
        procedures=tuple(visit.chart.procedures),
        diagnoses=tuple(visit.chart.diagnoses),
        pain=facts.scores_taken.get(story.session.id),
        acupuncture_modifiers=tuple(story.session.acupuncture_modifiers),
    )


def _judged(
    session: ClinicSession,
    chart: ChartContent,
    visit: Visit | None,
    codes: Codes | None,
    facts: Facts,
    stood: Collection[str] | None,
) -> Judged:
    """``stood``: rules that do not stop the signature, since they stood at the one before; all with ``None``."""
    if visit is None or codes is None:
        return Judged([], [], [])
    if session.state is SessionState.BOOKED:
        problems = booking_problems(visit, facts)
    else:
        problems = [*signing_problems(session, chart, facts), *codes.fee_problems]
    stops = [one for one in problems if stood is not None and stops_signing(one) and one.rule not in stood]
    rest = [one for one in problems if one not in stops]
    if session.state is SessionState.SIGNED:
        rest = [one for one in rest if not is_completeness(one)]
    holds = [one for one in rest if one.severity is Severity.BLOCK]
    return Judged(stops, holds, [one for one in rest if one not in holds])


def _stood(db: Db, story: _Story, typed: ChartContent | None) -> Collection[str] | None:
    """Rules that stood against the signed chart while an amendment is typed; ``None`` where nothing is to be signed."""
    session = story.session
    if session.state is SessionState.ARRIVED:
        return ()
    if session.state is not SessionState.SIGNED or typed is None:
        return None
    now = gather(db, [session.patient_id], _EVER, sessions_with_filed_claims(), as_if_signed=[session.id])
    signed = _saved(story, now.visit_of[session.id], now)
    return {problem.rule for problem in signing_problems(session, signed, now)}


def _plan(
    db: Db, facts: Facts, session: ClinicSession, today: date
) -> tuple[TreatmentPlan | None, PlanProgress | None]:
    """The course of care that the session falls into, and how far it has come; one query."""
    rows = db.execute(
        select(TreatmentPlan, ClinicSession.service_on)
        .outerjoin(
            ClinicSession,
            (ClinicSession.patient_id == TreatmentPlan.patient_id)
            & (ClinicSession.state == SessionState.BOOKED)
            & (ClinicSession.service_on >= today),
        )
        .where(TreatmentPlan.patient_id == session.patient_id, TreatmentPlan.starts_on <= session.service_on)
        .order_by(TreatmentPlan.starts_on, TreatmentPlan.id)
    ).all()
    in_force = [row for row in rows if row[0].ended_on is None or row[0].ended_on > session.service_on]
    if not in_force:
        return None, None
    plan: TreatmentPlan = in_force[-1][0]
    treated: Sequence[Visit] = facts.visits.get(session.patient_id, [])
    came: Mapping[int, date] = {
        one.session.id: one.session.service_on
        for one in treated
        if one.session.state in (SessionState.ARRIVED, SessionState.SIGNED)
    }
    booked = [on for one, on in in_force if one is plan and on is not None]
    return plan, plan_progress(plan, came.values(), booked, today)
