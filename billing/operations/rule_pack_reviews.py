"""Which rules of payers should have been compared with their source by now, or are not in force at all?"""

from __future__ import annotations

from sqlalchemy import select

from billing.clinic.models import Clinic
from billing.clock import today
from billing.coverage.wording import day_words
from billing.database import Db
from billing.errors import Problem, block, warn
from billing.reports.rule_packs_page import rule_packs_page

_OPEN = "Open it in the settings under Rules of payers"


def rule_pack_problems(db: Db) -> list[Problem]:
    """Packs that judge somebody here and whose review is due, and the clinic's own that cannot be read any more."""
    clinic = db.scalar(select(Clinic))
    if clinic is None:
        return []
    shown = rule_packs_page(db, clinic, today(clinic.time_zone))
    problems = [
        block(
            "rule_pack.unreadable",
            f"The clinic's own rule pack {key} cannot be read any more and judges nobody.",
            f"{_OPEN} and correct its text.",
        )
        for key in shown.unreadable
    ]
    return problems + [
        warn(
            "rule_pack.review_due",
            f"The rules of {row.pack.name} should have been reviewed by {day_words(row.pack.latest.review_by)}; they "
            f"judge {', '.join(row.payers) or 'plans that name them'}.",
            f"Compare them with {row.pack.latest.source}. {_OPEN}, and put the next review date in.",
        )
        for row in shown.rows
        if row.is_due and (row.payers or row.plans)
    ]
