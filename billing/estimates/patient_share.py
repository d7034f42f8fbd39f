"""How a visit's cost is shared between plan, patient and clinic: the usual model of American health plans. Pure.

Of each line the plan allows an amount. What is left of the deductible takes it first; of the rest the patient pays
the copayment, once a visit, and the coinsurance on what remains, but no more in a year than the out-of-pocket
limit. The plan pays the rest of the allowed amount. What was charged beyond it is written off in network, and may
be billed out of network. All amounts are whole cents, and coinsurance is rounded half up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

from billing.coverage.models import CopayPer
from billing.estimates.who_pays import Bearer, Cover, bearer_of, is_balance_billed, reason
from billing.money import Money, half_up


class CopayOrder(StrEnum):
    """How copayment and deductible go together."""

    AFTER_DEDUCTIBLE = "after deductible"
    """The deductible takes the allowed amount first, the copayment is of the rest."""
    INSTEAD_OF_DEDUCTIBLE = "instead of deductible"
    """A service with a copayment is not subject to the deductible."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan leaves to the patient, in cents."""

    deductible_left: int | None = 0
    """The lesser of the patient's own and the family's; ``None`` when nobody knows."""
    copay: int = 0
    coinsurance_basis_points: int = 0
    out_of_pocket_left: int | None = None
    """The lesser of the patient's own and the family's; ``None`` for no known limit."""
    copay_per: CopayPer = CopayPer.VISIT
    order: CopayOrder = CopayOrder.AFTER_DEDUCTIBLE
    copay_counts_to_out_of_pocket: bool = True
    """So it is under the Affordable Care Act."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One line of a visit."""

    code: str
    charge: int
    allowed: int | None = None
    """What the plan allows of the charge, by contract or experience; ``None`` when not known: then all of it."""


@dataclass(frozen=True, slots=True)
class LineShare:
    """Who pays what of a line, in cents; patient, plan, write-off and balance add up to the charge."""

    code: str
    charge: int
    allowed: int
    deductible: int = 0
    copay: int = 0
    coinsurance: int = 0
    patient: int = 0
    """The patient's part of the allowed amount."""
    plan: int = 0
    write_off: int = 0
    balance: int = 0
    """What the patient may be billed beyond the allowed amount."""
    steps: tuple[str, ...] = ()
    """The arithmetic in words."""


@dataclass(frozen=True, slots=True)
class VisitShare:
    """Who pays what of a visit."""

    bearer: Bearer
    why: str
    """The rule that settles who bears the cost, in words."""
    charge: int
    lines: tuple[LineShare, ...] = ()
    """Empty while it is undecided who bears it."""
    is_least: bool = False
    """Whether the patient's part may turn out higher, since what is left of the deductible is not known."""
    after: Terms | None = None
    """The terms as the visit leaves them to the next one."""

    @property
    def is_known(self) -> bool:
        """Whether there are amounts at all."""
        return self.bearer is not Bearer.UNDECIDED

    @property
    def owed(self) -> int | None:
        """What the patient owes of the visit; ``None`` while that is undecided."""
        return sum(one.patient + one.balance for one in self.lines) if self.is_known else None

    @property
    def plan(self) -> int | None:
        """What the plan should pay; ``None`` while that is undecided."""
        return sum(one.plan for one in self.lines) if self.is_known else None

    @property
    def write_off(self) -> int:
        """What nobody pays."""
        return sum(one.write_off for one in self.lines)

    @property
    def copay(self) -> int:
        """The copayment in it."""
        return sum(one.copay for one in self.lines)


def visit_share(
    lines: Sequence[ServiceLine], cover: Cover, terms: Terms | None, currency: str, copay_taken: int = 0
) -> VisitShare:
    """Who pays what of a visit, line by line in order; ``terms`` may be ``None`` where they are not known.

    ``copay_taken`` is the copayment, in cents, that an earlier visit of the day has asked for already.
    """
    charge = sum(line.charge for line in lines)
    bearer = bearer_of(cover, has_terms=terms is not None)
    why = reason(cover, bearer, Money(charge, currency))
    if bearer is Bearer.UNDECIDED:
        return VisitShare(bearer, why, charge, after=terms)
    if bearer is not Bearer.TERMS or terms is None:
        whole = tuple(_borne_by_one(line, cover, bearer, currency) for line in lines)
        return VisitShare(bearer, why, charge, whole, after=terms)
    left = terms if terms.copay_per is CopayPer.SERVICE else replace(terms, copay=max(0, terms.copay - copay_taken))
    # A copay that was asked for with an earlier line still stands in place of the deductible of the later ones.
    is_waived = terms.order is CopayOrder.INSTEAD_OF_DEDUCTIBLE and terms.copay > 0
    shares = []
    for line in lines:
        share = _by_terms(line, cover, left, currency, is_waived=is_waived)
        left = _used(left, share)
        shares.append(share)
    return VisitShare(
        bearer, why, charge, tuple(shares), terms.deductible_left is None, replace(left, copay=terms.copay)
    )


def _allowed(line: ServiceLine) -> int:
    """A plan allows no more than was charged."""
    return line.charge if line.allowed is None else min(line.allowed, line.charge)


