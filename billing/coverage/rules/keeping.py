"""The clinic's own rule packs: writing a version, withdrawing a pack, and saying which payers a pack is for.

Whatever is wrong with a text is told with its line, and then nothing changes: the version before stays in force.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from billing.coverage.models import RulePack
from billing.coverage.rules.pack import Pack
from billing.coverage.rules.reading import read_pack
from billing.coverage.rules.shelf import Shelf, shelf, shipped_texts
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.payers.queries import payer_with_id


def latest_packs() -> ColumnElement[bool]:
    """The condition for the versions that count, one of each key."""
    return RulePack.id.in_(select(func.max(RulePack.id)).group_by(RulePack.key))


def the_shelf(db: Db) -> Shelf:
    """All packs in force; one question."""
    return shelf(db.scalars(select(RulePack).where(latest_packs())))


def versions_of_pack(db: Db, key: str) -> list[RulePack]:
    """The clinic's own versions of a pack, the latest first."""
    return list(db.scalars(select(RulePack).where(RulePack.key == key).order_by(RulePack.version.desc())))


def text_of_pack(db: Db, key: str) -> str:
    """A pack as it was written: the clinic's own, or else as it comes with Meridian. Raises :class:`NotFound`."""
    latest = next(iter(versions_of_pack(db, key)), None)
    text = (latest.text if latest else "") or shipped_texts().get(key, "")
    if not text:
        raise NotFound("There is no such rule pack.")
    return text


def keep_pack(db: Db, text: str, *, by: str, at: datetime, key: str = "") -> RulePack:
    """Put a text in force as the next version of the pack it names; ``key`` is the pack that was opened, if any.

    Raises :class:`Refused` with every reason, each with its line; then what was in force before stays so.
    """
    pack, problems = read_pack(text)
    if pack is None:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    hold_lock(db, "rule packs")
    problems = _clashes(db, pack, key)
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    first, last = pack.editions[0], pack.latest
    return _added(
        db,
        RulePack(
            key=pack.key, text=text, valid_from=first.valid_from, valid_to=last.valid_to, review_by=last.review_by,
            by=by, at=at,
        ),
    )  # fmt: skip


def withdraw_pack(db: Db, key: str, *, by: str, at: datetime) -> RulePack:
    """Take the clinic's own pack out of force; what comes with Meridian under the key counts again.

    Raises :class:`NotFound` when the clinic has none of its own.
    """
    hold_lock(db, "rule packs")
    latest = next(iter(versions_of_pack(db, key)), None)
    if latest is None or not latest.text:
        raise NotFound("The clinic has no such rule pack of its own.")
    return _added(db, RulePack(key=key, text="", by=by, at=at))


def assign_pack(db: Db, payer_id: int, key: str) -> None:
    """Say which pack judges a payer's plans; an empty key leaves it to the kind of the payer.

    Raises :class:`NotFound` for an unknown payer, :class:`Refused` for a pack there is none of.
    """
    payer = payer_with_id(db, payer_id)
    problems = named_pack_problems(db, key)
    if problems:
        raise Refused(problems[0].why, problems)
    payer.rule_pack = key or None
    db.flush()


def named_pack_problems(db: Db, key: str) -> list[Problem]:
    """Whether there is a pack of that key; an empty one names none."""
    if not key or key in the_shelf(db).packs:
        return []
    return [block("rule_pack.unknown", "There is no such rule pack.", "Choose one of the list.", "field:rule_pack")]


def _added(db: Db, row: RulePack) -> RulePack:
    latest = db.scalar(select(func.max(RulePack.version)).where(RulePack.key == row.key))
    row.version = (latest or 0) + 1
    db.add(row)
    db.flush()
    return row


def _clashes(db: Db, pack: Pack, key: str) -> list[Problem]:
    problems = []
    if key and pack.key != key:
        why = f"Line 1: the pack's key would change from {key} to {pack.key}."
        fix = "A pack keeps its key. Begin a new one to have another beside it."
        problems.append(block("rule_pack.line", why, fix, "line:1"))
    standing = the_shelf(db)
    for other in (standing.packs[name] for name in standing.own - {pack.key}):
        same = set(other.payer_kinds) & set(pack.payer_kinds)
        apart = other.states and pack.states and not set(other.states) & set(pack.states)
        if same and not apart:
            why = f"{other.name} is for {' and '.join(sorted(same)).replace('_', ' ')} payers already."
            problems.append(
                block("rule_pack.line", f"Line 1: {why}", "Take payer_kinds out of one of the two.", "line:1")
            )
    return problems
