"""A session on its way to a signed note: whole charts, and those who sign them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from billing.access.models import User
from billing.access.permissions import Role
from billing.access.users import add_user
from billing.database import Db
from billing.practitioners.accounts import link_account
from billing.practitioners.models import Practitioner
from billing.sessions.charting import ChartContent, ChartedProcedure, ChartedSet, NoteText
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from tests.access.cast import cheaply
from tests.factories import DAY, Scene

TEXT = NoteText("Low back pain since September.", "Tender at L4.", "Improving.", "Weekly, four more.")
FIRST = ChartedSet(15, True, False, None, ("BL23", "BL40"), 6, 6)
SECOND = ChartedSet(20, True, False, None, ("GB30",), 2, 2)
REST = ChartedSet(20, False, False, None)
WHOLE = ChartContent(text=TEXT, sets=(FIRST, REST, SECOND), diagnoses=("M54.50",), pain=5)
"""A chart that lacks nothing."""


def charted(**changes: Any) -> ChartContent:
    """The whole chart with something else in it."""
    return replace(WHOLE, **changes)


def with_manual_therapy() -> ChartContent:
    return charted(procedures=(ChartedProcedure("97140", ("GP", "59"), 1),))


def an_account(db: Db, practitioner: Practitioner, email: str = "quill@example.org") -> User:
    """The account with which that practitioner signs."""
    user = add_user(db, email, "Ben Quill", Role.PRACTITIONER, cheaply())
    link_account(db, practitioner.id, user.id)
    return user


def arrived(db: Db, scene: Scene, on: date = DAY, **changes: Any) -> ClinicSession:
    """A session whose patient is here, with nothing charted yet."""
    return scene.visit(db, on, state=SessionState.ARRIVED, sets=[], diagnoses=[], **changes)
