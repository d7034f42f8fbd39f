"""A claim's way from the booking to the last cent, as one list of what happened, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby

from sqlalchemy import select

from billing import clock
from billing.access.models import User
from billing.charges.capturing import source_of
from billing.claims.lifecycle import ClaimEvent
from billing.claims.models import Adjudication, ClaimAnswer, ClaimMove, Verdict
from billing.claims.queries import answers_to
from billing.clinic.models import Clinic
from billing.database import Db
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.ledger.models import Entry
from billing.money import Money
from billing.payments.queries import payments_of_sessions
from billing.practitioners.models import Practitioner
from billing.remittances.models import Remittance
from billing.reports.claim_page import TURN_WORDS, ClaimSeen
from billing.reports.money_words import means
from billing.sessions.lifecycle import SessionEvent
from billing.sessions.models import Note, SessionMove

_STATEMENTS = 6
"""So many statements are told; a patient who does not pay gets one each month."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened."""

    at: datetime
    title: str
    detail: str = ""
    tone: str = "info"
    """``good``, ``warn``, ``bad``, ``info`` or ``quiet``."""
    where: str = ""
    """What it is to be seen on, as ``kind:id``."""
    is_day: bool = False
    """Whether only its day is known."""


_E = ClaimEvent
_MOVES: Mapping[ClaimEvent, tuple[str, str]] = {
    _E.PASSED: ("Ready to be filed", "info"),
    _E.STOPPED: ("Held", "bad"),
    _E.TAKEN: ("Handed over", "quiet"),
    _E.DELIVERED: ("Filed", "good"),
    _E.RETURNED: ("Not taken: it goes again", "warn"),
    _E.LOST: ("Nobody knows whether it arrived", "warn"),
    _E.FOUND: ("It arrived after all", "good"),
    _E.MISSED: ("It did not arrive: it goes again", "warn"),
    _E.REJECTED: ("Rejected", "bad"),
    _E.ACCEPTED: ("Accepted for a decision", "good"),
    _E.FORWARDED: ("Passed on by the payer before it", "info"),
    _E.DENIED: ("Denied", "bad"),
    _E.PAID: ("Decided", "good"),
    _E.REVERSED: ("Decision taken back", "warn"),
    _E.CLOSED: ("Closed", "quiet"),
    _E.REPLACED: ("Set aside: its session is billed anew", "quiet"),
    _E.VOIDED: ("Voided", "quiet"),
}
_SESSION: Mapping[SessionEvent, str] = {
    SessionEvent.BOOKED: "Booked",
    SessionEvent.CHECKED_IN: "Arrived",
    SessionEvent.CHECKED_OUT: "Checked out",
}
_HANDS = {
    "command:bill": "the billing run",
    "command:answers": "an answer file",
    "command:remit": "a remittance",
    "command:claim": "somebody at the command line",
    "worker:clock": "the billing that the clock began",
    "worker:file_claims": "the program itself",
}
_VERDICTS = {Verdict.ACCEPTED: "good", Verdict.REJECTED: "bad", Verdict.RECEIVED: "info", Verdict.NOTED: "quiet"}
_DECIDING = (_E.PAID, _E.DENIED, _E.REVERSED)


def claim_story(db: Db, seen: ClaimSeen, clinic: Clinic) -> list[Step]:
    """Everything that happened to a claim and its session; a fixed number of queries."""
    moves = _moves(db, [seen.claim.id, *(other.id for other, _ in seen.others)])
    adjudications = _adjudications(db, seen.claim.id)
    steps = [
        *_session_steps(db, seen),
        *_charge_steps(db, seen, clinic),
        *_claim_steps(db, seen, moves, adjudications),
        *_decision_steps(db, seen, adjudications, clinic),
        *_other_steps(seen, moves),
        *_patient_steps(db, seen, adjudications, clinic),
    ]
    return sorted(steps, key=lambda step: step.at)


def _moves(db: Db, claim_ids: Iterable[int]) -> Sequence[ClaimMove]:
    return db.scalars(select(ClaimMove).where(ClaimMove.claim_id.in_(list(claim_ids))).order_by(ClaimMove.id)).all()


def _adjudications(db: Db, claim_id: int) -> Sequence[Adjudication]:
    found = select(Adjudication).where(Adjudication.claim_id == claim_id)
    return db.scalars(found.order_by(Adjudication.posted_at, Adjudication.source)).all()


def _session_steps(db: Db, seen: ClaimSeen) -> Iterator[Step]:
    session = seen.session
    where = f"session:{session.id}"
    treated_by = f"{seen.practitioner.first_name} {seen.practitioner.last_name}"
    yield Step(session.starts_at, "Session", f"with {treated_by}", "info", where)
    moves = select(SessionMove).where(SessionMove.session_id == session.id).order_by(SessionMove.id)
    for move in db.scalars(moves):
        if move.event in _SESSION:
            yield Step(move.at, _SESSION[move.event], "", "quiet", where)
    notes = db.execute(
        select(Note.version, Note.signed_at, Note.why_amended, Practitioner)
        .join(Practitioner, Practitioner.id == Note.signed_by_id)
        .where(Note.session_id == session.id)
        .order_by(Note.version)
    )
    for version, signed_at, why, by in notes:
        title = "Note signed" if version == 1 else f"Note amended, version {version}"
        reason = f": {why}" if why else ""
        yield Step(signed_at, title, f"by {by.first_name} {by.last_name}{reason}", "good", where)


