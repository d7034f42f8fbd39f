"""Which claim and which charges an answer means is told by numbers first, by likeness second, by a guess never."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Responsibility
from billing.edi.remittance_835.remittance import ClaimPayment, Procedure, ServicePayment
from billing.remittances.matching import Candidates, ClaimOnFile, LineOnFile, Match, NoMatch, Parties, comparable, match

DAY, OTHER_DAY = date(2026, 3, 3), date(2026, 3, 10)
FIRST = LineOnFile(11, "97810", ("GP",), 95_00, DAY)
SECOND = LineOnFile(12, "97811", (), 70_00, DAY)
CLAIM = ClaimOnFile(
    1, "MER1", 1, 7, DAY, None, Responsibility.PRIMARY, 1, "Example Health", ClaimState.SENT, 165_00,
    (FIRST, SECOND), frozenset({comparable("Okoro"), comparable("MEM-1")}),
)  # fmt: skip
LATER = replace(
    CLAIM, id=2, control_number="MER2", responsibility=Responsibility.SECONDARY, payer_id=2,
    payer_name="Second Health",
)  # fmt: skip
LAST = replace(
    CLAIM, id=3, control_number="MER3", responsibility=Responsibility.TERTIARY, payer_id=3,
    payer_name="Third Health",
)  # fmt: skip
FIRST_PAYER, SECOND_PAYER = Parties(frozenset({1}), True), Parties(frozenset({2}), True)
NOBODY_KNOWN = Parties(frozenset(), True)


def known(*claims: ClaimOnFile) -> Candidates:
    """These claims as candidates, their lines under ``<control number>L<position>``."""
    found = claims or (CLAIM,)
    lines = {
        f"{claim.control_number}L{number}": (claim, line)
        for claim in found
        for number, line in enumerate(claim.lines, start=1)
    }
    return Candidates({claim.control_number: claim for claim in found}, lines, {1: list(found)})


def line(charge: LineOnFile, number: str = "", **cells: Any) -> ServicePayment:
    """An answer to a charge that has the line control number ``number``."""
    procedure = Procedure("HC", charge.code, charge.modifiers)
    return ServicePayment(procedure, charge.cents, charge.cents, control_number=number)._replace(**cells)


def answer(*lines: ServicePayment, **cells: Any) -> ClaimPayment:
    told = sum(one.charge_cents for one in lines) if lines else CLAIM.total_cents
    return ClaimPayment(1, "MER1", "1", told, told, 0, lines=lines)._replace(**cells)


def charges(found: Match | NoMatch) -> list[int]:
    """The charges that are meant, in the claim's order."""
    assert isinstance(found, Match), found
    return [one.charge.charge_id for one in found.lines]


def why(found: Match | NoMatch) -> str:
    assert isinstance(found, NoMatch), found
    return found.why


def claim_id(found: Match | NoMatch) -> int:
    assert isinstance(found, Match), found
    return found.claim.id


@pytest.mark.parametrize("number", ["MER1", " mer1 "])
def test_a_claim_is_known_by_its_control_number(number: str) -> None:
    assert claim_id(match(answer(control_number=number), known(), FIRST_PAYER)) == 1


def test_a_claim_of_strangers_is_nobodys() -> None:
    strange = answer(line(FIRST), control_number="ELSE")

    assert why(match(strange, known(), FIRST_PAYER)) == "is not a claim of ours"


@pytest.mark.parametrize("told", [{"patient_last_name": "OKORO"}, {"patient_identifier": "mem1"}])
def test_without_its_number_it_is_known_by_a_line_when_total_and_person_agree(told: dict[str, str]) -> None:
    lines = (line(FIRST, "MER1L1"), line(SECOND, "MER1L2"))

    assert claim_id(match(answer(*lines, control_number="", **told), known(), FIRST_PAYER)) == 1


@pytest.mark.parametrize(
    "changes",
    [{}, {"patient_last_name": "QUILL", "patient_identifier": "OTHER"},
     {"patient_last_name": "OKORO", "charge_cents": 164_99}],
    ids=["nobody is named", "somebody else", "another total"],
)  # fmt: skip
def test_a_line_alone_is_not_enough(changes: dict[str, Any]) -> None:
    lines = (line(FIRST, "MER1L1"), line(SECOND, "MER1L2"))

    assert why(match(answer(*lines, control_number="", **changes), known(), FIRST_PAYER)) == "is not a claim of ours"


