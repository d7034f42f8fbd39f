"""What is said to whom and when, as a table that the person who runs the clinic can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from billing.reminders.models import Channel, Rule

SESSION, PLAN, LICENCE, EDUCATION, ENROLMENT = "session", "plan", "licence", "education", "enrolment"
"""What a message can be about; education that is missing is about the credential it is missing for."""

AT_TEN = time(10)
"""When is said what no hour of a visit decides: local time of who is told."""
FOLLOW_UP_DAYS_BEFORE = 2
RECALL_TRIES = 3
RECALL_DAYS_APART = 30
LICENCE_DAYS_BEFORE = (120, 90, 60, 30, 14, 7, 1)
EDUCATION_DAYS_BEFORE = (120, 90, 60, 30)
"""Of education that is missing; later there is hardly time to learn."""
TEXTS_A_DAY = 1
TEXTS_A_WEEK = 3
"""To one number, whoever shares it: what the FCC allows health care without a patient's fresh consent
(47 CFR 64.1200(a)(9)(iv))."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in words."""

    rule: Rule
    name: str
    subject_kind: str
    to_whom: str
    when: str
    unless: str
    """What speaks against it at its time, besides what speaks against every message."""
    channels: tuple[Channel, ...]
    days_before: int = 0
    """Of a session's start, for a rule about sessions."""


_BOTH = (Channel.TEXT, Channel.EMAIL)
RULES = (
    RuleRow(
        Rule.SESSION_IN_3_DAYS, "Visit in three days", SESSION, "The patient",
        "Three days before a visit, at the hour of the visit.",
        "The visit was moved or called off, or was booked later than that.", _BOTH, 3,
    ),
    RuleRow(
        Rule.SESSION_TOMORROW, "Visit tomorrow", SESSION, "The patient",
        "The day before a visit, at the hour of the visit.",
        "The visit was moved or called off, or was booked later than that.", _BOTH, 1,
    ),
    RuleRow(
        Rule.FOLLOW_UP, "Next visit is due", PLAN, "The patient",
        f"{FOLLOW_UP_DAYS_BEFORE} days before the treatment plan's next visit is due, at 10:00.",
        "A visit is booked, or the plan has ended.", _BOTH,
    ),
    RuleRow(
        Rule.RECALL, "Course has lapsed", PLAN, "The patient",
        "When the next visit is overdue for longer than a week (weekly visits), a fortnight (fortnightly) or 30 days "
        f"(monthly), at 10:00; {RECALL_TRIES} times at most, {RECALL_DAYS_APART} days apart.",
        "A visit is booked, the patient has come, or the plan has ended.", _BOTH,
    ),
    RuleRow(
        Rule.LICENCE, "Licence lapses", LICENCE, "The practitioner and every owner",
        f"{', '.join(map(str, LICENCE_DAYS_BEFORE[:-1]))} days and {LICENCE_DAYS_BEFORE[-1]} day before a licence or "
        "certificate lapses, or a payer wants a practitioner looked into again; "
        f"{', '.join(map(str, EDUCATION_DAYS_BEFORE))} days before while education is missing. At 10:00.",
        "It was renewed or replaced, nothing is missing any more, or the practitioner has left.", (Channel.EMAIL,),
    ),
)  # fmt: skip
"""Each rule once. All are on unless the clinic has switched one off."""

ROW_OF = {row.rule: row for row in RULES}
