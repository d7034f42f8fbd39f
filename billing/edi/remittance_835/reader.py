"""An 835, ours or anybody's, read as a stream: one payment after the other, and one claim after the other.

Reading goes on whatever it meets. What cannot be relied on (a cut-off file, an amount that is no amount, a
segment with money in a place where it means nothing) is a finding of weight ``BLOCK``; what is only not as the
guide says is one of weight ``WARN``. Memory stays the same however long a payment is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from operator import length_hint

from billing.edi.envelope import Transaction, pass_over, transactions
from billing.edi.findings import Finding
from billing.edi.remittance_835.balance import Balance
from billing.edi.remittance_835.guide import (
    BEGINS_DETAIL,
    CARRIES_MONEY,
    CLAIM,
    DETAIL,
    FOOTER,
    HEADER,
    LINE,
    REQUIRED,
    open_claim,
    open_line,
)
from billing.edi.remittance_835.mending import UNREADABLE, mended, note_unexpected, place_segment
from billing.edi.remittance_835.notes import Notes
from billing.edi.remittance_835.places import Meaning, Place, Record, put
from billing.edi.remittance_835.remittance import ClaimPayment, PaymentHeader, ProviderAdjustment, ServicePayment
from billing.edi.remittance_835.values import Procedures, forget
from billing.edi.segments import Source
from billing.errors import Severity

_MOST_KNOWN = 4096
"""So many segments are remembered for claims, and for lines: those that come first, as in ``values``."""

_LINES = ClaimPayment._fields.index("lines")
_whole = tuple.__new__  # what a NamedTuple does in the end, without a call in between


def read_835(source: Source, findings: list[Finding]) -> Iterator[Remittance]:
    """The payments of ``source`` in order, one for each transaction set, whatever envelopes it has or lacks.

    Nothing in the content makes it raise; what is wrong goes into ``findings``. A payment reads on as its
    claims are asked for. Asking for the next payment reads the rest of the one before.
    """
    forget()
    since = 0
    for transaction in transactions(source, findings):
        if _is_remittance(transaction):
            remittance = Remittance(transaction, findings, since)
            yield remittance
            for _ in remittance.claims():
                pass
        else:
            pass_over(transaction, "The transaction set is not a payment advice; it was not read.", findings)
        since = len(findings)


def _is_remittance(transaction: Transaction) -> bool:
    """By ST01; where the ST is lost, the functional group tells."""
    if transaction.set_id or transaction.group is None:
        return transaction.set_id == "835"
    return transaction.group.functional_id == "HP"


class Remittance:
    """One payment (ST..SE) on its way through: its header at once, its claims as a stream, the rest after them.

    ``provider_adjustments``, ``findings`` and ``balance`` are whole when ``claims()`` is exhausted.
    """

    def __init__(self, transaction: Transaction, findings: list[Finding], since: int) -> None:
        """Read the header of ``transaction``; ``findings`` from ``since`` on may be about it."""
        first = next(transaction.runs)
        self.interchange = transaction.interchange
        self.group = transaction.group
        self.set_id = transaction.set_id
        """ST01; empty when the ST is lost."""
        self.control_number = transaction.control_number
        """ST02."""
        self.position = first.position
        """The ST's place among the segments of the source, from 1."""
        self.balance = Balance()
        self.provider_adjustments: list[ProviderAdjustment] = []
        self._separators = first.separators
        self._notes = Notes(findings, since, first.position)
        self._is_ended = False
        self._provider_records: Record = []
        self._runs = itertools.chain([first], transaction.runs)
        self.header = self._read_header()
        self._claims = self._read_claims()

    def claims(self) -> Iterator[ClaimPayment]:
        """The claims not handed out yet, in order, read from the source as they are asked for."""
        return self._claims

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with this payment, its envelope included; also in the list given to :func:`read_835`."""
        return self._notes.findings

    def _read_header(self) -> PaymentHeader:
        """Everything before the first claim; leaves ``_runs`` at what follows."""
        record: Record = list(PaymentHeader())
        seen: set[tuple[str, str]] = set()
        for run in self._runs:
            for index, text in enumerate(run.texts):
                parts = text.split(run.separators.element)
                if parts[0] in BEGINS_DETAIL:
                    self._runs = itertools.chain([run.part(index, len(run.texts))], self._runs)
                    return self._checked_header(record, seen)
                self._read_header_segment(record, parts, run.position + index, seen)
        return self._checked_header(record, seen)

    def _read_header_segment(self, record: Record, parts: list[str], position: int, seen: set[tuple[str, str]]) -> None:
        name = parts[0]
        if name not in HEADER:
            note_unexpected(name, position, self._notes)
            return
        place_segment(HEADER[name], record, parts, position, self._notes)
        if name in CARRIES_MONEY and (name, "") in seen:
            why = f"There is a second {name} in the payment."
            self._notes.note("segment.repeated", Severity.BLOCK, why, position, name)
        seen |= {(name, ""), (name, "".join(parts[1:2]))}

    def _checked_header(self, record: Record, seen: set[tuple[str, str]]) -> PaymentHeader:
        header = _whole(PaymentHeader, record)
        for name, qualifier, severity in REQUIRED:
            if (name, qualifier) not in seen:
                why = f"The payment has no {name}{'*' if qualifier else ''}{qualifier}."
                self._notes.note("segment.missing", severity, why, self.position, name)
        if ("BPR", "") in seen and header.paid_on is None:
            why = "BPR16 does not say when the payment was made."
            self._notes.note("date.missing", Severity.WARN, why, self.position, "BPR")
        return header

    def _read_claims(self) -> Iterator[ClaimPayment]:
        """The loop that everything else is fast for: tables say what a segment means, by where it stands.

        What was said before in the same words, and means the same wherever it is said, is not read again.
        """
        procedures = Procedures(self._separators.component)
        claim: Record | None = None
        record: Record = []
        places = DETAIL
        of_claims: dict[str, Meaning] = {}
        of_lines: dict[str, Meaning] = {}
        known: dict[str, Meaning] = {}
        for run in self._runs:
            element = run.separators.element
            last = run.position + len(run.texts) - 1
            texts = iter(run.texts)
            for text in texts:
                if text in known:
                    field, value = known[text]  # as ``put`` does, without a call
                    if value.__class__ is tuple:
                        record[field] += value
                    else:
                        record[field] = value
                    continue
                parts = text.split(element)
                name = parts[0]
                if name in places:
                    try:
                        meaning = places[name](record, parts)
                    except UNREADABLE:
                        place_segment(places[name], record, parts, last - length_hint(texts), self._notes)
                    else:
                        if meaning is not None:
                            put(record, meaning)
                            if len(known) < _MOST_KNOWN:
                                known[text] = meaning
                elif name == "SVC" and claim is not None:
                    try:
                        record = open_line(procedures, parts)
                    except UNREADABLE:
                        record = open_line(procedures, mended(parts, last - length_hint(texts), self._notes))
                    claim[_LINES].append(record)
                    places, known = LINE, of_lines
                elif name in BEGINS_DETAIL:
                    if claim is not None:
                        yield self._finished(claim)
                    claim, record, places = self._begun(parts, last - length_hint(texts))
                    known = of_claims if places is CLAIM else {}
                elif claim is not None and name in CLAIM:
                    self._put_late(claim, parts, last - length_hint(texts))
                else:
                    note_unexpected(name, last - length_hint(texts), self._notes)
        if claim is not None:
            yield self._finished(claim)
        self._close()

    def _begun(self, parts: list[str], position: int) -> tuple[Record | None, Record, dict[str, Place]]:
        """After a segment that ends a claim: the next claim, if it begins one, what is read into, and its table."""
        name = parts[0]
        if name == "CLP":
            try:
                claim = open_claim(parts)
            except UNREADABLE:
                claim = open_claim(mended(parts, position, self._notes))
            claim[0], claim[-1] = self.balance.claims + 1, position
            if self._provider_records:
                why = "A claim stands after provider-level adjustments."
                self._notes.note("segment.out_of_order", Severity.WARN, why, position, name)
            return claim, claim, CLAIM
        if name == "PLB":
            place_segment(FOOTER[name], self._provider_records, parts, position, self._notes)
            return None, self._provider_records, FOOTER
        if name == "SVC":
            note_unexpected(name, position, self._notes)
        self._is_ended = name == "SE"
        return None, [], DETAIL

    def _finished(self, claim: Record) -> ClaimPayment:
        claim[_LINES] = tuple([_whole(ServicePayment, line) for line in claim[_LINES]])
        payment = _whole(ClaimPayment, claim)
        self.balance.take(payment)
        return payment

    def _close(self) -> None:
        """All segments were read: the sums can be made, and the findings are complete."""
        separator = self._separators.component
        for provider, composite, cents in self._provider_records:
            reason, _, reference = composite.partition(separator)
            self.provider_adjustments.append(ProviderAdjustment(provider, reason, reference, cents))
        self.balance.close(self.header, self.provider_adjustments)
        if not self.set_id and not self._is_ended:  # of a transaction with an ST the envelope tells it
            why = "The payment has neither ST nor SE; it may be cut off."
            self._notes.note("transaction.trailer_missing", Severity.BLOCK, why, self.position, "")
        self._notes.close()

    def _put_late(self, claim: Record, parts: list[str], position: int) -> None:
        why = f"{parts[0]} belongs to the claim but stands after a line of it."
        self._notes.note("segment.out_of_order", Severity.WARN, why, position, parts[0])
        place_segment(CLAIM[parts[0]], claim, parts, position, self._notes)
