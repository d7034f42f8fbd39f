"""Where the segments of an 835 belong and what is taken from them (X12 005010X221A1), as tables.

There is one table for each part of a payment: before its claims (``HEADER``), between them (``DETAIL``),
inside a claim (``CLAIM``, loop 2100), inside a line (``LINE``, loop 2110), and after the last claim
(``FOOTER``). A table says for each segment id what goes from it into which field; ``nothing`` marks what
is lawful there but not carried, and so are the qualifiers that a row does not name.
"""

from __future__ import annotations

from billing.edi.remittance_835.places import (
    MOST_TRIPLES,
    Place,
    Record,
    adjustments,
    amount,
    days,
    names,
    nothing,
    reference,
    remarks,
    without,
)
from billing.edi.remittance_835.remittance import ClaimPayment, PaymentHeader, ServicePayment
from billing.edi.remittance_835.values import DAYS, Procedures, cents
from billing.errors import Severity

_header = PaymentHeader._fields.index
_claim = ClaimPayment._fields.index
_line = ServicePayment._fields.index


def _payment(record: Record, parts: list[str]) -> None:
    """BPR."""
    paid_on = DAYS[parts[16]] if len(parts) > 16 else None
    record[: _header("paid_on") + 1] = [parts[1], cents(parts[2]), parts[3] or "C", parts[4], paid_on]


def _trace(record: Record, parts: list[str]) -> None:
    """TRN."""
    number, originator = parts[2].strip(), parts[3].strip() if len(parts) > 3 else ""
    if not number:
        raise ValueError("a payment without a number")
    record[_header("trace_number")], record[_header("originator")] = number, originator


def _provider_adjustments(record: Record, parts: list[str]) -> None:
    """PLB: a provider, a fiscal year's end, then up to six times a reason with its reference, and an amount.

    The record is a list of (provider, reason with reference, cents): separators are for the reader to know.
    """
    rest = parts[3:]
    while rest and not rest[-1]:
        rest.pop()
    if not rest or len(rest) > 2 * MOST_TRIPLES or len(rest) % 2:
        raise ValueError("a PLB without an adjustment, with half of one, or with too many")
    pairs = [(reason, amount) for reason, amount in zip(rest[::2], rest[1::2], strict=True) if reason or amount]
    if not all(reason for reason, _ in pairs):
        raise ValueError("an adjustment without its reason")
    record += [(parts[1].strip(), reason, cents(amount)) for reason, amount in pairs]


def open_claim(parts: list[str]) -> Record:
    """CLP: a claim payment under way; ordinal and position are for the caller to fill in."""
    charge, paid, of_patient = cents(parts[3]), cents(parts[4]), cents(parts[5] or "0")
    number, payer_number = parts[1].strip(), parts[7].strip()
    known = (number, parts[2], charge, paid, of_patient, payer_number, parts[6])
    return [0, *known, None, None, "", "", "", "", 0, (), (), [], 0]


def open_line(procedures: Procedures, parts: list[str]) -> Record:
    """SVC: a service payment under way."""
    count = len(parts)
    submitted = procedures[parts[6]] if count > 6 and parts[6] else None
    units = parts[5] if count > 5 else ""
    procedure, charge, paid = procedures[parts[1]], cents(parts[2]), cents(parts[3])
    return [procedure, charge, paid, submitted, units, None, None, "", (), (), None]


HEADER: dict[str, Place] = {
    "BPR": _payment,
    "TRN": _trace,
    "DTM": days({"405": _header("produced_on")}),
    "N1": names(
        {
            "PR": {2: _header("payer_name"), 4: _header("payer_identifier")},
            "PE": {2: _header("payee_name"), 4: _header("payee_identifier")},
        }
    ),
    "REF": reference("2U", _header("payer_identifier")),
    **dict.fromkeys(("ST", "NTE", "CUR", "N3", "N4", "PER", "RDM"), nothing),
}
"""Into a :class:`PaymentHeader`."""

DETAIL: dict[str, Place] = dict.fromkeys(("TS2", "TS3"), nothing)

CLAIM: dict[str, Place] = {
    "CAS": adjustments(_claim("adjustments")),
    "NM1": names(
        {
            "QC": {
                3: _claim("patient_last_name"),
                4: _claim("patient_first_name"),
                9: _claim("patient_identifier"),
            },
            "IL": {9: _claim("patient_identifier")},
            "TT": {3: _claim("forwarded_to")},
        }
    ),
    "DTM": days({"232": _claim("service_from"), "233": _claim("service_through")}, without("150", "151", "472")),
    "AMT": amount("I", _claim("interest_cents"), without("B6")),
    "REF": without("6R"),
    "MIA": remarks(_claim("remarks"), 5, 20, 21, 22, 23),
    "MOA": remarks(_claim("remarks"), 3, 4, 5, 6, 7),
    **dict.fromkeys(("PER", "QTY"), nothing),
}
"""Into a :class:`ClaimPayment`, which :func:`open_claim` begins.

What only a line may have is refused here, because it tells that the SVC before it is lost.
"""

LINE: dict[str, Place] = {
    "DTM": days({"472": _line("service_on"), "150": _line("service_on"), "151": _line("service_through")}),
    "CAS": adjustments(_line("adjustments")),
    "REF": reference("6R", _line("control_number")),
    "AMT": amount("B6", _line("allowed_cents")),
    "LQ": remarks(_line("remarks"), 2, qualifier="HE"),
    "QTY": nothing,
}
"""Into a :class:`ServicePayment`, which :func:`open_line` begins."""

FOOTER: dict[str, Place] = {"PLB": _provider_adjustments}

REQUIRED: tuple[tuple[str, str, Severity], ...] = (
    ("BPR", "", Severity.BLOCK),
    ("TRN", "", Severity.BLOCK),
    ("N1", "PR", Severity.WARN),
    ("N1", "PE", Severity.WARN),
    ("PER", "BL", Severity.WARN),
)
"""What a header must have (id and qualifier), and how much its loss weighs."""

BEGINS_DETAIL = frozenset({"LX", "CLP", "SVC", "PLB", "SE"})
"""With one of these the header is over."""

CARRIES_MONEY = frozenset({"BPR", "TRN", "CLP", "SVC", "CAS", "PLB"})
"""Out of its place, or not to be understood, such a segment makes its payment unreliable."""

AMOUNTS_AT: dict[str, tuple[int, ...]] = {
    "BPR": (2,),
    "CLP": (3, 4, 5),
    "SVC": (2, 3),
    "AMT": (2,),
    "CAS": tuple(range(3, 3 * MOST_TRIPLES + 1, 3)),
    "PLB": tuple(range(4, 2 * MOST_TRIPLES + 3, 2)),
}
"""The elements that hold amounts."""

DAYS_AT: dict[str, tuple[int, ...]] = {"BPR": (16,), "DTM": (2,)}
"""The elements that hold days."""

NEEDED_AMOUNTS = {
    "BPR": {2: Severity.BLOCK},
    "CLP": {3: Severity.BLOCK, 4: Severity.BLOCK},
    "SVC": {2: Severity.WARN, 3: Severity.WARN},
}
"""Amounts that must be there. Some payers leave those of a line empty for zero; its sum tells whether that is so."""
