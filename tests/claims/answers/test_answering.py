"""Answers find their claims, are kept with them once, and move them as far as they may."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import permutations

import pytest
import sqlalchemy as sa

from billing.claims.answers.answering import Matched, Outcome
from billing.claims.filing.sending import LEASE, take
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimAnswer, ClaimFile, FileState, Verdict
from billing.claims.moving import move
from billing.errors import NotDelivered, OutcomeUnknown
from tests.claims.answers.answer_texts import ON, REJECTED, a277, a277ca, a999, stc, ta1
from tests.claims.answers.hearing import HEARD_AT, file_claims, hear
from tests.claims.office import BILLED_AT, Office
from tests.factories import DAY

S, E, V = ClaimState, ClaimEvent, Verdict
DEAD = OutcomeUnknown("The line went dead.")
FULL = NotDelivered("The claims folder is full.")
LATER = ON + timedelta(days=1)


def lose_claims(office: Office, count: int = 1) -> list[str]:
    """So many claims in a file of which nobody knows whether it arrived."""
    office.clearinghouse.failure = DEAD
    names = file_claims(office, count)
    office.clearinghouse.failure = None
    assert set(office.states()) == {S.UNKNOWN}
    return names


def file_of(office: Office) -> ClaimFile:
    with office.database.reading() as db:
        return db.scalars(sa.select(ClaimFile)).one()


def answers(office: Office) -> list[ClaimAnswer]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(ClaimAnswer).order_by(ClaimAnswer.id)))


def drive(office: Office, *events: ClaimEvent) -> None:
    """What a payment, or a person, does to the first claim."""
    for event in events:
        claim = office.claims()[0]
        with office.database.transaction() as db:
            move(db, [claim.id], claim.state, event, by="user:1", why="a test", at=HEARD_AT)


def events(office: Office) -> list[ClaimEvent]:
    """What the first claim went through after it was sent."""
    gone_through = [one.event for one in office.moves(office.claims()[0])]
    return [one for one in gone_through if one not in (E.PASSED, E.TAKEN, E.DELIVERED, E.LOST)]


def test_an_accepted_file_leaves_its_claims_sent_and_is_noted_with_each(office: Office) -> None:
    first, second = file_claims(office, 2)

    heard = hear(office, a999(1))

    assert heard == Outcome(
        (Matched("999", first, S.SENT, "A file accepted"), Matched("999", second, S.SENT, "A file accepted")), ()
    )
    assert office.states() == [S.SENT, S.SENT]
    assert [(one.kind, one.code, one.verdict, one.said_on) for one in answers(office)] == [
        ("999", "A", V.RECEIVED, ON)
    ] * 2
    assert events(office) == []


@pytest.mark.parametrize("content", [a999(1, "R*5", "R"), ta1(1, "R", "009")], ids=["999", "TA1"])
def test_a_refused_file_rejects_its_claims(office: Office, content: bytes) -> None:
    file_claims(office, 2)

    heard = hear(office, content)

    assert office.states() == [S.REJECTED, S.REJECTED]
    assert [one.state for one in heard.matched] == [S.REJECTED, S.REJECTED]
    (last, *_) = reversed(office.moves(office.claims()[0]))
    assert (last.event, last.by, last.at) == (E.REJECTED, "command:answers", HEARD_AT)
    assert last.why == heard.matched[0].why


def test_only_the_claims_of_the_file_that_is_meant_are_answered(office: Office) -> None:
    file_claims(office)
    office.visit(DAY + timedelta(days=9))
    office.bill()

    hear(office, a999(2, "R*5", "R"))

    assert office.states() == [S.SENT, S.REJECTED]


@pytest.mark.parametrize("content", [a999(1), a999(1, "E"), ta1(1), ta1(1, "E", "022")], ids=["A", "E", "TA1", "TA1 E"])
def test_an_accepted_file_of_unknown_fate_is_known_to_be_sent(office: Office, content: bytes) -> None:
    lose_claims(office, 2)

    heard = hear(office, content)

    assert office.states() == [S.SENT, S.SENT]
    assert {one.state for one in heard.matched} == {S.SENT}
    assert events(office) == [E.FOUND]
    assert file_of(office).state is FileState.SENT
    assert file_of(office).sent_at == BILLED_AT


def test_a_refused_file_of_unknown_fate_is_known_to_be_sent_and_its_claims_rejected(office: Office) -> None:
    lose_claims(office)

    hear(office, a999(1, "R*5", "R"))

    assert office.states() == [S.REJECTED]
    assert events(office) == [E.REJECTED]
    assert file_of(office).state is FileState.SENT


def test_an_answer_to_one_claim_finds_all_that_went_in_its_file(office: Office) -> None:
    first, second, third = lose_claims(office, 3)

    heard = hear(office, a277ca([(second, stc("A2:20")), (third, stc("A5:20"))]))

    assert office.states() == [S.SENT, S.ACCEPTED, S.SENT]
    assert [(one.claim, one.state) for one in heard.matched] == [(second, S.ACCEPTED), (third, S.SENT)]
    assert office.moves(office.claims()[0])[-1].why == "its file was answered, so it arrived"
    assert file_of(office).state is FileState.SENT
    assert first not in [one.claim for one in heard.matched]


def test_what_is_only_noted_proves_nothing_of_a_claim_of_unknown_fate(office: Office) -> None:
    (name,) = lose_claims(office)

    hear(office, a277ca([(name, stc("A4:35"))]))

    assert office.states() == [S.UNKNOWN]
    assert file_of(office).state is FileState.UNKNOWN


def test_claims_whose_file_was_found_are_told_by_the_next_billing_run(office: Office) -> None:
    (name,) = lose_claims(office)
    hear(office, a999(1))

    report = office.bill()

    assert [one["claim"] for one in report["claims"]["filed"]] == [name]
    assert office.clearinghouse.received == []


def test_a_partly_accepted_group_in_which_our_set_is_not_named_moves_nothing(office: Office) -> None:
    file_claims(office)

    heard = hear(office, a999(1, "", "P"))

    assert office.states() == [S.SENT]
    assert [one.verdict for one in answers(office)] == [V.NOTED]
    assert [one.why for one in heard.matched] == ["P file partly accepted"]


@pytest.mark.parametrize("content", [a999(1, "R*5", "R"), ta1(1, "R", "009")], ids=["999", "TA1"])
def test_a_refused_file_moves_no_claim_that_has_gone_further(office: Office, content: bytes) -> None:
    (name,) = file_claims(office)
    hear(office, a277ca([(name, stc("A2:20"))]))

    heard = hear(office, content)

    assert office.states() == [S.ACCEPTED]
    assert heard.matched[0].why.endswith("(only noted: the claim stays accepted)")
    assert len(answers(office)) == 2


@pytest.mark.parametrize(
    ("code", "action", "state"),
    [
        ("A0:19", "WQ", S.SENT),
        ("A1:20", "WQ", S.SENT),
        ("A2:20", "WQ", S.ACCEPTED),
        ("A3:33", "U", S.REJECTED),
        ("A4:35", "WQ", S.SENT),
        ("A4:35", "U", S.REJECTED),
        ("A6:562", "U", S.REJECTED),
        ("A7:507", "U", S.REJECTED),
        ("A8:21", "U", S.REJECTED),
    ],
)
def test_an_acknowledged_claim_goes_where_its_category_says(
    office: Office, code: str, action: str, state: ClaimState
) -> None:
    (name,) = file_claims(office)

    heard = hear(office, a277ca([(name, stc(code, action=action))]))

    assert office.states() == [state]
    assert [(one.kind, one.claim, one.state) for one in heard.matched] == [("277CA", name, state)]
    assert heard.matched[0].why.startswith(code)
    assert answers(office)[0].code == code


def test_a_file_refused_as_a_whole_rejects_the_claims_that_are_not_named(office: Office) -> None:
    first, second, third = file_claims(office, 3)

    heard = hear(office, a277ca([(second, stc("A2:20"))], receiver=stc("A8:21", action="U")))

    assert office.states() == [S.REJECTED, S.ACCEPTED, S.REJECTED]
    assert [one.claim for one in heard.matched] == [second, first, third]


def test_a_refused_provider_rejects_all_claims_of_the_file(office: Office) -> None:
    file_claims(office, 2)

    hear(office, a277ca([], provider=stc("A3:24:85", action="U")))

    assert office.states() == [S.REJECTED, S.REJECTED]


def test_a_status_report_is_noted_and_moves_nothing(office: Office) -> None:
    (name,) = file_claims(office)

    heard = hear(office, a277(name, stc("F1:65", action="")))

    assert office.states() == [S.SENT]
    assert [(one.kind, one.claim, one.why) for one in heard.matched] == [("277", name, "F1:65 decided, paid: paid")]
    assert [(one.kind, one.verdict) for one in answers(office)] == [("277", V.NOTED)]


def test_a_claim_is_found_by_the_trace_of_a_status_report_too(office: Office) -> None:
    (name,) = file_claims(office)

    heard = hear(office, a277("", stc("A2:20", action=""), trace=name))

    assert [one.state for one in heard.matched] == [S.ACCEPTED]


def test_the_same_answer_again_changes_nothing_and_is_told_with_the_present_state(office: Office) -> None:
    (name,) = file_claims(office)
    content = a277ca([(name, stc("A2:20"))])
    hear(office, content)
    before = office.moves(office.claims()[0])
    drive(office, E.PAID)

    heard = hear(office, content)

    assert [(one.claim, one.state) for one in heard.matched] == [(name, S.PAID)]
    assert heard.matched[0].why.endswith("(said before)")
    assert len(answers(office)) == 1
    assert len(office.moves(office.claims()[0])) == len(before) + 1


def test_the_same_answer_in_another_file_is_known_again(office: Office) -> None:
    first, second = file_claims(office, 2)
    hear(office, a277ca([(first, stc("A2:20"))]))

    heard = hear(office, a277ca([(first, stc("A2:20")), (second, stc("A2:20"))]))

    assert [one.why.endswith("(said before)") for one in heard.matched] == [True, False]
    assert [one.claim_id for one in answers(office)] == [claim.id for claim in office.claims()]


def test_the_same_code_under_another_number_is_another_answer(office: Office) -> None:
    (name,) = file_claims(office)

    for reference in ("CA-1", "CA-2"):
        hear(office, a277ca([(name, stc("A2:20"))], reference=reference))

    assert [one.reference for one in answers(office)] == ["CA-1", "CA-2"]
    assert events(office) == [E.ACCEPTED]


def test_a_payer_may_reject_what_the_clearinghouse_accepted(office: Office) -> None:
    (name,) = file_claims(office)
    hear(office, a277ca([(name, stc("A2:20"))], reference="CH"))

    hear(office, a277ca([(name, stc("A7:507", LATER, action="U"))], reference="PAYER"))

    assert office.states() == [S.REJECTED]
    assert events(office) == [E.ACCEPTED, E.REJECTED]


def test_an_older_rejection_that_comes_late_is_only_noted(office: Office) -> None:
    (name,) = file_claims(office)
    hear(office, a277ca([(name, stc("A2:20", LATER))], reference="NEW"))

    heard = hear(office, a277ca([(name, REJECTED)], reference="OLD"))

    assert office.states() == [S.ACCEPTED]
    assert heard.matched[0].why.endswith("(only noted: the claim stays accepted)")
    assert [one.verdict for one in answers(office)] == [V.ACCEPTED, V.REJECTED]


def test_an_older_acceptance_that_comes_late_is_only_noted(office: Office) -> None:
    (name,) = file_claims(office)
    hear(office, a277ca([(name, stc("A3:33", LATER, action="U"))], reference="NEW"))

    hear(office, a277ca([(name, stc("A2:20"))], reference="OLD"))

    assert office.states() == [S.REJECTED]
    assert events(office) == [E.REJECTED]


@pytest.mark.parametrize("decided", [(E.PAID,), (E.DENIED,), (E.PAID, E.CLOSED), (E.PAID, E.REVERSED)])
@pytest.mark.parametrize("said", [stc("A2:20"), REJECTED], ids=["accepted", "rejected"])
def test_no_acknowledgement_moves_a_claim_that_a_payer_has_decided(
    office: Office, decided: Sequence[ClaimEvent], said: str
) -> None:
    (name,) = file_claims(office)
    drive(office, *decided)
    (state,) = office.states()

    heard = hear(office, a277ca([(name, said)]))

    assert office.states() == [state]
    assert [one.state for one in heard.matched] == [state]
    assert len(answers(office)) == 1


THREE = (
    ("first accepted", "A2:20", "WQ", 0),
    ("then rejected", "A7:507", "U", 1),
    ("then accepted after all", "A2:20", "WQ", 2),
)


def test_answers_lead_to_the_same_state_in_whatever_order_they_come(sqlite_office: Office) -> None:
    names = file_claims(sqlite_office, 6)

    for name, order in zip(names, permutations(THREE), strict=True):
        for reference, code, action, days in order:
            said = stc(code, ON + timedelta(days=days), action=action)
            hear(sqlite_office, a277ca([(name, said)], reference=reference), HEARD_AT + timedelta(days=5))
        hear(sqlite_office, a999(1, "R*5", "R"))

    assert sqlite_office.states() == [S.ACCEPTED] * 6
    assert len(answers(sqlite_office)) == 6 * 4


def test_a_claim_answered_twice_in_one_file_makes_both_moves_in_order(office: Office) -> None:
    lost, other = lose_claims(office, 2)
    accepted = a277ca([(lost, stc("A2:20")), (other, stc("A2:20"))])
    rejected = a277ca([(lost, stc("A7:507", LATER, action="U"))], reference="CA-2")

    heard = hear(office, a999(1) + accepted + rejected)

    assert office.states() == [S.REJECTED, S.ACCEPTED]
    assert events(office) == [E.FOUND, E.ACCEPTED, E.REJECTED]
    assert [(one.kind, one.state) for one in heard.matched] == [
        ("999", S.REJECTED),
        ("999", S.ACCEPTED),
        ("277CA", S.REJECTED),
        ("277CA", S.ACCEPTED),
        ("277CA", S.REJECTED),
    ]


def test_a_claim_that_is_not_ours_is_told_and_stops_no_other(office: Office) -> None:
    (name,) = file_claims(office)

    heard = hear(office, a277ca([("OTHER-1", REJECTED), (name, stc("A2:20"))]))

    assert office.states() == [S.ACCEPTED]
    (one,) = heard.unmatched
    assert one.kind == "277CA"
    assert one.why.startswith("There is no claim OTHER-1 here. ")


@pytest.mark.parametrize("content", [a999(77), ta1(77), a277ca([], file_number=77)], ids=["999", "TA1", "277CA"])
def test_a_file_that_is_not_ours_is_told(office: Office, content: bytes) -> None:
    file_claims(office)

    heard = hear(office, content)

    assert heard.matched == ()
    assert [one.why.startswith("There is no claim file ") for one in heard.unmatched] == [True]
    assert answers(office) == []


def test_an_answer_that_names_no_claim_is_told(office: Office) -> None:
    file_claims(office)

    heard = hear(office, a277ca([("", REJECTED)]))

    assert [one.why.startswith("It does not say which claim it means.") for one in heard.unmatched] == [True]
    assert office.states() == [S.SENT]


def test_a_claim_that_was_never_sent_is_not_moved(office: Office) -> None:
    office.visit(diagnoses=["M54.5"])
    office.bill()
    (claim,) = office.claims()

    heard = hear(office, a277ca([(claim.control_number, stc("A2:20"))]))

    assert office.states() == [S.HELD]
    assert [one.why for one in heard.unmatched] == [
        f"Claim {claim.control_number} was never sent. Ask the sender what was meant."
    ]


def test_a_file_that_certainly_did_not_arrive_is_not_moved(office: Office) -> None:
    office.clearinghouse.failure = FULL
    (name,) = file_claims(office)

    heard = hear(office, a999(1) + a277ca([(name, stc("A2:20"))]))

    assert office.states() == [S.READY]
    assert [("never sent" in one.why) for one in heard.unmatched] == [True, True]
    assert answers(office) == []


def being_sent(office: Office) -> str:
    """A claim that a process has taken to send it, and its name."""
    office.clearinghouse.failure = FULL
    (name,) = file_claims(office)
    office.write(lambda db: take(db, 1, BILLED_AT, "command:bill"))
    assert office.states() == [S.SENDING]
    return name


def test_an_answer_to_what_is_still_being_sent_has_to_come_again(office: Office) -> None:
    name = being_sent(office)

    heard = hear(office, a999(1) + a277ca([(name, stc("A2:20"))]), BILLED_AT + LEASE / 2)

    assert office.states() == [S.SENDING]
    assert [("Give this answer again in 10 minutes" in one.why) for one in heard.unmatched] == [True, True]
    assert answers(office) == []


def test_an_answer_finds_what_a_dead_process_left_being_sent(office: Office) -> None:
    being_sent(office)

    hear(office, a999(1), BILLED_AT + LEASE + timedelta(seconds=1))

    assert office.states() == [S.SENT]
    assert [one.event for one in office.moves(office.claims()[0])][-2:] == [E.LOST, E.FOUND]
    assert file_of(office).state is FileState.SENT


def test_a_claim_that_was_forwarded_by_a_payer_is_answered_without_a_file(office: Office) -> None:
    office.visit(diagnoses=["M54.5"])
    office.bill()
    drive(office, E.FORWARDED)
    (claim,) = office.claims()

    hear(office, a277ca([(claim.control_number, stc("A2:20"))]))

    assert office.states() == [S.ACCEPTED]


def test_an_undated_answer_was_said_when_it_was_received(office: Office) -> None:
    (name,) = file_claims(office)
    undated = a277ca([(name, stc("A3:33", None, action="U"))]).replace(b"*20260401*0800*TH", b"**0800*TH")
    hear(office, a277ca([(name, stc("A2:20"))], reference="DATED"))

    hear(office, undated)

    assert office.states() == [S.REJECTED]
    assert answers(office)[-1].said_on is None


def test_a_date_to_come_gives_an_answer_no_more_weight(office: Office) -> None:
    (name,) = file_claims(office)
    hear(office, a277ca([(name, stc("A2:20", date(2099, 1, 1)))], reference="FUTURE"))

    hear(office, a277ca([(name, REJECTED)], reference="LATE"), HEARD_AT + timedelta(days=30))
    assert office.states() == [S.ACCEPTED]
    after = stc("A3:33", HEARD_AT.date() + timedelta(days=3), action="U")
    hear(office, a277ca([(name, after)], reference="LATER"), HEARD_AT + timedelta(days=30))

    assert office.states() == [S.REJECTED]


def test_what_was_answered_is_frozen(office: Office) -> None:
    (name,) = file_claims(office)
    hear(office, a277ca([(name, stc("A2:20"))]))

    for change in (sa.update(ClaimAnswer).values(code="A3:33"), sa.delete(ClaimAnswer)):
        with pytest.raises(sa.exc.DatabaseError, match="only ever added"), office.database.transaction() as db:
            db.execute(change.execution_options(synchronize_session=False))


def test_two_that_take_in_the_same_file_at_once_move_its_claims_once(office: Office) -> None:
    names = file_claims(office, 3)
    content = a999(1) + a277ca([(name, stc("A2:20")) for name in names])
    start = threading.Barrier(2)

    def take_part(_: int) -> Outcome:
        start.wait()
        return hear(office, content)

    with ThreadPoolExecutor(2) as pool:
        heard = list(pool.map(take_part, range(2)))

    assert office.states() == [S.ACCEPTED] * 3
    assert events(office) == [E.ACCEPTED]
    assert len(answers(office)) == 6
    assert [{one.state for one in outcome.matched} for outcome in heard] == [{S.ACCEPTED}] * 2


def test_two_that_take_in_different_answers_at_once_weigh_both(office: Office) -> None:
    (name,) = file_claims(office)
    contents = [
        a277ca([(name, stc("A2:20"))], reference="CH"),
        a277ca([(name, stc("A7:507", LATER, action="U"))], reference="PAYER"),
    ]
    start = threading.Barrier(2)

    def take_part(content: bytes) -> Outcome:
        start.wait()
        return hear(office, content)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(take_part, contents))

    assert office.states() == [S.REJECTED]
    assert len(answers(office)) == 2


def test_no_claim_is_answered_by_another_clinics_numbers(office: Office) -> None:
    (name,) = file_claims(office)

    hear(office, a277ca([(f"{name}9", REJECTED), (name[:-1], REJECTED)]))

    assert office.states() == [S.SENT]
    with office.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Claim)) == 1
