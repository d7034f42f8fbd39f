"""A session that is not signed yet is judged as it is charted, or typed, just now; the others stay as they are."""

from __future__ import annotations

from datetime import timedelta

from billing.database import Database, Db
from billing.sessions.charting import ChartContent
from billing.sessions.clearance import booking_problems, insurance_clearance, visit_problems
from billing.sessions.documenting import save_chart
from billing.sessions.facts import Facts, gather
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from tests.factories import DAY, NOW, fresh, make_authorisation, make_patient, make_score, make_session, set_scene
from tests.sessions.notes import FIRST, WHOLE, arrived, charted
from tests.sessions.test_facts import questions


def as_now(db: Db, session: ClinicSession, typed: ChartContent | None = None) -> Facts:
    db.flush()
    chart = {session.id: typed} if typed else {}
    return gather(db, [session.patient_id], DAY, as_if_signed=[session.id], typed=chart)


def test_it_counts_among_the_patients_visits_with_what_is_charted(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        before = scene.visit(db, DAY - timedelta(days=7))
        session = arrived(db, scene)
        save_chart(db, session.id, WHOLE, by="user:1", at=NOW)

        facts = as_now(db, session)

        assert [one.session.id for one in facts.visits[scene.patient.id]] == [before.id, session.id]
        assert facts.visit_of[session.id].chart.sets == list(WHOLE.sets)
        assert facts.visit_days(scene.patient.id, scene.payer.id) == [DAY - timedelta(days=7), DAY]


def test_nobody_asks_about_it_unless_it_is_named(database: Database) -> None:
    with database.transaction() as db:
        session = arrived(db, set_scene(db))

        assert gather(db, [session.patient_id], DAY).visit_of == {}


def test_it_is_judged_like_the_signed_session_it_is_going_to_be(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.visits_allowed = 0
        session = arrived(db, scene)
        save_chart(db, session.id, WHOLE, by="user:1", at=NOW)
        facts = as_now(db, session)
        before = insurance_clearance(facts.visit_of[session.id], facts)

        session.state, session.signed_at = SessionState.SIGNED, NOW
        db.flush()
        facts = gather(db, [session.patient_id], DAY)

        assert insurance_clearance(facts.visit_of[session.id], facts) == before
        assert "coverage.limit_reached" in {one.rule for one in before.problems}


def test_what_is_typed_counts_instead_of_what_is_saved(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = arrived(db, scene)
        save_chart(db, session.id, WHOLE, by="user:1", at=NOW)
        make_score(db, scene.patient, DAY - timedelta(days=7), 8)

        typed = charted(sets=(FIRST,), diagnoses=("M54.2",), pain=2, acupuncture_modifiers=("KX",))
        facts = as_now(db, session, typed)

        visit = facts.visit_of[session.id]
        assert [(line.code, line.modifiers) for line in visit.coded.lines] == [("97810", ("KX",))]
        assert visit.chart.diagnoses == ["M54.2"]
        assert facts.pain_scores[scene.patient.id] == {DAY - timedelta(days=7): 8, DAY: 2}
        assert facts.scores_taken == {session.id: 2}
        assert list(session.acupuncture_modifiers) == []


def test_a_score_that_is_typed_away_is_gone(database: Database) -> None:
    with database.transaction() as db:
        session = arrived(db, set_scene(db))
        save_chart(db, session.id, WHOLE, by="user:1", at=NOW)

        facts = as_now(db, session, charted(pain=None))

        assert facts.pain_scores[session.patient_id] == {}
        assert facts.scores_taken == {}


def test_signed_sessions_take_their_time_first_and_what_is_typed_must_fit_beside_them(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = arrived(db, scene, minutes=45, start="09:00")
        make_session(db, make_patient(db), scene.practitioner, minutes=45, start="09:10", sets=[fresh(40)])
        long, short = fresh(40), fresh(10)

        assert as_now(db, session, charted(sets=(long,))).out_of_time == {session.id}
        assert as_now(db, session, charted(sets=(short,))).out_of_time == set()


def test_only_the_days_of_those_asked_about_are_looked_at_for_time(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.visit(db, DAY - timedelta(days=7), minutes=20, sets=[fresh(40)])
        session = arrived(db, scene)

        assert as_now(db, session, WHOLE).out_of_time == set()
        assert gather(db, [session.patient_id], DAY).out_of_time != set()


def test_everything_is_gathered_in_six_questions(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_authorisation(db, scene.patient, scene.payer)
        session = arrived(db, scene)

    with questions(database) as asked, database.reading() as db:
        gather(db, [session.patient_id], DAY, as_if_signed=[session.id])

    assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) == 6


def test_before_treatment_only_what_can_be_known_then_is_told(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.patient.signature_on_file = False
        session = scene.visit(db, state=SessionState.BOOKED, sets=[], diagnoses=[])
        facts = as_now(db, session)

        visit = facts.visit_of[session.id]

        assert [one.rule for one in booking_problems(visit, facts)] == ["consent.missing"]
        assert {"diagnosis.missing", "procedure.none"} < {one.rule for one in visit_problems(visit, facts)}


def test_what_the_patient_pays_is_judged_by_licence_safety_and_time(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.licence.valid_to = DAY - timedelta(days=1)
        scene.patient.flags = ["pacemaker"]
        session = scene.visit(db, bill_to=BillTo.SELF, sets=[fresh(15, estim=True)], diagnoses=[])
        facts = as_now(db, session)

        rules = [one.rule for one in visit_problems(facts.visit_of[session.id], facts)]

        assert rules == ["safety.estim_with_implant", "licence.lapsed"]
