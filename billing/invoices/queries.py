"""What one asks about papers."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from billing.invoices.models import Paper
from billing.sessions.models import ClinicSession


def sessions_with_papers() -> ColumnElement[bool]:
    """Whether a session has been invoiced or given a superbill; for queries on sessions."""
    return select(Paper.id).where(Paper.session_id == ClinicSession.id).exists()
