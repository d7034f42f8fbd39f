"""A file of renewal rules with anything wrong in it is refused, with its line and the reason."""

from __future__ import annotations

import pytest

from billing.errors import Refused
from billing.practitioners.renewal_data import FILE, read_renewals

GOOD = """\
[categories]
general = "General"

[[rule]]
id = "one"
name = "One"
kinds = ["licence"]
ends = "anniversary"
period_months = 24
source = "A board"
checked_on = 2026-11-20
is_verified = true
"""


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        read_renewals(text, "r.toml")
    return [(one.where, one.why) for one in refused.value.problems]


def test_a_good_file_is_read() -> None:
    found = read_renewals(GOOD, "r.toml")

    assert [one.id for one in found.rules] == ["one"]
    assert found.categories == {"general": "General"}


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ('source = "A board"', 'sauce = "A board"', "r.toml:10", "no sauce"),
        ('source = "A board"\n', "", "r.toml:4", "no source"),
        ('"licence"', '"licentia"', "r.toml:7", "no kind licentia"),
        ('"anniversary"', '"someday"', "r.toml:8", "someday is no way"),
        ('"anniversary"', '"fixed_date"', "r.toml:8", "needs month"),
        ("period_months = 24", "period_months = 0", "r.toml:9", "more than nothing"),
        ("period_months = 24", 'period_months = "24"', "r.toml:9", "right type"),
        ("period_months = 24", "period_months = true", "r.toml:9", "right type"),
        ("period_months = 24", "period_months = 24\nmonth = 2", "r.toml:10", "has no month"),
        ("is_verified = true", "is_verified = 1", "r.toml:12", "right type"),
        ("[categories]", "version = 3\n[categories]", "r.toml:1", "no version"),
        ("is_verified = true", "is_verified = true\n[rule.education]\nhours = 5\ncourses = ['x']", "r.toml:15", "x"),
        ("is_verified = true", "is_verified = true\n[rule.education]\nunit = 'hours'", "r.toml:13", "needs its hours"),
        (
            "is_verified = true",
            "is_verified = true\n[rule.education]\nhours = 5\ncategories = [{ name = 'general', mist = 1 }]",
            "r.toml:15",
            "least, most or counts_as",
        ),
        (
            "is_verified = true",
            "is_verified = true\n[rule.education]\nhours = 5\nfirst_term = [{ months = 3, hours = 5 }]",
            "r.toml:15",
            "months, at least and at most",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_line(old: str, new: str, where: str, said: str) -> None:
    assert old in GOOD

    found = faults(GOOD.replace(old, new))

    assert [line for line, why in found if said in why] == [where], found


def test_a_day_that_no_month_has_is_refused() -> None:
    text = GOOD.replace('ends = "anniversary"', 'ends = "fixed_date"\nmonth = 2\nday = 30')

    assert [line for line, why in faults(text) if "no day 30" in why] == ["r.toml:10"]


def test_all_faults_of_all_rules_are_told_at_once() -> None:
    second = GOOD.partition("\n\n")[2].replace('id = "one"', 'id = "one"\nbogus = 1').replace("24", "-1")

    found = faults(f"{GOOD}\n{second}")

    assert [line for line, _ in found] == ["r.toml:16", "r.toml:20", "r.toml:14"]


def test_what_is_no_toml_is_refused_with_its_line() -> None:
    [(where, why)] = faults("[categories]\ngeneral = \n")

    assert where == "r.toml:2"
    assert "not TOML" in why


def test_the_rules_that_come_with_the_program_have_no_fault() -> None:
    assert len(read_renewals(FILE.read_text(encoding="utf-8"), FILE.name).rules) > 20
