"""Noting what a payer said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from billing import clock
from billing.coverage.authorisation_editing import AuthorisationDetails, add_authorisation, edit_authorisation
from billing.coverage.benefit_editing import Verified, verify_benefit
from billing.coverage.models import Authorisation, Benefit, BenefitPeriod, BenefitSource
from billing.coverage.wording import basis_points, percent_words
from billing.database import Database
from billing.errors import NotFound, Refused
from tests.factories import NOW, make_benefit, make_patient, make_payer, make_policy, set_scene


def heard(**changes: Any) -> Verified:
    """A call of today in which everything was answered."""
    cells: dict[str, Any] = {
        "covered": True, "verified_on": date(2026, 4, 1), "source": BenefitSource.PHONE, "copay_cents": 3000,
        "coinsurance_basis_points": 2000, "deductible_remaining_cents": 0, "out_of_pocket_remaining_cents": 150_000,
        "visits_allowed": 20, "visits_used_elsewhere": 2, "period": BenefitPeriod.PLAN_YEAR,
        "authorisation_required": True, "representative": "Dana", "reference": "CALL-9",
        "remarks": "Low back pain only.\nTwenty visits with chiropractic together.",
    }  # fmt: skip
    return Verified(**{**cells, **changes})


def fields(refused: Refused) -> list[str]:
    return [problem.where.removeprefix("field:") for problem in refused.problems]


def test_what_was_said_takes_the_place_of_what_was_said_before(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        scene = set_scene(db)
        verify_benefit(db, scene.patient.id, scene.payer.id, heard())

    with database.reading() as db:
        [kept] = db.scalars(select(Benefit)).all()
        assert (kept.id, kept.copay_cents, kept.period) == (scene.benefit.id, 3000, BenefitPeriod.PLAN_YEAR)
        assert (kept.source, kept.representative, kept.verified_on) == (BenefitSource.PHONE, "Dana", date(2026, 4, 1))
        assert kept.remarks == heard().remarks


def test_what_nobody_said_is_not_known_rather_than_nothing(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        scene = set_scene(db)
        other = make_payer(db)
        make_policy(db, scene.patient, other, rank=2)

        made = verify_benefit(
            db,
            scene.patient.id,
            other.id,
            Verified(covered=False, verified_on=date(2026, 4, 1), source=BenefitSource.PORTAL),
        )

        assert (made.covered, made.copay_cents, made.deductible_remaining_cents) == (False, None, None)
        assert (made.visits_allowed, made.visits_used_elsewhere, made.reference) == (None, 0, None)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"verified_on": date(2026, 4, 2)}, ["verified_on"]),
        ({"verified_on": date(1999, 12, 31)}, ["verified_on"]),
        ({"representative": " ", "reference": ""}, ["reference"]),
        ({"source": BenefitSource.IMPORT}, ["source"]),
        ({"copay_cents": -1}, ["copay"]),
        ({"coinsurance_basis_points": 100_01}, ["coinsurance"]),
        ({"visits_allowed": 10_000}, ["visits_allowed"]),
        ({"visits_used_elsewhere": -1}, ["visits_used_elsewhere"]),
        ({"visits_allowed": 12, "visits_used_elsewhere": 13}, ["visits_used_elsewhere"]),
        ({"remarks": "x" * 2001}, ["remarks"]),
    ],
)
def test_what_no_payer_says_is_refused_at_its_field_and_nothing_changes(
    sqlite_database: Database, changes: dict[str, Any], wrong: list[str]
) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        scene = set_scene(db)

        with pytest.raises(Refused) as caught:
            verify_benefit(db, scene.patient.id, scene.payer.id, heard(**changes))

        assert fields(caught.value) == wrong
        db.refresh(scene.benefit)
        assert scene.benefit.reference == "CALL-1"


def test_a_portal_needs_no_name(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        scene = set_scene(db)
        said = heard(source=BenefitSource.PORTAL, representative="", reference="")

        assert verify_benefit(db, scene.patient.id, scene.payer.id, said).source is BenefitSource.PORTAL


def test_only_who_insures_the_patient_can_say_anything(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        scene = set_scene(db)
        stranger = make_payer(db)

        with pytest.raises(NotFound):
            verify_benefit(db, scene.patient.id, stranger.id, heard())
        with pytest.raises(NotFound):
            add_authorisation(db, scene.patient.id, stranger.id, permit())


def permit(**changes: Any) -> AuthorisationDetails:
    cells: dict[str, Any] = {
        "number": " VA 12 ", "valid_from": date(2026, 4, 1), "valid_to": date(2026, 6, 30), "visits": 12,
    }  # fmt: skip
    return AuthorisationDetails(**{**cells, **changes})


def test_an_authorisation_is_put_on_file_and_corrected(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        scene = set_scene(db)
        made = add_authorisation(db, scene.patient.id, scene.payer.id, permit())
        edit_authorisation(db, made.id, permit(visits=8))

    with database.reading() as db:
        kept = db.get_one(Authorisation, made.id)
        assert (kept.number, kept.visits, kept.patient_id) == ("VA 12", 8, scene.patient.id)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"number": " "}, "number"),
        ({"valid_to": date(2026, 3, 31)}, "valid_to"),
        ({"visits": 0}, "visits"),
        ({"number": "9" * 201}, "number"),
    ],
)
def test_an_authorisation_that_gives_nothing_is_refused(
    sqlite_database: Database, changes: dict[str, Any], wrong: str
) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        scene = set_scene(db)

        with pytest.raises(Refused) as caught:
            add_authorisation(db, scene.patient.id, scene.payer.id, permit(**changes))

        assert fields(caught.value) == [wrong]
        assert db.scalar(select(func.count()).select_from(Authorisation)) == 0


def test_one_number_is_entered_once_for_a_patient_and_payer(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        scene = set_scene(db)
        first = add_authorisation(db, scene.patient.id, scene.payer.id, permit())
        second = add_authorisation(db, scene.patient.id, scene.payer.id, permit(number="VA 13"))
        other = make_patient(db)
        make_policy(db, other, scene.payer)
        make_benefit(db, other, scene.payer)

        add_authorisation(db, other.id, scene.payer.id, permit())
        with pytest.raises(Refused):
            add_authorisation(db, scene.patient.id, scene.payer.id, permit(number="VA  12"))
        with pytest.raises(Refused):
            edit_authorisation(db, second.id, permit())
        assert edit_authorisation(db, first.id, permit()).number == "VA 12"


@given(st.integers(0, 100_00))
def test_a_share_reads_back_as_it_was_written(points: int) -> None:
    assert basis_points(percent_words(points)) == points


@pytest.mark.parametrize("text", ["", "-1", "100.01", "1.234", "twenty", "1,5", ".", "1000"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="percentage"):
        basis_points(text)
