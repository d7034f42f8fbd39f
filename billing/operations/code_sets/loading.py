"""Loading a set: read, compared, kept, and what it changes told; then what is held is judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from billing import clock
from billing.audit.recording import Actor, Fact, Subject, record
from billing.clinic.models import Clinic
from billing.codes.sets.contents import Comparison, compared
from billing.codes.sets.editions import edition_in_words, plain
from billing.codes.sets.kinds import FACTS, SetKind
from billing.codes.sets.making import Made, Order, made
from billing.codes.sets.shelf import LoadedSet, Shelf, judged_by, keep, shelf_in
from billing.database import Database, Db
from billing.operations.code_sets.judged_otherwise import Otherwise, judged_otherwise
from billing.operations.code_sets.unpacking import SentFile, published_files, source_of
from billing.operations.errands.progress import Telling
from billing.operations.rechecking import Recheck, held_claims, recheck_held
from billing.ports import CodeFolder
from billing.relay import carry_out, look_up
from billing.reports.codes_used import codes_used, procedure_codes

LOCK = "loading of code sets"
LISTED = 200
"""So many codes and sessions are named in the report; their numbers are always whole."""


@dataclass(frozen=True, slots=True)
class Loading:
    """What is to be loaded."""

    kind: SetKind
    sent: Sequence[SentFile]
    asked: date | None
    """The first day of the edition, where a person said it."""
    by: Actor


def load(database: Database, folder: CodeFolder, asked: Loading, progress: Telling) -> dict[str, Any]:
    """Load a set; the report says what changed, which open sessions are judged otherwise, and what was released.

    Raises :class:`Refused` when nothing of it can be taken, :class:`Conflict` while another set is being loaded.
    """
    with database.alone(LOCK):
        at = clock.now()
        today = look_up(database, lambda db: _today(db))
        wanted = look_up(database, procedure_codes)
        files = published_files(asked.kind, asked.sent)
        sources = tuple(source_of(one) for one in asked.sent)
        before = shelf_in(folder)
        order = Order(asked.kind, files, sources, asked.asked, wanted, at, today, str(asked.by))
        new = made(order, before, lambda doing, done: progress.tell(doing, done))
        if new.is_known:
            return _report(new.set, is_known=True)
        after = before.with_set(new.set, new.lines)
        used = look_up(database, lambda db: codes_used(db, asked.kind, today))
        comparison = compared(asked.kind, new.set.effective_from, before, after, used)
        otherwise = _otherwise(database, new, today, before, after, progress)
        progress.tell("Putting it in force")
        keep(folder, after, new.set)
        carry_out(database, lambda db: _remember(db, asked, new.set, at))
    with judged_by(after):
        run = _recheck(database, today, asked.by, progress)
    return {
        **_report(new.set, is_known=False),
        "changes": _changes(comparison),
        "otherwise": [_as_json(one) for one in otherwise[:LISTED]],
        "judged_otherwise": len(otherwise),
        "held_checked": run.checked,
        "held_released": run.released,
    }


def _today(db: Db) -> date:
    clinic = db.get(Clinic, 1)
    return clock.today(clinic.time_zone if clinic else "UTC")


def _otherwise(
    database: Database, new: Made, today: date, before: Shelf, after: Shelf, progress: Telling
) -> list[Otherwise]:
    return judged_otherwise(
        database, new.set.effective_from, today, before, after,
        lambda done: progress.tell("Judging open sessions by it", done),
    )  # fmt: skip


def _recheck(database: Database, today: date, by: Actor, progress: Telling) -> Recheck:
    total, run = look_up(database, held_claims), Recheck(today, str(by))
    recheck_held(database, run, lambda done: progress.tell("Judging held claims", done, total))
    return run


def _remember(db: Db, asked: Loading, new: LoadedSet, at: datetime) -> None:
    detail: dict[str, Fact] = {
        "kind": new.kind.value,
        "from": new.effective_from.isoformat(),
        "kept": new.kept,
        "sha256": " ".join(one.sha256[:16] for one in new.files),
    }
    record(db, asked.by, "code set loaded", Subject("clinic", "1"), at, detail)


def _report(new: LoadedSet, *, is_known: bool) -> dict[str, Any]:
    return {
        "kind": new.kind.value,
        "title": FACTS[new.kind].title,
        "are": FACTS[new.kind].are,
        "edition": edition_in_words(new.kind, new.effective_from),
        "effective_from": new.effective_from.isoformat(),
        "begins": plain(new.effective_from),
        "files": [one.name for one in new.files],
        "rows": new.rows,
        "kept": new.kept,
        "narrowed_to": len(new.codes),
        "is_known": is_known,
    }


def _changes(found: Comparison) -> dict[str, Any]:
    return {
        "added": list(found.added[:LISTED]),
        "ended": list(found.ended[:LISTED]),
        "changed": [
            {"what": one.what, "before": one.before, "now": one.now} for one in found.changed[:LISTED]
        ],
        "all_added": found.all_added,
        "all_ended": found.all_ended,
        "all_changed": found.all_changed,
    }  # fmt: skip


def _as_json(one: Otherwise) -> dict[str, Any]:
    return {
        "session": one.session_id,
        "service_on": one.service_on.isoformat(),
        "gone": list(one.gone),
        "new": list(one.new),
    }
