"""A payer on stage: it answers claims that were really filed, in 835 files that add up, or do not on purpose.

A line's decision is written as what was *not* paid, ``{"CO-45": 5000, "PR-1": 3000}`` in cents; what is left
of the charge is paid. Every cell can be changed, for a test to say what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Any

from billing.edi.claim_837p.claim import ProfessionalClaim, ServiceLine
from billing.money import text_from_cents

Adjustments = Mapping[str, int]
PAID_ON = date(2026, 4, 10)
PAYER_NAME, PAYER_NUMBER, TAX_NUMBER = "EXAMPLE HEALTH", "EX0001", "1931111111"

_numbers = count(1)


@dataclass(frozen=True)
class PaidLine:
    """An SVC and what belongs to it."""

    procedure: str
    """As the payer judged it: ``97810:GP``."""
    charge_cents: int
    paid_cents: int
    adjustments: tuple[tuple[str, int], ...] = ()
    control_number: str = ""
    on: date | None = None
    submitted: str = ""
    """SVC06, when the payer changed the procedure."""
    remarks: tuple[str, ...] = ()

    def segments(self) -> list[str]:
        submitted = f"**HC:{self.submitted}" if self.submitted else ""
        return [
            f"SVC*HC:{self.procedure}*{_amount(self.charge_cents)}*{_amount(self.paid_cents)}{submitted}",
            *([f"DTM*472*{self.on:%Y%m%d}"] if self.on else []),
            *_cas(self.adjustments),
            *([f"REF*6R*{self.control_number}"] if self.control_number else []),
            *(f"LQ*HE*{remark}" for remark in self.remarks),
        ]


@dataclass(frozen=True)
class Answer:
    """A CLP and what belongs to it."""

    control_number: str
    status: str
    charge_cents: int
    paid_cents: int
    lines: tuple[PaidLine, ...] = ()
    adjustments: tuple[tuple[str, int], ...] = ()
    """At the claim."""
    payer_claim_number: str = "PCN1"
    last_name: str = "OKORO"
    member_id: str = ""
    remarks: tuple[str, ...] = ()
    on: date | None = None

    def segments(self) -> list[str]:
        told = (*self.adjustments, *(each for line in self.lines for each in line.adjustments))
        patient = sum(cents for reason, cents in told if reason.startswith("PR-"))
        return [
            f"CLP*{self.control_number}*{self.status}*{_amount(self.charge_cents)}*{_amount(self.paid_cents)}"
            f"*{_amount(patient)}*CI*{self.payer_claim_number}",
            *_cas(self.adjustments),
            f"NM1*QC*1*{self.last_name}*MIRI****{f'MI*{self.member_id}' if self.member_id else '*'}".rstrip("*"),
            *([f"MOA***{'*'.join(self.remarks)}"] if self.remarks else []),
            *([f"DTM*232*{self.on:%Y%m%d}"] if self.on else []),
            *(segment for line in self.lines for segment in line.segments()),
        ]


def answer(claim: ProfessionalClaim, *decided: Adjustments, status: str = "1", **changes: Any) -> Answer:
    """A decision on the first lines of a filed claim, one for each of ``decided``."""
    lines = tuple(paid_line(line, one) for line, one in zip(claim.lines, decided, strict=False))
    whole = Answer(
        claim.control_number,
        status,
        sum(line.charge_cents for line in lines),
        sum(line.paid_cents for line in lines),
        lines,
    )
    return replace(whole, **changes)


def paid_line(line: ServiceLine, adjustments: Adjustments) -> PaidLine:
    return PaidLine(
        ":".join((line.procedure, *line.modifiers)),
        line.charge_cents,
        line.charge_cents - sum(adjustments.values()),
        tuple(adjustments.items()),
        line.control_number,
        line.service_on,
    )


def answer_as_a_whole(claim: ProfessionalClaim, adjustments: Adjustments, status: str = "1") -> Answer:
    """A decision on a filed claim that names no lines."""
    paid = claim.total_cents - sum(adjustments.values())
    return Answer(claim.control_number, status, claim.total_cents, paid, adjustments=tuple(adjustments.items()))


def reversal(of: Answer) -> Answer:
    """The same amounts with the sign turned."""
    return replace(
        of,
        status="22",
        charge_cents=-of.charge_cents,
        paid_cents=-of.paid_cents,
        adjustments=_turned(of.adjustments),
        lines=tuple(
            replace(
                line,
                charge_cents=-line.charge_cents,
                paid_cents=-line.paid_cents,
                adjustments=_turned(line.adjustments),
            )
            for line in of.lines
        ),
    )


@dataclass(frozen=True)
class Payment:
    """An ST to SE: what is not said is worked out so that it adds up."""

    answers: Sequence[Answer]
    trace: str = ""
    paid_cents: int | None = None
    """BPR02, below zero when the payer takes; worked out unless a test says something else."""
    provider_adjustments: tuple[tuple[str, int], ...] = ()
    """PLB, such as ``("WO:PCN1", 1000)``."""
    method: str = "ACH"
    handling: str = "I"
    paid_on: date = PAID_ON
    payer_name: str = PAYER_NAME
    payer_number: str = PAYER_NUMBER
    originator: str = TAX_NUMBER

    @property
    def brings_cents(self) -> int:
        if self.paid_cents is not None:
            return self.paid_cents
        return sum(one.paid_cents for one in self.answers) - sum(cents for _, cents in self.provider_adjustments)

    def segments(self, number: int) -> list[str]:
        brings = self.brings_cents
        way = "D" if brings < 0 else "C"
        method = self.method if brings else "NON"
        adjustments = "".join(f"*{reason}*{_amount(cents)}" for reason, cents in self.provider_adjustments)
        body = [
            f"BPR*{self.handling}*{_amount(abs(brings))}*{way}*{method}************{self.paid_on:%Y%m%d}",
            *([f"TRN*1*{self.trace}*{self.originator}"]),
            f"DTM*405*{self.paid_on:%Y%m%d}",
            f"N1*PR*{self.payer_name}*XV*{self.payer_number}",
            "N3*PO BOX 100",
            "N4*SALEM*OR*97301",
            "PER*BL*HELP*TE*5035550199",
            "N1*PE*STILL WATER ACUPUNCTURE*XX*1234567893",
            "LX*1",
            *(segment for one in self.answers for segment in one.segments()),
            *([f"PLB*1234567893*20261231{adjustments}"] if adjustments else []),
        ]
        return [f"ST*835*{number:04d}", *body, f"SE*{len(body) + 2}*{number:04d}"]


def pays(*answers: Answer, **changes: Any) -> Payment:
    """A payment for these answers, under a number of its own."""
    return replace(Payment(answers, f"TRACE{next(_numbers):05d}"), **changes)


def file_of(*payments: Payment, interchange: int = 1) -> bytes:
    """One interchange with a payment in each transaction set."""
    sets = [payment.segments(number) for number, payment in enumerate(payments, start=1)]
    segments = [
        f"ISA*00*          *00*          *ZZ*EXAMPLEPAYER   *ZZ*STILL01        *260410*0800*^*00501*{interchange:09d}"
        "*0*T*:",
        f"GS*HP*EXAMPLEPAYER*STILL01*20260410*0800*{interchange}*X*005010X221A1",
        *(segment for one in sets for segment in one),
        f"GE*{len(sets)}*{interchange}",
        f"IEA*1*{interchange:09d}",
    ]
    return "".join(f"{segment}~\n" for segment in segments).encode()


def _turned(adjustments: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    return tuple((reason, -cents) for reason, cents in adjustments)


def _cas(adjustments: Sequence[tuple[str, int]]) -> list[str]:
    return [f"CAS*{reason.replace('-', '*', 1)}*{_amount(cents)}" for reason, cents in adjustments]


def _amount(cents: int) -> str:
    return text_from_cents(cents)
