"""What we know of a procedure code: our own label, its family and its part in that family.

Clinics that take no insurance use codes of their own. Those are welcome: they have no facts here,
and their label is the code itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from billing.codes.tables import Span, by_key, in_force, rows, span_of

ACUPUNCTURE_CODES = frozenset({"97810", "97811", "97813", "97814"})
"""The acupuncture codes of CPT; 97812 was never issued."""

MEDICARE_ACUPUNCTURE_CODES = ACUPUNCTURE_CODES | {"20560", "20561"}
"""The codes counted as acupuncture visits under CMS NCD 30.3.3: dry needling is among them."""


class Family(StrEnum):
    """What kind of service a code stands for."""

    ACUPUNCTURE = "acupuncture"
    DRY_NEEDLING = "dry_needling"
    INJECTION = "injection"
    OFFICE_VISIT = "office_visit"
    PHYSICAL_MEDICINE = "physical_medicine"
    CHIROPRACTIC = "chiropractic"
    SUPPLY = "supply"
    REPORT = "report"


class Part(StrEnum):
    """The part a code plays in its family."""

    WHOLE = ""
    """The family does not tell parts apart."""
    INITIAL = "initial"
    """The first stretch of a visit: at most one a day."""
    ADD_ON = "add_on"
    """A further stretch: never without an initial one."""
    NEW = "new"
    """An office visit of a patient not seen by the group in three years."""
    ESTABLISHED = "established"
    """An office visit of any other patient."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """The facts about one procedure code while ``span`` lasts."""

    code: str
    label: str
    """Our own short words, fit for an invoice."""
    family: Family
    part: Part
    estim: bool
    """Electrical stimulation is part of the service."""
    always_therapy: bool
    """Medicare counts the code as therapy whoever renders it, so that some payers want GP on it."""
    span: Span


def _procedure(row: dict[str, str]) -> Procedure:
    return Procedure(
        code=row["code"],
        label=row["label"],
        family=Family(row["family"]),
        part=Part(row["part"]),
        estim=row["estim"] == "yes",
        always_therapy=row["always_therapy"] == "yes",
        span=span_of(row),
    )


@cache
def procedures() -> tuple[Procedure, ...]:
    """All procedures we have facts about, by code."""
    return tuple(_procedure(row) for row in rows("procedures.csv"))


@cache
def _by_code() -> dict[str, tuple[Procedure, ...]]:
    return by_key((known.code, known) for known in procedures())


def procedure(code: str, on: date) -> Procedure | None:
    """The facts about ``code`` on the date of service, or None when we have none for that day."""
    return in_force(_by_code().get(code, ()), on)


def label_of(code: str) -> str:
    """Our latest label for ``code``; the code itself when we have none."""
    known = _by_code().get(code)
    return known[-1].label if known else code


def is_family(code: str, family: Family, on: date) -> bool:
    """Whether ``code`` belongs to ``family`` on the date of service."""
    known = procedure(code, on)
    return known is not None and known.family is family
