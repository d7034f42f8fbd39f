"""Who bears the cost of a visit that the plan may not pay for."""

from __future__ import annotations

import pytest

from billing.estimates.patient_share import ServiceLine, Terms, visit_share
from billing.estimates.who_pays import Bearer, Cover, Finding, bearer_of, has_notice, is_balance_billed, reason
from billing.money import Money
from billing.payers.models import PayerKind
from billing.practitioners.models import Network

CHARGE = Money(165_00, "USD")
COMMERCIAL, MEDICARE = PayerKind.COMMERCIAL, PayerKind.MEDICARE


def bearer(
    finding: Finding,
    kind: PayerKind = COMMERCIAL,
    network: Network | None = Network.IN,
    *,
    notice: bool = False,
    has_terms: bool = True,
) -> Bearer:
    return bearer_of(Cover("Example Health", kind, network, finding, notice), has_terms=has_terms)


@pytest.mark.parametrize(
    ("finding", "kind", "notice", "who"),
    [
        (Finding.COVERED, COMMERCIAL, False, Bearer.TERMS),
        (Finding.EXCLUDED, COMMERCIAL, True, Bearer.PATIENT),
        (Finding.EXCLUDED, COMMERCIAL, False, Bearer.UNDECIDED),
        (Finding.VISITS_USED_UP, COMMERCIAL, True, Bearer.PATIENT),
        (Finding.VISITS_USED_UP, COMMERCIAL, False, Bearer.UNDECIDED),
        (Finding.NOT_AUTHORISED, COMMERCIAL, False, Bearer.CLINIC),
        (Finding.NOT_AUTHORISED, COMMERCIAL, True, Bearer.CLINIC),
        (Finding.NOT_NECESSARY, COMMERCIAL, False, Bearer.CLINIC),
        (Finding.NOT_NECESSARY, COMMERCIAL, True, Bearer.PATIENT),
        (Finding.VISITS_USED_UP, MEDICARE, False, Bearer.CLINIC),
        (Finding.VISITS_USED_UP, MEDICARE, True, Bearer.PATIENT),
        (Finding.NOT_NECESSARY, MEDICARE, False, Bearer.CLINIC),
        (Finding.COVERED, MEDICARE, False, Bearer.TERMS),
        (Finding.COVERED, PayerKind.WORKERS_COMP, False, Bearer.INSURER),
        (Finding.UNKNOWN, PayerKind.WORKERS_COMP, False, Bearer.INSURER),
        (Finding.NOT_AUTHORISED, PayerKind.WORKERS_COMP, False, Bearer.CLINIC),
        (Finding.COVERED, PayerKind.VA, False, Bearer.INSURER),
        (Finding.NOT_AUTHORISED, PayerKind.VA, False, Bearer.CLINIC),
        (Finding.UNKNOWN, COMMERCIAL, True, Bearer.UNDECIDED),
    ],
)
def test_5_3_finding_payer_and_notice_settle_who_bears_it(
    finding: Finding, kind: PayerKind, notice: bool, who: Bearer
) -> None:
    assert bearer(finding, kind, notice=notice) is who


@pytest.mark.parametrize(
    ("situation", "cover", "owed", "plan", "write_off"),
    [
        ("excluded, told in writing before: the clinic's own fee",
         Cover("X", COMMERCIAL, Network.IN, Finding.EXCLUDED, True), 100_00, 0, 0),
        ("visit limit exhausted, told in writing before: in network no more than the contract's rate",
         Cover("X", COMMERCIAL, Network.IN, Finding.VISITS_USED_UP, True), 80_00, 0, 20_00),
        ("no authorisation in network: the provider",
         Cover("X", COMMERCIAL, Network.IN, Finding.NOT_AUTHORISED), 0, 0, 100_00),
        ("not medically necessary in network without a signed waiver: the provider",
         Cover("X", COMMERCIAL, Network.IN, Finding.NOT_NECESSARY), 0, 0, 100_00),
        ("Medicare without an ABN: the provider",
         Cover("X", MEDICARE, Network.IN, Finding.NOT_NECESSARY), 0, 0, 100_00),
        ("Medicare with an ABN: the patient",
         Cover("X", MEDICARE, Network.IN, Finding.NOT_NECESSARY, True), 80_00, 0, 20_00),
        ("accepted workers' compensation: the employer's insurer alone",
         Cover("X", PayerKind.WORKERS_COMP, Network.IN), 0, 80_00, 20_00),
    ],
)  # fmt: skip
def test_5_3_who_pays_when_the_plan_may_not(situation: str, cover: Cover, owed: int, plan: int, write_off: int) -> None:
    found = visit_share([ServiceLine("97810", 100_00, 80_00)], cover, Terms(0, 25_00), "USD")

    assert (found.owed, found.plan, found.write_off) == (owed, plan, write_off), situation


def test_5_3_without_an_authorisation_the_patient_pays_out_of_network_only() -> None:
    by_network = {one: bearer(Finding.NOT_AUTHORISED, network=one) for one in (Network.IN, Network.OUT, None)}

    assert by_network == {Network.IN: Bearer.CLINIC, Network.OUT: Bearer.PATIENT, None: Bearer.UNDECIDED}


def test_cover_without_terms_is_undecided() -> None:
    assert bearer(Finding.COVERED, has_terms=False) is Bearer.UNDECIDED


@pytest.mark.parametrize("kind", [MEDICARE, PayerKind.MEDICAID, PayerKind.VA, PayerKind.WORKERS_COMP])
def test_the_beneficiaries_of_public_payers_are_not_billed_beyond_what_is_allowed(kind: PayerKind) -> None:
    assert not is_balance_billed(Cover("Example", kind, Network.OUT))


def test_others_are_billed_beyond_it_only_where_the_practitioner_is_known_to_be_out_of_network() -> None:
    billed = {one: is_balance_billed(Cover("Example", network=one)) for one in (Network.IN, Network.OUT, None)}

    assert billed == {Network.IN: False, Network.OUT: True, None: False}


@pytest.mark.parametrize(("modifiers", "is_told"), [(["KX"], False), (["KX", "GA"], True), ([], False)])
def test_a_signed_notice_is_known_by_the_modifiers_of_the_line(modifiers: list[str], is_told: bool) -> None:
    assert has_notice(modifiers) is is_told


def test_every_undecided_case_says_that_it_is_unknown_and_what_to_collect() -> None:
    told = [
        reason(cover, Bearer.UNDECIDED, CHARGE)
        for finding in Finding
        for network in (Network.IN, Network.OUT, None)
        for has_terms in (True, False)
        if bearer_of(cover := Cover("Example Health", network=network, finding=finding), has_terms=has_terms)
        is Bearer.UNDECIDED
    ]

    assert len(told) > 3
    assert all("Unknown: collect" in one for one in told)
