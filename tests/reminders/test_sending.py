"""What is planned goes out once, judged at the moment of sending, whatever dies or fails on the way."""

from __future__ import annotations

import itertools
import threading
from datetime import datetime, time, timedelta

import pytest

from billing import clock
from billing.database import Database
from billing.errors import NotDelivered, OutcomeUnknown, Refused
from billing.reminders.automation import ByItself, choose
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Channel, Rule
from billing.reminders.moving import send_again
from billing.reminders.opting_out import stop
from billing.reminders.rounds import send_messages
from billing.reminders.sending import BATCH_OF_UNREPEATABLE, LEASE, MOST_TRIES
from billing.sessions.booking import rebook, reschedule
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.moving import cancel
from billing.sessions.slots import Slot
from tests.factories import moment
from tests.reminders.stage import LINKS, LONG_BEFORE, VISIT, Stage, open_stage

_A_MINUTE = timedelta(minutes=1)
THREE_BEFORE = moment(VISIT - timedelta(days=3), "10:00")
DAY_BEFORE = moment(VISIT - timedelta(days=1), "10:00")
FAR_OFF = moment(VISIT + timedelta(days=60), "10:00")
S = MessageState


def quarter(number: int) -> str:
    """A time of its own for each visit of a day, from eight o'clock on."""
    return f"{8 + number // 4:02d}:{number % 4 * 15:02d}"


def test_a_visit_is_told_three_days_and_one_day_before_by_each_way_agreed_to(stage: Stage) -> None:
    miri = stage.patient(email="miri@example.org", email_consent=True)
    stage.session(miri)

    planned = stage.plan()
    stage.send(THREE_BEFORE)
    stage.send(DAY_BEFORE)

    assert planned.new == 4
    assert stage.states() == {S.SENT: 4}
    assert [number for number, _ in stage.texted] == ["+15035550111"] * 2
    assert stage.mailed == ["miri@example.org"] * 2
    assert stage.way(stage.one(Rule.SESSION_TOMORROW).id) == ["planned", "taken", "delivered"]


def test_nothing_is_said_before_its_time_and_nothing_twice(stage: Stage) -> None:
    stage.session(stage.patient())

    again = [stage.plan().new for _ in range(3)]
    stage.send(THREE_BEFORE - timedelta(seconds=1))
    before = list(stage.texted)
    for _ in range(3):
        stage.round(THREE_BEFORE)

    assert again == [2, 0, 0]
    assert before == []
    assert len(stage.texted) == 1
    assert stage.one(Rule.SESSION_IN_3_DAYS).receipt == f"receipt of message:{stage.one(Rule.SESSION_IN_3_DAYS).id}"


def test_who_has_not_agreed_is_not_planned_for(stage: Stage) -> None:
    stage.session(stage.patient(sms_consent=False, email="miri@example.org"))
    stage.session(stage.patient(phone="call the neighbour"), start="14:00")

    planned = stage.plan()

    assert planned.new == 0


def test_consent_taken_back_between_planning_and_sending_is_heeded(stage: Stage) -> None:
    miri = stage.patient()
    stage.session(miri)
    stage.plan()

    stage.change(miri, sms_consent=False)
    stage.send(THREE_BEFORE)

    assert stage.texted == []
    withheld = stage.one(Rule.SESSION_IN_3_DAYS)
    assert (withheld.state, withheld.why) == (
        S.WITHHELD,
        "The patient has not agreed to text messages, or no longer does.",
    )


def test_what_was_withheld_is_said_when_its_reason_is_gone_in_time(stage: Stage) -> None:
    miri = stage.patient()
    stage.session(miri)
    stage.plan()
    stage.change(miri, sms_consent=False)
    stage.send(THREE_BEFORE)

    still_no = stage.plan(THREE_BEFORE + _A_MINUTE)
    stage.change(miri, sms_consent=True)
    released = stage.plan(THREE_BEFORE + 2 * _A_MINUTE)
    stage.send(THREE_BEFORE + 3 * _A_MINUTE)

    assert (still_no.released, released.released) == (0, 1)
    assert len(stage.texted) == 1
    way = stage.way(stage.one(Rule.SESSION_IN_3_DAYS).id)
    assert way == ["planned", "withheld", "released", "taken", "delivered"]


