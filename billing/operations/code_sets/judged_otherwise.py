"""Which sessions that are not filed yet would a set have judged otherwise?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import ColumnElement, select

from billing.claims.queries import sessions_with_filed_claims
from billing.codes.sets.shelf import Shelf, judged_by
from billing.database import Database, Db
from billing.invoices.queries import sessions_with_papers
from billing.relay import look_up
from billing.sessions.clearance import visit_problems
from billing.sessions.facts import Facts, Visit, gather
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession

PATIENTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A session of which two shelves say different things."""

    session_id: int
    service_on: date
    gone: tuple[str, ...]
    """Rules that spoke before and do not any more."""
    new: tuple[str, ...]
    """Rules that speak now and did not."""


@dataclass(slots=True)
class OpenSessions:
    """One going over of all sessions that are charted and not filed, from a day on."""

    begins: date
    today: date
    before: Shelf
    after: Shelf
    found: list[Otherwise]
    checked: int = 0

    def stage(self, db: Db, after_patient: int) -> int | None:
        """Judge the sessions of the next patients twice; the cursor is the last patient's id."""
        patient_ids = _patients(db, self.begins, after_patient)
        if not patient_ids:
            return None
        ids = _sessions(db, self.begins, patient_ids)
        through = max(self.today, *(day for _, day in ids))
        open_ids = [one for one, _ in ids]
        facts = gather(db, patient_ids, through, sessions_with_filed_claims(), as_if_signed=open_ids)
        for session_id in open_ids:
            visit = facts.visit_of.get(session_id)
            if visit is not None and (one := self._judged(visit, facts)) is not None:
                self.found.append(one)
        self.checked += len(open_ids)
        return patient_ids[-1]

    def _judged(self, visit: Visit, facts: Facts) -> Otherwise | None:
        had, has = _rules(visit, facts, self.before), _rules(visit, facts, self.after)
        gone, new = sorted((had - has).elements()), sorted((has - had).elements())
        if not gone and not new:
            return None
        return Otherwise(visit.session.id, visit.session.service_on, tuple(gone), tuple(new))


def judged_otherwise(
    database: Database,
    begins: date,
    today: date,
    before: Shelf,
    after: Shelf,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Otherwise]:
    """The sessions from ``begins`` on, signed or being charted, that are judged otherwise; oldest first."""
    going, cursor = OpenSessions(begins, today, before, after, []), 0
    while (reached := look_up(database, partial(going.stage, after_patient=cursor))) is not None:
        cursor = reached
        progress(going.checked)
    return sorted(going.found, key=lambda one: (one.service_on, one.session_id))


def _rules(visit: Visit, facts: Facts, shelf: Shelf) -> Counter[str]:
    """Which rules speak, and how often: the words may name an edition, and differ where nothing else does."""
    with judged_by(shelf):
        return Counter(one.rule for one in visit_problems(visit, facts))


def _is_open(begins: date) -> list[ColumnElement[bool]]:
    return [
        ClinicSession.state.in_((SessionState.SIGNED, SessionState.ARRIVED)),
        ClinicSession.bill_to.in_((BillTo.INSURANCE, BillTo.SUPERBILL)),
        ClinicSession.service_on >= begins,
        ~sessions_with_filed_claims(),
        ~sessions_with_papers(),
    ]


def _patients(db: Db, begins: date, after: int) -> list[int]:
    whose = ClinicSession.patient_id
    asked = select(whose).where(*_is_open(begins), whose > after).group_by(whose).order_by(whose)
    return list(db.scalars(asked.limit(PATIENTS_AT_ONCE)))


def _sessions(db: Db, begins: date, patient_ids: Sequence[int]) -> list[tuple[int, date]]:
    rows = db.execute(
        select(ClinicSession.id, ClinicSession.service_on)
        .where(*_is_open(begins), ClinicSession.patient_id.in_(patient_ids))
        .order_by(ClinicSession.service_on, ClinicSession.id)
    )
    return [(session_id, day) for session_id, day in rows]
