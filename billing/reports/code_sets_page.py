"""The code sets as the settings show them: what is in force, from which files, and what changed with each edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from billing.codes.sets.contents import Comparison, compared
from billing.codes.sets.editions import edition_in_words
from billing.codes.sets.kinds import SetKind, is_of_diagnoses
from billing.codes.sets.shelf import LoadedSet, Shelf
from billing.database import Db
from billing.errors import NotFound
from billing.reports.code_set_standing import KindStanding, standing
from billing.reports.codes_used import codes_used, procedure_codes
from billing.reports.coverage_panel import hand_names


@dataclass(frozen=True, slots=True)
class EditionShown:
    """One loaded edition, and what it changed against the one before."""

    set: LoadedSet
    edition: str
    last: date | None
    """The last day on which it holds, where a later one is loaded."""
    changes: Comparison


@dataclass(frozen=True, slots=True)
class KindPage:
    """One kind of set with all its editions, newest first."""

    standing: KindStanding
    editions: Sequence[EditionShown]
    hands: Mapping[str, str]
    """Who loaded them."""
    is_of_diagnoses: bool


def code_sets_page(db: Db, shelf: Shelf, today: date) -> list[KindStanding]:
    """How every kind of set stands; what is overdue is loaded on the page itself."""
    return [_loaded_here(one) for one in standing(shelf, today, procedure_codes(db))]


def _loaded_here(one: KindStanding) -> KindStanding:
    if one.overdue is None:
        return one
    return replace(one, overdue=replace(one.overdue, fix="Load the publisher's file under Load an edition."))


def code_set_page(db: Db, shelf: Shelf, name: str, today: date) -> KindPage:
    """One kind of set, by its name in addresses. Raises :class:`NotFound`."""
    if name not in set(SetKind):
        raise NotFound("There is no such code set.")
    kind = SetKind(name)
    found = next(one for one in code_sets_page(db, shelf, today) if one.kind is kind)
    used = codes_used(db, kind, today)
    editions = [
        EditionShown(one, edition_in_words(kind, one.effective_from), _last(shelf, one), _changes(shelf, one, used))
        for one in found.loaded
    ]
    return KindPage(found, editions, hand_names(db, {one.by for one in found.loaded}), is_of_diagnoses(kind))


def _last(shelf: Shelf, one: LoadedSet) -> date | None:
    later = [each.effective_from for each in shelf.of(one.kind) if each.effective_from > one.effective_from]
    return date.fromordinal(min(later).toordinal() - 1) if later else None


def _changes(shelf: Shelf, one: LoadedSet, used: set[str]) -> Comparison:
    """What it changed on its first day, against the shelf as it would be without it and what came later."""
    begins = one.effective_from
    earlier = (each for each in shelf.sets if each.kind is not one.kind or each.effective_from < begins)
    return compared(one.kind, begins, replace(shelf, sets=tuple(earlier)), shelf, used)
