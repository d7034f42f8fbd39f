"""The estimate as it is printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing.estimates.good_faith.wording import notes, title
from billing.estimates.models import EstimateKind
from billing.money import Money
from billing.pdf.good_faith_estimate import (
    DIAGNOSES,
    RECEIVED,
    SIGNER,
    Estimate,
    ExpectedItem,
    Provider,
    render_estimate,
)
from billing.pdf.parts import Region
from tests.pdf.papers_on_stage import CLINIC, ZOE, page_texts, text_of, usd

BEN = Provider("Ben Alvarez, L.Ac.", "1234567893", "84-1234567", "Jade River Acupuncture", CLINIC.address)
NEW = ExpectedItem(BEN, "New patient visit, level 3", "99203", usd(172_00), 1, 1, ("M54.50", "G43.909"))
NEEDLES = ExpectedItem(BEN, "Acupuncture, first 15 min", "97810", usd(92_00), 10, 1, ("M54.50", "G43.909"))
FURTHER = ExpectedItem(BEN, "Acupuncture, further 15 min", "97811", usd(136_00), 10, 2, ("M54.50", "G43.909"))
END = date(2027, 2, 2)


def make_estimate(**changes: Any) -> Estimate:
    made = Estimate(
        title=title(EstimateKind.GOOD_FAITH), number="GFE-000012", issued_on=date(2026, 11, 21), letterhead=CLINIC,
        patient=ZOE, birth_date=date(1984, 2, 9), service="Acupuncture", from_on=date(2026, 12, 1), to_on=END,
        visits=10,
        items=(NEW, NEEDLES, FURTHER), schedule="The first of 10 visits is expected on 12/01/2026.",
        separately=("X-ray",),
        notes=notes(EstimateKind.GOOD_FAITH, to_on=END, visits=10, currency="USD", region=CLINIC.region),
    )  # fmt: skip
    return replace(made, **changes)


def test_6_3_a_course_of_ten_visits_has_everything_on_one_page_with_room_to_sign() -> None:
    (text,) = page_texts(render_estimate(make_estimate()))

    for fact in (
        "Good faith estimate", "GFE-000012", "Zoë Nuñez-Łukasz", "02/09/1984", "NPI 1234567893 · TIN 84-1234567",
        "Boulder, CO 80302", "Acupuncture", "97810", "$1,360.00", "$2,452.00", "X-ray", "12/01/2026 to 02/02/2027",
        "right to dispute", "120 calendar days", "not a contract", f"{DIAGNOSES} M54.50, G43.909", RECEIVED, SIGNER,
    ):  # fmt: skip
        assert fact in text, fact
    assert text.count("M54.50") == 1


def test_6_3_diagnoses_that_differ_stand_with_each_service() -> None:
    text = text_of(render_estimate(make_estimate(items=(NEW, replace(NEEDLES, diagnoses=("M54.50",))))))

    assert DIAGNOSES not in text
    assert (text.count("M54.50"), text.count("G43.909")) == (2, 1)


def test_6_3_services_are_grouped_by_the_provider_who_is_named_with_numbers_and_address() -> None:
    other = replace(BEN, name="Maximiliana Oduya-Featherstonehaugh-Villaseñor, D.Ac., L.Ac.", npi="1992837465")
    items = (NEEDLES, replace(NEW, provider=other), FURTHER)

    text = text_of(render_estimate(make_estimate(items=items)))

    table = text[text.index("What is expected") :]
    assert table.index("97810") < table.index("97811") < table.index("Maximiliana") < table.index("99203")
    assert "NPI 1992837465" in text


@pytest.mark.parametrize("visits", [1, 10])
def test_6_3_elsewhere_it_speaks_of_no_american_law(visits: int) -> None:
    here = replace(CLINIC, region=Region.UK, tax_id="")
    ben = replace(BEN, npi="", tax_id="")
    item = replace(NEEDLES, provider=ben, each=Money(65_00, "GBP"), visits=visits, code="", diagnoses=())
    told = notes(EstimateKind.PLAIN, to_on=END, visits=visits, currency="GBP", region=Region.UK)
    plain = make_estimate(
        title=title(EstimateKind.PLAIN), number="EST-000001", letterhead=here, items=(item,), currency="GBP",
        notes=told,
        separately=(), visits=visits,
    )  # fmt: skip

    (text,) = page_texts(render_estimate(plain))

    assert f"£{65 * visits}.00" in text
    assert all(word not in text for word in ("$", "dispute", "Good faith", "TIN", "Diagnosis", "Code"))


def test_it_prints_the_same_to_the_byte_each_time() -> None:
    assert render_estimate(make_estimate()) == render_estimate(make_estimate())
