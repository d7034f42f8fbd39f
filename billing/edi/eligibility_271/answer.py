"""What a 271 says, as values: codes as they were sent, known or not; amounts in cents; dates local."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.edi.parties import Address, Party, Sex


class Where(StrEnum):
    """At which level of the answer something is said."""

    PAYER = "payer"
    RECEIVER = "receiver"
    SUBSCRIBER = "subscriber"
    DEPENDENT = "dependent"
    BENEFIT = "benefit"


@dataclass(frozen=True, slots=True)
class Trace:
    """A TRN: ours (``2``, repeated from the question) or the payer's own (``1``)."""

    kind: str
    number: str
    originator: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """An AAA: why the payer cannot answer."""

    where: Where
    reason: str
    """AAA03, such as ``72`` for a wrong member number or ``42`` for a payer that cannot answer now."""
    follow_up: str
    """AAA04, such as ``C`` correct and ask again, ``N`` do not ask again, ``R`` ask again."""
    is_valid_request: bool
    """AAA01: whether the question itself was in order."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A REF: ``18`` plan number, ``1L`` group number, ``6P`` group, ``G1`` authorisation ..."""

    qualifier: str
    value: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class DatedPeriod:
    """A DTP: ``291`` plan, ``346`` plan begin, ``347`` plan end, ``356`` eligibility begin, ``307`` eligibility ...

    One day is both first and last; ``None`` is a date that cannot be read.
    """

    qualifier: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Communication:
    """A PER: whom to ask, and by which ways (``TE`` telephone, ``UR`` web page ...) as they were sent."""

    name: str
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """An NM1: who is meant."""

    role: str
    """NM101: ``PR`` payer, ``1P`` provider, ``IL`` insured, ``03`` dependent, ``P3`` primary care provider ..."""
    name: Party
    qualifier: str = ""
    """NM108: ``MI`` member number, ``PI`` payer, ``XX`` NPI ..."""
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """The subscriber or a dependent, as the payer knows them, which may differ from what was asked."""

    identity: Identity
    birth_date: date | None = None
    sex: Sex | None = None
    address: Address | None = None
    relationship: str = ""
    """INS02."""
    references: tuple[Reference, ...] = ()
    dates: tuple[DatedPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """An HSD: how often a service may be used: ``VS 12 ... 23 1`` is twelve visits in a calendar year."""

    quantity_qualifier: str
    quantity: Decimal | None
    unit: str = ""
    """HSD03."""
    every: str = ""
    """HSD04: per so many of HSD03, as written."""
    period: str = ""
    """HSD05: a code of EB06."""
    periods: str = ""
    """HSD06, as written."""
    frequency: str = ""
    """HSD07."""
    time_of_day: str = ""
    """HSD08."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An III: ``ZZ`` and a place of service, or ``BK`` and a diagnosis, for which a row holds."""

    qualifier: str
    code: str
    category: str = ""
    """III03: what kind of circumstance the text describes, such as ``44`` nature of injury."""
    text: str = ""
    """III04."""


@dataclass(frozen=True, slots=True)
class RelatedEntity:
    """Who else a row speaks of (loop 2120): another payer, a utilisation manager, a provider."""

    identity: Identity
    address: Address | None = None
    contacts: tuple[Communication, ...] = ()
    taxonomy: str = ""


@dataclass(frozen=True, slots=True)
class Benefit:
    """One EB with all that belongs to it."""

    information: str
    """EB01: ``1`` active, ``6`` inactive, ``A`` coinsurance, ``B`` copay, ``C`` deductible, ``F`` limitation ..."""
    level: str = ""
    """EB02: ``IND``, ``FAM`` ..."""
    service_types: tuple[str, ...] = ()
    """EB03, repeated: ``30`` health benefit plan, ``64`` acupuncture, ``98`` office visit ..."""
    insurance_type: str = ""
    """EB04."""
    plan: str = ""
    """EB05."""
    period: str = ""
    """EB06: ``23`` calendar year, ``27`` visit, ``29`` remaining ..."""
    cents: int | None = None
    """EB07."""
    share: Decimal | None = None
    """EB08 as a part of one: 0.2 is twenty percent."""
    quantity_qualifier: str = ""
    """EB09: ``VS`` visits ..."""
    quantity: Decimal | None = None
    """EB10."""
    authorisation: str = ""
    """EB11: ``Y`` needed, ``N`` not, ``U`` unknown, empty when nothing is said."""
    in_network: str = ""
    """EB12: ``Y``, ``N``, ``W`` makes no difference, ``U`` unknown, empty when nothing is said."""
    procedure: tuple[str, ...] = ()
    """EB13: qualifier, code and modifiers."""
    diagnosis_pointers: tuple[str, ...] = ()
    """EB14."""
    deliveries: tuple[Delivery, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[DatedPeriod, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    messages: tuple[str, ...] = ()
    """MSG: free text, where limits often stand and nowhere else."""
    conditions: tuple[Condition, ...] = ()
    entities: tuple[RelatedEntity, ...] = ()
    position: int = 0
    """The EB's place among the segments of the source, from 1."""
    is_misplaced: bool = False
    """Whether it stands at a level of no known meaning (HL03), so that nobody can tell whom it is about."""


@dataclass(frozen=True, slots=True)
class EligibilityAnswer:
    """What is said about one person, or, when a payer rejects the question before that, to the one who asked."""

    reference: str
    """BHT03."""
    produced_on: date | None
    payer: Identity | None
    receiver: Identity | None
    subscriber: Member | None = None
    dependent: Member | None = None
    """The patient, when it is not the subscriber."""
    traces: tuple[Trace, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    """All of them in the order of the file, from the payer's down to those of single benefits."""
    benefits: tuple[Benefit, ...] = ()

    @property
    def patient(self) -> Member | None:
        """Whom the answer is about."""
        return self.dependent or self.subscriber
