"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, request, session

from billing.access import signing_in
from billing.access.signing_in import Evidence
from billing.audit.recording import Subject
from billing.web import login
from billing.web.endpoint import ANYONE, SIGNED_IN, Call, endpoint
from billing.web.rendering import page

pages = Blueprint("signing_in", __name__)


@endpoint(pages, login.SIGN_IN, may=ANYONE, audit=None)
def sign_in_page(call: Call) -> Response:
    """The form; whoever is signed in already is led on."""
    back = login.way_back(request.args.get("next"))
    if call.who is not None:
        return make_response(redirect(back, 303))
    return page(call, "sign_in.html", email="", back=back, turned_away=False)


def _check_password(call: Call) -> Evidence:
    return signing_in.evidence(call.db, request.form.get("email", ""), request.form.get("password", ""))


@endpoint(pages, login.SIGN_IN, method="POST", may=ANYONE, audit="sign-in tried", subject="user", first=_check_password)
def sign_in(call: Call, shown: Evidence) -> Response:
    """Begin a login, or say that address and password do not fit."""
    back = login.way_back(request.form.get("next"))
    token = signing_in.sign_in(call.db, shown, call.at)
    call.subject = Subject("user", str(shown.user_id or ""))
    call.detail["outcome"] = "signed in" if token else "turned away"
    if token is None:
        return page(call, "sign_in.html", 422, email=request.form.get("email", ""), back=back, turned_away=True)
    if call.who is not None:
        signing_in.sign_out(call.db, call.who, call.at)
    session.clear()
    response = make_response(redirect(back, 303))
    login.hand_over(response, token)
    return response


@endpoint(pages, "/sign-out", method="POST", may=SIGNED_IN, audit="signed out", subject="user")
def sign_out(call: Call) -> Response:
    """End this login."""
    call.subject = Subject("user", str(call.person.user_id))
    signing_in.sign_out(call.db, call.person, call.at)
    session.clear()
    response = make_response(redirect(login.SIGN_IN, 303))
    login.take_back(response)
    return response


@endpoint(pages, "/still-here", may=SIGNED_IN, audit=None)
def still_here(call: Call) -> Response:
    """Nothing but a sign that somebody is at the page, typing; asking for it keeps the login alive."""
    return make_response("", 204)
