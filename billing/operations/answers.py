"""Files that answer claims, and questions about cover: kept, read, and taken in.

A file is kept whatever it holds. It is read before anything is locked, and moves its claims all together
or not at all; answers about cover follow, many at a time. The same file again changes nothing and is told again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from billing import clock
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.claims.answers.acknowledgement import AboutFile, Answer, Unmatched
from billing.claims.answers.answering import Outcome, take_in
from billing.claims.answers.files import NO_KIND, AnswerFile, read_answer_file
from billing.claims.lifecycle import ClaimState
from billing.database import Database, Db
from billing.documents.receiving import OWNER_KIND, name_of, receive
from billing.errors import Conflict, DatabaseAway, MeridianError
from billing.operations.coming_files import ComingFile
from billing.operations.eligibility.acknowledging import OF_NO_QUESTION, Acknowledged, take_in_acknowledgements
from billing.operations.eligibility.answer_files import NOTHING, TakenFile, take_in_file
from billing.operations.eligibility.applying import KIND as ELIGIBILITY
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
        name, taken = name_of(file.name), _take_file(database, documents, file)
        report["matched"] += [
            {"file": name, "kind": one.kind, "claim": one.claim, "state": one.state.value, "why": one.why}
            for one in taken.claims.matched
        ]
        report["matched"] += [
            {"file": name, "kind": one.kind, "claim": None, "question": one.trace, "state": one.state.value,
             "why": one.why}
            for one in (*taken.acknowledged.matched, *taken.cover.matched)
        ]  # fmt: skip
        report["unmatched"] += [{"file": name, "kind": one.kind, "why": one.why} for one in taken.claims.unmatched]
        report["unmatched"] += [{"file": name, "kind": ELIGIBILITY, "why": why} for why in taken.cover.unmatched]
        report["unmatched"] += [{"file": name, "kind": "999", "why": why} for why in taken.acknowledged.unmatched]
        progress(done)
    return report


def is_left_for_a_person(report: dict[str, Any]) -> bool:
    """Whether an answer found nothing of ours, or a claim or question that was answered stands rejected."""
    return bool(report["unmatched"]) or any(one["state"] == ClaimState.REJECTED for one in report["matched"])


def as_text(report: dict[str, Any]) -> str:
    """The report for people: what was said alike of several claims in one line, and last what somebody must see to."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    of_claims = [one for one in report["matched"] if one["claim"] is not None]
    for one in of_claims:
        alike.setdefault((one["state"], one["file"], one["kind"], one["why"]), []).append(one["claim"])
    fine = {said: claims for said, claims in alike.items() if said[0] != ClaimState.REJECTED}
    rejected = {said: claims for said, claims in alike.items() if said[0] == ClaimState.REJECTED}
    unmatched = Counter((one["file"], one["kind"], one["why"]) for one in report["unmatched"])
    lines = [_matched_text(said, claims, most_named=_NAMED) for said, claims in fine.items()]
    lines += [_matched_text(said, claims, most_named=len(claims)) for said, claims in rejected.items()]
    lines += [_question_text(one) for one in report["matched"] if one["claim"] is None]
    for (file, kind, why), count in unmatched.items():
        lines.append(f"{file}: UNMATCHED {kind}{f', {count} times' if count > 1 else ''}. {why}")
    lines.append(f"{len(report['matched'])} answers matched, {len(report['unmatched'])} unmatched.")
    if rejected:
        lines.append(_NEXT.format(count=len({claim for claims in rejected.values() for claim in claims})))
    return "\n".join(lines)


def _question_text(one: Mapping[str, Any]) -> str:
    return f"{one['file']}: eligibility question {one['question']} is {one['state']}. {one['kind']} {one['why']}"


def _matched_text(said: tuple[str, str, str, str], claims: Sequence[str], *, most_named: int) -> str:
    state, file, kind, why = said
    if len(claims) == 1:
        return f"{file}: claim {claims[0]} is {state}. {kind} {why}"
    further = len(claims) - most_named
    names = ", ".join(claims[:most_named]) + (f" and {further} more" if further > 0 else "")
    return f"{file}: {len(claims)} claims are {state} ({names}). {kind} {why}"


@dataclass(frozen=True, slots=True)
class _Taken:
    """What became of a file."""

    claims: Outcome
    cover: TakenFile = NOTHING
    acknowledged: Acknowledged = OF_NO_QUESTION


def _take_file(database: Database, documents: DocumentStore, file: ComingFile) -> _Taken:
    try:
        content = file.read_bytes()
    except OSError as error:
        return _Taken(Outcome((), (Unmatched(NO_KIND, f"The file cannot be read: {error.strerror}."),)))
    read = read_answer_file(content)
    try:
        sha256 = documents.put(content)

        def act(db: Db) -> tuple[int, Outcome, Acknowledged]:
            return _record(db, file.name, sha256, content, read)

        # A payment may decide one of the claims meanwhile; then the answers are weighed anew.
        file_id, outcome, acknowledged = attempt(database, act, Conflict, lambda db, _: act(db))
        cover = _about_cover(database, file_id, content) if read.has_eligibility else NOTHING
        return _Taken(outcome, cover, acknowledged)
    except DatabaseAway:
        raise
    except MeridianError as error:
        why = f"{error} Nothing of this file was taken in; give it again."
        return _Taken(Outcome((), (Unmatched(read.kind or NO_KIND, why),)))


def _about_cover(database: Database, file_id: int, content: bytes) -> TakenFile:
    try:
        return take_in_file(database, file_id, content, str(_BY))
    except DatabaseAway:
        raise
    except MeridianError as error:
        return TakenFile((), (f"{error} Not every answer about coverage was taken in; give the file again.",))


def _record(db: Db, file_name: str, sha256: str, content: bytes, read: AnswerFile) -> tuple[int, Outcome, Acknowledged]:
    at = clock.now()
    received = receive(db, file_name, sha256, len(content), read.kind, at)
    of_questions = OF_NO_QUESTION
    if read.has_acknowledgements:
        of_questions = take_in_acknowledgements(db, content, by=str(_BY), at=at)
    taken = take_in(db, received.file_id, [one for one in read.answers if not _is_of(one, of_questions)], at)
    outcome = Outcome(taken.matched, (*read.unmatched, *taken.unmatched))
    counts = {"matched": len(outcome.matched), "unmatched": len(outcome.unmatched)}
    subject = Subject(OWNER_KIND, str(received.file_id))
    record(db, _BY, "answers read", subject, at, {"kind": read.kind, "new": received.is_new, **counts})
    return received.file_id, outcome, of_questions


def _is_of(answer: Answer, of_questions: Acknowledged) -> bool:
    """Whether it speaks of a file of questions: numbers of files are used once, whatever is in them."""
    return isinstance(answer.about, AboutFile) and answer.about.number in of_questions.numbers
