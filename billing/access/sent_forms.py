"""A form is carried out once, however often it is sent: a double click, a reload, a lost answer."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from billing.access.models import SentForm
from billing.database import Db, hold_lock

KEPT = timedelta(days=2)
"""How long a form is remembered; longer than any page stays open with a login that is still good."""
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


def is_key(text: str) -> bool:
    """Whether a text can be the key of a form."""
    return _KEY.fullmatch(text) is not None


def form_sent_to(address: str, key: str) -> str:
    """A form by its key and the path it is sent to, so that another form with the same key is not taken for it."""
    return f"{key} {address}"


def hold_address(db: Db, address: str) -> None:
    """Wait until nobody else sends a form to that path; held until this transaction ends.

    The same form sent at the same moment is then known, and another about the same record is judged by what the
    first has left.
    """
    hold_lock(db, f"form:{address}")


def led_to(db: Db, form: str, user_id: int) -> str | None:
    """Where that form (:func:`form_sent_to`) led when this person sent it before; ``None`` when it is new."""
    return db.scalar(select(SentForm.led_to).where(SentForm.key == form, SentForm.user_id == user_id))


def remember(db: Db, form: str, user_id: int, path: str, at: datetime) -> None:
    """Note that the form was carried out and which page it led to, and forget the forms of long ago."""
    db.execute(delete(SentForm).where(SentForm.at < at - KEPT))
    db.add(SentForm(key=form, user_id=user_id, at=at, led_to=path))
