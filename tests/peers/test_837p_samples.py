"""Other people's 837P files, many of them faulty, are all read: claims out, findings beside them, no crash.

``python -m tests.peers.test_837p_samples`` prints what each file gave.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from billing.edi.claim_837p.reader import read_837p
from billing.errors import Severity

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "edi" / "837P"


def samples() -> list[Path]:
    """All sample files, or a skip that says which folder is missing."""
    if not FOLDER.is_dir():
        pytest.skip(f"the sample folder is missing: {FOLDER}")
    return sorted(path for path in FOLDER.iterdir() if path.is_file())


def test_every_sample_is_read_without_a_crash_and_gives_its_claims() -> None:
    for path in samples():
        content = path.read_bytes()

        batches, findings = read_837p(content)

        read = sum(len(batch.claims) for batch in batches)
        left_out = sum(finding.rule == "claim.left_out" for finding in findings)
        separator = content.lstrip(b"\xef\xbb\xbf \r\n").removeprefix(b"ISA").removeprefix(b"GS")[:1]
        assert read + left_out == content.count(b"CLM" + separator), path.name
        assert read > 0, path.name


def test_most_claims_of_the_samples_can_be_used() -> None:
    outcomes: Counter[bool] = Counter()
    for path in samples():
        _, findings = read_837p(path.read_bytes())
        outcomes[any(finding.rule == "claim.left_out" for finding in findings)] += 1

    assert outcomes[False] >= 0.9 * outcomes.total()


def test_a_sample_reads_the_same_in_pieces_as_at_once() -> None:
    for path in samples():
        content = path.read_bytes()
        pieces = (content[start : start + 100] for start in range(0, len(content), 100))

        assert read_837p(pieces) == read_837p(content), path.name


def table() -> list[str]:
    """One line for each sample: claims read, then findings by weight and by rule."""
    lines = []
    for path in samples():
        batches, findings = read_837p(path.read_bytes())
        weights = Counter(finding.severity for finding in findings)
        rules = Counter(finding.rule for finding in findings if finding.severity is not Severity.INFO)
        claims = sum(len(batch.claims) for batch in batches)
        counts = " ".join(f"{weight}={weights[weight]}" for weight in Severity)
        common = ", ".join(f"{rule} {count}" for rule, count in rules.most_common(3))
        lines.append(f"{path.name[:60]:60} claims={claims:4} {counts:28} {common}")
    return lines


if __name__ == "__main__":
    print("\n".join(table()))
