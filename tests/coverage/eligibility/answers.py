"""Rows of answers as a payer writes them, read in one line."""

from __future__ import annotations

from datetime import date

from billing.coverage.eligibility.reading.facts import Circumstances, FactKind, Reading, Value
from billing.coverage.eligibility.reading.reading import reading_of
from billing.edi.eligibility_271.reader import read_271
from tests.edi.answers_on_stage import answer_of

ON = date(2026, 3, 3)
_WHO = ("HL*3*2*22*0", "NM1*IL*1*FINCH*ROSA****MI*CH1")


def reading(*segments: str, in_network: bool | None = True, on: date = ON) -> Reading:
    """The reading of an answer with these segments below the subscriber's name."""
    (answer,) = read_271(answer_of(*_WHO, *segments), [])
    return reading_of(answer, Circumstances(on, in_network))


def value(kind: FactKind, *segments: str, in_network: bool | None = True, on: date = ON) -> Value:
    """What such an answer tells of one fact."""
    return reading(*segments, in_network=in_network, on=on).value(kind)
