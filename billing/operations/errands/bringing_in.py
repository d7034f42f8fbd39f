"""The errand ``import``: a zip file of CSV files is unpacked, read and brought in, or only checked.

What is refused quotes cells, and so may name people: it is kept as a document, and the errand's result, which
is read wherever errands are listed, holds counts and that document's hash alone.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from billing import clock
from billing.database import Db
from billing.documents.keeping import NewDocument, keep
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Progress
from billing.operations.importing.importing_folder import import_folder
from billing.operations.importing.packing import Unpacked, unpack
from billing.relay import carry_out

OWNER = "errand"
"""Owner of what was sent for an import, and of what was said of it."""
SENT, REPORT = "import", "import report"
"""The kinds of these documents."""
_CHUNK = 2**20


def bring_in_zip(means: Means, errand_id: int, facts: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Import a zip file that is in the document store, or with ``check`` only see what would happen.

    Raises :class:`Refused` when it cannot be unpacked, holds nothing to import, or no clinic is known.
    """
    check = bool(facts.get("check"))
    content = means.documents.get(facts["sha256"])
    progress.tell("Unpacking the files")
    with tempfile.TemporaryDirectory(prefix="meridian-import-") as place:
        folder = Path(place)
        unpacked = unpack(content, folder)
        counted = _Counted(progress, _lines(folder, unpacked))
        made = import_folder(means.database, folder, check=check, progress=counted.rows_read)
    report = made.report()
    told = json.dumps(report, ensure_ascii=False).encode("utf-8", "replace")
    report_sha256 = means.documents.put(told)
    kept = [
        NewDocument(OWNER, errand_id, SENT, "import.zip", "application/zip", facts["sha256"], len(content)),
        NewDocument(OWNER, errand_id, REPORT, "report.json", "application/json", report_sha256, len(told)),
    ]
    carry_out(means.database, lambda db: _name(db, kept))
    return _result(report, report_sha256, unpacked, check=check)


def _name(db: Db, kept: list[NewDocument]) -> None:
    keep(db, kept, clock.now())


def _result(report: Mapping[str, Any], sha256: str, unpacked: Unpacked, *, check: bool) -> dict[str, Any]:
    lost = {(row["file"], row["line"]) for row in report["refused"] if row["line"] > 1}
    whole = sorted({row["file"] for row in report["refused"] if row["line"] == 1})
    return {
        "check": check,
        "files": [
            {"name": name, **counts, "refused": sum(file == name for file, _ in lost), "is_refused": name in whole}
            for name, counts in report["files"].items()
        ],
        "refusals": len(report["refused"]),
        "refused_rows": len(lost),
        "ignored_columns": report["ignored_columns"][:200],
        "passed_over": unpacked.passed_over[:200],
        "report": sha256,
    }


def _lines(folder: Path, unpacked: Unpacked) -> int:
    """About how many rows there are to read."""
    total = 0
    for name in unpacked.files:
        with (folder / name).open("rb") as file:
            while chunk := file.read(_CHUNK):
                total += chunk.count(b"\n")
    return total


class _Counted:
    """Adds up the rows of one file after the other."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total = progress, total
        self._read: dict[str, int] = {}

    def rows_read(self, name: str, rows: int) -> None:
        """That so many rows of that file have been read."""
        self._read[name] = rows
        self.progress.tell(f"Reading {name}", sum(self._read.values()), self.total or None)
