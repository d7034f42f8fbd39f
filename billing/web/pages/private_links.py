"""The pages behind the private link of a message: for patients, without signing in.

Whoever has the link may use it, so its forms need no token of a page of ours, and none of these pages keeps a cookie:
many mail programs open links in a browser that has none. What the link is for is in ``billing.reminders.links``.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, request, url_for

from billing import clock
from billing.audit.recording import Subject
from billing.clinic.country import is_american
from billing.errors import NotFound
from billing.reminders import links
from billing.reminders.links import PATH, STOP, Visit
from billing.reminders.wording import day_words, time_words
from billing.web.endpoint import ANYONE, Call, endpoint
from billing.web.patience import patience
from billing.web.rendering import page

pages = Blueprint("private_links", __name__)
_LINK = f"{PATH}/<token>"


@pages.after_request
def _for_nobody_else(response: Response) -> Response:
    """No search engine keeps the page, and no page that is led to learns of the link."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@endpoint(pages, _LINK, may=ANYONE, audit="private link opened", subject="message")
def visit(call: Call, token: str) -> Response:
    """The visit that a message was about, and what can be done about it."""
    return _shown(call, token, "visit")


@endpoint(pages, f"{_LINK}/confirm", method="POST", may=ANYONE, audit="visit confirmed by link", subject="message",
          again=visit)  # fmt: skip
def confirm(call: Call, token: str) -> Response:
    """The patient will come."""
    _asked(call, token)
    links.confirm_visit(call.db, token, call.program.secret_key, call.at)
    return _back(token)


@endpoint(pages, f"{_LINK}/cancel", may=ANYONE, audit="private link opened", subject="message")
def cancel_form(call: Call, token: str) -> Response:
    """One more question before a visit is called off."""
    return _shown(call, token, "cancel")


@endpoint(pages, f"{_LINK}/cancel", method="POST", may=ANYONE, audit="visit called off by link", subject="message",
          again=visit)  # fmt: skip
def cancel(call: Call, token: str) -> Response:
    """The patient will not come."""
    _asked(call, token)
    links.cancel_visit(call.db, token, call.program.secret_key, call.at)
    return _back(token)


@endpoint(pages, f"{_LINK}/{STOP}", may=ANYONE, audit="private link opened", subject="message")
def stop_form(call: Call, token: str) -> Response:
    """One more question before messages are ended: mail programs open links by themselves."""
    return _shown(call, token, "stop")


@endpoint(pages, f"{_LINK}/{STOP}", method="POST", may=ANYONE, audit="messages stopped by link", subject="message")
def stop(call: Call, token: str) -> Response:
    """No more messages to that number or address; also what a mail program posts by one click (RFC 8058).

    It answers at once: mail programs follow no redirect.
    """
    shown = _asked(call, token)
    call.detail["is_news"] = links.stop_messages(call.db, token, call.program.secret_key, call.at)
    return _page(call, token, "stopped", shown)


def _asked(call: Call, token: str) -> Visit:
    """What the link shows. Raises :class:`NotFound` for every link that is not ours; too many tries end in 429."""
    address = request.remote_addr or ""
    patience(call).admit(address, call.at)
    try:
        shown = links.visit(call.db, token, call.program.secret_key, call.at)
    except NotFound:
        patience(call).note_wrong(address, call.at)
        raise
    call.subject = Subject("message", str(links.message_named(token, call.program.secret_key)))
    return shown


def _shown(call: Call, token: str, name: str) -> Response:
    return _page(call, token, name, _asked(call, token))


def _page(call: Call, token: str, name: str, shown: Visit) -> Response:
    american, starts_at = is_american(call.clinic), shown.starts_at
    there = clock.local(starts_at, shown.zone) if starts_at else None
    # Whoever is signed in sees it as the patient does.
    return page(
        call,
        f"private_links/{name}.html",
        who=None,
        shown=shown,
        token=token,
        day=day_words(there.date(), american) if there else "",
        time=time_words(there, american) if there else "",
    )


def _back(token: str) -> Response:
    return make_response(redirect(url_for("private_links.visit", token=token), 303))
