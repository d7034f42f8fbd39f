"""The rail beside every page: the day's work, and how much of each kind waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request

from billing.access.permissions import Permission
from billing.operations.signs_of_life import is_silent
from billing.reports.standing import Standing
from billing.web.endpoint import Call
from billing.web.links import to


@dataclass(frozen=True, slots=True)
class RailLink:
    """A screen, and how many things wait there."""

    words: str
    href: str
    icon: str
    count: int
    tone: str
    """``warn`` or ``bad`` when what waits should not."""
    is_current: bool


_P = Permission
_SETTINGS = (
    "settings",
    "people",
    "payers",
    "rule_packs",
    "code_sets",
    "fees",
    "rooms",
    "places",
    "education",
    "supervision",
    "by_itself",
    "users",
    "audit_trail",
    "importing",
)
_SCREENS = (
    ("Today", "today.today", "day", _P.SEE_DAY, "unsigned", "", ("today", "session", "checkout")),
    ("Calendar", "calendar.day", "calendar", _P.SEE_DAY, "", "", ("calendar",)),
    ("Patients", "patients.patients", "patients", _P.SEE_PATIENTS, "", "",
     ("patients", "policies", "benefits", "patient_coverage", "patient_record")),
    ("Coverage", "eligibility.worklist", "check", _P.SEE_PATIENTS, "", "", ("eligibility",)),
    ("Follow-ups", "follow_ups.follow_ups", "history", _P.SEE_PATIENTS, "", "", ("follow_ups",)),
    ("Estimates", "estimates.estimates", "paper", _P.SEE_PATIENTS, "", "", ("estimates",)),
    ("Claims", "claims.claims", "claims", _P.SEE_CLAIMS, "claims_to_work", "warn", ("claims",)),
    ("Remittances", "remittances.remittances", "money", _P.POST_REMITTANCES, "payments_queued", "warn",
     ("remittances",)),
    ("Accounts", "accounts.accounts", "accounts", _P.TAKE_MONEY, "", "", ("accounts",)),
    ("Reminders", "reminders.reminders", "message", _P.SEE_PATIENTS, "messages_in_doubt", "warn", ("reminders",)),
    ("By itself", "happened.happened", "clock", _P.POST_REMITTANCES, "", "", ("happened",)),
    ("Licences", "licences.licences", "licence", _P.SEE_LICENCES, "licences_ending", "bad", ("licences", "credential")),
    ("Settings", "settings.clinic", "settings", _P.EDIT_CLINIC, "", "", _SETTINGS),
)  # fmt: skip
"""Words, page, icon, who sees it, what is counted, how that count looks, and whose pages belong to it."""


def rail(call: Call, now: Standing) -> list[RailLink]:
    """The screens that the person may open, with what waits on each."""
    here = (request.endpoint or "").partition(".")[0]
    return [
        RailLink(words, href, icon, getattr(now, counted) if counted else 0, tone, here in belonging)
        for words, page, icon, permission, counted, tone, belonging in _SCREENS
        if call.may(permission) and (href := to(page))
    ]


@dataclass(frozen=True, slots=True)
class Silence:
    """That nothing works by itself, for those who must do something about it."""

    since: datetime | None
    """When a worker was last there; nobody knows of any when empty."""


def silence(call: Call, now: Standing) -> Silence | None:
    """What the owner and the biller are told on every page once no worker has given a sign for too long."""
    if now.clinic is None or not call.may(Permission.POST_REMITTANCES):
        return None
    seen_at = now.worker_seen_at
    return Silence(seen_at) if is_silent(seen_at, call.program.up_since, call.at) else None
