"""In which order should a patient's policies pay, and does what is on file contradict it? Pure.

Who pays first follows from rules that all group plans share (NAIC model regulation on coordination of benefits),
from Medicare's (42 CFR 411.170 to 411.206) and from Medicaid's place as the payer of last resort (42 USC
1396a(a)(25)). Where it depends on what nobody has entered, such as the size of an employer, that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations

from billing.coverage.models import Policy, Relationship
from billing.errors import Problem, warn
from billing.payers.models import Payer, PayerKind

RULE = "coverage.order"
OF_AN_INJURY = frozenset({PayerKind.WORKERS_COMP, PayerKind.AUTO})
"""They pay for one injury only, and for that first."""
_GROUP = frozenset({PayerKind.COMMERCIAL})
_NAIC = "NAIC coordination of benefits model regulation"
_MSP = "42 CFR 411.172 and 411.206"
_LAST = "42 USC 1396a(a)(25)"
MEDICARE_AGE = 65
EMPLOYEES_65, EMPLOYEES_DISABLED = 20, 100


def order_problems(
    policies: Sequence[Policy], payers: Mapping[int, Payer], born: date, on: date, *, is_injury: bool
) -> list[Problem]:
    """What of the order in which these policies pay contradicts the rules; they are all in force ``on`` that day.

    ``policies`` stand in the order in which they pay; ``born`` is the patient's birth date; ``is_injury`` tells
    whether an injury of work or traffic is treated.
    """
    found = []
    for first, second in combinations(policies, 2):
        kinds = payers[first.payer_id].kind, payers[second.payer_id].kind
        found += [
            *_of_injuries(first, second, payers, is_injury=is_injury),
            *_last_resort(first, second, payers),
            *_medicare(first, second, payers, born, on),
            *(_group_plans(first, second, payers) if set(kinds) <= _GROUP else ()),
        ]
    return found


def _of_injuries(first: Policy, second: Policy, payers: Mapping[int, Payer], *, is_injury: bool) -> Iterator[Problem]:
    ahead, behind = payers[first.payer_id], payers[second.payer_id]
    if not is_injury and ahead.kind in OF_AN_INJURY and behind.kind not in OF_AN_INJURY:
        why = f"{ahead.name} pays first on file, and no injury of work or traffic is noted with the session."
        fix = f"Note the accident if one is treated; else let {behind.name} pay first."
        yield warn(RULE, why, fix, f"policy:{first.id}")


def _last_resort(first: Policy, second: Policy, payers: Mapping[int, Payer]) -> Iterator[Problem]:
    ahead, behind = payers[first.payer_id], payers[second.payer_id]
    if ahead.kind is PayerKind.MEDICAID and behind.kind is not PayerKind.MEDICAID:
        why = f"{ahead.name} pays before {behind.name} on file; Medicaid pays last ({_LAST})."
        yield warn(RULE, why, "Change the places of the two policies.", f"policy:{first.id}")


def _medicare(first: Policy, second: Policy, payers: Mapping[int, Payer], born: date, on: date) -> Iterator[Problem]:
    ahead, behind = payers[first.payer_id], payers[second.payer_id]
    if {ahead.kind, behind.kind} != {PayerKind.MEDICARE, PayerKind.COMMERCIAL}:
        return
    group, medicare_first = (second, True) if ahead.kind is PayerKind.MEDICARE else (first, False)
    needed = EMPLOYEES_65 if _age(born, on) >= MEDICARE_AGE else EMPLOYEES_DISABLED
    plan = payers[group.payer_id].name
    if medicare_first and group.employer:
        why = (
            f"Medicare pays first on file, and {plan} is through {group.employer}. Where that work goes on and the "
            f"employer has {needed} employees or more, the employer's plan pays first ({_MSP})."
        )
        yield warn(RULE, why, "Ask how large the employer is and whether the work goes on.", f"policy:{group.id}")
    if not medicare_first and not group.employer:
        why = (
            f"{plan} pays before Medicare on file, and no employer is noted with it. Only a plan through present work "
            f"with an employer of {needed} employees or more does ({_MSP})."
        )
        yield warn(RULE, why, "Note the employer, or change the places of the two policies.", f"policy:{group.id}")


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _group_plans(first: Policy, second: Policy, payers: Mapping[int, Payer]) -> Iterator[Problem]:
    ahead, behind = payers[first.payer_id].name, payers[second.payer_id].name
    if first.relationship is not Relationship.SELF and second.relationship is Relationship.SELF:
        why = f"{ahead}, through somebody else, pays before the patient's own {behind} on file; one's own pays first"
        yield warn(RULE, f"{why} ({_NAIC}).", "Change the places of the two policies.", f"policy:{first.id}")
    if first.relationship is Relationship.CHILD and second.relationship is Relationship.CHILD:
        yield from _birthdays(first, second, ahead, behind)


def _birthdays(first: Policy, second: Policy, ahead: str, behind: str) -> Iterator[Problem]:
    """Of two parents the one whose birthday comes earlier in the year pays first, whoever is older."""
    one, other = first.subscriber_birth_date, second.subscriber_birth_date
    if one is None or other is None:
        why = f"Which parent's plan pays first, {ahead} or {behind}, goes by their birthdays, and one is not on file"
        yield warn(RULE, f"{why} ({_NAIC}).", "Enter the birth dates of both subscribers.", f"policy:{first.id}")
        return
    if (other.month, other.day) < (one.month, one.day):
        why = (
            f"{ahead} pays before {behind} on file, but the birthday of that plan's parent comes earlier in the year "
            f"({_NAIC})."
        )
        fix = "Change the places of the two policies, unless a court has ordered otherwise."
        yield warn(RULE, why, fix, f"policy:{first.id}")
    elif (other.month, other.day) == (one.month, one.day) and second.effective_from < first.effective_from:
        why = f"Both parents have one birthday; {behind} has covered longer and pays first ({_NAIC})."
        fix = "Change the places of the two policies, unless a court has ordered otherwise."
        yield warn(RULE, why, fix, f"policy:{first.id}")
