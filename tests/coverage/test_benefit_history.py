"""What payers said is kept each time, with what it changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from billing import clock
from billing.coverage.benefit_editing import Verified, verify_benefit
from billing.coverage.benefit_history import LABELS, SAID, told, value_words, versions_of
from billing.coverage.models import Benefit, BenefitPeriod, BenefitSource, BenefitVersion, CopayPer
from billing.database import Database
from billing.errors import Refused
from billing.practitioners.models import Network
from tests.factories import NOW, make_patient, make_policy, set_scene

CALL = Verified(
    covered=True, verified_on=date(2026, 4, 1), source=BenefitSource.PHONE, copay_cents=30_00, reference="CALL-9",
    visits_allowed=20, network=Network.IN, plan_name="Gold PPO", shared_with=("chiropractic", "massage"),
    period=BenefitPeriod.ROLLING_MONTHS, period_months=24, dollar_limit_cents=1_500_00, dollars_remaining_cents=800_00,
    family_deductible_remaining_cents=200_00, referral_required=True, copay_per=CopayPer.SERVICE,
    copay_waives_deductible=True, dollars_told_on=date(2026, 3, 30),
)  # fmt: skip


def test_5_1_everything_a_verification_asks_is_kept(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        scene = set_scene(db)
        verify_benefit(db, scene.patient.id, scene.payer.id, CALL, by="user:7", answer_id=12)

    with database.reading() as db:
        kept = db.scalars(select(Benefit)).one()
        version = db.scalars(select(BenefitVersion)).one()
    for name in SAID:
        wanted = getattr(CALL, name)
        assert getattr(kept, name) in (wanted, list(wanted) if isinstance(wanted, tuple) else wanted or None), name
    assert (version.by, version.at, version.answer_id, version.source) == ("user:7", NOW, 12, BenefitSource.PHONE)
    assert (version.said["plan_name"], version.said["network"], version.said["covered"]) == ("Gold PPO", "in", True)


def test_each_time_tells_what_changed_since_the_time_before(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        scene = set_scene(db)
        verify_benefit(db, scene.patient.id, scene.payer.id, CALL)
        verify_benefit(db, scene.patient.id, scene.payer.id, replace(CALL, reference="CALL-10"))
        last = replace(CALL, covered=None, copay_cents=35_00, visits_allowed=None, shared_with=())
        verify_benefit(db, scene.patient.id, scene.payer.id, last)

        third, second, first = told(versions_of(db, scene.patient.id, [scene.payer.id]), "USD")

    assert first.changes == ()
    assert second.changes == ()
    assert [one.words for one in third.changes] == [
        "Acupuncture covered: unknown, was yes",
        "Copay: $35.00, was $30.00",
        "Visits allowed: unknown, was 20",
        "Shared with: none, was chiropractic, massage",
    ]


def test_the_history_of_another_patient_is_not_told(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        scene = set_scene(db)
        other = make_patient(db)
        make_policy(db, other, scene.payer)
        verify_benefit(db, other.id, scene.payer.id, CALL)

        assert versions_of(db, scene.patient.id, [scene.payer.id]) == []


def test_5_1_unknown_is_a_value_and_no_other_one(database: Database) -> None:
    said = Verified(covered=None, verified_on=date(2026, 4, 1), source=BenefitSource.PORTAL)

    with clock.stopped_at(NOW), database.transaction() as db:
        scene = set_scene(db)
        kept = verify_benefit(db, scene.patient.id, scene.payer.id, said)

        assert (kept.covered, kept.authorisation_required, kept.referral_required) == (None, None, None)


@pytest.mark.parametrize(
    ("allowed", "left", "decided", "wanted"),
    [(20, 7, 5, (20, 8)), (20, 7, 13, (20, 0)), (20, 7, 15, (20, 0)), (None, 7, 5, (12, 0)), (20, None, 5, (20, 3))],
)
def test_5_2_what_is_left_is_lessened_by_our_visits_that_are_not_decided(
    sqlite_database: Database, allowed: int | None, left: int | None, decided: int, wanted: tuple[int, int]
) -> None:
    said = replace(
        CALL,
        visits_allowed=allowed,
        visits_remaining=left,
        visits_decided_here=decided,
        visits_used_elsewhere=3 if allowed else 0,
    )

    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        scene = set_scene(db)
        kept = verify_benefit(
            db, scene.patient.id, scene.payer.id, replace(said, visits_used_elsewhere=3 if allowed else 0)
        )

    assert (kept.visits_allowed, kept.visits_used_elsewhere) == wanted


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"visits_remaining": 21}, "visits_remaining"),
        ({"period_months": 0}, "period_months"),
        ({"period_months": 121}, "period_months"),
        ({"shared_with": ("yoga",)}, "shared_with"),
        ({"dollars_remaining_cents": 1_500_01}, "dollars_remaining"),
        ({"family_deductible_remaining_cents": -1}, "family_deductible_remaining"),
        ({"plan_name": "x" * 300}, "plan_name"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(sqlite_database: Database, changes: dict[str, Any], wrong: str) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        scene = set_scene(db)

        with pytest.raises(Refused) as caught:
            verify_benefit(db, scene.patient.id, scene.payer.id, replace(CALL, **changes))

        assert [one.where for one in caught.value.problems] == [f"field:{wrong}"]
        assert db.scalars(select(BenefitVersion)).all() == []


def test_every_thing_a_payer_says_has_a_name_and_words() -> None:
    asked = {"verified_on", "source", "representative", "reference", "dollars_told_on"}

    assert set(LABELS) == set(SAID) - asked
    assert value_words("coinsurance_basis_points", 1250, "USD") == "12.5%"
    assert value_words("dollar_limit_cents", 0, "USD") == "$0.00"
    assert value_words("referral_required", False, "USD") == "no"
    assert value_words("network", "out", "USD") == "out of network"
    assert value_words("period", "calendar_year", "USD") == "calendar year"
    assert value_words("covered", None, "USD") == "unknown"


def test_a_day_in_the_future_is_still_refused(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        scene = set_scene(db)

        with pytest.raises(Refused):
            verify_benefit(
                db, scene.patient.id, scene.payer.id, replace(CALL, verified_on=NOW.date() + timedelta(days=1))
            )
