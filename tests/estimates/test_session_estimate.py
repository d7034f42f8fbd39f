"""What a session should cost plan and patient, from its chart and what is on file about the cover."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from billing import clock
from billing.charges.queries import fees_with
from billing.coverage.models import Benefit, BenefitPeriod, CopayPer
from billing.coverage.rules.composing import PlanRules, composed
from billing.coverage.rules.keeping import assign_pack, keep_pack
from billing.database import Database, Db
from billing.estimates.session_estimate import SessionEstimate, session_estimate
from billing.estimates.who_pays import Bearer, Finding
from billing.payers.models import PayerKind
from billing.practitioners.models import Network
from billing.sessions.facts import gather
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import AccidentKind, ClinicSession
from tests.factories import (
    DAY,
    Scene,
    a_physician,
    make_authorisation,
    make_enrolment,
    make_fee,
    make_payer,
    make_place,
    make_policy,
    make_room,
    procedure,
    set_scene,
)

WEEK = timedelta(weeks=1)
CHARGE = 95_00 + 70_00


def estimate(db: Db, session: ClinicSession) -> SessionEstimate:
    db.flush()
    facts = gather(db, [session.patient_id], session.service_on, as_if_signed=[session.id])
    return session_estimate(facts.visit_of[session.id], facts, fees_with(db, facts.payers))


def benefit_of(scene: Scene, **changes: Any) -> Benefit:
    """The scene's benefit, changed."""
    for name, value in changes.items():
        setattr(scene.benefit, name, value)
    return scene.benefit


