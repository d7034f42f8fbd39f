"""A payer's payment on its way through: its key, a digest of what it says, and what speaks against it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from billing.codes.adjustments import GROUPS, is_known, reason
from billing.codes.provider_adjustments import is_known_provider_adjustment
from billing.edi.remittance_835.reader import Remittance
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment, PaymentHeader, ProviderAdjustment
from billing.errors import Severity
from billing.remittances.matching import NOTED_ONLY, REVERSAL

DECIDED = frozenset({"1", "2", "3", "4", "19", "20", "21"})
"""CLP02 of a decision, by whichever payer in the patient's order."""
TRANSFER, CHECK = "transfer", "check"
_METHODS = {"ACH": TRANSFER, "BOP": TRANSFER, "FWT": TRANSFER, "CHK": CHECK}
_WITHOUT_MONEY = {"H": "a mere notification", "P": "the announcement of a later payment"}
"""BPR01 of advice that no money comes with."""
_UNREAD = "Amounts that could not be read count as 0.00 here."
_ANNOUNCED_AHEAD = timedelta(days=366)
_TOLD = 20
"""Reasons of one kind that are told in full."""


class Unfit(Exception):
    """A payment cannot be posted; ``reasons`` are all that were found."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(f"{len(self.reasons)} reasons")


class IncomingPayment:
    """One ST to SE of an 835, read once from its first claim to its last."""

    def __init__(self, remittance: Remittance, file_id: int, ordinal: int) -> None:
        self.file_id = file_id
        self.ordinal = ordinal
        """Place among the payments of its file, from 1."""
        self.header: PaymentHeader = remittance.header
        self.claims = 0
        """How many have been read."""
        self._remittance = remittance
        self._unread = remittance.claims()
        # When the advice was produced is no part of what it says: it may be produced again.
        self._hash = hashlib.sha256(_said(self.header._replace(produced_on=None)))

    @property
    def key(self) -> str:
        """Who paid, and under which number."""
        payer = self.header.payer_identifier or self.header.payer_name
        return "|".join((payer, self.header.originator, self.header.trace_number)).replace("\0", "")

    @property
    def paid_cents(self) -> int:
        """What the payer sends; below zero what it takes."""
        return -self.header.paid_cents if self.header.direction == "D" else self.header.paid_cents

    @property
    def method(self) -> str:
        """How the money comes, as an account names it."""
        return _METHODS.get(self.header.method, self.header.method.lower())

    def read(self) -> Iterator[ClaimPayment]:
        """The claims that have not been read yet."""
        for claim in self._unread:
            self.claims += 1
            # Its place is another one when the same payment comes in another file.
            self._hash.update(_said(claim._replace(position=0)))
            yield claim

    def read_to_end(self) -> None:
        """Pass over the claims that have not been read yet, so that sums and digest are whole."""
        for _ in self.read():
            pass

    @property
    def provider_adjustments(self) -> list[ProviderAdjustment]:
        """What belongs to no claim in particular; whole once everything has been read."""
        return self._remittance.provider_adjustments

    @property
    def digest(self) -> str:
        """SHA-256 of all that was said, in hex; whole once everything has been read."""
        whole = self._hash.copy()
        whole.update(_said(self.provider_adjustments))
        return whole.hexdigest()

    @property
    def arithmetic(self) -> str:
        """How the payment is made up, and what does not add up."""
        unread = any(one.rule == "amount.not_cents" for one in self._remittance.findings)
        return self._remittance.balance.arithmetic + (f"\n{_UNREAD}" if unread else "")

    @property
    def faults(self) -> list[str]:
        """What speaks against the payment as a whole; whole once everything has been read."""
        findings = [one.why for one in self._remittance.findings if one.severity is Severity.BLOCK]
        unbalanced = [] if self._remittance.balance.is_balanced else ["it does not balance"]
        return [*header_faults(self.header), *findings, *unbalanced, *provider_faults(self.provider_adjustments)]


def _said(value: object) -> bytes:
    return json.dumps(value, default=date.isoformat).encode() + b"\n"


def header_faults(header: PaymentHeader) -> list[str]:
    """What of a check or transfer keeps it from being posted."""
    faults = [] if header.trace_number else ["it has no check or transfer number (TRN02)"]
    if header.paid_cents and header.handling in _WITHOUT_MONEY:
        faults.append(f"it names an amount, but is {_WITHOUT_MONEY[header.handling]} (BPR01 {header.handling})")
    if header.paid_cents and header.method not in _METHODS:
        faults.append(f"it names an amount, but not how it is paid (BPR04 {header.method or 'is empty'})")
    return faults


def date_faults(header: PaymentHeader, received_on: date) -> list[str]:
    """Whether a payment is dated further ahead than any payer announces money."""
    if header.paid_on is None or header.paid_on <= received_on + _ANNOUNCED_AHEAD:
        return []
    return [f"it is dated {header.paid_on}, too far ahead of the day on which it came"]


def claim_faults(claim: ClaimPayment, on: date) -> list[str]:
    """What of one answer keeps its payment, made ``on`` that day, from being posted."""
    faults = []
    if claim.status not in DECIDED and claim.status not in NOTED_ONLY and claim.status != REVERSAL:
        faults.append(f"has a status that means nothing (CLP02 {claim.status or 'is empty'})")
    if claim.status in NOTED_ONLY and claim.paid_cents:
        faults.append(f"has money though it was not decided (CLP02 {claim.status})")
    told = (*claim.adjustments, *(each for line in claim.lines for each in line.adjustments))
    return faults + adjustment_faults(told, None if claim.status == REVERSAL else on)


def adjustment_faults(adjustments: Iterable[Adjustment], on: date | None) -> list[str]:
    """Groups and reasons that a payer may not give ``on`` that day, or (a reversal repeats old ones) ever."""
    unknown = [
        f"is adjusted for a reason that is no code, or none any more (CAS {one.group}-{one.reason})"
        for one in adjustments
        if one.group not in GROUPS or (reason(one.reason) is None if on is None else not is_known(one.reason, on))
    ]
    return list(dict.fromkeys(unknown))


def provider_faults(adjustments: Iterable[ProviderAdjustment]) -> list[str]:
    """Reasons for adjustments beyond claims that nobody knows."""
    return [
        f"it is adjusted for a reason that is no code (PLB {one.reason or 'without one'})"
        for one in adjustments
        if not is_known_provider_adjustment(one.reason)
    ]


def told(reasons: Iterable[str]) -> str:
    """Reasons as one text; of very many the first."""
    distinct = list(dict.fromkeys(reason.removesuffix(".") for reason in reasons))
    further = len(distinct) - _TOLD
    return "; ".join(distinct[:_TOLD] + ([f"and {further} more"] if further > 0 else []))


class Fate(StrEnum):
    """What became of a payment that came."""

    POSTED = "posted"
    QUEUED = "queued"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Judged:
    """A payment that has been judged."""

    fate: Fate
    payment: str
    """Its number (TRN02); empty when it has none, or when a file holds no payment at all."""
    claims: int = 0
    paid_cents: int = 0
    why: str = ""
    """Why it is queued."""
    arithmetic: str = ""
    waits: bool = False
    """Nothing of it is in the books."""
    patient_ids: frozenset[int] = frozenset()
    """Whose accounts it has touched."""
    remittance_id: int | None = None
    """The record of it, where there is one."""
