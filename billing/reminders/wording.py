"""What a message says. Pure.

No more than has to be said: a first name, the clinic, the day and the time, a telephone number and a link; no
condition, no practitioner, no money, no insurer (45 CFR 164.502(b), minimum necessary). A text fits into one part of
160 characters of the GSM alphabet wherever the names allow it, since parts are paid for each and may arrive apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from anyascii import anyascii
from icalendar import Calendar, Event
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from billing import clock
from billing.ports import MailContent
from billing.practitioners.models import CredentialKind
from billing.reminders.models import Rule
from billing.reminders.rules import LICENCE

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "messages"
ONE_PART = 160
"""Characters of a text that goes in one part (3GPP TS 23.038)."""
_SHORTEST_NAME = 12
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWO = frozenset("^{}\\[~]|€")
"""These take the room of two."""
_NO_GSM = re.compile(f"[^{re.escape(''.join(sorted(_GSM | _GSM_TWO)))}]")
_TWO = re.compile(f"[{re.escape(''.join(sorted(_GSM_TWO)))}]")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
KIND_WORDS = {
    CredentialKind.LICENCE: "licence",
    CredentialKind.CERTIFICATION: "certification",
    CredentialKind.MALPRACTICE: "malpractice cover",
    CredentialKind.CPR: "CPR certificate",
    CredentialKind.NEEDLE_TECHNIQUE: "needle technique certificate",
    CredentialKind.ATTESTATION: "attestation",
    CredentialKind.EXCLUSION_CHECK: "exclusion check",
    CredentialKind.MEMBERSHIP: "membership",
    CredentialKind.REGISTRATION: "registration",
    CredentialKind.PREMISES: "certificate of premises",
    CredentialKind.TRAINING: "training",
}


def _environment(autoescape: Callable[[str | None], bool]) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=autoescape, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip


_TEMPLATES = _environment(lambda name: bool(name and name.endswith(".html")))


@cache
def _template(name: str) -> Template:
    found = _TEMPLATES.get_template(name)
    # What every template may name is merged anew whenever one is filled in: of a plain dict at a third of the cost.
    found.globals = dict(found.globals)
    return found


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence or certificate that lapses, or for which education is missing, or the enrolment that runs out."""

    kind: CredentialKind | None
    """Nothing of an enrolment."""
    number: str
    issuer: str
    holder: str
    valid_to: date
    about: str = LICENCE
    """``licence``, ``education`` or ``enrolment``."""
    missing: str = ""
    """How much education is, or what else its renewal asks for."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Everything that one message may say."""

    rule: Rule
    first_name: str
    clinic: str
    clinic_address: str
    phone: str
    """The clinic's, as people there write it."""
    zone: str
    """The clinic's."""
    american: bool
    at: datetime
    """When it is said."""
    starts_at: datetime | None = None
    """When the visit begins."""
    minutes: int = 0
    session_id: int = 0
    changes: int = 0
    """How often the visit was given another time."""
    due_on: date | None = None
    licence: Licence | None = None
    link: str = ""
    stop_link: str = ""
    one_click_stop: str = ""

    @property
    def day(self) -> date | None:
        """The day it is about, where the clinic is."""
        if self.starts_at is not None:
            return clock.local(self.starts_at, self.zone).date()
        return self.licence.valid_to if self.licence else self.due_on


def text_words(saying: Saying) -> str:
    """The words of a text message, as short as they have to be."""
    said, facts = "", _facts(saying)
    for first_name, clinic in _shorter_and_shorter(saying):
        facts |= {"first_name": first_name, "clinic": clinic}
        said = plain(_template(f"{saying.rule}.text.txt").render(facts))
        said = " ".join(said.split())
        if parts_length(said) <= ONE_PART:
            break
    return said


def _shorter_and_shorter(saying: Saying) -> Iterator[tuple[str, str]]:
    """First name and clinic's name: whole, then without the first name, then with less and less of the clinic's."""
    clinic = plain(saying.clinic)
    yield plain(saying.first_name), clinic
    yield "", clinic
    for length in range(len(clinic) - 1, _SHORTEST_NAME - 1, -1):
        yield "", clinic[:length].rstrip(" ,&-") + "."


