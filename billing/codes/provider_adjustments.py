"""Why a payer withholds from a payment, or adds to it, for no claim in particular (PLB03-1).

The codes are those of X12 005010X221A1; the labels are our own.
"""

from __future__ import annotations

from functools import cache

from billing.codes.tables import rows


def provider_adjustment_label(code: str) -> str:
    """Our label for the reason, such as ``WO``; the code itself when it is none."""
    return _labels().get(code, code)


def is_known_provider_adjustment(code: str) -> bool:
    """Whether the guide lists the reason."""
    return code in _labels()


@cache
def _labels() -> dict[str, str]:
    return {row["code"]: row["label"] for row in rows("provider_adjustments.csv")}