def _by_terms(line: ServiceLine, cover: Cover, left: Terms, currency: str, *, is_waived: bool) -> LineShare:
    allowed = _allowed(line)
    deductible = 0 if is_waived else min(allowed, left.deductible_left or 0)
    rest = allowed - deductible
    copay = min(left.copay, rest)
    coinsurance = half_up(Decimal((rest - copay) * left.coinsurance_basis_points) / 10_000)
    wanted = (deductible, copay, coinsurance)
    if left.copay_counts_to_out_of_pocket:
        deductible, copay, coinsurance = _within(left.out_of_pocket_left, deductible, copay, coinsurance)
    else:
        deductible, coinsurance = _within(left.out_of_pocket_left, deductible, coinsurance)
    patient = deductible + copay + coinsurance
    made = LineShare(
        line.code,
        line.charge,
        allowed,
        deductible=deductible,
        copay=copay,
        coinsurance=coinsurance,
        patient=patient,
        plan=allowed - patient,
    )
    made = _beyond_allowed(made, cover)
    return replace(made, steps=_steps(made, left, wanted, currency))


def _within(limit: int | None, *parts: int) -> list[int]:
    """The parts as far as the limit reaches: what it spares the patient is taken off the last one first."""
    if limit is None:
        return list(parts)
    before = accumulate(parts, initial=0)
    return [min(part, max(0, limit - gone)) for part, gone in zip(parts, before, strict=False)]


def _used(left: Terms, share: LineShare) -> Terms:
    """The terms after a line."""
    counted = share.patient if left.copay_counts_to_out_of_pocket else share.patient - share.copay
    return replace(
        left,
        deductible_left=None if left.deductible_left is None else left.deductible_left - share.deductible,
        out_of_pocket_left=None if left.out_of_pocket_left is None else max(0, left.out_of_pocket_left - counted),
        copay=left.copay if left.copay_per is CopayPer.SERVICE else left.copay - share.copay,
    )


def _beyond_allowed(share: LineShare, cover: Cover) -> LineShare:
    over = share.charge - share.allowed
    return replace(share, balance=over) if is_balance_billed(cover) else replace(share, write_off=over)


def _borne_by_one(line: ServiceLine, cover: Cover, bearer: Bearer, currency: str) -> LineShare:
    """A line that patient, insurer or clinic bears alone."""
    allowed = _allowed(line)
    charge, amount = Money(line.charge, currency), Money(allowed, currency)
    if bearer is Bearer.CLINIC:
        made = LineShare(line.code, line.charge, allowed, write_off=line.charge)
        return replace(made, steps=(f"{charge} cannot be billed to the patient.",))
    if bearer is Bearer.INSURER:
        made = LineShare(line.code, line.charge, allowed, plan=allowed, write_off=line.charge - allowed)
        return replace(made, steps=(f"{amount} is for {cover.payer} alone; the patient owes nothing.",))
    if cover.is_excluded:
        made = LineShare(line.code, line.charge, line.charge, patient=line.charge)
        return replace(made, steps=(f"{charge} at the clinic's own fee: the plan does not cover it.",))
    made = _beyond_allowed(LineShare(line.code, line.charge, allowed, patient=allowed), cover)
    return replace(made, steps=(*_allowance(made, currency), f"The patient pays {amount}: the plan pays nothing."))


def _allowance(share: LineShare, currency: str) -> list[str]:
    """What becomes of the part of the charge that is not allowed."""
    if share.allowed == share.charge:
        return []
    fate = "the patient may be billed" if share.balance else "is written off"
    over = Money(share.charge - share.allowed, currency)
    return [f"Of {Money(share.charge, currency)} the plan allows {Money(share.allowed, currency)}; {over} {fate}."]


def _steps(share: LineShare, left: Terms, wanted: tuple[int, int, int], currency: str) -> tuple[str, ...]:
    """The arithmetic of a line; ``wanted`` is deductible, copayment and coinsurance before the yearly limit."""

    def money(cents: int) -> Money:
        return Money(cents, currency)

    deductible, copay, coinsurance = wanted
    steps = _allowance(share, currency)
    if deductible:
        steps.append(f"Deductible: {money(left.deductible_left or 0)} is left, so {money(deductible)} of this.")
    if copay:
        steps.append(f"Copay: {money(copay)}.")
    if coinsurance:
        base = money(share.allowed - deductible - copay)
        steps.append(f"Coinsurance: {percent(left.coinsurance_basis_points)} of {base} is {money(coinsurance)}.")
    if share.patient < sum(wanted):
        limit = money(left.out_of_pocket_left or 0)
        besides = "" if left.copay_counts_to_out_of_pocket or not copay else " besides the copay"
        steps.append(f"No more than {limit} can still fall to the patient this year{besides}.")
    parts = [str(money(one)) for one in (share.deductible, share.copay, share.coinsurance, share.balance) if one]
    total = str(money(share.patient + share.balance))
    told = total if len(parts) < 2 else f"{' + '.join(parts)} = {total}"
    steps.append(f"The patient owes {told}; the plan pays {money(share.plan)}.")
    return tuple(steps)


def percent(basis_points: int) -> str:
    """Hundredths of a percent as people read them: 2000 is ``20%``, 1250 is ``12.5%``."""
    whole, hundredths = divmod(basis_points, 100)
    return f"{whole}.{hundredths:02d}".rstrip("0").rstrip(".") + "%"
