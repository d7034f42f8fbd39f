"""Everything that can be said against one professional claim before it is sent."""

from __future__ import annotations

from collections.abc import Iterator

from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.edi.claim_837p.guide import BILLING_PROVIDER
from billing.edi.claim_837p.rules import rule_problems
from billing.edi.claim_837p.writer import Hierarchy
from billing.edi.findings import Finding
from billing.edi.loops import read_loops
from billing.edi.segment_writer import SEPARATORS, SegmentWriter
from billing.edi.segments import Segment
from billing.errors import Problem, block

_FIX = "Correct the record this comes from."


def problems_837p(claim: ProfessionalClaim) -> list[Problem]:
    """Why ``claim`` cannot go out as it is; an empty list when it can.

    The rules between its values come first, then the form of every element, which is judged by writing
    the claim and reading it by the table of the guide. Text that holds a separator or a character outside
    printable ASCII is ``text.character_not_allowed``. ``where`` is ``claim:`` and its control number.
    """
    where = f"claim:{claim.control_number}"
    problems = rule_problems(claim)
    writer = SegmentWriter()
    try:
        Hierarchy(writer.add).add_claims([claim])
    except ValueError as refusal:
        return [*problems, block("text.character_not_allowed", f"{refusal}.", _FIX, where)]
    findings: list[Finding] = []
    read_loops(_segments(writer), BILLING_PROVIDER, findings)
    return problems + [Problem(f"x12.{found.rule}", found.severity, found.why, _FIX, where) for found in findings]


def _segments(writer: SegmentWriter) -> Iterator[Segment]:
    for position, line in enumerate(writer.lines, start=1):
        parts = line.split(SEPARATORS.element)
        yield Segment(parts[0], parts, position, SEPARATORS)
