from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing.edi.envelope import transactions
from billing.edi.envelope_writer import Envelope, InterchangeWriter, Usage
from billing.edi.findings import Finding
from tests.edi.claims_on_stage import ENVELOPE


def written(envelope: Envelope, transactions: int = 1) -> str:
    writer = InterchangeWriter(envelope, "HC", "005010X222A1")
    for _ in range(transactions):
        writer.begin("837")
        writer.add("BHT", "0019")
        writer.end()
    return writer.finish().decode("ascii")


def test_the_header_is_106_characters_and_names_the_separators() -> None:
    header = written(ENVELOPE).partition("\n")[0]

    assert len(header) == 106
    assert header == (
        "ISA*00*          *00*          *ZZ*WB0001         *ZZ*PINE99         *260331*1705*^*00501*000000042*0*T*:~"
    )


def test_counts_and_control_numbers_agree() -> None:
    findings: list[Finding] = []

    taken = list(transactions(written(replace(ENVELOPE, transaction_number=12), 3), findings))

    assert [transaction.control_number for transaction in taken] == ["0012", "0013", "0014"]
    assert findings == []


def test_the_wall_time_of_the_zone_handed_in_is_written() -> None:
    instant = datetime(2026, 4, 1, 2, 30, tzinfo=UTC)

    in_utc = written(replace(ENVELOPE, created_at=instant))
    in_oregon = written(replace(ENVELOPE, created_at=instant.astimezone(ZoneInfo("America/Los_Angeles"))))

    assert "*260401*0230*" in in_utc
    assert "*260331*1930*" in in_oregon
    assert "*20260331*1930*" in in_oregon


def test_production_acknowledgement_and_application_codes_are_as_asked() -> None:
    envelope = replace(
        ENVELOPE,
        usage=Usage.PRODUCTION,
        acknowledgement_requested=True,
        application_sender="APP1",
        application_receiver="APP2",
        sender_qualifier="30",
    )

    text = written(envelope)

    assert "*30*WB0001 " in text
    assert "*000000042*1*P*:~" in text
    assert "GS*HC*APP1*APP2*" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"interchange_number": 0},
        {"interchange_number": 10**9},
        {"group_number": -1},
        {"transaction_number": 0},
        {"sender_id": "A" * 16},
        {"receiver_id": ""},
        {"sender_qualifier": "Z"},
        {"created_at": datetime(2026, 3, 31, 17, 5)},
    ],
    ids=str,
)
def test_what_would_break_the_fixed_form_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(ENVELOPE, **wrong)


@pytest.mark.parametrize("wrong", ["WB*001", "WB~001", "WBÉ001", "WB:001"])
def test_an_identifier_with_a_separator_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="ISA06"):
        written(replace(ENVELOPE, sender_id=wrong))
