"""A note is signed by who treated, when nothing that only they can mend is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from billing.database import Database, Db
from billing.errors import NotFound, Refused, block, warn
from billing.sessions.charting import (
    ChartContent,
    ChartedProcedure,
    ChartedSet,
    NoteText,
    chart_from,
    chart_sha256,
)
from billing.sessions.documenting import chart_of, save_chart, text_of
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import BillTo, ClinicSession, DraftNote, Note, SessionMove
from billing.sessions.queries import charts
from billing.sessions.signing import sign, stops_signing
from tests.factories import (
    DAY,
    NOW,
    Scene,
    fresh,
    make_patient,
    make_practitioner,
    make_session,
    set_scene,
)
from tests.sessions.notes import FIRST, REST, SECOND, TEXT, WHOLE, an_account, arrived, charted, with_manual_therapy


def signed(db: Db, scene: Scene, chart: ChartContent = WHOLE, **changes: object) -> Note:
    """The note of a new session with that chart, signed by who treated."""
    session = arrived(db, scene, **changes)
    user = an_account(db, scene.practitioner)
    save_chart(db, session.id, chart, by=f"user:{user.id}", at=NOW)
    return sign(db, session.id, user_id=user.id, at=NOW)


def refusals(database: Database, chart: ChartContent, scene_changes: object = None, **changes: object) -> set[str]:
    """The rules that refuse the signature; that nothing was changed by it is made sure of."""
    with database.transaction() as db:
        scene = set_scene(db)
        if callable(scene_changes):
            scene_changes(db, scene)
        session = arrived(db, scene, **changes)
        user = an_account(db, scene.practitioner)
        save_chart(db, session.id, chart, by="user:7", at=NOW)
    with pytest.raises(Refused) as refused, database.transaction() as db:
        sign(db, session.id, user_id=user.id, at=NOW)
    with database.reading() as db:
        kept = db.get_one(ClinicSession, session.id)
        assert (kept.state, kept.signed_at) == (SessionState.ARRIVED, None)
        assert chart_of(db, kept) == chart
        assert db.scalars(select(Note).where(Note.session_id == session.id)).all() == []
        assert db.scalars(select(SessionMove)).all() == []
    return {problem.rule for problem in refused.value.problems}


def test_signing_makes_the_draft_the_first_version_of_the_note(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        chart = charted(procedures=(ChartedProcedure("97140", ("GP", "59"), 1),))

        note = signed(db, scene, chart)

        assert (note.version, note.signed_by_id, note.signed_at, note.why_amended) == (
            1,
            scene.practitioner.id,
            NOW,
            None,
        )
        assert text_of(note) == TEXT
        assert note.chart is not None
        assert chart_from(TEXT, note.chart) == chart
        session = db.get_one(ClinicSession, note.session_id)
        assert (session.state, session.signed_at) == (SessionState.SIGNED, NOW)
        assert db.scalars(select(DraftNote)).all() == []
        move = db.scalars(select(SessionMove)).one()
        assert (move.event, move.from_state, move.to_state) == (SessionEvent.SIGNED, "arrived", "signed")


def test_the_digest_of_a_signed_note_is_that_of_the_rows_it_stands_for(database: Database) -> None:
    with database.transaction() as db:
        note = signed(db, set_scene(db))
        db.expire_all()

        session = db.get_one(ClinicSession, note.session_id)
        chart = charts(db, [session])[session.id]
        assert chart_sha256(chart.sets, chart.procedures, chart.diagnoses) == note.chart_sha256


def test_a_note_is_signed_once(database: Database) -> None:
    with database.transaction() as db:
        note = signed(db, set_scene(db))
        user_id = 1

        with pytest.raises(Refused, match="signed already"):
            sign(db, note.session_id, user_id=user_id, at=NOW)


@pytest.mark.parametrize("state", ["booked", "no_show", "cancelled"])
def test_only_a_session_that_takes_place_is_signed(database: Database, state: str) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = scene.visit(db, state=SessionState(state))
        user = an_account(db, scene.practitioner)

        with pytest.raises(Refused):
            sign(db, session.id, user_id=user.id, at=NOW)


def test_a_session_that_does_not_exist_cannot_be_signed(database: Database) -> None:
    with database.transaction() as db, pytest.raises(NotFound):
        sign(db, 4711, user_id=1, at=NOW)


def test_another_practitioner_or_an_account_of_nobody_cannot_sign(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = arrived(db, scene)
        save_chart(db, session.id, WHOLE, by="user:7", at=NOW)
        other = an_account(db, make_practitioner(db, first_name="Ida"), "ida@example.org")

        with pytest.raises(Refused) as by_another:
            sign(db, session.id, user_id=other.id, at=NOW)
        with pytest.raises(Refused) as by_nobody:
            sign(db, session.id, user_id=other.id + 1, at=NOW)

        assert [problem.rule for problem in by_another.value.problems] == ["signature.not_own"]
        assert [problem.rule for problem in by_nobody.value.problems] == ["signature.no_practitioner"]


def test_a_lapsed_licence_refuses_the_signature(database: Database) -> None:
    def lapse(db: Db, scene: Scene) -> None:
        scene.licence.valid_to = DAY - timedelta(days=1)

    assert refusals(database, WHOLE, lapse) == {"licence.lapsed"}


def test_a_service_that_the_licence_does_not_allow_refuses_the_signature(database: Database) -> None:
    def limit(db: Db, scene: Scene) -> None:
        scene.licence.scope = {"needling": False}

    assert refusals(database, WHOLE, limit) == {"licence.service_not_allowed"}


def test_an_empty_chart_is_refused_for_everything_it_lacks_at_once(database: Database) -> None:
    assert refusals(database, ChartContent()) == {"note.incomplete", "diagnosis.missing", "procedure.none"}


@pytest.mark.parametrize("part", ["subjective", "objective", "assessment", "plan"])
def test_each_part_of_the_note_is_needed(sqlite_database: Database, part: str) -> None:
    assert refusals(sqlite_database, charted(text=replace(TEXT, **{part: "  "}))) == {"note.incomplete"}


@pytest.mark.parametrize(
    ("sets", "rule"),
    [
        ((ChartedSet(15, True, False, None, ("BL23",), 6, 5),), "needles.not_equal"),
        ((ChartedSet(15, True, False, None, ("BL23",), 5, 6),), "needles.not_equal"),
        ((ChartedSet(15, True, False, None, ("BL23",), None, None),), "needles.not_counted"),
        ((ChartedSet(15, True, False, None, ("BL23",), 6, None),), "needles.not_counted"),
    ],
)
def test_every_needle_that_went_in_has_come_out(
    sqlite_database: Database, sets: tuple[ChartedSet, ...], rule: str
) -> None:
    assert refusals(sqlite_database, charted(sets=sets)) == {rule}


def test_needles_may_come_out_in_a_later_set_than_they_went_in(sqlite_database: Database) -> None:
    sets = (replace(FIRST, needles_out=0), replace(REST, needles_out=6), SECOND)

    with sqlite_database.transaction() as db:
        assert signed(db, set_scene(db), charted(sets=sets)).version == 1


def test_current_is_refused_for_a_patient_with_a_pacemaker(database: Database) -> None:
    def implant(db: Db, scene: Scene) -> None:
        scene.patient.flags = ["pacemaker"]

    assert refusals(database, charted(sets=(replace(FIRST, estim=True),)), implant) == {"safety.estim_with_implant"}


def test_a_diagnosis_that_is_not_complete_and_a_missing_modifier_are_refused(database: Database) -> None:
    chart = charted(procedures=(ChartedProcedure("99213"),), diagnoses=("M54.5",))

    assert refusals(database, chart) == {"diagnosis.not_billable", "modifier.missing"}


@pytest.mark.parametrize("bill_to", BillTo)
def test_contact_minutes_beside_those_already_signed_must_fit_whoever_pays(database: Database, bill_to: BillTo) -> None:
    def sign_another(db: Db, scene: Scene) -> None:
        make_session(db, make_patient(db), scene.practitioner, minutes=45, sets=[fresh(40)])

    long = charted(sets=(replace(FIRST, minutes=40),))
    assert refusals(database, long, sign_another, minutes=45, bill_to=bill_to) == {"time.overlap"}


def test_what_the_desk_can_mend_holds_the_claim_and_not_the_signature(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.policy.effective_to = DAY - timedelta(days=1)
        scene.payer.payer_number = None
        scene.patient.signature_on_file = False
        scene.patient.city = None
        scene.practitioner.npi = None
        db.delete(scene.enrolment)

        assert signed(db, scene).version == 1


def test_minutes_too_short_for_any_unit_may_be_the_truth_and_are_signed(database: Database) -> None:
    with database.transaction() as db:
        assert signed(db, set_scene(db), charted(sets=(replace(FIRST, minutes=6),))).version == 1


def test_a_self_pay_session_abroad_needs_neither_licence_nor_diagnosis(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.clinic.currency, scene.clinic.time_zone = "GBP", "Europe/London"
        db.delete(scene.licence)
        own_code = charted(procedures=(ChartedProcedure("ACU60"),), sets=(), diagnoses=())

        assert signed(db, scene, own_code, bill_to=BillTo.SELF).version == 1


def test_a_superbill_needs_what_an_insurer_will_read_on_it(database: Database) -> None:
    assert refusals(database, charted(diagnoses=()), bill_to=BillTo.SUPERBILL) == {"diagnosis.missing"}


def test_the_services_that_were_typed_are_judged_with_the_needles(database: Database) -> None:
    with database.transaction() as db:
        assert signed(db, set_scene(db), with_manual_therapy()).version == 1


def test_what_stops_a_signature_is_what_only_the_practitioner_or_the_board_can_mend() -> None:
    assert stops_signing(block("licence.lapsed", "", ""))
    assert stops_signing(block("diagnosis.missing", "", ""))
    assert not stops_signing(warn("procedure.short_set", "", ""))
    assert not stops_signing(block("procedure.unit_cap", "", ""))
    assert not stops_signing(block("enrolment.missing", "", ""))
    assert not stops_signing(block("medicare.needs_improvement", "", ""))


def test_the_note_of_a_past_day_is_judged_on_that_day(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.licence.valid_to = date(2026, 3, 10)

        note = signed(db, scene, charted(text=NoteText("a", "b", "c", "d")))

        assert note.signed_at > note.signed_at.replace(month=3, day=11)
