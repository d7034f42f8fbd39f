"""Lines of text that add up: what every explanation of money is written in.

A line's amount stands at its beginning: what is charged is above zero, what was paid, given up or is still
waited for below. A line that begins with ``=`` is the sum of all amounts above it.
"""

from __future__ import annotations

from billing.money import text_from_cents


def step(cents: int, text: str) -> str:
    """A line with its amount."""
    return f"  {text_from_cents(cents):>10}  {text}"


def result(cents: int, text: str) -> str:
    """A line with the sum of the amounts above it."""
    return f"= {text_from_cents(cents):>10}  {text}"


def remark(text: str) -> str:
    """A line without an amount."""
    return f"  {'':>10}  {text}"
