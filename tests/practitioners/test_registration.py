"""Whether somebody may treat in the United Kingdom: told, and never in the way of a signature."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from billing.clinic.places import Workplace
from billing.errors import Severity
from billing.practitioners.licensing import Clinician, may_render, practice_problems
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from billing.practitioners.registration import WALES_SINCE
from tests.factories import DAY, a_credential, a_practitioner

BEN = a_practitioner(id=1)
DUDLEY, CARDIFF = Workplace("West Midlands", "GB"), Workplace("Cardiff, Wales", "GB")


def held(kind: CredentialKind, **changes: Any) -> Credential:
    return a_credential(BEN, **{"kind": kind, "issuer": "A council", **changes})


def rules(
    *credentials: Credential, place: Workplace = DUDLEY, on: date = DAY, premises: Sequence[Credential] = ()
) -> list[str]:
    found = practice_problems(Clinician(BEN, credentials, premises=premises), place, on)
    assert all(one.severity is Severity.WARN for one in found)
    return [one.rule for one in found]


def test_4_4_no_state_licence_is_asked_for() -> None:
    assert rules() == []


def test_4_4_a_registration_or_membership_that_is_over_is_told() -> None:
    over = {"valid_to": date(2026, 3, 2)}

    assert rules(held(CredentialKind.REGISTRATION, **over), held(CredentialKind.MEMBERSHIP, **over)) == [
        "registration.lapsed", "membership.lapsed",
    ]  # fmt: skip
    assert rules(held(CredentialKind.MEMBERSHIP), held(CredentialKind.MEMBERSHIP, **over)) == []


def test_what_is_suspended_or_without_a_last_day_is_told_too() -> None:
    assert rules(held(CredentialKind.REGISTRATION, status=CredentialStatus.SUSPENDED)) == ["registration.lapsed"]
    assert rules(held(CredentialKind.REGISTRATION, valid_to=None)) == ["registration.lapsed"]


def test_4_4_the_premises_certificate_of_another_place_does_not_count() -> None:
    here = held(CredentialKind.PREMISES, practitioner_id=None, place_id=None)
    lapsed_here = held(CredentialKind.PREMISES, practitioner_id=None, place_id=None, valid_to=date(2026, 1, 1))
    elsewhere = held(CredentialKind.PREMISES, practitioner_id=None, place_id=3)

    assert rules(premises=[here]) == []
    assert rules(premises=[lapsed_here, elsewhere]) == ["premises.lapsed"]


def test_4_4_in_wales_both_the_person_and_the_premises_need_a_paper_since_29_november_2024() -> None:
    missing = ["registration.missing", "premises.missing"]

    assert rules(place=CARDIFF) == missing
    assert date(2024, 11, 29) == WALES_SINCE
    assert rules(place=CARDIFF, on=date(2024, 11, 28)) == []
    licensed, approved = held(CredentialKind.REGISTRATION), held(CredentialKind.PREMISES, practitioner_id=None)
    assert rules(licensed, premises=[approved], place=CARDIFF) == []


def test_all_of_it_is_part_of_whether_somebody_may_render() -> None:
    found = may_render(Clinician(BEN), CARDIFF, None, DAY)

    assert [one.rule for one in found] == ["registration.missing", "premises.missing", "malpractice.missing"]
