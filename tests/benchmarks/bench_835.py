"""How fast, and in how little memory, a large 835 is read: ``python -m tests.benchmarks.bench_835 [CLAIMS]``.

One payment for a hundred thousand claims is read into values, and every sum of it is checked. Beside it run the
least that any reader in this language must do, which is to stream the file and cut it into segments and elements,
and the stream of oxedi, which is made of machine code. Times are processor time of one core, best of five rounds.
Memory is what a fresh process grows by while it reads; what it held before it opened the file is not counted.
What is allowed follows nine contracts, as a payer's fee schedule has it; where hardly any amount repeats, reading takes
about a third longer, which was five times the seconds of cutting. Leaves with status 1 when a bar is missed.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import oxedi

from billing.edi.findings import Finding
from billing.edi.remittance_835.reader import read_835
from billing.edi.segment_writer import amount

CLAIMS = 100_000
FEWER = 10_000
ROUNDS = 5
CHUNK = 64 * 1024
MOST_TIMES_CUTTING = 5.0
LEAST_PACE = 0.5
MOST_MEGABYTES = 40.0

_FEES = {"97810": 15000, "97811": 6000, "97813": 16500, "97814": 7250, "97140": 5800}
_PLANS = (45, 52, 60, 64, 70, 75, 80, 85, 90)
"""What a plan allows, in parts of a hundred of the charge."""
_HEADER = """\
ISA*00*          *00*          *ZZ*CEDAR1         *ZZ*WB0001         *260401*0615*^*00501*000000501*0*T*:~
GS*HP*CEDAR1*WB0001*20260401*0615*71*X*005010X221A1~
ST*835*0001~
BPR*I*{paid}*C*CHK************20260331~
TRN*1*CK-880012*1930000077~
DTM*405*20260330~
N1*PR*CEDAR HEALTH PLAN~
N3*1 PLAZA WAY~
N4*PORTLAND*OR*97201~
REF*2U*CEDAR1~
PER*BL*PROVIDER SERVICES*TE*5035550100~
N1*PE*WILLOW BARK ACUPUNCTURE*XX*1234567893~
LX*1~
"""
_FOOTER = """\
PLB*1234567893*20261231*WO:CED2025999*10~
SE*{segments}*0001~
GE*1*71~
IEA*1*000000501~
"""


class Row(NamedTuple):
    """One measurement; ``bar`` says what it should reach, and ``missed`` by how much it does not."""

    what: str
    value: float
    unit: str
    bar: str = ""
    missed: float = 0.0


def write_remittance(path: Path, claims: int) -> int:
    """A balanced payment for so many claims of two or three lines, all of them different; the count of its segments."""
    paid = sum(cents for _, cents in _claims(claims)) - 1000
    segments = 13
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(_HEADER.format(paid=amount(paid)))
        for text, _ in _claims(claims):
            file.write(text)
            segments += text.count("~")
        file.write(_FOOTER.format(segments=segments))
    return segments + 4


def _claims(count: int) -> Iterator[tuple[str, int]]:
    """The text of each claim, and the cents paid for it; the same ones every time."""
    chance = random.Random(835)
    for number in range(1, count + 1):
        day = f"2026{chance.randint(1, 3):02d}{chance.randint(1, 28):02d}"
        lines = [_line(chance, day, f"L{number}-{place}") for place in range(chance.choice((2, 2, 3)))]
        texts, charges, payments, shares = zip(*lines, strict=True)
        paid = sum(payments)
        money = f"{amount(sum(charges))}*{amount(paid)}*{amount(sum(shares))}"
        opening = (
            f"CLP*MER{number:07d}*1*{money}*12*CED{number:09d}~\n"
            f"NM1*QC*1*PATIENT{number % 5000}*TEST****MI*CH{number % 5000:09d}~\n"
            f"DTM*232*{day}~\nDTM*233*{day}~\n"
        )
        yield opening + "".join(texts), paid


def _line(chance: random.Random, day: str, number: str) -> tuple[str, int, int, int]:
    """A line's text, charge, payment and patient's share, in cents."""
    code, charge = chance.choice(list(_FEES.items()))
    allowed = charge * chance.choice(_PLANS) // 100
    deductible = chance.choice((0, 0, 0, allowed, chance.randint(1, allowed)))
    coinsurance = (allowed - deductible) // 5
    paid = allowed - deductible - coinsurance
    shares = [("1", deductible), ("2", coinsurance)]
    owed = "**".join(f"{reason}*{amount(cents)}" for reason, cents in shares if cents)
    text = (
        f"SVC*HC:{code}:GP*{amount(charge)}*{amount(paid)}**1~\nDTM*472*{day}~\n"
        f"CAS*CO*45*{amount(charge - allowed)}~\nCAS*PR*{owed}~\nREF*6R*{number}~\nAMT*B6*{amount(allowed)}~\n"
    )
    return text, charge, paid, deductible + coinsurance


def read(path: Path) -> None:
    """Every claim of the file as values, and every sum checked. Raises ``RuntimeError`` if one does not come out."""
    findings: list[Finding] = []
    with path.open("rb") as file:
        for remittance in read_835(file, findings):
            for _ in remittance.claims():
                pass
            if not remittance.balance.is_balanced:
                raise RuntimeError(remittance.balance.arithmetic)
    if findings:
        raise RuntimeError("a sound file gave findings")


def cut(path: Path) -> None:
    """The file in segments and elements, and nothing else."""
    rest = ""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            *segments, rest = (rest + chunk.decode().replace("\n", "")).split("~")
            for segment in segments:
                segment.split("*")


def stream_with_oxedi(path: Path) -> None:
    """The file as tables, with every complaint about it."""
    for batch in oxedi.stream(path.read_bytes()):
        if batch.diagnostics:
            raise RuntimeError("oxedi complains about the file")


def growth(path: Path) -> float:
    """By how many megabytes this process grows at the most while it reads the file."""
    before = _megabytes("VmRSS")
    read(path)
    return _megabytes("VmHWM") - before


def _megabytes(which: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{which}:")[2].split()[0]) / 1024


def _growth_of_a_fresh_process(path: Path) -> float:
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        return alone.submit(growth, path).result()


def _seconds(path: Path, *works: Callable[[Path], None]) -> list[float]:
    """Processor seconds of each work's fastest round. They take turns, so that a busy machine slows them alike."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for place, work in enumerate(works):
            began = time.process_time()
            work(path)
            best[place] = min(best[place], time.process_time() - began)
    return best


