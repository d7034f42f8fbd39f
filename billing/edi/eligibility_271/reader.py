"""A 271 read to one answer for each person it speaks of, with every benefit row as it was sent."""

from __future__ import annotations

from billing.edi.element_values import day_or_none
from billing.edi.eligibility_271.answer import EligibilityAnswer
from billing.edi.eligibility_271.guide import GUIDE_271, PARENTS
from billing.edi.eligibility_271.level_reader import LevelReader
from billing.edi.envelope import Transaction, pass_over, transactions
from billing.edi.findings import Finding
from billing.edi.hierarchy import Hierarchy
from billing.edi.loops import not_carried, read_loops
from billing.edi.segments import Source
from billing.errors import Severity


def read_271(source: Source, findings: list[Finding]) -> list[EligibilityAnswer]:
    """The answers of ``source`` in the order of the file; other transaction sets are passed over with a finding.

    Nothing in the content makes it raise. There is one answer for each dependent, and one for each
    subscriber about whom something is said or who has no dependent below. What was rejected above a
    person is in that person's answer, and makes an answer without a person when there is none. A
    transaction set that says nothing at all is a finding (``answer.empty``).
    """
    answers: list[EligibilityAnswer] = []
    for transaction in transactions(source, findings):
        if _is_eligibility(transaction, findings):
            answers += _read_answers(transaction, findings)
    return answers


def _is_eligibility(transaction: Transaction, findings: list[Finding]) -> bool:
    if transaction.set_id in ("271", ""):
        return True
    pass_over(transaction, "The transaction set is not an eligibility response; it was not read.", findings)
    return False


def _read_answers(transaction: Transaction, findings: list[Finding]) -> list[EligibilityAnswer]:
    root = read_loops(transaction.segments, GUIDE_271, findings)
    hierarchy = Hierarchy(PARENTS)
    begin = root.take("BHT")
    levels = LevelReader(begin.element(3) if begin else "", day_or_none(begin, 4), findings)
    for node in root.nodes:
        findings += hierarchy.check(node.segments[0])
        levels.take(node)
    answers = levels.finish()
    if not answers:
        why = "The transaction set neither tells nor rejects anything."
        findings.append(Finding("answer.empty", Severity.WARN, why, root.position, "ST"))
    findings += not_carried(root)
    return answers
