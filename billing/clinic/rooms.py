"""The treatment rooms: adding, renaming, closing and opening them again. None is ever deleted."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from billing.clinic.models import Room
from billing.database import Db, hold_lock
from billing.errors import NotFound, Refused, block

LONGEST_NAME = 40


def rooms(db: Db) -> list[Room]:
    """All rooms, the closed ones too, by name."""
    return list(db.scalars(select(Room).order_by(Room.name)))


def room_of(db: Db, room_id: int) -> Room:
    """The room of that number. Raises :class:`NotFound`."""
    room = db.get(Room, room_id)
    if room is None:
        raise NotFound("There is no such room.")
    return room


def add_room(db: Db, name: str) -> Room:
    """A new room. Raises :class:`Refused` when the name is empty, too long or another room's."""
    room = Room(name=_fit(db, name, None), closed_on=None)
    db.add(room)
    db.flush()
    return room


def rename_room(db: Db, room_id: int, name: str) -> None:
    """Give a room another name; what was printed before keeps the old one."""
    room = room_of(db, room_id)
    room.name = _fit(db, name, room_id)


def close_room(db: Db, room_id: int, on: date) -> None:
    """From that day on nothing can be booked into the room. Sessions that are booked stay."""
    room_of(db, room_id).closed_on = on


def open_room(db: Db, room_id: int) -> None:
    """A closed room can be booked again."""
    room_of(db, room_id).closed_on = None


def _fit(db: Db, name: str, room_id: int | None) -> str:
    hold_lock(db, "rooms")
    tidy = " ".join(name.split())
    same = db.scalar(select(Room.id).where(func.lower(Room.name) == tidy.lower(), Room.id != (room_id or 0)))
    why = fix = ""
    if not tidy:
        why, fix = "The name is empty.", "Give the room a name."
    elif len(tidy) > LONGEST_NAME:
        why, fix = f"The name has more than {LONGEST_NAME} characters.", "Shorten it: it stands above a narrow column."
    elif same is not None:
        why, fix = f"There is a room {tidy} already.", "Give this one another name."
    if why:
        raise Refused(why, [block("room.name", why, fix, "field:name")])
    return tidy
