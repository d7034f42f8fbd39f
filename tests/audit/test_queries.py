"""Asking the audit trail about some records."""

from __future__ import annotations

from billing.audit.queries import acts_about
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.database import Database
from tests.factories import NOW

BY = Actor(ActorKind.COMMAND, "test")


def test_only_what_is_about_the_records_named_is_told_the_newest_first(database: Database) -> None:
    with database.transaction() as db:
        for subject in (Subject("patient", "1"), Subject("patient", "11"), Subject("session", "1"), Subject("page")):
            record(db, BY, f"{subject.kind} {subject.id}", subject, NOW)
        db.flush()

    with database.reading() as db:
        found = acts_about(db, {"patient": [1], "session": [1, 2], "claim": []}, 10)

    assert [one.action for one in found] == ["session 1", "patient 1"]


def test_no_more_than_asked_for_is_told_and_the_rest_follows(database: Database) -> None:
    with database.transaction() as db:
        for number in range(3):
            record(db, BY, f"seen {number}", Subject("patient", "1"), NOW)
            db.flush()

    with database.reading() as db:
        first = acts_about(db, {"patient": [1]}, 2)
        rest = acts_about(db, {"patient": [1]}, 2, before=first[-1].id)

    assert [one.action for one in (*first, *rest)] == ["seen 2", "seen 1", "seen 0"]


def test_nothing_is_told_about_nothing(database: Database) -> None:
    with database.reading() as db:
        assert list(acts_about(db, {}, 10)) == []
