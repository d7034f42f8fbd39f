"""Sound payments of every kind, drawn at random. Every sum of them comes out."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from billing.edi.remittance_835.payment_to_write import PaymentToWrite, Transfer
from billing.edi.remittance_835.remittance import (
    Adjustment,
    ClaimPayment,
    PaymentHeader,
    Procedure,
    ProviderAdjustment,
    ServicePayment,
)
from tests.edi.remittances_on_stage import HELP
from tests.edi.strategies import digits, maybe_words, words
from tests.edi.strategies import full_addresses as addresses

cents = st.integers(-(10**6), 10**7)
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
maybe_days = st.none() | days
codes = st.sampled_from(["97810", "97811", "97813", "97814", "98940"])
modifiers = st.lists(st.sampled_from(["25", "59", "GP", "KX"]), max_size=4).map(tuple)
procedures = st.builds(Procedure, st.just("HC"), codes, modifiers)
remarks = st.sampled_from(["M15", "MA01", "N19", "N362"])
adjustments = st.lists(
    st.builds(
        Adjustment,
        st.sampled_from(["CO", "OA", "PI", "PR"]),
        st.sampled_from(["1", "2", "45", "253"]),
        cents,
        st.sampled_from(["", "1", "-2"]),
    ),
    max_size=8,
).map(tuple)
recoveries = st.builds(
    ProviderAdjustment, digits(10), st.sampled_from(["WO", "FB", "L6", "72", "CS", "AP"]), maybe_words, cents
)


def _sum(values: tuple[Adjustment, ...]) -> int:
    return sum(value.cents for value in values)


@st.composite
def service_payments(draw: st.DrawFn) -> ServicePayment:
    charge, adjusted, begins = draw(cents), draw(adjustments), draw(maybe_days)
    return ServicePayment(
        procedure=draw(procedures),
        charge_cents=charge,
        paid_cents=charge - _sum(adjusted),
        submitted=draw(st.none() | procedures),
        units=draw(st.sampled_from(["", "1", "2"])),
        service_on=begins,
        service_through=draw(maybe_days) if begins else None,
        control_number=draw(maybe_words),
        adjustments=adjusted,
        remarks=tuple(draw(st.lists(remarks, max_size=3))),
        allowed_cents=draw(st.none() | cents),
    )


@st.composite
def claim_payments(draw: st.DrawFn, ordinal: int) -> ClaimPayment:
    lines, adjusted = tuple(draw(st.lists(service_payments(), max_size=3))), draw(adjustments)
    charge = sum(line.charge_cents for line in lines) if lines else draw(cents)
    return ClaimPayment(
        ordinal=ordinal,
        control_number=draw(words()),
        status=draw(st.sampled_from(["1", "2", "3", "4", "19", "20", "21", "22", "23", "25"])),
        charge_cents=charge,
        paid_cents=charge - _sum(adjusted) - sum(_sum(line.adjustments) for line in lines),
        patient_cents=draw(cents),
        payer_claim_number=draw(words()),
        filing_indicator=draw(st.sampled_from(["12", "15", "MB", "WC"])),
        service_from=draw(maybe_days),
        service_through=draw(maybe_days),
        patient_last_name=draw(words()),
        patient_first_name=draw(maybe_words),
        patient_identifier=draw(st.just("") | words(9, 2)),
        interest_cents=draw(st.just(0) | cents),
        adjustments=adjusted,
        remarks=tuple(draw(st.lists(remarks, max_size=5))),
        lines=lines,
    )


@st.composite
def payments_to_write(draw: st.DrawFn) -> PaymentToWrite:
    claims = tuple(draw(claim_payments(ordinal)) for ordinal in range(1, draw(st.integers(0, 3)) + 1))
    provider_adjustments = tuple(draw(st.lists(recoveries, max_size=8)))
    paid = sum(claim.paid_cents for claim in claims) - sum(one.cents for one in provider_adjustments)
    method = draw(st.sampled_from(["ACH", "BOP", "CHK", "FWT", "NON"]))
    by_bank = method in ("ACH", "BOP", "FWT")
    header = PaymentHeader(
        handling=draw(st.sampled_from("CDHIPUX")),
        paid_cents=abs(paid),
        direction="D" if paid < 0 else "C",
        method=method,
        paid_on=draw(days),
        trace_number=draw(words()),
        originator=draw(digits(10)),
        payer_name=draw(words()),
        payer_identifier=draw(maybe_words),
        payee_name=draw(words()),
        payee_identifier=draw(digits(9) | digits(10)),
        produced_on=draw(maybe_days),
    )
    return PaymentToWrite(
        header,
        draw(addresses),
        HELP,
        claims,
        provider_adjustments,
        draw(st.none() | addresses),
        Transfer(*(draw(words(9, 9)) for _ in range(4))) if by_bank else None,
        draw(maybe_words),
    )


def payments() -> st.SearchStrategy[list[PaymentToWrite]]:
    """One interchange's payments."""
    return st.lists(payments_to_write(), min_size=1, max_size=2)
