"""A session's estimate is kept at booking and at checkout with all that it was reckoned from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from billing.database import Database, Db
from billing.errors import Conflict, NotFound, Refused
from billing.estimates.models import KeptEstimate, Occasion
from billing.operations.estimating import keep_session_estimate
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from tests.claims.office import Office, open_office
from tests.factories import DAY, NOW, Scene, make_adjudication, procedure, set_scene

BY = "user:1"
WEEK = timedelta(weeks=1)


def keep(db: Db, session: ClinicSession, occasion: Occasion = Occasion.BOOKING) -> KeptEstimate:
    made = keep_session_estimate(db, session.id, occasion, by=BY, at=NOW)
    assert made is not None
    return made


def booked(db: Db, scene: Scene, on: date = DAY, **changes: Any) -> ClinicSession:
    return scene.visit(db, on, state=SessionState.BOOKED, sets=(), diagnoses=(), **changes)


def test_5_3_the_first_visit_is_taken_for_two_sets_and_says_so(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        made = keep(db, booked(db, scene))

        assert (made.low_cents, made.expected_cents, made.high_cents, made.plan_cents) == (25_00, 25_00, 25_00, 140_00)
        assert made.charge_cents == 165_00
        assert made.shown[:2] == [
            "Nothing is charted yet: taken for two sets of needles of 15 minutes each.",
            "The patient's part: $25.00.",
        ]
        assert (made.occasion, made.by, made.at, made.payer_id) == (Occasion.BOOKING, BY, NOW, scene.payer.id)


def test_5_3_a_later_visit_is_taken_for_one_like_the_last(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.visit(db, DAY - WEEK, procedures=[procedure("97140")])

        made = keep(db, booked(db, scene))

        assert [one["code"] for one in made.inputs["coded"]] == ["97810", "97811"]
        assert made.shown[0] == "Nothing is charted yet: taken for a visit like that of 2026-02-24."


def test_5_3_inputs_sources_and_versions_are_kept_with_it(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        made = keep(db, scene.visit(db, state=SessionState.ARRIVED), Occasion.CHECKOUT)

        assert made.inputs["finding"] == "covered"
        assert made.inputs["terms"]["copay"] == 25_00
        assert [(one["code"], one["patient"], one["plan"]) for one in made.inputs["lines"]] == [
            ("97810", 25_00, 70_00), ("97811", 0, 70_00)
        ]  # fmt: skip
        assert (made.sources["policy"], made.sources["benefit"]) == (scene.policy.id, scene.benefit.id)
        assert len(made.sources["fees"]) == 2
        assert made.inputs["assumed"] == ""


def test_5_3_what_comes_out_the_same_is_kept_once_and_what_differs_is_kept_beside_it(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = booked(db, scene)
        first, again = keep(db, session), keep(db, session)
        scene.benefit.copay_cents = 40_00

        later = keep(db, session)

        assert first.id == again.id
        assert (first.expected_cents, later.expected_cents) == (25_00, 40_00)
        assert db.scalar(sa.select(sa.func.count()).select_from(KeptEstimate)) == 2


def test_5_3_a_kept_estimate_is_never_rewritten(database: Database) -> None:
    with database.transaction() as db:
        keep(db, booked(db, set_scene(db)))

    for change in (sa.update(KeptEstimate).values(expected_cents=1), sa.delete(KeptEstimate)):
        with pytest.raises((Conflict, Refused, sa.exc.DBAPIError)), database.transaction() as db:
            db.execute(change)


def test_5_3_unknown_cover_is_kept_as_a_span_without_an_expected_amount(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        db.delete(scene.benefit)

        made = keep(db, booked(db, scene))

        assert (made.low_cents, made.expected_cents, made.high_cents, made.plan_cents) == (0, None, 165_00, None)
        assert made.shown[1] == "The patient's part: $0.00 to $165.00."


def test_what_the_patient_pays_alone_and_what_is_not_there_is_not_estimated(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = booked(db, scene, bill_to=BillTo.SELF)

        assert keep_session_estimate(db, session.id, Occasion.BOOKING, by=BY, at=NOW) is None
        with pytest.raises(NotFound):
            keep_session_estimate(db, 99, Occasion.BOOKING, by=BY, at=NOW)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def test_5_3_what_the_payer_has_allowed_before_stands_in_for_a_contract(office: Office) -> None:
    for week, taken_off in ((0, 25_00), (1, 15_00), (2, 20_00)):
        session = office.visit(DAY + week * WEEK)
        office.bill()
        adjustments = {1: [("CO", "45", taken_off), ("PR", "2", 10_00)], 2: [("CO", "45", 10_00)]}
        office.write(lambda db, one=session, taken=adjustments: make_adjudication(db, office.claim(one), taken))

    with office.database.transaction() as db:
        scene = office.scene
        benefit = db.merge(scene.benefit)
        benefit.copay_cents, benefit.coinsurance_basis_points = None, 2000
        made = keep(db, booked(db, scene, DAY + 4 * WEEK))

    assert [one["allowed"] for one in made.inputs["lines"]] == [75_00, 60_00]
    assert (made.low_cents, made.expected_cents, made.high_cents) == (26_00, 27_00, 28_00)
