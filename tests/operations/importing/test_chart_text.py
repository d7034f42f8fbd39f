from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.operations.importing.reading import chart_text
from billing.operations.importing.reading.chart_text import ProcedureText, SetText
from billing.operations.importing.reading.values import Parser, Unfit
from billing.sessions.models import AccidentKind

SETS = st.builds(
    SetText,
    minutes=st.integers(0, 600),
    new_needles=st.booleans(),
    estim=st.booleans(),
    at=st.none() | st.times(timezones=st.none()).map(lambda moment: moment.replace(second=0, microsecond=0)),
)


def written(one: SetText) -> str:
    words = [str(one.minutes), "new" if one.new_needles else "retained", *(["estim"] if one.estim else [])]
    return " ".join([*words, *([one.at.strftime("@%H:%M")] if one.at else [])])


@given(st.lists(SETS, max_size=5))
def test_needle_sets_are_read_as_they_were_written(sets: list[SetText]) -> None:
    assert chart_text.needle_sets(";".join(written(one) for one in sets)) == tuple(sets)


def test_blanks_capitals_and_a_semicolon_at_the_end_do_not_matter() -> None:
    assert chart_text.needle_sets(" 15  NEW estim@13:20 ; 10 retained; ") == (
        SetText(15, True, True, time(13, 20)),
        SetText(10, False, False, None),
    )


def test_procedures_have_modifiers_and_units_and_one_unit_when_none_is_written() -> None:
    assert chart_text.procedures("97140 gp 59 x2; 99203 25;HERBS X12") == (
        ProcedureText("97140", ("GP", "59"), 2),
        ProcedureText("99203", ("25",), 1),
        ProcedureText("HERBS", (), 12),
    )


def test_diagnoses_are_kept_as_they_are_in_capitals_billable_or_not() -> None:
    assert chart_text.diagnoses("m54.50; M54.5 ;;whatever") == ("M54.50", "M54.5", "WHATEVER")


def test_modifiers_may_be_separated_in_any_way() -> None:
    assert chart_text.modifiers("kx, gp;59 25") == ("KX", "GP", "59", "25")


def test_flags_are_lower_case_and_stand_once_each() -> None:
    assert chart_text.flags("Pacemaker; pregnant;PACEMAKER") == ("pacemaker", "pregnant")


@pytest.mark.parametrize(
    ("text", "kind", "state"),
    [
        ("auto:OR", AccidentKind.AUTO, "OR"),
        ("AUTO: wa", AccidentKind.AUTO, "WA"),
        ("work", AccidentKind.WORK, None),
        ("Other", AccidentKind.OTHER, None),
    ],
)
def test_an_accident_has_a_kind_and_on_the_road_a_state(text: str, kind: AccidentKind, state: str | None) -> None:
    assert chart_text.accident(text) == (kind, state)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (chart_text.needle_sets, "15"),
        (chart_text.needle_sets, "new 15"),
        (chart_text.needle_sets, "15 old"),
        (chart_text.needle_sets, "-5 new"),
        (chart_text.needle_sets, "601 new"),
        (chart_text.needle_sets, "15 new @25:00"),
        (chart_text.needle_sets, "15 new @9:00"),
        (chart_text.needle_sets, "15 new, 10 retained"),
        (chart_text.needle_sets, "15 new;fifteen new"),
        (chart_text.procedures, "97140 x0"),
        (chart_text.procedures, "97140 x1000"),
        (chart_text.procedures, "97140 GPX"),
        (chart_text.procedures, "97140 GP 59 25 KX RT x1"),
        (chart_text.procedures, "97140*GP"),
        (chart_text.modifiers, "KXX"),
        (chart_text.modifiers, "KX GP 59 25 RT"),
        (chart_text.accident, "auto"),
        (chart_text.accident, "auto:Oregon"),
        (chart_text.accident, "fall"),
        (chart_text.accident, "work:OR"),
    ],
)
def test_what_does_not_follow_the_grammar_is_refused(parse: Parser, text: str) -> None:
    with pytest.raises(Unfit):
        parse(text)
