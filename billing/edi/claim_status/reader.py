"""A 277CA or a 277 read to what it says of each claim, each provider and the whole file.

Which claim a status belongs to is the one thing that must never be guessed: it is the trace number
that stands before it in its own level, and where none stands the report has none and a finding says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from billing.edi.claim_status.guide import GUIDE_277, PARENTS
from billing.edi.claim_status.status import Level, Statement, Status, StatusFile, StatusReport, status_kind
from billing.edi.element_values import cents_or_none, day_or_none
from billing.edi.envelope import Transaction, pass_over, transactions
from billing.edi.findings import Finding
from billing.edi.hierarchy import Hierarchy
from billing.edi.loops import Node, not_carried, pass_loops
from billing.edi.segments import Segment, Source
from billing.errors import Severity

_LEVELS = {
    "20": Level.SOURCE,
    "21": Level.RECEIVER,
    "19": Level.PROVIDER,
    "22": Level.CLAIM,
    "PT": Level.CLAIM,
    "23": Level.CLAIM,
}
_ROLES = {"41": Level.RECEIVER, "85": Level.PROVIDER, "1P": Level.PROVIDER, "IL": Level.CLAIM, "QC": Level.CLAIM}
"""At which level a name of that role (NM101) stands."""
_STATUSES = (1, 10, 11)


def read_status(source: Source, findings: list[Finding]) -> list[StatusFile]:
    """What each 277CA or 277 in ``source`` says; other transaction sets are passed over with a finding.

    Nothing in the content makes it raise. A level that says nothing (the payer's own, often the provider's)
    gives no report.
    """
    return [
        _read_file(transaction, findings)
        for transaction in transactions(source, findings)
        if _is_status(transaction, findings)
    ]


def _is_status(transaction: Transaction, findings: list[Finding]) -> bool:
    if transaction.set_id in ("277", ""):
        return True
    pass_over(transaction, "The transaction set is not a claim status; it was not read.", findings)
    return False


def _read_file(transaction: Transaction, findings: list[Finding]) -> StatusFile:
    hierarchy, begin = Hierarchy(PARENTS), None
    reports: list[StatusReport] = []
    for node in pass_loops(transaction.segments, GUIDE_277, findings):
        if node.loop is GUIDE_277:
            begin = node.take("BHT")
        else:
            findings += hierarchy.check(node.segments[0])
            reports += _reports(node, findings)
        findings += not_carried(node)
    return StatusFile(
        kind=status_kind(transaction.version, begin.element(1) if begin else ""),
        reports=tuple(reports),
        reference=begin.element(3) if begin else "",
        produced_on=day_or_none(begin, 4),
    )


def _reports(node: Node, findings: list[Finding]) -> Iterator[StatusReport]:
    """What one level says: under each of its trace numbers, and outside of any."""
    level = _LEVELS.get(node.segments.pop(0).element(3))
    if level is None:
        why = "A level of unknown meaning was left out, with all that is said at it."
        findings.append(Finding("status.left_out", Severity.BLOCK, why, node.position, "HL"))
        return
    names, of_name = 0, level
    for child in node.nodes:
        if child.loop.opening.id == "NM1":
            names += 1
            of_name = level if names == 1 else _level_of(child.segments[0], level, findings)
        elif child.loop.opening.id == "TRN":
            yield from _report(child, of_name, child.segments.pop(0).element(2), findings)
    for report in _report(node, of_name, "", findings):
        why = "A status stands without a trace number (TRN) before it, so that nobody can say whom it concerns."
        findings.append(Finding("status.untraced", Severity.BLOCK, why, node.position, "STC"))
        yield report


def _level_of(name: Segment, level: Level, findings: list[Finding]) -> Level:
    """The level at which a second name stands: its own HL was lost, and only its role tells.

    Without this a status of one claim would pass for one of all its provider's claims.
    """
    own = _ROLES.get(name.element(1), level)
    if own is not level:
        why = "A name of another level stands here; what follows was read as said at that level."
        findings.append(Finding("status.level", Severity.WARN, why, name.position, "NM1"))
    return own


def _report(node: Node, level: Level, trace: str, findings: list[Finding]) -> Iterator[StatusReport]:
    statements = _statements(node, findings)
    lines = [_line(line, findings) for line in node.children("2220")]
    line_statements = tuple(line for line in lines if line[1])
    if statements or line_statements:
        yield StatusReport(
            level=level,
            trace_number=trace,
            statements=statements,
            payer_claim_number=_reference(node, "1K"),
            control_number=_reference(node, "EJ"),
            clearinghouse_number=_reference(node, "D9"),
            line_statements=line_statements,
        )


def _line(node: Node, findings: list[Finding]) -> tuple[str, tuple[Statement, ...]]:
    node.take("SVC")
    return _reference(node, "FJ"), _statements(node, findings)


def _reference(node: Node, qualifier: str) -> str:
    segment = node.take("REF", qualifier)
    return segment.element(2) if segment else ""


def _statements(node: Node, findings: list[Finding]) -> tuple[Statement, ...]:
    """The STC segments of a loop; one without any status says nothing, which the guide has found."""
    statements = [_statement(segment, findings) for segment in node.take_all("STC")]
    return tuple(statement for statement in statements if statement.statuses)


def _statement(segment: Segment, findings: list[Finding]) -> Statement:
    return Statement(
        statuses=tuple(_status(segment, number) for number in _STATUSES if segment.component(number, 1)),
        said_on=day_or_none(segment, 2),
        action=segment.element(3),
        total_cents=cents_or_none(segment, 4, findings),
        message=segment.element(12),
    )


def _status(segment: Segment, number: int) -> Status:
    return Status(*(segment.component(number, place) for place in (1, 2, 3)))