def _charge_steps(db: Db, seen: ClaimSeen, clinic: Clinic) -> Iterator[Step]:
    recorded = dict(
        db.execute(
            select(Entry.source, Entry.recorded_at).where(
                Entry.source.in_([source_of(line.charge) for line in seen.lines])
            )
        ).all()
    )
    for at in sorted(set(recorded.values())):
        together = [line for line in seen.lines if recorded.get(source_of(line.charge)) == at]
        total = Money(sum(line.charge.cents for line in together), clinic.currency)
        codes = ", ".join(f"{line.charge.code} x{line.charge.units}" for line in together)
        yield Step(at, f"Charged {total}", codes, "info", f"session:{seen.session.id}")


def _claim_steps(
    db: Db, seen: ClaimSeen, moves: Sequence[ClaimMove], adjudications: Sequence[Adjudication]
) -> Iterator[Step]:
    answers = answers_to(db, seen.claim.id)
    yield from map(_answer_step, answers)
    told = {(answer.received_at, answer.why) for answer in answers}
    decided = {at for one in adjudications for at in (one.posted_at, one.reversed_at)}
    names = _names(db, moves)
    own = [move for move in moves if move.claim_id == seen.claim.id]
    shown = []
    for number, move in enumerate(own):
        is_told = (move.at, move.why) in told or (move.event in _DECIDING and move.at in decided)
        is_passed_over = move.event is _E.TAKEN and own[number + 1 : number + 2]
        if not is_told and not is_passed_over:
            shown.append(move)
    for (event, why, by), alike in groupby(shown, lambda move: (move.event, move.why, move.by)):
        first, *others = alike
        title, tone = _MOVES[event]
        again = f", {len(others) + 1} times" if others else ""
        yield Step(first.at, title, f"{why.removesuffix('.')}, by {names.get(by, by)}{again}", tone)


def _answer_step(answer: ClaimAnswer) -> Step:
    said = f"{answer.kind}: {answer.verdict}"
    on = f", dated {answer.said_on}" if answer.said_on else ""
    return Step(answer.received_at, said, f"{answer.why}{on}", _VERDICTS[answer.verdict])


def _names(db: Db, moves: Iterable[ClaimMove]) -> dict[str, str]:
    """Who the hands in the history are."""
    ids = {int(number) for kind, _, number in (move.by.partition(":") for move in moves) if kind == "user"}
    if not ids:
        return _HANDS
    users = db.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {**_HANDS, **{f"user:{number}": name for number, name in users}}


def _decision_steps(db: Db, seen: ClaimSeen, adjudications: Sequence[Adjudication], clinic: Clinic) -> Iterator[Step]:
    numbers = {_remittance_id(one.source) for one in adjudications} - {0}
    traces = {}
    if numbers:
        known = select(Remittance.id, Remittance.trace_number).where(Remittance.id.in_(numbers))
        traces = dict(db.execute(known).all())
    for one in adjudications:
        number = _remittance_id(one.source)
        where = f"remittance:{number}" if number else ""
        by = seen.payer.name if seen.payer else "The payer"
        paid, patient = Money(one.paid_cents, clinic.currency), Money(one.patient_cents, clinic.currency)
        payment = f", payment {traces[number]}" if traces.get(number) else ""
        title = f"{by} refused it" if one.is_denial else f"{by} paid {paid}"
        part = f"; {patient} is the patient's part" if one.patient_cents else ""
        detail = f"decided on {one.decided_on}{payment}{part}"
        yield Step(one.posted_at, title, detail, "bad" if one.is_denial else "good", where)
        if one.reversed_at:
            yield Step(one.reversed_at, "That decision is taken back", f"the one of {one.decided_on}", "warn", where)


def _remittance_id(source: str) -> int:
    kind, _, rest = source.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind == "remittance" and number.isdecimal() else 0


def _other_steps(seen: ClaimSeen, moves: Sequence[ClaimMove]) -> Iterator[Step]:
    """When the session's other claims were made."""
    for other, payer in seen.others:
        first = next((move for move in moves if move.claim_id == other.id), None)
        if first:
            title = f"Claim {other.control_number} made"
            detail = f"to {payer}, as its {TURN_WORDS[other.responsibility]}; it is {other.state} now"
            yield Step(first.at, title, detail, "info", f"claim:{other.id}")


def _patient_steps(db: Db, seen: ClaimSeen, adjudications: Sequence[Adjudication], clinic: Clinic) -> Iterator[Step]:
    for payment in payments_of_sessions(db, [seen.session.id]).get(seen.session.id, ()):
        # Only the day is known: it is told after everything else of that day.
        evening = clock.instant(payment.received_on, time(23, 59), clinic.time_zone)
        amount = Money(payment.cents, clinic.currency)
        where = f"payment:{payment.id}"
        yield Step(
            evening, f"The patient paid {amount}", f"with the session, {means(payment)}", "good", where, is_day=True
        )
    since = next((one.posted_at for one in adjudications if one.patient_cents > 0), None)
    if since is None:
        return
    statements = select(Paper).where(
        Paper.patient_id == seen.patient.id, Paper.kind == PaperKind.STATEMENT, Paper.issued_at >= since
    )
    for paper in db.scalars(statements.order_by(Paper.id).limit(_STATEMENTS)):
        name, amount = paper_name(paper.kind, paper.number), Money(paper.total_cents, clinic.currency)
        detail = f"{name}, {amount} for the whole account"
        yield Step(paper.issued_at, "Statement to the patient", detail, "info", f"patient:{seen.patient.id}")
