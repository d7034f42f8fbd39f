"""What a payer's decision does to the books, worked out from the decision alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Responsibility
from billing.coverage.models import Policy
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment, Procedure, ServicePayment
from billing.remittances.adjudicating import (
    LineDecision,
    Situation,
    decisions,
    is_denial,
    is_duplicate,
    is_last_payer,
    is_protected,
    postings,
)
from billing.remittances.matching import AnsweredLine, ClaimOnFile, LineOnFile, Match

DAY = date(2026, 3, 3)
PATIENT, INSURER, DEPOSIT = "patient:7", "insurance:7", "deposit:3"
LAST = Situation(7, DEPOSIT, is_last=True)
NOT_LAST = LAST._replace(is_last=False)


def cas(told: Mapping[str, int]) -> tuple[Adjustment, ...]:
    """Adjustments from ``{"CO-45": 50_00}``."""
    return tuple(Adjustment(*reason.split("-", 1), cents) for reason, cents in told.items())


def decided(paid: int, told: Mapping[str, int], *, is_denied: bool = False) -> LineDecision:
    return LineDecision(1, paid, cas(told), (), is_denied)


def booked(decision: LineDecision, situation: Situation = LAST) -> dict[str, int]:
    """What a decision puts on each account; it must sum to zero and be about the charge alone."""
    lines = postings(decision, situation)
    assert sum(line.cents for line in lines) == 0
    assert {line.about for line in lines} <= {"charge:1"}
    return {line.account: line.cents for line in lines}


def on_file(*charges: int, responsibility: Responsibility = Responsibility.PRIMARY) -> ClaimOnFile:
    lines = tuple(LineOnFile(number, "97810", (), cents, DAY) for number, cents in enumerate(charges, start=1))
    return ClaimOnFile(
        1, "MER1", 1, 7, DAY, None, responsibility, 1, "Example Health", ClaimState.SENT, sum(charges), lines
    )


def answered(charge: int, paid: int, told: Mapping[str, int], *remarks: str) -> ServicePayment:
    return ServicePayment(Procedure("HC", "97810"), charge, paid, adjustments=cas(told), remarks=remarks)


def judged(lines: Sequence[ServicePayment], told: Mapping[str, int] | None = None, **cells: Any) -> list[LineDecision]:
    """The decision on a claim whose lines were each answered once, with adjustments at the claim."""
    claim = on_file(*(line.charge_cents for line in lines))
    at_claim = cas(told or {})
    paid = sum(line.paid_cents for line in lines) - sum(one.cents for one in at_claim)
    payment = ClaimPayment(1, "MER1", "1", claim.total_cents, paid, 0, adjustments=at_claim, lines=tuple(lines))
    match = Match(claim, tuple(AnsweredLine(on, (one,)) for on, one in zip(claim.lines, lines, strict=True)))
    return decisions(payment._replace(**cells), match)


def as_a_whole(claim: ClaimOnFile, told: Mapping[str, int]) -> list[LineDecision]:
    paid = claim.total_cents - sum(told.values())
    return decisions(ClaimPayment(1, "MER1", "1", claim.total_cents, paid, 0, adjustments=cas(told)), Match(claim))


def test_what_is_paid_comes_out_of_what_the_insurer_owes() -> None:
    assert booked(decided(95_00, {})) == {DEPOSIT: 95_00, INSURER: -95_00}


def test_a_charge_of_150_is_split_into_paid_written_off_and_the_patients() -> None:
    told = {"CO-45": 50_00, "PR-1": 30_00, "PR-2": 14_00}

    assert booked(decided(56_00, told)) == {
        DEPOSIT: 56_00,
        "adjusted:contractual": 50_00,
        PATIENT: 44_00,
        INSURER: -150_00,
    }


@pytest.mark.parametrize(
    ("reason", "account"),
    [("CO-45", "adjusted:contractual"), ("CO-253", "adjusted:contractual"), ("PI-45", "adjusted:payer"),
     ("OA-45", "adjusted:other"), ("OA-209", "adjusted:other")],
)  # fmt: skip
def test_each_group_that_is_not_the_patients_has_an_account_of_its_own(reason: str, account: str) -> None:
    assert booked(decided(90_00, {reason: 5_00})) == {DEPOSIT: 90_00, account: 5_00, INSURER: -95_00}


def test_what_contract_takes_away_is_never_the_patients() -> None:
    assert PATIENT not in booked(decided(0, {"CO-45": 95_00}))


@pytest.mark.parametrize("reason", ["PR-1", "PR-2", "PR-3"])
def test_cost_sharing_is_the_patients_when_nobody_else_is_to_decide(reason: str) -> None:
    assert booked(decided(70_00, {reason: 25_00})) == {DEPOSIT: 70_00, PATIENT: 25_00, INSURER: -95_00}


def test_the_patients_part_waits_with_the_insurers_while_another_is_to_decide() -> None:
    assert booked(decided(70_00, {"PR-3": 25_00}), NOT_LAST) == {DEPOSIT: 70_00, INSURER: -70_00}


def test_a_part_that_waits_and_nothing_else_changes_no_account() -> None:
    assert booked(decided(0, {"PR-1": 95_00}), NOT_LAST) == {}


@pytest.mark.parametrize("group", ["CO", "PI", "OA"])
@pytest.mark.parametrize("reason", ["16", "18", "29", "50", "97", "109", "197"])
def test_what_is_refused_stays_with_the_insurer(group: str, reason: str) -> None:
    (line,) = judged([answered(95_00, 0, {f"{group}-{reason}": 95_00})])

    assert line.is_denied
    assert booked(line) == {}


def test_of_a_refused_line_only_what_the_contract_takes_is_written_off() -> None:
    (line,) = judged([answered(95_00, 0, {"CO-45": 15_00, "CO-50": 80_00})])

    assert booked(line) == {"adjusted:contractual": 15_00, INSURER: -15_00}


@pytest.mark.parametrize("reason", ["PR-96", "PR-119", "PR-204", "PR-27"])
def test_what_is_refused_at_the_patients_cost_is_the_patients(reason: str) -> None:
    (line,) = judged([answered(95_00, 0, {reason: 95_00})])

    assert not line.is_denied
    assert booked(line) == {PATIENT: 95_00, INSURER: -95_00}


def test_a_line_that_goes_to_the_deductible_is_no_denial() -> None:
    (line,) = judged([answered(95_00, 0, {"CO-45": 15_00, "PR-1": 80_00})])

    assert not line.is_denied


def test_what_is_refused_of_a_line_that_was_paid_is_written_off() -> None:
    (line,) = judged([answered(95_00, 60_00, {"CO-222": 35_00})])

    assert not line.is_denied
    assert booked(line) == {DEPOSIT: 60_00, "adjusted:contractual": 35_00, INSURER: -95_00}


def test_a_claim_is_denied_when_every_line_of_it_is() -> None:
    refused, paid = decided(0, {"CO-50": 95_00}, is_denied=True), decided(70_00, {})

    assert [is_denial(lines) for lines in ([refused], [refused, paid], [paid], [])] == [True, False, False, False]


@pytest.mark.parametrize(
    ("paid", "told", "is_denied"),
    [
        (0, {"PR-96": 95_00}, True),
        (0, {"PR-204": 95_00}, True),
        (0, {"PR-1": 95_00}, False),
        (0, {"CO-45": 20_00, "PR-3": 75_00}, False),
        (10_00, {"PR-96": 85_00}, False),
    ],
)
def test_a_refusal_at_the_patients_cost_is_a_denial_and_a_deductible_is_none(
    paid: int, told: dict[str, int], is_denied: bool
) -> None:
    assert is_denial([decided(paid, told)]) is is_denied


def test_a_duplicate_is_refused_for_nothing_else() -> None:
    told = [{"OA-18": 95_00}, {"CO-18": 80_00, "CO-45": 15_00}, {"CO-18": 50_00, "CO-50": 45_00}, {"CO-50": 95_00}]

    assert [is_duplicate(judged([answered(95_00, 0, one)])) for one in told] == [True, True, False, False]


@pytest.mark.parametrize(
    ("owed", "paid", "told", "expected"),
    [
        (25_00, 20_00, {"OA-23": 70_00, "PR-2": 5_00}, {DEPOSIT: 20_00, PATIENT: 5_00, INSURER: -25_00}),
        (25_00, 0, {"OA-23": 70_00, "PR-1": 25_00}, {PATIENT: 25_00, INSURER: -25_00}),
        (25_00, 25_00, {"OA-23": 70_00}, {DEPOSIT: 25_00, INSURER: -25_00}),
        (25_00, 20_00, {"CO-45": 75_00}, {DEPOSIT: 20_00, "adjusted:contractual": 5_00, INSURER: -25_00}),
        (25_00, 10_00, {"OA-23": 70_00, "CO-45": 15_00},
         {DEPOSIT: 10_00, "adjusted:contractual": 15_00, INSURER: -25_00}),
        (25_00, 0, {"OA-23": 70_00, "CO-50": 25_00}, {}),
        (25_00, 0, {"PR-204": 95_00}, {PATIENT: 25_00, INSURER: -25_00}),
        (0, 0, {"OA-23": 95_00}, {}),
    ],
    ids=["pays some", "deductible", "pays all", "repeats what was written off", "writes off the rest", "refuses",
         "leaves more than is left", "nothing is left"],
)  # fmt: skip
def test_a_later_payer_decides_no_more_than_the_earlier_ones_left(
    owed: int, paid: int, told: dict[str, int], expected: dict[str, int]
) -> None:
    (line,) = judged([answered(95_00, paid, told)])

    assert booked(line, LAST._replace(owed_cents=owed)) == expected


def test_what_an_earlier_payer_decided_is_never_written_off_for_being_repeated() -> None:
    assert booked(decided(25_00, {"OA-23": 70_00})) == {DEPOSIT: 25_00, INSURER: -25_00}


@pytest.mark.parametrize("remark", ["N781", "N782"])
def test_cost_sharing_of_a_qualified_medicare_beneficiary_is_never_the_patients(remark: str) -> None:
    protected = LAST._replace(is_protected=is_protected(["MA01", remark]))

    assert booked(decided(60_00, {"PR-1": 20_00, "PR-2": 15_00}), protected) == {DEPOSIT: 60_00, INSURER: -60_00}
    assert booked(decided(0, {"PR-204": 95_00}), protected) == {PATIENT: 95_00, INSURER: -95_00}
    assert not is_protected(["MA01", "N130"])


def test_an_adjustment_of_the_claim_is_shared_by_charge_to_the_cent() -> None:
    first, second, third = judged(
        [answered(50_00, 50_00, {}), answered(50_00, 50_00, {}), answered(50_00, 50_00, {})], {"PR-3": 25_00}
    )

    shares = [line.patient_cents for line in (first, second, third)]
    assert (sum(shares), max(shares) - min(shares)) == (25_00, 1)
    assert [line.paid_cents + line.patient_cents for line in (first, second, third)] == [50_00] * 3


def test_a_claim_answered_without_lines_is_decided_on_those_it_was_filed_with() -> None:
    first, second = as_a_whole(on_file(95_00, 70_00), {"CO-45": 33_00, "PR-3": 16_50})

    assert (first.charge_id, first.paid_cents, first.groups) == (1, 66_50, {"CO": 19_00, "PR": 9_50})
    assert (second.charge_id, second.paid_cents, second.groups) == (2, 49_00, {"CO": 14_00, "PR": 7_00})


def test_an_adjustment_of_lines_that_cost_nothing_is_not_lost() -> None:
    (line,) = judged([answered(0, 0, {})], {"PR-3": 5_00})

    assert line.patient_cents == 5_00


def test_a_line_that_the_payer_split_is_decided_once() -> None:
    claim = on_file(95_00)
    parts = (answered(50_00, 40_00, {"CO-45": 10_00}, "N1"), answered(45_00, 0, {"PR-1": 45_00}, "N1", "M25"))
    payment = ClaimPayment(1, "MER1", "1", 95_00, 40_00, 45_00, lines=parts)

    (line,) = decisions(payment, Match(claim, (AnsweredLine(claim.lines[0], parts),)))

    assert (line.paid_cents, line.groups, line.remarks) == (40_00, {"CO": 10_00, "PR": 45_00}, ("N1", "M25"))


REASONS = st.sampled_from(["CO-45", "CO-50", "CO-253", "OA-23", "OA-18", "PI-50", "PR-1", "PR-2", "PR-3", "PR-204"])
AMOUNTS = st.integers(min_value=1, max_value=200_00)


@given(st.lists(st.tuples(REASONS, AMOUNTS), max_size=6), AMOUNTS, st.booleans(), st.booleans())
def test_whatever_is_decided_balances_and_takes_from_the_insurers_no_more_than_the_charge(
    told: list[tuple[str, int]], more: int, is_paid: bool, is_last: bool
) -> None:
    adjustments = {reason: sum(cents for other, cents in told if other == reason) for reason, _ in told}
    paid = more if is_paid else 0
    charge = paid + sum(adjustments.values())
    (line,) = judged([answered(charge, paid, adjustments)])

    first = booked(line, LAST._replace(is_last=is_last))
    left = charge + first.get(INSURER, 0)
    second = booked(line, LAST._replace(owed_cents=left)) if not is_last else {}

    assert 0 <= left <= charge
    assert first.get(DEPOSIT, 0) == paid
    assert first.get(PATIENT, 0) == (line.patient_cents if is_last else 0)
    assert second.get(PATIENT, 0) <= left
    assert all(cents >= 0 for account, cents in first.items() if account != INSURER)


def policies(*payer_ids: int) -> list[Policy]:
    return [Policy(payer_id=one) for one in payer_ids]


@pytest.mark.parametrize(
    ("asked", "paying", "is_last"),
    [([1], [1], True), ([1], [1, 2], False), ([2, 1], [1, 2], True), ([2], [1, 2], True), ([1, 2], [1, 2, 3], False),
     ([9], [], True), ([9], [1], False), ([None], [], True)],
    ids=["only one", "one follows", "both asked", "the second alone", "a third follows", "no policy any more",
         "another payer than any policy's", "nobody"],
)  # fmt: skip
def test_a_payer_is_the_last_when_no_policy_pays_after_it(
    asked: list[int | None], paying: list[int], is_last: bool
) -> None:
    assert is_last_payer(on_file(95_00), asked, policies(*paying)) is is_last


def test_a_third_payer_is_the_last_whatever_policies_there_are() -> None:
    assert is_last_payer(on_file(95_00, responsibility=Responsibility.TERTIARY), [1, 2, 3], policies(1, 2, 3, 4))
