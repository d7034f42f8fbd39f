"""A desk with a billing office behind it: claims to look at, in the clinic's April."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.moving import move
from billing.errors import OutcomeUnknown
from billing.sessions.models import ClinicSession
from billing.wiring import Program
from tests.claims.answers.answer_texts import REJECTED, a277ca
from tests.claims.answers.hearing import hear
from tests.claims.office import BILLED_AT, Office, open_office
from tests.factories import DAY
from tests.web.desk import Desk

NOW = BILLED_AT + timedelta(days=12)
"""When people look."""
KEY = "a-key-of-a-form-0001"


def office_behind(desk: Desk, program: Program) -> Office:
    """The desk's clinic, which keeps its files where the desk looks for them."""
    made = open_office(desk.database)
    made.store = program.documents
    return made


def held(office: Office) -> ClinicSession:
    """A session whose claim the missing signature of the patient holds."""
    office.edit(office.scene.patient, signature_on_file=False)
    session = office.visit()
    office.bill()
    return session


def sent(office: Office) -> ClinicSession:
    """A session whose claim is sent."""
    session = office.visit()
    office.bill()
    return session


def rejected(office: Office) -> ClinicSession:
    """A session whose claim came back."""
    session = sent(office)
    hear(office, a277ca([(office.claim(session).control_number, REJECTED)]))
    return session


def lost(office: Office, count: int = 1) -> list[ClinicSession]:
    """Sessions whose claims went out in one file that may not have arrived."""
    sessions = [office.visit(DAY + timedelta(days=day)) for day in range(count)]
    office.clearinghouse.failure = OutcomeUnknown("The line went dead.")
    office.bill()
    office.clearinghouse.failure = None
    return sessions


def bring_to(office: Office, session: ClinicSession, state: ClaimState, event: ClaimEvent) -> None:
    """Put a session's claim, which is in ``state``, through ``event``."""
    claim = office.claim(session)
    office.write(lambda db: move(db, [claim.id], state, event, by="command:test", why="a test", at=BILLED_AT))


def text_of(page: str) -> str:
    """What a page says, without its tags and with single blanks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def tabs(page: str) -> dict[str, int]:
    """The queues with their counts."""
    (nav,) = re.findall(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    return {
        words: int(count.replace(",", ""))
        for words, count in re.findall(r"([A-Z][a-z]+) <span class=\"count\">([\d,]+)", nav)
    }


def rows(page: str) -> list[str]:
    """What each row of the queue says."""
    found = re.search(r'<tbody[^>]* id="queue">(.*?)</tbody>', page, re.DOTALL)
    return [text_of(row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", found[1], re.DOTALL)] if found else []
