"""May this person render a service in this state, for this payer, on this day?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from billing.clinic.places import Workplace
from billing.errors import Problem, Severity, blocking
from billing.payers.models import Payer, PayerKind
from billing.practitioners.checks import is_without_tail
from billing.practitioners.licensing import (
    Clinician,
    bills_medicare,
    enrolment_problems,
    licence_problems,
    may_render,
    npi_problems,
)
from billing.practitioners.models import (
    CoverForm,
    Credential,
    CredentialKind,
    CredentialStatus,
    Enrolment,
    Practitioner,
)
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
OREGON = Workplace("OR", "US")


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


def problems_of(
    *credentials: Credential,
    enrolments: Sequence[Enrolment] = (),
    who: Practitioner = BEN,
    place: Workplace = OREGON,
    payer: Payer | None = PAYER,
    on: date = DAY,
) -> list[Problem]:
    return may_render(Clinician(who, credentials, enrolments), place, payer, on)


def test_a_practitioner_with_everything_may_render() -> None:
    assert problems_of(licence(), cover(), enrolments=[an_enrolment(BEN, PAYER)]) == []


def test_everything_that_is_wrong_is_said_at_once() -> None:
    nobody = a_practitioner(id=1, npi=None)

    found = problems_of(licence(valid_to=date(2026, 2, 28)), who=nobody)

    rules = [problem.rule for problem in found]
    assert rules == ["npi.invalid", "licence.lapsed", "malpractice.missing", "enrolment.missing"]


def test_without_a_payer_nobody_asks_about_enrolment() -> None:
    assert problems_of(licence(), cover(), payer=None) == []


@pytest.mark.parametrize(
    ("covers", "rule"),
    [
        ([], "malpractice.missing"),
        ([cover(valid_to=date(2026, 3, 2))], "malpractice.lapsed"),
        ([cover(status=CredentialStatus.SUSPENDED)], "malpractice.lapsed"),
    ],
)
def test_want_of_malpractice_cover_warns_and_does_not_hold(covers: list[Credential], rule: str) -> None:
    found = problems_of(licence(), *covers, payer=None)

    assert [(problem.rule, problem.severity) for problem in found] == [(rule, Severity.WARN)]


def test_4_1_the_licence_of_the_place_of_work_is_asked_for_and_not_of_the_clinic() -> None:
    washington = Workplace("WA", "US", 3, "Vancouver")
    enrolled = [an_enrolment(BEN, PAYER)]

    at_home = problems_of(licence(), cover(), enrolments=enrolled)
    across = problems_of(licence(), cover(), enrolments=enrolled, place=washington)
    licensed_there = problems_of(licence(), licence(issuer="WA"), cover(), enrolments=enrolled, place=washington)

    assert (rules_of(at_home), rules_of(across), rules_of(licensed_there)) == ([], ["licence.missing"], [])


def test_4_1_a_restricted_licence_is_not_enough() -> None:
    assert licence_rules(licence(status=CredentialStatus.RESTRICTED)) == ["licence.restricted"]


def test_a_suspension_weighs_more_than_a_restriction() -> None:
    both = (licence(status=CredentialStatus.RESTRICTED), licence(status=CredentialStatus.SUSPENDED))

    assert licence_rules(*both) == ["licence.suspended"]


def test_4_2_a_licence_with_unknown_expiry_is_not_valid() -> None:
    assert licence_rules(licence(valid_to=None)) == ["licence.end_unknown"]


def test_4_2_another_licence_in_force_makes_up_for_one_with_unknown_expiry() -> None:
    assert licence_rules(licence(valid_to=None), licence()) == []


def test_of_two_licences_that_overlap_one_in_force_is_enough() -> None:
    older, newer = licence(valid_to=date(2026, 2, 28)), licence(valid_from=date(2026, 2, 1))

    assert licence_rules(older, newer) == []


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"form": CoverForm.OCCURRENCE}, []),
        ({"form": CoverForm.CLAIMS_MADE, "retro_date": DAY}, []),
        ({"form": CoverForm.CLAIMS_MADE, "retro_date": date(2026, 3, 4)}, ["malpractice.before_retro_date"]),
        ({"form": CoverForm.OCCURRENCE, "valid_from": date(2026, 3, 4)}, ["malpractice.lapsed"]),
        (
            {"form": CoverForm.CLAIMS_MADE, "valid_from": date(2026, 3, 20), "retro_date": date(2020, 1, 1)},
            [],
        ),
        ({"per_claim_cents": 1_000_000_00, "aggregate_cents": 3_000_000_00}, []),
        ({"per_claim_cents": 999_999_99}, ["malpractice.low_limits"]),
        ({"aggregate_cents": 2_999_999_99}, ["malpractice.low_limits"]),
    ],
)
def test_4_1_and_4_3_malpractice_cover_answers_by_its_form_its_retro_date_and_its_limits(
    changes: dict[str, Any], rules: list[str]
) -> None:
    found = problems_of(licence(), cover(**changes), payer=None)

    assert rules_of(found) == rules
    assert not blocking(found)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"form": CoverForm.CLAIMS_MADE, "valid_to": date(2026, 2, 28)}, True),
        ({"form": CoverForm.CLAIMS_MADE, "valid_to": DAY}, False),
        ({"form": CoverForm.OCCURRENCE, "valid_to": date(2026, 2, 28)}, False),
    ],
)
def test_claims_made_cover_that_is_over_needs_a_tail(changes: dict[str, Any], missing: bool) -> None:
    one = cover(**changes)

    assert is_without_tail(one, [one], DAY) is missing


def test_what_follows_with_the_same_retro_date_is_the_tail() -> None:
    old = cover(form=CoverForm.CLAIMS_MADE, retro_date=date(2020, 1, 1), valid_to=date(2026, 2, 28))
    new = cover(form=CoverForm.CLAIMS_MADE, retro_date=date(2020, 1, 1), valid_from=date(2026, 3, 1))
    late = cover(form=CoverForm.CLAIMS_MADE, retro_date=date(2026, 3, 1), valid_from=date(2026, 3, 1))

    assert (is_without_tail(old, [old, new], DAY), is_without_tail(old, [old, late], DAY)) == (False, True)


def test_4_1_participation_is_for_the_location_too() -> None:
    there = an_enrolment(BEN, PAYER, place_id=3)
    place = Workplace("OR", "US", 3, "Eastside")

    assert rules_of(problems_of(licence(), cover(), enrolments=[there], place=place)) == []
    [problem] = problems_of(licence(), cover(), enrolments=[there])
    assert problem.rule == "enrolment.missing"
    assert "the clinic's own address" in problem.why


def test_4_3_an_overdue_re_credentialing_warns() -> None:
    enrolled = an_enrolment(BEN, PAYER, recredential_by=date(2026, 3, 2))

    found = problems_of(licence(), cover(), enrolments=[enrolled])

    assert [(one.rule, one.severity) for one in found] == [("enrolment.recredentialing_overdue", Severity.WARN)]
    assert problems_of(licence(), cover(), enrolments=[enrolled], on=date(2026, 3, 2)) == []


def test_4_1_a_match_on_an_exclusion_list_stops_every_bill() -> None:
    found = checked(CredentialStatus.REVOKED)

    assert [(one.rule, one.severity) for one in found] == [("exclusion.found", Severity.BLOCK)]


def test_4_1_a_check_older_than_a_month_is_told_and_a_fresh_one_is_not() -> None:
    assert rules_of(checked(CredentialStatus.ACTIVE, last=date(2026, 3, 2))) == ["exclusion.unchecked"]
    assert checked(CredentialStatus.ACTIVE, last=DAY) == []


def test_a_later_check_clears_an_earlier_match() -> None:
    match = check(CredentialStatus.REVOKED, date(2026, 1, 2), date(2026, 2, 1))
    clear = check(CredentialStatus.ACTIVE, date(2026, 3, 1), date(2026, 3, 31))

    assert problems_of(licence(), cover(), match, clear, enrolments=[an_enrolment(BEN, PAYER)]) == []


def test_4_3_a_lapsed_caqh_attestation_warns_at_commercial_payers() -> None:
    attested = licence(
        kind=CredentialKind.ATTESTATION, issuer="CAQH", valid_from=date(2025, 10, 1), valid_to=date(2026, 1, 29)
    )
    medicare = a_payer(id=9, kind=PayerKind.MEDICARE)

    commercial = problems_of(licence(), cover(), attested, enrolments=[an_enrolment(BEN, PAYER)])
    elsewhere = problems_of(licence(), cover(), attested, enrolments=[an_enrolment(BEN, medicare)], payer=medicare)

    assert (rules_of(commercial), rules_of(elsewhere)) == (["attestation.lapsed"], [])


def rules_of(problems: list[Problem]) -> list[str]:
    return [one.rule for one in problems]


def check(status: CredentialStatus, first: date, last: date) -> Credential:
    return licence(
        id=first.toordinal(), kind=CredentialKind.EXCLUSION_CHECK, issuer="OIG LEIE and SAM", status=status,
        valid_from=first, valid_to=last,
    )  # fmt: skip


def checked(status: CredentialStatus, last: date = DAY) -> list[Problem]:
    one = check(status, date(2026, 2, 2), last)
    return problems_of(licence(), cover(), one, enrolments=[an_enrolment(BEN, PAYER)])
