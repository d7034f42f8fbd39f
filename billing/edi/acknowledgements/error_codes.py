"""What a finding of ours is called in a 999 and in a TA1 (code lists of X12 005010X231A1 and of the TA1)."""

from __future__ import annotations

import re

from billing.edi.findings import Finding

NO_ERROR = "000"
NOT_SUPPORTED = "1"
SEGMENTS_IN_ERROR = "5"
ELEMENTS_IN_ERROR = "8"

INTERCHANGE_NOTES = {
    "interchange.number_differs": "001",
    "interchange.trailer_missing": "023",
    "interchange.count_wrong": "021",
    "interchange.header_length": "022",
    "separators.guessed": "022",
}
"""TA105 by rule."""

GROUP_CODES = {
    "group.trailer_missing": "3",
    "group.number_differs": "4",
    "group.count_wrong": "5",
    "group.number_repeated": "19",
}
"""AK905 by rule."""

SET_CODES = {
    "transaction.other_kind": NOT_SUPPORTED,
    "transaction.trailer_missing": "2",
    "transaction.number_differs": "3",
    "transaction.count_wrong": "4",
    "transaction.number_repeated": "23",
}
"""IK502 by rule: what is wrong with a transaction set as a whole."""

_SEGMENT_CODES = {
    "segment.unexpected": "2",
    "segment.missing": "3",
    "segment.repeated": "5",
    "segment.out_of_order": "7",
    "loop.missing": "I7",
}
_ELEMENT_CODES = {
    "element.missing": "1",
    "amount.missing": "1",
    "date.missing": "1",
    "element.code": "7",
    "value.code_unknown": "7",
    "date.unreadable": "8",
    "element.not_used": "I10",
}
_PATTERN_NOT_MATCHED = "I12"
_ELEMENT = re.compile(r"[A-Z][A-Z0-9]{1,2}(\d\d)(?: component (\d+))?\b")


def segment_code(finding: Finding) -> str:
    """IK304: what is wrong with a segment; unless it is its place, it is its elements."""
    return _SEGMENT_CODES.get(finding.rule, ELEMENTS_IN_ERROR)


def element_error(finding: Finding) -> tuple[str, str] | None:
    """IK401 and IK403: the element that a finding speaks of, if it does, and what is wrong with it."""
    named = _ELEMENT.match(finding.why)
    if named is None or segment_code(finding) != ELEMENTS_IN_ERROR:
        return None
    place = str(int(named[1])) + (f":{named[2]}" if named[2] else "")
    return place, _ELEMENT_CODES.get(finding.rule, _PATTERN_NOT_MATCHED)
