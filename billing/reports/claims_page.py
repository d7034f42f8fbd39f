"""The claims page: the queues with their counts, and the rows of one of them with what is wrong first.

A fixed number of queries, however many claims there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from billing.claims.decisions import Adjusted, refusals
from billing.claims.queries import FileInDoubt, FilesNotTaken, files_in_doubt, files_not_taken, problems_of
from billing.claims.unbilled import Unbilled, unbilled
from billing.claims.worklists import Narrowed, Place, Queue, Waiting, counts, holding_rules, last_words, waiting
from billing.codes.adjustments import reason_text
from billing.database import Db
from billing.errors import Problem, blocking
from billing.payers.models import Payer
from billing.practitioners.models import Practitioner
from billing.reports.claim_page import located

ROWS = 50
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim in a queue, and why it is there."""

    claim: Waiting
    problem: Problem | None
    """The first of those that stop it."""
    more: int
    """How many others stop it."""
    why: str
    """What its history says about its state; empty where problems say it."""


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """One page of one queue, and the counts of all."""

    counts: Mapping[Queue, int]
    claims: Sequence[ClaimRow]
    sessions: Sequence[Unbilled]
    """Instead of claims, in the queue of what has none."""
    rules: Sequence[tuple[str, int]]
    """How many held claims each rule stops; empty in other queues."""
    payers: Sequence[Payer]
    practitioners: Sequence[tuple[int, str]]
    """Number and name."""
    in_doubt: Sequence[FileInDoubt]
    """The files of unknown fate; empty in other queues."""
    not_taken: FilesNotTaken | None
    """What the clearinghouse would not take, where nothing has helped yet."""
    previous: Place | None
    following: Place | None
    """Where the pages before and behind this one begin, where there are such."""


def claims_page(db: Db, queue: Queue, at: datetime, narrowed: Narrowed, place: Place | None = None) -> ClaimsPage:
    """What a page of a queue shows at an instant; nine queries, ten while nothing is taken."""
    payers = db.scalars(select(Payer).order_by(Payer.name, Payer.id)).all()
    claims: list[ClaimRow] = []
    sessions: list[Unbilled] = []
    if queue is Queue.UNBILLED:
        asked = unbilled(db, {one.id: one for one in payers}, narrowed, place, ROWS + 1)
        sessions, is_longer = _cut(asked, place)
    else:
        found, is_longer = _cut(waiting(db, queue, at, narrowed, place, ROWS + 1), place)
        claims = _with_reasons(db, queue, found)
    places: list[Place | None] = [*(one.place for one in sessions), *(row.claim.place for row in claims)]
    is_before = place is not None and place.is_before
    has_previous = is_longer if is_before else place is not None
    has_following = is_before or is_longer
    return ClaimsPage(
        counts(db, at),
        claims,
        sessions,
        holding_rules(db, narrowed) if queue is Queue.HELD else [],
        payers,
        _practitioners(db),
        files_in_doubt(db) if queue is Queue.UNKNOWN else [],
        files_not_taken(db),
        _before(places[0]) if places and has_previous else None,
        places[-1] if places and has_following else None,
    )


def _cut(rows: list[_Row], place: Place | None) -> tuple[list[_Row], bool]:
    """At most a page of the rows, and whether there were more: one more than a page was asked for."""
    if place is not None and place.is_before:
        return rows[-ROWS:], len(rows) > ROWS
    return rows[:ROWS], len(rows) > ROWS


def _with_reasons(db: Db, queue: Queue, claims: Sequence[Waiting]) -> list[ClaimRow]:
    ids = [one.id for one in claims]
    if queue is Queue.DENIED:
        refused = {number: ", ".join(map(_as_quoted, given)) for number, given in refusals(db, ids).items()}
        return [ClaimRow(one, None, 0, refused.get(one.id, "")) for one in claims]
    if queue not in (Queue.HELD, Queue.READY):
        said = last_words(db, ids)
        return [ClaimRow(one, None, 0, said.get(one.id, "")) for one in claims]
    found = problems_of(db, ids)
    rows = []
    for one in claims:
        stopping = blocking(found[one.id])
        first = located(stopping[0], one.session_id) if stopping else None
        rows.append(ClaimRow(one, first, max(0, len(stopping) - 1), ""))
    return rows


def _as_quoted(one: Adjusted) -> str:
    return reason_text(one.group, one.reason)


def _practitioners(db: Db) -> list[tuple[int, str]]:
    rows = db.execute(
        select(Practitioner.id, Practitioner.first_name, Practitioner.last_name).order_by(
            Practitioner.last_name, Practitioner.first_name, Practitioner.id
        )
    )
    return [(number, f"{first_name} {last_name}") for number, first_name, last_name in rows]


def _before(place: Place | None) -> Place | None:
    return Place(place.at, place.id, is_before=True) if place else None
