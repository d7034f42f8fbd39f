"""One session: the note, the needles, codes with their reasons, signing and amending."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.claims.queries import sessions_with_filed_claims
from billing.codes.diagnoses import diagnosis_label, labelled_codes
from billing.codes.procedures import Family, procedures
from billing.database import Db
from billing.errors import NotFound, Problem, Refused
from billing.patients.safety import flag_words
from billing.reports.session_page import SessionPage, session_page, session_seen
from billing.sessions.amending import amend as amend_note
from billing.sessions.charting import ChartContent
from billing.sessions.copying import last_chart_before, outline_of
from billing.sessions.documenting import save_chart
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.moving import check_in
from billing.sessions.signing import sign as sign_note
from billing.sessions.versions import chart_lines
from billing.web.endpoint import Call, endpoint
from billing.web.formatting import day
from billing.web.forms import Form, seen_mark
from billing.web.pages.session_forms import (
    NOTE_PARTS,
    ChartFields,
    begun_with,
    fields_of,
    read_chart,
    typed_fields,
    with_more_rows,
)
from billing.web.rendering import page, part

pages = Blueprint("session", __name__)

STEP_WORDS = {
    SessionEvent.BOOKED: "Booked",
    SessionEvent.MOVED: "Moved",
    SessionEvent.CHECKED_IN: "Arrived",
    SessionEvent.NOT_HERE: "Arrival taken back",
    SessionEvent.SIGNED: "Signed",
    SessionEvent.AMENDED: "Amended",
    SessionEvent.MISSED: "No-show",
    SessionEvent.CANCELLED: "Cancelled",
    SessionEvent.REBOOKED: "Booked again",
    SessionEvent.CHECKED_OUT: "Checked out",
}
STEP_KINDS = {
    SessionEvent.SIGNED: "good",
    SessionEvent.AMENDED: "warn",
    SessionEvent.MISSED: "bad",
    SessionEvent.CANCELLED: "bad",
}
"""How a step of the history looks; the others are neither good nor bad."""


@endpoint(pages, "/sessions/<int:id>", may=Permission.SEE_PATIENTS, audit="session viewed", subject="session")
def session(call: Call, id: int) -> Response:
    """The session as it stands: to be charted while the patient is here, to be read before and after."""
    shown = session_page(call.db, id, call.person.user_id, call.at)
    return _page(call, shown, fields_of(shown.chart, shown.clinic.time_zone))


def _typed_again(call: Call, id: int) -> Response:
    """The chart's form once more, with what was typed and why it was refused."""
    form, one = Form(), _the_session(call.db, id)
    fields = typed_fields(form)
    shown = session_page(call.db, id, call.person.user_id, call.at, _typed(call, form, one))
    if call.refused is not None:
        problems = [_here(problem, id) for problem in call.refused.problems]
        call.refused = Refused(str(call.refused), problems)
    return _page(call, shown, fields)


@endpoint(pages, "/sessions/<int:id>/chart", method="POST", may=Permission.CHART, audit="chart saved",
          subject="session", again=_typed_again)  # fmt: skip
def chart(call: Call, id: int) -> Response:
    """Keep what is written so far."""
    save_chart(call.db, id, _read(call, id, Form()), by=str(call.actor), at=call.at)
    flash("The draft is saved. It is not signed yet.")
    return _back(id)


@endpoint(pages, "/sessions/<int:id>/sign", method="POST", may=Permission.SIGN, audit="note signed",
          subject="session", again=_typed_again)  # fmt: skip
def sign(call: Call, id: int) -> Response:
    """Keep what is written, and sign it."""
    save_chart(call.db, id, _read(call, id, Form()), by=str(call.actor), at=call.at)
    sign_note(call.db, id, user_id=call.person.user_id, at=call.at, is_filed=sessions_with_filed_claims())
    flash("The note is signed.")
    return _back(id)


@endpoint(pages, "/sessions/<int:id>/begin", method="POST", may=Permission.BOOK, audit="session checked in",
          subject="session", again=session)  # fmt: skip
def begin(call: Call, id: int) -> Response:
    """The patient is here, and the charting begins."""
    begun = check_in(call.db, id, by=str(call.actor), at=call.at)
    if begun.service_on < call.today:
        flash(f"Noted as having come on {day(begun.service_on)}.")
    return _back(id)


@endpoint(pages, "/sessions/<int:id>/preview", method="POST", may=Permission.CHART, audit="session viewed",
          subject="session", looks_only=True)  # fmt: skip
