"""What is said of a session before it is treated: the rules of the gate, counted as soon as a visit is planned."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from billing.coverage.models import BenefitPeriod
from billing.database import Database, Db
from billing.payers.models import PayerKind
from billing.reports.chips import Chip, Tone, chips
from billing.reports.outlook_facts import OnAccount, insured, on_account, surroundings
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.outlook import Coming, Outlook, outlook
from tests.factories import (
    DAY,
    Scene,
    a_physician,
    make_authorisation,
    make_credential,
    make_payer,
    make_policy,
    make_score,
    set_scene,
)
from tests.sessions.gate import cleared


def seen(db: Db, scene: Scene, on: date = DAY, bill_to: BillTo = BillTo.INSURANCE, **changes: Any) -> Outlook:
    """What is said of a session of Miri's with Ben on that day."""
    db.flush()
    around = surroundings(db)
    known = insured(db, [scene.patient.id], around.clinicians.payers, DAY)[scene.patient.id]
    coming = Coming(scene.patient.id, scene.practitioner.id, on, bill_to, where="session:1", **changes)
    return outlook(coming, known, around.clinicians)


def rules(found: Outlook) -> list[str]:
    return [problem.rule for problem in found.problems]


def chip_words(found: Outlook, scene: Scene, account: OnAccount | None = None) -> dict[str, Tone]:
    shown: list[Chip] = chips(found, scene.patient, account or OnAccount(), DAY, "USD")
    return {one.words: one.tone for one in shown}


def planned(db: Db, scene: Scene, on: date, state: SessionState = SessionState.BOOKED, **changes: Any) -> ClinicSession:
    return scene.visit(db, on, state=state, sets=(), diagnoses=(), **changes)


def test_a_session_that_lacks_nothing_has_nothing_said_against_it(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)

        found = seen(db, scene)

        assert found.problems == []
        assert chip_words(found, scene) == {
            "Verified 11 days ago": Tone.GOOD,
            "Licence in force": Tone.GOOD,
            "Signature on file": Tone.GOOD,
        }


