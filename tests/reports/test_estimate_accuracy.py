"""Estimates are compared with what payers decided afterwards, by payer and session by session."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.database import Database
from billing.estimates.models import Occasion
from billing.operations.estimating import keep_session_estimate
from billing.reports.estimate_accuracy import Accuracy, accuracy, compared, difference, median
from billing.sessions.models import ClinicSession
from tests.claims.office import Office, open_office
from tests.factories import DAY, NOW, Cas, make_adjudication
from tests.remittances.books import filed, post, session_numbered
from tests.remittances.payer import answer, pays

COPAY_ALONE: dict[int, list[Cas]] = {1: [("CO", "45", 10_00), ("PR", "3", 25_00)]}


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def visit(office: Office, week: int, occasion: Occasion = Occasion.CHECKOUT) -> ClinicSession:
    """A visit whose estimate was told: a copay of $25.00."""
    session = office.visit(DAY + timedelta(weeks=week))
    office.write(lambda db: keep_session_estimate(db, session.id, occasion, by="user:1", at=NOW))
    return session


def decide(office: Office, session: ClinicSession, adjustments: dict[int, list[Cas]], **changes: object) -> None:
    office.bill()
    claim = office.claim(session)
    office.write(lambda db: make_adjudication(db, claim, adjustments, **changes))


def report(office: Office) -> Accuracy:
    with office.database.reading() as db:
        return accuracy(db)


def test_5_3_by_payer_what_was_told_what_was_decided_the_median_and_the_worst(office: Office) -> None:
    for week, left in ((0, 25_00), (1, 27_50), (2, 65_00)):
        session = visit(office, week)
        decide(office, session, {1: [("CO", "45", 10_00), ("PR", "3", 25_00)], 2: [("PR", "2", left - 25_00)]})

    (payer,) = report(office).payers

    assert (payer.payer, payer.count, payer.expected, payer.actual) == (office.scene.payer.name, 3, 75_00, 117_50)
    assert (payer.median_error, payer.worst.error, payer.within) == (2_50, 40_00, 1)
    assert [one.error for one in report(office).worst] == [40_00, 2_50]


def test_5_3_each_session_says_what_made_the_difference(office: Office) -> None:
    right, wrong = visit(office, 0), visit(office, 1)
    decide(office, right, COPAY_ALONE)
    decide(office, wrong, {1: [("PR", "1", 15_00)], 2: [("PR", "3", 12_50)]})

    with office.database.reading() as db:
        found = {one.session_id: one for one in compared(db, office.scene.patient.id)}
        nobody = compared(db, 99)

    assert (found[right.id].expected, found[right.id].actual, found[right.id].why) == (25_00, 25_00, "")
    assert (found[wrong.id].expected, found[wrong.id].actual) == (25_00, 27_50)
    assert found[wrong.id].why == "deductible $15.00 instead of $0.00, copay $12.50 instead of $25.00"
    assert (found[right.id].is_within, found[wrong.id].is_within) == (True, False)
    assert nobody == []


def test_5_3_from_the_estimate_through_the_835_to_the_report(office: Office) -> None:
    right, wrong = (filed(office, DAY + timedelta(weeks=week)) for week in (0, 1))
    for claim in (right, wrong):
        told_of = session_numbered(office, claim)
        office.write(lambda db, id=told_of.id: keep_session_estimate(db, id, Occasion.BOOKING, by="user:1", at=NOW))

    post(office, pays(
        answer(right, {"CO-45": 10_00, "PR-3": 25_00}, {}),
        answer(wrong, {"CO-45": 10_00, "PR-3": 25_00}, {"PR-1": 30_00}),
    ))  # fmt: skip

    (payer,) = report(office).payers
    assert (payer.count, payer.expected, payer.actual, payer.within) == (2, 50_00, 80_00, 1)
    assert [(one.error, one.why) for one in report(office).worst] == [(30_00, "deductible $30.00 instead of $0.00")]


def test_what_is_not_decided_or_was_taken_back_is_not_compared(office: Office) -> None:
    visit(office, 0)
    taken_back = visit(office, 1)
    decide(office, taken_back, COPAY_ALONE, reversed_at=NOW)

    assert report(office) == Accuracy([], [], 0)


def test_the_estimate_told_last_is_the_one_that_counts(office: Office) -> None:
    session = visit(office, 0, Occasion.BOOKING)
    office.edit(office.scene.benefit, copay_cents=40_00)
    office.write(lambda db: keep_session_estimate(db, session.id, Occasion.CHECKOUT, by="user:1", at=NOW))
    decide(office, session, {1: [("PR", "3", 40_00)]})

    (payer,) = report(office).payers

    assert (payer.count, payer.expected, payer.median_error) == (1, 40_00, 0)


def test_where_nothing_could_be_expected_it_is_counted_apart(office: Office) -> None:
    office.edit(office.scene.benefit, copay_cents=None, coinsurance_basis_points=None)
    session = visit(office, 0)
    decide(office, session, COPAY_ALONE)

    found = report(office)

    assert (found.payers, found.unknown) == ([], 1)


def test_the_median_is_of_the_differences_without_their_signs() -> None:
    assert [median(errors) for errors in ([], [-3], [1, -9], [5, -7, 1])] == [0, 3, 1, 5]


def test_a_denial_and_other_reasons_are_named() -> None:
    lines = [{"deductible": 0, "coinsurance": 0, "copay": 25_00}]

    assert difference(lines, {"3": 25_00}, "USD") == ""
    assert difference(lines, {}, "USD", is_denial=True) == "denied, copay $0.00 instead of $25.00"
    assert difference(lines, {"3": 25_00, "45": 5_00}, "USD").startswith("$5.00 PR-45")
