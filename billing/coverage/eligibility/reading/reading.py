"""An answer read for one patient, one day and one network. Pure, and never raises, whatever the rows are."""

from __future__ import annotations

from collections.abc import Iterable

from billing.codes.coverage_words import rejection_words
from billing.coverage.eligibility.reading.cover import authorisation_fact, covered_fact, plan_facts
from billing.coverage.eligibility.reading.facts import Circumstances, FactKind, Reading, RejectionRead
from billing.coverage.eligibility.reading.limits import limit_facts
from billing.coverage.eligibility.reading.noting import notes
from billing.coverage.eligibility.reading.shares import (
    DEDUCTIBLE,
    OUT_OF_POCKET,
    coinsurance_fact,
    copay_fact,
    whole_and_left,
)
from billing.coverage.eligibility.reading.weighing import weighed
from billing.edi.eligibility_271.answer import EligibilityAnswer, Rejection, Where

_SHARED = (
    (DEDUCTIBLE, FactKind.DEDUCTIBLE, FactKind.DEDUCTIBLE_LEFT, False),
    (DEDUCTIBLE, FactKind.FAMILY_DEDUCTIBLE, FactKind.FAMILY_DEDUCTIBLE_LEFT, True),
    (OUT_OF_POCKET, FactKind.OUT_OF_POCKET, FactKind.OUT_OF_POCKET_LEFT, False),
    (OUT_OF_POCKET, FactKind.FAMILY_OUT_OF_POCKET, FactKind.FAMILY_OUT_OF_POCKET_LEFT, True),
)


def reading_of(answer: EligibilityAnswer, circumstances: Circumstances) -> Reading:
    """Every fact once, in the order of :class:`FactKind`; what no row tells is not known."""
    rows = weighed(answer.benefits, circumstances)
    limits = limit_facts(rows)
    facts = [
        *plan_facts(rows, answer.patient, circumstances),
        covered_fact(rows),
        copay_fact(rows),
        coinsurance_fact(rows),
        *(fact for of_what in _SHARED for fact in whole_and_left(rows, *of_what)),
        *limits,
        authorisation_fact(rows),
    ]
    order = list(FactKind)
    return Reading(
        on=circumstances.on,
        in_network=circumstances.in_network,
        facts=tuple(sorted(facts, key=lambda fact: order.index(fact.kind))),
        notes=tuple(notes(rows, limits[0])),
        rejections=tuple(_rejections(answer.rejections)),
        row_count=len(rows),
    )


def _rejections(rejections: Iterable[Rejection]) -> Iterable[RejectionRead]:
    """Those of the question as a whole; one of a single row stands with the row."""
    for one in dict.fromkeys(rejections):
        if one.where is not Where.BENEFIT:
            words = rejection_words(one.reason, one.follow_up)
            yield RejectionRead(one.reason, one.follow_up, words.label, words.fix, words.may_ask_again)
