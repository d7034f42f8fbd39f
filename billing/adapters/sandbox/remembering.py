"""What the payer has paid before. Its only memory are the remittances it has written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from billing.adapters.sandbox.reconsidering import REVERSAL
from billing.adapters.sandbox.repeating import Billed, is_refused_as_repeated, what_was_billed
from billing.edi.remittance_835.reader import read_835
from billing.edi.remittance_835.remittance import ClaimPayment, PaymentHeader, ProviderAdjustment


@dataclass(frozen=True, slots=True)
class PastPayment:
    """One payment that was made."""

    header: PaymentHeader
    claims: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]


class Memory:
    """The remittances written so far, read only as far back as somebody asks."""

    def __init__(self, newest_first: Sequence[Callable[[], bytes]]) -> None:
        """``newest_first`` gives the content of each remittance file when it is called."""
        self._newest_first = newest_first
        self._read: dict[int, list[PastPayment]] = {}

    def latest(self, payer: str, payee: str) -> PastPayment | None:
        """The last payment of one payer to one payee, both by their identifiers."""
        for past in self._payments_naming(payer):
            if past.header.payer_identifier == payer and past.header.payee_identifier == payee:
                return past
        return None

    def standing(self, payer: str, payer_claim_number: str) -> ClaimPayment | None:
        """The last decision on the claim of that number, unless it was taken back and not decided again."""
        for past in self._payments_naming(payer_claim_number):
            if past.header.payer_identifier != payer:
                continue
            named = [claim for claim in past.claims if claim.payer_claim_number == payer_claim_number]
            found = [claim for claim in named if not is_refused_as_repeated(claim)]
            if found:
                return next((claim for claim in reversed(found) if claim.status != REVERSAL), None)
        return None

    def billed(self, payer: str, payee: str) -> set[Billed]:
        """What one payee has billed to one payer and what stands decided, paid or denied."""
        standing: set[Billed] = set()
        for past in reversed(list(self._payments_naming(payer))):
            if past.header.payer_identifier != payer or past.header.payee_identifier != payee:
                continue
            for claim in past.claims:
                if claim.status == REVERSAL:
                    standing.discard(what_was_billed(claim))
                else:
                    standing.add(what_was_billed(claim))
        return standing

    def _payments_naming(self, text: str) -> Iterator[PastPayment]:
        """The payments of the files that hold ``text`` somewhere, newest first."""
        for place, content_of in enumerate(self._newest_first):
            if place in self._read:
                yield from self._read[place]
                continue
            content = content_of()
            if text.encode("ascii", "replace") in content:
                self._read[place] = _payments(content)
                yield from self._read[place]


def _payments(content: bytes) -> list[PastPayment]:
    return [
        PastPayment(payment.header, tuple(payment.claims()), tuple(payment.provider_adjustments))
        for payment in read_835(content, [])
    ]
