"""The codes of a chart stand with their reasons and their prices."""

from __future__ import annotations

from datetime import date

from billing.database import Database
from billing.reports.session_codes import codes_of, contact_words
from tests.factories import DAY, fresh, make_fee, procedure, retained, set_scene
from tests.sessions.gate import facts_about


def test_every_line_says_which_sets_earned_it_and_what_it_costs(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(
            db, sets=[fresh(15), retained(20), fresh(15)], procedures=[procedure("97140", "59", units=2)]
        )
        codes = codes_of(db, facts_about(db, session).visit_of[session.id])

    assert [(line.code, line.modifiers, line.units, line.cents) for line in codes.lines] == [
        ("97810", (), 1, 9500),
        ("97811", (), 1, 7000),
        ("97140", ("59",), 2, 9000),
    ]
    assert codes.lines[1].reasons[0].startswith("Set 3: 15 min of contact")
    assert codes.lines[2].reasons == ["Charted as it is."]
    assert codes.without_code[0].startswith("Set 2: 20 min with needles retained")
    assert codes.total_cents == 25_500
    assert codes.fee_problems == []


def test_a_code_without_a_fee_leaves_the_total_open_and_says_so(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, sets=[fresh(15)], procedures=[procedure("OWN1")])
        codes = codes_of(db, facts_about(db, session).visit_of[session.id])

    assert [(line.code, line.label, line.cents) for line in codes.lines] == [
        ("97810", "Acupuncture, first 15 min", 9500),
        ("OWN1", "", None),
    ]
    assert codes.total_cents is None
    assert [problem.rule for problem in codes.fee_problems] == ["fee.missing"]


def test_the_fee_is_the_one_of_the_day(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, sets=[fresh(15)])
        make_fee(db, "97810", 9900, effective_from=DAY)
        make_fee(db, "97810", 12_000, effective_from=date(2027, 1, 1))
        codes = codes_of(db, facts_about(db, session).visit_of[session.id])

    assert codes.total_cents == 9900


def test_the_contact_time_is_told_as_a_sum_with_what_the_units_need() -> None:
    assert contact_words([fresh(15), retained(20), fresh(20)], 2) == (
        "15 + 20 = 35 contact minutes earn 2 units: 2 units need at least 23, and a set of new needles each."
    )
    assert contact_words([fresh(15)], 1) == "15 contact minutes earn 1 unit: 8 to 22 minutes carry one unit."
    assert contact_words([retained(30), fresh(5)], 0) == ""
