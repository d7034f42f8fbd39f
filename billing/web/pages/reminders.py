"""Reminders: what will be said to whom and when, what was said, and why not where it was not."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.operations.rounds import SEND_MESSAGES
from billing.reminders.lifecycle import MessageEvent, MessageState
from billing.reminders.models import Channel, Rule
from billing.reminders.moving import send_again
from billing.reminders.queries import SHOWN_FOR, Chosen, View, message_counts, messages_page, ways_in_trouble
from billing.reminders.rules import ROW_OF, RULES
from billing.reports.one_message import one_message
from billing.web.asked import asked_choice
from billing.web.endpoint import Call, endpoint
from billing.web.rendering import page

pages = Blueprint("reminders", __name__)
WORDS = {View.TO_COME: "To come", View.SAID: "Said", View.NOT_SAID: "Not said", View.UNKNOWN: "Unknown"}
MEANINGS = {
    View.TO_COME: "What will be said, and when. At its time each is judged once more: is it still true, and wanted?",
    View.SAID: f"What was said, once each, and the other side's receipt. The last {SHOWN_FOR.days} days are counted.",
    View.NOT_SAID: f"What was not said, and why not. The last {SHOWN_FOR.days} days are counted.",
    View.UNKNOWN: "Nobody can say whether these were sent: the line broke at the wrong moment. They are not sent again "
    "by themselves, so that nobody is told twice.",
}
NOTHING = {
    View.TO_COME: ("Nothing is due to be said", "A message appears here as its visit or due date comes near."),
    View.SAID: ("Nothing has been said yet", "What was sent appears here with its receipt."),
    View.NOT_SAID: ("Nothing was held back", "A message that may not or cannot be sent appears here with its reason."),
    View.UNKNOWN: ("Nothing is in doubt", "A message whose sending broke off half-way appears here."),
}
CHIPS = {
    MessageState.PLANNED: ("To come", "info"),
    MessageState.SENDING: ("On its way", "info"),
    MessageState.SENT: ("Said", "good"),
    MessageState.WITHHELD: ("Held back", "quiet"),
    MessageState.FAILED: ("Failed", "bad"),
    MessageState.UNKNOWN: ("Unknown", "warn"),
}
EVENTS = {
    MessageEvent.PLANNED: "Planned",
    MessageEvent.TAKEN: "Judged fit, and on its way",
    MessageEvent.DELIVERED: "Taken by the other side",
    MessageEvent.RETURNED: "Put off",
    MessageEvent.LOST: "Nobody knows what became of it",
    MessageEvent.REFUSED: "Given up",
    MessageEvent.WITHHELD: "Held back",
    MessageEvent.RELEASED: "To be said after all",
}
WAYS = {Channel.TEXT: "Text", Channel.EMAIL: "E-mail"}
_Choice = TypeVar("_Choice", bound=StrEnum)


@endpoint(pages, "/reminders", may=Permission.SEE_PATIENTS, audit="messages viewed", subject="message")
def reminders(call: Call) -> Response:
    """One view of messages, and the counts of all."""
    view = asked_choice("view", View, View.TO_COME)
    chosen = Chosen(view, _asked("rule", Rule), _asked("channel", Channel))
    after = request.args.get("after", "")
    found, counts = messages_page(call.db, chosen, after), message_counts(call.db, call.at)
    call.detail["view"] = view.value
    return page(
        call,
        "reminders/reminders.html",
        found=found,
        chosen=chosen,
        meaning=MEANINGS[view],
        nothing=NOTHING[view],
        troubles=ways_in_trouble(call.db),
        views=[(WORDS[one], _here(Chosen(one)), one is view, counts[one]) for one in View],
        rules=[(row.rule.value, row.name) for row in RULES],
        ways=[(channel.value, words) for channel, words in WAYS.items()],
        first=_here(chosen) if after else "",
        following=_here(chosen, found.following) if found.following else "",
        whole=_here(Chosen(view)),
        **in_words(),
    )


def in_words() -> dict[str, Any]:
    """How a message's state, rule and way are told, for every page that lists messages."""
    return {"state_chips": CHIPS, "event_words": EVENTS, "rule_rows": ROW_OF, "way_words": WAYS}


@endpoint(pages, "/reminders/<int:id>", may=Permission.SEE_PATIENTS, audit="message viewed", subject="message")
def message(call: Call, id: int) -> Response:
    """One message: its words, its receipt, and what became of it step by step."""
    seen = one_message(call.db, id, call.program.links, call.at)
    if seen.row.patient_id is not None:
        call.subject = Subject("patient", str(seen.row.patient_id))
        call.detail["message"] = id
    return page(call, "reminders/message.html", seen=seen, **in_words())


@endpoint(pages, "/reminders/<int:id>/again", method="POST", may=Permission.EDIT_PATIENTS, audit="message sent again",
          subject="message", again=message)  # fmt: skip
def again(call: Call, id: int) -> Response:
    """Have it sent at a person's word; it is judged like any other then."""
    sent = send_again(call.db, id, by=str(call.actor), at=call.at)
    if sent.patient_id is not None:
        call.subject = Subject("patient", str(sent.patient_id))
        call.detail["message"] = id
    call.ring(SEND_MESSAGES)
    flash("It is sent again as soon as it may be.")
    return make_response(redirect(url_for("reminders.message", id=id), 303))


def _asked(name: str, choices: type[_Choice]) -> _Choice | None:
    try:
        return choices(request.args.get(name, ""))
    except ValueError:
        return None


def _here(chosen: Chosen, after: str = "") -> str:
    """The address of these messages, from a place on."""
    given = {"rule": chosen.rule, "channel": chosen.channel, "after": after}
    kept: dict[str, Any] = {name: value for name, value in given.items() if value}
    return url_for("reminders.reminders", view=chosen.view.value, **kept)
