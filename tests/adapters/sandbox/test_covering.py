"""The pretended payer answers questions about cover: the same member, the same plan, and some of every trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.adapters.clearinghouse_sandbox import SandboxClearinghouse
from billing.adapters.sandbox.answering_about_cover import answers_about_cover
from billing.coverage.eligibility.reading.facts import Circumstances, FactKind, Reading
from billing.coverage.eligibility.reading.reading import reading_of
from billing.edi.eligibility_270.writer import encode_270
from billing.edi.eligibility_271.answer import EligibilityAnswer
from billing.edi.eligibility_271.reader import read_271
from billing.edi.findings import Finding
from billing.errors import NotDelivered
from tests.edi.eligibility_270.questions_on_stage import FROM_US, IVY, ROSA


def answers(*members: str, seed: str = "1") -> list[EligibilityAnswer]:
    asked = [
        replace(ROSA, trace=f"T-{member}", subscriber=replace(ROSA.subscriber, member_id=member)) for member in members
    ]
    findings: list[Finding] = []
    found = read_271(answers_about_cover(encode_270(asked, FROM_US), seed), findings)
    assert findings == []
    return found


def read(answer: EligibilityAnswer) -> Reading:
    return reading_of(answer, Circumstances(date(2026, 4, 2), True))


def test_the_same_member_has_the_same_plan_whenever_and_with_whomever_it_is_asked_about() -> None:
    alone, among = answers("M7")[0], answers("M1", "M7", "M9")[1]

    assert alone.benefits == tuple(replace(row, position=own.position) for row, own in
                                   zip(among.benefits, alone.benefits, strict=True))  # fmt: skip
    assert answers("M7")[0] == alone


def test_every_answer_repeats_the_trace_of_its_question() -> None:
    assert [answer.traces[0].number for answer in answers("M1", "M2")] == ["T-M1", "T-M2"]


def test_a_dependent_is_answered_as_the_patient() -> None:
    (answer,) = read_271(answers_about_cover(encode_270([IVY], FROM_US), "1"), [])

    assert answer.patient is answer.dependent
    assert answer.patient is not None
    assert answer.patient.birth_date == date(2012, 8, 9)


def test_among_many_members_everything_happens_that_payers_do() -> None:
    found = [read(one) for one in answers(*(f"M{number}" for number in range(400)))]

    covered = [one.value(FactKind.COVERED) for one in found]
    assert covered.count(True) > 250
    assert {True, False, None} == set(covered)
    assert any(one.is_rejected for one in found)
    assert any(one.conflicts for one in found)
    assert any(one.value(FactKind.AUTHORISATION) for one in found)
    assert any(one.value(FactKind.ACTIVE) is False for one in found)
    assert any(note.kind == "limit in text" for one in found for note in one.notes)
    assert any(note.kind == "shared" for one in found for note in one.notes)
    assert any(fact.remarks for one in found for fact in one.facts)


@pytest.mark.parametrize("content", [b"", b"ISA*nothing", b"%PDF-1.7", b"ST*270*1~"])
def test_what_is_no_question_is_not_answered(content: bytes, tmp_path: Path) -> None:
    sandbox = SandboxClearinghouse(tmp_path / "claims", tmp_path / "answers", tmp_path / "payer", "1")

    assert answers_about_cover(content, "1") == b""
    with pytest.raises(NotDelivered):
        sandbox.ask(content)


def test_a_file_of_questions_is_answered_next_to_the_answers_to_claims(tmp_path: Path) -> None:
    sandbox = SandboxClearinghouse(tmp_path / "claims", tmp_path / "answers", tmp_path / "payer", "1")
    content = encode_270([ROSA, IVY], FROM_US)

    sandbox.submit("20260401-000000042.270", content)

    (file,) = (tmp_path / "answers").iterdir()
    assert file.name == "20260401-000000042.271"
    assert file.read_bytes() == sandbox.ask(content)
