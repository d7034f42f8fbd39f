"""What was rejected and then corrected is claimed anew, once; what somebody names goes again as it is; nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from billing.claims.answers.answering import Outcome
from billing.claims.filing.refiling import set_aside_corrected
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimAnswer, ClaimMove, Responsibility
from billing.claims.queries import problems_of
from billing.coverage.models import Policy
from billing.database import Database
from billing.edi.claim_837p.claim import Frequency
from billing.errors import Refused
from billing.ledger.accounts import owed_by_insurance
from billing.ledger.queries import balance
from billing.operations.billing_run import BillingRun, run_billing
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession, NeedleSet
from tests.claims.answers.answer_texts import ON, REJECTED, a277ca, a999, stc
from tests.claims.answers.hearing import HEARD_AT, hear
from tests.claims.assembly.further_payers import COPAY, LATER, decide, insure_also, take_back
from tests.claims.office import SETTINGS, THROUGH, Office, open_office
from tests.factories import DAY, make_authorisation, make_fee, make_patient, make_payment, make_policy, make_session
from tests.remittances.books import queue
from tests.remittances.payer import answer, pays

SENT, HELD, READY = ClaimState.SENT, ClaimState.HELD, ClaimState.READY
WAS_REJECTED, REPLACED, ACCEPTED = ClaimState.REJECTED, ClaimState.REPLACED, ClaimState.ACCEPTED


def reject(office: Office, *names: str, reference: str = "CA-1") -> None:
    """The payer's front door returns these claims, or all that are sent."""
    sent = names or tuple(claim.control_number for claim in office.claims() if claim.state is SENT)
    hear(office, a277ca([(name, REJECTED) for name in sent], reference=reference))


def rejected(office: Office, on: date = DAY, **visit: Any) -> ClinicSession:
    """A session whose claim was filed and rejected."""
    session = office.visit(on, **visit)
    office.bill()
    reject(office, reference=f"CA-{session.id}")
    return session


def correct_member_id(office: Office) -> None:
    office.edit(office.scene.policy, member_id="CORRECTED1")


def claims_of(office: Office, session: ClinicSession) -> list[Claim]:
    """All claims of a session, oldest first."""
    return [claim for claim in office.claims() if claim.session_id == session.id]


def places(report: dict[str, Any]) -> list[str]:
    """The session of every entry of a report's lists, but for that of what is rejected and was told of before."""
    lists = [*(entries for name, entries in report["claims"].items() if name != "rejected")]
    lists += [report["superbills"], report["invoices"]]
    named = [session for entries in lists for entry in entries for session in entry["sessions"]]
    return sorted(named + [entry["session"] for entry in report["unbilled"]])


