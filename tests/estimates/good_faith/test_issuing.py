"""Estimates are numbered, frozen, and say all that a good-faith estimate has to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.database import Database
from billing.documents.drawing import PaperToDraw
from billing.errors import Conflict, NotFound, Refused
from billing.estimates.good_faith.drawing import render, undrawn
from billing.estimates.good_faith.issuing import ESTIMATE, name_of
from billing.estimates.good_faith.scope import ExpectedService, Scope, from_stored
from billing.estimates.good_faith.wording import schedule_words
from billing.estimates.models import EstimateKind, GoodFaithEstimate
from billing.pdf.parts import Region
from tests.estimates.good_faith.estimates_on_stage import BY, MONDAY, TWO_SETS, VISIT, make_estimate, weekly
from tests.factories import make_fee, make_patient, set_scene
from tests.pdf.papers_on_stage import text_of

FIRST = date(2026, 3, 16)


def rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.rule for one in refused.value.problems]


def test_6_3_an_estimate_names_patient_providers_services_diagnosis_prices_days_and_rights(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scope = replace(weekly(FIRST, 10), separately=("Herbal consultation",))

        made = make_estimate(db, scene, scope)

    text = text_of(render(PaperToDraw("estimate", made.id, "estimate", 1, "", made.snapshot)))
    for fact in (
        "Good faith estimate", "GFE-000001", "Miri Okoro", "Still Water Acupuncture", "Ben Quill, L.Ac.",
        f"NPI {scene.practitioner.npi}", "TIN 93-1234567", "Portland, OR", "97810", "97811", "M54.50", "$95.00",
        "$950.00", "$700.00", "$1,650.00", "03/16/2026", "05/18/2026", "One a week.", "Herbal consultation",
        "not in this estimate", "right to dispute", "$400.00 or more above", "120 calendar days",
        "www.cms.gov/nosurprises", "This is not a contract", "copy", "Signature of the patient or guardian, and date",
    ):  # fmt: skip
        assert fact in text, fact
    assert made.total_cents == 10 * VISIT


def test_6_3_an_estimate_once_issued_cannot_be_changed_or_taken_away(database: Database) -> None:
    with database.transaction() as db:
        made = make_estimate(db, set_scene(db), weekly(FIRST, 1))

    for change in (
        sa.update(GoodFaithEstimate).where(GoodFaithEstimate.id == made.id).values(total_cents=1),
        sa.delete(GoodFaithEstimate),
    ):
        with pytest.raises((Conflict, Refused, sa.exc.DBAPIError)), database.transaction() as db:
            db.execute(change)
    with database.reading() as db:
        assert db.get_one(GoodFaithEstimate, made.id).total_cents == VISIT


def test_6_3_it_is_drawn_from_its_snapshot_the_same_to_the_byte_whatever_changes(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_estimate(db, scene, weekly(FIRST, 3))
    with database.reading() as db:
        before = [render(one) for one in undrawn(db, 9)]

    with database.transaction() as db:
        make_fee(db, "97810", 120_00, effective_from=date(2026, 3, 1))
        db.merge(scene.patient).last_name = "Other"
    with database.reading() as db:
        after = [render(one) for one in undrawn(db, 9)]

    assert (len(before), after) == (1, before)


def test_a_fee_known_to_rise_is_in_the_estimate_from_its_own_day_on(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_fee(db, "97810", 105_00, effective_from=FIRST + timedelta(weeks=2))

        made = make_estimate(db, scene, weekly(FIRST, 3))

    content = ESTIMATE.validate_python(made.snapshot)
    assert [(one.code, one.each.cents, one.visits) for one in content.items] == [
        ("97810", 95_00, 2), ("97810", 105_00, 1), ("97811", 70_00, 3)
    ]  # fmt: skip
    assert from_stored(made.scope).visits == (VISIT, VISIT, VISIT + 10_00)


def test_an_evaluation_is_expected_at_the_first_visit_alone(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        services = (ExpectedService("99203", at_first_only=True), *TWO_SETS)

        made = make_estimate(db, scene, weekly(FIRST, 3, services))

    assert from_stored(made.scope).visits == (VISIT + 140_00, VISIT, VISIT)


def test_6_3_a_later_version_replaces_the_one_before_which_stays(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        first = make_estimate(db, scene, weekly(FIRST, 6))
        second = make_estimate(db, scene, weekly(FIRST, 8), replaces=first.id, why="Two more visits.")

    assert (name_of(first), name_of(second)) == ("GFE-000001", "GFE-000001 v2")
    assert (second.supersedes_id, second.version) == (first.id, 2)
    assert "GFE-000001: Two more visits." in ESTIMATE.validate_python(second.snapshot).replaces
    with database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(GoodFaithEstimate)) == 2


def test_only_the_last_version_can_be_replaced_with_a_reason_and_for_the_same_patient(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        first = make_estimate(db, scene, weekly(FIRST, 6))
        make_estimate(db, scene, weekly(FIRST, 8), replaces=first.id, why="Two more visits.")
        other = make_patient(db)
        db.flush()

        with pytest.raises(Refused, match="GFE-000001 v2"):
            make_estimate(db, scene, weekly(FIRST, 9), replaces=first.id, why="One more.")
        with pytest.raises(NotFound):
            make_estimate(db, replace(scene, patient=other), weekly(FIRST, 9), replaces=first.id, why="x")
        fresh = make_estimate(db, scene, weekly(FIRST, 1))
        with pytest.raises(Refused) as refused:
            make_estimate(db, scene, weekly(FIRST, 2), replaces=fresh.id)

    assert rules(refused) == ["estimate.why"]
    assert fresh.number == 2


def test_6_3_one_estimate_speaks_for_at_most_twelve_months(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        made = make_estimate(db, scene, weekly(FIRST, 3, to_on=date(2027, 3, 15)))
        with pytest.raises(Refused) as refused:
            make_estimate(db, scene, weekly(FIRST, 3, to_on=date(2027, 3, 16)))

    assert made.to_on == date(2027, 3, 15)
    assert rules(refused) == ["estimate.span"]


def test_every_reason_against_an_estimate_is_told_at_once_and_nothing_is_issued(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.practitioner.npi = None
        past = MONDAY - timedelta(days=1)
        scope = Scope((ExpectedService("97810", 0), ExpectedService("97810"), ExpectedService("XX1")), (past,), past)

        with pytest.raises(Refused) as refused:
            make_estimate(db, scene, scope)

        assert db.scalar(sa.select(sa.func.count()).select_from(GoodFaithEstimate)) == 0
    assert sorted(set(rules(refused))) == ["estimate.days", "estimate.services", "fee.missing", "npi.invalid"]


def test_an_estimate_without_any_visit_or_service_is_refused(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        with pytest.raises(Refused) as refused:
            make_estimate(db, scene, Scope((), (), FIRST))

    assert rules(refused) == ["estimate.days", "estimate.services"]


def test_6_3_elsewhere_a_plain_estimate_speaks_of_no_american_right(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.clinic.currency = "GBP"
        scene.practitioner.npi = None

        made = make_estimate(db, scene, weekly(FIRST, 2))

    text = text_of(render(PaperToDraw("estimate", made.id, "estimate", 1, "", made.snapshot)))
    assert (made.kind, name_of(made), made.by) == (EstimateKind.PLAIN, "EST-000001", BY)
    assert "£330.00" in text
    assert "dispute" not in text and "Good faith" not in text


def test_how_often_is_a_sentence_of_its_own_however_it_was_typed() -> None:
    days = [FIRST + timedelta(weeks=week) for week in range(10)]

    assert schedule_words(days, "weekly. ", Region.US).endswith(", the last on 05/18/2026. Weekly.")


def test_a_diagnosis_that_is_not_known_yet_is_left_out(database: Database) -> None:
    with database.transaction() as db:
        made = make_estimate(db, set_scene(db), replace(weekly(FIRST, 1), diagnoses=()))

    text = text_of(render(PaperToDraw("estimate", made.id, "estimate", 1, "", made.snapshot)))
    assert "Diagnosis" not in text
    assert "We expect one visit to cost $165.00." in text
