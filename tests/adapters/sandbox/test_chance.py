"""Luck that does not depend on what was asked before."""

from __future__ import annotations

from billing.adapters.sandbox.chance import Chance

LUCK = Chance("seed")


def test_the_same_question_has_the_same_answer() -> None:
    assert LUCK.of("a claim").digits("number", 12) == Chance("seed").of("a claim").digits("number", 12)


def test_other_seeds_things_and_questions_have_other_answers() -> None:
    numbers = {
        LUCK.digits("number", 12),
        LUCK.digits("another", 12),
        LUCK.of("a claim").digits("number", 12),
        Chance("seed 2").digits("number", 12),
    }

    assert len(numbers) == 4


def test_names_are_kept_apart() -> None:
    assert LUCK.of("a", "b").digits("number", 12) != LUCK.of("ab").digits("number", 12)


def test_a_rate_is_met_roughly_and_its_ends_exactly() -> None:
    things = [LUCK.of(str(number)) for number in range(2000)]

    assert 150 < sum(one.happens("it", 0.1) for one in things) < 250
    assert not any(one.happens("it", 0.0) for one in things)
    assert all(one.happens("it", 1.0) for one in things)


def test_a_number_lies_between_its_ends_and_reaches_both() -> None:
    drawn = {LUCK.of(str(number)).between("size", 3, 5) for number in range(200)}

    assert drawn == {3, 4, 5}


def test_every_option_is_picked_some_time() -> None:
    assert {LUCK.of(str(number)).pick("colour", "RGB") for number in range(200)} == set("RGB")
