"""The queues hold what waits there, in the order in which it came, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim
from billing.claims.moving import move
from billing.claims.unbilled import unbilled
from billing.claims.worklists import (
    SILENCE,
    STATES,
    Narrowed,
    Place,
    Queue,
    Waiting,
    counts,
    holding_rules,
    last_words,
    queue_of,
    waiting,
)
from billing.database import Db
from billing.payers.models import Payer
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from tests.claims.answers.answer_texts import REJECTED, a277ca, stc
from tests.claims.answers.hearing import HEARD_AT, hear
from tests.claims.office import BILLED_AT, Office
from tests.factories import DAY, make_enrolment, make_patient, make_payer, make_policy, make_practitioner, make_session

EVERYBODY = Narrowed()
ACCEPTED = stc("A2:20")
SOON = BILLED_AT + timedelta(days=1)


def ask(
    office: Office,
    queue: Queue,
    at: datetime = SOON,
    narrowed: Narrowed = EVERYBODY,
    place: Place | None = None,
    limit: int = 50,
) -> list[Waiting]:
    with office.database.reading() as db:
        return waiting(db, queue, at, narrowed, place, limit)


def ask_unbilled(
    office: Office, narrowed: Narrowed = EVERYBODY, place: Place | None = None, limit: int = 50
) -> list[int]:
    with office.database.reading() as db:
        payers = {payer.id: payer for payer in db.query(Payer)}
        return [one.session_id for one in unbilled(db, payers, narrowed, place, limit)]


def count(office: Office, queue: Queue, at: datetime = SOON) -> int:
    with office.database.reading() as db:
        return counts(db, at)[queue]


def visits(office: Office, number: int) -> list[ClinicSession]:
    return [office.visit(DAY + timedelta(days=day)) for day in range(number)]


def step(office: Office, claim: Claim, event: ClaimEvent, at: datetime) -> None:
    """Move a claim, some time later."""
    state = office.claims()[claim.id - 1].state
    office.write(lambda db: move(db, [claim.id], state, event, by="user:1", why="a test", at=at))


def sessions_of(rows: Sequence[Waiting]) -> list[int]:
    return [row.session_id for row in rows]


def test_every_state_is_in_a_queue_where_it_is_looked_for() -> None:
    assert {state: state in STATES[queue_of(state)] for state in ClaimState} == dict.fromkeys(ClaimState, True)


def test_a_signed_session_is_unbilled_until_a_claim_stands_for_it(office: Office) -> None:
    session = office.visit()
    before = ask_unbilled(office), count(office, Queue.UNBILLED)

    office.bill()

    assert before == ([session.id], 1)
    assert (ask_unbilled(office), count(office, Queue.UNBILLED)) == ([], 0)


@pytest.mark.parametrize("bill_to", [BillTo.SELF, BillTo.SUPERBILL])
def test_a_paper_bills_a_session_as_a_claim_does(office: Office, bill_to: BillTo) -> None:
    session = office.visit(bill_to=bill_to)
    before = ask_unbilled(office)

    office.bill()

    assert before == [session.id]
    assert ask_unbilled(office) == []


def test_a_held_claim_stands_too(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    office.visit()

    office.bill()

    assert office.states() == [ClaimState.HELD]
    assert count(office, Queue.UNBILLED) == 0


def test_who_came_and_has_no_signed_note_is_not_unbilled(office: Office) -> None:
    office.visit(state=SessionState.ARRIVED)

    assert (ask_unbilled(office), count(office, Queue.UNBILLED)) == ([], 0)


def test_a_session_awaits_billing_from_the_moment_it_is_signed(office: Office) -> None:
    session = office.visit(state=SessionState.ARRIVED)

    office.edit(session, state=SessionState.SIGNED, signed_at=BILLED_AT)

    assert ask_unbilled(office) == [session.id]


def test_a_session_that_is_not_signed_any_more_awaits_nothing(office: Office) -> None:
    session = office.visit()

    office.edit(session, state=SessionState.CANCELLED, signed_at=None)

    assert count(office, Queue.UNBILLED) == 0


def test_setting_a_claim_aside_makes_its_session_unbilled_again(office: Office) -> None:
    session = office.visit()
    office.bill()
    hear(office, a277ca([(office.claim(session).control_number, REJECTED)]))

    step(office, office.claim(session), ClaimEvent.REPLACED, HEARD_AT)

    assert (ask_unbilled(office), count(office, Queue.UNBILLED)) == ([session.id], 1)


def test_a_replaced_claim_whose_place_is_taken_leaves_nothing_unbilled(office: Office) -> None:
    session = office.visit()
    office.bill()
    hear(office, a277ca([(office.claim(session).control_number, REJECTED)]))

    office.bill(refile=[office.claim(session).control_number])

    assert [claim.state for claim in office.claims()] == [ClaimState.REPLACED, ClaimState.SENT]
    assert count(office, Queue.UNBILLED) == 0


def test_unbilled_sessions_come_oldest_first_a_page_at_a_time(office: Office) -> None:
    ids = [session.id for session in visits(office, 5)]

    first = ask_unbilled(office, limit=2)
    at = datetime(2026, 3, 4, tzinfo=UTC)
    second = ask_unbilled(office, place=Place(at, ids[1]), limit=2)
    back = ask_unbilled(office, place=Place(at + timedelta(days=2), ids[3], is_before=True), limit=2)

    assert (first, second, back) == (ids[:2], ids[2:4], ids[1:3])


def test_unbilled_sessions_are_narrowed_to_a_payer_or_a_practitioner(office: Office) -> None:
    session = office.visit()
    other_payer = office.write(make_payer)
    other = office.write(make_practitioner)

    assert ask_unbilled(office, Narrowed(payer_id=office.scene.payer.id)) == [session.id]
    assert ask_unbilled(office, Narrowed(payer_id=other_payer.id)) == []
    assert ask_unbilled(office, Narrowed(practitioner_id=office.scene.practitioner.id)) == [session.id]
    assert ask_unbilled(office, Narrowed(practitioner_id=other.id)) == []


def test_an_unbilled_session_tells_who_would_be_asked(office: Office) -> None:
    office.visit()

    with office.database.reading() as db:
        (row,) = unbilled(db, {office.scene.payer.id: office.scene.payer}, EVERYBODY)

    assert (row.patient, row.payer, row.bill_to) == ("Miri Okoro", office.scene.payer.name, BillTo.INSURANCE)


def test_queues_count_claims_by_where_they_stand(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    visits(office, 2)
    office.bill()
    office.edit(office.scene.patient, signature_on_file=True)

    held = count(office, Queue.HELD), count(office, Queue.SENT)
    office.bill()

    assert held == (2, 0)
    assert (count(office, Queue.HELD), count(office, Queue.SENT)) == (0, 2)


def test_the_longest_waiting_claim_comes_first_and_pages_follow_without_a_gap(office: Office) -> None:
    made = visits(office, 5)
    office.bill()
    late, early = office.claim(made[0]), office.claim(made[3])
    step(office, early, ClaimEvent.REJECTED, BILLED_AT + timedelta(hours=1))
    step(office, late, ClaimEvent.REJECTED, BILLED_AT + timedelta(hours=2))
    for session in (made[1], made[2], made[4]):
        step(office, office.claim(session), ClaimEvent.REJECTED, BILLED_AT + timedelta(hours=1))

    pages = []
    place: Place | None = None
    while rows := ask(office, Queue.REJECTED, place=place, limit=2):
        pages.append(sessions_of(rows))
        place = rows[-1].place

    order = [made[1].id, made[2].id, made[3].id, made[4].id, made[0].id]
    assert pages == [order[:2], order[2:4], order[4:]]


def test_a_page_leads_back_to_the_one_before_it(office: Office) -> None:
    made = [session.id for session in visits(office, 5)]
    office.bill()
    rows = ask(office, Queue.SENT, limit=5)
    fourth = rows[3].place
    assert fourth is not None

    back = ask(office, Queue.SENT, place=Place(fourth.at, fourth.id, is_before=True), limit=2)

    assert sessions_of(rows) == made
    assert sessions_of(back) == made[1:3]


def test_one_queue_mixes_its_states_in_one_order(office: Office) -> None:
    first, second, third = visits(office, 3)
    office.bill()
    hear(office, a277ca([(office.claim(first).control_number, ACCEPTED)]), at=HEARD_AT)
    step(office, office.claim(third), ClaimEvent.ACCEPTED, HEARD_AT + timedelta(hours=1))

    rows = ask(office, Queue.SENT)

    assert sessions_of(rows) == [second.id, first.id, third.id]
    assert [row.state for row in rows] == [ClaimState.SENT, ClaimState.ACCEPTED, ClaimState.ACCEPTED]


def test_what_is_paid_comes_latest_first(office: Office) -> None:
    first, second = visits(office, 2)
    office.bill()
    step(office, office.claim(second), ClaimEvent.PAID, BILLED_AT + timedelta(hours=1))
    step(office, office.claim(first), ClaimEvent.PAID, BILLED_AT + timedelta(hours=2))

    assert sessions_of(ask(office, Queue.PAID)) == [first.id, second.id]


def test_a_payer_is_silent_when_nothing_was_heard_for_three_weeks(office: Office) -> None:
    office.visit()
    office.bill()
    just_before, after = BILLED_AT + SILENCE, BILLED_AT + SILENCE + timedelta(seconds=1)

    assert (count(office, Queue.SILENT, just_before), len(ask(office, Queue.SILENT, just_before))) == (0, 0)
    assert (count(office, Queue.SILENT, after), len(ask(office, Queue.SILENT, after))) == (1, 1)


def test_an_answer_that_moves_nothing_breaks_the_silence_too(office: Office) -> None:
    session = office.visit()
    office.bill()
    number = office.claim(session).control_number
    hear(office, a277ca([(number, ACCEPTED)], reference="CA-1"), at=HEARD_AT)
    hear(office, a277ca([(number, ACCEPTED)], reference="CA-2"), at=HEARD_AT + timedelta(days=15))
    at = HEARD_AT + SILENCE + timedelta(days=1)

    assert count(office, Queue.SILENT, at) == 0
    assert count(office, Queue.SILENT, at + timedelta(days=15)) == 1


def test_claims_that_have_been_decided_are_never_silent(office: Office) -> None:
    session = office.visit()
    office.bill()
    step(office, office.claim(session), ClaimEvent.DENIED, HEARD_AT)

    assert count(office, Queue.SILENT, HEARD_AT + timedelta(days=365)) == 0


def test_claims_are_narrowed_to_a_payer_a_practitioner_or_a_rule(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    mine = office.visit()

    other = office.write(_visit_without_a_licence)

    office.bill()

    def held(to: Narrowed) -> list[int]:
        return sessions_of(ask(office, Queue.HELD, narrowed=to))

    assert held(Narrowed(payer_id=office.scene.payer.id)) == [mine.id]
    assert held(Narrowed(practitioner_id=other.practitioner_id)) == [other.id]
    assert held(Narrowed(rule="consent.missing")) == [mine.id]
    assert held(Narrowed(rule="licence.missing")) == [other.id]
    assert held(Narrowed(rule="no.such_rule")) == []


def _visit_without_a_licence(db: Db) -> ClinicSession:
    """Of another patient, to another practitioner, for another payer."""
    payer, patient, treating = make_payer(db), make_patient(db), make_practitioner(db)
    make_policy(db, patient, payer)
    make_enrolment(db, treating, payer)
    return make_session(db, patient, treating)


def test_held_claims_are_counted_by_the_rules_that_stop_them(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    visits(office, 2)
    office.visit(DAY + timedelta(days=7), diagnoses=["M54.5"])

    office.bill()

    with office.database.reading() as db:
        rules = dict(holding_rules(db, EVERYBODY))
        elsewhere = holding_rules(db, Narrowed(payer_id=office.scene.payer.id + 1))
    assert rules["consent.missing"] == 3
    assert rules["diagnosis.not_billable"] == 1
    assert elsewhere == []


def test_only_what_stops_a_claim_is_counted(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    office.edit(office.scene.benefit, verified_on=DAY - timedelta(days=400))
    session = office.visit()
    office.bill()

    with office.database.reading() as db:
        rules = dict(holding_rules(db, EVERYBODY))

    assert office.warnings(session)
    assert set(rules) == set(office.holding(session))


def test_the_last_word_of_a_claims_history_says_why_it_is_there(office: Office) -> None:
    session = office.visit()
    office.bill()
    claim = office.claim(session)
    hear(office, a277ca([(claim.control_number, REJECTED)]))

    with office.database.reading() as db:
        said = last_words(db, [claim.id, claim.id + 99])

    assert said == {claim.id: office.moves(claim)[-1].why}


def test_a_claim_says_since_when_it_is_where_it_is(office: Office) -> None:
    session = office.visit()
    office.bill()

    (row,) = ask(office, Queue.SENT)

    assert row.since == BILLED_AT
    assert office.claim(session).moved_at == office.moves(office.claim(session))[-1].at


def test_a_claim_that_is_judged_again_with_the_same_result_waits_since_it_was_held_first(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    session = office.visit()
    office.bill()

    office.bill(at=BILLED_AT + timedelta(days=3))

    assert office.claim(session).moved_at == BILLED_AT
