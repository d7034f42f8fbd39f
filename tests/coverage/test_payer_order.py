"""In which order policies pay."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.coverage.models import Policy, Relationship
from billing.coverage.payer_order import order_problems
from billing.payers.models import PayerKind
from tests.factories import a_patient, a_payer, a_policy

ON = date(2026, 3, 3)
CHILD = date(2015, 6, 1)
OLD = date(1950, 6, 1)
PATIENT = a_patient(id=1)


def said(*cards: dict[str, Any], born: date = OLD, is_injury: bool = False) -> list[str]:
    """What is said of policies that pay in this order; each card names its payer's kind."""
    payers, policies = {}, list[Policy]()
    for number, card in enumerate(cards, start=1):
        details = dict(card)
        payers[number] = a_payer(id=number, name=f"Plan {number}", kind=details.pop("kind", PayerKind.COMMERCIAL))
        policies.append(a_policy(PATIENT, payers[number], id=10 + number, rank=number, **details))
    return [one.why for one in order_problems(policies, payers, born, ON, is_injury=is_injury)]


def parent(born: date | None, **changes: Any) -> dict[str, Any]:
    return {"relationship": Relationship.CHILD, "subscriber_birth_date": born, **changes}


def test_7_4_of_two_parents_the_earlier_birthday_in_the_year_pays_first() -> None:
    # The younger parent has the earlier birthday.
    march, september = parent(date(1990, 3, 5)), parent(date(1980, 9, 1))

    assert said(march, september, born=CHILD) == []
    assert "birthday of that plan's parent comes earlier" in said(september, march, born=CHILD)[0]


def test_7_4_of_one_birthday_the_plan_that_has_covered_longer_pays_first() -> None:
    longer, shorter = (parent(date(1980, 3, 5), effective_from=date(year, 1, 1)) for year in (2019, 2024))

    assert said(longer, shorter, born=CHILD) == []
    assert "covered longer" in said(shorter, longer, born=CHILD)[0]


def test_7_4_a_birthday_that_is_not_on_file_is_asked_for() -> None:
    assert "one is not on file" in said(parent(None), parent(date(1980, 3, 5)), born=CHILD)[0]


def test_7_4_ones_own_plan_pays_before_a_spouses() -> None:
    own, spouse = {"relationship": Relationship.SELF}, {"relationship": Relationship.SPOUSE}

    assert said(own, spouse) == []
    assert "one's own pays first" in said(spouse, own)[0]


@pytest.mark.parametrize(("born", "employees"), [(OLD, "20 employees"), (date(1980, 1, 1), "100 employees")])
def test_7_4_medicare_before_an_employers_plan_is_questioned(born: date, employees: str) -> None:
    medicare, group = {"kind": PayerKind.MEDICARE}, {"employer": "Mill & Co"}

    [why] = said(medicare, group, born=born)

    assert employees in why
    assert said(group, medicare, born=born) == []


def test_7_4_a_plan_before_medicare_needs_an_employer() -> None:
    assert "no employer is noted" in said({"employer": None}, {"kind": PayerKind.MEDICARE})[0]
    assert said({"kind": PayerKind.MEDICARE}, {"employer": None}) == []


def test_7_4_medicaid_pays_last() -> None:
    medicaid = {"kind": PayerKind.MEDICAID}

    assert "Medicaid pays last" in said(medicaid, {})[0]
    assert said({}, medicaid) == []


@pytest.mark.parametrize("kind", [PayerKind.WORKERS_COMP, PayerKind.AUTO])
def test_7_4_an_injurys_insurer_pays_first_for_the_injury_only(kind: PayerKind) -> None:
    injury = {"kind": kind}

    assert said(injury, {}, is_injury=True) == []
    assert "no injury of work or traffic is noted" in said(injury, {})[0]
