"""Making a set of published files: which edition they are, what is in them, and whether that can be all of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from billing.codes.publishers.add_ons import add_ons
from billing.codes.publishers.diagnosis_list import listed
from billing.codes.publishers.icd10cm import complete_codes
from billing.codes.publishers.lines import PublishedFile
from billing.codes.publishers.pair_edits import PublishedPair, RowCount, pairs
from billing.codes.publishers.recognising import head_of, refuse_others
from billing.codes.publishers.unit_caps import caps
from billing.codes.sets.compiled import add_ons_as_lines, caps_as_lines, codes_as_lines, content_of, pairs_as_lines
from billing.codes.sets.contents import contents_on
from billing.codes.sets.editions import edition_in_words, effective_from, plain
from billing.codes.sets.kinds import FACTS, SetKind
from billing.codes.sets.shelf import LoadedSet, Shelf, SourceFile
from billing.errors import Refused

LEAST_LEFT: Mapping[SetKind, int] = {
    SetKind.ICD10CM: 90,
    SetKind.PAIR_EDITS: 75,
    SetKind.UNIT_CAPS: 90,
    SetKind.ADD_ONS: 75,
}
"""So many of a hundred codes or pairs of the edition before must be in the next one, else it is taken for cut off."""

_PART = re.compile(r"-f(\d)(?!\d)", re.IGNORECASE)

Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, of what, and on whose behalf."""

    kind: SetKind
    files: Sequence[PublishedFile]
    sources: tuple[SourceFile, ...]
    """What was sent, which may be zip files that hold the files."""
    asked: date | None
    """The first day of the edition, where a person said it."""
    wanted: Collection[str]
    """The procedure codes to which pair edits are narrowed."""
    at: datetime
    today: date
    by: str


@dataclass(frozen=True, slots=True)
class Made:
    """A set that was made, and what it holds."""

    set: LoadedSet
    lines: tuple[str, ...]
    is_known: bool
    """The same was loaded before, so that there is nothing to do."""


def made(order: Order, shelf: Shelf, tell: Tell = lambda doing, done: None) -> Made:
    """Read the files whole, and weigh them against the edition before.

    Raises :class:`Refused` with every reason when they are of the wrong kind, faulty, cut off, of another year, or
    older than what is loaded; nothing has then happened.
    """
    facts, heads = FACTS[order.kind], [(one, head_of(one)) for one in order.files]
    if not heads:
        raise Refused(f"There is no file of {facts.title} in what was sent ({facts.publisher}).")
    for file, head in heads:
        refuse_others(order.kind, file, head)
    begins = effective_from(order.kind, [one.name for one in order.files], order.asked, order.today)
    _refuse_older(order.kind, begins, shelf)
    _refuse_missing_parts(order)
    rows, lines = _read(order, heads, tell)
    sha256 = hashlib.sha256(content_of(lines)).hexdigest()
    narrowed = tuple(sorted(order.wanted)) if order.kind is SetKind.PAIR_EDITS else ()
    new = LoadedSet(
        order.kind, begins, order.sources, order.at, order.by, rows, len(lines),
        f"{order.kind.value}-{begins}-{sha256[:16]}.txt", narrowed,
    )  # fmt: skip
    _refuse_cut_off(order, begins, shelf, shelf.with_set(new, lines))
    before = shelf.newest(order.kind)
    is_known = before is not None and before.effective_from == begins and before.fingerprint == new.fingerprint
    return Made(new, tuple(lines), is_known)


def _refuse_older(kind: SetKind, begins: date, shelf: Shelf) -> None:
    newest, facts = shelf.newest(kind), FACTS[kind]
    if newest is not None and begins < newest.effective_from:
        raise Refused(
            f"This is {facts.title} of {edition_in_words(kind, begins)}, and that of "
            f"{edition_in_words(kind, newest.effective_from)} is loaded already. An older edition is not put in force."
        )
    if facts.comes_along_from is not None and begins < facts.comes_along_from:
        raise Refused(
            f"This is {facts.title} of {edition_in_words(kind, begins)}, older than what comes along with Meridian "
            f"(from {plain(facts.comes_along_from)}). An older edition is not put in force."
        )


def _refuse_missing_parts(order: Order) -> None:
    """The pair edits of a quarter come in parts that are numbered from 1."""
    numbers = [int(found[1]) for one in order.files if (found := _PART.search(one.name))]
    if order.kind is not SetKind.PAIR_EDITS or not numbers:
        return
    missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
    if missing:
        said = ", ".join(f"f{one}" for one in missing)
        raise Refused(f"The part {said} of the pair edits is missing. Send all parts of the quarter together.")
    if len(set(numbers)) < len(numbers):
        raise Refused("A part of the pair edits was sent twice. Send each part once.")


def _read(order: Order, heads: Sequence[tuple[PublishedFile, Sequence[str]]], tell: Tell) -> tuple[int, list[str]]:
    """How many rows the files have, and the lines to keep."""
    if order.kind is SetKind.PAIR_EDITS:
        return _read_pairs(order, tell)
    (file, head), *others = heads
    if others:
        named = " and ".join(one.name for one, _ in heads)
        raise Refused(f"Only one file makes a set of {FACTS[order.kind].title}, and these are {named}. Send one.")
    tell(f"Reading {file.name}", 0)
    if order.kind is SetKind.UNIT_CAPS:
        lines = caps_as_lines(caps(file, head))
    elif order.kind is SetKind.ADD_ONS:
        lines = add_ons_as_lines(add_ons(file, head))
    else:
        is_icd = order.kind is SetKind.ICD10CM
        lines = codes_as_lines(complete_codes(file, head) if is_icd else listed(file))
    return len(lines), lines


def _read_pairs(order: Order, tell: Tell) -> tuple[int, list[str]]:
    count, found = RowCount(), list[PublishedPair]()
    for file in order.files:
        found += pairs(file, order.wanted, count, partial(tell, f"Reading {file.name}"))
    return count.rows, pairs_as_lines(found)


def _refuse_cut_off(order: Order, begins: date, before: Shelf, after: Shelf) -> None:
    least, facts = LEAST_LEFT.get(order.kind, 0), FACTS[order.kind]
    had = set(contents_on(order.kind, begins, before))
    if order.kind is SetKind.PAIR_EDITS:
        had = {pair for pair in had if set(pair.split()) <= set(order.wanted)}
    left = had & contents_on(order.kind, begins, after).keys()
    if len(left) * 100 < len(had) * least:
        raise Refused(
            f"{order.files[0].name} has only {len(left):,} of the {len(had):,} codes or pairs that {facts.title} had "
            "before. It looks cut off, or a part is missing: download it anew, and send all its parts."
        )
