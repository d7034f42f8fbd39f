"""What cannot be read of the inbox: told once in the log, and known to the desk for as long as it is so."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from billing import clock
from billing.database import Database, Db
from billing.operations.models import InboxTrouble
from billing.relay import carry_out, look_up

PLACE = ""
"""Stands for the whole place, where a file's name stands else."""

_log = logging.getLogger(__name__)


def inbox_troubles(db: Db, place: str) -> Sequence[InboxTrouble]:
    """What could not be read in the last look into a place, that of the whole place first."""
    return db.scalars(select(InboxTrouble).where(InboxTrouble.place == place).order_by(InboxTrouble.name)).all()


def note_troubles(database: Database, place: str, troubles: Mapping[str, str], *, is_whole: bool) -> None:
    """Remember the reasons by name of file, and log those that are new, without the names: they may be of people.

    After a look that came to its end (``is_whole``) everything else is forgotten: it could be read, or is gone.
    """
    known = {one.name: one.why for one in look_up(database, lambda db: inbox_troubles(db, place))}
    if known == troubles:
        return
    gone = [name for name in known if name not in troubles and (is_whole or name == PLACE)]
    carry_out(database, lambda db: _write(db, place, troubles, gone))
    for name, why in troubles.items():
        if name not in known:
            _log.warning("%s%s", "" if name == PLACE else f"a file in the inbox {place}: ", why)


def _write(db: Db, place: str, troubles: Mapping[str, str], gone: Sequence[str]) -> None:
    db.execute(delete(InboxTrouble).where(InboxTrouble.place == place, InboxTrouble.name.in_(gone)))
    at = clock.now()
    for name, why in troubles.items():
        kept = db.get(InboxTrouble, (place, name))
        if kept is None:
            db.add(InboxTrouble(place=place, name=name, since=at, why=why))
        else:
            kept.why = why
