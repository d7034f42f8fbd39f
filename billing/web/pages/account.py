"""One's own account: the password, and the other places where one is signed in."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, request

from billing.access import signing_in
from billing.access.passwords import PasswordHash, hashed, password_problems
from billing.access.queries import open_logins
from billing.access.signing_in import Evidence
from billing.access.users import reset_password
from billing.audit.recording import Subject
from billing.errors import Refused, block
from billing.web import login
from billing.web.endpoint import SIGNED_IN, Call, endpoint
from billing.web.rendering import page

pages = Blueprint("account", __name__)
ADDRESS = "/account"


@endpoint(pages, ADDRESS, may=SIGNED_IN, audit=None)
def account(call: Call) -> Response:
    """Who one is here, with the two forms."""
    return _shown(call)


def _shown(call: Call) -> Response:
    others = open_logins(call.db, call.person.user_id, call.at - signing_in.IDLE) - 1
    return page(call, "account.html", others=others)


def _check_passwords(call: Call) -> tuple[Evidence, PasswordHash]:
    new, repeated = request.form.get("password", ""), request.form.get("repeated", "")
    problems = password_problems(new)
    if new != repeated:
        problems.append(
            block("password.differs", "The two new passwords differ.", "Type the same one twice.", "field:repeated")
        )
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    return signing_in.evidence(call.db, call.person.email, request.form.get("current", "")), hashed(new)


@endpoint(
    pages, "/account/password", method="POST", may=SIGNED_IN, audit="password change tried", subject="user",
    first=_check_passwords, again=_shown,
)  # fmt: skip
def change_password(call: Call, made_ready: tuple[Evidence, PasswordHash]) -> Response:
    """Replace the password and sign out everywhere, then sign in here anew."""
    shown, new_hash = made_ready
    user_id = call.person.user_id
    call.subject = Subject("user", str(user_id))
    if not signing_in.confirm(call.db, shown, call.at):
        # Not raised: the wrong try is to be counted, or a borrowed desk could guess without end.
        call.detail["outcome"] = "turned away"
        why, fix = "This is not your present password, or it was mistyped too often.", "Try again in a minute."
        call.refused = Refused(why, [block("password.wrong", why, fix, "field:current")])
        response = _shown(call)
        response.status_code = 422
        return response
    call.detail["outcome"] = "changed"
    reset_password(call.db, user_id, new_hash, call.at)
    flash("Your password is changed. Everywhere else you have been signed out.")
    response = make_response(redirect(ADDRESS, 303))
    login.hand_over(response, signing_in.begin_login(call.db, user_id, call.at))
    return response


@endpoint(pages, "/account/sign-out-elsewhere", method="POST", may=SIGNED_IN, audit="signed out elsewhere",
          subject="user")  # fmt: skip
def sign_out_elsewhere(call: Call) -> Response:
    """End all of one's logins but this one."""
    call.subject = Subject("user", str(call.person.user_id))
    signing_in.sign_out_everywhere(call.db, call.person.user_id, call.at, but=call.person)
    flash("Everywhere else you have been signed out.")
    return make_response(redirect(ADDRESS, 303))
