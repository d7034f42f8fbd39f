"""A writer reads what it wrote: whatever the table of the guide has against it never leaves the house."""

from __future__ import annotations

from billing.edi.envelope import transactions
from billing.edi.findings import Finding
from billing.edi.guide import Loop
from billing.edi.loops import read_loops
from billing.errors import Problem, Refused

_FIX = "Correct the value that this comes from."


def refuse_faults(content: bytes, guide: Loop, what: str) -> bytes:
    """``content``, unchanged, when every transaction set in it is as ``guide`` has it.

    Raises :class:`~billing.errors.Refused` with all problems when one is not; ``what`` names the file to a person.
    """
    findings: list[Finding] = []
    for transaction in transactions(content, findings):
        read_loops(transaction.segments, guide, findings)
    if findings:
        problems = [Problem(f"x12.{found.rule}", found.severity, found.why, _FIX) for found in findings]
        raise Refused(f"These values cannot be written as {what}.", problems)
    return content
