"""What has to be in force besides when a licence is renewed, such as a CPR card in New Jersey."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.practitioners.conditions import Condition, conditions, lacking
from billing.practitioners.lapsing import held
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from billing.practitioners.renewal_data import renewals
from tests.factories import a_credential, a_practitioner

IDA = a_practitioner(id=1)
TODAY, ENDS = date(2027, 3, 1), date(2027, 6, 30)
JERSEY = renewals().for_credential("licence", "NJ", "US")
LICENCE = a_credential(IDA, id=3, issuer="NJ", valid_from=date(2025, 7, 1), valid_to=ENDS)


def card(**changes: Any) -> Credential:
    given = {"id": 4, "kind": CredentialKind.CPR, "issuer": "Red Cross", "valid_from": date(2026, 1, 1), **changes}
    return a_credential(IDA, **given)


def asked(*cards: Credential, today: date = TODAY) -> Condition:
    (found,) = conditions(held([LICENCE])[0], JERSEY[0], [LICENCE, *cards], today)
    return found


def test_new_jersey_asks_for_cpr_first_aid_and_aed_and_that_is_to_be_checked() -> None:
    assert (asked().what, JERSEY[0].is_verified) == ("CPR, first aid and AED", False)


def test_a_card_in_force_on_the_day_of_the_renewal_is_enough() -> None:
    found = asked(card(valid_to=ENDS))

    assert (found.is_met, found.until, found.on) == (True, ENDS, ENDS)


@pytest.mark.parametrize(
    ("changes", "until"),
    [
        ({"valid_to": date(2027, 6, 29)}, date(2027, 6, 29)),
        ({"valid_to": date(2027, 2, 28)}, None),
        ({"valid_to": None}, None),
        ({"valid_to": ENDS, "status": CredentialStatus.REVOKED}, None),
        ({"valid_to": ENDS, "kind": CredentialKind.TRAINING}, None),
        ({"valid_to": ENDS, "practitioner_id": 2}, None),
    ],
)
def test_a_card_that_ends_before_is_over_or_is_somebody_elses_is_missing(
    changes: dict[str, Any], until: date | None
) -> None:
    found = asked(card(**changes))

    assert (found.is_met, found.until) == (False, until)
    assert found.words.startswith("CPR, first aid and AED: ")


def test_the_later_of_two_cards_counts() -> None:
    assert asked(card(valid_to=date(2027, 4, 1)), card(valid_from=date(2027, 4, 2), valid_to=ENDS)).is_met


def test_once_the_term_is_over_it_has_to_be_in_force_today() -> None:
    late = date(2027, 8, 1)

    assert not asked(card(valid_to=ENDS), today=late).is_met
    assert asked(card(valid_to=late), today=late).is_met


def test_where_no_rule_asks_for_anything_nothing_is_missing() -> None:
    assert lacking(held([LICENCE])[0], [], [LICENCE], TODAY) == []
    assert lacking(held([LICENCE])[0], renewals().for_credential("licence", "OR", "US"), [LICENCE], TODAY) == []
    assert len(lacking(held([LICENCE])[0], JERSEY, [LICENCE], TODAY)) == 1
