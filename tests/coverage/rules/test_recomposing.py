"""A pack that is there already is changed in the short form, and what the form does not know stays letter by letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from billing.coverage.rules.composing import PlanRules, composed
from billing.coverage.rules.pack import Pack
from billing.coverage.rules.reading import read_pack
from billing.coverage.rules.recomposing import Opened, opened, recomposed
from billing.coverage.rules.shelf import shipped_texts
from billing.coverage.rules.windows import Window
from billing.errors import Refused

PLAN = PlanRules(
    "Aspen Gold", "Booklet of 2026", date(2026, 1, 1), date(2026, 2, 1), "commercial", 20, Window.PLAN_YEAR,
    ("M54.5", "G43"), 3, 4, True, True, True, True, date(2026, 12, 31), date(2026, 9, 1),
)  # fmt: skip
OWN_RULE = """
# What the booklet says on page 12.
[[edition.rule]]
kind = "note"
title = "Telehealth"
why = "Not by telephone."   # their words
"""


def form_of(text: str) -> Opened:
    found = opened(text)
    assert found is not None
    return found


def pack_in(text: str) -> Pack:
    pack, problems = read_pack(text)
    assert problems == []
    assert pack is not None
    return pack


def test_the_form_shows_what_it_wrote() -> None:
    found = form_of(composed(PLAN))

    assert (found.plan, found.kept) == (replace(PLAN, payer_kind=""), ())


@pytest.mark.parametrize("key", sorted(shipped_texts()))
def test_a_pack_saved_unchanged_says_what_it_said(key: str) -> None:
    text = shipped_texts()[key]
    found = form_of(text)

    again = pack_in(recomposed(found, found.plan, is_new_edition=False))

    before = pack_in(text)
    assert again.editions[:-1] == before.editions[:-1]
    assert replace(again.latest, rules=()) == replace(before.latest, rules=())
    assert sorted(map(repr, again.latest.rules)) == sorted(map(repr, before.latest.rules))
    assert (again.key, again.name, again.payer_kinds, again.states) == (
        before.key, before.name, before.payer_kinds, before.states,
    )  # fmt: skip


def test_what_the_form_does_not_know_stays_letter_by_letter() -> None:
    found = form_of(composed(PLAN) + OWN_RULE)

    text = recomposed(found, replace(found.plan, visits=24, needs_authorisation=False), is_new_edition=False)

    assert found.kept == ("Telehealth",)
    assert 'why = "Not by telephone."   # their words' in text
    changed = pack_in(text).latest
    assert [rule.visits for rule in changed.rules if rule.kind == "visits"] == [24]
    assert not any(rule.kind == "authorisation" for rule in changed.rules)
    assert changed.rules[-1].title == "Telehealth"


def test_a_rule_that_was_given_words_of_its_own_is_not_the_forms() -> None:
    text = composed(PLAN).replace('title = "Units a visit"', 'title = "Three units"')

    found = form_of(text)

    assert (found.kept, found.plan.units) == (("Three units",), None)


def test_a_new_edition_leaves_the_one_before_in_force_until_the_day_before() -> None:
    found = form_of(composed(PLAN) + OWN_RULE)
    later = replace(found.plan, valid_from=date(2027, 1, 1), valid_to=None, visits=12, source="Booklet of 2027")

    first, second = pack_in(recomposed(found, later, is_new_edition=True)).editions

    before = pack_in(composed(PLAN) + OWN_RULE).latest
    assert first == before
    assert (second.valid_from, second.valid_to, second.source) == (date(2027, 1, 1), None, "Booklet of 2027")
    assert [rule.visits for rule in second.rules if rule.kind == "visits"] == [12]
    assert second.rules[-1].title == "Telehealth"


def test_a_new_edition_begins_after_the_one_before() -> None:
    found = form_of(composed(PLAN))

    with pytest.raises(Refused) as caught:
        recomposed(found, found.plan, is_new_edition=True)

    assert [one.where for one in caught.value.problems] == ["field:valid_from"]


@pytest.mark.parametrize(
    "text",
    [
        "key = ",
        composed(PLAN).replace("[[edition.rule]]", "[[edition . 'rule']]"),
        composed(PLAN) + '[[edition.rule]]\nkind = "note"\nwhy = """\n[[edition]]\n"""\n',
    ],
)
def test_a_text_that_the_form_would_not_leave_whole_is_not_opened_in_it(text: str) -> None:
    assert opened(text) is None
