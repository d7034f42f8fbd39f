"""The kinds of code sets that can be loaded, and how often their publishers renew them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class SetKind(StrEnum):
    """What a loaded set holds."""

    ICD10CM = "icd10cm"
    """Diagnosis codes that are complete, and so billable."""
    PAIR_EDITS = "ncci-ptp"
    """Pairs of procedure codes that exclude each other."""
    UNIT_CAPS = "mue"
    """The most units of a procedure code a day."""
    ADD_ONS = "add-on"
    """Procedure codes that are never paid without another one."""
    NCD_DIAGNOSES = "ncd-30-3-3"
    """Diagnoses for which Medicare covers acupuncture."""


class Pace(StrEnum):
    """How often a publisher renews a set."""

    FISCAL_YEAR = "fiscal year"
    """On 1 October, with a smaller update on 1 April."""
    QUARTER = "quarter"
    YEAR = "year"
    """On 1 January; a quarter in between when something changes."""
    AT_WILL = "at will"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What is to be known of a kind of set."""

    title: str
    publisher: str
    """Whose file it is, and what the file is called there."""
    pace: Pace
    comes_along_from: date | None
    """First day of the edition that comes along, as far as there is one."""
    comes_along: str
    """Which edition comes along, in words."""
    comes_along_note: str
    """How much of it that is."""
    are: str = "are"
    """Its title's verb."""


_FOR_THIS_TRADE = "for the codes this trade uses"

FACTS: Mapping[SetKind, KindFacts] = {
    SetKind.ICD10CM: KindFacts(
        "ICD-10-CM",
        "CMS and CDC/NCHS: icd10cm_order_YYYY.txt or icd10cm_codes_YYYY.txt",
        Pace.FISCAL_YEAR, date(2026, 4, 1), "April 2026", "every code", "is",
    ),
    SetKind.PAIR_EDITS: KindFacts(
        "Pair edits",
        "CMS NCCI, practitioner PTP edits: ccipra-vNNNrN-f1.txt to f4.txt, or their zip files",
        Pace.QUARTER, date(2024, 7, 1), "the third quarter of 2024", _FOR_THIS_TRADE,
    ),
    SetKind.UNIT_CAPS: KindFacts(
        "Unit caps",
        "CMS NCCI, practitioner services MUE table: MCR_MUE_PractitionerServices_Eff_MM-DD-YYYY.csv",
        Pace.QUARTER, date(2024, 7, 1), "the third quarter of 2024", _FOR_THIS_TRADE,
    ),
    SetKind.ADD_ONS: KindFacts(
        "Add-on codes",
        "CMS NCCI, Medicare add-on code edits: AOC_VYYYYQN-F-MCR.txt",
        Pace.YEAR, date(2024, 7, 1), "the third quarter of 2024", _FOR_THIS_TRADE,
    ),
    SetKind.NCD_DIAGNOSES: KindFacts(
        "Diagnoses of NCD 30.3.3",
        "CMS, the diagnosis list of the change request for NCD 30.3.3, as one code a line",
        Pace.AT_WILL, date(2020, 1, 21), "a few codes", "those for low back pain alone, to be checked",
    ),
}  # fmt: skip


def is_of_diagnoses(kind: SetKind) -> bool:
    """Whether a set of that kind holds diagnoses, and not procedures."""
    return kind in (SetKind.ICD10CM, SetKind.NCD_DIAGNOSES)
