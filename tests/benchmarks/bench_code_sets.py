"""Loading code sets: a full year of ICD-10-CM and a quarter of pair edits, as long as their publisher's.

``python -m tests.benchmarks.bench_code_sets``. The rows are invented; the layouts, the numbers of rows and the codes of
this trade are those of the published files.
"""

from __future__ import annotations

import resource
import string
import tempfile
import time
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

from billing.codes.diagnoses import billable_codes
from billing.codes.procedures import procedures
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.making import Order, made
from billing.codes.sets.shelf import Shelf, SourceFile
from billing.operations.code_sets.unpacking import published_files, sent_path
from tests.codes.published import AT, BEFORE, PAIRS_HEAD, TODAY, order_file, pair_row, pairs_known

ROWS = 2_000_000
PARTS = 4
BAR_YEAR, BAR_PAIRS = 5.0, 60.0
"""Seconds."""
BAR_MEMORY = 60.0
"""Megabytes that reading two million rows may add."""


def invented_codes() -> Iterator[str]:
    """Procedure codes that nobody uses, without end."""
    for letters in product(string.ascii_uppercase, repeat=3):
        for number in range(100):
            yield f"{number:02}{''.join(letters)}"


def write_parts(folder: Path) -> list[Path]:
    """The four parts of a quarter."""
    codes, paths = list(islice(invented_codes(), 1_500)), []
    for part in range(PARTS):
        path = folder / f"ccipra-v323r0-f{part + 1}.txt"
        with path.open("w") as file:
            file.write(PAIRS_HEAD)
            if part == PARTS - 1:
                file.write(pairs_known())
            for one, other in islice(product(codes, codes), part * ROWS // PARTS, (part + 1) * ROWS // PARTS):
                file.write(pair_row(one, other, 1, "20150101"))
        paths.append(path)
    return paths


def megabytes() -> float:
    """The most memory this process has ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(kind: SetKind, paths: list[Path]) -> tuple[float, int, int]:
    """Seconds that making a set took, rows read and rows kept."""
    wanted = {one.code for one in procedures()}
    began = time.perf_counter()
    files = published_files(kind, [sent_path(one) for one in paths])
    sources = tuple(SourceFile(one.name, "") for one in files)
    new = made(Order(kind, files, sources, None, wanted, AT, TODAY, "command:bench"), Shelf())
    return time.perf_counter() - began, new.set.rows, new.set.kept


def main() -> None:
    """Print both, with their bars."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        year = folder / "icd10cm_order_2027.txt"
        year.write_text(order_file(billable_codes(BEFORE)))
        lines = year.read_text().count("\n")
        seconds, _, kept = timed(SetKind.ICD10CM, [year])
        print(f"ICD-10-CM, {lines:,} lines, {kept:,} kept: {seconds:.2f} s (bar {BAR_YEAR:.0f} s)")
        parts = write_parts(folder)
        size, before = sum(one.stat().st_size for one in parts) / 2**20, megabytes()
        seconds, rows, kept = timed(SetKind.PAIR_EDITS, parts)
        print(
            f"pair edits, {rows:,} rows, {size:.0f} MB, {kept:,} kept: {seconds:.1f} s (bar {BAR_PAIRS:.0f} s), "
            f"{megabytes() - before:.1f} MB more memory (bar {BAR_MEMORY:.0f} MB)"
        )


if __name__ == "__main__":
    main()
