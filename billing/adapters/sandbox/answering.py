"""All answers to one submitted file: a 999, then a 277CA and the payments for what was taken.

Everything is dated like the file itself, so that nobody has to wait a fortnight for the money of a lesson.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from billing.adapters.sandbox.acknowledging import Screened, acknowledged
from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.paying import paid
from billing.adapters.sandbox.rates import Rates
from billing.adapters.sandbox.remembering import Memory
from billing.adapters.sandbox.remitting import payment_to_write
from billing.adapters.sandbox.screening import read_file, rejection
from billing.edi.acknowledgements.judging import reply_envelope
from billing.edi.acknowledgements.writer import encode_999
from billing.edi.claim_837p.claim import ClaimBatch, ProfessionalClaim
from billing.edi.claim_codes import Frequency
from billing.edi.claim_status.acknowledged_file import AcknowledgedFile
from billing.edi.claim_status.status import Status
from billing.edi.claim_status.writer import encode_277ca
from billing.edi.element_values import envelope_day
from billing.edi.envelope import GroupHeader, InterchangeHeader, read_interchange_header
from billing.edi.envelope_writer import Envelope, Usage
from billing.edi.kinds import kind_of
from billing.edi.remittance_835.payment_to_write import PaymentToWrite
from billing.edi.remittance_835.writer import encode_835
from billing.edi.segments import read_segments
from billing.errors import Refused

ACKNOWLEDGEMENT, CLAIM_STATUS, REMITTANCE = ".999", ".277", ".835"
_NUMBERS = {ACKNOWLEDGEMENT: 1, CLAIM_STATUS: 2, REMITTANCE: 3}
_CLAIMS = "837"
_NOT_FOUND = Status("A3", "35")


def answers_to(content: bytes, memory: Memory, rates: Rates, seed: str) -> dict[str, bytes]:
    """The answer files to ``content``, by the ending of their names; none for what is not to be answered.

    That is whatever holds no claims, such as our own acknowledgements, and a file without a date or without a
    sender that could be written to. One whose form is faulty, or that holds what no answer could repeat, earns a
    999 and nothing else. Never raises, whatever ``content`` is.
    """
    header = _interchange(content) if kind_of(content) == _CLAIMS else None
    sent_on = envelope_day(header.date) if header else None
    if header is None or sent_on is None:
        return {}
    file = read_file(content, sent_on)
    groups = [reply.group for reply in file.acknowledgement.replies if reply.group]
    try:
        envelopes = {ending: _envelope(header, groups[0], sent_on, number) for ending, number in _NUMBERS.items()}
    except (IndexError, ValueError):
        return {}
    acknowledgement = {ACKNOWLEDGEMENT: encode_999(file.acknowledgement.groups, envelopes[ACKNOWLEDGEMENT])}
    payer = _Payer(memory, rates, Chance(seed), header.control_number, sent_on)
    try:
        return acknowledgement | _decisions(payer, file.batches, envelopes)
    except (ValueError, Refused):
        return acknowledgement


def _decisions(payer: _Payer, batches: Sequence[ClaimBatch], envelopes: Mapping[str, Envelope]) -> dict[str, bytes]:
    """The 277CA and the 835. Raises ``ValueError`` or ``Refused`` when one of them cannot be written."""
    answers = {}
    screened = [(batch, [payer.screened(claim) for claim in batch.claims]) for batch in batches]
    if files := list(payer.claim_statuses(screened)):
        answers[CLAIM_STATUS] = encode_277ca(files, envelopes[CLAIM_STATUS])
    taken = [one.claim for _, some in screened for one in some if one.rejection is None]
    if payments := list(payer.payments(taken)):
        answers[REMITTANCE] = encode_835(payments, envelopes[REMITTANCE])
    return answers


def _interchange(content: bytes) -> InterchangeHeader | None:
    first = next(read_segments(content, []), None)
    return read_interchange_header(first) if first and first.id == "ISA" else None


def _envelope(header: InterchangeHeader, group: GroupHeader, sent_on: date, number: int) -> Envelope:
    """The envelope of an answer: its number is that of the file with one more digit. Raises ``ValueError``."""
    clock = time(int(header.time[:2]), int(header.time[2:4]))
    usage = Usage.TEST if header.usage == Usage.TEST else Usage.PRODUCTION
    own = int(header.control_number) % 10**8 * 10 + number
    return reply_envelope(header, group, own, datetime.combine(sent_on, clock, UTC), usage)


@dataclass(frozen=True, slots=True)
class _Payer:
    """All payers that one file goes to."""

    memory: Memory
    rates: Rates
    chance: Chance
    number: str
    """ISA13 of the file."""
    on: date

    def screened(self, claim: ProfessionalClaim) -> Screened:
        """A claim that was refused by chance may pass in another file, as if it had been put right."""
        status = rejection(claim, self.rates, self.chance.of(claim.payer.identifier, self.number))
        if status is None and claim.frequency is not Frequency.ORIGINAL:
            original = self.memory.standing(claim.payer.identifier, claim.original_reference)
            status = None if original else _NOT_FOUND
        return Screened(claim, status)

    def claim_statuses(self, screened: Sequence[tuple[ClaimBatch, Sequence[Screened]]]) -> Iterator[AcknowledgedFile]:
        """One for each payer in each batch."""
        count = 0
        for batch, claims in screened:
            by_payer: dict[str, list[Screened]] = {}
            for one in claims:
                by_payer.setdefault(one.claim.payer.identifier, []).append(one)
            for payer, some in by_payer.items():
                count += 1
                yield acknowledged(batch, some, f"{self.number}-{count}", self.chance.of(payer), self.on)

    def payments(self, claims: Sequence[ProfessionalClaim]) -> Iterator[PaymentToWrite]:
        """One for each payer and each clinic it pays."""
        by_parties: dict[tuple[str, str], list[ProfessionalClaim]] = {}
        for claim in claims:
            by_parties.setdefault((claim.payer.identifier, claim.billing_provider.npi), []).append(claim)
        for count, ((payer, _), some) in enumerate(by_parties.items(), start=1):
            luck = self.chance.of(payer)
            trace_number = f"{luck.of(self.number).digits('trace number', 3)}{self.number}{count:03d}"
            yield payment_to_write(paid(some, self.memory, self.rates, luck), some[0], trace_number, luck, self.on)
