from __future__ import annotations

from io import BytesIO

import pytest

from billing.edi.acknowledgements.writer import encode_999, encode_ta1
from billing.edi.claim_837p.writer import encode_837p
from billing.edi.claim_status.writer import encode_277ca
from billing.edi.kinds import kind_of
from billing.edi.segments import CHUNK
from tests.edi.answers_on_stage import ANSWERED_FILE, ARRIVED, COVER, PARTLY, TO_US
from tests.edi.claims_on_stage import BACK_PAIN, ENVELOPE, batch_of

FILES = {
    "999": encode_999([PARTLY], TO_US),
    "TA1": encode_ta1([ARRIVED], TO_US),
    "277CA": encode_277ca([ANSWERED_FILE], TO_US),
    "271": COVER.encode(),
    "837": encode_837p(batch_of(BACK_PAIN), ENVELOPE),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_known_by_its_first_transaction_set(kind: str) -> None:
    content = FILES[kind]

    assert kind_of(content) == kind
    assert kind_of(content.decode()) == kind
    assert kind_of(BytesIO(content)) == kind
    assert kind_of(content[start : start + 40] for start in range(0, len(content), 40)) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (FILES["277CA"].decode().replace("005010X214", ""), "277CA"),
        (FILES["277CA"].decode().replace("005010X214", "").replace("BHT*0085", "BHT*0010"), "277"),
        (FILES["277CA"].decode().replace("005010X214", "005010X212").replace("BHT*0085", "BHT*0010"), "277"),
        (FILES["999"].decode().replace("ST*999*0001*005010X231A1~\n", ""), "999"),
        (COVER.replace("ST*271*0001*005010X279A1~\n", ""), "271"),
        ("ST*835*0001~BPR*I*5~SE*3*0001~", "835"),
        ("ST*277", "277"),
    ],
)
def test_what_the_transaction_set_does_not_say_its_version_or_its_group_tells(text: str, kind: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    "content", [b"", b" \r\n", b"%PDF-1.7", b"patient,date\nA7,2026-03-02\n", b"\x00\xff" * 99, b"ISA"]
)
def test_what_is_no_x12_is_of_no_kind(content: bytes) -> None:
    assert kind_of(content) == ""


def test_no_more_than_the_beginning_of_a_file_is_read() -> None:
    file = BytesIO(FILES["999"] + b" " * CHUNK * 3)

    assert kind_of(file) == "999"
    assert file.tell() == CHUNK
    assert kind_of(b" " * CHUNK * 3 + FILES["999"]) == ""
