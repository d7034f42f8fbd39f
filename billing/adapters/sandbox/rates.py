"""How the payer behaves: how often each of the things happens that a clinic has to be ready for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of all claims, from 0 (never) to 1 (always), unless said otherwise."""

    rejected: float = 0.03
    """Refused in the 277CA before anything is decided."""
    denied: float = 0.08
    """Nothing paid on the whole claim."""
    line_denied: float = 0.04
    """One line of several not paid."""
    deductible: float = 0.2
    """A deductible is still to be met."""
    copay: float = 0.4
    """A copay is due; of the claims without a deductible. The others owe coinsurance."""
    crossed_over: float = 0.5
    """Passed on to the next payer; of Medicare claims that name one."""
    reversed: float = 0.03
    """Taken back and decided again in the payer's next payment; of paid claims."""
    recovered: float = 0.05
    """An overpayment withheld for no claim of this payment; of payments."""
    interest: float = 0.05
    """Interest added because a claim was paid late; of payments."""


FLAWLESS = Rates(0, 0, 0, 0, 0, 0, 0, 0, 0)
"""Everything is paid with nothing but a contractual reduction and coinsurance."""
