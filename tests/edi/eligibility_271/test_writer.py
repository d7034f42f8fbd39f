"""An answer that is written is read back to what it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.eligibility_271.answer import (
    Benefit,
    Communication,
    Condition,
    DatedPeriod,
    Delivery,
    EligibilityAnswer,
    Identity,
    Member,
    Reference,
    Rejection,
    RelatedEntity,
    Trace,
    Where,
)
from billing.edi.eligibility_271.reader import read_271
from billing.edi.eligibility_271.writer import encode_271
from billing.edi.findings import Finding
from billing.edi.parties import Address, Organisation, Person, Sex
from tests.edi.answers_on_stage import COVER, TO_US
from tests.edi.strategies import dates, people, words

maybe = st.just("") | words(8)
ENTITY = st.builds(
    RelatedEntity,
    st.builds(Identity, st.sampled_from(["P3", "PRP", "X3", "13"]), people, st.just("PI"), words(8, 2)),
    st.none() | st.builds(Address, words(), words(8, 2), st.just("OR"), st.just("97214")),
    st.just(()) | st.tuples(st.builds(Communication, words(), st.just((("TE", "8005550101"),)))),
    st.sampled_from(["", "171100000X"]),
)
NUMBER = st.none() | st.integers(0, 9999).map(lambda cents: Decimal(cents).scaleb(-2).normalize())
BENEFIT = st.builds(
    Benefit,
    st.sampled_from(["1", "A", "B", "C", "CB", "F", "G", "I", "MC"]),
    st.sampled_from(["", "IND", "FAM"]),
    st.sampled_from([(), ("30",), ("64",), ("30", "64", "98")]),
    st.sampled_from(["", "HM", "C1"]),
    maybe,
    st.sampled_from(["", "23", "29", "27"]),
    st.none() | st.integers(0, 10**8),
    NUMBER,
    st.sampled_from(["", "VS"]),
    NUMBER,
    st.sampled_from(["", "Y", "N", "U"]),
    st.sampled_from(["", "Y", "N", "W"]),
    st.sampled_from([(), ("HC", "97810"), ("HC", "97810", "GP")]),
    deliveries=st.just(()) | st.tuples(st.builds(Delivery, st.just("VS"), NUMBER, period=st.just("23"))),
    references=st.just(()) | st.tuples(st.builds(Reference, st.just("G1"), words(8))),
    dates=st.just(()) | st.tuples(dates.map(lambda day: DatedPeriod("348", day, day))),
    rejections=st.just(()) | st.just((Rejection(Where.BENEFIT, "62", "C", False),)),
    messages=st.lists(words(), max_size=2).map(tuple),
    conditions=st.just(()) | st.just((Condition("ZZ", "11"), Condition("GR", "06", "44", "NECK"))),
    entities=st.lists(ENTITY, max_size=2).map(tuple),
)


def unplaced(answer: EligibilityAnswer) -> EligibilityAnswer:
    """Without the places of its rows in the source."""
    return replace(answer, benefits=tuple(replace(row, position=0) for row in answer.benefits))


def written_and_read(answer: EligibilityAnswer) -> EligibilityAnswer:
    findings: list[Finding] = []
    (read,) = read_271(encode_271([answer], TO_US), findings)
    assert findings == []
    return unplaced(read)


def test_the_answer_on_stage_comes_back_whole() -> None:
    (answer,) = read_271(COVER, [])

    assert written_and_read(answer) == unplaced(answer)


@given(st.lists(BENEFIT, max_size=5))
def test_every_row_that_can_be_written_is_read_back_as_it_was(rows: list[Benefit]) -> None:
    answer = EligibilityAnswer(
        reference="ASK-1",
        produced_on=date(2026, 4, 1),
        payer=Identity("PR", Organisation("CEDAR HEALTH PLAN"), "PI", "CEDAR1"),
        receiver=Identity("1P", Organisation("WILLOW BARK"), "XX", "1234567893"),
        subscriber=Member(Identity("IL", Person("FINCH", "ODIN"), "MI", "CH9")),
        dependent=Member(Identity("03", Person("FINCH", "IVY")), date(2012, 8, 9), Sex.FEMALE, relationship="19"),
        traces=(Trace("2", "T-1", "1931234567"), Trace("1", "P-1", "9CEDAR0000")),
        rejections=tuple(one for row in rows for one in row.rejections),
        benefits=tuple(rows),
    )

    assert written_and_read(answer) == answer


@pytest.mark.parametrize("where", [Where.PAYER, Where.RECEIVER, Where.SUBSCRIBER])
def test_a_rejection_stands_at_its_level(where: Where) -> None:
    (answer,) = read_271(COVER, [])
    rejected = replace(answer, rejections=(Rejection(where, "42", "R", True),), benefits=())

    assert written_and_read(rejected).rejections == rejected.rejections


def test_an_interchange_without_an_answer_is_none() -> None:
    with pytest.raises(ValueError, match="without a transaction set"):
        encode_271([], TO_US)
