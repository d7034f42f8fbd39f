"""ICD-10-CM as CMS publishes it: the order file and the list of codes.

``icd10cm_order_2027.txt`` has fixed places: an order number in 1 to 5, the code without its dot in 7 to 13, in 15 a 1
where the code is complete and may be submitted and a 0 where it is a heading, a short description in 17 to 76 and a
long one from 78 on. ``icd10cm_codes_2027.txt`` has the complete codes alone: the code in 1 to 7, a description from 9
on. Both come in the zip file *code descriptions in tabular order* of each fiscal year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from billing.codes.publishers.lines import DIAGNOSIS_CODE, Faults, PublishedFile, shown

_ORDER = re.compile(r"(\d{5}) ([A-Z][0-9A-Z]{2}[0-9A-Z ]{4}) ([01]) \S.{61,}")
_CODE = re.compile(r"([A-Z][0-9A-Z]{2}[0-9A-Z ]{4}) {1,2}(\S.*)")


def is_order(head: Sequence[str]) -> bool:
    """Whether a file that begins so is an order file."""
    return bool(head) and _ORDER.fullmatch(head[0]) is not None


def is_code_list(head: Sequence[str]) -> bool:
    """Whether a file that begins so is a list of complete codes."""
    found = _CODE.fullmatch(head[0]) if head else None
    return found is not None and DIAGNOSIS_CODE.fullmatch(found[1].rstrip()) is not None


def complete_codes(file: PublishedFile, head: Sequence[str]) -> Iterator[str]:
    """The complete codes of a file, undotted, in its order. Raises :class:`Refused` with every faulty line."""
    return _of_order(file) if is_order(head) else _of_list(file)


def _of_order(file: PublishedFile) -> Iterator[str]:
    """Every code stands behind its heading and once; a heading is divided, and a complete code is not."""
    faults, known = Faults(file.name), set[str]()
    last_number, last_code, last_is_complete, line = 0, "", True, 0
    for line, text in enumerate(file.lines(), 1):
        found = _ORDER.fullmatch(text)
        code = found[2].rstrip() if found else ""
        if found is None or DIAGNOSIS_CODE.fullmatch(code) is None:
            faults.add(line, f"it is no line of an order file: {shown(text)}.")
            continue
        number, is_complete = int(found[1]), found[3] == "1"
        if number <= last_number:
            faults.add(line, f"its order number {number} does not follow {last_number}.")
        if code in known:
            faults.add(line, f"{code} stands in the file twice.")
        is_divided = code.startswith(last_code) and bool(last_code)
        if last_is_complete and is_divided:
            faults.add(line, f"{last_code} is called complete, and {code} divides it.")
        if not last_is_complete and not is_divided:
            faults.add(line, f"the heading {last_code} has no codes of its own; lines are missing before this one.")
        known.add(code)
        last_number, last_code, last_is_complete = number, code, is_complete
        if is_complete:
            yield code
    if not last_is_complete:
        faults.add(line, f"the file ends at the heading {last_code}: it was cut off.")
    faults.refuse_any()


def _of_list(file: PublishedFile) -> Iterator[str]:
    faults, known = Faults(file.name), set[str]()
    for line, text in enumerate(file.lines(), 1):
        found = _CODE.fullmatch(text)
        code = found[1].rstrip() if found else ""
        if found is None or DIAGNOSIS_CODE.fullmatch(code) is None:
            faults.add(line, f"it is no line of a list of codes: {shown(text)}.")
        elif code in known:
            faults.add(line, f"{code} stands in the file twice.")
        else:
            known.add(code)
            yield code
    faults.refuse_any()
