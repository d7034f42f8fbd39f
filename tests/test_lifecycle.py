"""A lifecycle allows what its table says and nothing else."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import billing
from billing.errors import Refused
from billing.lifecycle import Lifecycle


class Door(StrEnum):
    """The states of a door, the first being the one it is made in."""

    SHUT = "shut"
    OPEN = "open"
    LOCKED = "locked"


class Hand(StrEnum):
    """What is done to a door."""

    OPENED = "opened"
    SHUT = "shut"
    LOCKED = "locked"


DOOR = Lifecycle[Door, Hand](
    "door",
    {
        (Door.SHUT, Hand.OPENED): Door.OPEN,
        (Door.OPEN, Hand.SHUT): Door.SHUT,
        (Door.SHUT, Hand.LOCKED): Door.LOCKED,
    },
)


def every_lifecycle() -> Iterator[Any]:
    """All lifecycles that the rooms of ``billing`` declare."""
    for file in sorted(Path(billing.__path__[0]).glob("*/lifecycle.py")):
        module = importlib.import_module(f"billing.{file.parent.name}.lifecycle")
        yield from (pytest.param(value, id=value.of) for value in vars(module).values() if isinstance(value, Lifecycle))


def states_and_events(lifecycle: Lifecycle[Any, Any]) -> tuple[type[StrEnum], type[StrEnum]]:
    """The two closed sets a lifecycle is about."""
    state, event = next(iter(lifecycle.moves))
    return type(state), type(event)


def test_a_lawful_event_leads_to_the_next_state() -> None:
    assert DOOR.after(Door.SHUT, Hand.OPENED) is Door.OPEN


@pytest.mark.parametrize(("state", "event"), sorted(set(product(Door, Hand)) - set(DOOR.moves)))
def test_every_other_event_is_refused_in_words(state: Door, event: Hand) -> None:
    with pytest.raises(Refused, match=f"A door that is {state} cannot be {event}"):
        DOOR.after(state, event)


def test_one_can_ask_before_moving() -> None:
    assert DOOR.allows(Door.SHUT, Hand.LOCKED)
    assert not DOOR.allows(Door.OPEN, Hand.LOCKED)


def test_the_table_can_be_drawn() -> None:
    drawn = DOOR.mermaid().splitlines()

    assert drawn[0] == "stateDiagram-v2"
    assert {line.strip() for line in drawn[1:]} == {
        "shut --> open: opened",
        "open --> shut: shut",
        "shut --> locked: locked",
    }


def test_the_drawing_shows_how_one_comes_to_be_where_that_is_told() -> None:
    made = Lifecycle[Door, Hand]("door", {(Door.SHUT, Hand.LOCKED): Door.LOCKED}, begins=(Hand.SHUT, Door.SHUT))

    assert made.mermaid().splitlines()[1:] == ["    [*] --> shut: shut", "    shut --> locked: locked"]


@pytest.mark.parametrize("lifecycle", list(every_lifecycle()))
def test_every_state_can_be_reached_from_the_first(lifecycle: Lifecycle[Any, Any]) -> None:
    states, _ = states_and_events(lifecycle)
    reached = {next(iter(states))}

    for _ in states:
        reached |= {following for (state, _), following in lifecycle.moves.items() if state in reached}

    assert set(states) == reached


@pytest.mark.parametrize("lifecycle", list(every_lifecycle()))
def test_every_event_happens_somewhere(lifecycle: Lifecycle[Any, Any]) -> None:
    _, events = states_and_events(lifecycle)

    happening = {event for _, event in lifecycle.moves}
    happening |= {lifecycle.begins[0]} if lifecycle.begins else set()

    assert set(events) == happening
