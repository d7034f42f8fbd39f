"""The patient has said that they will come."""

from __future__ import annotations

from datetime import datetime

from billing.database import Db
from billing.errors import Refused
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.moving import the_session


def confirm(db: Db, session_id: int, *, at: datetime) -> ClinicSession:
    """Note that the patient will come; noted before, it stays as it was.

    Raises :class:`NotFound`, and :class:`Refused` when the session is not booked any more.
    """
    session = the_session(db, session_id)
    if session.state is not SessionState.BOOKED:
        raise Refused("This session is not booked any more, so it cannot be confirmed.")
    if session.confirmed_at is None:
        session.confirmed_at = at
        db.flush()
    return session
