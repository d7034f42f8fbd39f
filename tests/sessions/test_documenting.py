"""What is charted is kept as often as it is saved, until it is signed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.sessions.charting import ChartContent, ChartedProcedure
from billing.sessions.documenting import chart_of, save_chart
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession, DraftNote, NeedleSet, Note
from billing.sessions.moving import undo_arrival
from billing.treatment.models import OutcomeScore
from tests.factories import DAY, NOW, moment, set_scene
from tests.sessions.notes import FIRST, TEXT, WHOLE, arrived, charted, with_manual_therapy


def save(db: Db, session: ClinicSession, chart: ChartContent) -> None:
    save_chart(db, session.id, chart, by="user:7", at=NOW)
    db.expire_all()


def test_everything_charted_is_read_back_as_it_was_written(database: Database) -> None:
    with database.transaction() as db:
        session = arrived(db, set_scene(db))
        timed = (
            FIRST,
            *WHOLE.sets[1:-1],
            type(FIRST)(20, True, True, moment(DAY, "09:30"), ("EX-B2", "odd point"), 3, 1),
        )
        chart = charted(
            sets=timed,
            procedures=(ChartedProcedure("97140", ("GP", "59"), 2),),
            diagnoses=("M54.50", "M62.830"),
            acupuncture_modifiers=("KX",),
        )

        save(db, session, chart)

        assert chart_of(db, session) == chart
        draft = db.get_one(DraftNote, session.id)
        assert (draft.saved_by, draft.saved_at) == ("user:7", NOW)


def test_a_later_save_replaces_an_earlier_one_whole(database: Database) -> None:
    with database.transaction() as db:
        session = arrived(db, set_scene(db))
        save(db, session, with_manual_therapy())

        save(db, session, charted(sets=(FIRST,), diagnoses=("M54.2",), pain=None))

        assert chart_of(db, session) == charted(sets=(FIRST,), diagnoses=("M54.2",), pain=None)
        assert db.scalar(select(func.count()).select_from(NeedleSet)) == 1
        assert db.scalar(select(func.count()).select_from(OutcomeScore)) == 0


def test_the_score_stands_on_the_day_of_the_session(database: Database) -> None:
    with database.transaction() as db:
        session = arrived(db, set_scene(db))

        save(db, session, charted(pain=7))

        score = db.scalars(select(OutcomeScore)).one()
        assert (score.value, score.measured_on, score.source) == (7, DAY, f"session:{session.id}")


def test_diagnoses_are_kept_the_way_people_read_them(database: Database) -> None:
    with database.transaction() as db:
        session = arrived(db, set_scene(db))

        save(db, session, charted(diagnoses=("m5450", " M62.830 ")))

        assert chart_of(db, session).diagnoses == ("M54.50", "M62.830")


def test_a_chart_that_was_emptied_leaves_no_draft_so_that_an_arrival_can_be_taken_back(database: Database) -> None:
    with database.transaction() as db:
        session = arrived(db, set_scene(db))
        save(db, session, WHOLE)

        save(db, session, ChartContent())

        assert db.get(DraftNote, session.id) is None
        assert undo_arrival(db, session.id, by="user:7", at=NOW).state == "booked"


def test_half_a_note_is_kept_too(database: Database) -> None:
    with database.transaction() as db:
        session = arrived(db, set_scene(db))
        half = ChartContent(text=type(TEXT)(subjective="Slept badly."))

        save(db, session, half)

        assert chart_of(db, session) == half


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("booked", "has not arrived yet"),
        ("signed", "signed already"),
        ("no_show", "did not come"),
        ("cancelled", "was cancelled"),
    ],
)
def test_nothing_is_charted_unless_the_patient_has_arrived(database: Database, state: str, why: str) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, state=SessionState(state))

    with pytest.raises(Refused, match=why) as refused, database.transaction() as db:
        save_chart(db, session.id, WHOLE, by="user:7", at=NOW)

    assert refused.value.problems[0].where == f"session:{session.id}"
    with database.reading() as db:
        assert db.scalars(select(DraftNote)).all() == []
        assert [one.minutes for one in db.scalars(select(NeedleSet))] == [15, 15]


def test_values_that_cannot_be_are_refused_together_and_nothing_is_written(database: Database) -> None:
    with database.transaction() as db:
        session = arrived(db, set_scene(db))
    broken = charted(
        sets=(type(FIRST)(601, True, False, None, (), -1, 6),),
        procedures=(ChartedProcedure("", (), 0), ChartedProcedure("97140", ("1", "2", "3", "4", "5"), 1)),
        diagnoses=(" . ",),
        pain=11,
    )

    with pytest.raises(Refused) as refused, database.transaction() as db:
        save_chart(db, session.id, broken, by="user:7", at=NOW)

    said = " ".join(problem.why for problem in refused.value.problems)
    for part in ("Set 1: 601 minutes", "needles are counted", "without a code", "0 units", "5 modifiers", "empty"):
        assert part in said
    assert "Pain is rated from 0 to 10, not 11." in said
    with database.reading() as db:
        assert chart_of(db, db.get_one(ClinicSession, session.id)) == ChartContent()


def test_a_session_that_does_not_exist_is_not_found(database: Database) -> None:
    with database.transaction() as db, pytest.raises(NotFound):
        save_chart(db, 4711, WHOLE, by="user:7", at=NOW)


def test_the_newest_version_is_what_is_written_down_about_a_signed_session(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db)
        cells = {"objective": "", "assessment": "", "plan": "", "signed_at": NOW + timedelta(days=1)}
        db.add(
            Note(
                session_id=session.id, version=2, subjective="Corrected.", signed_by_id=session.practitioner_id,
                chart_sha256="0", chart=None, why_amended="typing error", **cells,
            )
        )  # fmt: skip
        db.flush()

        assert chart_of(db, session).text.subjective == "Corrected."
