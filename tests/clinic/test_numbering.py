"""A series of numbers has no gaps and no repeats, whatever is rolled back and whoever asks at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from billing.clinic.numbering import take_numbers
from billing.database import Database, Db


class Abandoned(Exception):
    """Raised to roll a transaction back."""


def test_a_series_begins_with_one_and_goes_on(database: Database) -> None:
    with database.transaction() as db:
        first = take_numbers(db, "invoice", 3)
    with database.transaction() as db:
        second = take_numbers(db, "invoice", 2)

    assert [*first, *second] == [1, 2, 3, 4, 5]


def test_series_do_not_share_numbers(database: Database) -> None:
    with database.transaction() as db:
        take_numbers(db, "invoice", 7)

        assert list(take_numbers(db, "claim", 1)) == [1]


def test_taking_none_uses_none(database: Database) -> None:
    with database.transaction() as db:
        assert list(take_numbers(db, "invoice", 0)) == []
        assert list(take_numbers(db, "invoice", 1)) == [1]


@pytest.mark.parametrize("taken_before", [0, 2])
def test_a_rollback_gives_its_numbers_back(taken_before: int, database: Database) -> None:
    with database.transaction() as db:
        take_numbers(db, "invoice", taken_before)

    with pytest.raises(Abandoned), database.transaction() as db:
        take_numbers(db, "invoice", 5)
        raise Abandoned

    with database.transaction() as db:
        assert list(take_numbers(db, "invoice", 1)) == [taken_before + 1]


def test_two_who_ask_at_once_get_different_numbers_without_a_gap(database: Database) -> None:
    together = Barrier(2)

    def take_some(_who: int) -> list[int]:
        taken: list[int] = []
        for turn in range(5):
            together.wait(timeout=30)
            taken += take_in_one_transaction(database, give_up=turn == 3)
        return taken

    with ThreadPoolExecutor(2) as people:
        of_one, of_other = people.map(take_some, range(2))

    assert len(of_one) == len(of_other) == 8
    assert sorted([*of_one, *of_other]) == list(range(1, 17))


def take_in_one_transaction(database: Database, *, give_up: bool) -> list[int]:
    """Two numbers, or none when the transaction is rolled back."""

    def take(db: Db) -> list[int]:
        taken = list(take_numbers(db, "invoice", 2))
        if give_up:
            raise Abandoned
        return taken

    try:
        with database.transaction() as db:
            return take(db)
    except Abandoned:
        return []
