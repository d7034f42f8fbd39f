"""The one gate of a session: who is billed, who is named, and everything that speaks against it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.coverage.models import Relationship
from billing.database import Database
from billing.errors import blocking
from billing.payers.models import PayerKind
from billing.practitioners.models import CredentialKind, CredentialStatus, Supervision
from billing.sessions.clearance import booking_problems, safety_problems
from billing.sessions.facts import gather
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import AccidentKind, BillTo
from tests.factories import (
    DAY,
    a_physician,
    fresh,
    make_authorisation,
    make_credential,
    make_enrolment,
    make_patient,
    make_payer,
    make_physician,
    make_place,
    make_policy,
    make_practitioner,
    make_room,
    make_score,
    make_session,
    procedure,
    retained,
    set_scene,
    written,
)
from tests.sessions.gate import cleared, facts_about, holds

LAST_WEEK = DAY - timedelta(days=7)


def test_a_clean_visit_is_billed_to_the_patients_payer_in_the_name_of_who_treated(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        clearance = cleared(db, scene.visit(db))

        assert clearance.problems == []
        assert (clearance.payer, clearance.policy) == (scene.payer, scene.policy)
        assert (clearance.rendering, clearance.supervising) == (scene.practitioner, None)
        assert clearance.authorisation is None


def test_all_that_is_wrong_is_said_at_once(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.practitioner.npi, scene.licence.valid_to = None, date(2026, 2, 28)
        scene.enrolment.effective_to, scene.payer.payer_number = date(2026, 2, 28), None
        scene.patient.city, scene.patient.signature_on_file, scene.patient.flags = None, False, ["pacemaker"]
        scene.policy.relationship = Relationship.CHILD
        scene.benefit.visits_allowed, scene.benefit.authorisation_required = 0, True
        visit = scene.visit(
            db,
            sets=[fresh(40, estim=True), fresh(40)],
            procedures=[procedure("99213"), procedure("20561")],
            diagnoses=["M54.5", "M62.830", "M62.830"],
        )

        rules = holds(db, visit)

    assert sorted(set(rules)) == [
        "authorisation.missing", "consent.missing", "coverage.limit_reached", "diagnosis.duplicate",
        "diagnosis.not_billable", "enrolment.missing", "licence.lapsed", "modifier.missing", "npi.invalid",
        "patient.incomplete", "payer.incomplete", "procedure.pair_not_allowed", "safety.estim_with_implant",
        "subscriber.incomplete", "time.overlap",
    ]  # fmt: skip


def test_a_failing_visit_holds_back_no_other_of_the_patient(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        before = scene.visit(db, LAST_WEEK)
        failing = scene.visit(db, diagnoses=["M54.5"])
        after = scene.visit(db, DAY + timedelta(days=7))

        assert [holds(db, one) for one in (before, failing, after)] == [[], ["diagnosis.not_billable"], []]


def test_everything_is_judged_on_the_date_of_service(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.licence.valid_to = DAY
        in_time, late = scene.visit(db, DAY), scene.visit(db, DAY + timedelta(days=1))

        assert holds(db, in_time) == []
        assert holds(db, late) == ["licence.lapsed"]


def test_at_medicare_the_supervising_physician_is_named_as_rendering(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE)
        db.delete(scene.enrolment)
        supervisor = make_physician(db)
        make_credential(db, supervisor)
        make_enrolment(db, supervisor, scene.payer)

        clearance = cleared(db, scene.visit(db, supervising_id=supervisor.id))

        assert blocking(clearance.problems) == []
        assert (clearance.rendering, clearance.supervising) == (supervisor, None)


def test_at_medicare_the_acupuncturists_own_licence_is_wanted_besides(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE)
        scene.licence.valid_to = date(2026, 2, 28)
        supervisor = make_physician(db)
        make_credential(db, supervisor)
        make_enrolment(db, supervisor, scene.payer)

        assert holds(db, scene.visit(db, supervising_id=supervisor.id)) == ["licence.lapsed"]


def test_at_medicare_the_supervisor_must_be_enrolled_and_licensed(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE)
        supervisor = make_physician(db)

        rules = holds(db, scene.visit(db, supervising_id=supervisor.id))

        assert rules == ["licence.missing", "enrolment.missing"]


def test_at_medicare_another_acupuncturist_cannot_supervise(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE)
        colleague = make_practitioner(db)
        make_enrolment(db, colleague, scene.payer)

        clearance = cleared(db, scene.visit(db, supervising_id=colleague.id))

        assert [one.rule for one in blocking(clearance.problems)] == ["medicare.not_eligible_provider"]
        assert clearance.rendering is scene.practitioner


def test_a_physician_renders_at_medicare_without_a_supervisor(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())

        clearance = cleared(db, scene.visit(db))

        assert clearance.problems == []
        assert clearance.rendering is scene.practitioner


def test_elsewhere_who_treated_is_rendering_and_the_supervisor_is_named_as_such(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        supervisor = make_physician(db)

        clearance = cleared(db, scene.visit(db, supervising_id=supervisor.id))

        assert clearance.problems == []
        assert (clearance.rendering, clearance.supervising) == (scene.practitioner, supervisor)


@pytest.mark.parametrize(
    ("accident", "kind"), [(AccidentKind.WORK, PayerKind.WORKERS_COMP), (AccidentKind.AUTO, PayerKind.AUTO)]
)
def test_the_insurer_of_the_injury_pays_first_whatever_its_rank(
    accident: AccidentKind, kind: PayerKind, database: Database
) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        injury = make_payer(db, kind=kind)
        policy = make_policy(db, scene.patient, injury, rank=3)
        make_enrolment(db, scene.practitioner, injury)

        hurt, other = scene.visit(db, accident=accident), scene.visit(db, LAST_WEEK)

        assert (cleared(db, hurt).policy, cleared(db, other).policy) == (policy, scene.policy)


def test_another_accident_leaves_the_order_of_the_policies_alone(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_policy(db, scene.patient, make_payer(db, kind=PayerKind.AUTO), rank=2)

        visit = scene.visit(db, accident=AccidentKind.OTHER)

        assert cleared(db, visit).policy is scene.policy


def test_without_a_policy_in_force_the_payer_is_the_one_of_the_lowest_rank(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.policy.effective_to = date(2026, 2, 28)
        make_policy(db, scene.patient, make_payer(db), rank=2, effective_to=date(2026, 2, 28))

        clearance = cleared(db, scene.visit(db))

        assert (clearance.payer, clearance.policy) == (scene.payer, None)


def test_without_any_policy_there_is_no_payer(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        stranger = make_patient(db)

        clearance = cleared(db, make_session(db, stranger, scene.practitioner))

        assert (clearance.payer, clearance.policy) == (None, None)
        assert [one.rule for one in clearance.problems] == ["coverage.inactive"]


def test_an_authorisation_goes_on_the_claim_though_none_is_required(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        given = make_authorisation(db, scene.patient, scene.payer)

        clearance = cleared(db, scene.visit(db))

        assert clearance.authorisation is given
        assert clearance.problems == []


def test_visits_that_the_patient_paid_use_up_no_benefit(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.visits_allowed = 1
        scene.visit(db, LAST_WEEK, bill_to=BillTo.SELF)

        assert holds(db, scene.visit(db)) == []


def test_only_a_signed_visit_uses_up_benefit(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.visits_allowed = 1
        scene.visit(db, LAST_WEEK, state="arrived")

        assert holds(db, scene.visit(db)) == []


def test_medicare_counts_only_visits_with_needles(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        for week in range(1, 13):
            scene.visit(db, DAY - timedelta(days=7 * week), sets=[], procedures=[procedure("97140", "GP")])

        assert holds(db, scene.visit(db)) == []


def test_medicare_counts_no_visits_that_another_insurer_pays(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        injury = make_policy(db, scene.patient, make_payer(db, kind=PayerKind.AUTO), rank=2)
        for week in range(1, 13):
            hurt = scene.visit(db, DAY - timedelta(days=7 * week), accident=AccidentKind.AUTO)

        assert cleared(db, hurt).policy is injury
        assert holds(db, scene.visit(db)) == []


def test_from_the_thirteenth_visit_every_counted_line_wants_kx(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        for week in range(1, 13):
            scene.visit(db, DAY - timedelta(days=7 * week), pain_score=8 if week == 12 else None)

        needling = [procedure("20561"), procedure("97811", "KX")]
        visit = scene.visit(db, pain_score=4, sets=[], procedures=needling)

        assert "medicare.needs_improvement" in holds(db, visit)


def test_medicare_measures_improvement_from_the_first_score_of_its_year(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        make_score(db, scene.patient, date(2025, 1, 7), 10)
        for week in range(1, 13):
            scene.visit(db, DAY - timedelta(days=7 * week), pain_score=7 if week == 12 else None)

        visit = scene.visit(db, pain_score=6, acupuncture_modifiers=["KX"])

        assert holds(db, visit) == ["medicare.needs_improvement"]


def test_a_later_score_does_not_prove_an_earlier_visit(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        for week in range(1, 13):
            scene.visit(db, DAY - timedelta(days=7 * week), pain_score=8 if week == 12 else None)
        visit = scene.visit(db, pain_score=7, acupuncture_modifiers=["KX"])
        make_score(db, scene.patient, DAY + timedelta(days=1), 3)

        assert holds(db, visit) == ["medicare.needs_improvement"]


def test_of_two_visits_on_a_day_with_an_initial_code_each_the_later_is_held(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        later = scene.visit(db, start="14:00", sets=[fresh(15)])
        earlier = scene.visit(db, start="09:00", sets=[fresh(15)])

        assert holds(db, earlier) == []
        assert "procedure.two_initial" in holds(db, later)


def test_a_visit_the_patient_paid_that_day_is_nothing_to_the_insurer(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.visit(db, start="09:00", sets=[fresh(15)], bill_to=BillTo.SELF)

        assert holds(db, scene.visit(db, start="14:00", sets=[fresh(15)])) == []


def test_time_that_overlaps_with_another_patients_visit_holds_the_later_one(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        other = make_patient(db)
        first = make_session(db, other, scene.practitioner, bill_to=BillTo.SELF, minutes=45, sets=[fresh(40)])

        visit = scene.visit(db, minutes=45, sets=[fresh(40)])

        assert first.patient_id != visit.patient_id
        assert holds(db, visit) == ["time.overlap"]


@pytest.mark.parametrize("bill_to", BillTo)
def test_a_safety_stop_holds_whoever_pays(bill_to: BillTo, database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.patient.flags = ["pacemaker"]
        visit = scene.visit(db, bill_to=bill_to, sets=[fresh(15, estim=True)])
        facts = facts_about(db, visit)

        found = safety_problems(facts.visit_of[visit.id], facts)

        assert [one.rule for one in found] == ["safety.estim_with_implant"]


@pytest.mark.parametrize("code", ["97813", "97014", "97032", "G0283"])
def test_a_typed_code_of_current_is_current(code: str, database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.patient.flags = ["pacemaker"]
        visit = scene.visit(db, sets=[], procedures=[procedure(code)])
        facts = facts_about(db, visit)

        assert safety_problems(facts.visit_of[visit.id], facts) != []


def test_current_on_needles_left_in_is_current(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.patient.flags = ["pacemaker"]

        visit = scene.visit(db, sets=[fresh(15), retained(20, estim=True)])

        assert holds(db, visit) == ["safety.estim_with_implant"]


def test_without_current_an_implant_is_no_matter(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.patient.flags = ["pacemaker"]

        assert holds(db, scene.visit(db)) == []


def test_4_1_a_session_in_another_state_needs_that_states_licence(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        room = make_room(db, place=make_place(db))
        there, here = scene.visit(db, room_id=room.id), scene.visit(db, LAST_WEEK)

        assert (holds(db, there), holds(db, here)) == (["licence.missing"], [])

        make_credential(db, scene.practitioner, issuer="WA")
        assert holds(db, there) == []


def test_4_1_an_enrolment_for_another_place_is_none(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        room = make_room(db, place=make_place(db, state="OR"))
        scene.enrolment.place_id = room.place_id

        assert holds(db, scene.visit(db, room_id=room.id)) == []
        assert holds(db, scene.visit(db, LAST_WEEK)) == ["enrolment.missing"]


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, []),
        ({"attested_on": None}, ["supervision.not_attested"]),
        ({"ends_on": date(2026, 3, 2)}, ["supervision.not_in_force"]),
    ],
)
def test_2_1_medicare_wants_the_supervision_attested_and_in_force_on_the_day(
    database: Database, changes: dict[str, date | None], rules: list[str]
) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE)
        supervisor = make_physician(db)
        for kind in (CredentialKind.LICENCE, CredentialKind.MALPRACTICE):
            make_credential(db, supervisor, kind=kind)
        make_enrolment(db, supervisor, scene.payer)
        cells = {"payer_id": None, "starts_on": date(2026, 1, 1), "ends_on": None, "attested_on": DAY, **changes}
        written(db, Supervision(practitioner_id=scene.practitioner.id, supervisor_id=supervisor.id, **cells))

        clearance = cleared(db, scene.visit(db, supervising_id=supervisor.id))

        assert [one.rule for one in blocking(clearance.problems)] == rules
        assert clearance.rendering is supervisor


def test_an_excluded_acupuncturist_stops_the_claim_of_the_supervisor_too(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE)
        supervisor = make_physician(db)
        make_credential(db, supervisor)
        make_enrolment(db, supervisor, scene.payer)
        make_credential(
            db, scene.practitioner, kind=CredentialKind.EXCLUSION_CHECK, issuer="OIG LEIE",
            status=CredentialStatus.REVOKED,
        )  # fmt: skip

        assert holds(db, scene.visit(db, supervising_id=supervisor.id)) == ["exclusion.found"]


def test_a_service_that_the_licence_does_not_allow_holds_the_claim_and_no_other_service_of_it(
    database: Database,
) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.licence.scope = {"dry_needling": False, "needling": True}
        needled, dry = scene.visit(db), scene.visit(db, LAST_WEEK, sets=[], procedures=[procedure("20561")])

        assert "licence.service_not_allowed" not in holds(db, needled)
        assert holds(db, dry) == ["licence.service_not_allowed"]


@pytest.mark.parametrize("bill_to", list(BillTo))
def test_it_is_known_before_anything_is_charted_whoever_pays(database: Database, bill_to: BillTo) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.licence.scope = {"needling": False}
        booked = scene.visit(db, state=SessionState.BOOKED, sets=[], diagnoses=[], bill_to=bill_to)
        facts = gather(db, [scene.patient.id], DAY, as_if_signed=[booked.id])

        found = booking_problems(facts.visit_of[booked.id], facts)

        assert [one.rule for one in found] == ["licence.service_not_allowed"]
