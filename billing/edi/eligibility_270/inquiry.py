"""What a 270 asks, as values. All text must be fit for X12 (see ``billing.edi.text.plain_text``); dates are local."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.edi.parties import Organisation, Party, Person, Relationship, Sex


@dataclass(frozen=True, slots=True)
class AskedPayer:
    """Who is asked (2100A); ``identifier`` is the payer's electronic number."""

    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class AskingProvider:
    """For whom is asked (2100B)."""

    name: Party
    npi: str


@dataclass(frozen=True, slots=True)
class AskedSubscriber:
    """Who holds the policy (2100C). Of one who is not the patient the payer needs the member number only."""

    name: Person
    member_id: str
    birth_date: date | None = None
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class AskedDependent:
    """The patient, when somebody else holds the policy (2100D)."""

    name: Person
    relationship: Relationship
    """The guide knows spouse, child and other adult: whatever else it is travels as the last."""
    birth_date: date | None = None
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question: what does this policy cover of these services on that day?"""

    trace: str
    """TRN02, which the payer repeats in its answer; at most 50 characters."""
    originator: str
    """TRN03, ten characters: ``1`` and a tax number, ``9`` and nine of one's own choice."""
    payer: AskedPayer
    provider: AskingProvider
    subscriber: AskedSubscriber
    asked_on: date
    """The day of treatment asked about (DTP*291)."""
    service_types: tuple[str, ...]
    """EQ01: ``30`` health benefit plan, ``64`` acupuncture, ``98`` office visit ..."""
    dependent: AskedDependent | None = None

    @property
    def patient(self) -> AskedSubscriber | AskedDependent:
        """Whom the question is about."""
        return self.dependent or self.subscriber


NOBODY = AskingProvider(Organisation(""), "")
"""What a reader puts where no provider was named."""
