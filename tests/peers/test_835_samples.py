"""Other people's 835 files, many of them faulty, are all read; and oxedi, another reader, reads the same in them.

oxedi and pyx12 also judge what our writer makes: they have nothing against it, and notice when something is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import oxedi
import pytest

from billing.edi.findings import Finding
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment
from billing.edi.remittance_835.writer import encode_835
from billing.errors import Severity
from billing.money import text_from_cents
from tests.edi.remittances_on_stage import (
    DENIED,
    ENVELOPE,
    REVERSAL_AND_CORRECTION,
    TWO_CLAIMS_LESS_A_RECOVERY,
    copies,
    read_all,
)
from tests.peers.pyx12_check import pyx12_findings
from tests.peers.samples import sample, samples

Row = tuple[str, ...]
Reading = dict[str, list[Row]]

NOT_READ_BY_OXEDI = {
    "keironstoddart__blue_cross_nc_sample.txt": "It begins with ST; oxedi reads no file without an ISA.",
}
EXPLAINED = {
    "patient_responsibility": "CLP05 may be left out when the patient owes nothing; we read zero and oxedi nothing.",
    "service_date": "A line may last from one day to another (DTM*150, DTM*151); oxedi takes a single day only.",
}
"""Columns in which we read something where oxedi reads nothing, and why. There is no other difference."""

_NULL = "∅"
_PAYMENT = "total_payment_amount credit_debit_flag payment_method payment_date trace_number production_date"
_PARTIES = "payer_name payer_identifier payee_name payee_id"
_CLAIM = "claim_id claim_status charge_amount payment_amount patient_responsibility filing_indicator"
_PATIENT = "payer_control_number statement_from statement_to patient_last_name patient_first_name patient_id"
_LINE = "claim procedure_qualifier procedure_code charge_amount payment_amount service_date allowed_amount"
_COLUMNS = {
    "payments": f"{_PAYMENT} {_PARTIES}".split(),
    "claims": f"{_CLAIM} {_PATIENT}".split(),
    "services": f"{_LINE} line_item_control_number".split(),
    "adjustments": ["claim", "service", "group_code", "reason_code", "amount", "quantity"],
    "provider_adjustments": ["provider_id", "reason_code", "reference_id", "amount"],
}


def oxedi_reads(content: bytes) -> Reading:
    """The tables of oxedi, in text: amounts with two decimals, nothing for what is not there."""
    tables = oxedi.parse(content).tables
    return {name: list(_rows(tables[name].render(), columns)) for name, columns in _COLUMNS.items()}


def _rows(rendered: str, columns: list[str]) -> Iterator[Row]:
    """The rows of a table that was drawn as text: a title, a line of columns with their types, a line for each row."""
    _, header, *lines = rendered.rstrip("\n").split("\n")
    names = [column.partition(":")[0] for column in header.split(" | ")]
    for line in lines:
        values = dict(zip(names, line.split(" | "), strict=True))
        yield tuple("" if values[name] == _NULL else values[name].strip() for name in columns)


def we_read(content: bytes) -> Reading:
    """Our reading in the same tables."""
    reading: Reading = {name: [] for name in _COLUMNS}
    for payment in read_all(content):
        head = payment.header
        money = (text_from_cents(head.paid_cents), head.direction, head.method, _day(head.paid_on))
        parties = (head.payer_name, head.originator, head.payee_name, head.payee_identifier)
        reading["payments"].append((*money, head.trace_number, _day(head.produced_on), *parties))
        reading["provider_adjustments"] += [
            (one.provider, one.reason, one.reference, text_from_cents(one.cents))
            for one in payment.provider_adjustments
        ]
        for claim in payment.claims:
            _add_claim(reading, claim)
    return reading


def _add_claim(reading: Reading, claim: ClaimPayment) -> None:
    number = str(len(reading["claims"]))
    amounts = [text_from_cents(cents) for cents in (claim.charge_cents, claim.paid_cents, claim.patient_cents)]
    payers = (claim.filing_indicator, claim.payer_claim_number, _day(claim.service_from), _day(claim.service_through))
    patient = (claim.patient_last_name, claim.patient_first_name, claim.patient_identifier)
    reading["claims"].append((claim.control_number, claim.status, *amounts, *payers, *patient))
    reading["adjustments"] += [_adjustment(number, "", one) for one in claim.adjustments]
    for line in claim.lines:
        place = str(len(reading["services"]))
        amounts = [text_from_cents(cents) for cents in (line.charge_cents, line.paid_cents)]
        allowed = "" if line.allowed_cents is None else text_from_cents(line.allowed_cents)
        procedure = (line.procedure.qualifier, line.procedure.code)
        reading["services"].append((number, *procedure, *amounts, _day(line.service_on), allowed, line.control_number))
        reading["adjustments"] += [_adjustment(number, place, one) for one in line.adjustments]


def _adjustment(claim: str, service: str, one: Adjustment) -> Row:
    quantity = f"{Decimal(one.quantity):.2f}" if one.quantity else ""
    return claim, service, one.group, one.reason, text_from_cents(one.cents), quantity


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def differences(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Column, what oxedi reads there, and what we read, wherever these are not the same."""
    theirs, ours = oxedi_reads(content), we_read(content)
    for table, columns in _COLUMNS.items():
        assert len(theirs[table]) == len(ours[table]), table
        for row, own_row in zip(theirs[table], ours[table], strict=True):
            found = zip(columns, row, own_row, strict=True)
            yield from ((column, value, own) for column, value, own in found if value != own)