def test_the_gate_says_the_same_of_the_session_when_it_is_signed(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.licence.valid_to = DAY - timedelta(days=1)
        scene.benefit.visits_allowed, scene.benefit.authorisation_required = 1, True
        scene.patient.signature_on_file, scene.payer.payer_number = False, None
        scene.enrolment.effective_to = scene.malpractice.valid_to = DAY - timedelta(days=1)
        scene.visit(db, DAY - timedelta(days=7))
        before = set(rules(seen(db, scene)))

        session = scene.visit(db)

        at_the_gate = {problem.rule for problem in cleared(db, session).problems}
        assert before == at_the_gate
        assert len(before) == 7


def test_planned_visits_count_so_that_the_last_one_is_known_when_it_is_booked(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.visits_allowed, scene.benefit.visits_used_elsewhere = 4, 1
        scene.visit(db, DAY - timedelta(days=7))
        planned(db, scene, DAY)
        planned(db, scene, DAY + timedelta(days=7))

        third, fourth = seen(db, scene, DAY + timedelta(days=7)), seen(db, scene, DAY + timedelta(days=14))

        assert (third.count and third.count.number, third.planned) == (4, 1)
        assert "coverage.limit_reached" not in rules(third)
        assert "coverage.limit_reached" in rules(fourth)
        assert chip_words(fourth, scene)["Visit 5 of 4"] is Tone.BAD
        assert chip_words(third, scene)["Visit 4 of 4"] is Tone.WARN


@pytest.mark.parametrize("state", [SessionState.CANCELLED, SessionState.NO_SHOW, SessionState.BOOKED])
def test_what_never_took_place_counts_as_no_visit(sqlite_database: Database, state: SessionState) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.visits_allowed = 10
        planned(db, scene, DAY - timedelta(days=2), state)

        found = seen(db, scene)

        assert found.count is not None
        assert found.count.number == 1


def test_a_plan_year_begins_on_its_anniversary(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.policy.effective_from = date(2023, 3, 1)
        scene.benefit.period, scene.benefit.visits_allowed = BenefitPeriod.PLAN_YEAR, 10
        scene.visit(db, date(2026, 2, 27))
        scene.visit(db, date(2026, 3, 2))

        found = seen(db, scene)

        assert found.count is not None
        assert (found.count.number, found.count.first_on) == (2, date(2026, 3, 1))


def test_unknown_and_inactive_cover_are_said_to_be_so(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        db.delete(scene.benefit)
        unknown = chip_words(seen(db, scene), scene)
        scene.policy.effective_to = DAY - timedelta(days=1)
        inactive = chip_words(seen(db, scene), scene)

        assert unknown["Coverage unknown"] is Tone.WARN
        assert inactive["Coverage inactive"] is Tone.BAD


def test_stale_and_excluded_cover(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.verified_on = DAY - timedelta(days=31)
        stale = chip_words(seen(db, scene), scene)
        scene.benefit.covered = False
        excluded = chip_words(seen(db, scene), scene)

        assert stale["Verified 31 days ago"] is Tone.WARN
        assert excluded["Not covered"] is Tone.BAD


def test_an_authorisation_is_missing_running_out_or_used_up(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.authorisation_required = True
        missing = chip_words(seen(db, scene), scene)
        given = make_authorisation(db, scene.patient, scene.payer, visits=4)
        fresh = chip_words(seen(db, scene), scene)
        given.visits = 1
        last = chip_words(seen(db, scene), scene)
        scene.visit(db, DAY - timedelta(days=7))
        used_up = chip_words(seen(db, scene), scene)

        assert missing["Authorisation missing"] is Tone.BAD
        assert fresh["Authorised 1 of 4"] is Tone.GOOD
        assert last["Authorised 1 of 1"] is Tone.WARN
        assert used_up["Authorisation used up"] is Tone.BAD


def test_who_pays_themselves_is_asked_for_no_cover_but_the_licence_counts(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.licence.valid_to = DAY - timedelta(days=1)

        shown = chip_words(seen(db, scene, bill_to=BillTo.SELF), scene)

        assert shown == {"Self-pay": Tone.QUIET, "Licence lapsed": Tone.BAD}


@pytest.mark.parametrize("bill_to", list(BillTo))
def test_a_licence_that_does_not_allow_acupuncture_is_known_when_it_is_booked(
    sqlite_database: Database, bill_to: BillTo
) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.licence.scope = {"needling": False}

        found = seen(db, scene, bill_to=bill_to)

        assert rules(found) == ["licence.service_not_allowed"]
        assert "Licence in force" not in chip_words(found, scene)


def test_where_no_state_licenses_nobody_is_asked_for_a_licence(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.clinic.state = ""

        assert chip_words(seen(db, scene, bill_to=BillTo.SELF), scene) == {"Self-pay": Tone.QUIET}


def test_medicare_counts_acupuncture_visits_of_its_own_year(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        for week in range(1, 13):
            scene.visit(db, DAY - timedelta(days=7 * week))

        without = seen(db, scene)
        make_score(db, scene.patient, DAY - timedelta(days=80), 8)
        make_score(db, scene.patient, DAY - timedelta(days=1), 4)
        improved = seen(db, scene)

        assert (without.count and without.count.number, without.count and without.count.allowed) == (13, 20)
        assert "medicare.needs_improvement" in rules(without)
        assert "medicare.needs_improvement" not in rules(improved)


def test_medicare_is_not_billed_by_an_acupuncturist_alone(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE)
        physician = a_physician()
        db.add(physician)
        db.flush()
        make_credential(db, physician)

        alone, supervised = seen(db, scene), seen(db, scene, supervising_id=physician.id)

        assert "medicare.not_eligible_provider" in rules(alone)
        assert "medicare.not_eligible_provider" not in rules(supervised)


def test_visits_to_another_insurer_are_not_counted(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.visits_allowed = 10
        before = make_payer(db)
        scene.policy.effective_from = DAY - timedelta(days=3)
        make_policy(db, scene.patient, before, effective_to=DAY - timedelta(days=4))
        scene.visit(db, DAY - timedelta(days=7))

        found = seen(db, scene)

        assert found.count is not None
        assert found.count.number == 1


def test_what_is_owed_and_what_is_to_the_patients_credit(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        found = seen(db, scene)

        assert chip_words(found, scene, OnAccount(40_00, 0))["Owes $40.00"] is Tone.WARN
        assert chip_words(found, scene, OnAccount(0, 5_00))["Credit $5.00"] is Tone.INFO
        assert on_account(db, [scene.patient.id]) == {scene.patient.id: OnAccount()}
        assert on_account(db, []) == {}


def test_safety_flags_are_shown_for_the_practitioner_to_weigh(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.patient.flags = ["anticoagulant", "pregnant"]

        shown = chip_words(seen(db, scene), scene)

        assert shown["Takes a blood thinner"] is Tone.WARN
        assert shown["Pregnant"] is Tone.WARN


def test_every_chip_that_is_not_quiet_or_good_says_why(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.licence.valid_to = DAY - timedelta(days=1)
        scene.benefit.visits_allowed, scene.benefit.authorisation_required = 0, True
        scene.patient.signature_on_file, scene.patient.flags = False, ["pacemaker"]

        shown = chips(seen(db, scene), scene.patient, OnAccount(1, 1), DAY, "USD")

        assert [one.words for one in shown if one.tone not in (Tone.GOOD, Tone.QUIET) and not one.why] == []
        assert [one.words for one in shown if one.tone is Tone.BAD and not one.where] == []


def test_at_the_twelfth_visit_the_desk_sees_that_the_next_needs_documented_improvement(
    sqlite_database: Database,
) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        for week in range(1, 12):
            planned(db, scene, DAY + timedelta(weeks=week - 1))

        eleventh = seen(db, scene, DAY + timedelta(weeks=9))
        twelfth = seen(db, scene, DAY + timedelta(weeks=11))

        assert chip_words(twelfth, scene)["Visit 12 of 12"] is Tone.WARN
        assert chip_words(twelfth, scene)["The next one needs improvement"] is Tone.WARN
        assert "The next one needs improvement" not in chip_words(eleventh, scene)
        [coming] = [one for one in twelfth.ahead if one.rule == "medicare.needs_improvement"]
        assert "This is visit 13" in coming.why


def test_the_last_visit_of_a_plan_and_of_an_authorisation_tells_what_comes(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.visits_allowed = 1
        last = chip_words(seen(db, scene), scene)
        scene.benefit.visits_allowed, scene.benefit.authorisation_required = None, True
        make_authorisation(db, scene.patient, scene.payer, visits=1)
        only = chip_words(seen(db, scene), scene)

        assert last["The next one is not paid"] is Tone.WARN
        assert only["The next one needs an authorisation"] is Tone.WARN


def test_every_limit_is_told_with_its_arithmetic(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        scene.benefit.visits_allowed, scene.benefit.shared_with = 30, ["chiropractic"]
        scene.visit(db, DAY - timedelta(weeks=1))

        counters = seen(db, scene).counters

        assert [(one.label, one.number, one.allowed) for one in counters] == [
            ("Until improvement must be on record", 2, 12), ("Twenty visits a year", 2, 20),
            ("The plan, shared with chiropractic", 2, 30),
        ]  # fmt: skip
        assert all(one.arithmetic and one.source for one in counters)
