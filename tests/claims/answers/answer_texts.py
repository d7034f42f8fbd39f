"""Answers as they come from outside, written by hand: TA1, 999, 277CA and 277 as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

ON = date(2026, 4, 1)
"""When they are written, the day after the claims were filed."""


def interchange(body: str, *, number: int = 1, on: date = ON) -> bytes:
    """An interchange around complete groups, or around TA1 segments."""
    groups = body.count("GS*")
    return (
        f"ISA*00*          *00*          *ZZ*CLEARINGHOUSE  *ZZ*STILL01        *{on:%y%m%d}*0800*^*00501*{number:09d}"
        f"*0*T*:~\n{body}IEA*{groups}*{number:09d}~\n"
    ).encode()


def group(kind: str, sets: Sequence[tuple[str, str, str]], *, number: int = 1, on: date = ON) -> str:
    """A functional group around transaction sets, each as its id, its version and its content."""
    texts = [
        f"ST*{set_id}*{place:04d}*{version}~\n{body}SE*{body.count('~') + 2}*{place:04d}~\n"
        for place, (set_id, version, body) in enumerate(sets, start=1)
    ]
    version = sets[0][1]
    head = f"GS*{kind}*CLEARINGHOUSE*STILL01*{on:%Y%m%d}*0800*{number}*X*{version}~\n"
    return f"{head}{''.join(texts)}GE*{len(texts)}*{number}~\n"


def ta1(file_number: int, decision: str = "A", note: str = "000", *, number: int = 1, on: date = ON) -> bytes:
    """A TA1 about one of our interchanges."""
    return interchange(f"TA1*{file_number:09d}*260331*1300*{decision}*{note}~\n", number=number, on=on)


def a999(
    file_number: int,
    of_set: str = "A",
    of_group: str = "",
    *,
    errors: str = "",
    number: int = 1,
    on: date = ON,
    functional_id: str = "HC",
) -> bytes:
    """A 999 about our one transaction set in one of our groups; ``of_set`` empty leaves the set unmentioned."""
    mentioned = f"AK2*837*0001*005010X222A1~\n{errors}IK5*{of_set}~\n" if of_set else ""
    decision = of_group or of_set
    accepted = 0 if decision in "RP" else 1
    body = f"AK1*{functional_id}*{file_number}*005010X222A1~\n{mentioned}AK9*{decision}*1*1*{accepted}~\n"
    return interchange(group("FA", [("999", "005010X231A1", body)], number=number, on=on), number=number, on=on)


def stc(code: str, on: date | None = ON, action: str = "WQ", message: str = "") -> str:
    """One statement; ``code`` may join up to three statuses by blanks."""
    first, *further = code.split()
    second, third = [*further, "", ""][:2]
    day = f"{on:%Y%m%d}" if on else ""
    fields = ["STC", first, day, action, "165", "", "", "", "", "", second, third, message]
    return "*".join(fields).rstrip("*") + "~\n"


REJECTED = stc("A3:33", action="U")
"""Returned, because the patient is not known."""


def a277ca(
    claims: Sequence[tuple[str, str]],
    *,
    file_number: int = 1,
    receiver: str = "",
    provider: str = "",
    reference: str = "CA-1",
    on: date = ON,
) -> bytes:
    """A 277CA: each claim as its control number and what is said of it; ``receiver`` speaks of the whole file."""
    body = (
        f"BHT*0085*08*{reference}*{on:%Y%m%d}*0800*TH~\n"
        "HL*1**20*1~\nNM1*PR*2*EXAMPLE HEALTH*****PI*12345~\nTRN*1*P-1~\n"
        f"DTP*050*D8*{on:%Y%m%d}~\nDTP*009*D8*{on:%Y%m%d}~\n"
        "HL*2*1*21*1~\nNM1*41*2*STILL WATER*****46*STILL01~\n"
        f"TRN*2*{file_number:09d}~\n{receiver or stc('A1:20')}"
        f"HL*3*2*19*1~\nNM1*85*2*STILL WATER*****XX*1900000017~\nTRN*1*0~\n{provider}"
    )
    for level, (control_number, said) in enumerate(claims, start=4):
        body += f"HL*{level}*3*PT~\nNM1*QC*1*DOE*JO****MI*M1~\nTRN*2*{control_number}~\n{said}DTP*472*D8*20260303~\n"
    return interchange(group("HN", [("277", "005010X214", body)], on=on), on=on)


def a277(control_number: str, said: str, *, trace: str = "T-1", reference: str = "RS-1", on: date = ON) -> bytes:
    """A 277 in answer to a question about one claim."""
    body = (
        f"BHT*0010*08*{reference}*{on:%Y%m%d}*0800*DG~\n"
        "HL*1**20*1~\nNM1*PR*2*EXAMPLE HEALTH*****PI*12345~\n"
        "HL*2*1*21*1~\nNM1*41*2*STILL WATER*****46*STILL01~\n"
        "HL*3*2*19*1~\nNM1*1P*2*STILL WATER*****XX*1900000017~\n"
        f"HL*4*3*22*0~\nNM1*IL*1*DOE*JO****MI*M1~\nTRN*2*{trace}~\n{said}REF*EJ*{control_number}~\n"
        "DTP*472*D8*20260303~\n"
    )
    return interchange(group("HN", [("277", "005010X212", body)], on=on), on=on)
