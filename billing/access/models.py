"""User accounts, their logins, and the forms they have sent."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.access.permissions import Role
from billing.database import Base, Key, words


class User(Base):
    """A person who may sign in."""

    __tablename__ = "user_account"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)
    """In lower case."""
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(words(Role))
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]
    failed_attempts: Mapped[int]
    """Wrong passwords since the last right one."""
    locked_until: Mapped[datetime | None]


class Login(Base):
    """One browser's session; ended by signing out, by idling, or from the server."""

    __tablename__ = "login"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    """The browser holds the token; a stolen database does not give it away."""
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id), index=True)
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SentForm(Base):
    """A form that was sent and carried out, and the page it led to: sent again, it only leads there once more."""

    __tablename__ = "sent_form"

    key: Mapped[str] = mapped_column(primary_key=True)
    """Drawn at random for each showing of a form, with the path the form is sent to."""
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    led_to: Mapped[str]
    """A path on this site."""
