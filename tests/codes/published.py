"""Files in the layouts of their publishers, with invented rows and labels of our own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime

from billing.codes.edit_tables import pairs_in_force, published_caps
from billing.codes.publishers.lines import PublishedFile
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.making import Made, Order, made
from billing.codes.sets.shelf import Shelf, SourceFile

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY = AT.date()
FY2027 = date(2026, 10, 1)
LAST_OF_2026 = date(2026, 9, 30)
BEFORE = date(2026, 4, 1)

PAIRS_HEAD = (
    "Notices of the publisher, of which there are several lines.\n\nColumn1/Column2 Edits\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n\t\t\t\t*=no data\t1=allowed\t\n\t\t\t\t\t9=not applicable\t\n"
)
CAPS_HEAD = (
    '"Notices of the publisher,\nwhich go over more than one line."\n'
    '"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
)
MAI = {1: "1 Line Edit", 2: "2 Date of Service Edit: Policy", 3: "3 Date of Service Edit: Clinical"}


def order_file(codes: Collection[str]) -> str:
    """An order file with these codes, undotted, each behind its heading of three characters."""
    lines, number, heading = [], 0, ""
    for code in sorted(codes):
        stems = [code[:3]] if len(code) > 3 and code[:3] != heading else []
        heading = code[:3]
        for one, is_complete in (*((stem, 0) for stem in stems), (code, 1)):
            number += 1
            short = f"Short words for {one}"
            lines.append(f"{number:05} {one:<7} {is_complete} {short:<60} Long words for {one}\n")
    return "".join(lines)


def code_list(codes: Iterable[str]) -> str:
    """A list of complete codes."""
    return "".join(f"{code:<7} Words for {code}\n" for code in sorted(codes))


def pair_row(
    column1: str, column2: str, indicator: int = 0, first: str = "20200101", last: str = "*", prior: str = ""
) -> str:
    """A row of pair edits."""
    return f"{column1}\t{column2}\t{prior}\t{first}\t{last}\t{indicator}\tOur rationale\n"


def pairs_known() -> str:
    """Rows for every pair that comes along."""
    return "".join(pair_row(one.column1, one.column2, int(one.modifier_allowed)) for one in pairs_in_force(BEFORE))


def cap_row(code: str, units: int, mai: int = 3) -> str:
    """A row of unit caps."""
    return f"{code},{units},{MAI[mai]},Our rationale\n"


def caps_known(**changed: int) -> str:
    """Rows for every cap that comes along, some with another number of units."""
    caps = published_caps(BEFORE)
    return "".join(cap_row(one, changed.get(f"c{one}", caps[one].units), caps[one].adjudication) for one in caps)


def add_on_row(
    add_on: str, primary: str, type_: int = 1, first: str = "2020001", last: str = "", gone: str = "", away: str = ""
) -> str:
    """A row of add-on codes: ``gone`` is the last day of the add-on code, ``away`` that of the other one."""
    return f"{type_}{add_on}{gone:<7}{primary}{away:<7}{first}{last:<7}{'':<58}\n"


ADD_ONS_KNOWN = "".join(add_on_row(one, other) for one in ("97811", "97814") for other in ("97810", "97813"))


def file_of(text: str, name: str = "file.txt") -> PublishedFile:
    """A text as a published file."""
    return PublishedFile(name, lambda: iter(text.splitlines()))


def zipped(**files: str) -> bytes:
    """Texts as a zip file; a name is written with two underscores for its dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return packed.getvalue()


def order(
    kind: SetKind, *files: PublishedFile, asked: date | None = None, wanted: Sequence[str] = (), sha256: str = "a"
) -> Order:
    """What somebody wants made of these files."""
    sources = tuple(SourceFile(one.name, sha256) for one in files)
    return Order(kind, files, sources, asked, wanted, AT, TODAY, "command:codes")


def loaded(shelf: Shelf, wanted: Order) -> Shelf:
    """The shelf with what is made of those files."""
    new: Made = made(wanted, shelf)
    return shelf.with_set(new.set, new.lines)
