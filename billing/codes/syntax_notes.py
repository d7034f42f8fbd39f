"""What a TA1 and a 999 find wrong with a file's form, in words of our own."""

from __future__ import annotations

from functools import cache

from billing.codes.tables import rows


@cache
def _notes() -> dict[tuple[str, str], str]:
    return {(row["element"], row["code"]): row["label"] for row in rows("syntax_notes.csv")}


def interchange_note(code: str) -> str:
    """Our label for TA105, such as ``025``; the code itself when it is not known."""
    return _label("TA105", code.zfill(3))


def segment_note(code: str) -> str:
    """Our label for IK304, said of a segment: ``8`` is *has faulty elements*."""
    return _label("IK304", code)


def element_note(code: str) -> str:
    """Our label for IK403, said of an element: ``6`` is *a character that is not allowed*."""
    return _label("IK403", code)


def set_note(code: str) -> str:
    """Our label for IK502 to IK506, said of a transaction set."""
    return _label("IK502", code)


def group_note(code: str) -> str:
    """Our label for AK905 to AK909, said of a functional group."""
    return _label("AK905", code)


def _label(element: str, code: str) -> str:
    return _notes().get((element, code), f"code {code}")