def preview(call: Call, id: int) -> Response:
    """What the typed chart earns and lacks, with more rows or the last visit's words if they are wanted."""
    form, one = Form(), _the_session(call.db, id)
    fields, asked = typed_fields(form), request.form.get("do", "")
    if asked == "rows":
        fields = with_more_rows(fields)
    elif asked == "copy" and (last := last_chart_before(call.db, one)):
        fields = begun_with(fields, fields_of(outline_of(last), call.clinic.time_zone, fields.spare))
    shown = session_page(call.db, id, call.person.user_id, call.at, _typed(call, form, one))
    if not call.is_partial:
        return _page(call, shown, fields)
    fragment = "session/_fields_again.html" if asked in ("rows", "copy") else "session/_judged.html"
    return part(call, fragment, 200, **_facts(call, shown, fields))


@endpoint(pages, "/sessions/<int:id>/amend", may=Permission.SIGN, audit="session viewed", subject="session")
def amend_form(call: Call, id: int) -> Response:
    """The signed chart, to be put right."""
    shown = session_page(call.db, id, call.person.user_id, call.at)
    if shown.session.state is not SessionState.SIGNED:
        return _back(id)
    return _page(call, shown, fields_of(shown.chart, shown.clinic.time_zone))


@endpoint(pages, "/sessions/<int:id>/amend", method="POST", may=Permission.SIGN, audit="note amended",
          subject="session", again=_typed_again)  # fmt: skip
def amend(call: Call, id: int) -> Response:
    """Sign the next version of the note; the one before stays readable."""
    form = Form()
    why = form.lines("why", "The reason")
    done = amend_note(
        call.db,
        id,
        _read(call, id, form),
        why,
        user_id=call.person.user_id,
        at=call.at,
        is_filed=sessions_with_filed_claims(),
    )
    flash(f"Version {done.version} of the note is signed.")
    if done.is_filed:
        flash("The claim already filed says something else; a corrected claim is needed.", "warn")
    return _back(id)


def _back(id: int) -> Response:
    return make_response(redirect(url_for("session.session", id=id), 303))


def _the_session(db: Db, id: int) -> ClinicSession:
    found = db.get(ClinicSession, id)
    if found is None:
        raise NotFound("There is no such session.")
    return found


def _read(call: Call, id: int, form: Form) -> ChartContent:
    """The chart that was sent; refused when a field is wrong, or the page was out of date."""
    form.check_seen(seen_mark(*session_seen(call.db, id)))
    content = read_chart(form, _the_session(call.db, id).service_on, call.clinic.time_zone)
    form.refuse_any()
    return content


def _typed(call: Call, form: Form, one: ClinicSession) -> ChartContent:
    """The chart that was typed as far as it can be read, for showing what it would earn."""
    return read_chart(form, one.service_on, call.clinic.time_zone)


def _here(problem: Problem, id: int) -> Problem:
    """The problem without a way to this very page."""
    return replace(problem, where="") if problem.where == f"session:{id}" else problem


def _page(call: Call, shown: SessionPage, fields: ChartFields) -> Response:
    amends = (request.endpoint or "").startswith("session.amend") or "why" in request.form
    template = "session/amend.html" if amends else "session/session.html"
    return page(call, template, 200, **_facts(call, shown, fields))


def _facts(call: Call, shown: SessionPage, fields: ChartFields) -> dict[str, object]:
    """What the page and its fragments know besides the frame."""
    id, judged = shown.session.id, shown.judged
    is_here = shown.session.state is SessionState.ARRIVED
    return {
        "shown": shown,
        "fields": fields,
        "parts": NOTE_PARTS,
        "flags": [flag_words(one) for one in shown.patient.flags],
        "diagnoses_offered": labelled_codes(),
        "services_offered": [one for one in procedures() if one.family is not Family.ACUPUNCTURE],
        "diagnosis_words": diagnosis_label,
        "chart_lines": chart_lines,
        "step_words": STEP_WORDS,
        "step_kinds": STEP_KINDS,
        "mark": seen_mark(*shown.seen),
        "may_chart": is_here and call.may(Permission.CHART),
        "may_sign": is_here and call.may(Permission.SIGN) and not shown.not_signer,
        "may_amend": (
            shown.session.state is SessionState.SIGNED and call.may(Permission.SIGN) and not shown.not_signer
        ),
        "stops": [_here(one, id) for one in judged.stops],
        "holds": [_here(one, id) for one in judged.holds],
        "knowing": [_here(one, id) for one in judged.knowing],
    }