def test_a_visit_called_off_is_not_told_and_one_booked_again_later_is_not_either(stage: Stage) -> None:
    session = stage.session(stage.patient())
    stage.plan()
    stage.write(lambda db: cancel(db, session.id, why="Ill.", by="user:1", at=THREE_BEFORE - _A_MINUTE))
    stage.send(THREE_BEFORE)

    stage.write(lambda db: rebook(db, session.id, by="user:1", at=THREE_BEFORE + _A_MINUTE))
    stage.round(THREE_BEFORE + 2 * _A_MINUTE)
    first = list(stage.texted)
    stage.round(DAY_BEFORE)

    assert first == []
    assert stage.one(Rule.SESSION_IN_3_DAYS).why == "The visit was called off."
    assert len(stage.texted) == 1


def test_a_visit_that_is_moved_is_told_for_its_new_time_only(stage: Stage) -> None:
    session = stage.session(stage.patient())
    stage.plan()

    slot = Slot(stage.practitioner.id, VISIT, time(15, 30))
    stage.write(lambda db: reschedule(db, session.id, slot, by="user:1", at=LONG_BEFORE))
    stage.round(THREE_BEFORE)
    stage.round(moment(VISIT - timedelta(days=3), "15:30"))

    assert [words for _, words in stage.texted if "3:30 PM" in words] == [words for _, words in stage.texted]
    assert len(stage.texted) == 1
    old = stage.messages(rule=Rule.SESSION_IN_3_DAYS, state=S.WITHHELD)
    assert [one.why for one in old] == ["The visit was moved to another time."]


def test_moving_a_visit_takes_its_confirmation_back(stage: Stage) -> None:
    session = stage.session(stage.patient(), confirmed_at=LONG_BEFORE)
    same = Slot(stage.practitioner.id, VISIT, clock.local(session.starts_at, "America/Los_Angeles").time())
    other = Slot(stage.practitioner.id, VISIT + timedelta(days=1), same.at)

    stage.write(lambda db: reschedule(db, session.id, same, by="user:1", at=LONG_BEFORE))
    kept = stage.write(lambda db: db.get_one(ClinicSession, session.id).confirmed_at)
    stage.write(lambda db: reschedule(db, session.id, other, by="user:1", at=LONG_BEFORE))

    assert kept == LONG_BEFORE
    assert stage.write(lambda db: db.get_one(ClinicSession, session.id).confirmed_at) is None


def test_stop_between_two_texts_is_heeded_by_the_second_whoever_has_the_number(stage: Stage) -> None:
    stage.session(stage.patient())
    stage.session(stage.patient(first_name="Ola"), VISIT + timedelta(days=14))
    stage.plan()
    stage.send(THREE_BEFORE)

    stage.write(lambda db: stop(db, Channel.TEXT, "+15035550111", by="reply", said="STOP", at=THREE_BEFORE + _A_MINUTE))
    stage.send(DAY_BEFORE)
    for days in range(15):
        stage.round(DAY_BEFORE + timedelta(days=days))

    assert len(stage.texted) == 1
    assert {one.why for one in stage.messages(state=S.WITHHELD)} == {"They asked us to stop texting this number."}
    assert len(stage.messages(state=S.WITHHELD)) == 3


def test_in_the_quiet_of_where_the_patient_is_a_message_waits_for_the_morning(stage: Stage) -> None:
    stage.session(stage.patient(time_zone="America/New_York"))
    stage.plan()
    # 21:10 in New York, 18:10 in Portland.
    stage.send(moment(VISIT - timedelta(days=2), "18:10"))

    waiting = stage.one(Rule.SESSION_IN_3_DAYS)
    assert (waiting.state, stage.texted) == (S.PLANNED, [])
    assert waiting.due_at == moment(VISIT - timedelta(days=1), "05:00")
    assert waiting.why == "It is quiet now; messages are sent again later."

    stage.send(waiting.due_at)

    assert len(stage.texted) == 1


def test_what_the_quiet_would_make_too_late_is_withheld(stage: Stage) -> None:
    stage.session(stage.patient(), start="08:00")
    stage.plan()

    stage.send(moment(VISIT - timedelta(days=1), "21:00"))

    assert stage.texted == []
    assert stage.one(Rule.SESSION_TOMORROW).why.endswith("Later would be too late.")
    assert stage.one(Rule.SESSION_IN_3_DAYS).why == "Its time had passed."