def read_by_oxedi() -> list[Path]:
    """The samples that it can read."""
    return [path for path in samples("835") if path.name not in NOT_READ_BY_OXEDI]


def test_every_sample_is_read_without_a_crash_and_gives_its_claims() -> None:
    for path in samples("835"):
        content = path.read_bytes()

        payments = read_all(content)

        claims = [claim for payment in payments for claim in payment.claims]
        element = content[3:4] if content.startswith(b"ISA") else b"*"
        assert len(payments) == content.count(b"ST%b835%b" % (element, element)), path.name
        assert len(claims) == content.count(b"CLP" + element), path.name
        assert sum(len(claim.lines) for claim in claims) == content.count(b"SVC" + element), path.name


def test_a_sample_of_any_kind_goes_through_the_reader() -> None:
    for path in samples():
        payments = read_all(path.read_bytes())

        assert bool(payments) == (path.parent.name == "835"), path.name


def test_a_sample_reads_the_same_in_pieces_as_at_once() -> None:
    for path in samples("835"):
        content = path.read_bytes()
        pieces = (content[start : start + 100] for start in range(0, len(content), 100))

        in_pieces, at_once = read_all(pieces), read_all(content)

        assert [payment[:3] for payment in in_pieces] == [payment[:3] for payment in at_once], path.name


def test_oxedi_reads_the_same_in_every_sample_but_for_what_is_explained() -> None:
    unlike = {
        (path.name, *difference)
        for path in read_by_oxedi()
        for difference in differences(path.read_bytes())
        if difference[0] not in EXPLAINED or difference[1]
    }

    assert unlike == set()


def test_every_explanation_is_needed() -> None:
    columns = {column for path in read_by_oxedi() for column, _, _ in differences(path.read_bytes())}

    assert columns == set(EXPLAINED)
    for name in NOT_READ_BY_OXEDI:
        with pytest.raises(oxedi.ParseError):
            oxedi.parse(sample("835", name))


def test_oxedi_finds_the_same_payments_out_of_balance() -> None:
    for path in read_by_oxedi():
        content = path.read_bytes()

        complaints = {diagnostic.kind for diagnostic in oxedi.parse(content).diagnostics}

        is_balanced = all(payment.balance.is_balanced for payment in read_all(content))
        assert is_balanced == ("BalanceMismatch" not in complaints), path.name


def test_most_samples_can_be_relied_on() -> None:
    unreliable = []
    for path in samples("835"):
        findings: list[Finding] = []
        read_all(path.read_bytes(), findings)
        if any(finding.severity is Severity.BLOCK for finding in findings):
            unreliable.append(path.name)

    assert unreliable == ["LinuxForHealth__managed-care.835"], "in which BPR16 is the day 20002316"


WRITTEN = {
    "two claims less a recovery": TWO_CLAIMS_LESS_A_RECOVERY,
    "a reversal and a correction": REVERSAL_AND_CORRECTION,
    "a denial": DENIED,
    "many claims": copies(30),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_two_judges_have_nothing_against_what_we_write(name: str) -> None:
    content = encode_835([WRITTEN[name]], ENVELOPE)

    assert [str(diagnostic) for diagnostic in oxedi.parse(content).diagnostics] == []
    assert pyx12_findings(content.decode()) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_oxedi_reads_what_we_wrote_as_we_meant_it(name: str) -> None:
    content = encode_835([WRITTEN[name]], ENVELOPE)

    assert list(differences(content)) == []


@pytest.mark.parametrize("needed", ["BPR", "TRN", "N1*PR", "N1*PE", "PER*BL", "CLP*MER0000012", "PLB", "SE"])
def test_a_payment_that_lacks_a_segment_is_refused_by_both_judges(needed: str) -> None:
    lines = encode_835([TWO_CLAIMS_LESS_A_RECOVERY], ENVELOPE).decode().split("~\n")
    lines.remove(next(line for line in lines if line.startswith(needed)))
    text = "~\n".join(lines).replace("SE*34*", "SE*33*")

    assert oxedi.parse(text.encode()).diagnostics
    assert pyx12_findings(text) or needed == "PLB", "pyx12 makes no sums"
