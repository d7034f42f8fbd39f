"""By when a good-faith estimate is due. Pure; all days are the clinic's local ones.

Scheduled care and requests: 45 CFR 149.610(b)(1) and the preamble at 86 FR 56136. A change of scope or price:
149.610(b)(1). That nothing is due for what is scheduled at shorter notice, and how days are counted where the
visit or the booking is on a weekend, is our reading of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from billing.estimates.good_faith.business_days import business_days_after, business_days_ahead, business_days_before

SHORT_NOTICE = 3
"""Business days ahead from which on an estimate is due."""
LONG_NOTICE = 10
"""Business days ahead from which on there is more time for it."""


class Trigger(StrEnum):
    """Why an estimate is due."""

    SCHEDULED_SOON = "scheduled_soon"
    """At least three and fewer than ten business days ahead."""
    SCHEDULED_EARLY = "scheduled_early"
    """At least ten business days ahead."""
    ASKED = "asked"
    """The patient asked what it would cost."""
    CHANGED = "changed"
    """What was estimated is no longer what is expected."""


DAYS = {Trigger.SCHEDULED_SOON: 1, Trigger.SCHEDULED_EARLY: 3, Trigger.ASKED: 3, Trigger.CHANGED: 1}
"""Business days: after the scheduling or the request; for a change, before the visit."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """That an estimate is due, and by when."""

    trigger: Trigger
    by: date
    """The last day on which it is in time."""

    def is_missed(self, today: date) -> bool:
        """Whether that day has passed."""
        return today > self.by

    def days_left(self, today: date) -> int:
        """Business days after today up to the last day, that one counted; zero when it is today or has passed."""
        return business_days_ahead(self.by + timedelta(days=1), today + timedelta(days=1))


def scheduled(scheduled_on: date, service_on: date) -> Deadline | None:
    """The deadline of what was scheduled one day for another; ``None`` when it is too near for one."""
    ahead = business_days_ahead(service_on, scheduled_on)
    if ahead < SHORT_NOTICE:
        return None
    trigger = Trigger.SCHEDULED_EARLY if ahead >= LONG_NOTICE else Trigger.SCHEDULED_SOON
    return Deadline(trigger, business_days_after(scheduled_on, DAYS[trigger]))


def asked(asked_on: date) -> Deadline:
    """The deadline after a patient asked, be it for a price alone."""
    return Deadline(Trigger.ASKED, business_days_after(asked_on, DAYS[Trigger.ASKED]))


def changed(service_on: date) -> Deadline:
    """The deadline of the new estimate that a change asks for, by the next visit it is about."""
    return Deadline(Trigger.CHANGED, business_days_before(service_on, DAYS[Trigger.CHANGED]))
