"""What the patient pays: copay, coinsurance, what is left of deductible and out-of-pocket maximum. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from billing.codes.coverage_words import level_label, period_label
from billing.coverage.eligibility.reading.choosing import Candidate, cautious_highest, chosen
from billing.coverage.eligibility.reading.facts import Fact, FactKind, Other
from billing.coverage.eligibility.reading.weighing import Weighed
from billing.coverage.wording import percent_words
from billing.money import text_from_cents

COINSURANCE, COPAY, DEDUCTIBLE, OUT_OF_POCKET = "A", "B", "C", "G"
LEFT, LIFETIME_LEFT, SO_FAR, A_VISIT = "29", "33", "24", "27"
_TOTALS = frozenset({"", "21", "22", "23", "25"})
_INDIVIDUAL, _FAMILY = ("", "IND"), ("FAM",)
_WHOLE = 100_00
_HALF = 50_00


def copay_fact(rows: Sequence[Weighed]) -> Fact:
    """What the patient pays each visit, in cents."""
    said = [one for one in rows if one.row.information == COPAY and one.row.cents is not None]
    candidates = [candidate for one in said if not one.is_out for candidate in _copays(one)]
    unknown = "No row tells a copay that applies here."
    return chosen(FactKind.COPAY, candidates, cautious_highest, unknown, _out(said))


def _copays(one: Weighed) -> Iterator[Candidate]:
    if one.row.cents is None or one.row.cents < 0:
        return
    if one.row.period in ("", A_VISIT):
        fit = 2 if one.row.period else 1
        yield Candidate(one, one.row.cents, fit, "is said of each visit" if one.row.period else "")
    else:
        yield Candidate(one, one.row.cents, 0, remarks=(f"It is said for {period_label(one.row.period)}.",))


def coinsurance_fact(rows: Sequence[Weighed]) -> Fact:
    """The patient's share, in hundredths of a percent, however the payer writes a percentage."""
    said = [one for one in rows if one.row.information in (COINSURANCE, COPAY) and one.row.share is not None]
    candidates = []
    for one in said:
        if one.is_out or one.row.share is None:
            continue
        points, remark = basis_points_of(one.row.share)
        if points is not None:
            is_own = one.row.information == COINSURANCE
            candidates.append(Candidate(one, points, int(is_own), remarks=(remark,) if remark else ()))
    unreadable = [
        replace(one, is_out="its percentage makes no sense")
        for one in said
        if not one.is_out and one.row.share is not None and basis_points_of(one.row.share)[0] is None
    ]
    unknown = "No row tells a coinsurance that applies here."
    return chosen(FactKind.COINSURANCE, candidates, cautious_highest, unknown, [*_out(said), *unreadable])


def basis_points_of(share: Decimal) -> tuple[int | None, str]:
    """A percentage as it was written, in hundredths of a percent, with what is odd about it.

    The guide wants a part of one (0.2); more than one can only be percent (20). ``None`` when it is neither.
    """
    if share < 0 or share > 100:
        return None, ""
    is_percent = share > 1
    points = int((share * (100 if is_percent else _WHOLE)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    remarks = []
    if is_percent:
        remarks.append(f"It was written as {share.normalize():f} instead of a part of one, and taken as percent.")
    if points > _HALF:
        remarks.append(
            f"The patient's share would be {percent_words(points)}. Some payers write their own share here: ask "
            "before you tell the patient."
        )
    return points, " ".join(remarks)


def whole_and_left(
    rows: Sequence[Weighed], information: str, whole: FactKind, left: FactKind, of_family: bool
) -> tuple[Fact, Fact]:
    """A deductible or an out-of-pocket maximum: the whole of it for a year, and what is left, in cents.

    What the payer says is left comes first; else the whole less what was met so far. The whole alone says nothing
    about what is left of it, unless it is nothing.
    """
    said = [one for one in rows if one.row.information == information and (one.row.cents or 0) >= 0]
    own = [one for one in said if one.row.cents is not None and (one.row.level in _FAMILY) == of_family]
    fitting = [one for one in own if not one.is_out]
    totals = [_amount(one) for one in fitting if one.row.period in _TOTALS]
    total = chosen(whole, totals, cautious_highest, "No row tells it.", _out(own))
    remaining = [_amount(one) for one in fitting if one.row.period in (LEFT, LIFETIME_LEFT)]
    nothing = [one for one in totals if one.value == 0 and one.weighed.number in total.rows]
    unknown = "No row tells what is left of it."
    if remaining or nothing:
        return total, chosen(left, [*remaining, *nothing], cautious_highest, unknown, _out(own))
    return total, _reckoned(fitting, total, left, unknown)


def _reckoned(fitting: Sequence[Weighed], total: Fact, kind: FactKind, unknown: str) -> Fact:
    met = [_amount(one) for one in fitting if one.row.period == SO_FAR]
    so_far = chosen(kind, met, cautious_highest, unknown)
    if not isinstance(total.value, int):
        return Fact(kind, None, unknown)
    if not isinstance(so_far.value, int):
        why = f"Row {total.rows[0]} tells the whole of it, and none how much is left."
        return Fact(
            kind, None, why, others=tuple(Other(row, "It is the whole, not what is left.") for row in total.rows)
        )
    why = (
        f"Rows {total.rows[0]} and {so_far.rows[0]}: {text_from_cents(total.value)} less "
        f"{text_from_cents(so_far.value)} met so far."
    )
    return Fact(
        kind, max(0, total.value - so_far.value), why, rows=tuple(sorted({*total.rows, *so_far.rows})),
        conflict=total.conflict or so_far.conflict,
    )  # fmt: skip


def _amount(one: Weighed) -> Candidate:
    level = one.row.level
    if level in _FAMILY:
        return Candidate(one, one.row.cents, 1, "is about the family")
    if level in _INDIVIDUAL:
        return Candidate(one, one.row.cents, 1, "is about the individual")
    return Candidate(one, one.row.cents, 0, remarks=(f"It is said of: {level_label(level)}.",))


def _out(said: Sequence[Weighed]) -> list[Weighed]:
    return [one for one in said if one.is_out]
