"""Signing in and out, and who is behind a browser's token.

A wrong password must leave its mark even though the visitor is turned away, so these functions
answer ``None`` or ``False`` where others would raise: the caller's transaction is to be committed.
An unknown address, a wrong password, a locked and a disabled account get the same answer after the
same work, so that nobody can find out which addresses have accounts.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from billing.access.models import Login, User
from billing.access.passwords import PasswordHash, fits, nobodys_hash, renewed
from billing.access.permissions import Role
from billing.access.queries import user_with_email
from billing.database import Db

IDLE = timedelta(minutes=15)
"""After so long without a request a login is over (automatic logoff, 45 CFR 164.312(a)(2)(iii))."""
SEEN_EVERY = timedelta(seconds=30)
"""How finely it is noted when a login was last used; not every request has to write."""
FREE_TRIES = 5
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What checking a password showed. It is made slowly in a reading transaction and used quickly in a writing one."""

    user_id: int | None
    """``None`` when nobody has that address."""
    checked_hash: str
    password_fits: bool
    renewed_hash: PasswordHash | None
    """The same password at today's hashing cost, when it was kept at another."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a request."""

    user_id: int
    name: str
    email: str
    role: Role
    token_sha256: str
    started_at: datetime
    last_seen_at: datetime


def evidence(db: Db, email: str, password: str) -> Evidence:
    """Check a password against the account of that address. Slow, whoever asks."""
    user = user_with_email(db, email)
    decoy = nobodys_hash()
    kept = decoy if user is None else user.password_hash
    right = fits(kept, password)
    if user is None:
        return Evidence(None, kept, False, None)
    return Evidence(user.id, kept, right, renewed(kept, password) if right else None)


def pause_after(failed_attempts: int) -> timedelta:
    """How long an account stays locked after so many wrong passwords in a row.

    Nothing for the first four, a minute at the fifth, twice as long at each one more, an hour at most.
    """
    beyond = failed_attempts - FREE_TRIES
    if beyond < 0:
        return timedelta(0)
    doubled = timedelta(minutes=1 << min(beyond, 6))
    return min(doubled, LONGEST_PAUSE)


def confirm(db: Db, shown: Evidence, at: datetime) -> bool:
    """Whether the password was right and the account is open; counts a wrong one, and locks after too many.

    Tries while the account is locked count neither for nor against it.
    """
    user = db.get(User, shown.user_id, with_for_update=True) if shown.user_id is not None else None
    if user is None or user.disabled_at is not None or user.password_hash != shown.checked_hash:
        return False
    if user.locked_until is not None and at < user.locked_until:
        return False
    if not shown.password_fits:
        user.failed_attempts += 1
        user.locked_until = at + pause_after(user.failed_attempts)
        return False
    user.failed_attempts = 0
    user.locked_until = None
    user.password_hash = shown.renewed_hash or user.password_hash
    return True


def sign_in(db: Db, shown: Evidence, at: datetime) -> str | None:
    """Begin a login and give its token, or ``None`` when the visitor is turned away. Commit in both cases."""
    if shown.user_id is None or not confirm(db, shown, at):
        return None
    return begin_login(db, shown.user_id, at)


def begin_login(db: Db, user_id: int, at: datetime) -> str:
    """A new login of that person; the token (256 random bits) is given out once and kept only as a hash."""
    token = secrets.token_urlsafe(32)
    db.add(
        Login(token_sha256=token_sha256(token), user_id=user_id, started_at=at, last_seen_at=at, ended_at=None),
    )
    db.flush()
    return token


def token_sha256(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def login_of(db: Db, token: str, at: datetime) -> SignedIn | None:
    """Who holds that token; ``None`` when the login has ended or idled, or the account is disabled."""
    found = db.execute(
        select(Login, User)
        .join(User, User.id == Login.user_id)
        .where(
            Login.token_sha256 == token_sha256(token),
            Login.ended_at.is_(None),
            Login.last_seen_at > at - IDLE,
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        return None
    login, user = found
    return SignedIn(user.id, user.name, user.email, user.role, login.token_sha256, login.started_at, login.last_seen_at)


def is_seen_again(who: SignedIn, at: datetime) -> bool:
    """Whether it is time to note that the login is in use."""
    return at - who.last_seen_at >= SEEN_EVERY


def note_seen(db: Db, who: SignedIn, at: datetime) -> None:
    """Note that the login was used at that instant, so that its idle time starts anew."""
    db.execute(
        update(Login)
        .where(Login.token_sha256 == who.token_sha256, Login.ended_at.is_(None), Login.last_seen_at < at)
        .values(last_seen_at=at)
    )


def sign_out(db: Db, who: SignedIn, at: datetime) -> None:
    """End this login."""
    db.execute(
        update(Login).where(Login.token_sha256 == who.token_sha256, Login.ended_at.is_(None)).values(ended_at=at)
    )


def sign_out_everywhere(db: Db, user_id: int, at: datetime, but: SignedIn | None = None) -> None:
    """End all logins of a person, ``but`` for the one they are using, if given."""
    theirs = update(Login).where(Login.user_id == user_id, Login.ended_at.is_(None))
    if but is not None:
        theirs = theirs.where(Login.token_sha256 != but.token_sha256)
    db.execute(theirs.values(ended_at=at))