def counts(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["sessions_signed"], report["billed_before"], report["sessions_billed"]


def test_a_rejected_claim_whose_record_was_corrected_is_filed_anew_under_a_new_number(office: Office) -> None:
    session = rejected(office)
    correct_member_id(office)

    report = office.bill()

    old, new = claims_of(office, session)
    sent = office.received()[new.control_number]
    assert (old.state, new.state) == (REPLACED, SENT)
    assert old.control_number != new.control_number
    assert (sent.subscriber.member_id, sent.frequency) == ("CORRECTED1", Frequency.ORIGINAL)
    assert [one["claim"] for one in report["claims"]["filed"]] == [new.control_number]
    assert counts(report) == (1, 0, 1)


def test_what_replaced_a_claim_stands_in_its_history(office: Office) -> None:
    session = rejected(office)
    correct_member_id(office)

    office.bill()

    last = office.moves(claims_of(office, session)[0])[-1]
    assert (last.event, last.from_state, last.to_state) == (ClaimEvent.REPLACED, WAS_REJECTED, REPLACED)
    assert "corrected" in last.why


def test_a_rejected_claim_that_would_say_the_same_stays_as_it_is(office: Office) -> None:
    session = rejected(office)

    report = office.bill()

    assert [claim.state for claim in claims_of(office, session)] == [WAS_REJECTED]
    assert places(report) == []
    assert counts(report) == (1, 1, 0)


def test_of_several_only_the_corrected_one_goes_again(office: Office) -> None:
    first, second = office.visit(), office.visit(DAY + timedelta(days=7))
    office.bill()
    reject(office)
    office.edit(second, place_of_service="12")

    report = office.bill()

    assert [claim.state for claim in claims_of(office, first)] == [WAS_REJECTED]
    assert [claim.state for claim in claims_of(office, second)] == [REPLACED, SENT]
    assert places(report) == [second.external_id]


def test_what_was_filed_anew_is_not_filed_a_third_time(office: Office) -> None:
    rejected(office)
    correct_member_id(office)
    office.bill()

    report = office.bill()

    assert office.states() == [REPLACED, SENT]
    assert len(office.clearinghouse.received) == 2
    assert (places(report), counts(report)) == ([], (1, 1, 0))


def test_what_is_rejected_again_waits_for_another_correction(office: Office) -> None:
    rejected(office)
    correct_member_id(office)
    office.bill()
    reject(office, reference="CA-2")

    office.bill()

    assert office.states() == [REPLACED, WAS_REJECTED]


@pytest.mark.parametrize("state", [SENT, ACCEPTED])
def test_a_claim_that_was_not_rejected_is_never_filed_twice(office: Office, state: ClaimState) -> None:
    session = office.visit()
    office.bill()
    if state is ACCEPTED:
        hear(office, a277ca([(office.claim(session).control_number, stc("A2:20"))]))
    correct_member_id(office)

    office.bill()

    assert office.states() == [state]


def test_a_corrected_chart_is_charged_and_claimed_as_it_now_is(office: Office) -> None:
    session = rejected(office)
    office.write(lambda db: db.execute(sa.delete(NeedleSet).where(NeedleSet.position == 2)))

    office.bill()

    (_, new) = claims_of(office, session)
    with office.database.reading() as db:
        owed = balance(db, owed_by_insurance(session.patient_id))
    assert [line.procedure for line in office.received()[new.control_number].lines] == ["97810"]
    assert owed == new.total_cents == 95_00


def test_a_corrected_fee_is_a_correction_too(office: Office) -> None:
    session = rejected(office)
    office.write(lambda db: make_fee(db, "97810", 99_00, effective_from=DAY))

    office.bill()

    assert [claim.total_cents for claim in claims_of(office, session)] == [165_00, 169_00]


def test_money_the_patient_has_paid_since_is_no_correction(office: Office) -> None:
    session = rejected(office)
    office.write(lambda db: make_payment(db, session))

    office.bill()

    assert office.states() == [WAS_REJECTED]


def test_an_authorisation_that_visits_filed_since_have_used_is_no_correction(office: Office) -> None:
    office.edit(office.scene.benefit, needs_authorisation=True)
    office.write(lambda db: make_authorisation(db, office.scene.patient, office.scene.payer, number="A1", visits=1))
    office.write(lambda db: make_authorisation(db, office.scene.patient, office.scene.payer, number="A2", visits=5))
    first, second = office.visit(), office.visit(DAY + timedelta(days=1))
    office.bill()
    sent = office.received()
    reject(office, office.claim(first).control_number)

    office.bill()

    assert [claim.prior_authorisation for claim in sent.values()] == ["A1", "A2"]
    assert office.claim(first).state is WAS_REJECTED
    assert office.claim(second).state is SENT


def test_a_corrected_authorisation_is_a_correction(office: Office) -> None:
    office.edit(office.scene.benefit, needs_authorisation=True)
    given = office.write(lambda db: make_authorisation(db, office.scene.patient, office.scene.payer, number="A1"))
    session = rejected(office)
    office.edit(given, number="A2")

    office.bill()

    new = claims_of(office, session)[-1]
    assert office.received()[new.control_number].prior_authorisation == "A2"


def test_a_correction_that_is_not_enough_is_held_and_goes_when_it_is(office: Office) -> None:
    session = rejected(office)
    office.edit(session, place_of_service="00")

    held = office.bill()
    office.edit(session, place_of_service="12")
    filed = office.bill()

    assert [claim.state for claim in claims_of(office, session)] == [REPLACED, SENT]
    assert (places(held), counts(held)) == ([session.external_id], (1, 0, 0))
    assert [one["sessions"] for one in held["claims"]["held"]] == [[session.external_id]]
    assert (places(filed), counts(filed)) == ([session.external_id], (1, 0, 1))


def test_a_session_that_has_lost_its_policy_is_held_and_says_so(office: Office) -> None:
    session = rejected(office)
    office.edit(office.scene.policy, effective_from=DAY + timedelta(days=1))

    (held,) = office.bill()["claims"]["held"]

    assert [claim.state for claim in claims_of(office, session)] == [REPLACED, HELD]
    assert "coverage.inactive" in [one["rule"] for one in held["problems"]]


def test_a_session_that_the_patient_is_to_pay_after_all_gets_an_invoice(office: Office) -> None:
    session = rejected(office)
    office.edit(session, bill_to=BillTo.SELF)

    report = office.bill()

    assert office.states() == [REPLACED]
    assert [one["sessions"] for one in report["invoices"]] == [[session.external_id]]
    assert counts(report) == (1, 0, 1)


def test_sessions_after_the_day_are_left_alone(office: Office) -> None:
    rejected(office, DAY + timedelta(days=1))
    correct_member_id(office)

    office.bill(DAY)

    assert office.states() == [WAS_REJECTED]


def test_what_is_charged_for_a_cancelled_session_whose_claim_was_replaced_is_taken_back(office: Office) -> None:
    session = rejected(office)
    office.edit(session, place_of_service="00")
    office.bill()
    office.edit(session, state=SessionState.CANCELLED, signed_at=None)

    report = office.bill()

    with office.database.reading() as db:
        assert balance(db, owed_by_insurance(session.patient_id)) == 0
    assert (places(report), counts(report)) == ([], (0, 0, 0))


def test_a_run_that_was_cut_off_after_setting_aside_is_finished_by_the_next(office: Office) -> None:
    session = rejected(office)
    correct_member_id(office)
    office.write(lambda db: set_aside_corrected(db, 0, THROUGH))

    report = office.bill()

    assert [claim.state for claim in claims_of(office, session)] == [REPLACED, SENT]
    assert (places(report), counts(report)) == ([session.external_id], (1, 0, 1))


def test_a_claim_replaced_before_any_report_told_of_it_is_told_of_no_more(office: Office) -> None:
    session = office.visit()
    run_billing(office.database, BillingRun(THROUGH), office.store, office.clearinghouse, SETTINGS)
    reject(office)
    correct_member_id(office)

    report = office.bill()

    (_, new) = claims_of(office, session)
    assert [one["claim"] for one in report["claims"]["filed"]] == [new.control_number]
    assert counts(report) == (1, 0, 1)


def test_whoever_comes_before_the_cursor_is_left_alone(sqlite_office: Office) -> None:
    office = sqlite_office
    office.visit()
    with office.database.transaction() as db:
        other = make_patient(db, first_name="Odin")
        make_policy(db, other, office.scene.payer)
        make_session(db, other, office.scene.practitioner, start="11:00")
    office.bill()
    reject(office)
    office.edit(office.scene.payer, payer_number="NEW01")

    cursor = office.write(lambda db: set_aside_corrected(db, office.scene.patient.id, THROUGH))
    end = office.write(lambda db: set_aside_corrected(db, cursor, THROUGH))

    assert office.states() == [WAS_REJECTED, REPLACED]
    assert (cursor, end) == (other.id, None)


def test_a_claim_filed_anew_is_no_duplicate_of_the_one_it_replaces(office: Office) -> None:
    session = rejected(office)
    correct_member_id(office)

    office.bill()

    with office.database.reading() as db:
        new = claims_of(office, session)[-1]
        assert problems_of(db, [new.id])[new.id] == []


def test_a_rejected_visit_keeps_its_place_among_those_that_the_plan_allows(office: Office) -> None:
    office.edit(office.scene.benefit, visits_allowed=2)
    visits = [office.visit(DAY + timedelta(days=7 * week)) for week in range(3)]
    office.bill()
    reject(office, claims_of(office, visits[0])[0].control_number)
    still = office.bill()
    office.edit(visits[0], place_of_service="12")

    office.bill()

    assert [one["sessions"] for one in still["claims"]["held"]] == [[visits[2].external_id]]
    assert [[claim.state for claim in claims_of(office, one)] for one in visits] == [[REPLACED, SENT], [SENT], [HELD]]


def test_what_is_named_goes_again_unchanged(office: Office) -> None:
    sessions = [office.visit(DAY + timedelta(days=7 * week)) for week in range(3)]
    office.bill()
    hear(office, a999(1, "R*5", "R"))
    names = [claim.control_number for claim in office.claims()]

    report = office.bill(refile=names[:2])

    assert office.states() == [REPLACED, REPLACED, WAS_REJECTED, SENT, SENT]
    assert places(report) == [one.external_id for one in sessions[:2]]
    assert counts(report) == (3, 1, 2)
    sent = office.received()
    old, new = sent[names[0]], sent[report["claims"]["filed"][0]["claim"]]
    assert [(one.procedure, one.charge_cents) for one in new.lines] == [
        (one.procedure, one.charge_cents) for one in old.lines
    ]
    assert new.subscriber == old.subscriber


def test_a_claim_named_twice_goes_once(office: Office) -> None:
    session = rejected(office)
    (name,) = (claim.control_number for claim in claims_of(office, session))

    office.bill(refile=[name, name])

    assert office.states() == [REPLACED, SENT]


def refused(office: Office, *names: str, through: date = THROUGH) -> str:
    """Why a run will not file these again; nothing must have changed."""
    before, sent = history(office), len(office.clearinghouse.received)
    with pytest.raises(Refused) as told:
        office.bill(through, refile=names)
    assert (history(office), len(office.clearinghouse.received)) == (before, sent)
    return str(told.value)


def history(office: Office) -> Sequence[Any]:
    with office.database.reading() as db:
        return db.execute(sa.select(ClaimMove.id, ClaimMove.to_state).order_by(ClaimMove.id)).all()


def test_a_claim_that_is_not_there_is_refused_and_nothing_is_billed(office: Office) -> None:
    rejected(office)
    office.visit(DAY + timedelta(days=7))
    good = office.claims()[0].control_number

    why = refused(office, good, "MER9999999", "ELSE")

    assert why == (
        "There is no claim MER9999999, nor a file of that name with rejected claims. "
        "There is no claim ELSE, nor a file of that name with rejected claims. Nothing was billed."
    )


def test_a_claim_that_is_not_rejected_is_refused(office: Office) -> None:
    office.visit()
    office.bill()
    (claim,) = office.claims()

    assert "is sent; only a rejected claim can be filed again" in refused(office, claim.control_number)


def test_a_claim_that_is_replaced_already_is_refused(office: Office) -> None:
    rejected(office)
    name = office.claims()[0].control_number
    office.bill(refile=[name])

    assert f"Claim {name} is replaced already" in refused(office, name)


def test_a_claim_of_a_session_that_is_not_signed_any_more_is_refused(office: Office) -> None:
    session = rejected(office)
    office.edit(session, state=SessionState.CANCELLED, signed_at=None)

    assert "is cancelled; only what is signed can be billed" in refused(office, office.claims()[0].control_number)


def test_a_claim_of_a_session_after_the_day_is_refused(office: Office) -> None:
    rejected(office, DAY + timedelta(days=1))

    why = refused(office, office.claims()[0].control_number, through=DAY)

    assert f"is on {DAY + timedelta(days=1)}, and this run goes up to {DAY}" in why


def on_second_payer(office: Office) -> tuple[ClinicSession, Claim, Any]:
    """A session whose claim on its second payer was rejected, that claim, and the first payer's decision."""
    insure_also(office)
    session = office.visit()
    office.bill()
    decision = decide(office, session, COPAY)
    office.bill(LATER)
    second = claims_of(office, session)[-1]
    assert second.responsibility is Responsibility.SECONDARY
    reject(office, second.control_number)
    return session, second, decision


def test_a_later_payers_claim_is_filed_anew_with_what_the_first_one_decided(office: Office) -> None:
    session, old, _ = on_second_payer(office)
    with office.database.reading() as db:
        policy = db.get_one(Policy, old.policy_id)
    office.edit(policy, member_id="CORRECTED2")

    report = office.bill(LATER)
    again = office.bill(LATER)

    states = [(claim.responsibility.value, claim.state) for claim in claims_of(office, session)]
    assert states == [("P", ClaimState.PAID), ("S", REPLACED), ("S", SENT)]
    new = office.received()[claims_of(office, session)[-1].control_number]
    assert new.subscriber.member_id == "CORRECTED2"
    assert new.other_payers[0].paid_cents == 115_00
    assert (places(report), counts(report)) == ([session.external_id], (1, 1, 0))
    assert places(again) == []


def test_a_later_payers_claim_that_would_say_the_same_stays_rejected_until_it_is_named(office: Office) -> None:
    _, old, _ = on_second_payer(office)
    office.bill(LATER)
    before = office.states()

    office.bill(LATER, refile=[old.control_number])

    assert before == [ClaimState.PAID, WAS_REJECTED]
    assert office.states() == [ClaimState.PAID, REPLACED, SENT]


def test_a_later_payers_claim_waits_while_the_first_one_has_to_decide_again(office: Office) -> None:
    _, old, decision = on_second_payer(office)
    take_back(office, decision)

    why = refused(office, old.control_number, through=LATER)
    office.bill(LATER)

    assert "has taken its decision back" in why
    assert office.states() == [ACCEPTED, WAS_REJECTED]


def accept_late(office: Office, name: str) -> Outcome:
    later = ON + timedelta(days=1)
    return hear(office, a277ca([(name, stc("A2:20", on=later))], reference="CA-9", on=later), HEARD_AT)


def test_that_a_replaced_claim_is_accepted_after_all_is_kept_and_left_for_a_person(database: Database) -> None:
    office = open_office(database)
    rejected(office)
    correct_member_id(office)
    office.bill()
    old, new = (claim.control_number for claim in office.claims())

    told = accept_late(office, old)

    (why,) = (one.why for one in told.unmatched)
    assert told.matched == ()
    assert f"Claim {old}: A2:20 accepted" in why
    assert f"claim {new}, now sent, took its place: the payer may have two" in why
    assert office.states() == [REPLACED, SENT]
    with database.reading() as db:
        assert db.scalars(sa.select(ClaimAnswer.code).order_by(ClaimAnswer.id)).all()[-1] == "A2:20"


def test_that_a_replaced_claim_is_rejected_once_more_is_only_noted(office: Office) -> None:
    rejected(office)
    correct_member_id(office)
    office.bill()
    old = office.claims()[0].control_number

    told = hear(office, a277ca([(old, REJECTED)], reference="CA-9"))

    assert told.unmatched == ()
    assert [(one.claim, one.state) for one in told.matched] == [(old, REPLACED)]


def test_money_for_a_replaced_claim_waits_for_a_person(office: Office) -> None:
    rejected(office)
    old = office.received()[office.claims()[0].control_number]
    correct_member_id(office)
    office.bill()

    why = queue(office, pays(answer(old, {"CO-45": 15_00}, {"CO-45": 10_00})))

    assert "is replaced and takes no money any more" in why
