"""One claim is cut out of a file with everything it depends on, and every segment of it says what it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.edi.claim_837p.excerpt import LOOPS, explained, segments_of, written_segments
from billing.edi.claim_837p.writer import encode_837p
from billing.edi.segments import Segment
from tests.edi.claims_on_stage import BACK_PAIN, DAUGHTER, ENVELOPE, PARENT, SOLO, SON, VARIANTS, batch_of

FAMILY = {
    "F1": replace(BACK_PAIN, control_number="F1", subscriber=PARENT, patient=DAUGHTER),
    "F2": replace(BACK_PAIN, control_number="F2", billing_provider=SOLO, rendering=None),
    "F3": replace(BACK_PAIN, control_number="F3", subscriber=PARENT, patient=SON),
    "F4": replace(BACK_PAIN, control_number="F4"),
    "F5": replace(BACK_PAIN, control_number="F5", subscriber=PARENT, patient=DAUGHTER),
}


def without_levels(segments: list[Segment]) -> list[str]:
    """Levels are numbered through a file, so they differ from those of a claim that stands alone."""
    return ["*".join(segment.parts) for segment in segments if segment.id != "HL"]


@pytest.mark.parametrize("number", FAMILY)
def test_a_claim_out_of_a_file_of_many_is_what_it_would_be_alone(number: str) -> None:
    file = encode_837p(batch_of(*FAMILY.values()), ENVELOPE)

    found = segments_of(file, number)

    assert without_levels(found) == without_levels(written_segments(FAMILY[number]))


@pytest.mark.parametrize("name", VARIANTS)
def test_every_segment_that_we_write_is_explained_and_in_its_place(name: str) -> None:
    segments = written_segments(VARIANTS[name])

    told = explained(segments)

    assert [one.text for one in told] == ["*".join(segment.parts) + "~" for segment in segments]
    assert [one.text for one in told if not one.meaning] == []
    assert {one.loop for one in told} <= LOOPS.keys()


def test_a_loop_is_named_where_it_begins() -> None:
    told = explained(written_segments(BACK_PAIN))

    begins = [(one.text.partition("*")[0], one.begins) for one in told if one.begins]

    assert begins[:2] == [("HL", "Who bills"), ("NM1", "Billing provider")]
    assert ("CLM", "Claim") in begins
    assert sum(words == "Service line" for _, words in begins) == len(BACK_PAIN.lines)


def test_a_claim_that_is_not_in_the_file_has_no_segments() -> None:
    file = encode_837p(batch_of(BACK_PAIN), ENVELOPE)

    assert segments_of(file, "NOBODY") == []


@pytest.mark.parametrize("content", [b"", b"no X12 at all", b"ISA*00*"])
def test_a_file_that_is_none_has_no_claims(content: bytes) -> None:
    assert segments_of(content, "F1") == []


def test_a_claim_that_cannot_be_written_is_refused() -> None:
    broken: ProfessionalClaim = replace(BACK_PAIN, note="a tilde ~ ends segments")

    with pytest.raises(ValueError, match="NTE"):
        written_segments(broken)