def test_the_copay_that_was_verified_is_the_patients_and_the_plan_pays_the_rest(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        found = estimate(db, scene.visit(db))

        assert (found.cover.finding, found.share.bearer) == (Finding.COVERED, Bearer.TERMS)
        assert (found.share.owed, found.share.plan, found.share.write_off) == (25_00, CHARGE - 25_00, 0)
        assert (found.payer, found.benefit, found.problems) == (scene.payer, scene.benefit, ())


def test_in_network_the_payers_contract_fee_is_what_is_allowed(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_fee(db, "97810", 80_00, payer_id=scene.payer.id)
        make_fee(db, "97811", 99_00, payer_id=scene.payer.id)
        make_fee(db, "97810", 10_00, payer_id=make_payer(db).id)

        found = estimate(db, scene.visit(db))

        assert [one.allowed for one in found.share.lines] == [80_00, 70_00]
        assert (found.share.owed, found.share.plan, found.share.write_off) == (25_00, 125_00, 15_00)


def test_out_of_network_the_rest_of_the_charge_falls_to_the_patient(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.enrolment.network = Network.OUT
        make_fee(db, "97810", 80_00, payer_id=scene.payer.id)

        found = estimate(db, scene.visit(db))

        assert (found.share.owed, found.share.plan, found.share.write_off) == (40_00, 125_00, 0)


def test_a_session_that_is_not_signed_is_reckoned_as_it_is_charted_now(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        found = estimate(db, scene.visit(db, state=SessionState.ARRIVED))

        assert found.share.owed == 25_00


def test_without_a_verified_benefit_the_share_is_unknown(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        db.delete(scene.benefit)

        found = estimate(db, scene.visit(db))

        assert (found.cover.finding, found.share.owed, found.share.plan) == (Finding.UNKNOWN, None, None)
        assert found.share.why.startswith("Unknown: collect at most $165.00")
        assert [one.rule for one in found.problems] == ["coverage.unknown"]


def test_without_a_policy_in_force_the_share_is_unknown(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.policy.effective_to = DAY - WEEK

        found = estimate(db, scene.visit(db))

        assert (found.share.owed, [one.rule for one in found.problems]) == (None, ["coverage.inactive"])


def test_a_benefit_that_tells_neither_copay_nor_coinsurance_is_unknown(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, copay_cents=None, coinsurance_basis_points=None)

        assert estimate(db, scene.visit(db)).share.owed is None


def test_visits_since_the_verification_have_used_up_the_deductible(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, copay_cents=None, coinsurance_basis_points=2000, deductible_remaining_cents=200_00)
        scene.visit(db, date(2026, 2, 19))
        scene.visit(db, DAY - WEEK)

        found = estimate(db, scene.visit(db))

        assert found.terms is not None
        assert found.terms.deductible_left == 200_00 - CHARGE
        assert found.share.owed == 35_00 + (CHARGE - 35_00) // 5


def test_the_second_session_of_a_day_asks_no_second_copay(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.visit(db, start="08:00")

        found = estimate(db, scene.visit(db, start="15:00", sets=(), procedures=[procedure("97140")]))

        assert found.share.owed == 0


def test_what_was_verified_in_another_year_of_the_plan_tells_nothing_of_the_deductible(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, verified_on=date(2025, 12, 20), deductible_remaining_cents=0)

        found = estimate(db, scene.visit(db))

        assert (found.share.owed, found.share.is_least) == (25_00, True)
        assert any("whatever is left of it comes on top" in one for one in found.cautions)
        assert "coverage.stale" in {one.rule for one in found.problems}


def test_the_yearly_limit_caps_the_share(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, out_of_pocket_remaining_cents=10_00)

        assert estimate(db, scene.visit(db)).share.owed == 10_00


def test_an_excluded_benefit_is_the_patients_only_with_a_notice_on_the_line(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, covered=False)

        not_told = estimate(db, scene.visit(db))
        told = estimate(db, scene.visit(db, DAY + WEEK, acupuncture_modifiers=["GA"]))

        assert (not_told.cover.finding, not_told.share.owed) == (Finding.EXCLUDED, None)
        assert (told.share.bearer, told.share.owed) == (Bearer.PATIENT, CHARGE)


def test_used_up_visits_hold_until_a_notice_is_signed(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, visits_allowed=1)
        scene.visit(db, DAY - WEEK)

        found = estimate(db, scene.visit(db))

        assert (found.cover.finding, found.share.owed) == (Finding.VISITS_USED_UP, None)


@pytest.mark.parametrize(("network", "owed"), [(Network.IN, 0), (Network.OUT, CHARGE)])
def test_a_missing_authorisation_is_the_clinics_loss_in_network(
    database: Database, network: Network, owed: int
) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, authorisation_required=True)
        scene.enrolment.network = network

        found = estimate(db, scene.visit(db))

        assert (found.cover.finding, found.share.owed, found.share.plan) == (Finding.NOT_AUTHORISED, owed, 0)


def test_an_authorised_visit_is_shared_by_the_terms(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, authorisation_required=True)
        make_authorisation(db, scene.patient, scene.payer)

        assert estimate(db, scene.visit(db)).share.owed == 25_00


def test_an_injured_worker_owes_nothing_whatever_the_health_plan_says(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        injury = make_payer(db, kind=PayerKind.WORKERS_COMP)
        make_policy(db, scene.patient, injury, rank=2)

        session = scene.visit(db, accident=AccidentKind.WORK, accident_state="OR", claim_number="WC-1")
        found = estimate(db, session)

        assert (found.payer, found.share.bearer) == (injury, Bearer.INSURER)
        assert (found.share.owed, found.share.plan) == (0, CHARGE)


def test_medicare_bears_nothing_beyond_its_twenty_visits_and_neither_does_the_patient_untold(
    database: Database,
) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        for week in range(20):
            scene.visit(db, DAY + week * WEEK, acupuncture_modifiers=["KX"])

        untold = estimate(db, scene.visit(db, DAY + 20 * WEEK, acupuncture_modifiers=["KX"]))
        told = estimate(db, scene.visit(db, DAY + 21 * WEEK, acupuncture_modifiers=["KX", "GA"]))

        assert (untold.share.bearer, untold.share.owed) == (Bearer.CLINIC, 0)
        assert (told.share.bearer, told.share.owed) == (Bearer.PATIENT, CHARGE)


def test_a_further_plan_may_take_part_of_the_patients_share(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        second = make_payer(db, name="Second Mutual")
        make_policy(db, scene.patient, second, rank=2)

        found = estimate(db, scene.visit(db))

        assert "Second Mutual may pay part of what is left to the patient." in found.cautions


def test_a_service_without_a_fee_makes_the_share_the_least_it_can_be(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, copay_cents=None, coinsurance_basis_points=2000)

        found = estimate(db, scene.visit(db, procedures=[procedure("97016")]))

        assert (found.share.owed, found.share.is_least) == (CHARGE // 5, True)
        assert any("no fee in effect" in one for one in found.cautions)


@pytest.mark.parametrize(
    ("terms", "owed"),
    [
        # A family's deductible that is nearly met spares the patient's own.
        ({"copay_cents": None, "deductible_remaining_cents": 500_00, "family_deductible_remaining_cents": 10_00,
          "coinsurance_basis_points": 0}, 10_00),
        ({"copay_cents": None, "deductible_remaining_cents": 500_00, "coinsurance_basis_points": 0,
          "family_out_of_pocket_remaining_cents": 30_00}, 30_00),
        ({"copay_cents": 25_00, "deductible_remaining_cents": 500_00, "copay_waives_deductible": True}, 25_00),
        ({"copay_cents": 25_00, "deductible_remaining_cents": 500_00, "deductible_applies": False}, 25_00),
        ({"copay_cents": 25_00, "copay_per": CopayPer.SERVICE}, 50_00),
        ({"copay_cents": 25_00, "out_of_pocket_remaining_cents": 0, "copay_counts_to_out_of_pocket": False}, 25_00),
        ({"copay_cents": 25_00, "out_of_pocket_remaining_cents": 0}, 0),
    ],
)  # fmt: skip
def test_5_3_the_options_of_a_benefit_share_the_cost_as_the_plan_does(
    sqlite_database: Database, terms: dict[str, Any], owed: int
) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, **terms)

        assert estimate(db, scene.visit(db)).share.owed == owed


def test_5_2_what_a_payer_did_not_say_is_estimated_as_unknown(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        benefit_of(scene, covered=None)

        found = estimate(db, scene.visit(db))

        assert (found.cover.finding, found.share.owed, found.share.plan) == (Finding.UNKNOWN, None, None)


@pytest.mark.parametrize("period", [BenefitPeriod.CALENDAR_MONTH, BenefitPeriod.ROLLING_MONTHS, BenefitPeriod.LIFETIME])
def test_5_3_the_deductible_counts_by_the_year_however_visits_are_counted(
    sqlite_database: Database, period: BenefitPeriod
) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        terms = {"period": period, "copay_cents": None, "coinsurance_basis_points": 0, "visits_allowed": None}
        benefit_of(scene, verified_on=DAY - 5 * WEEK, deductible_remaining_cents=40_00, **terms)
        same_year = estimate(db, scene.visit(db))
        benefit_of(scene, verified_on=date(DAY.year - 1, 12, 20))
        next_year = estimate(db, scene.visit(db, DAY + WEEK))

        assert same_year.terms is not None
        assert next_year.terms is not None
        assert (same_year.terms.deductible_left, next_year.terms.deductible_left) == (40_00, None)


def test_the_standing_with_the_payer_is_that_at_the_place_of_the_visit(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.enrolment.network, far = Network.OUT, make_place(db)
        make_enrolment(db, scene.practitioner, scene.payer, network=Network.IN, place_id=far.id)
        room = make_room(db, "Far", far)

        here, there = estimate(db, scene.visit(db)), estimate(db, scene.visit(db, DAY + WEEK, room_id=room.id))

        assert (here.cover.network, there.cover.network) == (Network.OUT, Network.IN)


def test_what_a_rule_of_the_clinics_own_stops_is_not_estimated_as_paid_by_the_plan(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        rules = PlanRules("Knees only", "the plan", date(2020, 1, 1), DAY, conditions=("M17.11",), stops=True)
        pack = keep_pack(db, composed(rules), by="user:1", at=clock.now())
        assign_pack(db, scene.payer.id, pack.key)

        found = estimate(db, scene.visit(db))

        assert (found.cover.finding, found.share.bearer, found.share.owed) == (Finding.NOT_NECESSARY, Bearer.CLINIC, 0)
