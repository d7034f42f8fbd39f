"""The numbering of an 837P, which no row of the guide can express: levels, parents, children, lines."""

from __future__ import annotations

from collections.abc import Iterator

from billing.edi.findings import Finding
from billing.edi.loops import Node
from billing.errors import Severity

_CHILD_LOOPS = {"2000A": "2000B", "2000B": "2000C"}


def structure_findings(root: Node) -> list[Finding]:
    """What is wrong with HL, SBR02 and LX in one transaction set, read by the guide and not yet taken apart."""
    findings: list[Finding] = []
    levels = list(_levels(root, ""))
    for number, (node, parent) in enumerate(levels, start=1):
        _check_level(node, parent, str(number), findings)
        if node.loop.id == "2000B":
            _check_patient(node, findings)
        for claim in node.children("2300"):
            _check_lines(claim, findings)
    return findings


def _levels(node: Node, parent: str) -> Iterator[tuple[Node, str]]:
    """Every hierarchical level with the HL01 of its parent, in the order of the file."""
    for child in node.nodes:
        if child.loop.id in ("2000A", "2000B", "2000C"):
            yield child, parent
            yield from _levels(child, child.segments[0].element(1))


def _check_level(node: Node, parent: str, number: str, findings: list[Finding]) -> None:
    level = node.segments[0]
    if level.element(1) != number:
        _note(findings, node, "hierarchy.number", f"HL01 does not count on; {number} is due.")
    if level.element(2) != parent:
        _note(findings, node, "hierarchy.parent", f"HL02 is not the level it stands under, {parent or 'none'}.")
    has_child = any(node.children(_CHILD_LOOPS.get(node.loop.id, "")))
    if level.element(4) != ("1" if has_child else "0"):
        _note(findings, node, "hierarchy.child", "HL04 does not say whether a level stands under this one.")


def _check_patient(node: Node, findings: list[Finding]) -> None:
    """SBR02 says 18 exactly when the subscriber is the patient, so when claims stand right under it."""
    subscriber = next((segment for segment in node.segments if segment.id == "SBR"), None)
    if subscriber is None:
        return
    is_patient = any(node.children("2300")) or not any(node.children("2000C"))
    if (subscriber.element(2) == "18") != is_patient:
        why = "SBR02 and the levels disagree on whether the subscriber is the patient."
        _note(findings, node, "hierarchy.patient", why)


def _check_lines(claim: Node, findings: list[Finding]) -> None:
    for number, line in enumerate(claim.children("2400"), start=1):
        if line.segments[0].element(1) != str(number):
            _note(findings, line, "line.number", f"LX01 does not count on; {number} is due.")


def _note(findings: list[Finding], node: Node, rule: str, why: str) -> None:
    findings.append(Finding(rule, Severity.WARN, why, node.position, node.loop.opening.id))
