"""Synthetic payments that the tests of this room share. Nobody here exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from billing.edi.envelope_writer import Envelope, Usage
from billing.edi.findings import Finding
from billing.edi.parties import Address, Contact
from billing.edi.remittance_835.balance import Balance
from billing.edi.remittance_835.payment_to_write import PaymentToWrite, Transfer
from billing.edi.remittance_835.reader import read_835
from billing.edi.remittance_835.remittance import (
    Adjustment,
    ClaimPayment,
    PaymentHeader,
    Procedure,
    ProviderAdjustment,
    ServicePayment,
)
from billing.edi.remittance_835.writer import encode_835
from billing.edi.segments import Source

ENVELOPE = Envelope(
    sender_id="CEDAR1",
    receiver_id="WB0001",
    interchange_number=501,
    group_number=71,
    created_at=datetime(2026, 4, 1, 6, 15, tzinfo=UTC),
    usage=Usage.TEST,
)
PLAZA = Address("1 PLAZA WAY", "PORTLAND", "OR", "97201")
HELP = Contact("PROVIDER SERVICES", "5035550100")

FIRST_SET = Procedure("HC", "97810")
NEXT_SET = Procedure("HC", "97811", ("GP",))

CHECK = PaymentHeader(
    handling="I",
    paid_cents=9000,
    method="CHK",
    paid_on=date(2026, 3, 31),
    trace_number="CK-880012",
    originator="1930000077",
    payer_name="CEDAR HEALTH PLAN",
    payer_identifier="CEDAR1",
    payee_name="WILLOW BARK ACUPUNCTURE",
    payee_identifier="1234567893",
    produced_on=date(2026, 3, 30),
)

DECIDED_LINE = ServicePayment(
    procedure=FIRST_SET,
    charge_cents=15000,
    paid_cents=5600,
    units="1",
    service_on=date(2026, 3, 2),
    control_number="L11",
    adjustments=(
        Adjustment("CO", "45", 5000),
        Adjustment("PR", "1", 3000),
        Adjustment("PR", "2", 1400),
    ),
    allowed_cents=10000,
)
DECIDED_CLAIM = ClaimPayment(
    ordinal=1,
    control_number="MER0000011",
    status="1",
    charge_cents=15000,
    paid_cents=5600,
    patient_cents=4400,
    payer_claim_number="CED2026031",
    filing_indicator="12",
    service_from=date(2026, 3, 2),
    service_through=date(2026, 3, 2),
    patient_last_name="FINCH",
    patient_first_name="ROSA",
    patient_identifier="CH100200300",
    lines=(DECIDED_LINE,),
)
"""Charge 150: 50 written off, 30 deductible, 14 coinsurance, 56 paid."""

OTHER_CLAIM = ClaimPayment(
    ordinal=2,
    control_number="MER0000012",
    status="1",
    charge_cents=6000,
    paid_cents=4400,
    patient_cents=0,
    payer_claim_number="CED2026032",
    filing_indicator="12",
    patient_last_name="THORNE",
    patient_first_name="ODIN",
    patient_identifier="CH400500600",
    remarks=("MA01",),
    lines=(
        ServicePayment(
            procedure=NEXT_SET,
            charge_cents=6000,
            paid_cents=4400,
            submitted=Procedure("HC", "97811"),
            service_on=date(2026, 3, 3),
            control_number="L12",
            adjustments=(Adjustment("CO", "45", 1600, "1"),),
            remarks=("N19", "M15"),
        ),
    ),
)
"""Charge 60: 16 written off, 44 paid."""

RECOVERY = ProviderAdjustment("1234567893", "WO", "CED2025999", 1000)

TWO_CLAIMS_LESS_A_RECOVERY = PaymentToWrite(
    CHECK,
    PLAZA,
    HELP,
    (DECIDED_CLAIM, OTHER_CLAIM),
    (RECOVERY,),
    payee_address=Address("14 ALDER", "ASHLAND", "OR", "97520"),
)


def negated(claim: ClaimPayment, ordinal: int) -> ClaimPayment:
    """The reversal of ``claim``: every amount with the other sign."""
    return claim._replace(
        ordinal=ordinal,
        status="22",
        charge_cents=-claim.charge_cents,
        paid_cents=-claim.paid_cents,
        patient_cents=-claim.patient_cents,
        adjustments=tuple(one._replace(cents=-one.cents) for one in claim.adjustments),
        lines=tuple(
            line._replace(
                charge_cents=-line.charge_cents,
                paid_cents=-line.paid_cents,
                allowed_cents=None,
                adjustments=tuple(one._replace(cents=-one.cents) for one in line.adjustments),
            )
            for line in claim.lines
        ),
    )


_CORRECTED_LINE = DECIDED_LINE._replace(
    paid_cents=8600, adjustments=(Adjustment("CO", "45", 5000), Adjustment("PR", "2", 1400))
)
_INTEREST = ProviderAdjustment("1234567893", "L6", "MER0000011", -125)

REVERSAL_AND_CORRECTION = PaymentToWrite(
    CHECK._replace(method="ACH", paid_cents=3125, trace_number="EFT-4410"),
    PLAZA,
    HELP,
    (
        negated(DECIDED_CLAIM, 1),
        DECIDED_CLAIM._replace(
            ordinal=2, paid_cents=8600, patient_cents=1400, interest_cents=125, lines=(_CORRECTED_LINE,)
        ),
    ),
    (_INTEREST,),
    transfer=Transfer("111000025", "700001", "121000358", "900002"),
    receiver="WB0001",
)

DENIED = PaymentToWrite(
    CHECK._replace(handling="H", method="NON", paid_cents=0, trace_number="NO-17", produced_on=None),
    PLAZA,
    HELP,
    (
        DECIDED_CLAIM._replace(
            status="4",
            paid_cents=0,
            patient_cents=0,
            adjustments=(Adjustment("CO", "29", 15000),),
            lines=(),
        ),
    ),
)
"""Nothing paid, adjusted at the claim, no lines."""


def copies(count: int) -> PaymentToWrite:
    """A check for the decided claim, so many times."""
    claims = tuple(DECIDED_CLAIM._replace(ordinal=ordinal) for ordinal in range(1, count + 1))
    return replace(
        TWO_CLAIMS_LESS_A_RECOVERY,
        header=CHECK._replace(paid_cents=5600 * count),
        claims=claims,
        provider_adjustments=(),
    )


class ReadPayment(NamedTuple):
    """A payment that was read to its end. Its claims are without their positions, which only the file decides."""

    header: PaymentHeader
    claims: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]
    balance: Balance
    rules: list[str]
    """The rules that its findings are about."""


def read_all(source: Source, findings: list[Finding] | None = None) -> list[ReadPayment]:
    """Every payment of ``source``, read to its end."""
    return [
        ReadPayment(
            one.header,
            tuple(claim._replace(position=0) for claim in one.claims()),
            tuple(one.provider_adjustments),
            one.balance,
            [finding.rule for finding in one.findings],
        )
        for one in read_835(source, [] if findings is None else findings)
    ]


def read_one(source: Source) -> ReadPayment:
    """The only payment of ``source``."""
    (payment,) = read_all(source)
    return payment


def text_of(*payments: PaymentToWrite) -> str:
    """The file with these payments."""
    return encode_835(payments, ENVELOPE).decode("ascii")


def file_with(*detail: str, paid: str = "56") -> str:
    """A file with one payment of so much, and these segments between its header and its SE."""
    text = text_of(TWO_CLAIMS_LESS_A_RECOVERY).replace("BPR*I*90*", f"BPR*I*{paid}*")
    before, after = text[: text.index("LX*1")], text[text.index("SE*") :]
    count = text[text.index("ST*") : text.index("LX*1")].count("~") + len(detail) + 1
    return before + "".join(f"{segment}~\n" for segment in detail) + after.replace("SE*34*", f"SE*{count}*")
