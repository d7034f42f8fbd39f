"""Files that answer claims: kept, read, and taken in, in one transaction each.

A file is kept whatever it holds. It is read before anything is locked, and moves its claims all together
or not at all; the same file again changes nothing and is told again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from billing import clock
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.claims.answers.acknowledgement import Unmatched
from billing.claims.answers.answering import Outcome, take_in
from billing.claims.answers.files import NO_KIND, AnswerFile, read_answer_file
from billing.claims.lifecycle import ClaimState
from billing.database import Database, Db
from billing.documents.receiving import OWNER_KIND, name_of, receive
from billing.errors import Conflict, DatabaseAway, MeridianError
from billing.operations.coming_files import ComingFile
from billing.ports import DocumentStore
from billing.relay import attempt

_BY = Actor(ActorKind.COMMAND, "answers")
_NAMED = 3
"""Claims named of many about which there is nothing to do."""
_NEXT = (
    "Rejected claims: {count}. No payer has judged them, and their time for filing runs on. "
    "What was sent, and what was said of it: meridian explain claim NUMBER\n"
    "Correct the record: the next meridian bill then files the claim anew. "
    "If nothing is to be corrected: meridian bill --refile NUMBER"
)


def read_answers(
    database: Database,
    documents: DocumentStore,
    files: Sequence[ComingFile],
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Take in the files one after the other; gives the report of ``meridian answers --json``.

    ``progress`` hears how many are done. A file that cannot be read or kept is told of and holds up no other.
    """
    report: dict[str, Any] = {"matched": [], "unmatched": []}
    for done, file in enumerate(files, start=1):
        name, outcome = name_of(file.name), _take_file(database, documents, file)
        report["matched"] += [
            {"file": name, "kind": one.kind, "claim": one.claim, "state": one.state.value, "why": one.why}
            for one in outcome.matched
        ]
        report["unmatched"] += [{"file": name, "kind": one.kind, "why": one.why} for one in outcome.unmatched]
        progress(done)
    return report


def is_left_for_a_person(report: dict[str, Any]) -> bool:
    """Whether an answer found no claim, or a claim that was answered stands rejected."""
    return bool(report["unmatched"]) or any(one["state"] == ClaimState.REJECTED for one in report["matched"])


def as_text(report: dict[str, Any]) -> str:
    """The report for people: what was said alike of several claims in one line, and last what somebody must see to."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for one in report["matched"]:
        alike.setdefault((one["state"], one["file"], one["kind"], one["why"]), []).append(one["claim"])
    fine = {said: claims for said, claims in alike.items() if said[0] != ClaimState.REJECTED}
    rejected = {said: claims for said, claims in alike.items() if said[0] == ClaimState.REJECTED}
    unmatched = Counter((one["file"], one["kind"], one["why"]) for one in report["unmatched"])
    lines = [_matched_text(said, claims, most_named=_NAMED) for said, claims in fine.items()]
    lines += [_matched_text(said, claims, most_named=len(claims)) for said, claims in rejected.items()]
    for (file, kind, why), count in unmatched.items():
        lines.append(f"{file}: UNMATCHED {kind}{f', {count} times' if count > 1 else ''}. {why}")
    lines.append(f"{len(report['matched'])} answers matched, {len(report['unmatched'])} unmatched.")
    if rejected:
        lines.append(_NEXT.format(count=len({claim for claims in rejected.values() for claim in claims})))
    return "\n".join(lines)


def _matched_text(said: tuple[str, str, str, str], claims: Sequence[str], *, most_named: int) -> str:
    state, file, kind, why = said
    if len(claims) == 1:
        return f"{file}: claim {claims[0]} is {state}. {kind} {why}"
    further = len(claims) - most_named
    names = ", ".join(claims[:most_named]) + (f" and {further} more" if further > 0 else "")
    return f"{file}: {len(claims)} claims are {state} ({names}). {kind} {why}"


def _take_file(database: Database, documents: DocumentStore, file: ComingFile) -> Outcome:
    try:
        content = file.read_bytes()
    except OSError as error:
        return Outcome((), (Unmatched(NO_KIND, f"The file cannot be read: {error.strerror}."),))
    read = read_answer_file(content)
    try:
        sha256 = documents.put(content)

        def act(db: Db) -> Outcome:
            return _record(db, file.name, sha256, len(content), read)

        # A payment may decide one of the claims meanwhile; then the answers are weighed anew.
        return attempt(database, act, Conflict, lambda db, _: act(db))
    except DatabaseAway:
        raise
    except MeridianError as error:
        why = f"{error} Nothing of this file was taken in; give it again."
        return Outcome((), (Unmatched(read.kind or NO_KIND, why),))


def _record(db: Db, file_name: str, sha256: str, size: int, read: AnswerFile) -> Outcome:
    at = clock.now()
    received = receive(db, file_name, sha256, size, read.kind, at)
    taken = take_in(db, received.file_id, read.answers, at)
    outcome = Outcome(taken.matched, (*read.unmatched, *taken.unmatched))
    counts = {"matched": len(outcome.matched), "unmatched": len(outcome.unmatched)}
    subject = Subject(OWNER_KIND, str(received.file_id))
    record(db, _BY, "answers read", subject, at, {"kind": read.kind, "new": received.is_new, **counts})
    return outcome
