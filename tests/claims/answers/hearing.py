"""Claims that were filed, and an ear for what is said of them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from billing.claims.answers.answering import Outcome, take_in
from billing.claims.answers.files import read_answer_file
from billing.documents.receiving import receive
from tests.claims.office import BILLED_AT, Office
from tests.factories import DAY

HEARD_AT = BILLED_AT + timedelta(days=2)


def hear(office: Office, content: bytes, at: datetime = HEARD_AT) -> Outcome:
    """Take in one file."""
    with office.database.transaction() as db:
        sha256 = hashlib.sha256(content).hexdigest()
        read = read_answer_file(content)
        received = receive(db, "answer.txt", sha256, len(content), read.kind, at)
        return take_in(db, received.file_id, read.answers, at)


def file_claims(office: Office, count: int = 1) -> list[str]:
    """So many claims in one file; their control numbers."""
    for day in range(count):
        office.visit(DAY + timedelta(days=day))
    office.bill()
    return [claim.control_number for claim in office.claims()]
