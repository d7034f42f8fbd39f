"""Some hundred answers of one payment are matched and judged together, and what follows is gathered on a sheet.

A payer may take a decision back and make another in one payment, in either order. So what meets a decision
that still stands, and what takes back one that is not there yet, is set aside until the payment has been
read to its end: then everything that is taken back goes before everything that is decided again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from billing.claims.lifecycle import CLAIM, ClaimEvent, ClaimState
from billing.claims.models import Responsibility
from billing.claims.moving import Move
from billing.codes.adjustments import reason_text
from billing.coverage.models import Policy
from billing.coverage.policies import in_force
from billing.database import Db
from billing.edi.remittance_835.remittance import ClaimPayment
from billing.ledger.accounts import INSURERS
from billing.ledger.posting import Line, NewEntry
from billing.payers.models import Payer
from billing.remittances.adjudicating import (
    LineDecision,
    Situation,
    decisions,
    is_denial,
    is_duplicate,
    is_last_payer,
    is_protected,
    postings,
)
from billing.remittances.booking import Sheet, storable
from billing.remittances.incoming import IncomingPayment, claim_faults
from billing.remittances.matching import NOTED_ONLY, REVERSAL, TURNS, Candidates, ClaimOnFile, Match, Parties, match
from billing.remittances.queries import candidates, owed_by_insurers, policies_of, standings
from billing.remittances.reversing import Standing, StandingLine, current, mirror, taken_back
from billing.sessions.payment_order import in_order_of_payment

_DECIDED = (ClaimState.PAID, ClaimState.DENIED)


@dataclass(slots=True)
class Course:
    """A payment while it goes into the books."""

    payment: IncomingPayment
    remittance_id: int
    deposit: str
    """Its account; zero in the end."""
    decided_on: date
    at: datetime
    payers: Mapping[int, Payer]
    parties: Parties
    deposited_cents: int = 0
    """What its claims have put on that account so far."""
    patient_ids: set[int] = field(default_factory=set)
    reversals: list[ClaimPayment] = field(default_factory=list)
    """Set aside: they take back what is not in the books yet."""
    repeats: list[ClaimPayment] = field(default_factory=list)
    """Set aside: they decide what has been decided."""

    @property
    def source(self) -> str:
        """What the sources of all its entries begin with."""
        return f"remittance:{self.remittance_id}"

    @property
    def why(self) -> str:
        """What is said to have moved a claim."""
        return storable(f"payment {self.payment.header.trace_number} of {self.payment.header.payer_name}")


def decide(db: Db, course: Course, claims: Sequence[ClaimPayment], *, finally_: bool = False) -> list[str]:
    """Judge these answers and write what follows from them; returns what keeps the payment from being posted.

    ``finally_`` tells that the payment has been read to its end, so that nothing is set aside any more.
    """
    reasons = [f"{named(one)} {fault}" for one in claims for fault in claim_faults(one, course.decided_on)]
    known = candidates(db, claims, with_names=not course.parties.is_to_us)
    matched: list[tuple[ClaimPayment, Match]] = []
    for one in claims:
        found = match(one, known, course.parties)
        if isinstance(found, Match):
            matched.append((one, found))
        else:
            reasons.append(f"{named(one)} {found.why}")
    if reasons:
        return reasons
    round_ = _round(db, course, known, matched, finally_=finally_)
    for one, found in matched:
        reason = round_.judge(one, found)
        if reason:
            reasons.append(f"{named(one)} {reason}")
    if not reasons:
        round_.sheet.write(db)
    return reasons


def named(claim: ClaimPayment) -> str:
    """An answer as a person finds it in the file."""
    return f"claim {claim.ordinal} ({storable(claim.control_number) or 'without a number'})"


def _round(
    db: Db, course: Course, known: Candidates, matched: Sequence[tuple[ClaimPayment, Match]], *, finally_: bool
) -> _Round:
    claims = [found.claim for _, found in matched]
    later = [one for one in claims if one.responsibility is not Responsibility.PRIMARY]
    patient_ids = {one.patient_id for one in claims}
    course.patient_ids |= patient_ids
    return _Round(
        course,
        Sheet(course.at, course.decided_on),
        known,
        standings(db, {one.id for one in known.claims.values()}),
        policies_of(db, patient_ids),
        owed_by_insurers(db, {line.charge_id for one in later for line in one.lines}),
        {one.id: one.state for one in known.claims.values()},
        finally_,
    )


@dataclass(slots=True)
class _Round:
    """The answers that are judged together, and what is known about them."""

    course: Course
    sheet: Sheet
    known: Candidates
    standings: dict[int, list[Standing]]
    """Decisions that stand, by claim."""
    policies: dict[int, list[Policy]]
    owed: dict[int, int]
    """What insurers still owe about the charges that a later payer decides."""
    states: dict[int, ClaimState]
    finally_: bool

    def judge(self, answer: ClaimPayment, found: Match) -> str:
        """Take in one answer; returns why it keeps the payment from being posted, if it does."""
        if answer.status in NOTED_ONLY:
            return self._note(answer, found.claim, "was passed on by the payer, or is a mere prediction")
        if answer.status == REVERSAL:
            return self._take_back(answer, found)
        return self._decide(answer, found)

    def _take_back(self, answer: ClaimPayment, found: Match) -> str:
        lines = decisions(answer, found) if found.lines else []
        for claim in (found.claim, *self.known.of_session.get(found.claim.session_id, ())):
            meant = taken_back(answer, lines, self._made_before(answer, claim))
            if not meant:
                continue
            for one in meant:
                self._mirror(one, one.lines)
                self._strike(claim, one)
            if self.states[claim.id] in _DECIDED:
                self._move(claim, ClaimEvent.REVERSED, f"taken back by {self.course.why}")
            return ""
        if self.finally_:
            return "takes back a decision that is not in the books, or other amounts than were decided"
        self.course.reversals.append(answer)
        return ""

    def _made_before(self, answer: ClaimPayment, claim: ClaimOnFile) -> list[Standing]:
        """The decisions that a reversal may mean: not what the same payment decides only after it."""
        own = f"{self.course.source}:claim:"
        return [
            one
            for one in self.standings.get(claim.id, [])
            if not one.source.startswith(own) or int(one.source.removeprefix(own)) < answer.ordinal
        ]

    def _decide(self, answer: ClaimPayment, found: Match) -> str:
        lines = decisions(answer, found)
        standings = self.standings.get(found.claim.id, [])
        stand = current(standings)
        again = [stand[line.charge_id] for line in lines if line.charge_id in stand]
        if again and not self.finally_:
            self.course.repeats.append(answer)
            return ""
        posted = [
            postings(line, self._situation(answer, found.claim, line, stand.get(line.charge_id))) for line in lines
        ]
        if again and not any(posted) and (is_duplicate(lines) or any(line.posted for line in again)):
            return self._note(answer, found.claim, "is the same claim again: nothing was decided anew")
        if any(line.decision.paid_cents for line in again):
            return "was paid before, and that is not taken back: it would be paid twice"
        replaced = {id(line) for line in again}
        for standing in standings:
            self._mirror(standing, [line for line in standing.lines if id(line) in replaced])
        self._enter(answer, found.claim, lines, posted)
        return ""

    def _situation(
        self, answer: ClaimPayment, claim: ClaimOnFile, line: LineDecision, before: StandingLine | None
    ) -> Situation:
        """``before`` is the decision that this one would replace: what it posted is owed again."""
        owed = None
        if claim.responsibility is not Responsibility.PRIMARY:
            owed = self.owed[line.charge_id] - _owed_in(before.posted if before else ())
        protected = is_protected((*answer.remarks, *line.remarks))
        return Situation(claim.patient_id, self.course.deposit, self._is_last(claim), owed, protected)

    def _is_last(self, claim: ClaimOnFile) -> bool:
        in_turn = TURNS[: TURNS.index(claim.responsibility)]
        others = self.known.of_session.get(claim.session_id, ())
        asked = [claim.payer_id, *(other.payer_id for other in others if other.responsibility in in_turn)]
        policies = in_force(self.policies.get(claim.patient_id, ()), claim.service_on)
        return is_last_payer(claim, asked, in_order_of_payment(policies, claim.accident, self.course.payers))

    def _enter(
        self, answer: ClaimPayment, claim: ClaimOnFile, lines: list[LineDecision], posted: list[list[Line]]
    ) -> None:
        source = f"{self.course.source}:claim:{answer.ordinal}"
        memo = f"{claim.control_number} {self.course.why}"
        self.sheet.adjudicate(source, claim.id, answer, lines)
        standing = Standing(source, answer.charge_cents, [])
        for position, (line, put) in enumerate(zip(lines, posted, strict=True), start=1):
            standing.lines.append(StandingLine(position, line, put))
            if put:
                self._book(NewEntry(f"{source}:line:{position}", self.course.decided_on, memo, put))
        decided = self.standings.setdefault(claim.id, [])
        decided.append(standing)
        stand = current(decided)
        for earlier in decided[:-1]:
            if not any(stand[line.decision.charge_id] is line for line in earlier.lines):
                self._strike(claim, earlier)
        denied = is_denial([line.decision for line in stand.values()])
        self._move(claim, ClaimEvent.DENIED if denied else ClaimEvent.PAID, _why(lines, self.course.why))

    def _mirror(self, standing: Standing, lines: Sequence[StandingLine]) -> None:
        for line in lines:
            if line.posted:
                self._book(mirror(standing, line, self.course.deposit, self.course.decided_on))
                line.posted = ()

    def _strike(self, claim: ClaimOnFile, standing: Standing) -> None:
        self.standings[claim.id].remove(standing)
        self.sheet.taken_back.append(standing.source)

    def _book(self, entry: NewEntry) -> None:
        self.sheet.entries.append(entry)
        for line in entry.lines:
            if line.account == self.course.deposit:
                self.course.deposited_cents += line.cents
        about = entry.lines[0].about or ""
        charge_id = int(about.removeprefix("charge:"))
        if charge_id in self.owed:
            self.owed[charge_id] += _owed_in(entry.lines)

    def _move(self, claim: ClaimOnFile, event: ClaimEvent, why: str) -> None:
        """Move the claim, unless it stands there already."""
        state = self.states[claim.id]
        if CLAIM.allows(state, event):
            self.sheet.moves.append(Move(claim.id, state, event, why))
            self.states[claim.id] = CLAIM.after(state, event)

    def _note(self, answer: ClaimPayment, claim: ClaimOnFile, why: str) -> str:
        reference = f"{self.course.payment.key}|{answer.ordinal}"
        self.sheet.note(claim.id, self.course.payment.file_id, reference, answer, why)
        return ""


def _owed_in(lines: Sequence[Line]) -> int:
    return sum(line.cents for line in lines if line.account.startswith(INSURERS))


def _why(lines: Sequence[LineDecision], payment: str) -> str:
    refused = {reason_text(one.group, one.reason) for line in lines if line.is_denied for one in line.adjustments}
    return f"{payment}: {', '.join(sorted(refused))}" if refused else payment
