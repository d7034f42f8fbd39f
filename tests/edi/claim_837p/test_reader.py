from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.claim_837p.claim import ClaimBatch, Relationship
from billing.edi.claim_837p.reader import read_837p
from billing.edi.claim_837p.writer import encode_837p
from billing.errors import Severity
from tests.edi.claims_on_stage import BACK_PAIN, ENVELOPE, VARIANTS, batch_of
from tests.edi.strategies import batches

EVERYTHING = encode_837p(batch_of(*VARIANTS.values()), ENVELOPE).decode()
BACK_PAIN_FILE = encode_837p(batch_of(BACK_PAIN), ENVELOPE).decode()


def in_order(batch: ClaimBatch) -> ClaimBatch:
    return replace(batch, claims=tuple(sorted(batch.claims, key=lambda claim: claim.control_number)))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_written_claim_is_read_back_unchanged(name: str) -> None:
    batch = batch_of(VARIANTS[name])

    assert read_837p(encode_837p(batch, ENVELOPE)) == ([batch], [])


@given(batches())
def test_any_sound_batch_is_read_back_unchanged(batch: ClaimBatch) -> None:
    read, findings = read_837p(encode_837p(batch, ENVELOPE))

    assert [in_order(one) for one in read] == [in_order(batch)]
    assert findings == []


def test_other_separators_and_line_ends_read_the_same() -> None:
    translated = EVERYTHING.replace("~\n", "\x00").translate(str.maketrans("*:^\x00", "|>!\r"))

    assert read_837p(translated.encode()) == read_837p(EVERYTHING)


def test_lawful_segments_without_a_place_in_the_values_are_told_and_weigh_nothing() -> None:
    text = BACK_PAIN_FILE.replace("HI*", "CR2********A**CHRONIC PAIN~\nHI*").replace("SE*34*", "SE*35*")

    batches_read, findings = read_837p(text)

    assert batches_read == [batch_of(BACK_PAIN)]
    assert [(finding.rule, finding.severity, finding.segment) for finding in findings] == [
        ("segment.not_carried", Severity.INFO, "CR2")
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("DTP*472*D8*20260302", "DTP*472*D8*20260230", "value.unreadable"),
        ("DTP*472*D8*20260302~\n", "", "value.unreadable"),
        ("SV1*HC:97810*85*", "SV1*HC:97810*EIGHTY*", "value.unreadable"),
        ("*145.5*", "**", "value.unreadable"),
    ],
)
def test_a_claim_that_makes_no_sense_is_left_out_and_told(right: str, wrong: str, rule: str) -> None:
    (batch,), findings = read_837p(BACK_PAIN_FILE.replace(right, wrong, 1))

    assert batch.claims == ()
    assert {rule, "claim.left_out"} <= {finding.rule for finding in findings}


def test_a_patient_without_birth_date_is_left_out_but_not_the_neighbours() -> None:
    of_child = VARIANTS["a_child_of_the_subscriber"]
    text = encode_837p(batch_of(of_child, BACK_PAIN), ENVELOPE).decode()

    (batch,), findings = read_837p(text.replace("DMG*D8*20111231*F~\n", ""))

    assert batch.claims == (BACK_PAIN,)
    assert "claim.left_out" in {finding.rule for finding in findings}


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("HL*2*1*22*0", "HL*3*1*22*0", "hierarchy.number"),
        ("HL*2*1*22*0", "HL*2*9*22*0", "hierarchy.parent"),
        ("HL*2*1*22*0", "HL*2*1*22*1", "hierarchy.child"),
        ("SBR*P*18*", "SBR*P**", "hierarchy.patient"),
        ("LX*2~", "LX*1~", "line.number"),
        ("SV1*HC:97810*85*UN*", "SV1*HC:97810*85*MJ*", "line.not_units"),
        (":B:1*", ":B:6*", "value.code_unknown"),
        ("*145.5*", "*145.6*", "x12.total"),
        ("*XX*1234567893", "*XX*123456789", "x12.npi"),
        ("*975201234", "*97520", "x12.billing_zip"),
        ("***1:2~", "***1:3~", "x12.pointers"),
        ("ABK:M5450", "ABK:M54.50", "x12.diagnosis_form"),
        ("CLM*", "CLM*" + "9" * 32, "element.length"),
    ],
)
def test_a_fault_is_found_and_the_claim_still_read(right: str, wrong: str, rule: str) -> None:
    (batch,), findings = read_837p(BACK_PAIN_FILE.replace(right, wrong, 1))

    assert len(batch.claims) == 1
    assert rule in {finding.rule for finding in findings}


def test_an_unknown_relationship_is_read_as_other() -> None:
    text = encode_837p(batch_of(VARIANTS["a_child_of_the_subscriber"]), ENVELOPE).decode()

    (batch,), findings = read_837p(text.replace("PAT*19", "PAT*99"))

    assert batch.claims[0].patient is not None
    assert batch.claims[0].patient.relationship is Relationship.OTHER
    assert {finding.rule for finding in findings} == {"element.code", "value.code_unknown"}


def test_claims_of_other_kinds_are_passed_over_and_told() -> None:
    batches_read, findings = read_837p(BACK_PAIN_FILE.replace("X222A1", "X223A3"))

    assert batches_read == []
    assert [finding.rule for finding in findings] == ["transaction.other_kind"]


def test_a_file_without_envelopes_still_gives_its_claims() -> None:
    bare = BACK_PAIN_FILE[BACK_PAIN_FILE.index("BHT") : BACK_PAIN_FILE.index("\nSE*") + 1]

    (batch,), findings = read_837p(bare)

    assert batch == batch_of(BACK_PAIN)
    assert "transaction.header_missing" in {finding.rule for finding in findings}


@given(st.data())
def test_no_damage_to_a_file_makes_the_reader_fail(data: st.DataObject) -> None:
    segments = EVERYTHING.split("~\n")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(segments) - 1))
        damage = data.draw(st.sampled_from(["lose", "double", "swap", "cut", "scramble"]))
        if damage == "lose":
            del segments[place]
        elif damage == "double":
            segments.insert(place, segments[place])
        elif damage == "swap":
            segments[place], segments[-place] = segments[-place], segments[place]
        elif damage == "cut":
            segments[place] = segments[place][: data.draw(st.integers(0, 12))]
        else:
            parts = segments[place].split("*")
            parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(st.text(max_size=9))
            segments[place] = "*".join(parts)

    batches_read, findings = read_837p("~\n".join(segments).encode())

    assert isinstance(batches_read, list)
    assert isinstance(findings, list)
