"""Why a payer paid less than was charged: adjustment reasons (CARC), their groups, and remarks (RARC).

The numbers are those of X12's code lists 139 (reasons) and 411 (remarks). The reasons are all there,
the withdrawn ones with their last day; of the remarks there are those this trade sees. The labels and
the first steps are our own words: X12's wording is not shipped.

What a reason does to the books is its *effect*, decided by this rule. It is PATIENT_SHARE when the
plan leaves the amount to the patient as cost sharing; PRIOR_PAYER when it repeats what another payer
has decided; CONTRACTUAL when contract, fee schedule or law takes the amount away for good, so that
nobody can be asked for it; INFORMATION when it says nothing about money that is owed. Everything
else is DENIAL: somebody may still be asked, so a person decides before anything is written off. That
includes what is only pending (133, 257) or went to somebody else (100, 293): such money is not lost.
When in doubt a reason is a DENIAL, because a wrong entry on a worklist costs a minute and a wrong
write-off costs the amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from billing.codes.tables import rows

GROUPS = {
    "CO": "contractual",
    "OA": "other",
    "PI": "payer's own",
    "PR": "patient",
}
"""Who answers for an adjustment (CAS01 of X12 005010X221A1)."""


class Effect(StrEnum):
    """What an adjustment means for the one who is waiting for the money."""

    CONTRACTUAL = "contractual"
    """Given up for good under contract or law."""
    PATIENT_SHARE = "patient_share"
    """Owed by the patient under the plan."""
    PRIOR_PAYER = "prior_payer"
    """Already decided by a payer before."""
    DENIAL = "denial"
    """Refused, or not paid here or not yet: a person has to look at it."""
    INFORMATION = "information"
    """Says nothing about money that is owed."""


class Category(StrEnum):
    """What kind of thing went wrong, or what kind of amount it is."""

    ELIGIBILITY = "eligibility"
    AUTHORISATION = "authorisation"
    CODING = "coding"
    NECESSITY = "necessity"
    TIMELY = "timely"
    COORDINATION = "coordination"
    CREDENTIAL = "credential"
    DUPLICATE = "duplicate"
    PATIENT = "patient"
    CONTRACT = "contract"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class AdjustmentReason:
    """What we know of one adjustment reason."""

    code: str
    label: str
    """Our own few words, beginning with a small letter so that they follow ``CO-45``."""
    effect: Effect
    category: Category
    first_step: str
    """What to do about a denial first; empty for any other effect."""
    preventable: bool
    """The clinic could have seen it coming before the claim went out."""
    ended_on: date | None
    """Last day on which a payer may give it in a new decision. A reversal may repeat it even later."""


def reason(code: str) -> AdjustmentReason | None:
    """What we know of the reason, withdrawn ones included; ``None`` when it is on no list."""
    return _reasons().get(code)


def is_known(code: str, on: date) -> bool:
    """Whether a payer may give this reason in a decision of the day ``on``: listed, and not withdrawn before it."""
    known = reason(code)
    return known is not None and (known.ended_on is None or on <= known.ended_on)


def reason_text(group: str, code: str) -> str:
    """A reason as people quote it, such as ``CO-45 over fee schedule``; only the code when it is not known."""
    known = reason(code)
    quoted = f"{group}-{code}"
    return f"{quoted} {known.label}" if known else quoted


def remark_label(code: str) -> str:
    """Our label for a remark code; the code itself when we have none."""
    return _remarks().get(code, code)


def _reason(row: dict[str, str]) -> AdjustmentReason:
    return AdjustmentReason(
        code=row["code"],
        label=row["label"],
        effect=Effect(row["effect"]),
        category=Category(row["category"]),
        first_step=row["first_step"],
        preventable=row["preventable"] == "yes",
        ended_on=date.fromisoformat(row["ended_on"]) if row["ended_on"] else None,
    )


@cache
def _reasons() -> dict[str, AdjustmentReason]:
    return {row["code"]: _reason(row) for row in rows("adjustment_reasons.csv")}


@cache
def _remarks() -> dict[str, str]:
    return {row["code"]: row["label"] for row in rows("remarks.csv")}
