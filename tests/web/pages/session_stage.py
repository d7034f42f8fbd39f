"""A session on stage at the desk: Ben treats Miri, and his account signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from billing.clock import now
from billing.practitioners.accounts import link_account
from billing.sessions.charting import ChartContent
from billing.sessions.documenting import chart_of, save_chart
from billing.sessions.models import ClinicSession
from billing.sessions.signing import sign
from tests.factories import Scene, set_scene
from tests.sessions.notes import WHOLE, arrived
from tests.web.desk import Browser, Desk

TYPED = {
    "subjective": "Low back pain since September.",
    "objective": "Tender at L4.",
    "assessment": "Improving.",
    "plan": "Weekly, four more.",
    "set-0-minutes": "15",
    "set-0-needles": "new",
    "set-0-points": "BL23, BL40",
    "set-0-placed": "6",
    "set-0-taken": "6",
    "set-1-minutes": "20",
    "set-1-needles": "retained",
    "set-2-minutes": "20",
    "set-2-needles": "new",
    "set-2-points": "GB30",
    "set-2-placed": "2",
    "set-2-taken": "2",
    "diagnosis-0-code": "M54.50",
    "pain": "5",
}
"""The form of a chart that lacks nothing; it says what ``WHOLE`` says."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The desk, and the session it is about."""

    desk: Desk
    scene: Scene
    session_id: int

    @property
    def path(self) -> str:
        return f"/sessions/{self.session_id}"

    def ben(self) -> Browser:
        return self.desk.browser(self.desk.cast.ben)

    def seen(self, browser: Browser, page: str = "") -> str:
        """The mark of the state that a page was filled from."""
        found = re.search(r'name="seen" value="([^"]+)"', browser.get(self.path + page).text)
        assert found is not None
        return found[1]

    def kept(self) -> tuple[str, ChartContent]:
        """The session's state, and what is charted in it."""
        with self.desk.database.reading() as db:
            session = db.get_one(ClinicSession, self.session_id)
            return session.state.value, chart_of(db, session)


def staged(desk: Desk, **changes: Any) -> Stage:
    """A session whose patient is here, with nothing charted yet."""
    with desk.database.transaction() as db:
        scene = set_scene(db)
        session = arrived(db, scene, **changes)
        link_account(db, scene.practitioner.id, desk.cast.ben.id)
    return Stage(desk, scene, session.id)


def signed(desk: Desk, chart: ChartContent = WHOLE) -> Stage:
    """A session that Ben has signed."""
    stage = staged(desk)
    with desk.database.transaction() as db:
        save_chart(db, stage.session_id, chart, by="user:1", at=now())
        sign(db, stage.session_id, user_id=desk.cast.ben.id, at=now())
    return stage
