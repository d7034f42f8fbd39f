"""May this person render a service in this state, for this payer, on this day?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.errors import Severity, blocking
from billing.practitioners.licensing import (
    bills_medicare,
    enrolment_problems,
    licence_problems,
    may_render,
    npi_problems,
)
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from tests.factories import (
    DAY,
    LICENSED_ACUPUNCTURIST,
    a_credential,
    a_payer,
    a_practitioner,
    an_enrolment,
    an_npi,
)

BEN = a_practitioner(id=1)
PAYER = a_payer(id=7)


def licence(**changes: Any) -> Credential:
    return a_credential(BEN, **changes)


def cover(**changes: Any) -> Credential:
    return a_credential(BEN, **{"kind": CredentialKind.MALPRACTICE, "issuer": "Example Mutual", **changes})


def licence_rules(*credentials: Credential, on: date = DAY, state: str = "OR") -> list[str]:
    return [problem.rule for problem in blocking(licence_problems(BEN, credentials, state, on))]


def test_a_licence_in_force_is_no_problem() -> None:
    assert licence_rules(licence()) == []


def test_no_licence_at_all_is_missing() -> None:
    assert licence_rules() == ["licence.missing"]


def test_a_licence_of_another_state_does_not_count() -> None:
    assert licence_rules(licence(issuer="WA")) == ["licence.missing"]


def test_a_certificate_is_not_a_licence() -> None:
    assert licence_rules(licence(kind=CredentialKind.CERTIFICATION)) == ["licence.missing"]


def test_a_licence_that_begins_later_is_missing() -> None:
    assert licence_rules(licence(valid_from=date(2026, 3, 4))) == ["licence.missing"]


def test_the_state_is_recognised_however_it_is_written() -> None:
    assert licence_rules(licence(issuer=" or "), state="Or") == []


@pytest.mark.parametrize("on", [date(2025, 3, 1), date(2026, 2, 28)])
def test_the_first_and_the_last_day_of_a_licence_belong_to_it(on: date) -> None:
    assert licence_rules(licence(valid_from=date(2025, 3, 1), valid_to=date(2026, 2, 28)), on=on) == []


def test_the_day_after_the_last_is_lapsed() -> None:
    assert licence_rules(licence(valid_to=date(2026, 2, 28)), on=date(2026, 3, 1)) == ["licence.lapsed"]


def test_a_lapsed_licence_is_named_with_its_last_day() -> None:
    older = licence(number="AC-OLD", valid_from=date(2020, 1, 1), valid_to=date(2021, 12, 31))
    newer = licence(number="AC-NEW", valid_to=date(2026, 2, 28))

    [problem] = licence_problems(BEN, [newer, older], "OR", DAY)

    assert "AC-NEW" in problem.why
    assert "2026-02-28" in problem.why
    assert problem.where == "practitioner:1"


def test_a_day_in_the_gap_between_two_licences_is_lapsed() -> None:
    before, after = licence(valid_to=date(2026, 2, 28)), licence(valid_from=date(2026, 3, 10))

    assert licence_rules(before, after) == ["licence.lapsed"]


def test_a_renewal_entered_afterwards_clears_the_day() -> None:
    old = licence(valid_to=date(2026, 2, 28))
    assert licence_rules(old) == ["licence.lapsed"]

    assert licence_rules(old, licence(valid_from=date(2026, 3, 1))) == []


@pytest.mark.parametrize("status", [CredentialStatus.SUSPENDED, CredentialStatus.REVOKED])
def test_a_suspension_outweighs_another_licence_in_force(status: CredentialStatus) -> None:
    assert licence_rules(licence(), licence(status=status)) == ["licence.suspended"]


def test_a_suspension_that_is_over_does_not_outweigh() -> None:
    over = licence(status=CredentialStatus.SUSPENDED, valid_from=date(2026, 1, 1), valid_to=date(2026, 2, 28))

    assert licence_rules(licence(), over) == []


def test_a_suspension_in_another_state_is_that_states_matter() -> None:
    assert licence_rules(licence(), licence(issuer="WA", status=CredentialStatus.SUSPENDED)) == []


def test_an_enrolment_in_force_is_no_problem_in_or_out_of_network() -> None:
    for network in ("in", "out"):
        assert enrolment_problems(BEN, [an_enrolment(BEN, PAYER, network=network)], PAYER, DAY) == []


@pytest.mark.parametrize(
    ("changes", "on", "is_missing"),
    [
        ({"effective_from": date(2026, 3, 3)}, date(2026, 3, 3), False),
        ({"effective_from": date(2026, 3, 3)}, date(2026, 3, 2), True),
        ({"effective_to": date(2026, 3, 3)}, date(2026, 3, 3), False),
        ({"effective_to": date(2026, 3, 3)}, date(2026, 3, 4), True),
    ],
)
def test_an_enrolment_holds_on_its_first_and_last_day_only(
    changes: dict[str, date], on: date, is_missing: bool
) -> None:
    found = enrolment_problems(BEN, [an_enrolment(BEN, PAYER, **changes)], PAYER, on)

    assert [problem.rule for problem in found] == ["enrolment.missing"] * is_missing


def test_an_enrolment_with_another_payer_does_not_count() -> None:
    [problem] = enrolment_problems(BEN, [an_enrolment(BEN, a_payer(id=8))], PAYER, DAY)

    assert (problem.rule, problem.severity) == ("enrolment.missing", Severity.BLOCK)


def test_a_right_npi_is_no_problem() -> None:
    assert npi_problems(a_practitioner(id=1, npi=an_npi(5))) == []


@pytest.mark.parametrize("npi", [None, "", "1234567890", "3" + an_npi(5)[1:], an_npi(5)[:9]])
def test_a_missing_or_wrong_npi_is_invalid(npi: str | None) -> None:
    [problem] = npi_problems(a_practitioner(id=1, npi=npi))

    assert (problem.rule, problem.severity) == ("npi.invalid", Severity.BLOCK)


@pytest.mark.parametrize(
    ("taxonomy", "letters", "bills"),
    [
        (LICENSED_ACUPUNCTURIST, "L.Ac.", False),
        (LICENSED_ACUPUNCTURIST, "MD, L.Ac.", True),
        ("207Q00000X", "L.Ac.", True),
        ("208100000X", None, True),
        ("363A00000X", "PA-C", True),
        ("363LF0000X", "NP", True),
        ("364S00000X", "CNS", True),
        ("111N00000X", "DC", False),
        (None, "M.D.", True),
        (None, "DO, L.Ac.", True),
        (None, "L.Ac.", False),
        (None, "DC", False),
        (None, None, False),
    ],
)
def test_medicare_is_billed_by_physicians_and_some_others_but_not_by_acupuncturists(
    taxonomy: str | None, letters: str | None, bills: bool
) -> None:
    assert bills_medicare(a_practitioner(taxonomy=taxonomy, credentials=letters)) is bills


def test_a_practitioner_with_everything_may_render() -> None:
    found = may_render(BEN, [licence(), cover()], [an_enrolment(BEN, PAYER)], state="OR", payer=PAYER, on=DAY)

    assert found == []


def test_everything_that_is_wrong_is_said_at_once() -> None:
    nobody = a_practitioner(id=1, npi=None)

    found = may_render(nobody, [licence(valid_to=date(2026, 2, 28))], [], state="OR", payer=PAYER, on=DAY)

    rules = [problem.rule for problem in found]
    assert rules == ["npi.invalid", "licence.lapsed", "malpractice.missing", "enrolment.missing"]


def test_without_a_payer_nobody_asks_about_enrolment() -> None:
    assert may_render(BEN, [licence(), cover()], [], state="OR", payer=None, on=DAY) == []


@pytest.mark.parametrize(
    ("covers", "rule"),
    [
        ([], "malpractice.missing"),
        ([cover(valid_to=date(2026, 3, 2))], "malpractice.lapsed"),
        ([cover(status=CredentialStatus.SUSPENDED)], "malpractice.lapsed"),
    ],
)
def test_want_of_malpractice_cover_warns_and_does_not_hold(covers: list[Credential], rule: str) -> None:
    found = may_render(BEN, [licence(), *covers], [], state="OR", payer=None, on=DAY)

    assert [(problem.rule, problem.severity) for problem in found] == [(rule, Severity.WARN)]
