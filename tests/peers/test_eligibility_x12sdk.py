"""x12sdk, an independent reader of X12, accepts every 270 that is written, and gives it back byte for byte.

It takes EB09 of a 271 for a number, though the guide has a code there, so answers are not put before it.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from x12sdk.io import X12ModelReader

from billing.edi.eligibility_270.inquiry import Inquiry
from billing.edi.eligibility_270.reader import read_270
from billing.edi.eligibility_270.writer import encode_270
from billing.edi.eligibility_271.reader import read_271
from billing.edi.findings import Finding
from billing.errors import Severity
from tests.edi.eligibility_270.questions_on_stage import FROM_US, IVY, ROSA, inquiries
from tests.peers.samples import samples


def sets(content: bytes) -> list[str]:
    """The transaction sets of an interchange as they were written."""
    found: list[str] = []
    for line in content.decode("ascii").splitlines():
        if line.startswith("ST*"):
            found.append("")
        if found and not line.startswith(("GE*", "IEA*")):
            found[-1] += f"{line}\n"
    return [one.strip() for one in found]


def by_x12sdk(content: bytes) -> list[str]:
    """The same as x12sdk reads and writes them; it raises when it does not accept one."""
    with X12ModelReader(content.decode("ascii")) as reader:
        return [model.x12().strip() for model in reader.models()]


def test_x12sdk_gives_our_questions_back_byte_for_byte() -> None:
    content = encode_270([ROSA, IVY], FROM_US)

    assert by_x12sdk(content) == sets(content)


@settings(max_examples=25)
@given(st.lists(inquiries, min_size=1, max_size=2))
def test_x12sdk_accepts_every_270_we_write(asked: list[Inquiry]) -> None:
    content = encode_270(asked, FROM_US)

    assert by_x12sdk(content) == sets(content)


@pytest.mark.parametrize("kind", ["270", "271"])
def test_every_sample_is_read_whole(kind: str) -> None:
    for path in samples(kind):
        findings: list[Finding] = []
        content = path.read_bytes()

        read = read_270(content, findings) if kind == "270" else read_271(content, findings)

        assert read, path.name
        if kind == "271":
            assert [one for one in findings if one.severity is Severity.BLOCK] == [], path.name
