"""The one decorator that makes a route: who may use it, its transaction, and its audit row.

A form that is sent again does nothing again, and leads to the page it led to the first time. A writing
request runs whole in one transaction, with its audit row. A reading one runs in a
transaction that cannot write, and its audit row is a short write of its own afterwards, so that
looking something up never waits behind a long write; the answer leaves only when that row is in.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Literal

from flask import Blueprint, Flask, Response, current_app, flash, g, make_response, redirect, request

from billing import clock
from billing.access import permissions, sent_forms, signing_in
from billing.access.permissions import Permission
from billing.access.signing_in import SignedIn
from billing.audit.recording import Actor, ActorKind, Fact, Subject, record
from billing.clinic.models import Clinic
from billing.clinic.queries import NoClinic, the_clinic
from billing.database import Db
from billing.errors import Forbidden, Refused
from billing.web import login
from billing.web.errors import NotSignedIn, wants_json
from billing.wiring import Program

View = Callable[..., Any]
"""Takes a :class:`Call`, then what ``first`` made ready if there is one, then the route's arguments."""


FORM_KEY = "form_key"
"""The field by which a form that is sent again is known."""


class Open(StrEnum):
    """Who may use a page that asks for no permission."""

    ANYONE = "anyone"
    SIGNED_IN = "anyone signed in"


ANYONE, SIGNED_IN = Open.ANYONE, Open.SIGNED_IN


@dataclass(slots=True)
class Call:
    """One request on its way through a view."""

    program: Program
    db: Db
    at: datetime
    who: SignedIn | None
    subject: Subject
    """What the audit row is about."""
    detail: dict[str, Fact] = field(default_factory=dict)
    """Facts for the audit row."""
    audit: str | None = None
    """What the audit row says was done: what the route declares, or what a view did more than it declares."""
    refused: Refused | None = None
    """Why the form that is shown again was refused."""
    rings: dict[str, None] = field(default_factory=dict)
    """What the workers are rung for as soon as this request is committed."""

    def ring(self, what: str = "") -> None:
        """Have a round of the workers begin as soon as this request is committed: without its name, long work."""
        self.rings[what] = None

    @property
    def is_partial(self) -> bool:
        """Whether only the part of the page that changes is wanted."""
        return request.headers.get("HX-Request") == "true"

    @property
    def clinic(self) -> Clinic:
        """The clinic, on a page that is nothing without one. Raises :class:`NoClinic`."""
        return the_clinic(self.db)

    @property
    def today(self) -> date:
        """The clinic's local date."""
        return clock.local(self.at, self.clinic.time_zone).date()

    @property
    def person(self) -> SignedIn:
        """Who is signed in, on a page that only they reach."""
        if self.who is None:
            raise NotSignedIn
        return self.who

    @property
    def actor(self) -> Actor:
        """The hand behind the request, for histories and the audit trail."""
        if self.who is None:
            return Actor(ActorKind.STRANGER, request.remote_addr or "")
        return Actor(ActorKind.USER, str(self.who.user_id))

    def may(self, permission: Permission) -> bool:
        """Whether the person may do that."""
        return self.who is not None and permissions.may(self.who.role, permission)


