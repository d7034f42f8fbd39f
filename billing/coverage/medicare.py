"""Medicare's coverage of acupuncture for chronic low back pain (CMS NCD 30.3.3, from 21 January 2020).

Twelve visits in ninety days, eight more for a patient who improves, twenty in a year. The year runs
from the first covered visit until eleven full months have passed after the month of that visit.
Whether Medicare counts visits or units is disputed; dates are counted here, and visits elsewhere
make our count a lower bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from billing.codes.diagnoses import is_chronic_low_back_pain
from billing.errors import Problem, block, warn

FIRST_COURSE_VISITS = 12
FIRST_COURSE_DAYS = 90
VISITS_A_YEAR = 20
ATTESTATION = "KX"
"""Modifier by which the practitioner attests improvement and records, from the thirteenth visit on."""


def year_of(visits: Iterable[date], on: date) -> tuple[date, date]:
    """First visit, and first day after, of the Medicare year that a visit on ``on`` belongs to.

    ``visits`` are the days of all counted visits; ``on`` is one of them whether listed or not.
    """
    start = end = date.min
    for day in sorted({*visits, on}):
        if day >= end:
            start, end = day, date(day.year + 1, day.month, 1)
        if day == on:
            break
    return start, end


def visit_problems(
    visits: Iterable[date], on: date, *, improved: bool, attested: bool, filed: Iterable[date] = ()
) -> list[Problem]:
    """What the visit count says about a visit on ``on``.

    ``visits`` are days with counted codes, ``filed`` those of them that were filed already and so
    count even when they lie after ``on``; ``improved`` says whether the outcome scores of the
    Medicare year so far show improvement, ``attested`` whether every counted line carries KX.
    """
    days = sorted({*visits, on})
    start, end = year_of(days, on)
    number = len({day for day in days if start <= day <= on} | {day for day in filed if start <= day < end})
    if number > VISITS_A_YEAR:
        return [
            block(
                "medicare.visit_limit",
                f"This is visit {number} since {start}; Medicare pays {VISITS_A_YEAR} until {end - timedelta(days=1)}.",
                "No modifier helps. Bill the patient only if an advance notice (ABN) was signed before the visit.",
            )
        ]
    if number > FIRST_COURSE_VISITS:
        return _extension_problems(number, start, improved=improved, attested=attested)
    if on >= start + timedelta(days=FIRST_COURSE_DAYS) and not improved:
        return [
            warn(
                "medicare.first_course_over",
                f"Visit {number} lies more than {FIRST_COURSE_DAYS} days after the first one ({start}), and no "
                "improvement is on record.",
                "Measure and note the outcome; ask the Medicare contractor if in doubt.",
            )
        ]
    return []


def _extension_problems(number: int, start: date, *, improved: bool, attested: bool) -> list[Problem]:
    lacking = []
    if not improved:
        lacking.append("an improvement of the pain score by 2 points or 30 % since the first of the year")
    if not attested:
        lacking.append("modifier KX on the acupuncture lines")
    if not lacking:
        return []
    return [
        block(
            "medicare.needs_improvement",
            f"This is visit {number} since {start}; from the thirteenth on Medicare wants {' and '.join(lacking)}.",
            "Record the outcome score, and add KX if the note supports it. Without improvement Medicare stops paying.",
        )
    ]


def diagnosis_problems(codes: Sequence[str], on: date) -> list[Problem]:
    """Whether any diagnosis is one that Medicare covers acupuncture for."""
    if any(is_chronic_low_back_pain(code, on) for code in codes):
        return []
    return [
        warn(
            "medicare.diagnosis_not_listed",
            "Medicare covers acupuncture for chronic low back pain only, and no diagnosis on Meridian's list says so.",
            "Check the diagnosis against the current Medicare list before filing.",
        )
    ]


def not_eligible_problem(practitioner: str, where: str) -> Problem:
    """That an acupuncturist alone cannot bill Medicare."""
    return block(
        "medicare.not_eligible_provider",
        f"{practitioner} cannot bill Medicare, which enrols physicians and some others but not acupuncturists.",
        "Name the enrolled physician who supervised, or bill the patient.",
        where,
    )
