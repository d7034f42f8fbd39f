"""The payer to practise with answers what it is given: the same way each time, and always balanced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from billing.adapters.clearinghouse_sandbox import SandboxClearinghouse
from billing.adapters.sandbox.rates import FLAWLESS, Rates
from billing.edi.acknowledgements.answer import Decision, GroupAnswer
from billing.edi.acknowledgements.reader import read_acknowledgements
from billing.edi.claim_837p.claim import Frequency, Payer, ProfessionalClaim
from billing.edi.claim_837p.writer import encode_837p
from billing.edi.claim_status.reader import read_status
from billing.edi.claim_status.status import Level, StatusReport
from billing.edi.findings import Finding
from billing.edi.remittance_835.reader import read_835
from billing.edi.remittance_835.remittance import ClaimPayment, PaymentHeader, ProviderAdjustment
from billing.errors import NotDelivered, Severity
from tests.edi.claims_on_stage import BACK_PAIN, ENVELOPE, VARIANTS, batch_of

FIRST, SECOND, THIRD = (f"20260331-00000000{number}.837" for number in (1, 2, 3))


@dataclass(frozen=True)
class Payment:
    """A payment as our reader takes it."""

    header: PaymentHeader
    claims: list[ClaimPayment]
    provider_adjustments: list[ProviderAdjustment]
    is_balanced: bool


def claims(count: int, prefix: str = "WB") -> list[ProfessionalClaim]:
    """Claims of as many members."""
    return [of_member(BACK_PAIN, f"{prefix}-{number}") for number in range(count)]


def of_member(claim: ProfessionalClaim, name: str) -> ProfessionalClaim:
    subscriber = replace(claim.subscriber, member_id=name)
    return replace(claim, control_number=name, subscriber=subscriber)


def file_of(some: Iterable[ProfessionalClaim], number: int = 42) -> bytes:
    return encode_837p(batch_of(*some), replace(ENVELOPE, interchange_number=number, group_number=number))


def sandbox(folder: Path, rates: Rates = FLAWLESS, seed: str = "seed") -> SandboxClearinghouse:
    return SandboxClearinghouse(folder / "claims", folder / "answers", folder / "payer", seed, rates)


def answer(folder: Path, name: str, ending: str) -> bytes:
    return (folder / "answers" / f"{Path(name).stem}{ending}").read_bytes()


def all_answers(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "answers").iterdir())}


def group_answers(folder: Path, name: str = FIRST) -> list[GroupAnswer]:
    findings: list[Finding] = []
    answers = read_acknowledgements(answer(folder, name, ".999"), findings)
    assert findings == []
    return [one for one in answers if isinstance(one, GroupAnswer)]


def claim_reports(folder: Path, name: str = FIRST) -> list[StatusReport]:
    findings: list[Finding] = []
    files = read_status(answer(folder, name, ".277"), findings)
    assert [one for one in findings if one.severity is not Severity.INFO] == []
    assert {file.kind for file in files} == {"277CA"}
    return [report for file in files for report in file.reports if report.level is Level.CLAIM]


def payments(folder: Path, name: str = FIRST) -> list[Payment]:
    findings: list[Finding] = []
    read = [
        Payment(one.header, list(one.claims()), one.provider_adjustments, one.balance.is_balanced)
        for one in read_835(answer(folder, name, ".835"), findings)
    ]
    assert findings == []
    assert [payment for payment in read if not payment.is_balanced] == []
    return read


def is_rejected(report: StatusReport) -> bool:
    return any(statement.action == "U" for statement in report.statements)


def test_a_file_is_kept_and_answered_under_its_own_name(tmp_path: Path) -> None:
    content = file_of(claims(3))

    sandbox(tmp_path).submit(FIRST, content)

    assert (tmp_path / "claims" / FIRST).read_bytes() == content
    assert list(all_answers(tmp_path)) == [FIRST.replace(".837", ending) for ending in (".277", ".835", ".999")]


def test_the_acknowledgement_names_the_group_and_the_set_that_were_sent(tmp_path: Path) -> None:
    sandbox(tmp_path).submit(FIRST, file_of(claims(3)))

    (group,) = group_answers(tmp_path)
    assert (group.functional_id, group.control_number, group.decision) == ("HC", "42", Decision.ACCEPTED)
    assert [(one.set_id, one.control_number, one.decision) for one in group.sets] == [
        ("837", "0001", Decision.ACCEPTED)
    ]


def test_every_claim_is_taken_and_paid_under_the_number_the_payer_gave_it(tmp_path: Path) -> None:
    sandbox(tmp_path).submit(FIRST, file_of(claims(3)))

    reports = claim_reports(tmp_path)
    (payment,) = payments(tmp_path)
    assert [report.trace_number for report in reports] == ["WB-0", "WB-1", "WB-2"]
    assert {report.statements[0].statuses[0].category for report in reports} == {"A2"}
    assert [(one.control_number, one.payer_claim_number) for one in payment.claims] == [
        (report.trace_number, report.payer_claim_number) for report in reports
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_kind_of_claim_gets_a_balanced_payment_that_no_reader_complains_of(tmp_path: Path, name: str) -> None:
    claim = VARIANTS[name]

    sandbox(tmp_path, Rates(rejected=0)).submit(FIRST, file_of([replace(claim, frequency=Frequency.ORIGINAL)]))

    (payment,) = payments(tmp_path)
    (decided,) = payment.claims
    assert decided.control_number == claim.control_number
    assert decided.charge_cents == claim.total_cents
    assert 0 <= decided.paid_cents <= claim.total_cents
    assert payment.header.payer_identifier == claim.payer.identifier
    assert payment.header.payee_identifier == claim.billing_provider.npi
    assert [line.control_number for line in decided.lines] == [line.control_number for line in claim.lines]


def test_a_rejected_claim_is_not_paid_and_every_other_is(tmp_path: Path) -> None:
    sandbox(tmp_path, Rates(rejected=0.3)).submit(FIRST, file_of(claims(60)))

    reports = claim_reports(tmp_path)
    rejected = {report.trace_number for report in reports if is_rejected(report)}
    (payment,) = payments(tmp_path)
    assert len(reports) == 60
    assert 5 < len(rejected) < 40
    assert {claim.control_number for claim in payment.claims} == {f"WB-{number}" for number in range(60)} - rejected
    assert {report.payer_claim_number for report in reports if is_rejected(report)} == {""}


def test_when_every_claim_is_rejected_there_is_no_payment(tmp_path: Path) -> None:
    sandbox(tmp_path, replace(FLAWLESS, rejected=1)).submit(FIRST, file_of(claims(3)))

    assert all(map(is_rejected, claim_reports(tmp_path)))
    assert not list((tmp_path / "answers").glob("*.835"))


def test_each_payer_pays_for_itself(tmp_path: Path) -> None:
    other = Payer("MAPLE MUTUAL", "MAPLE2")
    some = claims(4)
    some[1], some[3] = replace(some[1], payer=other), replace(some[3], payer=other)

    sandbox(tmp_path).submit(FIRST, file_of(some))

    by_payer = {
        payment.header.payer_identifier: [claim.control_number for claim in payment.claims]
        for payment in payments(tmp_path)
    }
    assert by_payer == {"CEDAR1": ["WB-0", "WB-2"], "MAPLE2": ["WB-1", "WB-3"]}
    assert len({payment.header.trace_number for payment in payments(tmp_path)}) == 2


def test_an_unusual_file_still_balances(tmp_path: Path) -> None:
    sandbox(tmp_path, Rates(rejected=0, denied=0.3, line_denied=0.3)).submit(FIRST, file_of(claims(100)))

    (payment,) = payments(tmp_path)
    assert {claim.status for claim in payment.claims} == {"1", "4"}
    assert payment.header.paid_cents == sum(claim.paid_cents for claim in payment.claims) - sum(
        one.cents for one in payment.provider_adjustments
    )


def test_a_payment_of_nothing_moves_no_money(tmp_path: Path) -> None:
    sandbox(tmp_path, replace(FLAWLESS, denied=1)).submit(FIRST, file_of(claims(2)))

    (payment,) = payments(tmp_path)
    assert (payment.header.paid_cents, payment.header.method) == (0, "NON")


def test_money_moves_by_bank_transfer_on_the_day_of_the_file(tmp_path: Path) -> None:
    sandbox(tmp_path).submit(FIRST, file_of(claims(2)))

    (payment,) = payments(tmp_path)
    header = payment.header
    assert header.paid_cents > 0
    assert (header.handling, header.method, header.direction) == ("I", "ACH", "C")
    assert header.paid_on == header.produced_on == ENVELOPE.created_at.date()


def test_the_same_claims_get_the_same_answers(tmp_path: Path) -> None:
    content = file_of(claims(50))
    for folder in ("one", "two"):
        sandbox(tmp_path / folder, Rates()).submit(FIRST, content)

    assert all_answers(tmp_path / "one") == all_answers(tmp_path / "two")


def test_another_seed_answers_differently(tmp_path: Path) -> None:
    content = file_of(claims(50))
    for seed in ("one", "two"):
        sandbox(tmp_path / seed, Rates(), seed).submit(FIRST, content)

    assert answer(tmp_path / "one", FIRST, ".835") != answer(tmp_path / "two", FIRST, ".835")


def test_one_claim_more_changes_nothing_for_the_others(tmp_path: Path) -> None:
    sandbox(tmp_path / "few", Rates(rejected=0)).submit(FIRST, file_of(claims(20)))
    sandbox(tmp_path / "more", Rates(rejected=0)).submit(FIRST, file_of(claims(21)))

    (few,), (more,) = payments(tmp_path / "few"), payments(tmp_path / "more")
    without_place = [claim._replace(position=0, interest_cents=0) for claim in more.claims[:20]]
    assert without_place == [claim._replace(position=0, interest_cents=0) for claim in few.claims]


def test_the_same_file_again_is_answered_no_second_time(tmp_path: Path) -> None:
    rates, content = Rates(reversed=1, rejected=0), file_of(claims(3))
    payer = sandbox(tmp_path, rates)
    payer.submit(FIRST, content)
    payer.submit(SECOND, file_of(claims(3, "NEW"), 43))
    before = all_answers(tmp_path)

    sandbox(tmp_path, rates).submit(FIRST, content)

    assert all_answers(tmp_path) == before


def test_answers_that_were_interrupted_are_completed_as_they_would_have_been(tmp_path: Path) -> None:
    content = file_of(claims(3))
    sandbox(tmp_path).submit(FIRST, content)
    before = all_answers(tmp_path)
    for ending in (".999", ".835"):
        (tmp_path / "answers" / FIRST.replace(".837", ending)).unlink()

    sandbox(tmp_path).submit(FIRST, content)

    assert all_answers(tmp_path) == before


def test_a_file_that_cannot_be_read_is_rejected_and_nothing_more_is_said(tmp_path: Path) -> None:
    content = file_of(claims(3))

    sandbox(tmp_path).submit(FIRST, content[: len(content) - 200])

    assert [group.decision for group in group_answers(tmp_path)] == [Decision.REJECTED]
    assert list(all_answers(tmp_path)) == [FIRST.replace(".837", ".999")]


@pytest.mark.parametrize("content", [b"", b"no interchange at all", b"ISA*00*", b"\xff\xfe\x00"])
def test_what_is_no_interchange_is_kept_and_cannot_be_answered(tmp_path: Path, content: bytes) -> None:
    sandbox(tmp_path).submit(FIRST, content)

    assert (tmp_path / "claims" / FIRST).read_bytes() == content
    assert not (tmp_path / "answers").exists()


def test_a_file_without_claims_is_kept_and_not_answered(tmp_path: Path) -> None:
    payer = sandbox(tmp_path)
    payer.submit(FIRST, file_of(claims(1)))
    for ending in (".999", ".277", ".835"):
        payer.submit(f"20260401-000000001{ending}", answer(tmp_path, FIRST, ending))

    assert {path.suffix for path in (tmp_path / "claims").iterdir()} == {".837", ".999", ".277", ".835"}
    assert {name.partition(".")[0] for name in all_answers(tmp_path)} == {FIRST.partition(".")[0]}


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b"CLM*WB-0*", "CLM*WB\u4e2d0*".encode()),
        (b"*MI*WB-0~", b"~"),
        (b"CEDAR HEALTH PLAN", "C\u4e2dDAR".encode()),
    ],
)
def test_what_no_answer_could_repeat_is_received_and_not_decided(tmp_path: Path, there: bytes, instead: bytes) -> None:
    content = file_of(claims(1))
    broken = content.replace(there, instead, 1)

    sandbox(tmp_path).submit(FIRST, broken)

    assert broken != content
    assert list(all_answers(tmp_path)) == [FIRST.replace(".837", ".999")]


def test_a_paid_claim_is_taken_back_and_decided_again_in_a_later_payment(tmp_path: Path) -> None:
    payer = sandbox(tmp_path, replace(FLAWLESS, reversed=1))
    payer.submit(FIRST, file_of(claims(2)))
    payer.submit(SECOND, file_of(claims(3, "NEW"), 43))

    (first,), (second,) = payments(tmp_path, FIRST), payments(tmp_path, SECOND)
    old, reversal, correction = first.claims[0], *second.claims[:2]
    assert [claim.status for claim in second.claims] == ["22", "1", "22", "1", "1", "1", "1"]
    assert {old.control_number} == {reversal.control_number, correction.control_number}
    assert (reversal.charge_cents, reversal.paid_cents) == (-old.charge_cents, -old.paid_cents)
    assert [one.cents for line in reversal.lines for one in line.adjustments] == [
        -one.cents for line in old.lines for one in line.adjustments
    ]
    assert correction.paid_cents not in (old.paid_cents, 0)
    assert reversal.payer_claim_number == correction.payer_claim_number == old.payer_claim_number


def test_what_was_corrected_once_is_left_alone(tmp_path: Path) -> None:
    payer = sandbox(tmp_path, replace(FLAWLESS, reversed=1))
    payer.submit(FIRST, file_of(claims(1)))
    payer.submit(SECOND, file_of(claims(1, "NEW"), 43))
    payer.submit(THIRD, file_of(claims(1, "LAST"), 44))

    (third,) = payments(tmp_path, THIRD)
    assert [claim.control_number for claim in third.claims] == ["NEW-0", "NEW-0", "LAST-0"]


def test_a_replacement_takes_the_claim_back_that_it_replaces(tmp_path: Path) -> None:
    payer = sandbox(tmp_path)
    payer.submit(FIRST, file_of(claims(1)))
    (old,) = payments(tmp_path)[0].claims
    replacement = replace(
        BACK_PAIN,
        control_number="WB-0B",
        frequency=Frequency.REPLACEMENT,
        original_reference=old.payer_claim_number,
    )

    payer.submit(SECOND, file_of([replacement], 43))

    reversal, decision = payments(tmp_path, SECOND)[0].claims
    assert (reversal.control_number, reversal.status, reversal.paid_cents) == ("WB-0", "22", -old.paid_cents)
    assert (decision.control_number, decision.status) == ("WB-0B", "1")


@pytest.mark.parametrize("rates", [FLAWLESS, replace(FLAWLESS, denied=1)])
def test_what_was_decided_once_is_a_duplicate_when_it_is_billed_again(tmp_path: Path, rates: Rates) -> None:
    payer = sandbox(tmp_path, rates)
    payer.submit(FIRST, file_of(claims(2)))

    payer.submit(SECOND, file_of([replace(claims(1)[0], control_number="AGAIN"), *claims(1, "NEW")], 43))

    again, new = payments(tmp_path, SECOND)[0].claims
    assert (again.control_number, again.status, again.paid_cents, again.patient_cents) == ("AGAIN", "4", 0, 0)
    assert [[one[:3] for one in line.adjustments] for line in again.lines] == [
        [("OA", "18", line.charge_cents)] for line in again.lines
    ]
    assert new.lines[0].adjustments[0].reason != "18"


def test_a_claim_that_comes_twice_in_one_file_is_paid_once(tmp_path: Path) -> None:
    (claim,) = claims(1)

    sandbox(tmp_path).submit(FIRST, file_of([claim, replace(claim, control_number="TWIN")]))

    first, second = payments(tmp_path)[0].claims
    assert first.paid_cents > 0 == second.paid_cents


def test_a_duplicate_leaves_the_decision_standing_that_it_repeats(tmp_path: Path) -> None:
    payer = sandbox(tmp_path)
    payer.submit(FIRST, file_of(claims(1)))
    payer.submit(SECOND, file_of(claims(1), 43))
    (paid,), (duplicate,) = payments(tmp_path)[0].claims, payments(tmp_path, SECOND)[0].claims
    void = replace(claims(1)[0], frequency=Frequency.VOID, original_reference=paid.payer_claim_number)

    payer.submit(THIRD, file_of([void], 44))

    (reversal,) = payments(tmp_path, THIRD)[0].claims
    assert duplicate.paid_cents == 0
    assert reversal.paid_cents == -paid.paid_cents


def test_what_was_voided_can_be_billed_anew(tmp_path: Path) -> None:
    payer = sandbox(tmp_path)
    payer.submit(FIRST, file_of(claims(1)))
    (old,) = payments(tmp_path)[0].claims
    void = replace(claims(1)[0], frequency=Frequency.VOID, original_reference=old.payer_claim_number)
    payer.submit(SECOND, file_of([void], 43))

    payer.submit(THIRD, file_of(claims(1), 44))

    (new,) = payments(tmp_path, THIRD)[0].claims
    assert new.paid_cents == old.paid_cents


def test_a_refused_claim_was_not_decided_and_is_no_duplicate_later(tmp_path: Path) -> None:
    sandbox(tmp_path, replace(FLAWLESS, rejected=1)).submit(FIRST, file_of(claims(1)))

    sandbox(tmp_path).submit(SECOND, file_of(claims(1), 43))

    (claim,) = payments(tmp_path, SECOND)[0].claims
    assert claim.paid_cents > 0


def test_a_claim_that_was_refused_by_chance_can_pass_later(tmp_path: Path) -> None:
    payer = sandbox(tmp_path, replace(FLAWLESS, rejected=0.5))
    names = [f"20260331-{number:09d}.837" for number in range(1, 9)]

    for number, name in enumerate(names, start=1):
        payer.submit(name, file_of(claims(1, f"F{number}"), number))
        payer.submit(name.replace("20260331", "20260401"), file_of(claims(1, f"F{number}"), number + 100))

    refused = {name for name in names if is_rejected(claim_reports(tmp_path, name)[0])}
    again = {name for name in refused if is_rejected(claim_reports(tmp_path, name.replace("0331", "0401"))[0])}
    assert again < refused


def test_the_payer_remembers_what_it_paid_although_the_answers_were_taken_away(tmp_path: Path) -> None:
    payer = sandbox(tmp_path)
    payer.submit(FIRST, file_of(claims(1)))
    for path in (tmp_path / "answers").iterdir():
        path.unlink()

    payer.submit(SECOND, file_of(claims(1), 43))

    (claim,) = payments(tmp_path, SECOND)[0].claims
    assert claim.status == "4"


def test_money_the_payer_gets_back_is_taken_off_the_next_payment(tmp_path: Path) -> None:
    payer = sandbox(tmp_path)
    payer.submit(FIRST, file_of(claims(1)))
    (old,) = payments(tmp_path)[0].claims
    void = replace(
        BACK_PAIN, control_number="WB-0V", frequency=Frequency.VOID, original_reference=old.payer_claim_number
    )

    payer.submit(SECOND, file_of([void], 43))
    payer.submit(THIRD, file_of(claims(3, "NEW"), 44))

    (second,), (third,) = payments(tmp_path, SECOND), payments(tmp_path, THIRD)
    assert [claim.status for claim in second.claims] == ["22"]
    assert (second.header.paid_cents, second.header.method) == (0, "NON")
    assert [(one.reason, one.cents) for one in second.provider_adjustments] == [("FB", -old.paid_cents)]
    assert [(one.reason, one.cents) for one in third.provider_adjustments] == [("FB", old.paid_cents)]
    assert third.header.paid_cents == sum(claim.paid_cents for claim in third.claims) - old.paid_cents


@pytest.mark.parametrize("name", ["a_replacement", "a_void"])
def test_a_claim_that_changes_one_the_payer_does_not_know_is_rejected(tmp_path: Path, name: str) -> None:
    sandbox(tmp_path).submit(FIRST, file_of([VARIANTS[name]]))

    (report,) = claim_reports(tmp_path)
    assert is_rejected(report)
    assert (report.statements[0].statuses[0].category, report.statements[0].statuses[0].code) == ("A3", "35")


def test_a_replacement_under_the_same_number_can_be_replaced_again(tmp_path: Path) -> None:
    payer = sandbox(tmp_path)
    payer.submit(FIRST, file_of(claims(1)))
    (old,) = payments(tmp_path)[0].claims
    replacement = replace(
        claims(1)[0], frequency=Frequency.REPLACEMENT, original_reference=old.payer_claim_number, total_cents=8500
    )
    replacement = replace(replacement, lines=replacement.lines[:1])
    payer.submit(SECOND, file_of([replacement], 43))

    payer.submit(THIRD, file_of([replacement], 44))

    reversal, decision = payments(tmp_path, THIRD)[0].claims
    assert [claim.charge_cents for claim in (reversal, decision)] == [-8500, 8500]
    assert decision.paid_cents == -reversal.paid_cents > 0


def test_what_was_voided_cannot_be_voided_again(tmp_path: Path) -> None:
    payer = sandbox(tmp_path)
    payer.submit(FIRST, file_of(claims(1)))
    (old,) = payments(tmp_path)[0].claims
    void = replace(
        BACK_PAIN, control_number="WB-0V", frequency=Frequency.VOID, original_reference=old.payer_claim_number
    )
    payer.submit(SECOND, file_of([void], 43))

    payer.submit(THIRD, file_of([replace(void, control_number="WB-0W")], 44))

    assert all(map(is_rejected, claim_reports(tmp_path, THIRD)))


def test_interest_comes_with_the_claim_that_was_late(tmp_path: Path) -> None:
    sandbox(tmp_path, replace(FLAWLESS, interest=1)).submit(FIRST, file_of(claims(2)))

    (payment,) = payments(tmp_path)
    late, other = payment.claims
    assert late.interest_cents > 0 == other.interest_cents
    assert [(one.reason, one.reference, one.cents) for one in payment.provider_adjustments] == [
        ("L6", late.payer_claim_number, -late.interest_cents)
    ]


def test_an_overpayment_of_an_earlier_claim_is_withheld(tmp_path: Path) -> None:
    payer = sandbox(tmp_path, replace(FLAWLESS, recovered=1))
    payer.submit(FIRST, file_of(claims(1)))
    payer.submit(SECOND, file_of(claims(2, "NEW"), 43))

    (old,) = payments(tmp_path)[0].claims
    (payment,) = payments(tmp_path, SECOND)
    assert payments(tmp_path)[0].provider_adjustments == []
    assert [(one.reason, one.reference, one.cents) for one in payment.provider_adjustments] == [
        ("WO", old.payer_claim_number, old.paid_cents // 5)
    ]


def test_a_busy_quarter_balances_from_its_first_payment_to_its_last(tmp_path: Path) -> None:
    payer = sandbox(tmp_path, Rates(reversed=0.2, recovered=0.5, interest=0.5))
    names = [f"20260331-{number:09d}.837" for number in range(1, 9)]
    for number, name in enumerate(names, start=1):
        payer.submit(name, file_of(claims(15, f"F{number}"), number))

    made = [payment for name in names for payment in payments(tmp_path, name)]
    statuses = Counter(claim.status for payment in made for claim in payment.claims)
    reasons = {one.reason for payment in made for one in payment.provider_adjustments}
    assert statuses["22"] > 5
    assert {"WO", "L6"} <= reasons
    assert min(payment.header.paid_cents for payment in made) >= 0
    assert len({payment.header.trace_number for payment in made}) == len(made)


def test_a_name_that_is_taken_by_another_file_is_not_delivered(tmp_path: Path) -> None:
    payer = sandbox(tmp_path)
    payer.submit(FIRST, file_of(claims(1)))

    with pytest.raises(NotDelivered, match=FIRST):
        payer.submit(FIRST, file_of(claims(2)))


def test_answers_that_cannot_be_written_can_be_asked_for_again(tmp_path: Path) -> None:
    blocked = tmp_path / "answers"
    blocked.write_text("a file where the folder should be")
    payer = sandbox(tmp_path)

    with pytest.raises(NotDelivered, match="answers folder"):
        payer.submit(FIRST, file_of(claims(1)))
    blocked.unlink()
    payer.submit(FIRST, file_of(claims(1)))

    assert len(all_answers(tmp_path)) == 3
