"""What Meridian does by itself again and again, in words for the person who runs the clinic.

``workers`` does it, the desk shows it, and a bell asks for one round at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Queue(StrEnum):
    """What kind of work a worker may be kept for: ``celery … worker --queues messages`` does nothing else."""

    CLAIMS = "claims"
    PAPERS = "papers"
    MESSAGES = "messages"
    DESK = "desk"
    """What people at the desk wait for, and the upkeep."""


@dataclass(frozen=True, slots=True)
class Round:
    """Something that is done again and again."""

    task: str
    """Its name, by which it can also be rung between two rounds."""
    queue: Queue
    every: timedelta
    title: str
    why: str


FILE_CLAIMS = "file_claims"
FETCH_ANSWERS = "fetch_answers"
ASK_PAYERS = "ask_payers"
DRAW_PAPERS = "draw_papers"
PLAN_MESSAGES = "plan_messages"
SEND_MESSAGES = "send_messages"
READ_REPLIES = "read_replies"
RUN_ERRANDS = "run_errands"
ASK_WHAT_IS_REGULAR = "ask_what_is_regular"
SEAL_AUDIT = "seal_audit"
GIVE_SIGN = "give_sign"

_MINUTE = timedelta(minutes=1)

ROUNDS = (
    Round(FILE_CLAIMS, Queue.CLAIMS, _MINUTE, "Claims",
          "Claims that are ready are written into files and handed over."),
    Round(FETCH_ANSWERS, Queue.CLAIMS, 5 * _MINUTE, "Answers and payments",
          "What payers and the clearinghouse have sent is taken in from the inbox: answers to claims, and payments."),
    Round(ASK_PAYERS, Queue.DESK, _MINUTE, "Coverage",
          "Payers are asked what they cover: when somebody wants to know, when a session is booked or near and nobody "
          "has asked lately, when a plan's year begins, and when a policy has changed."),
    Round(DRAW_PAPERS, Queue.PAPERS, _MINUTE, "Papers",
          "Invoices, superbills, statements and claim forms that were issued are drawn."),
    Round(PLAN_MESSAGES, Queue.MESSAGES, 5 * _MINUTE, "Planning messages",
          "What is to be said in the days to come is planned: reminders of sessions, follow-ups, recalls, licences."),
    Round(SEND_MESSAGES, Queue.MESSAGES, timedelta(seconds=30), "Sending messages",
          "Messages whose time has come are judged once more, and sent or withheld with the reason."),
    Round(READ_REPLIES, Queue.MESSAGES, _MINUTE, "Replies",
          "Text messages that came in are read, so that STOP is heeded before the next one goes out."),
    Round(RUN_ERRANDS, Queue.DESK, _MINUTE, "Long work",
          "Long work that was asked for at the desk or by the clock is done; what was left behind is taken up."),
    Round(ASK_WHAT_IS_REGULAR, Queue.DESK, _MINUTE, "Regular work",
          "The evening's billing, the month's superbills and the month's statements are asked for when it is time."),
    Round(SEAL_AUDIT, Queue.DESK, _MINUTE, "Audit trail",
          "New rows of the audit trail are sealed, so that a later change shows."),
    Round(GIVE_SIGN, Queue.DESK, timedelta(seconds=30), "Sign of life",
          "A worker says that it is there; when none does for three minutes, the desk says so."),
)  # fmt: skip


def queue_of() -> Mapping[str, str]:
    """Each round's queue, by the round's name."""
    return {each.task: each.queue.value for each in ROUNDS}
