"""Answers find their claims and move them.

Every answer is kept with its claim once, however often and in whatever file it comes. A claim moves only
when the answer outweighs what was said before. A word on a file, or on a claim in it, proves that the
file arrived; so a file whose fate was unknown is then known to be sent, with all its claims.
A claim that another has replaced moves no more; that it is accepted after all is for a person to settle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import select, update

from billing.claims.answers.acknowledgement import AboutClaim, AboutFile, Answer, Unmatched
from billing.claims.answers.standing import CLAIMS_AT_ONCE, Standing, standings_in, standings_named
from billing.claims.filing.sending import LEASE, give_up_lost
from billing.claims.lifecycle import UNFILED, ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimAnswer, ClaimFile, FileState, Verdict
from billing.claims.moving import Move, move
from billing.claims.queries import in_place_of
from billing.database import Db, batches, hold_lock, insert_ignoring

LOCK = "answers to claims"
"""Held while answers are weighed, so that none is weighed without what another process takes in."""

_BY = "command:answers"
_AGAIN = f"is still being sent. Give this answer again in {LEASE.seconds // 60} minutes."
_NEVER_SENT = "was never sent. Ask the sender what was meant."
_ELSEWHERE = "If another system filed it, give the answer to that one."
_LONGEST_NAME = 50


@dataclass(frozen=True, slots=True)
class Matched:
    """An answer that found its claim."""

    kind: str
    claim: str
    """Patient control number."""
    state: ClaimState
    """Where the claim stands after all that came in the same file."""
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the answers of one file, in the order in which they were said."""

    matched: tuple[Matched, ...]
    unmatched: tuple[Unmatched, ...]


def take_in(db: Db, file_id: int, answers: Sequence[Answer], at: datetime) -> Outcome:
    """Keep the answers of one received file with the claims they are about, and move the claims.

    Raises :class:`Conflict` when somebody else moves one of these claims meanwhile.
    """
    hold_lock(db, LOCK)
    give_up_lost(db, at, _BY)
    desk = _desk(db, answers)
    others = in_place_of(db, [one.claim_id for one in desk.by_name.values() if one.state is ClaimState.REPLACED])
    told: list[tuple[str, Standing, str]] = []
    unmatched: list[Unmatched] = []
    for answer in answers:
        meant = desk.meant(answer.about)
        if isinstance(meant, str):
            unmatched.append(Unmatched(answer.kind, meant))
            continue
        for one in meant:
            why = one.weigh(answer, at)
            if one.state is ClaimState.REPLACED and answer.verdict is Verdict.ACCEPTED:
                unmatched.append(Unmatched(answer.kind, _two_claims(one, others.get(one.claim_id), why)))
            else:
                told.append((answer.kind, one, why))
    standings = desk.by_name.values()
    _keep(db, file_id, standings, at)
    _move(db, [one.moves for one in standings if one.moves], at)
    _find(db, desk, answers, at)
    matched = (Matched(kind, one.control_number, one.state, why) for kind, one, why in told)
    return Outcome(tuple(matched), tuple(unmatched))


