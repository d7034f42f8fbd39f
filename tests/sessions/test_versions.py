"""Two versions of a note are told apart part by part."""

from __future__ import annotations

from dataclasses import replace

from billing.sessions.charting import ChartedProcedure, ChartedSet, NoteText, chart_from, snapshot_of
from billing.sessions.versions import Difference, chart_lines, differences, text_differences
from tests.factories import DAY, ZONE, moment
from tests.sessions.notes import FIRST, REST, SECOND, TEXT, WHOLE, charted


def test_equal_versions_have_no_differences() -> None:
    assert differences(WHOLE, charted(), ZONE) == []


def test_every_part_that_changed_is_told_with_what_it_was_and_is() -> None:
    after = charted(
        text=replace(TEXT, plan="Rest."),
        sets=(FIRST, REST, replace(SECOND, minutes=22)),
        procedures=(ChartedProcedure("97140", ("GP",), 2),),
        diagnoses=("M54.50", "M62.830"),
        pain=None,
        acupuncture_modifiers=("KX",),
    )

    assert differences(WHOLE, after, ZONE) == [
        Difference("Plan", "Weekly, four more.", "Rest."),
        Difference("Needle set 3", "20 min, new needles; GB30; 2 in, 2 out", "22 min, new needles; GB30; 2 in, 2 out"),
        Difference("Procedure 1", "", "97140 GP x2"),
        Difference("Diagnoses", "M54.50", "M54.50, M62.830"),
        Difference("Pain score", "5", ""),
        Difference("Acupuncture modifiers", "", "KX"),
    ]


def test_a_set_that_was_taken_out_is_told_as_gone() -> None:
    assert differences(WHOLE, charted(sets=(FIRST, REST)), ZONE) == [
        Difference("Needle set 3", "20 min, new needles; GB30; 2 in, 2 out", "")
    ]


def test_where_only_the_words_were_kept_only_they_are_compared() -> None:
    assert text_differences(TEXT, replace(TEXT, objective="")) == [Difference("Objective", "Tender at L4.", "")]


def test_a_chart_is_read_line_by_line_with_the_clinics_time() -> None:
    begun = ChartedSet(15, True, True, moment(DAY, "09:05"), ("LI4",), 2, None)
    chart = charted(sets=(begun,), procedures=(ChartedProcedure("97140"),), acupuncture_modifiers=("KX",))

    assert chart_lines(chart, ZONE) == [
        "Set 1: 15 min, new needles, e-stim, from 09:05; LI4; 2 in",
        "97140 x1",
        "Diagnoses: M54.50",
        "On the needle codes: KX",
        "Pain: 5 of 10",
    ]


def test_a_snapshot_gives_back_the_chart_it_was_made_of() -> None:
    begun = ChartedSet(15, True, True, moment(DAY, "09:05"), ("LI4", "odd"), 2, None)
    chart = charted(sets=(begun, REST), procedures=(ChartedProcedure("97140", ("GP",), 2),), pain=None)

    kept = snapshot_of(chart)

    assert "subjective" not in str(kept)
    assert chart_from(chart.text, kept) == chart
    assert chart_from(NoteText(), kept) == replace(chart, text=NoteText())
