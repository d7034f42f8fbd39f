"""The answer to a file of eligibility questions: one 271 for all of them, dated like the file itself."""

from __future__ import annotations

from datetime import UTC, datetime, time

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.covering import answer_to
from billing.edi.acknowledgements.judging import reply_envelope
from billing.edi.element_values import envelope_day
from billing.edi.eligibility_270.reader import read_270
from billing.edi.eligibility_271.writer import encode_271
from billing.edi.envelope import transactions
from billing.edi.envelope_writer import Usage
from billing.errors import Refused

_OWN_DIGIT = 4


def answers_about_cover(content: bytes, seed: str) -> bytes:
    """The 271 to a 270; empty for what is none, or what cannot be answered. Never raises, whatever ``content`` is."""
    first = next(iter(transactions(content, [])), None)
    inquiries = read_270(content, []) if first is not None and first.set_id == "270" else []
    if not inquiries or first is None or first.interchange is None or first.group is None:
        return b""
    header = first.interchange
    sent_on = envelope_day(header.date)
    try:
        at = datetime.combine(sent_on, time(int(header.time[:2]), int(header.time[2:4])), UTC) if sent_on else None
        if at is None:
            return b""
        number = int(header.control_number) % 10**8 * 10 + _OWN_DIGIT
        usage = Usage.TEST if header.usage == Usage.TEST else Usage.PRODUCTION
        envelope = reply_envelope(header, first.group, number, at, usage)
        return encode_271([answer_to(one, Chance(seed), at.date()) for one in inquiries], envelope)
    except (ValueError, Refused):
        return b""
