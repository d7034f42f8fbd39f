"""What one asks about accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from billing.access.models import Login, User
from billing.database import Db
from billing.errors import NotFound


def spelled(email: str) -> str:
    """An e-mail address the way accounts keep it: trimmed, in lower case."""
    return email.strip().lower()


def user_with_email(db: Db, email: str) -> User | None:
    """The account of that e-mail address, however it is typed; nobody's holds a NUL, with which no text is kept."""
    if "\0" in email:
        return None
    return db.scalar(select(User).where(User.email == spelled(email)))


def user_called(db: Db, email: str) -> User:
    """The account of that e-mail address. Raises :class:`NotFound`."""
    user = user_with_email(db, email)
    if user is None:
        raise NotFound(f"Nobody has the e-mail address {spelled(email)}.")
    return user


def user_of(db: Db, user_id: int) -> User:
    """The account of that number. Raises :class:`NotFound`."""
    user = db.get(User, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    return user


def users(db: Db) -> list[User]:
    """All accounts, by name."""
    return list(db.scalars(select(User).order_by(User.name, User.id)))


def open_logins(db: Db, user_id: int, seen_after: datetime) -> int:
    """How many logins of that person are open and were in use after that instant."""
    open_ones = select(func.count()).where(
        Login.user_id == user_id, Login.ended_at.is_(None), Login.last_seen_at > seen_after
    )
    return db.scalar(open_ones) or 0


def last_seen(db: Db) -> dict[int, datetime]:
    """When each person last used the desk, by account."""
    rows = db.execute(select(Login.user_id, func.max(Login.last_seen_at)).group_by(Login.user_id))
    return {user_id: seen_at for user_id, seen_at in rows if seen_at is not None}
