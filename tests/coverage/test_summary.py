"""A policy at a glance."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.coverage.models import Relationship
from billing.coverage.summary import Cover, PolicySummary, policy_summary
from billing.payers.models import PayerKind
from tests.factories import a_benefit, a_patient, a_payer, a_policy, an_authorisation

TODAY = date(2026, 3, 3)
NOT_ASKED = object()


def summary(
    benefit: Any = None,
    visits: Any = (),
    booked: Any = (),
    authorisations: Any = (),
    kind: PayerKind = PayerKind.COMMERCIAL,
    **policy: Any,
) -> PolicySummary:
    patient, payer = a_patient(id=1), a_payer(id=2, name="Aspen Health", kind=kind)
    known = None if benefit is NOT_ASKED else a_benefit(patient, payer, **(benefit or {}))
    given = [an_authorisation(patient, payer, **each) for each in authorisations]
    return policy_summary(
        a_policy(patient, payer, id=3, **policy), payer, known, given, visits=visits, booked=booked, on=TODAY
    )


@pytest.mark.parametrize(
    ("benefit", "policy", "cover"),
    [
        ({}, {}, Cover.COVERED),
        ({"verified_on": date(2026, 1, 1)}, {}, Cover.STALE),
        ({"verified_on": None}, {}, Cover.STALE),
        (NOT_ASKED, {}, Cover.UNKNOWN),
        ({"covered": False}, {}, Cover.NOT_COVERED),
        ({}, {"effective_to": date(2026, 3, 2)}, Cover.INACTIVE),
        ({}, {"effective_from": date(2026, 3, 4)}, Cover.INACTIVE),
        ({}, {"effective_to": TODAY}, Cover.COVERED),
    ],
)
def test_what_is_known_of_a_policy_has_one_word(benefit: Any, policy: dict[str, Any], cover: Cover) -> None:
    assert summary(benefit, **policy).cover is cover


def test_the_unknown_is_neither_covered_nor_not_covered() -> None:
    one = summary(NOT_ASKED)

    assert one.cover_words == "Aspen Health: coverage unknown"
    assert one.verified_words == "Nobody has asked the payer yet."
    assert one.visits is None


def test_who_said_it_how_and_when_is_told() -> None:
    one = summary({"source": "phone", "representative": "Dana", "verified_on": date(2026, 3, 2)})

    assert one.verified_words == "Verified yesterday by phone with Dana, reference CALL-1."


@pytest.mark.parametrize(("facts", "words"), [(["copay"], "1 fact"), (["copay", "covered"], "2 facts")])
def test_what_was_set_by_hand_is_not_told_as_the_payers(facts: list[str], words: str) -> None:
    one = summary({"source": "271", "verified_on": TODAY, "set_by_hand": facts})

    assert one.verified_words == f"Verified today by electronic answer, with {words} set by hand, reference CALL-1."


def test_what_the_payer_said_both_ways_is_not_told_as_covered() -> None:
    other = {"covered": False, "verified_on": "2026-03-02", "source": "271", "reference": "R-1", "representative": None}
    one = summary({"source": "phone", "verified_on": date(2026, 3, 2), "contradicted_by": other})

    assert one.cover is Cover.CONTRADICTORY
    assert one.cover_reason == (
        "Covered, on 2 Mar 2026 by phone, reference CALL-1, which is what counts. But not covered, on 2 Mar 2026 by "
        "electronic answer, reference R-1. Ask the payer again before the visit."
    )


def test_the_visits_left_are_reckoned_in_words() -> None:
    days = [date(2025, 12, 30), date(2026, 1, 5), date(2026, 1, 5), date(2026, 2, 1)]

    left = summary({"visits_allowed": 12, "visits_used_elsewhere": 3}, days, [date(2026, 3, 10)]).visits

    assert left is not None
    assert (left.left, left.here, left.elsewhere, left.booked) == (7, 2, 3, 1)
    assert left.arithmetic == (
        "12 allowed \u2212 2 here \u2212 3 elsewhere = 7 left, from 1 Jan 2026 to 31 Dec 2026. 1 of them booked."
    )


def test_visits_elsewhere_count_in_the_year_they_were_asked_about() -> None:
    left = summary({"visits_allowed": 12, "visits_used_elsewhere": 3, "verified_on": date(2025, 12, 1)}).visits

    assert left is not None
    assert (left.left, left.elsewhere) == (12, 0)


def test_more_visits_than_allowed_leave_none_rather_than_less() -> None:
    left = summary({"visits_allowed": 1}, [date(2026, 1, 5), date(2026, 1, 6)]).visits

    assert left is not None
    assert left.left == 0


def test_a_visit_uses_the_authorisation_that_ends_first() -> None:
    one = summary(
        {"authorisation_required": True},
        visits=[date(2026, 2, 1), date(2026, 2, 8), date(2026, 2, 15)],
        authorisations=[
            {"number": "LATE", "visits": 5, "valid_to": date(2026, 12, 31)},
            {"number": "SOON", "visits": 2, "valid_to": date(2026, 3, 31)},
        ],
    )

    assert [(each.authorisation.number, each.used, each.left) for each in one.authorisations] == [
        ("LATE", 1, 4),
        ("SOON", 2, 0),
    ]
    assert one.authorisation is not None
    assert one.authorisation.authorisation.number == "LATE"


def test_the_veterans_always_want_an_authorisation() -> None:
    one = summary(kind=PayerKind.VA)

    assert (one.needs_authorisation, one.authorisation) == (True, None)


def test_an_authorisation_that_is_over_is_shown_and_not_used() -> None:
    one = summary(authorisations=[{"valid_to": date(2026, 3, 2)}])

    assert [(each.in_force, each.words) for each in one.authorisations] == [
        (False, "0 of 12 visits used, from 1 Jan 2026 to 2 Mar 2026"),
    ]
    assert one.authorisation is None


def test_whose_policy_it_is_is_told() -> None:
    assert summary().holder == "the patient's own"
    spouse = {"subscriber_first_name": "Yasmin", "subscriber_last_name": "Okoro"}
    assert summary(relationship=Relationship.SPOUSE, **spouse).holder == "through the spouse, Yasmin Okoro"
    assert summary(relationship=Relationship.CHILD).holder == "through a parent"