def test_a_number_gets_one_text_a_day_whoever_shares_it(stage: Stage) -> None:
    stage.session(stage.patient(), start="07:00")
    stage.session(stage.patient(first_name="Ola"), start="08:00")
    stage.plan()

    stage.send(moment(VISIT - timedelta(days=1), "08:00"))
    stage.send(moment(VISIT - timedelta(days=1), "20:00"))

    assert len(stage.texted) == 1
    assert {one.why for one in stage.messages(rule=Rule.SESSION_TOMORROW, state=S.WITHHELD)} == {
        "Enough texts went to this number: at most 1 a day and 3 a week. Later would be too late."
    }


def test_a_number_gets_three_texts_in_any_week(stage: Stage) -> None:
    miri = stage.patient()
    for days in range(1, 8):
        stage.session(miri, VISIT + timedelta(days=days))

    for hours in range(24 * 12):
        at = LONG_BEFORE + timedelta(days=3, hours=hours)
        if clock.local(at, "America/Los_Angeles").hour in (8, 10, 15):
            stage.round(at)

    said = sorted(
        clock.local(one.sent_at, "America/Los_Angeles").date() for one in stage.messages(state=S.SENT) if one.sent_at
    )
    assert len(said) == len(set(said))
    assert all((later - earlier).days >= 7 for earlier, later in zip(said, said[3:], strict=False))
    assert len(said) >= 5


def test_two_texts_due_at_once_to_one_number_are_two_days_apart_at_least_a_day(stage: Stage) -> None:
    miri = stage.patient()
    stage.session(miri)
    stage.session(miri, VISIT + timedelta(days=2))
    stage.plan()

    # Three days before the second is the day before the first.
    stage.send(DAY_BEFORE - timedelta(days=2))
    stage.send(DAY_BEFORE)
    put_off = [one for one in stage.messages(state=S.PLANNED) if one.why]
    stage.send(moment(VISIT, "08:00"))

    assert len(put_off) == 1
    assert put_off[0].due_at == moment(VISIT, "08:00")
    assert len(stage.texted) == 3


def test_a_rule_that_is_off_says_nothing(stage: Stage) -> None:
    stage.session(stage.patient())
    stage.plan()

    stage.write(lambda db: choose(db, ByItself(rules_off=frozenset({Rule.SESSION_IN_3_DAYS}))))
    stage.send(THREE_BEFORE)

    assert stage.texted == []
    assert stage.one(Rule.SESSION_IN_3_DAYS).why == "The clinic has switched off: visit in three days."


def test_an_address_that_is_refused_for_good_holds_up_no_other(stage: Stage) -> None:
    for number in range(BATCH_OF_UNREPEATABLE + 5):
        stage.session(
            stage.patient(phone=f"+150355502{number:02d}"),
            start=f"{8 + number // 4:02d}:{number % 4 * 15:02d}",
            minutes=10,
        )
    stage.plan()
    stage.texts.may_repeat = False
    stage.texts.failures = {
        f"+150355502{number:02d}": NotDelivered("There is no such number.", is_final=True) for number in (0, 1, 2, 3)
    }

    stage.send(moment(VISIT - timedelta(days=3), "20:00"))

    assert stage.states()[S.SENT] == BATCH_OF_UNREPEATABLE + 1
    assert [one.why for one in stage.messages(state=S.FAILED)] == ["There is no such number."] * 4


def test_a_gateway_that_is_down_is_asked_a_few_times_and_then_left_alone(stage: Stage) -> None:
    for number in range(8):
        patient = stage.patient(phone=f"+150355502{number:02d}", email=f"p{number}@example.org", email_consent=True)
        stage.session(patient, start=f"{9 + number:02d}:00")
    stage.plan()
    stage.texts.failure = NotDelivered("The gateway answers 503.")

    stage.send(moment(VISIT - timedelta(days=3), "20:00"))

    assert len(stage.texts.asked) == 3
    assert len(stage.mailed) == 8
    waiting = stage.messages(channel=Channel.TEXT, rule=Rule.SESSION_IN_3_DAYS)
    assert {one.state for one in waiting} == {S.PLANNED}
    assert sorted(one.tries for one in waiting) == [0] * 5 + [1] * 3

    stage.texts.failure = None
    stage.send(moment(VISIT - timedelta(days=3), "20:02"))

    assert {one.state for one in stage.messages(channel=Channel.TEXT, rule=Rule.SESSION_IN_3_DAYS)} == {S.SENT}


