"""What goes wrong, as pages and as JSON problems (RFC 9457): one table.

No answer repeats what was sent, and no log line holds an error's text, since either may be about a patient.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadHost, HTTPException

from billing.clinic.queries import NoClinic
from billing.errors import Conflict, DatabaseAway, Forbidden, MeridianError, NotFound, OutsideWorld, Refused
from billing.web import kept_forms, login
from billing.web.links import to

_log = logging.getLogger(__name__)


START = "settings.start"
"""The page that leads through setting up a clinic."""


class NotSignedIn(Forbidden):
    """The page is only for those who have signed in."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one kind of error is told."""

    status: HTTPStatus
    title: str
    text: str
    """Empty where the error's own text is told."""
    way_on: tuple[str, str] = ("Go to Today", login.HOME)
    """What can be done next: words and address."""


ANSWERS: dict[type[Exception], Answer] = {
    NotFound: Answer(
        HTTPStatus.NOT_FOUND,
        "There is nothing here",
        "The address may be mistyped, or what it named may be gone or not for you to see.",
    ),
    NotSignedIn: Answer(
        HTTPStatus.UNAUTHORIZED,
        "You are not signed in",
        "Nothing was done. Perhaps you were signed out because nothing happened for a while.",
        ("Sign in", login.SIGN_IN),
    ),
    Forbidden: Answer(
        HTTPStatus.FORBIDDEN,
        "Your role does not include this",
        "Nothing was done. An owner of the clinic can tell you who may do it, or change your role.",
    ),
    Refused: Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "This cannot be done as it is", ""),
    Conflict: Answer(
        HTTPStatus.CONFLICT,
        "Somebody else was here first",
        "Nothing was done. Look at how it stands now, and repeat what is still needed.",
    ),
    DatabaseAway: Answer(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not answer",
        "Perhaps it is being started anew. Nothing that was kept before is lost. Wait for a moment, and try again.",
    ),
    OutsideWorld: Answer(
        HTTPStatus.BAD_GATEWAY,
        "Another system did not answer",
        "What was done here is kept. Try again in a while.",
    ),
    CSRFError: Answer(
        HTTPStatus.BAD_REQUEST,
        "This form is out of date",
        "Nothing was done. Open the page again, and send the form from there.",
    ),
}

WORDS_OF_HTTP: dict[int, tuple[str, str]] = {
    400: ("The browser's request could not be read", "Nothing was done. Open the page again and repeat it."),
    405: ("This address cannot be used that way", "Open it from a link or a form of Meridian."),
    429: ("That was too often", "Wait for a few minutes, and try again."),
    413: ("That is too large", "Nothing was done. Shorten the text, or send fewer or smaller files at once."),
}
UNEXPECTED = Answer(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "Something went wrong on our side",
    "What you were doing has not been saved. Try again; if it happens again, tell your administrator this reference:",
)


def wants_json() -> bool:
    """Whether the caller would rather have JSON than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def register(app: Flask) -> None:
    """Have the app answer every error from the table."""
    app.register_error_handler(MeridianError, _expected)
    app.register_error_handler(CSRFError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _expected(error: Exception) -> Response:
    answer = next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)
    is_look = request.method in ("GET", "HEAD") and not wants_json()
    if answer.status is HTTPStatus.UNAUTHORIZED and is_look:
        return make_response(redirect(login.to_sign_in(), HTTPStatus.SEE_OTHER))
    if isinstance(error, NoClinic) and is_look and (start := to(START)) and request.path != start:
        return make_response(redirect(start, HTTPStatus.SEE_OTHER))
    is_away = isinstance(error, DatabaseAway)
    if is_away:
        _log.warning("the database does not answer")
    # Whether a form was carried out just before the line was cut nobody knows; by its key it is not done twice.
    may_be_kept = is_away or isinstance(error, NotSignedIn | CSRFError)
    if may_be_kept and not wants_json() and (kept := kept_forms.of_request(with_key=is_away)):
        return make_response(render_template("send_again.html", answer=answer, kept=kept), answer.status)
    if is_away and is_look:
        answer = replace(answer, way_on=("Try again", login.way_back(request.full_path.rstrip("?"))))
    reasons = error if isinstance(error, Refused) else None
    return _told(answer, answer.text or str(error), reasons)


def _http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    if isinstance(error, BadHost):
        # Where the name of this very site makes no sense no page can be drawn, as none has an address.
        return Response(WORDS_OF_HTTP[400][0], status, mimetype="text/plain")
    if status is HTTPStatus.NOT_FOUND:
        return _told(ANSWERS[NotFound], ANSWERS[NotFound].text)
    if status < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    title, text = WORDS_OF_HTTP.get(status, ("This did not work", "Nothing was done. Go back and try again."))
    response = _told(Answer(status, title, text), text)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _unexpected(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    _log.error("unexpected %s, reference %s, at %s", type(error).__qualname__, reference, where)
    return _told(UNEXPECTED, UNEXPECTED.text, reference=reference)


def _told(answer: Answer, text: str, refused: Refused | None = None, reference: str = "") -> Response:
    problems = refused.problems if refused else []
    if not wants_json():
        page = render_template("error.html", answer=answer, text=text, problems=problems, reference=reference)
        return make_response(page, answer.status)
    body: dict[str, object] = {"type": "about:blank", "title": answer.title, "status": answer.status, "detail": text}
    if problems:
        body["problems"] = [
            {"rule": one.rule, "severity": one.severity, "why": one.why, "fix": one.fix, "where": one.where}
            for one in problems
        ]
    if reference:
        body["reference"] = reference
    response = make_response(jsonify(body), answer.status)
    response.content_type = "application/problem+json"
    return response
