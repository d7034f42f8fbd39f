"""What each rule says, as an example: to be read before it is switched on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from billing import clock
from billing.database import Db
from billing.practitioners.models import CredentialKind
from billing.reminders.facts import Here, here
from billing.reminders.links import Links
from billing.reminders.models import Channel, Rule
from billing.reminders.rules import LICENCE, RULES, SESSION, RuleRow
from billing.reminders.wording import Licence, Saying, mail_words, text_words

NAME = "Anna"
_NINE = time(9)
_LICENCE_DAYS = timedelta(days=30)


def examples(db: Db, links: Links, at: datetime) -> Mapping[Rule, str]:
    """The words of each rule to somebody called Anna: of its text, or of its e-mail where it has no text."""
    where = here(db)
    return {row.rule: _words(row, where, links, at) for row in RULES}


def _words(row: RuleRow, where: Here, links: Links, at: datetime) -> str:
    saying = _example(row, where, links, at)
    if Channel.TEXT in row.channels:
        return text_words(saying)
    subject, text = mail_words(saying)
    return f"{subject}\n\n{text}".strip()


def _example(row: RuleRow, where: Here, links: Links, at: datetime) -> Saying:
    on = clock.local(at, where.zone).date() + timedelta(days=max(row.days_before, 1))
    is_visit, is_licence = row.subject_kind == SESSION, row.subject_kind == LICENCE
    told = Licence(CredentialKind.LICENCE, "AC-1234", "OR", "Ben Quill, L.Ac.", on + _LICENCE_DAYS)
    return Saying(
        rule=row.rule, first_name=NAME, clinic=where.name, clinic_address=where.address, phone=where.phone,
        zone=where.zone, american=where.american, at=at,
        starts_at=clock.instant(on, _NINE, where.zone) if is_visit else None,
        due_on=None if is_visit or is_licence else on,
        licence=told if is_licence else None,
        # Of no message, so that whoever follows it from here finds nothing.
        link=links.visit(0) if is_visit else "",
    )  # fmt: skip
