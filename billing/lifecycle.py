"""What may become of a thing: a table of (state, event) and the state that follows.

Each concept with states declares one :class:`Lifecycle` in its ``lifecycle.py``; nothing changes
state without asking it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from billing.errors import Refused

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


@dataclass(frozen=True)
class Lifecycle(Generic[State, Event]):
    """The lawful moves of one kind of thing, named ``of`` for messages."""

    of: str
    moves: Mapping[tuple[State, Event], State]
    begins: tuple[Event, State] | None = None
    """By which event one comes to be, and in which state it then is, where histories tell of that too."""

    def after(self, state: State, event: Event) -> State:
        """The state that follows; raises :class:`Refused` when the event is not lawful there."""
        following = self.moves.get((state, event))
        if following is None:
            raise Refused(f"A {self.of} that is {state} cannot be {event}.")
        return following

    def allows(self, state: State, event: Event) -> bool:
        """Whether the event is lawful in that state."""
        return (state, event) in self.moves

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram, for the documentation."""
        arrows = [f"    {state} --> {following}: {event}" for (state, event), following in self.moves.items()]
        if self.begins:
            event, first = self.begins
            arrows.insert(0, f"    [*] --> {first}: {event}")
        return "\n".join(["stateDiagram-v2", *arrows])
