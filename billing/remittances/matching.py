"""Which claim of ours, and which of its charges, a payer's answer means. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from billing.claims.lifecycle import CLAIM, UNFILED, ClaimEvent, ClaimState
from billing.claims.models import Responsibility
from billing.edi.remittance_835.remittance import ClaimPayment, Procedure, ServicePayment
from billing.identifiers import compact_member_id
from billing.money import text_from_cents
from billing.sessions.models import AccidentKind

REVERSAL = "22"
NOTED_ONLY = frozenset({"23", "25"})
"""CLP02: passed on as not the payer's, and a mere prediction; neither decides anything."""
_TURN = {
    "2": Responsibility.SECONDARY,
    "20": Responsibility.SECONDARY,
    "3": Responsibility.TERTIARY,
    "21": Responsibility.TERTIARY,
}
TURNS = tuple(Responsibility)
"""The order in which payers are asked."""
_PAYABLE = frozenset({state for state in ClaimState if CLAIM.allows(state, ClaimEvent.PAID)} | {ClaimState.PAID})


class LineOnFile(NamedTuple):
    """A charge as a claim carried it."""

    charge_id: int
    code: str
    modifiers: tuple[str, ...]
    cents: int
    service_on: date


@dataclass(frozen=True, slots=True)
class ClaimOnFile:
    """A claim as our books know it."""

    id: int
    control_number: str
    session_id: int
    patient_id: int
    service_on: date
    accident: AccidentKind | None
    responsibility: Responsibility
    payer_id: int | None
    payer_name: str
    state: ClaimState
    total_cents: int
    lines: tuple[LineOnFile, ...] = ()
    """As last filed; those of the session's first claim when this one was passed on without us."""
    names: frozenset[str] = frozenset()
    """The patient's and the subscriber's last name, and the member number, in the form of :func:`comparable`."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What an answer may mean: claims, and the claims and lines that were filed with them."""

    claims: Mapping[str, ClaimOnFile]
    """By patient control number."""
    lines: Mapping[str, tuple[ClaimOnFile, LineOnFile]]
    """By line control number."""
    of_session: Mapping[int, Sequence[ClaimOnFile]]
    """The claims of one session that stand, by session."""


class Parties(NamedTuple):
    """Who pays and who is paid, as far as a payment tells."""

    payers: frozenset[int]
    """Ids of the payers on file that it visibly comes from; none when nobody on file is named."""
    is_to_us: bool
    """It is not made out to somebody else."""