def test_tries_are_further_and_further_apart_and_end_when_it_is_of_no_use_any_more(stage: Stage) -> None:
    stage.session(stage.patient())
    stage.plan()
    stage.texts.failure = NotDelivered("The gateway answers 503.")

    tried = down_from(stage, THREE_BEFORE, Rule.SESSION_IN_3_DAYS)

    waits = [later - earlier for earlier, later in itertools.pairwise(tried)]
    ended = stage.one(Rule.SESSION_IN_3_DAYS)
    assert waits[:8] == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 60, 60, 60, 60)]
    assert min(waits[8:]) >= timedelta(hours=1)
    assert DAY_BEFORE - tried[-1] <= timedelta(hours=1)
    assert (ended.state, ended.tries) == (S.FAILED, len(tried))
    assert ended.why == f"Given up after it was tried {len(tried)} times: The gateway answers 503."


def test_a_way_out_that_is_down_for_a_day_loses_nothing(stage: Stage) -> None:
    stage.session(stage.patient(email="miri@example.org", email_consent=True))
    stage.plan()
    stage.texts.failure = stage.mailer.failure = NotDelivered("It cannot be reached.")

    down_from(stage, THREE_BEFORE, Rule.SESSION_IN_3_DAYS, until=THREE_BEFORE + timedelta(days=1))
    waiting = stage.messages(rule=Rule.SESSION_IN_3_DAYS)
    stage.texts.failure = stage.mailer.failure = None
    stage.send(THREE_BEFORE + timedelta(days=1, hours=1))

    assert [(one.state, one.why) for one in waiting] == [(S.PLANNED, "It cannot be reached.")] * 2
    assert {one.state for one in stage.messages(rule=Rule.SESSION_IN_3_DAYS)} == {S.SENT}
    assert (len(stage.texted), len(stage.mailed)) == (1, 1)


def test_what_would_be_of_use_for_weeks_is_given_up_after_days(stage: Stage) -> None:
    patient = stage.patient()
    stage.plan_of(patient, VISIT)
    stage.session(patient, state=SessionState.SIGNED)
    stage.plan(moment(VISIT, "18:00"))
    stage.texts.failure = NotDelivered("The gateway answers 503.")
    due_at = stage.one(Rule.FOLLOW_UP).due_at

    tried = down_from(stage, due_at, Rule.FOLLOW_UP)

    assert len(tried) == MOST_TRIES
    assert timedelta(days=3) < tried[-1] - due_at < timedelta(days=4)
    assert stage.one(Rule.FOLLOW_UP).state is S.FAILED


def down_from(stage: Stage, at: datetime, rule: Rule, until: datetime = FAR_OFF) -> list[datetime]:
    """The workers' rounds while nothing gets through; gives when the text of that rule was tried."""
    tried: list[datetime] = []
    while (now := stage.one(rule)).state is S.PLANNED and now.due_at <= until:
        at, before = max(at, now.due_at), len(stage.texts.asked)
        stage.send(at)
        tried += [at] * (len(stage.texts.asked) > before)
    return tried


def test_the_other_side_says_how_long_it_wants_to_be_left_alone(stage: Stage) -> None:
    stage.session(stage.patient())
    stage.plan()
    stage.texts.failure = NotDelivered("The gateway answers 429.", wait_seconds=1234)

    stage.send(THREE_BEFORE)

    assert stage.one(Rule.SESSION_IN_3_DAYS).due_at == THREE_BEFORE + timedelta(seconds=1234)


def test_who_asks_to_be_left_alone_for_a_moment_is_still_left_alone_for_longer_each_time(stage: Stage) -> None:
    stage.session(stage.patient())
    stage.plan()
    stage.texts.failure = NotDelivered("The gateway answers 429.", wait_seconds=1)
    at, waits = THREE_BEFORE, []

    for _ in range(4):
        stage.send(at)
        waits.append(stage.one(Rule.SESSION_IN_3_DAYS).due_at - at)
        at = stage.one(Rule.SESSION_IN_3_DAYS).due_at

    assert waits == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]


@pytest.mark.parametrize("may_repeat", [True, False])
@pytest.mark.parametrize("having_sent", [True, False])
def test_what_a_killed_worker_took_is_said_once_or_left_for_a_person(
    stage: Stage, may_repeat: bool, having_sent: bool
) -> None:
    stage.texts.may_repeat = may_repeat
    stage.session(stage.patient())
    stage.plan()
    stage.die(THREE_BEFORE, having_sent=having_sent)

    stage.send(THREE_BEFORE + LEASE)
    during = stage.one(Rule.SESSION_IN_3_DAYS).state
    stage.send(THREE_BEFORE + LEASE + _A_MINUTE)
    after = stage.one(Rule.SESSION_IN_3_DAYS)

    assert during is S.SENDING
    assert after.state is (S.SENT if may_repeat else S.UNKNOWN)
    assert len(stage.texted) == (1 if may_repeat or having_sent else 0)


