"""A rule pack is read strictly: whatever is wrong is told with its line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.coverage.rules.pack import RuleKind
from billing.coverage.rules.reading import RULE_FIELDS, read_pack
from billing.coverage.rules.shelf import shipped, shipped_texts
from billing.errors import Severity

GOOD = """key = "our-plan"
name = "Our plan"
payer_kinds = ["commercial"]

[[edition]]
valid_from = 2026-01-01
checked_on = 2026-01-05
review_by = 2026-12-31
source = "the plan's booklet of 2026"

[[edition.rule]]
kind = "visits"
window = "calendar_year"
visits = 12
severity = "BLOCK"
why = "Visit {number} of {limit}."
"""


def told(text: str) -> list[str]:
    pack, problems = read_pack(text)
    assert pack is None
    assert all(one.where == f"line:{one.why.split()[1].rstrip(':')}" for one in problems)
    return [one.why for one in problems]


def test_a_good_pack_is_read() -> None:
    pack, problems = read_pack(GOOD)

    assert problems == []
    assert pack is not None
    [rule] = pack.latest.rules
    assert (pack.key, pack.latest.valid_from, rule.visits, rule.severity) == (
        "our-plan", date(2026, 1, 1), 12, Severity.BLOCK,
    )  # fmt: skip
    assert (rule.id, rule.source, rule.is_verified) == ("coverage.visit_limit", "the plan's booklet of 2026", False)


@pytest.mark.parametrize(
    ("before", "after"), [("visits = 12", "visits = [12"), ("visits = 12", f"visits = {'[' * 3000}")]
)
def test_what_is_no_toml_is_told_in_words_without_the_name_of_an_exception(before: str, after: str) -> None:
    _, problems = read_pack(GOOD.replace(before, after))

    assert len(problems) == 1
    assert "not TOML: " in problems[0].why
    assert "Error" not in problems[0].why


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("visits = 12", "visit = 12", 14, "'visit' is no key"),
        ("visits = 12", 'visits = "12"', 14, "not a whole number"),
        ("visits = 12", "visits = true", 14, "not a whole number"),
        ("visits = 12", "visits = 0", 14, "from 1 to"),
        ("visits = 12", "visits = [12", 15, "not TOML"),
        ('kind = "visits"', 'kind = "visit"', 12, "no kind"),
        ('window = "calendar_year"', 'window = "year"', 13, "no window"),
        ('severity = "BLOCK"', 'severity = "stop"', 15, "no severity"),
        ("{limit}", "{limits}", 16, "nothing fills in"),
        ("{limit}", "{limit.real}", 16, "nothing fills in"),
        ("{limit}", "{limit:>9}", 16, "nothing fills in"),
        ("{limit}", "{limit", 16, "brace"),
        ("valid_from = 2026-01-01", 'valid_from = "2026-01-01"', 6, "not a day"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01T00:00:00", 6, "not a day"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01\nvalid_to = 2025-12-31", 7, "before it begins"),
        ('source = "the plan\'s booklet of 2026"', "", 5, "'source' is missing"),
        ('key = "our-plan"', 'key = "Our plan"', 1, "small letters"),
        ('payer_kinds = ["commercial"]', 'payer_kinds = ["dental"]', 3, "'dental'"),
        ('name = "Our plan"', 'name = " "', 2, "empty"),
        ('name = "Our plan"', 'name = "Our plan"\ncolour = "red"', 3, "no key"),
    ],
)
def test_a_slip_is_told_with_its_line(before: str, after: str, line: int, words: str) -> None:
    assert before in GOOD

    problems = told(GOOD.replace(before, after, 1))

    assert any(one.startswith(f"Line {line}:") and words in one for one in problems), problems


def test_every_slip_is_told_and_not_only_the_first() -> None:
    assert len(told(GOOD.replace("visits = 12", 'visits = "12"').replace('"BLOCK"', '"stop"'))) == 2


@pytest.mark.parametrize("until", ["", "valid_to = 2026-06-30"])
def test_editions_whose_days_overlap_are_refused(until: str) -> None:
    first = GOOD.replace("valid_from = 2026-01-01", f"valid_from = 2026-01-01\n{until}")
    edition = GOOD[GOOD.index("[[edition]]") :].replace("2026-01-01", "2026-06-30")

    [problem] = told(f"{first}\n{edition}")

    assert "begins on 2026-06-30, while another lasts from 2026-01-01" in problem


def test_two_rules_of_one_id_are_refused() -> None:
    [problem] = told(f"{GOOD}\n{GOOD[GOOD.index('[[edition.rule]]') :]}")

    assert "Another rule has the id coverage.visit_limit" in problem


@pytest.mark.parametrize("key", sorted(shipped_texts()))
def test_what_comes_with_meridian_names_a_source_and_a_day_of_review(key: str) -> None:
    pack = shipped()[key]

    for edition in pack.editions:
        assert edition.source
        assert edition.checked_on < edition.review_by
        assert edition.rules
        assert all(rule.source and rule.title for rule in edition.rules)


def test_2_the_packs_that_the_trade_needs_come_along() -> None:
    assert set(shipped()) >= {
        "medicare-ncd-30-3-3", "va-community-care", "california-workers-compensation", "florida-pip", "self-pay",
        "commercial-example-a", "commercial-example-b", "medi-cal",
    }  # fmt: skip
    assert [one.key for one in shipped().values() if one.is_example] == ["commercial-example-a", "commercial-example-b"]


def test_every_kind_of_rule_has_its_fields() -> None:
    assert set(RULE_FIELDS) == set(RuleKind)


@given(st.text())
def test_no_text_makes_the_reader_fail(text: str) -> None:
    pack, problems = read_pack(text)

    assert (pack is None) == bool(problems)


@given(st.data())
def test_no_wound_makes_the_reader_fail(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(sorted(shipped_texts().values())))
    lines = text.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(st.sampled_from(["", "x = 1", "[[edition.rule]]", "[[edition]]", lines[at][:-1], lines[0]]))

    pack, problems = read_pack("\n".join(lines))

    assert (pack is None) == bool(problems)
