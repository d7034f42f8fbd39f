"""What a claim acknowledgement (277CA) or a status answer (277) says of a claim, in plain words.

A status is three codes: a category (X12 code list 507), a status (508) and whom it concerns (element
98). All categories are here and the statuses and parties this trade sees; any other is shown by its
code. The labels are our own.
"""

from __future__ import annotations

from functools import cache

from billing.codes.tables import rows


def category_label(code: str) -> str:
    """Our label for a status category, such as ``A3``; ``category`` and the code when it is none."""
    return _labels("claim_status_categories.csv").get(code, f"category {code}")


def status_label(code: str) -> str:
    """Our label for a claim status, such as ``562``; ``status`` and the code when we have none."""
    return _labels("claim_statuses.csv").get(code, f"status {code}")


def entity_label(code: str) -> str:
    """Our label for the party a status concerns, such as ``85``; ``party`` and the code when we have none."""
    return _labels("claim_status_entities.csv").get(code, f"party {code}")


def describe(category: str, code: str, entity: str = "") -> str:
    """A whole status, such as ``rejected, information invalid: NPI (billing provider)``."""
    said = f"{category_label(category)}: {status_label(code)}"
    return f"{said} ({entity_label(entity)})" if entity else said


@cache
def _labels(name: str) -> dict[str, str]:
    return {row["code"]: row["label"] for row in rows(name)}
