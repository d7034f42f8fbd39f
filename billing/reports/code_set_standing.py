"""Which sets are in force, what is overdue, and what is not covered: for commands and the settings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from billing.codes.sets.editions import due_edition, edition_in_words, fiscal_year, plain
from billing.codes.sets.kinds import FACTS, KindFacts, Pace, SetKind
from billing.codes.sets.shelf import LoadedSet, Shelf, shelf_in
from billing.database import Db
from billing.errors import Problem, Refused, block, warn
from billing.payers.models import Payer
from billing.ports import CodeFolder


@dataclass(frozen=True, slots=True)
class KindStanding:
    """How a kind of set stands today."""

    kind: SetKind
    facts: KindFacts
    in_force: LoadedSet | None
    """``None`` while what comes along is in force."""
    loaded: tuple[LoadedSet, ...]
    """All that was loaded, newest first."""
    overdue: Problem | None
    not_covered: tuple[str, ...]
    """Codes this clinic uses that the set in force was narrowed without."""

    @property
    def edition(self) -> str:
        """Which edition is in force, in words."""
        if self.in_force is None:
            return self.facts.comes_along
        return edition_in_words(self.kind, self.in_force.effective_from)


def standing(shelf: Shelf, on: date, used: Collection[str] = ()) -> list[KindStanding]:
    """Every kind, in the order of the settings; ``used`` are the procedure codes this clinic uses."""
    return [_of(kind, shelf, on, used) for kind in SetKind]


def _of(kind: SetKind, shelf: Shelf, on: date, used: Collection[str]) -> KindStanding:
    found = shelf.on(kind, on)
    missing = sorted(set(used) - set(found.codes)) if found is not None and found.codes else []
    return KindStanding(
        kind, FACTS[kind], found, tuple(reversed(shelf.of(kind))), overdue_problem(kind, shelf, on), tuple(missing)
    )


def overdue_problem(kind: SetKind, shelf: Shelf, on: date) -> Problem | None:
    """That a newer edition has begun than the one in force; ``None`` while that is not so."""
    facts, due, found = FACTS[kind], due_edition(kind, on), shelf.on(kind, on)
    has = found.effective_from if found is not None else facts.comes_along_from
    if due is None or has is None or has >= due:
        return None
    edition = f"FY{fiscal_year(due)}" if facts.pace is Pace.FISCAL_YEAR else edition_in_words(kind, due)
    used = edition_in_words(kind, has) if found is not None else facts.comes_along
    return warn(
        "codes.overdue",
        f"{facts.title} of {edition} began on {plain(due)} and {facts.are} not loaded; what counts is that of {used}.",
        f"Load it in Settings, Code sets, or with meridian codes load {kind.value} FILE.",
    )


def overdue_problems(db: Db, shelf: Shelf, on: date) -> list[Problem]:
    """Every set that is overdue, where there are insurers to bill by them."""
    if db.scalar(select(Payer.id).limit(1)) is None:
        return []
    return [found for kind in SetKind if (found := overdue_problem(kind, shelf, on)) is not None]


def damaged_problems(folder: CodeFolder) -> list[Problem]:
    """What of the loaded sets cannot be read."""
    try:
        shelf = shelf_in(folder)
        for one in shelf.sets:
            shelf.lines(one)
    except Refused as refusal:
        return [block("codes.damaged", str(refusal), "Until then nothing is judged by it, and no claim is filed.")]
    return []
