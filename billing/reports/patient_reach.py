"""By which ways a patient may be written to, and how that came about: consent, and what they asked to stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from billing.access.models import User
from billing.clinic.country import country_of
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.identifiers import readable_phone
from billing.patients.details import dialled
from billing.patients.models import Patient
from billing.reminders.consenting import consent_history
from billing.reminders.models import Channel, OptOut
from billing.reminders.opting_out import BY_LINK, BY_REPLY, opt_outs

NOBODY = "ZZ"
"""To the telephone library, no country at all."""
_HOW = {BY_REPLY: "by a reply", BY_LINK: "by the link in a message"}
_NAMES = {Channel.TEXT: "Text messages", Channel.EMAIL: "E-mail"}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a patient."""

    channel: Channel
    address: str
    """A number in E.164, or an e-mail address; empty when there is none that can be used."""
    shown: str
    """As it is on file."""
    is_agreed: bool
    stopped: OptOut | None
    """What its owner asked for, while it stands."""


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that was agreed to, taken back, or asked for."""

    at: datetime
    title: str
    address: str
    by: str
    words: str
    is_consent: bool


@dataclass(frozen=True, slots=True)
class PatientReach:
    """The ways to a patient as they stand, and their history, the latest first."""

    ways: list[Way]
    history: list[Past]


def patient_reach(db: Db, patient: Patient) -> PatientReach:
    """By which ways this patient may be written to."""
    country = country_of(the_clinic(db)) or NOBODY
    phone, email = patient.phone or "", patient.email or ""
    number = dialled(phone, country) if phone else ""
    asked = {
        Channel.TEXT: opt_outs(db, Channel.TEXT, number) if number else [],
        Channel.EMAIL: opt_outs(db, Channel.EMAIL, email) if email else [],
    }
    ways = [
        Way(Channel.TEXT, number, readable_phone(phone, country), patient.sms_consent, _standing(asked[Channel.TEXT])),
        Way(Channel.EMAIL, email, email, patient.email_consent, _standing(asked[Channel.EMAIL])),
    ]
    return PatientReach(ways, _history(db, patient, asked))


def _standing(asked: list[OptOut]) -> OptOut | None:
    return next((one for one in asked if one.resumed_at is None), None)


def _history(db: Db, patient: Patient, asked: dict[Channel, list[OptOut]]) -> list[Past]:
    consents = consent_history(db, patient.id)
    stops = [one for each in asked.values() for one in each]
    names = _names(db, {*(one.by for one in consents), *(one.by for one in stops)})
    past = [
        Past(one.at, f"{_NAMES[one.channel]}: {'agreed to' if one.is_given else 'consent taken back'}", one.address,
             names.get(one.by, ""), one.wording, True)
        for one in consents
    ]  # fmt: skip
    for one in stops:
        name, how = _NAMES[one.channel], _HOW.get(one.by, names.get(one.by, ""))
        past.append(Past(one.at, f"{name}: asked to stop", one.address, how, one.said, False))
        if one.resumed_at is not None:
            past.append(Past(one.resumed_at, f"{name}: may be written to again", one.address, "", "", False))
    return sorted(past, key=lambda one: one.at, reverse=True)


def _names(db: Db, hands: set[str]) -> dict[str, str]:
    users = {int(number): hand for hand in hands for kind, _, number in [hand.partition(":")] if kind == "user"}
    if not users:
        return {}
    return {users[one]: name for one, name in db.execute(select(User.id, User.name).where(User.id.in_(users)))}