def plain(text: str) -> str:
    """With signs that a text message cannot carry written in those it can: ``Bronisława`` as ``Bronislawa``."""
    return _NO_GSM.sub(lambda sign: _NO_GSM.sub("'", anyascii(sign[0])), text)


def parts_length(text: str) -> int:
    """How much room a text of the GSM alphabet takes."""
    return len(text) + len(_TWO.findall(text))


def mail_words(saying: Saying) -> tuple[str, str]:
    """Subject and plain text of an e-mail."""
    whole = _template(f"{saying.rule}.mail.txt").render(_facts(saying))
    subject, _, text = whole.partition("\n")
    return " ".join(subject.split()), text.strip() + "\n"


def mail_content(saying: Saying, to: str) -> MailContent:
    """An e-mail in all its parts; the calendar's part only where it is about a visit."""
    subject, text = mail_words(saying)
    facts = {**_facts(saying), "subject": subject, "for_patient": saying.licence is None}
    html = _template(f"{saying.rule}.mail.html").render(facts)
    calendar = calendar_file(saying) if saying.starts_at is not None else b""
    return MailContent(to, subject, text, html, calendar, saying.one_click_stop, saying.clinic)


def calendar_file(saying: Saying) -> bytes:
    """The visit as an iCalendar file; a later file about the same visit takes the place of an earlier one."""
    starts_at = saying.starts_at
    if starts_at is None:
        raise ValueError("only a visit has a place in a calendar")
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//Meridian//Reminders//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    event.add("uid", f"visit-{saying.session_id}@meridian")
    event.add("dtstamp", saying.at)
    event.add("sequence", saying.changes)
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=saying.minutes))
    event.add("summary", f"Visit at {saying.clinic}")
    event.add("location", saying.clinic_address)
    event.add("description", f"Telephone: {saying.phone}" + (f"\n{saying.link}" if saying.link else ""))
    event.add("status", "CONFIRMED")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _facts(saying: Saying) -> dict[str, Any]:
    """What templates may name."""
    facts: dict[str, Any] = {
        "first_name": saying.first_name, "clinic": saying.clinic, "phone": saying.phone, "link": saying.link,
        "stop_link": saying.stop_link,
    }  # fmt: skip
    if (day := saying.day) is not None:
        facts |= {"day": day_words(day, saying.american), "short_day": short_day(day, saying.american)}
    if saying.starts_at is not None:
        time = time_words(clock.local(saying.starts_at, saying.zone), saying.american)
        facts |= {"time": time, "short_when": f"{facts['short_day']} {time}"}
    if saying.licence is not None:
        one = saying.licence
        days = (one.valid_to - clock.local(saying.at, saying.zone).date()).days
        facts |= {
            "kind": KIND_WORDS[one.kind] if one.kind else "", "number": one.number, "issuer": one.issuer,
            "holder": one.holder, "about": one.about, "missing": one.missing,
            "in_days": "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days",
        }  # fmt: skip
    return facts


def day_words(on: date, american: bool) -> str:
    """A day as people there write it: ``Tuesday, March 10, 2026``, elsewhere ``Tuesday 10 March 2026``."""
    weekday, month = _DAYS[on.weekday()], _MONTHS[on.month - 1]
    return f"{weekday}, {month} {on.day}, {on.year}" if american else f"{weekday} {on.day} {month} {on.year}"


def short_day(on: date, american: bool) -> str:
    """The same in little room: ``Tue Mar 10``, elsewhere ``Tue 10 Mar``."""
    weekday, month = _DAYS[on.weekday()][:3], _MONTHS[on.month - 1][:3]
    return f"{weekday} {month} {on.day}" if american else f"{weekday} {on.day} {month}"


def time_words(there: datetime, american: bool) -> str:
    """A time of day as people there say it: ``9:00 AM``, elsewhere ``09:00``."""
    if not american:
        return f"{there:%H:%M}"
    return f"{there.hour % 12 or 12}:{there:%M} {'AM' if there.hour < 12 else 'PM'}"
