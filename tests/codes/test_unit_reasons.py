"""Every set is told what it earns and why; together the reasons are the bill."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from billing.codes.units import NeedleSet, coded_sets, set_reasons

FRESH, ELECTRIC = NeedleSet(15, True), NeedleSet(20, True, True)
visits = st.lists(st.builds(NeedleSet, st.integers(0, 40), st.booleans(), st.booleans()), max_size=6)


def told(*sets: NeedleSet) -> list[str]:
    return [f"{one.code}: {one.why}" if one.code else one.why for one in set_reasons(sets)]


def test_the_first_set_a_further_one_and_one_with_current_say_how_they_are_coded() -> None:
    assert told(FRESH, FRESH, ELECTRIC) == [
        "97810: 15 min of contact: the first set of new needles, earns one unit of 97810.",
        "97811: 15 min of contact: a further set, with needles inserted anew, earns one unit of 97811.",
        "97814: 20 min of contact: a further set, with needles inserted anew, with electrical stimulation, "
        "earns one unit of 97814.",
    ]


def test_current_in_the_first_set_makes_it_the_electric_code() -> None:
    assert [one.code for one in set_reasons([ELECTRIC, FRESH])] == ["97813", "97811"]


def test_a_retained_set_says_that_no_needles_were_inserted() -> None:
    assert told(FRESH, NeedleSet(20, False))[1] == (
        "20 min with needles retained: no needles were inserted anew, so no unit."
    )


def test_a_set_that_is_too_short_says_from_when_it_counts() -> None:
    assert told(NeedleSet(7, True)) == ["7 min of contact: a set counts from 8 minutes, so no unit."]


def test_a_set_that_the_whole_time_does_not_carry_says_what_would() -> None:
    short = NeedleSet(10, True)

    assert told(short, short)[1] == (
        "All sets together have 20 min of contact; 2 units need 23, so this set earns none."
    )


def test_a_long_set_says_why_it_earns_no_second_unit() -> None:
    assert told(NeedleSet(40, True))[0].endswith(
        "earns one unit of 97810; more minutes earn no more without new needles."
    )


@given(visits)
def test_the_reasons_earn_exactly_what_is_billed_one_for_each_set(sets: list[NeedleSet]) -> None:
    reasons = set_reasons(sets)

    assert len(reasons) == len(sets)
    assert list(Counter(one.code for one in reasons if one.code).items()) == coded_sets(sets).lines
    assert all(one.why for one in reasons)
