"""Who cannot bill Medicare (CMS NCD 30.3.3); its other rules are the rule pack ``medicare-ncd-30-3-3``."""

from __future__ import annotations

from billing.errors import Problem, block


def not_eligible_problem(practitioner: str, where: str) -> Problem:
    """That an acupuncturist alone cannot bill Medicare."""
    return block(
        "medicare.not_eligible_provider",
        f"{practitioner} cannot bill Medicare, which enrols physicians and some others but not acupuncturists.",
        "Name the enrolled physician who supervised, or bill the patient.",
        where,
    )
