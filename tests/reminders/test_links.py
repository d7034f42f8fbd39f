"""The private link: shows little, does what it says, and nobody else's can be guessed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import NotFound, Refused
from billing.reminders.links import (
    cancel_visit,
    confirm_visit,
    message_named,
    stop_messages,
    token,
    visit,
)
from billing.reminders.models import Channel, Rule
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession, SessionMove
from billing.sessions.moving import check_in
from tests.factories import moment
from tests.reminders.stage import SECRET, VISIT, Stage

TOLD = moment(VISIT - timedelta(days=3), "10:00")
BEGINS = moment(VISIT, "10:00")


@given(st.integers(1, 2**63 - 1))
def test_a_token_names_its_message_and_no_other(message_id: int) -> None:
    name = token(message_id, SECRET)

    assert message_named(name, SECRET) == message_id
    assert message_named(name, "another secret") is None
    assert len(name) <= 32


@given(st.text(max_size=60))
def test_what_we_did_not_make_names_nothing(name: str) -> None:
    assert message_named(name, SECRET) is None


@given(st.integers(1, 10**6), st.integers(0, 40), st.sampled_from("ABCDEFabcdef0123456789-_= "))
def test_a_token_changed_in_any_sign_names_nothing(message_id: int, place: int, sign: str) -> None:
    name = token(message_id, SECRET)
    changed = name[: place % len(name)] + sign + name[place % len(name) + 1 :]

    assert message_named(changed, SECRET) == (message_id if changed == name else None)


def test_links_of_neighbours_do_not_look_alike() -> None:
    names = {token(number, SECRET)[-20:] for number in range(1, 200)}

    assert len(names) == 199


@pytest.fixture
def told(stage: Stage) -> tuple[Stage, ClinicSession, str]:
    """A visit that has been told of, and its link."""
    session = stage.session(stage.patient())
    stage.plan()
    stage.send(TOLD)
    message = stage.one(Rule.SESSION_IN_3_DAYS)
    name = token(message.id, SECRET)
    assert f"https://desk.example.org/v/{name}" in message.said
    return stage, session, name


Told = tuple[Stage, ClinicSession, str]


def test_it_shows_a_first_name_the_clinic_and_the_time(told: Told) -> None:
    stage, session, name = told

    shown = stage.write(lambda db: visit(db, name, SECRET, TOLD))

    assert (shown.first_name, shown.clinic_name, shown.clinic_phone) == (
        "Miri", "Still Water Acupuncture", "(503) 555-0100",
    )  # fmt: skip
    assert (shown.starts_at, shown.is_open, shown.is_confirmed) == (session.starts_at, True, False)


def test_confirming_is_kept_and_does_nothing_twice(told: Told) -> None:
    stage, session, name = told

    stage.write(lambda db: confirm_visit(db, name, SECRET, TOLD))
    stage.write(lambda db: confirm_visit(db, name, SECRET, TOLD + timedelta(hours=1)))

    assert stage.write(lambda db: db.get_one(ClinicSession, session.id).confirmed_at) == TOLD
    assert stage.write(lambda db: visit(db, name, SECRET, TOLD)).is_confirmed


def test_calling_off_frees_the_time_and_says_who_did_it(told: Told) -> None:
    stage, session, name = told

    stage.write(lambda db: cancel_visit(db, name, SECRET, TOLD))

    assert stage.write(lambda db: db.get_one(ClinicSession, session.id).state) is SessionState.CANCELLED
    last = stage.write(lambda db: db.query(SessionMove).order_by(SessionMove.id.desc()).first())
    assert last is not None
    assert last.by == f"patient:{session.patient_id}"
    with pytest.raises(Refused, match="called off already"):
        stage.write(lambda db: confirm_visit(db, name, SECRET, TOLD))


def test_from_the_start_on_it_is_too_late(told: Told) -> None:
    stage, session, name = told

    for act in (confirm_visit, cancel_visit):
        with pytest.raises(Refused, match="too late"):
            stage.write(lambda db, act=act: act(db, name, SECRET, BEGINS))

    assert not stage.write(lambda db: visit(db, name, SECRET, BEGINS)).is_open
    assert stage.write(lambda db: db.get_one(ClinicSession, session.id).state) is SessionState.BOOKED


def test_who_has_arrived_cannot_be_called_off_from_afar(told: Told) -> None:
    stage, session, name = told
    early = BEGINS - timedelta(minutes=20)
    stage.write(lambda db: check_in(db, session.id, by="user:1", at=early))

    with pytest.raises(Refused, match="too late"):
        stage.write(lambda db: cancel_visit(db, name, SECRET, early))


def test_a_visit_that_was_moved_is_not_called_off_by_the_link_of_its_old_time(told: Told) -> None:
    stage, session, name = told
    later = BEGINS + timedelta(hours=3)
    stage.write(lambda db: setattr(db.get_one(ClinicSession, session.id), "starts_at", later))

    shown = stage.write(lambda db: visit(db, name, SECRET, TOLD))
    with pytest.raises(Refused, match="moved to another time"):
        stage.write(lambda db: cancel_visit(db, name, SECRET, TOLD))

    assert (shown.was_moved, shown.is_open, shown.starts_at) == (True, False, later)


def test_messages_are_ended_for_the_address_they_went_to(told: Told) -> None:
    stage, _, name = told

    news = stage.write(lambda db: stop_messages(db, name, SECRET, TOLD))
    again = stage.write(lambda db: stop_messages(db, name, SECRET, TOLD))
    stage.send(BEGINS - timedelta(days=1))

    assert (news, again) == (True, False)
    assert len(stage.texted) == 1
    assert stage.one(Rule.SESSION_TOMORROW, Channel.TEXT).why == "They asked us to stop texting this number."


def test_every_link_that_is_not_ours_is_the_same_nothing(told: Told) -> None:
    stage, _, name = told
    never_made = token(987_654, SECRET)

    for wrong in (name[:-1], never_made, "", "ä", name + "A"):
        with pytest.raises(NotFound) as refused:
            stage.write(lambda db, wrong=wrong: visit(db, wrong, SECRET, TOLD))
        assert str(refused.value) == "There is no such page."
