"""The diagnoses for which Medicare covers acupuncture (NCD 30.3.3), one code a line.

CMS publishes them as a spreadsheet to a change request. Its column of codes, saved as text or as comma-separated text
with the code first, is read: dotted or not, in any case, with or without a heading, further columns let go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from billing.codes.publishers.lines import Faults, PublishedFile, cells_of, shown

_CODE = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_HEADINGS = ("code", "icd", "diagnos")


def is_diagnosis_list(head: Sequence[str]) -> bool:
    """Whether a file that begins so may be such a list."""
    firsts = [_first(text) for text in head if text.strip()]
    codes = [one for one in firsts if _CODE.fullmatch(one)]
    return bool(codes) and len(firsts) - len(codes) <= 1


def listed(file: PublishedFile) -> Iterator[str]:
    """The codes, undotted, in the order of the file. Raises :class:`Refused` with every faulty line."""
    faults, known, has_heading = Faults(file.name), set[str](), False
    for line, text in enumerate(file.lines(), 1):
        code = _first(text)
        if not code:
            continue
        if _CODE.fullmatch(code) is None:
            if not known and not has_heading and any(word in text.lower() for word in _HEADINGS):
                has_heading = True
                continue
            faults.add(line, f"{shown(text)} is no diagnosis code.", "Keep one code a line, such as M54.50.")
        elif code in known:
            faults.add(line, f"{code} stands in the file twice.", "Keep it once.")
        else:
            known.add(code)
            yield code
    if not known:
        faults.add(1, "the file has no code.", "Put one code on each line, such as M54.50.")
    faults.refuse_any()


def _first(text: str) -> str:
    cells = cells_of(text.lstrip("\ufeff"))
    return cells[0].replace(".", "").upper() if cells else ""
