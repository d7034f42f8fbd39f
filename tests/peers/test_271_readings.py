"""What the public 271 samples tell of acupuncture, worked out by hand from their segments.

None of them names service type 64, so whether acupuncture is covered is unknown in every one, though five of them say
that the plan is in force and what an office visit costs.
"""

from __future__ import annotations

from datetime import date

import pytest

from billing.coverage.eligibility.reading.facts import Circumstances, FactKind, Reading
from billing.coverage.eligibility.reading.reading import reading_of
from billing.edi.eligibility_271.reader import read_271
from tests.peers.samples import sample, samples

F = FactKind
IN_2006 = date(2006, 5, 1)
GENERIC = (
    "LinuxForHealth__demo.271",
    "LinuxForHealth__dependent-health-benefit-check.271",
    "kputnam__response-to-generic-request-by-clinic-for-patient-_subscriber_-eligibility.edi",
    "kputnam__response-to-generic-request-by-physician-for-patient-_dependent_-eligibility.edi",
)
"""The guide's own example: EB*1**30 names the plan; EB*1 with a list of services; two copays for office visits."""
REFUSED = (
    "LinuxForHealth__subscriber-health-benefit-check-error.271",
    "kputnam__error-response-from-payer-to-clinic-not-eligible-for-inquiries-with-payer.edi",
)
"""AAA*Y**50*N at the receiver's level: a valid question by somebody who may not ask."""


def read(name: str, *, in_network: bool | None) -> Reading:
    (answer,) = read_271(sample("271", name), [])
    return reading_of(answer, Circumstances(IN_2006, in_network))


@pytest.mark.parametrize("name", GENERIC)
def test_the_generic_answer_is_active_by_its_row_about_the_plan_and_silent_about_acupuncture(name: str) -> None:
    found = read(name, in_network=True)

    # EB*1**30**GOLD 123 PLAN is row 1; EB*1**1^33^35^47^86^88^98^AL^MH^UC, row 3, is about single services.
    assert (found.value(F.ACTIVE), found.fact(F.ACTIVE).rows) == (True, (1,))
    # No 64 anywhere.
    assert found.value(F.COVERED) is None
    # DTP*346*D8*20060101: the plan begins, and nothing says that it ends.
    assert (found.value(F.STARTS_ON), found.value(F.ENDS_ON)) == ("2006-01-01", None)
    assert found.value(F.PLAN) == "GOLD 123 PLAN"
    for unknown in (F.COINSURANCE, F.DEDUCTIBLE_LEFT, F.OUT_OF_POCKET_LEFT, F.VISITS_ALLOWED, F.AUTHORISATION):
        assert found.value(unknown) is None


@pytest.mark.parametrize("name", GENERIC)
@pytest.mark.parametrize(("in_network", "copay", "row"), [(True, 1000, 4), (False, 3000, 5), (None, None, None)])
def test_the_copay_is_that_of_an_office_visit_in_the_network_of_who_treats(
    name: str, in_network: bool | None, copay: int | None, row: int | None
) -> None:
    # EB*B**..98..*HM*GOLD 123 PLAN*27*10*****Y is row 4, and ...*30*****N row 5.
    fact = read(name, in_network=in_network).fact(F.COPAY)

    assert fact.value == copay
    assert fact.rows == ((row,) if row else ())
    assert bool(fact.conflict) is (in_network is None)


def test_an_answer_with_the_plan_alone_is_active_and_tells_nothing_else() -> None:
    # EB*1**30**GOLD 123 PLAN is its only row.
    found = read("imsweb__x271.txt", in_network=True)

    assert found.value(F.ACTIVE) is True
    assert {fact.kind for fact in found.facts if fact.is_known} == {F.ACTIVE, F.PLAN, F.STARTS_ON}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_question_is_a_rejection_and_says_nothing_of_the_plan(name: str) -> None:
    found = read(name, in_network=True)

    assert found.is_rejected
    (told,) = found.rejections
    assert (told.reason, told.follow_up, told.may_ask_again) == ("50", "N", False)
    assert "may not ask" in told.words
    assert not any(fact.is_known for fact in found.facts)


def test_the_golden_readings_are_those_of_every_sample() -> None:
    assert {path.name for path in samples("271")} == {*GENERIC, *REFUSED, "imsweb__x271.txt"}
