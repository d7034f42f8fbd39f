"""Bills far above their estimate are told of from $300 on and stopped from $400 on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.charges.models import Charge
from billing.database import Database, Db
from billing.errors import Severity
from billing.estimates.good_faith.covering import estimate_for
from billing.estimates.good_faith.handing_over import let_pass
from billing.estimates.good_faith.watching import excess_problems, running_of
from billing.sessions.models import BillTo, ClinicSession
from tests.estimates.good_faith.estimates_on_stage import BY, VISIT, at_nine, make_estimate, weekly
from tests.factories import Scene, make_session, set_scene, written

FIRST = date(2026, 3, 16)


def charged(db: Db, scene: Scene, on: date, cents: int, **changes: object) -> ClinicSession:
    """A signed visit that stands charged at that."""
    cells = {"bill_to": BillTo.SELF, **changes}
    session = make_session(db, scene.patient, scene.practitioner, on, **cells)
    written(
        db,
        Charge(session_id=session.id, position=1, service_on=on, code="97810", modifiers=[], units=1, cents=cents,
               reversed_at=None),
    )  # fmt: skip
    return session


def found(db: Db, scene: Scene, session: ClinicSession) -> list[tuple[str, Severity]]:
    return [(one.rule, one.severity) for one in excess_problems(db, [scene.patient.id]).get(session.id, [])]


@pytest.mark.parametrize(
    ("over", "rules"),
    [
        (0, []),
        (299_99, []),
        (300_00, [("estimate.nearly_exceeded", Severity.WARN)]),
        (399_99, [("estimate.nearly_exceeded", Severity.WARN)]),
        (400_00, [("estimate.exceeded", Severity.BLOCK)]),
        (410_00, [("estimate.exceeded", Severity.BLOCK)]),
    ],
)
def test_6_3_a_bill_is_told_of_at_300_above_and_stopped_at_400(
    database: Database, over: int, rules: list[tuple[str, Severity]]
) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_estimate(db, scene, weekly(FIRST, 1))

        session = charged(db, scene, FIRST, VISIT + over)

        assert found(db, scene, session) == rules


def test_6_3_what_is_above_runs_up_over_the_visits_of_one_estimate(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_estimate(db, scene, weekly(FIRST, 10))
        visits = [charged(db, scene, FIRST + timedelta(weeks=number), VISIT + 150_00) for number in range(3)]

        (stands,) = running_of(db, [scene.patient.id])

        assert (stands.visits, stands.billed, stands.expected, stands.over) == (
            3, 3 * VISIT + 450_00, 3 * VISIT, 450_00,
        )  # fmt: skip
        assert [found(db, scene, one) for one in visits] == [[("estimate.exceeded", Severity.BLOCK)]] * 3
        (problem,) = excess_problems(db, [scene.patient.id])[visits[0].id]
        assert problem.why == "3 visits billed at $945.00, $450.00 above the $495.00 that GFE-000001 told."


def test_6_3_a_visit_beyond_the_estimated_number_was_told_to_nobody(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_estimate(db, scene, weekly(FIRST, 1, to_on=FIRST + timedelta(weeks=8)))
        charged(db, scene, FIRST, VISIT)
        for week in (1, 2, 3):
            last = charged(db, scene, FIRST + timedelta(weeks=week), VISIT)

        assert found(db, scene, last) == [("estimate.exceeded", Severity.BLOCK)]


def test_6_3_a_new_estimate_before_the_visit_speaks_for_it(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        first = make_estimate(db, scene, weekly(FIRST, 2))
        before = charged(db, scene, FIRST, VISIT)
        later = FIRST + timedelta(weeks=1)

        make_estimate(db, scene, weekly(later, 1), on=FIRST, replaces=first.id, why="Other care.")

        after = charged(db, scene, later, VISIT + 100_00)

        standing = {one.estimate.version: (one.sessions, one.over) for one in running_of(db, [scene.patient.id])}
        assert standing == {1: ((before.id,), 0), 2: ((after.id,), 100_00)}


def test_6_3_what_the_owner_let_pass_passes_and_what_goes_further_is_stopped_again(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        made = make_estimate(db, scene, weekly(FIRST, 3))
        session = charged(db, scene, FIRST, VISIT + 410_00)
        let_pass(db, made.id, 410_00, by=BY, at=at_nine(), why="Agreed in writing.")
        passed = found(db, scene, session)

        charged(db, scene, FIRST + timedelta(weeks=1), VISIT + 1)

        assert passed == []
        assert found(db, scene, session) == [("estimate.exceeded", Severity.BLOCK)]


def test_what_insurance_is_billed_and_what_no_estimate_speaks_for_is_not_counted(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_estimate(db, scene, weekly(FIRST, 1))
        insured = charged(db, scene, FIRST, 9_000_00, bill_to=BillTo.INSURANCE)
        outside = charged(db, scene, FIRST + timedelta(days=1), 9_000_00, start="12:00")

        assert (found(db, scene, insured), found(db, scene, outside)) == ([], [])


def test_of_two_estimates_for_a_day_the_one_issued_last_speaks(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        one = make_estimate(db, scene, weekly(FIRST, 5))
        two = make_estimate(db, scene, weekly(FIRST + timedelta(weeks=1), 1), at=at_nine() + timedelta(hours=1))

        assert estimate_for([two, one], FIRST) is one
        assert estimate_for([two, one], FIRST + timedelta(weeks=1)) is two
        assert estimate_for([two, one], FIRST + timedelta(weeks=2)) is one
        assert estimate_for([two, one], FIRST + timedelta(weeks=9)) is None


def test_6_3_a_replaced_estimate_speaks_for_nothing_from_the_first_day_of_its_successor_on(
    database: Database,
) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        long = make_estimate(db, scene, weekly(FIRST, 5))
        short = make_estimate(db, scene, weekly(FIRST + timedelta(weeks=1), 2), replaces=long.id, why="Fewer.")

        found = [estimate_for([long, short], FIRST + timedelta(weeks=number)) for number in range(5)]

        assert found == [long, short, short, None, None]


def test_a_patient_without_estimates_is_asked_about_in_few_queries(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = charged(db, scene, FIRST, 9_000_00)

        assert found(db, scene, session) == []
        assert excess_problems(db, []) == {}
