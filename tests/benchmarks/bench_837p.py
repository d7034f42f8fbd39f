"""How fast claims become an 837P and come back: ``python -m tests.benchmarks.bench_837p``.

The yardstick is the least that any writer must do: join as many ready-made elements into as many lines.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from billing.edi.claim_837p.checks import problems_837p
from billing.edi.claim_837p.reader import read_837p
from billing.edi.claim_837p.writer import encode_837p
from billing.edi.segments import read_segments
from tests.edi.claims_on_stage import ADULT, BACK_PAIN, ENVELOPE, batch_of

CLAIMS = 10_000
CHECKED = 1_000
GOAL_CLAIMS_PER_SECOND = 1_500


def _best_seconds(action: Callable[[], object], times: int = 3) -> float:
    """The shortest of several runs, which is the one least disturbed."""
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - started)
    return best


def rows() -> list[tuple[str, float, str]]:
    """Each measurement: what, how much, in which unit."""
    claims = [
        replace(BACK_PAIN, control_number=f"C{number}", subscriber=replace(ADULT, member_id=f"M{number}"))
        for number in range(CLAIMS)
    ]
    batch = batch_of(*claims)
    file = encode_837p(batch, ENVELOPE)
    ready = [line.split("*") for line in file.decode().split("~\n")]

    encoding = _best_seconds(lambda: encode_837p(batch, ENVELOPE))
    joining = _best_seconds(lambda: "".join(["*".join(parts) + "~\n" for parts in ready]).encode())
    checking = _best_seconds(lambda: [problems_837p(claim) for claim in claims[:CHECKED]])
    cutting = _best_seconds(lambda: sum(1 for _ in read_segments(file, [])))
    reading = _best_seconds(lambda: read_837p(file), times=2)
    return [
        ("837P encode, two-line claims", CLAIMS / encoding, "claims/s"),
        ("837P encode, against the goal of 1,500 claims/s", CLAIMS / encoding / GOAL_CLAIMS_PER_SECOND, "x"),
        ("837P encode, time against joining ready elements", encoding / joining, "x"),
        ("837P check before sending", CHECKED / checking, "claims/s"),
        ("837P cut into segments", len(ready) / cutting, "segments/s"),
        ("837P read and check whole", CLAIMS / reading, "claims/s"),
    ]


def main() -> None:
    """Print the measurements."""
    for what, value, unit in rows():
        print(f"{what:52} {value:14,.1f} {unit}")


if __name__ == "__main__":
    main()
