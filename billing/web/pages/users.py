"""Who may sign in, and as what."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access import signing_in
from billing.access.models import User
from billing.access.passwords import PasswordHash, hashed, password_problems
from billing.access.permissions import Permission, Role
from billing.access.queries import last_seen, user_of
from billing.access.queries import users as all_users
from billing.access.users import add_user, change_role, disable_user, enable_user, reset_password
from billing.audit.recording import Subject
from billing.errors import Refused, block
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form
from billing.web.rendering import page

pages = Blueprint("users", __name__)
ADDRESS = "/settings/users"
_MAY = Permission.MANAGE_USERS


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A first or another password, checked and hashed before anything is written."""

    password_hash: PasswordHash


@endpoint(pages, ADDRESS, may=_MAY, audit=None)
def users(call: Call) -> Response:
    """Everybody with an account."""
    return _all(call)


def _all(call: Call) -> Response:
    return page(call, "settings/users.html", users=all_users(call.db), seen=last_seen(call.db), roles=_roles())


@endpoint(pages, f"{ADDRESS}/<int:id>", may=_MAY, audit=None)
def user(call: Call, id: int) -> Response:
    """One account, with what can be done about it."""
    return _one(call, id)


def _one(call: Call, id: int) -> Response:
    shown = user_of(call.db, id)
    return page(call, "settings/user.html", user=shown, roles=_roles(), is_oneself=shown.id == call.person.user_id)


def _roles() -> list[tuple[str, str]]:
    return [(role.value, role.value.replace("_", " ").capitalize()) for role in Role]


def _password(call: Call, id: int = 0) -> NewAccount:
    password = request.form.get("password", "")
    if problems := password_problems(password):
        raise Refused(" ".join(problem.why for problem in problems), problems)
    return NewAccount(hashed(password))


@endpoint(pages, ADDRESS, method="POST", may=_MAY, audit="account added", subject="user", first=_password, again=_all)
def add(call: Call, made: NewAccount) -> Response:
    """An account with a first password, which the person changes on their own page."""
    form = Form()
    name, email = form.text("name", "Name"), form.text("email", "E-mail address")
    role = form.choice("role", "Role", Role)
    form.refuse_any()
    if role is None:
        raise Refused("No role was chosen.")
    added = add_user(call.db, email, name, role, made.password_hash)
    call.subject = Subject("user", str(added.id))
    flash("The account is open. Hand the person their password, and have them change it on the page Your account.")
    return make_response(redirect(url_for("users.users"), 303))


@endpoint(pages, f"{ADDRESS}/<int:id>/role", method="POST", may=_MAY, audit="role changed", subject="user", again=_one)
def give_role(call: Call, id: int) -> Response:
    """Another role; it ends the person's logins."""
    form = Form()
    role = form.choice("role", "Role", Role)
    form.refuse_any()
    _refuse_oneself(call, id, "role", "Your own role cannot be changed by yourself.")
    if role is not None:
        change_role(call.db, id, role, call.at)
        call.detail["role"] = role.value
    return _done(id, "The role is changed, and takes effect when the person signs in again.")


@endpoint(pages, f"{ADDRESS}/<int:id>/disable", method="POST", may=_MAY, audit="account disabled", subject="user",
          again=_one)  # fmt: skip
def disable(call: Call, id: int) -> Response:
    """Close an account, and end its logins at once."""
    _refuse_oneself(call, id, "", "Your own account cannot be closed by yourself.")
    disable_user(call.db, id, call.at)
    return _done(id, "The account is closed, and everywhere signed out.")


@endpoint(pages, f"{ADDRESS}/<int:id>/enable", method="POST", may=_MAY, audit="account enabled", subject="user",
          again=_one)  # fmt: skip
def enable(call: Call, id: int) -> Response:
    """Open a closed account again."""
    enable_user(call.db, id)
    return _done(id, "The account is open again, with the password it had.")


@endpoint(pages, f"{ADDRESS}/<int:id>/password", method="POST", may=_MAY, audit="password reset", subject="user",
          first=_password, again=_one)  # fmt: skip
def new_password(call: Call, made: NewAccount, id: int) -> Response:
    """Another password; it lifts a lock-out and ends all logins."""
    _refuse_oneself(call, id, "password", "Change your own password on the page Your account.")
    reset_password(call.db, id, made.password_hash, call.at)
    return _done(id, "The password is changed, and the person signed out everywhere.")


@endpoint(pages, f"{ADDRESS}/<int:id>/sign-out", method="POST", may=_MAY, audit="signed out by an owner",
          subject="user", again=_one)  # fmt: skip
def sign_out(call: Call, id: int) -> Response:
    """End all of a person's logins: a telephone was lost, a screen was left open."""
    person: User = user_of(call.db, id)
    signing_in.sign_out_everywhere(call.db, person.id, call.at, but=call.person if _is_oneself(call, id) else None)
    return _done(id, "The person is signed out everywhere.")


def _is_oneself(call: Call, id: int) -> bool:
    return id == call.person.user_id


def _refuse_oneself(call: Call, id: int, field: str, why: str) -> None:
    if _is_oneself(call, id):
        raise Refused(why, [block("user.oneself", why, "Ask another owner.", f"field:{field}" if field else "")])


def _done(id: int, words: str) -> Response:
    flash(words)
    return make_response(redirect(url_for("users.user", id=id), 303))