class AnsweredLine(NamedTuple):
    """A charge, and what the payer said of it: in several pieces when it was split."""

    charge: LineOnFile
    answers: tuple[ServicePayment, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The claim that is meant and its charges; no charges when the payer answered the claim as a whole."""

    claim: ClaimOnFile
    lines: tuple[AnsweredLine, ...] = ()


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Why an answer cannot be taken for an answer to any claim of ours."""

    why: str


def match(payment: ClaimPayment, candidates: Candidates, parties: Parties) -> Match | NoMatch:
    """The claim and charges that ``payment`` answers.

    The claim is known by its patient control number (CLP01), or else by a line control number (REF*6R) when
    the filed total and the member number or last name agree. Clinics number alike, so where the payment is made
    out to somebody else the patient or the day must agree too; and a payer answers no claim that went to another
    one. Lines are known by line control number, or else by procedure, modifiers, charge and date, the procedure
    as billed (SVC06) before the one as judged.
    """
    found = candidates.claims.get(claim_number(payment)) or _claim_by_lines(payment, candidates)
    if found is None or not (parties.is_to_us or _is_alike(payment, found)):
        return NoMatch("is not a claim of ours")
    claim = _in_turn(payment, found, candidates, parties)
    if parties.payers and claim.payer_id not in parties.payers:
        return NoMatch(f"was sent to {claim.payer_name or 'nobody'}, and another payer answers it")
    if payment.status in NOTED_ONLY:
        return Match(claim)
    if payment.status != REVERSAL and claim.state not in _PAYABLE:
        return NoMatch(_why_not_payable(claim.state))
    if not payment.lines:
        return _as_a_whole(payment, claim)
    return _by_lines(payment, claim, candidates)


def comparable(text: str) -> str:
    """A name or member number without what people write differently."""
    return compact_member_id(text)


def _claim_by_lines(payment: ClaimPayment, candidates: Candidates) -> ClaimOnFile | None:
    named = [candidates.lines.get(line_number(one)) for one in payment.lines if one.control_number]
    claims = {found[0].id: found[0] for found in named if found}
    if len(claims) != 1 or None in named:
        return None
    (claim,) = claims.values()
    agrees = abs(payment.charge_cents) == claim.total_cents and _names(payment) & claim.names
    return claim if agrees else None


def _is_alike(payment: ClaimPayment, claim: ClaimOnFile) -> bool:
    """Whether the patient or the day of an answer is the claim's, as far as it tells either."""
    names = _names(payment)
    days = {payment.service_from, *(line.service_on for line in payment.lines)} - {None}
    return not names or not days or bool(names & claim.names) or claim.service_on in days


def _names(payment: ClaimPayment) -> set[str]:
    """By what an answer names the patient."""
    return {comparable(payment.patient_identifier), comparable(payment.patient_last_name)} - {""}


def _in_turn(payment: ClaimPayment, found: ClaimOnFile, candidates: Candidates, parties: Parties) -> ClaimOnFile:
    """The session's claim whose turn it is: a later payer may answer under an earlier claim's number."""
    turn = _TURN.get(payment.status)
    for other in candidates.of_session.get(found.session_id, ()):
        if TURNS.index(other.responsibility) <= TURNS.index(found.responsibility):
            continue
        is_meant = other.payer_id in parties.payers and found.payer_id not in parties.payers
        if other.responsibility is turn if turn else is_meant:
            return other
    return found


def _why_not_payable(state: ClaimState) -> str:
    if state in UNFILED:
        return f"was never filed: it is {state}"
    if state is ClaimState.SENDING:
        return "is only being sent"
    return f"is {state} and takes no money any more"


def _as_a_whole(payment: ClaimPayment, claim: ClaimOnFile) -> Match | NoMatch:
    filed = sum(line.cents for line in claim.lines)
    if payment.status != REVERSAL and (payment.charge_cents != filed or not claim.lines):
        said = text_from_cents(payment.charge_cents)
        return NoMatch(f"is answered without lines for {said}, but was filed for {text_from_cents(filed)}")
    return Match(claim)


def _by_lines(payment: ClaimPayment, claim: ClaimOnFile, candidates: Candidates) -> Match | NoMatch:
    sign = -1 if payment.status == REVERSAL else 1
    of_claim = {line.charge_id: line for line in claim.lines}
    answers: dict[int, list[ServicePayment]] = defaultdict(list)
    rest: list[ServicePayment] = []
    for one in payment.lines:
        named = candidates.lines.get(line_number(one))
        if named and named[1].charge_id in of_claim:
            answers[named[1].charge_id].append(one)
        else:
            rest.append(one)
    for one in rest:
        free = [line for line in claim.lines if line.charge_id not in answers]
        alike = _alike(one, payment, free, sign)
        if alike is None:
            charge = text_from_cents(one.charge_cents)
            return NoMatch(f"has no charge like its line {one.procedure.code} over {charge}")
        answers[alike.charge_id].append(one)
    for charge_id, found in answers.items():
        said, filed = sign * sum(one.charge_cents for one in found), of_claim[charge_id].cents
        if said != filed:
            code = of_claim[charge_id].code
            return NoMatch(
                f"is answered for {text_from_cents(said)} on its line {code}, filed for {text_from_cents(filed)}"
            )
    in_order = [line for line in claim.lines if line.charge_id in answers]
    return Match(claim, tuple(AnsweredLine(line, tuple(answers[line.charge_id])) for line in in_order))


def claim_number(answer: ClaimPayment) -> str:
    """The patient control number that an answer quotes, as ours are written."""
    return _as_ours(answer.control_number)


def line_number(answer: ServicePayment) -> str:
    """The line control number that an answer quotes, as ours are written."""
    return _as_ours(answer.control_number)


def _as_ours(number: str) -> str:
    """Without what no database can be asked for."""
    return number.replace("\0", "").strip().upper()


def _alike(answer: ServicePayment, payment: ClaimPayment, lines: Iterable[LineOnFile], sign: int) -> LineOnFile | None:
    on = answer.service_on or payment.service_from
    possible = [line for line in lines if line.cents == sign * answer.charge_cents and on in (None, line.service_on)]
    for procedure in (answer.submitted, answer.procedure):
        found = next(filter(_is(procedure), possible), None) if procedure else None
        if found:
            return found
    return None


def _is(procedure: Procedure) -> Callable[[LineOnFile], bool]:
    wanted = (procedure.code.upper(), sorted(one.upper() for one in procedure.modifiers))
    return lambda line: (line.code, sorted(line.modifiers)) == wanted