def test_an_outcome_nobody_knows_is_asked_again_only_where_the_key_is_known(stage: Stage) -> None:
    stage.session(stage.patient())
    stage.plan()
    stage.texts.failure, stage.texts.takes_before_failing = OutcomeUnknown("The line was cut off."), True

    stage.send(THREE_BEFORE)
    stage.texts.failure = None
    stage.send(THREE_BEFORE + _A_MINUTE)

    assert stage.one(Rule.SESSION_IN_3_DAYS).state is S.SENT
    assert len(stage.texts.asked) == 2
    assert len(stage.texted) == 1


def test_where_the_key_is_not_known_only_a_person_has_it_sent_again(stage: Stage) -> None:
    stage.texts.may_repeat = False
    stage.session(stage.patient())
    stage.plan()
    stage.texts.failure, stage.texts.takes_before_failing = OutcomeUnknown("The line was cut off."), True
    stage.send(THREE_BEFORE)
    stage.texts.failure = None
    for hours in range(20):
        stage.round(THREE_BEFORE + timedelta(hours=hours))
    unknown = stage.one(Rule.SESSION_IN_3_DAYS)
    alone = len(stage.texted)

    # A text that may have arrived counts, so the next one waits for the next day.
    with clock.stopped_at(THREE_BEFORE + timedelta(hours=21)):
        stage.write(lambda db: send_again(db, unknown.id, by="user:1", at=clock.now()))
    stage.send(THREE_BEFORE + timedelta(hours=22))

    assert (unknown.state, alone) == (S.UNKNOWN, 1)
    assert stage.one(Rule.SESSION_IN_3_DAYS).state is S.SENT
    assert len(stage.texted) == 2


def test_what_was_sent_or_is_too_late_cannot_be_sent_again(stage: Stage) -> None:
    stage.session(stage.patient())
    stage.plan()
    stage.send(THREE_BEFORE)
    sent, planned = stage.one(Rule.SESSION_IN_3_DAYS), stage.one(Rule.SESSION_TOMORROW)

    for message, at in ((sent, THREE_BEFORE), (planned, THREE_BEFORE)):
        with pytest.raises(Refused, match="Nothing needs to be done"):
            stage.write(lambda db, message=message, at=at: send_again(db, message.id, by="user:1", at=at))

    stage.texts.failure = NotDelivered("No.", is_final=True)
    stage.send(DAY_BEFORE)
    with pytest.raises(Refused, match="has passed"):
        stage.write(lambda db: send_again(db, planned.id, by="user:1", at=moment(VISIT, "10:00")))


def test_two_workers_at_once_say_each_message_once(postgresql_database: Database) -> None:
    stage = open_stage(postgresql_database)
    people = 40
    for number in range(people):
        stage.session(
            stage.patient(phone=f"+15035550{number:03d}"),
            start=f"{8 + number // 4:02d}:{number % 4 * 15:02d}",
            minutes=10,
        )
    stage.plan()
    both = threading.Barrier(2)

    def work() -> None:
        with clock.stopped_at(moment(VISIT - timedelta(days=3), "20:00")):
            both.wait()
            send_messages(stage.database, stage.mailer, stage.texts, LINKS)

    stage.texts.may_repeat = False
    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert sorted(number for number, _ in stage.texted) == [f"+15035550{number:03d}" for number in range(people)]
    assert len(stage.messages(state=S.SENT)) == people


def test_two_workers_at_once_give_a_shared_number_one_text_a_day(postgresql_database: Database) -> None:
    stage = open_stage(postgresql_database)
    for number in range(12):
        stage.session(stage.patient(first_name=f"Child {number}"), start=f"{8 + number:02d}:00")
    stage.plan()
    both = threading.Barrier(2)

    def work() -> None:
        with clock.stopped_at(moment(VISIT - timedelta(days=3), "20:00")):
            both.wait()
            send_messages(stage.database, stage.mailer, stage.texts, LINKS)

    stage.texts.may_repeat = False
    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert len(stage.texted) == 1
