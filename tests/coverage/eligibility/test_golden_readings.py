"""Answers whose reading was worked out by hand, segment by segment, from what the guide says of each element."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from billing.coverage.eligibility.reading.facts import Circumstances, FactKind, NoteKind, Reading
from billing.coverage.eligibility.reading.reading import reading_of
from billing.edi.eligibility_271.reader import read_271
from billing.edi.findings import Finding
from billing.errors import Severity

GOLDEN = Path(__file__).parents[2] / "golden"
F = FactKind
ON = date(2026, 4, 2)


def read(name: str, *, in_network: bool | None = True) -> Reading:
    findings: list[Finding] = []
    (answer,) = read_271((GOLDEN / f"{name}.271").read_bytes(), findings)
    assert [one for one in findings if one.severity is not Severity.INFO] == []
    return reading_of(answer, Circumstances(ON, in_network))


def known(found: Reading) -> dict[str, tuple[object, tuple[int, ...]]]:
    """All that is known, each with its rows."""
    return {fact.kind.value: (fact.value, fact.rows) for fact in found.facts if fact.is_known}


def test_a_dependent_with_family_amounts_and_a_limit_in_words() -> None:
    found = read("a_dependent_with_family_amounts_and_a_limit_in_words")

    assert known(found) == {
        "active": (True, (1,)),  # EB*1**30
        "covered": (True, (6,)),  # EB*1**64
        "coinsurance": (2000, (7,)),  # EB*A**64*****.2: a part of one
        "deductible": (100000, (2,)),  # EB*C*IND*30***23*1000
        "deductible_left": (75000, (2, 3)),  # less EB*C*IND*30***24*250, the year so far
        "family_deductible_left": (120000, (4,)),  # EB*C*FAM*30***29
        "family_pocket_left": (480000, (5,)),  # EB*G*FAM*30***29
        "period": ("calendar_year", (2,)),  # of the amounts, as the limit names none
        "plan": ("OPEN ACCESS", (1,)),
        "starts_on": ("2026-01-01", ()),  # DTP*346
    }
    # EB*F**64 with MSG only: shown, never read for a number.
    assert [(note.kind, note.row) for note in found.notes] == [(NoteKind.LIMIT_IN_TEXT, 8)]


def test_rows_that_contradict_each_other_and_a_percentage_of_80() -> None:
    found = read("rows_that_contradict_each_other_and_a_percentage_of_80")

    assert known(found) == {
        "active": (True, (1,)),
        "covered": (True, (1,)),
        "copay": (4000, (3,)),  # 20 and 40, both in network and a visit: the more cautious one
        "coinsurance": (8000, (4,)),  # 80 can only be percent
        "visits_allowed": (12, (5,)),  # HSD*VS*12***23*1 below EB*F**64
        "visits_left": (12, (6,)),  # 15 of 12 cannot be left
        "period": ("calendar_year", (5,)),
        "plan": ("CHOICE PLUS", (1,)),
    }
    assert [fact.kind for fact in found.conflicts] == [F.COPAY, F.VISITS_LEFT]
    assert "taken as percent" in found.fact(F.COINSURANCE).remarks[0]


def test_a_plan_that_does_not_cover_acupuncture_and_another_that_pays_first() -> None:
    found = read("a_plan_that_does_not_cover_acupuncture_and_another_that_pays_first")

    assert known(found) == {
        "active": (True, (1,)),  # EB*1**30^98
        "covered": (False, (2,)),  # EB*I**64
        "plan": ("HMO BASIC", (1,)),
    }
    # EB*R with NM1*PRP in loop 2120: another payer, which pays first.
    (note,) = found.notes
    assert (note.kind, note.text) == (NoteKind.OTHER_PAYER, "MAPLE LIFE, pays first, number ML1, telephone 8005550199")


def test_an_inactive_plan_with_its_last_day() -> None:
    found = read("an_inactive_plan_with_its_last_day")

    assert known(found) == {
        "active": (False, (1,)),  # EB*6**30
        "plan": ("PPO SILVER", (1,)),
        "starts_on": ("2025-01-01", ()),  # DTP*346
        "ends_on": ("2025-12-31", ()),  # DTP*347
    }
    assert found.value(F.COVERED) is None


@pytest.mark.parametrize(("in_network", "copay", "share", "left"), [(True, 2500, None, 0), (False, None, 4000, 200000)])
def test_amounts_for_both_networks_with_authorisation_and_money_limit(
    in_network: bool, copay: int | None, share: int | None, left: int
) -> None:
    found = read("amounts_for_both_networks_with_authorisation_and_money_limit", in_network=in_network)

    assert (found.value(F.COPAY), found.value(F.COINSURANCE)) == (copay, share)
    # In network EB*C*IND*64***29*0 names acupuncture and comes before 600 for the plan.
    assert found.value(F.DEDUCTIBLE_LEFT) == left
    # EB12 W: in either network.
    assert (found.value(F.DOLLARS_ALLOWED), found.value(F.DOLLARS_LEFT)) == (150000, 42550)
    # EB11 Y stands on the row for the network only.
    assert found.value(F.AUTHORISATION) is (True if in_network else None)


def test_a_subscriber_with_acupuncture_cover() -> None:
    found = read("a_subscriber_with_acupuncture_cover")

    values = {kind: value for kind, (value, _) in known(found).items()}
    assert values == {
        "active": True, "covered": True, "copay": 2500, "deductible": 150000, "deductible_left": 40000,
        "visits_allowed": 20, "visits_left": 7, "period": "calendar_year", "authorisation": True, "plan": "PPO GOLD",
        "group": "G-4411", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
    }  # fmt: skip
