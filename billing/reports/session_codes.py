"""The codes that a chart earns, each with its reason and its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from billing.charges.models import Fee
from billing.charges.pricing import fee_problems, standard_fees
from billing.codes.procedures import ACUPUNCTURE_CODES, label_of
from billing.codes.units import MIN_SET, contact_needed, set_reasons
from billing.database import Db
from billing.errors import Problem
from billing.sessions.charting import ChartedSet
from billing.sessions.facts import Visit


@dataclass(frozen=True, slots=True)
class CodedLine:
    """One line of the bill to be, with the standard fee of the day."""

    code: str
    label: str
    """Our own short words; empty for a code of the clinic's own."""
    modifiers: tuple[str, ...]
    units: int
    each_cents: int | None
    """Of one unit; ``None`` when no fee was in effect."""
    reasons: list[str]
    """How it came about."""

    @property
    def cents(self) -> int | None:
        """For all its units."""
        return None if self.each_cents is None else self.each_cents * self.units


@dataclass(frozen=True, slots=True)
class Codes:
    """All lines, what earned nothing, and what the day comes to."""

    lines: list[CodedLine]
    without_code: list[str]
    """Why a set earned no unit, for each that did not."""
    contact: str
    """The contact time and how many units it carries; empty without needles."""
    fee_problems: list[Problem]

    @property
    def total_cents(self) -> int | None:
        """The sum of the lines; ``None`` as long as one has no price."""
        prices = [line.cents for line in self.lines if line.cents is not None]
        return sum(prices) if len(prices) == len(self.lines) else None


def codes_of(db: Db, visit: Visit) -> Codes:
    """The codes of a visit as it is charted; one query."""
    lines, on = visit.coded.lines, visit.session.service_on
    fees = select(Fee).where(Fee.payer_id.is_(None), Fee.code.in_({line.code for line in lines}))
    schedule = standard_fees(db.scalars(fees))
    told = [
        (reason.code, f"Set {number}: {reason.why}")
        for number, reason in enumerate(set_reasons([one.as_coded for one in visit.chart.sets]), start=1)
    ]
    from_sets = [line for line in lines if line.code in {code for code, _ in told}]
    return Codes(
        lines=[
            CodedLine(
                line.code,
                label if (label := label_of(line.code)) != line.code else "",
                line.modifiers,
                line.units,
                schedule.price(line.code, on),
                [why for code, why in told if code == line.code] if line in from_sets else ["Charted as it is."],
            )
            for line in lines
        ],
        without_code=[why for code, why in told if not code],
        contact=contact_words(
            visit.chart.sets, sum(line.units for line in from_sets if line.code in ACUPUNCTURE_CODES)
        ),
        fee_problems=fee_problems(lines, schedule, on),
    )


def contact_words(sets: Sequence[ChartedSet], units: int) -> str:
    """The contact minutes as a sum, and the span of minutes that carries as many units."""
    minutes = [one.minutes for one in sets if one.new_needles and one.minutes >= MIN_SET]
    if not minutes:
        return ""
    total = str(sum(minutes)) if len(minutes) == 1 else f"{' + '.join(map(str, minutes))} = {sum(minutes)}"
    carried = f"{units} unit{'' if units == 1 else 's'}"
    span = f"{contact_needed(units)} to {contact_needed(units + 1) - 1} minutes carry one unit"
    if units > 1:
        span = f"{carried} need at least {contact_needed(units)}, and a set of new needles each"
    return f"{total} contact minutes earn {carried}: {span}."
