"""The gate hears what rule packs, authorisations and the order of payers say."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from billing import clock
from billing.coverage.benefit_editing import Verified, verify_benefit
from billing.coverage.models import BenefitPeriod, BenefitSource
from billing.coverage.rules.keeping import assign_pack, keep_pack
from billing.database import Database
from billing.errors import Severity
from billing.payers.models import PayerKind
from billing.reports.coverage_panel import coverage_panel
from billing.sessions.clearance import is_about_chart
from billing.sessions.models import AccidentKind
from tests.coverage.rules.test_reading import GOOD
from tests.factories import (
    DAY,
    NOW,
    a_physician,
    fresh,
    make_authorisation,
    make_payer,
    make_policy,
    set_scene,
)
from tests.sessions.gate import cleared


def test_a_payers_own_pack_holds_its_visits(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        keep_pack(db, GOOD.replace('["commercial"]', "[]").replace("visits = 12", "visits = 2"), by="user:1", at=NOW)
        assign_pack(db, scene.payer.id, "our-plan")
        first, second, third = (scene.visit(db, DAY + timedelta(weeks=week)) for week in range(3))

        assert [one.rule for one in cleared(db, second).problems] == []
        [problem] = cleared(db, third).problems

    assert (problem.rule, problem.severity, problem.why) == ("coverage.visit_limit", Severity.BLOCK, "Visit 3 of 2.")
    assert "the plan's booklet of 2026" in problem.fix
    assert first.id < second.id


def test_a_pack_judges_the_day_of_the_service_and_not_another(sqlite_database: Database) -> None:
    ended = GOOD.replace("valid_from = 2026-01-01", "valid_from = 2026-01-01\nvalid_to = 2026-03-02")
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        keep_pack(db, ended.replace("visits = 12", "visits = 1"), by="user:1", at=NOW)
        scene.visit(db, date(2026, 2, 20))
        before, after = scene.visit(db, date(2026, 3, 2)), scene.visit(db, date(2026, 3, 3))

        assert [one.rule for one in cleared(db, before).problems] == ["coverage.visit_limit"]
        assert cleared(db, after).problems == []


def test_what_a_chart_breaks_of_an_authorisation_is_held_and_is_about_the_chart(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_authorisation(db, scene.patient, scene.payer, codes_allowed=["97810"], units_per_visit=2)
        session = scene.visit(db, sets=[fresh(15), fresh(15), fresh(15)])

        problems = cleared(db, session).problems

    assert [one.rule for one in problems] == ["authorisation.code_not_covered", "authorisation.too_many_units"]
    assert all(is_about_chart(one) and one.severity is Severity.BLOCK for one in problems)


def test_that_an_acupuncturist_cannot_bill_medicare_is_said_once(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE)

        rules = [one.rule for one in cleared(db, scene.visit(db)).problems]

    assert rules.count("medicare.not_eligible_provider") == 1


def test_2_4_an_injured_workers_claim_in_california_tells_what_is_missing(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db, PayerKind.WORKERS_COMP)
        scene.clinic.state = scene.licence.issuer = "CA"
        session = scene.visit(db, accident=AccidentKind.WORK, claim_number="WC-1")

        found = {one.rule: one.why for one in cleared(db, session).problems}

    assert found["coverage.injury_facts"].endswith("wants to know employer.")


def test_7_4_an_order_that_contradicts_the_rules_warns_and_holds_nothing(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICAID)
        make_policy(db, scene.patient, make_payer(db), rank=2)

        [problem] = [one for one in cleared(db, scene.visit(db)).problems if one.rule == "coverage.order"]

    assert problem.severity is Severity.WARN


def test_a_referral_that_the_plan_wants_is_asked_for(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.referral_required = True
        without = scene.visit(db)
        named = scene.visit(db, DAY + timedelta(days=1), referring_name="Ida Moreau")

        assert [one.rule for one in cleared(db, without).problems] == ["coverage.referral_missing"]
        assert cleared(db, named).problems == []


def test_medicare_counts_by_its_pack_and_not_by_the_plans_own_number(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        visits = [scene.visit(db, DAY + timedelta(weeks=week)) for week in range(13)]
        scene.benefit.verified_on = visits[-1].service_on

        found = [cleared(db, one).problems for one in (visits[0], visits[-1])]

    assert [[one.rule for one in problems] for problems in found] == [[], ["medicare.needs_improvement"]]


@pytest.mark.parametrize(("period", "day"), [("calendar_year", date(2027, 1, 1)), ("plan_year", date(2026, 9, 1))])
def test_2_a_visit_is_judged_by_what_the_plan_covered_in_its_year_and_not_by_what_it_does_now(
    database: Database, period: str, day: date
) -> None:
    counts = {"period": BenefitPeriod(period), "plan_year_from": day if period == "plan_year" else None}
    weeks = timedelta(weeks=1), timedelta(weeks=2), timedelta(weeks=3)
    at_first = Verified(False, day - weeks[2], BenefitSource.PHONE, reference="A", **counts)
    in_time = Verified(True, day - weeks[1], BenefitSource.PHONE, reference="B", visits_allowed=20, **counts)
    too_late = Verified(False, day + weeks[0], BenefitSource.PHONE, reference="C", **counts)
    with database.transaction() as db:
        scene = set_scene(db)
        db.delete(scene.benefit)
        before, after = scene.visit(db, day - weeks[0]), scene.visit(db, day + weeks[1])
        for said in (at_first, in_time, too_late):
            with clock.stopped_at(datetime.combine(said.verified_on, time(20), UTC)):
                verify_benefit(db, scene.patient.id, scene.payer.id, said)

        rules = [[one.rule for one in cleared(db, session).problems] for session in (before, after)]
        shown = [
            [
                one.rule
                for one in coverage_panel(db, scene.patient.id, session.service_on, day + weeks[2])
                .policies[0]
                .cover.problems
            ]
            for session in (before, after)
        ]

    assert rules == shown == [[], ["coverage.excluded"]]