@dataclass(eq=False)
class Endpoint:
    """A declared route. Flask calls it; tests list it. :func:`endpoint` says what each part is."""

    view: View
    rule: str
    method: str
    may: Permission | Open
    audit: str | None
    subject: str
    first: View | None
    again: View | None
    largest: int = 0
    looks_only: bool = False

    def __post_init__(self) -> None:
        """Take the view's name, by which Flask and its extensions know it."""
        functools.update_wrapper(self, self.view)

    def __call__(self, **arguments: Any) -> Response:
        """Answer the request."""
        at = clock.now()
        try:
            reads = self.method == "GET" or self.looks_only
            return self._read(at, arguments) if reads else self._write(at, arguments)
        except (NotSignedIn, NoClinic):
            raise
        except Forbidden:
            self._record_refusal(at, arguments)
            raise
        except Refused as refused:
            if self.again is None or wants_json():
                raise
            return self._show_again(self.again, refused, at, arguments)

    def _read(self, at: datetime, arguments: dict[str, Any]) -> Response:
        database = program().database
        with database.reading() as db:
            call = self._admitted(db, at, arguments)
            response = make_response(self.view(call, **arguments))
        if call.audit or self._is_seen_again(call):
            with database.transaction() as db:
                self._leave_marks(db, call)
        return response

    def _write(self, at: datetime, arguments: dict[str, Any]) -> Response:
        database = program().database
        made_ready = []
        if self.first is not None:
            with database.reading() as db:
                made_ready.append(self.first(self._admitted(db, at, arguments), **arguments))
        with database.transaction() as db:
            call = self._admitted(db, at, arguments)
            if call.who is not None:
                sent_forms.hold_address(db, request.path)
            form = form_sent()
            if led_to := _led_to(call, form):
                flash("This was sent twice, and done once.")
                return make_response(redirect(led_to, HTTPStatus.SEE_OTHER))
            response = make_response(self.view(call, *made_ready, **arguments))
            _remember(call, form, response)
            self._leave_marks(db, call)
        for what in call.rings:
            program().bell.ring(what)
        return response

    def _show_again(self, form: View, refused: Refused, at: datetime, arguments: dict[str, Any]) -> Response:
        with program().database.reading() as db:
            call = self._admitted(db, at, arguments)
            call.refused = refused
            response = make_response(form(call, **arguments))
        call.detail = {"outcome": "refused"}
        with program().database.transaction() as db:
            self._leave_marks(db, call)
        response.status_code = 422
        return response

    def _admitted(self, db: Db, at: datetime, arguments: dict[str, Any]) -> Call:
        token = login.token()
        who = signing_in.login_of(db, token, at) if token else None
        call = g.call = Call(program(), db, at, who, self._subject(arguments), audit=self.audit)
        if self.may is ANYONE:
            return call
        if who is None:
            raise NotSignedIn
        if isinstance(self.may, Permission) and not call.may(self.may):
            raise Forbidden("Your role may not do this.")
        return call

    def _leave_marks(self, db: Db, call: Call) -> None:
        if call.who is not None and self._is_seen_again(call):
            signing_in.note_seen(db, call.who, call.at)
        if call.audit:
            record(db, call.actor, call.audit, call.subject, call.at, {"from": request.remote_addr, **call.detail})

    def _record_refusal(self, at: datetime, arguments: dict[str, Any]) -> None:
        token = login.token()
        with program().database.transaction() as db:
            who = signing_in.login_of(db, token, at) if token else None
            if who is not None:
                actor = Actor(ActorKind.USER, str(who.user_id))
                detail: dict[str, Fact] = {"from": request.remote_addr, "wanted": self.audit or self.rule}
                record(db, actor, "refused", self._subject(arguments), at, detail)

    def _subject(self, arguments: dict[str, Any]) -> Subject:
        return Subject(self.subject, str(arguments.get("id", "")))

    @staticmethod
    def _is_seen_again(call: Call) -> bool:
        return call.who is not None and signing_in.is_seen_again(call.who, call.at)


def form_sent() -> str:
    """The form of this request as it is known when it is sent again; empty when it carries no key."""
    key = request.form.get(FORM_KEY, "")
    return sent_forms.form_sent_to(request.path, key) if sent_forms.is_key(key) else ""


def _led_to(call: Call, form: str) -> str | None:
    return sent_forms.led_to(call.db, form, call.who.user_id) if call.who is not None and form else None


def _remember(call: Call, form: str, response: Response) -> None:
    is_done = response.status_code == HTTPStatus.SEE_OTHER and response.location
    if call.who is not None and is_done and form:
        sent_forms.remember(call.db, form, call.who.user_id, response.location, call.at)


def endpoint(
    blueprint: Blueprint,
    rule: str,
    *,
    may: Permission | Open,
    audit: str | None,
    method: Literal["GET", "POST"] = "GET",
    subject: str = "page",
    first: View | None = None,
    again: View | None = None,
    largest: int = 0,
    looks_only: bool = False,
) -> Callable[[View], View]:
    """Declare a route.

    ``may``: who may use it; leaving it out is a ``TypeError`` at import. ``audit``: what its audit
    row says it did, such as ``patient viewed``; ``None`` for a page that shows nothing of anybody.
    ``subject``: the kind of thing it is about, whose number is the route's ``id``.
    ``first``: what to do slowly before the writing transaction begins; its result is the view's
    second argument. ``again``: the view that shows the form once more when the request is refused;
    it finds the reasons in ``call.refused``. ``largest``: how many bytes its form may have, for uploads.
    ``looks_only``: a form that changes nothing, sent because what is looked for must not stand in an address.
    """

    def declare(view: View) -> View:
        blueprint.add_url_rule(
            rule,
            endpoint=view.__name__,
            view_func=Endpoint(view, rule, method, may, audit, subject, first, again, largest, looks_only),
            methods=[method],
        )
        return view

    return declare


def register(app: Flask) -> None:
    """Let those who are signed in send as much as a route takes. Register it before whatever reads forms."""

    def allow_upload() -> None:
        view = app.view_functions.get(request.endpoint or "")
        token = login.token()
        if isinstance(view, Endpoint) and view.largest and token:
            with program().database.reading() as db:
                if signing_in.login_of(db, token, clock.now()):
                    request.max_content_length = view.largest

    app.before_request(allow_upload)


def program() -> Program:
    """The program this request is served by."""
    found: Program = current_app.extensions["meridian"]
    return found


def endpoints(app: Flask) -> dict[str, Endpoint]:
    """Every declared route by its Flask name."""
    return {name: view for name, view in app.view_functions.items() if isinstance(view, Endpoint)}
