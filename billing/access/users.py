"""Who has an account: adding people, disabling and enabling them, new passwords, other roles.

All of them lock the accounts for the length of the caller's transaction, so that two owners who
disable each other at the same time cannot leave the clinic without one.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import func, select

from billing.access.models import User
from billing.access.passwords import PasswordHash
from billing.access.permissions import Role
from billing.access.queries import spelled, user_of, user_with_email
from billing.access.signing_in import sign_out_everywhere
from billing.database import Db, hold_lock
from billing.errors import Problem, Refused, block

ACCOUNTS = "user accounts"
"""The lock of whoever adds, changes or gives away accounts."""
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def add_user(db: Db, email: str, name: str, role: Role, password_hash: PasswordHash) -> User:
    """A new account; get the hash from :func:`billing.access.passwords.hashed`.

    Raises :class:`Refused` with every problem: an e-mail address that is none or is taken, an empty name.
    """
    hold_lock(db, ACCOUNTS)
    if problems := [*_email_problems(db, email), *_name_problems(name)]:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    user = User(
        email=spelled(email),
        name=name.strip(),
        role=role,
        password_hash=password_hash,
        disabled_at=None,
        failed_attempts=0,
        locked_until=None,
    )
    db.add(user)
    db.flush()
    return user


def disable_user(db: Db, user_id: int, at: datetime) -> None:
    """Shut an account and end all its logins. Raises :class:`Refused` for the last owner, :class:`NotFound`."""
    hold_lock(db, ACCOUNTS)
    user = user_of(db, user_id)
    if user.disabled_at is None:
        _refuse_to_lose_the_last_owner(db, user)
        user.disabled_at = at
    sign_out_everywhere(db, user_id, at)


def enable_user(db: Db, user_id: int) -> None:
    """Open a disabled account again, with its old password. Raises :class:`NotFound`."""
    user_of(db, user_id).disabled_at = None


def reset_password(db: Db, user_id: int, password_hash: PasswordHash, at: datetime) -> None:
    """Replace the password, lift a lock-out and end all logins. Raises :class:`NotFound`."""
    user = user_of(db, user_id)
    user.password_hash = password_hash
    user.failed_attempts = 0
    user.locked_until = None
    sign_out_everywhere(db, user_id, at)


def change_role(db: Db, user_id: int, role: Role, at: datetime) -> None:
    """Give a person another role and end all their logins.

    Raises :class:`Refused` for the last owner, :class:`NotFound`.
    """
    hold_lock(db, ACCOUNTS)
    user = user_of(db, user_id)
    if role is user.role:
        return
    _refuse_to_lose_the_last_owner(db, user)
    user.role = role
    sign_out_everywhere(db, user_id, at)


def _refuse_to_lose_the_last_owner(db: Db, user: User) -> None:
    if user.role is not Role.OWNER or user.disabled_at is not None:
        return
    owners = select(func.count()).where(User.role == Role.OWNER, User.disabled_at.is_(None), User.id != user.id)
    if not db.scalar(owners):
        raise Refused(
            f"{user.email} is the only owner who can sign in; without one nobody could manage the clinic. "
            "Make somebody else an owner first."
        )


def _email_problems(db: Db, email: str) -> list[Problem]:
    where = "field:email"
    if not _EMAIL.fullmatch(spelled(email)):
        return [
            block("email.not_valid", f"{email!r} is not an e-mail address.", "Write it like ada@example.org.", where)
        ]
    taken = user_with_email(db, email)
    if taken is None:
        return []
    how = "is disabled" if taken.disabled_at else "can sign in"
    return [
        block(
            "email.taken",
            f"{taken.email} has an account already; it {how}.",
            "Enable it, reset its password, or use another address.",
            where,
        )
    ]


def _name_problems(name: str) -> list[Problem]:
    if name.strip():
        return []
    return [block("name.missing", "The name is empty.", "Give the person's name.", "field:name")]
