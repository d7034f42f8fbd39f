"""Each rule the outside relies on arises from a charted visit with exactly one thing wrong, and alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from billing.coverage.models import Relationship
from billing.database import Database, Db
from billing.payers.models import PayerKind
from billing.practitioners.models import CredentialStatus
from billing.sessions.models import ClinicSession
from tests.factories import (
    DAY,
    Scene,
    a_physician,
    fresh,
    make_authorisation,
    procedure,
    retained,
    set_scene,
)
from tests.sessions.gate import holds

THIRTEEN_DIAGNOSES = [
    "M54.50", "M62.830", "G43.909", "M17.11", "M79.7", "M54.2", "M25.511", "M25.512", "G44.209", "R51.9", "M54.6",
    "M54.41", "M54.42",
]  # fmt: skip

Spoilt = Callable[[Db], ClinicSession]
_SPOILT: list[tuple[str, Spoilt]] = []


def held_by(rule: str) -> Callable[[Spoilt], Spoilt]:
    """Declare a visit with one thing wrong, and the rule that says so."""

    def declared(spoilt: Spoilt) -> Spoilt:
        _SPOILT.append((rule, spoilt))
        return spoilt

    return declared


@held_by("licence.lapsed")
def a_licence_that_ended_three_days_before(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.licence.valid_to = date(2026, 2, 28)
    return scene.visit(db)


@held_by("licence.missing")
def a_licence_of_another_state(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.licence.issuer = "WA"
    return scene.visit(db)


@held_by("licence.suspended")
def a_suspended_licence(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.licence.status = CredentialStatus.SUSPENDED
    return scene.visit(db)


@held_by("licence.service_not_allowed")
def a_service_the_licence_does_not_allow(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.licence.scope = {"needling": False}
    return scene.visit(db)


@held_by("enrolment.missing")
def an_enrolment_that_ended(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.enrolment.effective_to = date(2026, 2, 28)
    return scene.visit(db)


@held_by("npi.invalid")
def a_wrong_check_digit(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.practitioner.npi = "1234567890"
    return scene.visit(db)


@held_by("coverage.inactive")
def a_policy_that_ended(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.policy.effective_to = date(2026, 2, 28)
    return scene.visit(db)


@held_by("coverage.inactive")
def no_policy_at_all(db: Db) -> ClinicSession:
    scene = set_scene(db)
    db.delete(scene.policy)
    return scene.visit(db)


@held_by("coverage.excluded")
def a_plan_without_acupuncture(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.benefit.covered = False
    return scene.visit(db)


@held_by("coverage.limit_reached")
def one_visit_more_than_the_plan_allows(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.benefit.visits_allowed, scene.benefit.visits_used_elsewhere = 3, 2
    scene.visit(db, DAY - timedelta(days=7))
    return scene.visit(db)


@held_by("authorisation.missing")
def no_authorisation_where_one_is_required(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.benefit.authorisation_required = True
    return scene.visit(db)


@held_by("authorisation.missing")
def a_veteran_without_a_referral(db: Db) -> ClinicSession:
    return set_scene(db, PayerKind.VA).visit(db)


@held_by("authorisation.used_up")
def one_visit_more_than_was_authorised(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.benefit.authorisation_required = True
    make_authorisation(db, scene.patient, scene.payer, visits=1)
    scene.visit(db, DAY - timedelta(days=7))
    return scene.visit(db)


@held_by("medicare.not_eligible_provider")
def an_acupuncturist_alone_at_medicare(db: Db) -> ClinicSession:
    return set_scene(db, PayerKind.MEDICARE).visit(db)


def a_course_at_medicare(db: Db, visits: int, *modifiers: str, last_score: int) -> tuple[Scene, ClinicSession]:
    """Weekly visits to a physician that end on ``DAY``, the pain score 8 at the first of them."""
    scene = set_scene(db, PayerKind.MEDICARE, a_physician())
    for week in range(1, visits):
        score = 8 if week == visits - 1 else None
        scene.visit(db, DAY - timedelta(days=7 * week), pain_score=score)
    return scene, scene.visit(db, pain_score=last_score, acupuncture_modifiers=list(modifiers))


@held_by("medicare.needs_improvement")
def a_thirteenth_visit_without_kx(db: Db) -> ClinicSession:
    return a_course_at_medicare(db, 13, last_score=4)[1]


@held_by("medicare.needs_improvement")
def a_thirteenth_visit_without_improvement(db: Db) -> ClinicSession:
    return a_course_at_medicare(db, 13, "KX", last_score=7)[1]


@held_by("medicare.visit_limit")
def a_twenty_first_visit(db: Db) -> ClinicSession:
    return a_course_at_medicare(db, 21, "KX", last_score=4)[1]


@held_by("diagnosis.not_billable")
def a_heading_instead_of_a_diagnosis(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, diagnoses=["M54.5"])


@held_by("diagnosis.duplicate")
def a_diagnosis_named_twice(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, diagnoses=["M54.50", "M54.50"])


@held_by("diagnosis.too_many")
def thirteen_diagnoses(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, diagnoses=THIRTEEN_DIAGNOSES)


@held_by("procedure.none")
def an_empty_chart(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, sets=[])


@held_by("procedure.add_on_without_base")
def an_add_on_alone(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, sets=[], procedures=[procedure("97811")])


@held_by("procedure.two_initial")
def two_initial_codes(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, sets=[fresh(15)], procedures=[procedure("97813")])


@held_by("procedure.under_minimum_time")
def needles_that_were_only_left_in(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, sets=[retained(40)])


@held_by("procedure.pair_not_allowed")
def dry_needling_besides_acupuncture(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, sets=[fresh(15)], procedures=[procedure("20561")])


@held_by("procedure.unit_cap")
def four_sets_at_medicare(db: Db) -> ClinicSession:
    scene = set_scene(db, PayerKind.MEDICARE, a_physician())
    return scene.visit(db, sets=[fresh(15)] * 4)


@held_by("modifier.missing")
def an_office_visit_without_25(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, procedures=[procedure("99213")])


@held_by("time.overlap")
def more_contact_than_the_session_lasts(db: Db) -> ClinicSession:
    return set_scene(db).visit(db, sets=[fresh(31), fresh(30)])


@held_by("patient.incomplete")
def a_patient_without_a_street(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.patient.address1 = None
    return scene.visit(db)


@held_by("subscriber.incomplete")
def a_subscriber_without_a_name(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.policy.relationship = Relationship.SPOUSE
    return scene.visit(db)


@held_by("payer.incomplete")
def a_payer_without_a_number(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.payer.payer_number = None
    return scene.visit(db)


@held_by("consent.missing")
def no_signature_on_file(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.patient.signature_on_file = False
    return scene.visit(db)


@held_by("safety.estim_with_implant")
def current_for_a_patient_with_a_pacemaker(db: Db) -> ClinicSession:
    scene = set_scene(db)
    scene.patient.flags = ["pacemaker"]
    return scene.visit(db, sets=[fresh(15, estim=True)])


@pytest.mark.parametrize(("rule", "spoilt"), _SPOILT, ids=[spoilt.__name__ for _, spoilt in _SPOILT])
def test_one_thing_wrong_holds_the_visit_by_its_one_rule(rule: str, spoilt: Spoilt, database: Database) -> None:
    with database.transaction() as db:
        session = spoilt(db)

        assert holds(db, session) == [rule]


def test_a_visit_with_nothing_wrong_is_not_held(database: Database) -> None:
    with database.transaction() as db:
        assert holds(db, set_scene(db).visit(db)) == []


@pytest.mark.parametrize(("visits", "modifiers"), [(12, ()), (13, ("KX",)), (20, ("KX",))])
def test_a_course_that_helps_is_paid_by_medicare_to_the_twentieth_visit(
    visits: int, modifiers: tuple[str, ...], database: Database
) -> None:
    with database.transaction() as db:
        _, last = a_course_at_medicare(db, visits, *modifiers, last_score=4)

        assert holds(db, last) == []
