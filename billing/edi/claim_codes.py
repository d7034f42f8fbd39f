"""The closed code lists that claims and remittances share, by the names people use for them."""

from __future__ import annotations

from enum import StrEnum


class Responsibility(StrEnum):
    """SBR01: the turn of a payer in paying for this claim."""

    PRIMARY = "P"
    SECONDARY = "S"
    TERTIARY = "T"
    FOURTH = "A"
    FIFTH = "B"
    SIXTH = "C"
    SEVENTH = "D"
    EIGHTH = "E"
    NINTH = "F"
    TENTH = "G"
    ELEVENTH = "H"
    UNKNOWN = "U"


class TaxIdKind(StrEnum):
    """Qualifier of the billing provider's tax identification."""

    EMPLOYER = "EI"
    SOCIAL_SECURITY = "SY"


class Frequency(StrEnum):
    """CLM05-3: a first claim, or one that replaces or voids what the payer already has."""

    ORIGINAL = "1"
    REPLACEMENT = "7"
    VOID = "8"


class Assignment(StrEnum):
    """CLM07: whether the provider accepts the payer's rate as full payment."""

    ASSIGNED = "A"
    CLINICAL_LAB_ONLY = "B"
    NOT_ASSIGNED = "C"


class BenefitsAssigned(StrEnum):
    """CLM08 and OI03: whether the insured lets the payer pay the provider."""

    YES = "Y"
    NO = "N"
    NOT_APPLICABLE = "W"


class ReleaseOfInformation(StrEnum):
    """CLM09 and OI06: on what ground clinical information is released."""

    SIGNED = "Y"
    INFORMED_CONSENT = "I"


class RelatedCause(StrEnum):
    """CLM11: what the patient's condition comes from."""

    AUTO_ACCIDENT = "AA"
    EMPLOYMENT = "EM"
    OTHER_ACCIDENT = "OA"


class AdjustmentGroup(StrEnum):
    """CAS01: who answers for the part that was not paid."""

    CONTRACTUAL = "CO"
    CORRECTION = "CR"
    OTHER = "OA"
    PAYER_INITIATED = "PI"
    PATIENT = "PR"
