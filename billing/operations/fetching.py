"""Looking into the inbox: what is new there is taken in, file by file, and remembered when that is done.

Nobody has to ask for it: a worker's round does it again and again, and the desk can ask for it in between. Only one
look goes on at a time, over all processes. A file is known again by its name, size and time, so that one that is known
need not be fetched; it is remembered only after it was taken in whole, so that whatever dies on the way is done again,
which changes nothing that was done before. What fits no claim while a claim file is on its way is looked at again: it
may be about that file, of which nobody knows yet that it arrived. What cannot be read is told once, and shown for as
long as it is so.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from billing.claims.lifecycle import ClaimState
from billing.claims.queries import is_any_on_its_way
from billing.database import Db, batches, insert_ignoring
from billing.documents.models import ReceivedFile
from billing.documents.receiving import name_of
from billing.errors import Conflict, MeridianError, NotDelivered, OutsideWorld, Refused
from billing.operations.coming_files import StoredFile, sorted_by_kind
from billing.operations.errands.means import Means
from billing.operations.errands.progress import BrokenOff, Telling, Unheard
from billing.operations.errands.taking_in import take_in_files
from billing.operations.inbox_troubles import PLACE, note_troubles
from billing.operations.models import FetchedFile
from billing.operations.remitting import acknowledge_files
from billing.ports import FileThere
from billing.relay import carry_out, look_up
from billing.remittances.incoming import Fate

LOCK = "look into the inbox"
LARGEST = 200 * 2**20
"""Bytes of one file; no payer's file comes near."""
_FAILURES_IN_A_ROW = 3
"""After so many files that could not be read the line is taken for dead, and the rest waits."""
PATIENCE = 10.0
"""Seconds for which a round waits until another look has come to its end."""
_SECONDS_BETWEEN_TRIES = 0.2
_AT_ONCE = 500
_PARTS = ("files", "matched", "questions", "unmatched", "payments", "failures")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the inbox whose bytes are in the document store now."""

    file: FileThere
    sha256: str


def fetch_answers(means: Means) -> int:
    """One round: look, take in what is new, and acknowledge payments that were not; returns how many files were new.

    Another look may have begun before there was what this one was asked for, so it comes after that, unless that takes
    long. What fails outside is told and waits for the next round.
    """
    try:
        told = fetch(means, Unheard(means.is_stopping), PATIENCE)
    except Conflict:
        _log.debug("another process looks into the inbox")
        return 0
    except (OutsideWorld, Refused, BrokenOff):
        return 0
    failures = acknowledge_files(means.database, means.documents, means.acknowledgements, means.file_settings)
    for failure in dict.fromkeys([*told["failures"], *failures]):
        _log.warning("acknowledging payments: %s", failure)
    return len(told["files"])


def fetch(means: Means, progress: Telling, patience: float = 0.0) -> dict[str, Any]:
    """Look once; tells what became of each new file, as :func:`take_in_files` does.

    Another look is waited for up to ``patience`` seconds. Raises :class:`Conflict` when it is still going on then,
    :class:`NotDelivered` or :class:`Refused` when the place cannot be looked into, and :class:`BrokenOff` when the
    process is to end.
    """
    give_up_at = time.monotonic() + patience
    while True:
        try:
            return _look(means, progress)
        except Conflict:
            if time.monotonic() >= give_up_at:
                raise
        progress.tell("Waiting until the inbox has been read")
        time.sleep(_SECONDS_BETWEEN_TRIES)


def _look(means: Means, progress: Telling) -> dict[str, Any]:
    with means.database.alone(LOCK):
        try:
            troubles: dict[str, str] = {}
            found, is_whole = _find_new(means, progress, troubles)
            told = _take_in_all(means, found, progress, troubles)
        except (OutsideWorld, Refused) as error:
            note_troubles(means.database, means.inbox.place, {PLACE: str(error)}, is_whole=False)
            raise
        finally:
            means.inbox.close()
        note_troubles(means.database, means.inbox.place, troubles, is_whole=is_whole)
    _say(told)
    return told


def _find_new(means: Means, progress: Telling, troubles: dict[str, str]) -> tuple[list[Found], bool]:
    """Keep the bytes of what was never taken in; and whether the look came to its end."""
    place, there = means.inbox.place, means.inbox.files()
    known = look_up(means.database, lambda db: _known(db, place, there))
    new = [one for one in there if one not in known]
    found: list[Found] = []
    in_a_row = 0
    for done, one in enumerate(new, start=1):
        progress.tell("Looking through the inbox", done, len(new))
        try:
            found.append(Found(one, means.documents.put(_content(means, one))))
            in_a_row = 0
        except _Unreadable as why:
            troubles[one.name] = str(why)
            in_a_row += 1
        if in_a_row == _FAILURES_IN_A_ROW:
            return found, False
    return found, True


class _Unreadable(Exception):
    """Why a file cannot be read, in words."""


def _content(means: Means, one: FileThere) -> bytes:
    if one.size > LARGEST:
        raise _Unreadable(f"It is larger than {LARGEST // 2**20} MB.")
    try:
        content = means.inbox.read(one.name)
    except NotDelivered as error:
        raise _Unreadable(str(error)) from None
    if len(content) != one.size:
        raise _Unreadable("It is still being written, or is not as large as its folder says.")
    return content


def _known(db: Db, place: str, there: Sequence[FileThere]) -> set[FileThere]:
    """Those of the files that were taken in before."""
    known: set[FileThere] = set()
    for some in batches([one.name for one in there], _AT_ONCE):
        rows = db.execute(
            select(FetchedFile.name, FetchedFile.size, FetchedFile.changed_at).where(
                FetchedFile.place == place, FetchedFile.name.in_(some)
            )
        )
        known.update(FileThere(*row) for row in rows)
    return known


def _take_in_all(means: Means, found: Sequence[Found], progress: Telling, troubles: dict[str, str]) -> dict[str, Any]:
    """Take in each file, answers to claims first; what was taken in under another name already is only remembered."""
    told: dict[str, Any] = {part: [] for part in _PARTS}
    if not found:
        return told
    before = look_up(means.database, lambda db: _taken_in(db, [one.sha256 for one in found]))
    is_early = look_up(means.database, is_any_on_its_way)
    named = {one.file.name: one for one in found}
    files = sorted_by_kind([StoredFile(one.file.name, one.sha256, means.documents) for one in found])
    for coming in [*files.answers, *files.payments]:
        one = named[coming.name]
        if one.sha256 not in before and not _take_in(means, one, progress, told, troubles, is_early=is_early):
            continue
        before.add(one.sha256)
        carry_out(means.database, partial(_remember, place=means.inbox.place, one=one))
    return told


def _take_in(
    means: Means, one: Found, progress: Telling, told: dict[str, Any], troubles: dict[str, str], *, is_early: bool
) -> bool:
    """Whether all of a file was taken in; one that makes us stumble is told of and holds up no other.

    ``is_early``: what fits no claim by now may fit one later.
    """
    try:
        report = take_in_files(means, [{"name": name_of(one.file.name), "sha256": one.sha256}], progress)
    except (MeridianError, BrokenOff):
        raise
    except Exception as error:
        troubles[one.file.name] = f"Reading it failed on our side: {_without_contents(error)}. Tell your administrator."
        return False
    for part in _PARTS:
        told[part] += report[part]
    is_kept = look_up(means.database, lambda db: _is_received(db, one.sha256))
    is_kept = is_kept and all(payment["id"] is not None for payment in report["payments"])
    return is_kept and not (is_early and _is_left_over(report))


def _is_left_over(report: Mapping[str, Any]) -> bool:
    """Whether something of a file fits no claim."""
    return bool(report["unmatched"]) or any(payment["fate"] == Fate.QUEUED for payment in report["payments"])


def _without_contents(error: Exception) -> str:
    """What kind of fault it was and where; its text may quote a record."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