def _two_claims(accepted: Standing, other: Claim | None, why: str) -> str:
    """What is to be done about a claim that was taken after all, when its session was billed anew."""
    place = f"claim {other.control_number}, now {other.state}, took its place" if other else "it was set aside"
    return (
        f"Claim {accepted.control_number}: {why}. But after it had been rejected, {place}: the payer may have two "
        "claims for one visit. Ask the payer to keep only one, before it pays both."
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """All that the answers of one file can be about."""

    files: dict[int, ClaimFile]
    """By control number."""
    by_name: dict[str, Standing]
    in_file: dict[int, list[Standing]]
    """By the file's own number, all claims of it; only of the files above."""

    def meant(self, about: AboutClaim | AboutFile) -> list[Standing] | str:
        """The claims that are meant, or why they cannot be answered."""
        if isinstance(about, AboutClaim):
            return self._claim(about)
        file = self._file(about)
        if isinstance(file, str):
            return file
        return [one for one in self.in_file[file.id] if one.control_number not in about.spared]

    def _claim(self, about: AboutClaim) -> list[Standing] | str:
        if not about.names:
            return "It does not say which claim it means. Ask the sender for the patient control number."
        found = next((self.by_name[name] for name in about.names if name in self.by_name), None)
        if found is None:
            return f"There is no claim {about.names[0][:_LONGEST_NAME]} here. {_ELSEWHERE}"
        if found.state is ClaimState.SENDING:
            return f"Claim {found.control_number} {_AGAIN}"
        return f"Claim {found.control_number} {_NEVER_SENT}" if found.state in UNFILED else [found]

    def _file(self, about: AboutFile) -> ClaimFile | str:
        if not about.written:
            return "It does not say which claim file it means. Ask the sender for its control number."
        named = f"claim file {about.written[:_LONGEST_NAME]}"
        found = None if about.number is None else self.files.get(about.number)
        if found is None:
            return f"There is no {named} here. {_ELSEWHERE}"
        if found.state is FileState.SENDING:
            return f"The {named} {_AGAIN}"
        return f"The {named} {_NEVER_SENT}" if found.state is FileState.PREPARED else found


def _desk(db: Db, answers: Sequence[Answer]) -> _Desk:
    about = [answer.about for answer in answers]
    numbers = {one.number for one in about if isinstance(one, AboutFile) and one.number is not None}
    files = {
        file.control_number: file
        for some in batches(sorted(numbers), CLAIMS_AT_ONCE)
        for file in db.scalars(select(ClaimFile).where(ClaimFile.control_number.in_(some)))
    }
    by_name = {one.control_number: one for one in standings_in(db, sorted(file.id for file in files.values()))}
    in_file = defaultdict(list)
    for one in by_name.values():
        in_file[one.file_id or 0].append(one)
    names = {name for one in about if isinstance(one, AboutClaim) for name in one.names}
    by_name.update({one.control_number: one for one in standings_named(db, sorted(names - by_name.keys()))})
    return _Desk(files, by_name, in_file)


def _keep(db: Db, file_id: int, standings: Iterable[Standing], at: datetime) -> None:
    rows = [
        {
            "claim_id": one.claim_id,
            "file_id": file_id,
            "kind": answer.kind,
            "reference": answer.reference,
            "code": answer.code,
            "verdict": answer.verdict,
            "said_on": answer.said_on,
            "why": answer.why,
            "received_at": at,
        }
        for one in standings
        for answer in one.new
    ]
    insert_ignoring(db, ClaimAnswer, rows)


def _move(db: Db, moves: Iterable[Sequence[Move]], at: datetime) -> None:
    """Make every claim's first move, then its second; claims that make the same one, together."""
    for wave in zip_longest(*moves):
        alike: dict[tuple[ClaimState, ClaimEvent, str], list[int]] = defaultdict(list)
        for one in filter(None, wave):
            alike[one.state, one.event, one.why].append(one.claim_id)
        for (state, event, why), claim_ids in alike.items():
            for some in batches(claim_ids, CLAIMS_AT_ONCE):
                move(db, some, state, event, by=_BY, why=why, at=at)


def _find(db: Db, desk: _Desk, answers: Sequence[Answer], at: datetime) -> None:
    """Call *sent* the files of unknown fate that were answered, and every claim that went with them."""
    answered = {one.file_id for one in desk.by_name.values() if one.file_id and any(map(_proves_arrival, one.new))}
    for answer in answers:
        if isinstance(answer.about, AboutFile) and answer.about.number in desk.files and _proves_arrival(answer):
            answered.add(desk.files[answer.about.number].id)
    for some in batches(sorted(answered), CLAIMS_AT_ONCE):
        unknown = update(ClaimFile).where(ClaimFile.id.in_(some), ClaimFile.state == FileState.UNKNOWN)
        sent = unknown.values(state=FileState.SENT, sent_at=ClaimFile.taken_at).returning(ClaimFile.id)
        for file_id in db.scalars(sent.execution_options(synchronize_session=False)).all():
            _find_claims(db, desk, file_id, at)


def _find_claims(db: Db, desk: _Desk, file_id: int, at: datetime) -> None:
    waiting = select(Claim.id, Claim.control_number).where(Claim.file_id == file_id, Claim.state == ClaimState.UNKNOWN)
    found = db.execute(waiting.order_by(Claim.id)).all()
    why = "its file was answered, so it arrived"
    for some in batches((claim_id for claim_id, _ in found), CLAIMS_AT_ONCE):
        move(db, some, ClaimState.UNKNOWN, ClaimEvent.FOUND, by=_BY, why=why, at=at)
    for _, name in found:
        if name in desk.by_name:
            desk.by_name[name].state = ClaimState.SENT


def _proves_arrival(answer: Answer) -> bool:
    return answer.verdict is not Verdict.NOTED
