"""Where a claim stands depends on what was said of it, not on the order in which it was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.claims.answers.weighing import ABOUT_CLAIMS, ABOUT_FILES, Word, event_of, said_on
from billing.claims.lifecycle import CLAIM, ClaimEvent, ClaimState
from billing.claims.models import Verdict

DAY = date(2026, 4, 1)
S, E, V = ClaimState, ClaimEvent, Verdict

words = st.builds(
    Word,
    kind=st.sampled_from(sorted(ABOUT_CLAIMS | ABOUT_FILES)),
    verdict=st.sampled_from(Verdict),
    on=st.integers(0, 3).map(lambda days: DAY + timedelta(days)),
).filter(lambda word: word.kind in ABOUT_CLAIMS or word.verdict is not V.ACCEPTED)
"""No file is ever accepted into adjudication."""


def word(verdict: Verdict, days: int = 0, kind: str = "277CA") -> Word:
    return Word(kind, verdict, DAY + timedelta(days))


def after(said: Sequence[Word], state: ClaimState = S.SENT, *, was_decided: bool = False) -> ClaimState:
    """Where a claim stands when these words were taken in one after the other."""
    for place, one in enumerate(said):
        event = event_of(state, one, said[:place], was_decided=was_decided)
        state = CLAIM.after(state, event) if event else state
    return state


def expected(said: Sequence[Word]) -> ClaimState:
    """Where a claim that was sent must stand: the rule itself, without an order of reading."""
    of_claims = [one for one in said if one.kind in ABOUT_CLAIMS and one.verdict in (V.ACCEPTED, V.REJECTED)]
    if of_claims:
        last = max(one.on for one in of_claims)
        is_rejected = any(one.verdict is V.REJECTED for one in of_claims if one.on == last)
        return S.REJECTED if is_rejected else S.ACCEPTED
    return S.REJECTED if any(one.verdict is V.REJECTED for one in said) else S.SENT


@given(st.lists(words, max_size=6))
def test_in_whatever_order_answers_are_read_the_claim_stands_where_they_put_it(said: list[Word]) -> None:
    assert after(said) is expected(said)


@given(st.lists(words, min_size=1, max_size=6))
def test_a_claim_of_unknown_fate_is_known_to_have_arrived_once_anybody_answers_it(said: list[Word]) -> None:
    silent = all(one.verdict is V.NOTED for one in said)

    assert after(said, S.UNKNOWN) is (S.UNKNOWN if silent else expected(said))


@given(st.lists(words, max_size=6), st.sampled_from([S.PAID, S.DENIED, S.CLOSED, S.REPLACED, S.VOIDED]))
def test_nothing_moves_a_claim_that_has_gone_on(said: list[Word], state: ClaimState) -> None:
    assert after(said, state) is state


@given(st.lists(words, max_size=6), st.sampled_from([S.SENT, S.ACCEPTED, S.REJECTED]))
def test_once_a_claim_has_been_decided_its_acknowledgements_are_history(said: list[Word], state: ClaimState) -> None:
    assert after(said, state, was_decided=True) is state


def test_a_payers_rejection_after_the_clearinghouse_accepted_rejects() -> None:
    assert after([word(V.ACCEPTED), word(V.REJECTED, 1)]) is S.REJECTED


def test_a_rejection_older_than_an_acceptance_is_only_noted() -> None:
    assert event_of(S.ACCEPTED, word(V.REJECTED), [word(V.ACCEPTED, 1)], was_decided=False) is None


def test_an_acceptance_older_than_a_rejection_is_only_noted() -> None:
    assert event_of(S.REJECTED, word(V.ACCEPTED), [word(V.REJECTED, 1)], was_decided=False) is None


def test_on_one_day_a_rejection_outweighs_in_either_order() -> None:
    assert after([word(V.ACCEPTED), word(V.REJECTED)]) is S.REJECTED
    assert after([word(V.REJECTED), word(V.ACCEPTED)]) is S.REJECTED


@pytest.mark.parametrize("kind", sorted(ABOUT_FILES))
def test_what_is_said_of_a_file_never_moves_a_claim_that_was_accepted(kind: str) -> None:
    assert event_of(S.ACCEPTED, word(V.REJECTED, 5, kind), [word(V.ACCEPTED)], was_decided=False) is None


def test_a_claim_accepted_after_its_file_was_refused_is_accepted() -> None:
    assert after([word(V.REJECTED, 5, "999"), word(V.ACCEPTED)]) is S.ACCEPTED


def test_receipt_finds_a_claim_of_unknown_fate_and_moves_no_other() -> None:
    assert event_of(S.UNKNOWN, word(V.RECEIVED), [], was_decided=False) is E.FOUND
    assert event_of(S.SENT, word(V.RECEIVED), [], was_decided=False) is None


def test_nothing_was_said_after_it_was_received() -> None:
    assert said_on(DAY, DAY + timedelta(3)) == DAY
    assert said_on(DAY + timedelta(900), DAY) == DAY
    assert said_on(None, DAY) == DAY