def _taken_in(db: Db, sha256s: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for some in batches(sha256s, _AT_ONCE):
        known.update(db.scalars(select(FetchedFile.sha256).where(FetchedFile.sha256.in_(some))))
    return known


def _is_received(db: Db, sha256: str) -> bool:
    return db.scalar(select(ReceivedFile.id).where(ReceivedFile.sha256 == sha256)) is not None


def _remember(db: Db, place: str, one: Found) -> None:
    file = one.file
    row = {"place": place, "name": file.name, "size": file.size, "changed_at": file.changed_at, "sha256": one.sha256}
    insert_ignoring(db, FetchedFile, [row])


def _say(told: Mapping[str, Any]) -> None:
    """Say by numbers what came; names of files may be names of people."""
    if not told["files"]:
        return
    rejected = sum(len(group["claims"]) for group in told["matched"] if group["state"] == ClaimState.REJECTED.value)
    waiting = sum(payment["fate"] == "queued" for payment in told["payments"])
    counts = (len(told["files"]), len(told["payments"]), waiting, rejected, len(told["unmatched"]))
    words = "%s files taken in: %s payments, %s of them wait for a person; %s claims rejected; %s answers fit no claim"
    _log.log(logging.WARNING if waiting or rejected or told["unmatched"] else logging.INFO, words, *counts)