def rows(claims: int = CLAIMS) -> Iterator[Row]:
    """Write the payments, read them, and hold the figures against the bars."""
    with tempfile.TemporaryDirectory(prefix="meridian-bench-") as folder:
        path = Path(folder) / "payment.835"
        for count in sorted({FEWER, claims}):
            segments = write_remittance(path, count)
            megabytes = _growth_of_a_fresh_process(path)
            what = f"memory while {count:,} claims are read"
            yield Row(what, megabytes, "MB", f"< {MOST_MEGABYTES:g}", max(0.0, megabytes - MOST_MEGABYTES))
        reading, cutting, streaming = _seconds(path, read, cut, stream_with_oxedi)
    yield Row(f"read and balance {claims:,} claims, {segments:,} segments", reading, "s")
    yield Row("claims a second", claims / reading, "")
    yield Row("cut the same file into segments and elements", cutting, "s")
    yield Row("stream the same file with oxedi", streaming, "s")
    times, pace = reading / cutting, streaming / reading
    yield Row(
        "times the seconds of cutting", times, "", f"<= {MOST_TIMES_CUTTING:g}", max(0.0, times - MOST_TIMES_CUTTING)
    )
    yield Row("pace, that of oxedi being 1", pace, "", f">= {LEAST_PACE:g}", max(0.0, LEAST_PACE - pace))


def main() -> None:
    """Print the table."""
    missed = False
    for row in rows(int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS):
        verdict = f"bar {row.bar}, " + (f"MISSED by {row.missed:.2f}" if row.missed else "held") if row.bar else ""
        print(f"{row.what:<56}{row.value:>12,.2f} {row.unit:<3}{verdict}".rstrip(), flush=True)
        missed |= row.missed > 0
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