def test_lines_of_two_claims_point_to_neither() -> None:
    lines = (line(FIRST, "MER1L1"), line(SECOND, "MER2L2"))
    nameless = answer(*lines, control_number="", patient_last_name="OKORO")

    assert why(match(nameless, known(CLAIM, LATER), FIRST_PAYER)) == "is not a claim of ours"


def test_one_line_that_nobody_knows_makes_the_others_doubtful() -> None:
    lines = (line(FIRST, "MER1L1"), line(SECOND, "ELSE"))
    nameless = answer(*lines, control_number="", patient_last_name="OKORO")

    assert why(match(nameless, known(), FIRST_PAYER)) == "is not a claim of ours"


def test_lines_are_known_by_their_numbers_in_whatever_order() -> None:
    lines = (line(SECOND, "mer1l2"), line(FIRST, "MER1L1"))

    assert charges(match(answer(*lines), known(), FIRST_PAYER)) == [11, 12]


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [({}, True), ({"service_on": DAY}, True), ({"service_on": OTHER_DAY}, False), ({"charge_cents": 94_99}, False),
     ({"procedure": Procedure("HC", "97810")}, False), ({"procedure": Procedure("HC", "97813", ("GP",))}, False),
     ({"procedure": Procedure("HC", "97810", ("gp",))}, True)],
    ids=["alike", "same day", "another day", "another charge", "no modifier", "another code", "small letters"],
)  # fmt: skip
def test_without_a_number_a_line_is_known_by_procedure_modifiers_charge_and_day(
    changes: dict[str, Any], is_found: bool
) -> None:
    found = match(answer(line(FIRST, **changes)), known(), FIRST_PAYER)

    assert isinstance(found, Match) is is_found
    if not is_found:
        assert why(found).startswith("has no charge like its line ")


def test_the_day_of_a_line_may_stand_at_the_claim() -> None:
    assert isinstance(match(answer(line(FIRST), service_from=DAY), known(), FIRST_PAYER), Match)
    assert isinstance(match(answer(line(FIRST), service_from=OTHER_DAY), known(), FIRST_PAYER), NoMatch)


def test_a_procedure_that_the_payer_changed_is_known_by_what_was_billed() -> None:
    changed = line(FIRST, procedure=Procedure("HC", "97813"), submitted=Procedure("HC", "97810", ("GP",)))

    assert charges(match(answer(changed), known(), FIRST_PAYER)) == [11]


def test_two_charges_alike_are_answered_one_each() -> None:
    twice = replace(CLAIM, lines=(FIRST, FIRST._replace(charge_id=13)))

    found = match(answer(line(FIRST, paid_cents=1), line(FIRST, paid_cents=2)), known(twice), FIRST_PAYER)

    assert charges(found) == [11, 13]
    assert isinstance(match(answer(line(FIRST), line(FIRST), line(FIRST)), known(twice), FIRST_PAYER), NoMatch)


def test_a_number_of_another_claims_line_is_not_believed() -> None:
    other = replace(CLAIM, id=9, control_number="MER9", session_id=9, lines=(FIRST._replace(charge_id=91),))
    candidates = known(CLAIM, other)

    assert charges(match(answer(line(FIRST, "MER9L1")), candidates, FIRST_PAYER)) == [11]


def test_a_line_that_the_payer_split_is_one_charge() -> None:
    parts = (line(FIRST, "MER1L1", charge_cents=50_00), line(FIRST, "MER1L1", charge_cents=45_00))

    found = match(answer(*parts), known(), FIRST_PAYER)

    assert isinstance(found, Match)
    assert [(one.charge.charge_id, len(one.answers)) for one in found.lines] == [(11, 2)]


def test_a_line_answered_for_another_amount_than_filed_is_no_match() -> None:
    found = match(answer(line(FIRST, "MER1L1", charge_cents=90_00)), known(), FIRST_PAYER)

    assert why(found) == "is answered for 90.00 on its line 97810, filed for 95.00"


def test_a_claim_answered_without_lines_must_be_answered_for_its_total() -> None:
    assert charges(match(answer(), known(), FIRST_PAYER)) == []
    assert why(match(answer(charge_cents=150_00), known(), FIRST_PAYER)) == (
        "is answered without lines for 150.00, but was filed for 165.00"
    )


def test_a_reversal_names_its_lines_below_zero() -> None:
    lines = (line(FIRST, charge_cents=-95_00), line(SECOND, charge_cents=-70_00))

    assert charges(match(answer(*lines, status="22"), known(), FIRST_PAYER)) == [11, 12]
    assert isinstance(match(answer(*lines), known(), FIRST_PAYER), NoMatch)


