"""A payment goes into the books line by line, whole or not at all, and every cent of it is accounted for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from billing.audit.models import AuditEntry
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Verdict
from billing.ledger.models import Entry, Posting
from billing.remittances.models import ProviderAdjustment, RemittanceState
from billing.remittances.posting import CLAIMS_AT_ONCE
from tests.claims.office import Office
from tests.factories import DAY, make_payment
from tests.remittances.books import (
    PAID_AT,
    POSTED,
    adjudications,
    balances,
    fates,
    filed,
    filed_for,
    kinds,
    lines_of,
    noted,
    post,
    remit,
    remittances,
)
from tests.remittances.payer import PAID_ON, PAYER_NAME, answer, answer_as_a_whole, pays

FULL = ({}, {})
"""Both lines of a usual visit are paid as charged: 165.00."""


def entries(office: Office) -> list[str]:
    """The sources of what payments have put into the books."""
    with office.database.reading() as db:
        wanted = sa.select(Entry.source).where(Entry.source.startswith("remittance:")).order_by(Entry.source)
        return list(db.scalars(wanted))


def test_a_charge_of_150_is_paid_56_written_off_50_and_owed_44_by_the_patient(office: Office) -> None:
    claim = filed_for(office, 150_00)

    post(office, pays(answer(claim, {"CO-45": 50_00, "PR-1": 30_00, "PR-2": 14_00})))

    assert kinds(office) == {
        "money:transfer": 56_00,
        "adjusted:contractual": 50_00,
        "patient": 44_00,
        "income:services": -150_00,
    }


def test_two_claims_of_56_and_44_less_10_taken_back_are_a_check_of_90(sqlite_office: Office) -> None:
    first = filed_for(sqlite_office, 150_00)
    second = filed_for(sqlite_office, 44_00, DAY + timedelta(days=7))

    post(
        sqlite_office,
        pays(
            answer(first, {"CO-45": 50_00, "PR-1": 44_00}),
            answer(second, {}),
            provider_adjustments=(("WO:PCN1", 10_00),),
            paid_cents=90_00,
        ),
    )

    found = kinds(sqlite_office)
    assert (found["money:transfer"], found["provider-level:WO"], found["patient"]) == (90_00, 10_00, 44_00)


def test_every_line_is_an_entry_of_its_own_about_its_charge(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)

    post(sqlite_office, pays(answer(claim, {"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})))

    (remittance,) = remittances(sqlite_office)
    own = f"remittance:{remittance.id}"
    assert entries(sqlite_office) == [f"{own}:claim:1:line:1", f"{own}:claim:1:line:2", f"{own}:deposit"]
    with sqlite_office.database.reading() as db:
        about = db.scalars(sa.select(Posting.about).where(Posting.entry == f"{own}:claim:1:line:2")).all()
        memo, booked_on = db.execute(
            sa.select(Entry.memo, Entry.booked_on).where(Entry.source == f"{own}:deposit")
        ).one()
    assert set(about) == {f"charge:{lines_of(sqlite_office, adjudications(sqlite_office)[0])[1].charge_id}"}
    assert (booked_on, PAYER_NAME in memo) == (PAID_ON, True)


def test_a_decision_is_kept_with_all_that_was_said(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)
    decided = answer(claim, {"CO-45": 15_00, "PR-3": 25_00}, {"CO-50": 70_00}, remarks=("MA01",))
    decided = replace(decided, lines=(decided.lines[0], replace(decided.lines[1], remarks=("N130",))))

    post(sqlite_office, pays(decided))

    (found,) = adjudications(sqlite_office)
    assert (found.decided_on, found.status_code, found.payer_claim_number) == (PAID_ON, "1", "PCN1")
    assert (found.charge_cents, found.paid_cents, found.patient_cents) == (165_00, 55_00, 25_00)
    assert (found.is_denial, found.remarks, found.posted_at, found.reversed_at) == (False, ["MA01"], PAID_AT, None)
    first, second = lines_of(sqlite_office, found)
    assert (first.adjustments, first.is_denied) == ([["CO", "45", 15_00], ["PR", "3", 25_00]], False)
    assert (second.adjustments, second.remarks, second.is_denied) == ([["CO", "50", 70_00]], ["N130"], True)


@pytest.mark.parametrize(
    ("method", "account"), [("ACH", "transfer"), ("BOP", "transfer"), ("FWT", "transfer"), ("CHK", "check")]
)
def test_money_comes_as_a_transfer_or_as_a_check(sqlite_office: Office, method: str, account: str) -> None:
    post(sqlite_office, pays(answer(filed(sqlite_office), *FULL), method=method))

    assert kinds(sqlite_office)[f"money:{account}"] == 165_00


def test_a_payment_is_remembered_with_its_arithmetic(sqlite_office: Office) -> None:
    post(sqlite_office, pays(answer(filed(sqlite_office), *FULL), provider_adjustments=(("72:REF9", 5_00),)))

    (found,) = remittances(sqlite_office)
    assert (found.state, found.claims, found.paid_cents, found.method) == (RemittanceState.POSTED, 1, 160_00, "ACH")
    assert (found.payer_name, found.paid_on, found.ordinal, found.why) == (PAYER_NAME, PAID_ON, 1, "")
    assert found.arithmetic == "Check 160.00 = claims 165.00 - provider-level 5.00"
    with sqlite_office.database.reading() as db:
        (kept,) = db.scalars(sa.select(ProviderAdjustment))
    assert (kept.remittance_id, kept.reason, kept.reference, kept.cents) == (found.id, "72", "REF9", 5_00)


def test_a_posted_payment_is_audited_without_anybodys_name(sqlite_office: Office) -> None:
    post(sqlite_office, pays(answer(filed(sqlite_office), *FULL)))

    with sqlite_office.database.reading() as db:
        (found,) = db.scalars(sa.select(AuditEntry).where(AuditEntry.subject_kind == "remittance"))
    assert (found.action, found.actor_id, found.detail) == ("payment posted", "remit", {"claims": 1})


@pytest.mark.parametrize("reason", ["WO", "FB", "72", "CS", "AP"])
@pytest.mark.parametrize("cents", [10_00, -10_00], ids=["withheld", "added"])
def test_what_is_for_no_claim_in_particular_is_kept_by_reason(sqlite_office: Office, reason: str, cents: int) -> None:
    post(sqlite_office, pays(answer(filed(sqlite_office), *FULL), provider_adjustments=((reason, cents),)))

    found = kinds(sqlite_office)
    assert (found["money:transfer"], found[f"provider-level:{reason}"]) == (165_00 - cents, cents)


def test_interest_is_income_and_not_money_for_services(sqlite_office: Office) -> None:
    post(sqlite_office, pays(answer(filed(sqlite_office), *FULL), provider_adjustments=(("L6", -1_23),)))

    found = kinds(sqlite_office)
    assert (found["money:transfer"], found["income:interest"], found["income:services"]) == (166_23, -1_23, -165_00)


def test_a_balance_carried_forward_moves_no_cash(sqlite_office: Office) -> None:
    first = filed(sqlite_office)
    post(
        sqlite_office,
        pays(answer(first, {"PR-1": 95_00}, {"PR-1": 70_00}), provider_adjustments=(("FB", 20_00), ("FB", -20_00))),
    )

    found = kinds(sqlite_office)
    assert (found.get("money:transfer", 0), found.get("provider-level:FB", 0), found["patient"]) == (0, 0, 165_00)


def test_a_payment_that_is_all_withheld_brings_nothing_and_posts(sqlite_office: Office) -> None:
    post(sqlite_office, pays(answer(filed(sqlite_office), *FULL), provider_adjustments=(("WO:OLD", 165_00),)))

    found = kinds(sqlite_office)
    assert "money:transfer" not in found
    assert found["provider-level:WO"] == 165_00


def test_a_payment_of_nothing_posts_what_was_decided(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)

    post(sqlite_office, pays(answer(claim, {"PR-1": 95_00}, {"CO-45": 70_00})))

    assert kinds(sqlite_office) == {"patient": 95_00, "adjusted:contractual": 70_00, "income:services": -165_00}
    assert remittances(sqlite_office)[0].method == "NON"


def test_a_payer_that_takes_money_lowers_what_was_received(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)

    post(sqlite_office, pays(answer(claim, {"PR-1": 95_00}, {"PR-1": 70_00}), provider_adjustments=(("WO", 30_00),)))

    (found,) = remittances(sqlite_office)
    assert found.paid_cents == -30_00
    assert kinds(sqlite_office)["money:transfer"] == -30_00


def test_a_denied_claim_stays_with_the_insurer_and_says_why(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)

    post(sqlite_office, pays(answer(claim, {"CO-197": 95_00}, {"CO-197": 70_00}, status="4")))

    assert kinds(sqlite_office) == {"insurance": 165_00, "income:services": -165_00}
    (found,) = sqlite_office.claims()
    assert found.state is ClaimState.DENIED
    assert "CO-197" in sqlite_office.moves(found)[-1].why
    assert adjudications(sqlite_office)[0].is_denial


def test_a_denial_is_told_by_its_reasons_and_not_by_its_status(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)

    post(sqlite_office, pays(answer(claim, {"CO-50": 95_00}, {"CO-50": 70_00}, status="1")))

    assert sqlite_office.states() == [ClaimState.DENIED]


def test_a_claim_of_which_one_line_is_paid_is_paid(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)

    post(sqlite_office, pays(answer(claim, {}, {"CO-97": 70_00})))

    assert sqlite_office.states() == [ClaimState.PAID]
    assert kinds(sqlite_office)["insurance"] == 70_00


def test_lines_answered_in_two_payments_are_one_claim_in_the_end(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)
    whole = answer(claim, *FULL)
    first = replace(whole, lines=whole.lines[:1], charge_cents=95_00, paid_cents=95_00)
    second = replace(whole, lines=whole.lines[1:], charge_cents=70_00, paid_cents=70_00)

    post(sqlite_office, pays(first))
    left = kinds(sqlite_office)["insurance"]
    post(sqlite_office, pays(second))

    assert (left, kinds(sqlite_office).get("insurance", 0)) == (70_00, 0)
    assert len(adjudications(sqlite_office)) == 2


def test_a_claim_answered_as_a_whole_is_shared_over_its_lines(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)

    post(sqlite_office, pays(answer_as_a_whole(claim, {"CO-45": 33_00, "PR-3": 16_50})))

    assert kinds(sqlite_office) == {
        "money:transfer": 115_50,
        "adjusted:contractual": 33_00,
        "patient": 16_50,
        "income:services": -165_00,
    }
    assert [line.paid_cents for line in lines_of(sqlite_office, adjudications(sqlite_office)[0])] == [66_50, 49_00]


def test_what_the_patient_paid_that_day_pays_the_patients_part(sqlite_office: Office) -> None:
    session = sqlite_office.visit()
    sqlite_office.write(lambda db: make_payment(db, session, 25_00))
    sqlite_office.bill()

    post(sqlite_office, pays(answer(sqlite_office.sent(session), {"PR-3": 25_00}, {"CO-45": 70_00})))

    assert kinds(sqlite_office).get("patient", 0) == 0
    with sqlite_office.database.reading() as db:
        patient = f"patient:{sqlite_office.scene.patient.id}"
        rows = db.execute(
            sa.select(Posting.about, sa.func.sum(Posting.cents))
            .where(Posting.account == patient)
            .group_by(Posting.about)
        )
        assert {about: cents for about, cents in rows if cents} == {}


@pytest.mark.parametrize("status", ["23", "25"])
def test_what_decides_nothing_is_only_noted(sqlite_office: Office, status: str) -> None:
    claim = filed(sqlite_office)
    before = sqlite_office.states()

    post(sqlite_office, pays(answer(claim, {"CO-45": 95_00}, {"CO-45": 70_00}, status=status)))

    assert sqlite_office.states() == before
    assert kinds(sqlite_office)["insurance"] == 165_00
    assert adjudications(sqlite_office) == []
    (found,) = noted(sqlite_office)
    assert (found.kind, found.code, found.verdict, found.said_on) == ("835", status, Verdict.NOTED, PAID_ON)


def test_a_denied_claim_that_is_decided_anew_is_paid_and_the_old_decision_stands_no_more(
    sqlite_office: Office,
) -> None:
    claim = filed(sqlite_office)
    post(sqlite_office, pays(answer(claim, {"CO-45": 15_00, "CO-16": 80_00}, {"CO-16": 70_00}, status="4")))

    post(sqlite_office, pays(answer(claim, {"CO-45": 20_00}, {"CO-45": 10_00})))

    old, new = adjudications(sqlite_office)
    assert (old.reversed_at is None, new.reversed_at is None) == (False, True)
    assert sqlite_office.states() == [ClaimState.PAID]
    assert kinds(sqlite_office) == {
        "money:transfer": 135_00,
        "adjusted:contractual": 30_00,
        "income:services": -165_00,
    }


def test_a_deductible_that_turns_out_to_be_covered_leaves_the_patients_account(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)
    post(sqlite_office, pays(answer(claim, {"PR-1": 95_00}, {"PR-1": 70_00})))

    post(sqlite_office, pays(answer(claim, *FULL)))

    assert kinds(sqlite_office) == {"money:transfer": 165_00, "income:services": -165_00}


def test_only_the_line_that_is_decided_anew_is_replaced(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)
    post(sqlite_office, pays(answer(claim, {"PR-3": 25_00}, {"CO-16": 70_00})))
    whole = answer(claim, *FULL)

    post(sqlite_office, pays(replace(whole, lines=whole.lines[1:], charge_cents=70_00, paid_cents=70_00)))

    assert kinds(sqlite_office) == {"money:transfer": 140_00, "patient": 25_00, "income:services": -165_00}
    assert [one.reversed_at for one in adjudications(sqlite_office)] == [None, None]


@pytest.mark.parametrize(
    "decided", [({}, {"PR-3": 25_00}), ({"CO-50": 95_00}, {"CO-50": 70_00})], ids=["paid", "denied"]
)
def test_a_claim_refused_for_having_come_before_changes_nothing_and_is_noted(
    sqlite_office: Office, decided: tuple[dict[str, int], dict[str, int]]
) -> None:
    claim = filed(sqlite_office)
    post(sqlite_office, pays(answer(claim, *decided)))
    before = (kinds(sqlite_office), sqlite_office.states(), [one.source for one in adjudications(sqlite_office)])

    post(sqlite_office, pays(answer(claim, {"OA-18": 95_00}, {"OA-18": 70_00}, status="4")))

    after = (kinds(sqlite_office), sqlite_office.states(), [one.source for one in adjudications(sqlite_office)])
    assert after == before
    assert [(one.kind, one.verdict) for one in noted(sqlite_office)] == [("835", Verdict.NOTED)]


def test_a_denial_for_another_reason_replaces_the_one_before(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)
    post(sqlite_office, pays(answer(claim, {"CO-16": 95_00}, {"CO-16": 70_00})))

    post(sqlite_office, pays(answer(claim, {"CO-50": 95_00}, {"CO-50": 70_00})))

    assert [one.reversed_at is None for one in adjudications(sqlite_office)] == [False, True]
    assert sqlite_office.states() == [ClaimState.DENIED]


def test_cost_sharing_of_a_qualified_medicare_beneficiary_is_not_asked_of_the_patient(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)

    post(sqlite_office, pays(answer(claim, {"PR-1": 40_00}, {"PR-2": 14_00}, remarks=("N781", "N782"))))

    assert kinds(sqlite_office) == {"money:transfer": 111_00, "insurance": 54_00, "income:services": -165_00}


def test_a_claim_that_was_rejected_and_is_paid_all_the_same_is_paid(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)
    sqlite_office.edit(sqlite_office.claims()[0], state=ClaimState.REJECTED)

    post(sqlite_office, pays(answer(claim, *FULL)))

    assert sqlite_office.states() == [ClaimState.PAID]


def test_a_day_of_payment_that_is_not_told_is_the_day_the_advice_was_made(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)
    segments = pays(answer(claim, *FULL)).segments(1)
    undated = [one.removesuffix(f"{PAID_ON:%Y%m%d}").rstrip("*") if one.startswith("BPR") else one for one in segments]
    text = "".join(f"{one}~" for one in undated)

    judged = remit(sqlite_office, _in_envelope(text))

    assert fates(judged) == [POSTED], judged
    assert [one.decided_on for one in adjudications(sqlite_office)] == [PAID_ON]
    assert remittances(sqlite_office)[0].paid_on is None


def _in_envelope(text: str) -> bytes:
    isa = "ISA*00*          *00*          *ZZ*EXAMPLEPAYER   *ZZ*STILL01        *260410*0800*^*00501*000000001*0*T*:~"
    group = "GS*HP*EXAMPLEPAYER*STILL01*20260410*0800*1*X*005010X221A1~"
    return f"{isa}{group}{text}GE*1*1~IEA*1*000000001~".encode()


def test_payments_of_one_file_are_each_a_deposit_of_their_own(office: Office) -> None:
    claims = [filed(office, DAY + timedelta(days=7 * week)) for week in range(3)]

    post(office, *(pays(answer(one, {"PR-3": 25_00}, {"CO-45": 10_00})) for one in claims))

    assert [one.ordinal for one in remittances(office)] == [1, 2, 3]
    found = balances(office)
    assert found["money:transfer"] == 3 * 130_00
    assert found[f"patient:{office.scene.patient.id}"] == 3 * 25_00


def test_a_payment_of_more_claims_than_are_judged_at_once_is_one_payment(sqlite_office: Office) -> None:
    first, last = filed(sqlite_office), filed(sqlite_office, DAY + timedelta(days=7))
    between = [answer(first, {"CO-45": 95_00}, {"CO-45": 70_00}, status="25")] * CLAIMS_AT_ONCE

    post(sqlite_office, pays(answer(first, *FULL), *between, answer(last, *FULL)))

    assert remittances(sqlite_office)[0].claims == CLAIMS_AT_ONCE + 2
    assert kinds(sqlite_office) == {"money:transfer": 330_00, "income:services": -330_00}
    assert len(noted(sqlite_office)) == CLAIMS_AT_ONCE
