"""One claim's own segments out of an 837P file, and what each of them says, in our words.

A claim does not stand alone in a file: who bills, who is insured and who is treated stand before it, once for many
claims. They are part of it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.edi.claim_837p.guide import BILLING_PROVIDER
from billing.edi.claim_837p.writer import Hierarchy
from billing.edi.envelope import transactions
from billing.edi.guide import key
from billing.edi.loops import Node, read_loops
from billing.edi.segment_writer import SEPARATORS, SegmentWriter
from billing.edi.segments import Segment, Source

_LEVELS = {"20": 0, "22": 1, "23": 2}
"""HL03 of who bills, who is insured and who is treated, from the outside in."""

LOOPS = {
    "2000A": "Who bills",
    "2010AA": "Billing provider",
    "2010AB": "Where payments go",
    "2000B": "Who is insured",
    "2010BA": "Subscriber",
    "2010BB": "Payer",
    "2000C": "Who is treated, if not the subscriber",
    "2010CA": "Patient",
    "2300": "Claim",
    "2310A": "Referring provider",
    "2310B": "Rendering provider",
    "2310C": "Place of service",
    "2310D": "Supervising provider",
    "2320": "Another payer",
    "2330A": "Subscriber of the other payer",
    "2330B": "The other payer",
    "2400": "Service line",
    "2420A": "Rendering provider of the line",
    "2420D": "Supervising provider of the line",
    "2430": "What the other payer decided about the line",
}
"""The loops of a professional claim (X12 005010X222A1) that Meridian writes, in our words."""

_SEGMENTS = {
    "AMT D": "Paid by this payer, for the whole claim",
    "AMT EAF": "Left to be paid after this payer",
    "AMT F5": "Paid by the patient",
    "CAS": "Why a part was not paid: group, reason and amount",
    "CLM": "Claim number, total charge, place of service, assignment and releases",
    "DMG": "Birth date and sex",
    "DTP 304": "Last seen on",
    "DTP 431": "Onset of the condition",
    "DTP 439": "Day of the accident",
    "DTP 453": "Acute manifestation",
    "DTP 454": "First treatment",
    "DTP 472": "Date of service",
    "DTP 484": "Last menstrual period",
    "DTP 573": "Day of the decision",
    "HI": "Diagnoses, the principal one first",
    "HL": "Level: its number, the one above, its kind",
    "LX": "Number of the line",
    "N3": "Street",
    "N4": "City, state and ZIP code",
    "NM1": "Name and identifier",
    "NTE": "Note to the payer",
    "OI": "Assignment and release towards the other payer",
    "PAT": "What the patient is to the subscriber",
    "PER": "Contact",
    "PRV": "Specialty, as a taxonomy code",
    "REF 6R": "Our number of the line, by which the payer's answer finds it",
    "REF 9F": "Referral number",
    "REF EI": "Employer identification number",
    "REF F8": "The payer's own number of the claim",
    "REF G1": "Authorisation number",
    "REF SY": "Social Security number",
    "REF Y4": "The insurer's number of the injury",
    "SBR": "The payer's turn, relationship, group and kind of insurance",
    "SV1": "Procedure and modifiers, charge, units, and the diagnoses it is for",
    "SVD": "What the other payer paid for the line",
}


@dataclass(frozen=True, slots=True)
class ExplainedSegment:
    """A segment as it stands in the file, and what it is."""

    loop: str
    """Its loop's name in the guide, such as ``2010BA``."""
    begins: str
    """What the loop is, at its first segment; else empty."""
    text: str
    meaning: str
    """Empty where we have no words for it."""


def segments_of(content: Source, control_number: str) -> list[Segment]:
    """The segments of the claim of that number (CLM01) with those it depends on; empty when it is not there."""
    for transaction in transactions(content, []):
        if transaction.set_id == "837" and (found := _in_transaction(transaction.segments, control_number)):
            return found
    return []


def _in_transaction(segments: Iterable[Segment], control_number: str) -> list[Segment]:
    above: list[list[Segment]] = [[], [], []]
    claim: list[Segment] = []
    current: list[Segment] = []
    for segment in segments:
        is_claim = segment.id == "CLM"
        if claim and (is_claim or segment.id in ("HL", "SE")):
            break
        if segment.id == "HL":
            level = _LEVELS.get(segment.element(3), 0)
            above[level:] = [[] for _ in above[level:]]
            current = above[level]
        elif is_claim:
            current = claim if segment.element(1) == control_number else []
        current.append(segment)
    return [*above[0], *above[1], *above[2], *claim] if claim else []


def written_segments(claim: ProfessionalClaim) -> list[Segment]:
    """The same of a claim that stands in no file yet. Raises ``ValueError`` when a text cannot be written."""
    writer = SegmentWriter()
    Hierarchy(writer.add).add_claims([claim])
    parts = [line.split(SEPARATORS.element) for line in writer.lines]
    return [Segment(each[0], each, position, SEPARATORS) for position, each in enumerate(parts, start=1)]


def explained(segments: Sequence[Segment]) -> list[ExplainedSegment]:
    """Each segment with its loop and what it says; one that the guide has no place for is left out."""
    root = read_loops(segments, BILLING_PROVIDER, [])
    found = []
    for _, segment, loop, is_first in sorted(_placed(root), key=lambda one: one[0]):
        text = segment.separators.element.join(segment.parts) + segment.separators.terminator
        found.append(ExplainedSegment(loop, LOOPS.get(loop, loop) if is_first else "", text, _meaning(segment)))
    return found


def _placed(node: Node) -> Iterator[tuple[int, Segment, str, bool]]:
    for number, segment in enumerate(node.segments):
        yield segment.position, segment, node.loop.id, number == 0
    for child in node.nodes:
        yield from _placed(child)


def _meaning(segment: Segment) -> str:
    segment_id, qualifier = key(segment)
    return _SEGMENTS.get(f"{segment_id} {qualifier}", _SEGMENTS.get(segment_id, ""))
