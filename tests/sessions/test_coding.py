"""From the chart of a session to procedure lines."""

from __future__ import annotations

import pytest

from billing.codes.edits import ProcedureLine
from billing.errors import Severity
from billing.sessions.coding import CodedSession, coded_session
from billing.sessions.models import Procedure
from billing.sessions.queries import Chart, ChartedSet
from tests.factories import a_patient, a_practitioner, a_session, fresh, procedure, retained


def coded(
    *sets: ChartedSet, procedures: list[Procedure] | None = None, modifiers: tuple[str, ...] = ()
) -> CodedSession:
    session = a_session(a_patient(id=4), a_practitioner(id=1), id=3, acupuncture_modifiers=list(modifiers))
    return coded_session(Chart(session, list(sets), procedures or [], ["M54.50"]))


@pytest.mark.parametrize(
    ("sets", "lines"),
    [
        ([fresh(15)], [("97810", 1)]),
        ([fresh(15), retained(30)], [("97810", 1)]),
        ([fresh(15), fresh(15)], [("97810", 1), ("97811", 1)]),
        ([fresh(15), retained(15)], [("97810", 1)]),
        ([fresh(15, estim=True), fresh(15)], [("97813", 1), ("97811", 1)]),
        ([fresh(15), fresh(15, estim=True)], [("97810", 1), ("97814", 1)]),
        ([fresh(12), fresh(10)], [("97810", 1)]),
        ([fresh(15), fresh(15), fresh(15), fresh(15)], [("97810", 1), ("97811", 3)]),
    ],
)
def test_needle_sets_are_coded_by_contact_with_new_needles(
    sets: list[ChartedSet], lines: list[tuple[str, int]]
) -> None:
    assert coded(*sets).lines == [ProcedureLine(code, (), units) for code, units in lines]


def test_procedures_follow_the_needles_in_the_order_charted() -> None:
    services = [procedure("97140", "GP", units=2), procedure("99213", "25")]

    made = coded(fresh(15), procedures=services)

    assert made.lines == [
        ProcedureLine("97810", (), 1),
        ProcedureLine("97140", ("GP",), 2),
        ProcedureLine("99213", ("25",), 1),
    ]
    assert made.problems == []


def test_the_sessions_modifiers_go_on_every_acupuncture_line_and_no_other() -> None:
    made = coded(fresh(15), fresh(15), procedures=[procedure("97140", "GP")], modifiers=("KX",))

    assert [line.modifiers for line in made.lines] == [("KX",), ("KX",), ("GP",)]


def test_a_modifier_is_not_said_twice_on_a_line() -> None:
    made = coded(procedures=[procedure("97810", "KX", "59")], modifiers=("KX",))

    assert made.lines == [ProcedureLine("97810", ("KX", "59"), 1)]


@pytest.mark.parametrize("sets", [[fresh(7)], [retained(30)], [fresh(7), retained(30)]])
def test_sets_of_which_none_counts_are_under_the_minimum(sets: list[ChartedSet]) -> None:
    made = coded(*sets)

    assert made.lines == []
    assert [(one.rule, one.severity) for one in made.problems] == [("procedure.under_minimum_time", Severity.BLOCK)]


def test_an_empty_chart_has_nothing_to_bill() -> None:
    [problem] = coded().problems

    assert (problem.rule, problem.severity, problem.where) == ("procedure.none", Severity.BLOCK, "session:3")


def test_a_chart_without_needles_is_coded_from_its_procedures() -> None:
    made = coded(procedures=[procedure("99203")])

    assert (made.lines, made.problems) == ([ProcedureLine("99203", (), 1)], [])
