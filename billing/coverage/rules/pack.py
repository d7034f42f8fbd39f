"""What a rule pack says: rules of a few kinds, in editions that hold for their days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from billing.coverage.rules.windows import Window
from billing.errors import Severity


class RuleKind(StrEnum):
    """What a rule is about."""

    VISITS = "visits"
    """So many visits in a span."""
    IMPROVEMENT = "improvement"
    """From some visit or day on, improvement must be on record, and a modifier may have to say so."""
    DIAGNOSES = "diagnoses"
    """One of these diagnoses must be among those treated."""
    RENDERERS = "renderers"
    """Who may treat and bill."""
    AUTHORISATION = "authorisation"
    """An authorisation is needed."""
    UNITS = "units"
    """So many units of the counted codes a visit."""
    CODES = "codes"
    """Only these codes are paid."""
    MAINTENANCE = "maintenance"
    """Care under which nothing changes any more is not paid."""
    PATIENT_NOT_BILLED = "patient_not_billed"
    EXCLUDED = "excluded"
    """Acupuncture is not paid at all."""
    FIRST_CARE = "first_care"
    """The first treatment must follow the injury within so many days."""
    INJURY_FACTS = "injury_facts"
    """What must be known of the injury."""
    NOTE = "note"
    """Something to be known; it is neither met nor broken."""


class Needed(StrEnum):
    """What may have to be known of an injury."""

    DATE = "date of injury"
    CLAIM_NUMBER = "claim number"
    EMPLOYER = "employer"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Which of the numbers and lists it has depends on its kind (``RULE_FIELDS`` of the reader)."""

    kind: RuleKind
    id: str
    """Dotted, such as ``medicare.visit_limit``: by it the problem is known."""
    severity: Severity
    title: str
    source: str
    is_verified: bool
    why: str = ""
    """Words for the reason, with places for what was reckoned (``{number}``); empty: the kind's own."""
    fix: str = ""
    window: Window = Window.CALENDAR_YEAR
    months: int = 12
    days: int = 90
    visits: int = 0
    units: int = 0
    after_visit: int | None = None
    up_to_visit: int | None = None
    after_days: int | None = None
    modifier: str = ""
    evidence: str = ""
    """What counts as improvement, in words."""
    codes: tuple[str, ...] = ()
    """Procedure codes, or diagnoses: one listed stands for those it is divided into as well."""
    list: str = ""
    """The name of a list of diagnoses that Meridian keeps."""
    taxonomies: tuple[str, ...] = ()
    """NUCC taxonomy codes, or what they begin with."""
    letters: tuple[str, ...] = ()
    """Letters after a name, without dots."""
    scores: int = 3
    points: int = 2
    needs: tuple[Needed, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """The rules as they stood, or stand, on the days of a span, both ends included."""

    valid_from: date
    valid_to: date | None
    checked_on: date
    """When somebody last compared it with its source."""
    review_by: date
    source: str
    url: str
    is_verified: bool
    """Whether it was read in its source; else it is to be checked."""
    counted_codes: frozenset[str]
    """A visit counts when it has one of them; none: every visit counts."""
    rules: tuple[Rule, ...]

    def holds(self, on: date) -> bool:
        """Whether it judges that date of service."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def has(self, kind: RuleKind) -> bool:
        """Whether any rule is of that kind."""
        return any(rule.kind is kind for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Pack:
    """A payer's policy on acupuncture, over time."""

    key: str
    name: str
    payer_kinds: tuple[str, ...]
    """Kinds of payers it is for unless a payer or plan has another."""
    states: tuple[str, ...]
    """Only for clinics in these states; none: wherever."""
    is_example: bool
    """Written as an example to begin from: to be compared with the plan's own policy before it is relied on."""
    editions: tuple[Edition, ...]
    """The earliest first; they do not overlap."""

    def edition_on(self, on: date) -> Edition | None:
        """The edition that judges that date of service."""
        return next((one for one in self.editions if one.holds(on)), None)

    @property
    def latest(self) -> Edition:
        """The one that began last."""
        return self.editions[-1]
