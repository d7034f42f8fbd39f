"""A signed note is amended by a new version; the one before stays as it was signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from billing.access.models import User
from billing.database import Database, Db
from billing.errors import Refused
from billing.operations.verifying import examine_records
from billing.sessions.amending import Amended, amend
from billing.sessions.charting import ChartContent, NoteText, chart_from
from billing.sessions.documenting import chart_of, save_chart, text_of
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import ClinicSession, Note, SessionMove
from billing.sessions.signing import sign
from billing.treatment.models import OutcomeScore
from tests.factories import DAY, NOW, Scene, make_practitioner, set_scene
from tests.sessions.notes import FIRST, WHOLE, an_account, arrived, charted

LATER = NOW + timedelta(days=2)
WHY = "The second set lasted longer."


def a_signed_session(db: Db, scene: Scene) -> tuple[ClinicSession, User]:
    session, user = arrived(db, scene), an_account(db, scene.practitioner)
    save_chart(db, session.id, WHOLE, by=f"user:{user.id}", at=NOW)
    sign(db, session.id, user_id=user.id, at=NOW)
    return session, user


def amended(db: Db, session: ClinicSession, user: User, chart: ChartContent, why: str = WHY) -> Amended:
    return amend(db, session.id, chart, why, user_id=user.id, at=LATER)


def versions(db: Db) -> list[Note]:
    return list(db.scalars(select(Note).order_by(Note.session_id, Note.version)))


def test_an_amendment_is_a_new_version_and_the_first_stays_readable(database: Database) -> None:
    with database.transaction() as db:
        session, user = a_signed_session(db, set_scene(db))
        changed = charted(text=replace(WHOLE.text, plan="Every other week."), sets=(FIRST,), pain=3)

        result = amended(db, session, user, changed)
        db.expire_all()

        first, second = versions(db)
        assert result == Amended(2, is_filed=False)
        assert first.chart is not None and second.chart is not None
        assert chart_from(text_of(first), first.chart) == WHOLE
        assert chart_from(text_of(second), second.chart) == changed == chart_of(db, session)
        assert (second.why_amended, second.signed_at, second.signed_by_id) == (WHY, LATER, session.practitioner_id)
        assert db.scalars(select(OutcomeScore.value)).all() == [3]
        assert (session.state, session.signed_at) == (SessionState.SIGNED, NOW)


def test_the_amendment_stands_in_the_history_with_its_reason(database: Database) -> None:
    with database.transaction() as db:
        session, user = a_signed_session(db, set_scene(db))

        amended(db, session, user, charted(pain=1))

        last = db.scalars(select(SessionMove).order_by(SessionMove.id.desc())).first()
        assert last is not None
        assert (last.event, last.why, last.by) == (SessionEvent.AMENDED, WHY, f"user:{user.id}")


def test_the_records_verify_after_an_amendment(database: Database) -> None:
    with database.transaction() as db:
        session, user = a_signed_session(db, set_scene(db))
        amended(db, session, user, charted(sets=(FIRST,)))

    with database.reading() as db:
        assert [one.rule for one in examine_records(db).problems if one.rule == "note.changed"] == []


@pytest.mark.parametrize(
    ("chart", "why", "rule"),
    [
        (charted(pain=1), "  ", "amendment.no_reason"),
        (charted(pain=1), "x" * 501, "amendment.no_reason"),
        (WHOLE, WHY, "amendment.no_change"),
        (charted(text=NoteText()), WHY, "note.incomplete"),
        (charted(sets=(replace(FIRST, needles_out=5),)), WHY, "needles.not_equal"),
        (charted(diagnoses=("M54.5",)), WHY, "diagnosis.not_billable"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused_and_changes_nothing(
    database: Database, chart: ChartContent, why: str, rule: str
) -> None:
    with database.transaction() as db:
        session, user = a_signed_session(db, set_scene(db))

    with pytest.raises(Refused) as refused, database.transaction() as db:
        amended(db, session, user, chart, why)

    assert [problem.rule for problem in refused.value.problems] == [rule]
    with database.reading() as db:
        assert len(versions(db)) == 1
        assert chart_of(db, db.get_one(ClinicSession, session.id)) == WHOLE


def test_only_who_treated_amends(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session, _ = a_signed_session(db, scene)
        other = an_account(db, make_practitioner(db), "other@example.org")

        with pytest.raises(Refused) as refused:
            amended(db, session, other, charted(pain=1))

        assert [problem.rule for problem in refused.value.problems] == ["signature.not_own"]


def test_a_note_that_is_not_signed_is_not_amended(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session, user = arrived(db, scene), an_account(db, scene.practitioner)

        with pytest.raises(Refused, match="not signed yet"):
            amended(db, session, user, WHOLE)


def test_a_note_from_the_old_system_is_put_right_though_it_lacks_what_ours_must_have(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session, user = scene.visit(db, diagnoses=["M54.5"]), an_account(db, scene.practitioner)
        before = chart_of(db, session)
        scene.licence.valid_to = DAY - timedelta(days=1)

        amended(db, session, user, replace(before, diagnoses=("M54.50",)), "The code was split.")

        first, second = versions(db)
        assert second.version == 2
        assert first.chart is not None
        assert chart_from(text_of(first), first.chart) == before
        assert chart_of(db, session).diagnoses == ("M54.50",)


def test_an_amendment_says_whether_an_insurer_has_been_billed_already(database: Database) -> None:
    with database.transaction() as db:
        session, user = a_signed_session(db, set_scene(db))

        result = amend(
            db, session.id, charted(pain=2), WHY, user_id=user.id, at=LATER, is_filed=ClinicSession.id == session.id
        )

        assert result.is_filed
