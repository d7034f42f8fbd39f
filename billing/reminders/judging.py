"""May this be said now? Asked when a message is taken, of what is true then. Pure.

The answer is *go*, with the address; *later*, with the time; or *withheld*, with the reason in words that the desk can
give the patient. What has become untrue is looked at before what may change by itself, so that the reason named is
the one that will last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from billing import clock
from billing.access.queries import spelled
from billing.reminders.facts import Facts, Person
from billing.reminders.models import Channel, Rule
from billing.reminders.rules import ROW_OF, SESSION, TEXTS_A_DAY, TEXTS_A_WEEK
from billing.reminders.timing import session_slot
from billing.sessions.lifecycle import SessionState

_A_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_IS_NOT_BOOKED = {
    SessionState.ARRIVED: "The patient has arrived already.",
    SessionState.SIGNED: "The visit has taken place.",
    SessionState.NO_SHOW: "The visit is over: the patient did not come.",
    SessionState.CANCELLED: "The visit was called off.",
}
TOO_LATE = "Its time had passed."


@dataclass(frozen=True, slots=True)
class Go:
    """It may be said, to that address."""

    address: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now, but then."""

    due_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """It may not be said."""

    why: str


Verdict = Go | Later | Withheld


def judge(message: Row[Any], facts: Facts, at: datetime) -> Verdict:
    """Whether a message may be said at that instant; it has the columns that planning names."""
    if at >= message.not_after:
        return Withheld(TOO_LATE)
    if message.rule in facts.here.chosen.rules_off:
        return Withheld(f"The clinic has switched off: {ROW_OF[message.rule].name.lower()}.")
    who = facts.patients.get(message.patient_id) if message.patient_id else facts.staff.get(message.user_id)
    if who is None:
        return Withheld("The account is closed.")
    if why := _untrue(message, facts) or _unwanted(message.channel, who, facts, message.patient_id is not None):
        return Withheld(why)
    open_at = facts.here.hours.next_open(at, who.zone)
    if open_at > at:
        return _put_off(open_at, message.not_after, "It is quiet now; messages are sent again later.")
    if message.channel is Channel.TEXT:
        return _within_measure(message, facts, who, at)
    return Go(who.email)


def _untrue(message: Row[Any], facts: Facts) -> str:
    """Why what is to be said is no longer so."""
    if message.subject_kind == SESSION:
        session = facts.sessions[message.subject_id]
        if session.state is not SessionState.BOOKED:
            return _IS_NOT_BOOKED[session.state]
        return "" if session_slot(session.starts_at) == message.slot else "The visit was moved to another time."
    if message.rule is Rule.LICENCE:
        known = (message.subject_kind, message.subject_id, message.slot) in facts.alerts
        return "" if known else "It was renewed, replaced or changed, or this person need not know of it any more."
    dues = facts.plans.get(message.subject_id)
    if dues is None:
        return "The course of care has ended."
    if (message.rule, message.slot) in {(one.rule, one.slot) for one in dues}:
        return ""
    return "A visit is booked, or has taken place since, or the course of care is complete."


def _unwanted(channel: Channel, who: Person, facts: Facts, is_patient: bool) -> str:
    """Why this person must not or cannot be written to in that way."""
    if channel is Channel.TEXT:
        if not who.texts:
            return "The patient has not agreed to text messages, or no longer does."
        if not who.number:
            return "There is no telephone number on file that texts can be sent to."
        return "They asked us to stop texting this number." if (channel, who.number) in facts.stopped else ""
    if not who.mails:
        return "The patient has not agreed to e-mail, or no longer does."
    if not is_mail_address(who.email):
        return "There is no e-mail address on file."
    if is_patient and (channel, spelled(who.email)) in facts.stopped:
        return "They asked us to stop writing to this address."
    return ""


def is_mail_address(text: str) -> bool:
    """Whether mail could be sent there: one address, without anything that a mail's header would take for more."""
    name, at, place = text.partition("@")
    return bool(name and at and "." in place.strip(".")) and not any(
        sign.isspace() or not sign.isprintable() or sign in ",;<>@" for sign in name + place
    )


def _within_measure(message: Row[Any], facts: Facts, who: Person, at: datetime) -> Verdict:
    """So many texts a day and a week to one number, and no more, whoever shares it."""
    said_on = [clock.local(moment, who.zone).date() for moment in facts.said.get(who.number, ())]
    if not said_on:
        return Go(who.number)
    today = clock.local(at, who.zone).date()
    if has_room(said_on, today):
        return Go(who.number)
    for days in range(1, 2 * _WEEK_DAYS):
        on = today + days * _A_DAY
        if has_room(said_on, on):
            hours = facts.here.hours
            morning = clock.instant(on, hours.quiet_until, who.zone)
            why = f"Enough texts went to this number: at most {TEXTS_A_DAY} a day and {TEXTS_A_WEEK} a week."
            return _put_off(morning, message.not_after, why)
    raise AssertionError("a number that got no text for a week has room for one")


def has_room(said_on: Sequence[date], on: date) -> bool:
    """Whether one more text may go to a number that day, given the days on which texts went or go to it."""
    if sum(day == on for day in said_on) >= TEXTS_A_DAY:
        return False
    for last in range(_WEEK_DAYS):
        ends = on + last * _A_DAY
        if sum(ends - _WEEK_DAYS * _A_DAY < day <= ends for day in said_on) >= TEXTS_A_WEEK:
            return False
    return True


def _put_off(until: datetime, not_after: datetime, why: str) -> Later | Withheld:
    if until >= not_after:
        return Withheld(f"{why} Later would be too late.")
    return Later(until, why)