@pytest.mark.parametrize("state", list(ClaimState))
def test_only_what_was_filed_and_is_not_done_with_takes_a_decision(state: ClaimState) -> None:
    open_states = {
        ClaimState.SENT, ClaimState.UNKNOWN, ClaimState.ACCEPTED, ClaimState.REJECTED, ClaimState.DENIED,
        ClaimState.PAID,
    }  # fmt: skip

    found = match(answer(line(FIRST)), known(replace(CLAIM, state=state)), FIRST_PAYER)

    assert isinstance(found, Match) is (state in open_states)


@pytest.mark.parametrize(
    ("state", "words"),
    [(ClaimState.HELD, "was never filed: it is held"), (ClaimState.SENDING, "is only being sent"),
     (ClaimState.CLOSED, "is closed and takes no money any more")],
)  # fmt: skip
def test_what_takes_no_decision_says_why(state: ClaimState, words: str) -> None:
    assert why(match(answer(), known(replace(CLAIM, state=state)), FIRST_PAYER)) == words


def test_what_takes_no_decision_may_still_be_taken_back() -> None:
    closed = replace(CLAIM, state=ClaimState.CLOSED)

    assert claim_id(match(answer(line(FIRST, charge_cents=-95_00), status="22"), known(closed), FIRST_PAYER)) == 1


@pytest.mark.parametrize("status", ["23", "25"])
def test_what_decides_nothing_needs_no_lines_and_no_state(status: str) -> None:
    held = replace(CLAIM, state=ClaimState.HELD)

    assert claim_id(match(answer(line(FIRST, charge_cents=1), status=status), known(held), FIRST_PAYER)) == 1


@pytest.mark.parametrize(
    ("status", "expected"), [("1", 1), ("4", 1), ("19", 1), ("2", 2), ("20", 2), ("3", 3), ("21", 3)]
)
def test_a_payer_that_says_its_turn_answers_that_turns_claim(status: str, expected: int) -> None:
    assert claim_id(match(answer(status=status), known(CLAIM, LATER, LAST), NOBODY_KNOWN)) == expected


@pytest.mark.parametrize("status", ["2", "3"])
def test_a_turn_that_has_no_claim_leaves_the_one_that_is_named(status: str) -> None:
    assert claim_id(match(answer(status=status), known(), FIRST_PAYER)) == 1


@pytest.mark.parametrize("status", ["1", "4", "22"])
def test_a_later_payer_is_known_by_who_pays(status: str) -> None:
    assert claim_id(match(answer(status=status), known(CLAIM, LATER), SECOND_PAYER)) == 2


def test_a_payer_of_both_claims_answers_the_one_it_names() -> None:
    assert claim_id(match(answer(), known(CLAIM, replace(LATER, payer_id=1)), FIRST_PAYER)) == 1


def test_a_claim_named_by_its_own_number_is_not_led_back_to_an_earlier_one() -> None:
    found = match(answer(control_number="MER2"), known(CLAIM, LATER), FIRST_PAYER)

    assert why(found) == "was sent to Second Health, and another payer answers it"


@pytest.mark.parametrize("status", ["1", "2", "4", "22", "25"])
def test_a_payer_does_not_answer_a_claim_that_went_to_another(status: str) -> None:
    assert why(match(answer(status=status), known(), SECOND_PAYER)) == (
        "was sent to Example Health, and another payer answers it"
    )


def test_a_payer_that_is_like_nobody_on_file_may_answer_any_claim() -> None:
    assert claim_id(match(answer(), known(), NOBODY_KNOWN)) == 1


@pytest.mark.parametrize(
    "told", [{"patient_identifier": "mem 1"}, {"patient_last_name": "OKORO"}, {"service_from": DAY}]
)
def test_what_is_made_out_to_another_must_name_our_patient_or_the_day(told: dict[str, Any]) -> None:
    to_another = Parties(frozenset({1}), False)
    stranger = answer(patient_identifier="MEM-2", patient_last_name="LINDQVIST", service_from=OTHER_DAY)

    assert claim_id(match(stranger._replace(**told), known(), to_another)) == 1
    assert claim_id(match(answer(), known(), to_another)) == 1
    assert why(match(stranger, known(), to_another)) == "is not a claim of ours"
    assert claim_id(match(stranger, known(), FIRST_PAYER)) == 1


def test_an_empty_number_is_no_number() -> None:
    assert isinstance(match(answer(control_number=""), known(), FIRST_PAYER), NoMatch)
