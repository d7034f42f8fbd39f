"""The loops: what is taken is delivered and recorded, and no transaction is open meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
import sqlalchemy as sa

from billing.clinic.models import Room
from billing.database import Database, Db
from billing.errors import NotDelivered, OutcomeUnknown, OutsideWorld
from billing.relay import Delivery, Route, attempt, climb, relay


@dataclass
class Post:
    """Letters that wait in the table of rooms: due as ``name``, then ``name taken``, then what became of them."""

    database: Database
    fails: dict[str, OutsideWorld] = field(default_factory=dict)
    delivered: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    batches: list[int] = field(default_factory=list)

    def put(self, *names: str) -> None:
        with self.database.transaction() as db:
            db.add_all([Room(name=name) for name in names])

    def take(self, db: Db, limit: int) -> list[str]:
        due = db.scalars(sa.select(Room).where(~Room.name.contains(" ")).order_by(Room.id).limit(limit)).all()
        names = [one.name for one in due]
        for one in due:
            one.name = f"{one.name} taken"
        return names

    def deliver(self, letter: str) -> int:
        self.meanwhile()
        if letter in self.fails:
            raise self.fails[letter]
        self.delivered.append(letter)
        return len(letter)

    def record(self, db: Db, deliveries: Sequence[Delivery[str, int]]) -> None:
        self.batches.append(len(deliveries))
        for one in deliveries:
            became = type(one.failure).__name__ if one.failure else f"sent {one.outcome}"
            room = db.scalars(sa.select(Room).where(Room.name == f"{one.letter} taken")).one()
            room.name = f"{one.letter} {became}"

    def route(self, limit: int = 1) -> Route[str, int]:
        return Route("letters", self.take, self.deliver, self.record, limit)

    def rooms(self) -> list[str]:
        with self.database.reading() as db:
            return list(db.scalars(sa.select(Room.name).order_by(Room.id)))


@pytest.fixture
def post(database: Database) -> Post:
    return Post(database)


def test_everything_due_is_delivered_and_recorded(post: Post) -> None:
    post.put("a", "bb", "ccc")

    done = relay(post.database, post.route())

    assert post.delivered == ["a", "bb", "ccc"]
    assert post.rooms() == ["a sent 1", "bb sent 2", "ccc sent 3"]
    assert [(one.letter, one.outcome, one.failure) for one in done] == [
        ("a", 1, None),
        ("bb", 2, None),
        ("ccc", 3, None),
    ]


def test_nothing_due_is_nothing_done(post: Post) -> None:
    assert relay(post.database, post.route()) == []
    assert post.batches == []


@pytest.mark.parametrize("failure", [NotDelivered("full"), OutcomeUnknown("dead")])
def test_it_stops_when_the_world_fails_and_leaves_the_rest_due(post: Post, failure: OutsideWorld) -> None:
    post.put("a", "b", "c")
    post.fails["b"] = failure

    done = relay(post.database, post.route())

    assert post.rooms() == ["a sent 1", f"b {type(failure).__name__}", "c"]
    assert [one.failure for one in done] == [None, failure]


def test_of_a_batch_every_outcome_is_recorded_though_one_failed(post: Post) -> None:
    post.put("a", "b", "c", "d")
    post.fails["b"] = NotDelivered("full")

    relay(post.database, post.route(limit=3))

    assert post.rooms() == ["a sent 1", "b NotDelivered", "c sent 1", "d"]
    assert post.batches == [3]


def test_letters_are_taken_and_recorded_so_many_at_a_time(post: Post) -> None:
    post.put("a", "b", "c", "d", "e")

    relay(post.database, post.route(limit=2))

    assert post.batches == [2, 2, 1]


def test_no_transaction_is_open_while_the_world_is_called(post: Post) -> None:
    post.put("a", "b")
    elsewhere = Database(post.database.url.render_as_string(hide_password=False))
    pool = post.database.engine.pool
    open_connections: list[int] = []

    def write_something() -> None:
        open_connections.append(pool.checkedout())
        with elsewhere.transaction() as db:
            db.add(Room(name=f"written meanwhile {len(open_connections)}"))

    post.meanwhile = write_something

    relay(post.database, post.route())
    elsewhere.close()

    assert post.delivered == ["a", "b"]
    assert open_connections == [0, 0]
    assert sum(name.startswith("written meanwhile") for name in post.rooms()) == 2


def test_what_was_taken_is_committed_before_the_world_is_called(post: Post) -> None:
    post.put("a")
    seen: list[list[str]] = []
    post.meanwhile = lambda: seen.append(post.rooms())

    relay(post.database, post.route())

    assert seen == [["a taken"]]


def test_an_error_that_is_not_the_worlds_is_not_swallowed_and_leaves_the_letter_taken(post: Post) -> None:
    post.put("a")

    def stumble() -> None:
        raise ZeroDivisionError

    post.meanwhile = stumble

    with pytest.raises(ZeroDivisionError):
        relay(post.database, post.route())

    assert post.rooms() == ["a taken"]
    assert post.batches == []


def test_progress_hears_how_many_are_done(post: Post) -> None:
    post.put("a", "b")
    heard: list[int] = []

    relay(post.database, post.route(), heard.append)

    assert heard == [1, 2, 2]


def test_climbing_commits_after_every_batch_until_nothing_is_left(database: Database) -> None:
    seen_before_each: list[int] = []

    def stage(db: Db, cursor: int) -> int | None:
        with database.reading() as reader:
            seen_before_each.append(len(reader.scalars(sa.select(Room)).all()))
        if cursor == 3:
            return None
        db.add(Room(name=f"Room {cursor}"))
        return cursor + 1

    climb(database, stage)

    assert seen_before_each == [0, 1, 2, 3]


def test_a_batch_that_fails_keeps_the_batches_before_it(database: Database) -> None:
    def stage(db: Db, cursor: int) -> int | None:
        db.add(Room(name=f"Room {cursor}"))
        db.flush()
        if cursor == 2:
            raise LookupError
        return cursor + 1

    with pytest.raises(LookupError):
        climb(database, stage)

    with database.reading() as db:
        assert list(db.scalars(sa.select(Room.name).order_by(Room.id))) == ["Room 0", "Room 1"]


class Spoilt(Exception):
    """What turned out unfit half-way."""


def add_room(db: Db, name: str) -> str:
    db.add(Room(name=name))
    db.flush()
    return name


def rooms_of(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.scalars(sa.select(Room.name).order_by(Room.id)))


def test_an_attempt_that_succeeds_is_kept(database: Database) -> None:
    done = attempt(database, lambda db: add_room(db, "kept"), Spoilt, lambda db, _: add_room(db, "noted"))

    assert done == "kept"
    assert rooms_of(database) == ["kept"]


def test_an_attempt_that_turns_out_unfit_leaves_only_the_note(database: Database) -> None:
    def act(db: Db) -> str:
        add_room(db, "half done")
        raise Spoilt("cracked")

    done = attempt(database, act, Spoilt, lambda db, reason: add_room(db, f"noted: {reason}"))

    assert done == "noted: cracked"
    assert rooms_of(database) == ["noted: cracked"]


def test_an_attempt_that_fails_otherwise_leaves_nothing_and_is_told(database: Database) -> None:
    def act(db: Db) -> str:
        add_room(db, "half done")
        raise LookupError

    with pytest.raises(LookupError):
        attempt(database, act, Spoilt, lambda db, _: add_room(db, "noted"))

    assert rooms_of(database) == []


def test_a_failure_that_is_about_one_letter_holds_up_no_other(post: Post) -> None:
    post.put("Alder", "Birch", "Cedar")
    post.fails["Alder"] = NotDelivered("moved away")
    route = replace(post.route(), halts=lambda failure: False)

    done = relay(post.database, route)

    assert [one.letter for one in done] == ["Alder", "Birch", "Cedar"]
    assert post.rooms() == ["Alder NotDelivered", "Birch sent 5", "Cedar sent 5"]
