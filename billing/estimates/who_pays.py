"""Who bears the cost of a visit, by what the plan was found to cover and what the patient was told before. Pure.

Contracts and laws settle it: what a network's plan refuses for want of an authorisation is the clinic's loss, what
it does not cover is the patient's only after a written notice (Medicare's is the Advance Beneficiary Notice,
form CMS-R-131), and an injured worker is never billed for accepted treatment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from billing.money import Money
from billing.payers.models import PayerKind
from billing.practitioners.models import Network

NOTICE_MODIFIERS = frozenset({"GA", "GX", "GY"})
"""Modifiers by which a line says that the patient, told beforehand or by statute, answers for what is refused."""
_ALONE = frozenset({PayerKind.WORKERS_COMP, PayerKind.VA})
"""They ask the patient for nothing at the clinic."""
_NO_BALANCE = _ALONE | {PayerKind.MEDICARE, PayerKind.MEDICAID}
"""Their beneficiaries may not be billed beyond what is allowed."""


class Finding(StrEnum):
    """What is known of the cover of a visit."""

    COVERED = "covered"
    UNKNOWN = "unknown"
    """Nobody has verified it, or no policy is in force."""
    EXCLUDED = "excluded"
    VISITS_USED_UP = "visits used up"
    NOT_AUTHORISED = "not authorised"
    NOT_NECESSARY = "not necessary"
    """The payer is expected to deny it as not reasonable and necessary."""


class Bearer(StrEnum):
    """Who bears the cost."""

    TERMS = "terms"
    """Plan and patient, as the plan's terms share it."""
    PATIENT = "patient"
    INSURER = "insurer"
    CLINIC = "clinic"
    UNDECIDED = "undecided"
    """It cannot be told: something must be found out or done first."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What settles who bears a visit's cost."""

    payer: str
    kind: PayerKind = PayerKind.COMMERCIAL
    network: Network | None = Network.IN
    """``None`` when no enrolment is on file; then nobody is billed beyond what is allowed."""
    finding: Finding = Finding.COVERED
    notice_signed: bool = False
    """Whether the patient was told in writing, before the visit, that the plan may not pay."""

    @property
    def is_excluded(self) -> bool:
        """Whether the plan has nothing to do with such services at all, so that its contract rates do not bind."""
        return self.finding is Finding.EXCLUDED


def has_notice(modifiers: Iterable[str]) -> bool:
    """Whether the modifiers of a line say that the patient answers for what is refused."""
    return not NOTICE_MODIFIERS.isdisjoint(modifiers)


def bearer_of(cover: Cover, *, has_terms: bool) -> Bearer:
    """Who bears the cost; ``has_terms`` says whether the plan's terms are known."""
    if cover.kind in _ALONE:
        return Bearer.INSURER if cover.finding in (Finding.COVERED, Finding.UNKNOWN) else Bearer.CLINIC
    if cover.finding is Finding.COVERED:
        return Bearer.TERMS if has_terms else Bearer.UNDECIDED
    if cover.finding is Finding.UNKNOWN:
        return Bearer.UNDECIDED
    if cover.finding is Finding.NOT_AUTHORISED:
        return {Network.IN: Bearer.CLINIC, Network.OUT: Bearer.PATIENT, None: Bearer.UNDECIDED}[cover.network]
    if cover.notice_signed:
        return Bearer.PATIENT
    if cover.kind is PayerKind.MEDICARE or cover.finding is Finding.NOT_NECESSARY:
        return Bearer.CLINIC
    return Bearer.UNDECIDED


def is_balance_billed(cover: Cover) -> bool:
    """Whether the patient may be billed for what was charged beyond the allowed amount."""
    return cover.network is Network.OUT and cover.kind not in _NO_BALANCE


_NOTICE_WHY = {
    Finding.EXCLUDED: "{payer} does not cover acupuncture",
    Finding.VISITS_USED_UP: "The visits that {payer} pays for are used up",
    Finding.NOT_NECESSARY: "{payer} is expected to deny this visit as not necessary",
}


def reason(cover: Cover, bearer: Bearer, charge: Money) -> str:
    """Why it is they who bear the cost, in a sentence or two for the desk."""
    if bearer is Bearer.TERMS:
        return f"By the benefit that {cover.payer} confirmed."
    if bearer is Bearer.INSURER:
        what = "the injured worker" if cover.kind is PayerKind.WORKERS_COMP else "the veteran"
        return f"{cover.payer} alone pays; {what} is not billed."
    if cover.finding is Finding.NOT_AUTHORISED:
        return _unauthorised(cover, bearer)
    if cover.finding in _NOTICE_WHY:
        why = _NOTICE_WHY[cover.finding].format(payer=cover.payer)
        if bearer is Bearer.PATIENT:
            return f"{why}, and the patient signed a notice before the visit: the patient pays."
        if bearer is Bearer.CLINIC:
            return f"{why}, and no notice was signed before the visit: the patient may not be billed."
        return f"{why}. Unknown: collect {charge} only if the patient signed a notice before the visit."
    return f"Unknown: collect at most {charge}, the whole charge, or nothing until the coverage has been checked."


def _unauthorised(cover: Cover, bearer: Bearer) -> str:
    why = f"{cover.payer} wants an authorisation and none covers this visit"
    if bearer is Bearer.CLINIC:
        return f"{why}: the clinic bears it unless one is given, and the patient may not be billed."
    if bearer is Bearer.PATIENT:
        return f"{why}: out of network the patient pays."
    return f"{why}. Unknown: collect nothing until the practitioner's standing with the plan is on file."
