"""Rejected claims are set aside, so that their sessions are billed anew.

No payer has judged a rejected claim, so what follows it is a new claim (frequency 1) under a number of its own. That
one is made and judged by the same run, like any claim of an unbilled session; the old one keeps its history.
Which were corrected is asked, not told: what a claim would say today is compared with what was filed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, select

from billing import clock
from billing.charges.models import Charge, Fee
from billing.charges.pricing import FeeSchedule, standard_fees
from billing.claims.assembly.assembling import LOCK
from billing.claims.assembly.turn_problems import turn_problems
from billing.claims.content.snapshot import SNAPSHOT, FiledClaim
from billing.claims.coordination import next_policy
from billing.claims.filing.composing import OnFile, composed, on_file
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimFile, FiledVersion, Responsibility
from billing.claims.moving import move
from billing.database import Db, hold_lock
from billing.edi.text import plain_text
from billing.errors import Problem, Refused
from billing.sessions.facts import Visit
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession

PATIENTS_AT_ONCE = 100
_BY = "command:bill"
_CORRECTED = "corrected since it was rejected: its session is billed anew"
_ASKED_FOR = "somebody asked for it after it was rejected: its session is billed anew"


def claims_to_refile(db: Db, names: Sequence[str], through: date) -> list[Claim]:
    """The rejected claims of these names, which a run up to ``through`` can file again.

    A name is a patient control number, or a claim file's: whatever of it is rejected is meant. Raises
    :class:`Refused`, with every reason, when one of them is not such a claim.
    """
    control_numbers = [number for name in names for number in _rejected_in(db, name) or [name]]
    rows = db.execute(
        select(Claim, ClinicSession)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(Claim.control_number.in_(control_numbers))
        .order_by(Claim.id)
    ).all()
    found = {claim.control_number: _why_not(claim, session, through) for claim, session in rows}
    nothing = "There is no claim {0}, nor a file of that name with rejected claims."
    reasons = [found.get(name, nothing.format(name)) for name in dict.fromkeys(control_numbers)]
    later = [row for row in rows if row[0].responsibility is not Responsibility.PRIMARY]
    if later and not any(reasons):
        known = on_file(db, [claim for claim, _ in later], [session.patient_id for _, session in later], through)
        reasons = [_out_of_turn(claim, known) for claim, _ in later]
    if any(reasons):
        raise Refused(" ".join([*filter(None, reasons), "Nothing was billed."]))
    return [claim for claim, _ in rows]


def _rejected_in(db: Db, file_name: str) -> Sequence[str]:
    """Control numbers of the rejected claims in a claim file, named as reports name it, with its folder or without."""
    file_id = select(ClaimFile.id).where(ClaimFile.name == file_name.rpartition("/")[-1]).scalar_subquery()
    rejected = select(Claim.control_number).where(Claim.file_id == file_id, Claim.state == ClaimState.REJECTED)
    return db.scalars(rejected.order_by(Claim.id)).all()


def _why_not(claim: Claim, session: ClinicSession, through: date) -> str:
    name, on = claim.control_number, session.service_on
    if claim.state is ClaimState.REPLACED:
        return f"Claim {name} is replaced already; only a rejected claim can be filed again."
    if claim.state is not ClaimState.REJECTED:
        return f"Claim {name} is {claim.state}; only a rejected claim can be filed again."
    if claim.file_id is None:
        return f"Claim {name} was passed on by the payer before it; we have nothing to file again."
    if session.state is not SessionState.SIGNED:
        return f"The session of claim {name} is {session.state}; only what is signed can be billed."
    return f"The session of claim {name} is on {on}, and this run goes up to {through}." if on > through else ""


def _out_of_turn(claim: Claim, known: OnFile) -> str:
    problems = _turn_problems(claim, known)
    said = " ".join(f"{one.why} {one.fix}" for one in problems)
    return f"Claim {claim.control_number} cannot be filed again now. {said}" if problems else ""


def set_aside_named(db: Db, names: Sequence[str], through: date, by: str = _BY) -> None:
    """Replace these rejected claims, as somebody wants it, whether anything was corrected or not.

    All of them or none; ``by`` stands in their histories. Raises :class:`Refused` like :func:`claims_to_refile`.
    """
    hold_lock(db, LOCK)
    claims = claims_to_refile(db, names, through)
    _set_aside(db, [claim.id for claim in claims], _ASKED_FOR, by)


def set_aside_corrected(db: Db, after_patient: int, through: date, by: str = _BY) -> int | None:
    """Replace the next patients' rejected claims that would say something else today; a stage for ``relay.climb``.

    The cursor is the last patient's id; ``by`` stands in their histories. Sessions after ``through`` are left alone.
    Locks like the billing run.
    """
    hold_lock(db, LOCK)
    patient_ids = _patients(db, after_patient, through)
    if not patient_ids:
        return None
    rows = db.execute(
        select(Claim, FiledVersion.snapshot)
        .join(FiledVersion, FiledVersion.claim_id == Claim.id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(*_is_rejected(through), ClinicSession.patient_id.in_(patient_ids))
        .order_by(Claim.id, FiledVersion.version)
        .with_for_update(of=Claim)
    ).all()
    last = {claim.id: (claim, snapshot) for claim, snapshot in rows}
    known = on_file(db, [claim for claim, _ in last.values()], patient_ids, through)
    schedule = standard_fees(db.scalars(select(Fee)))
    corrected = [
        claim.id
        for claim, snapshot in last.values()
        if _is_corrected(claim, SNAPSHOT.validate_python(snapshot), known, schedule)
    ]
    _set_aside(db, corrected, _CORRECTED, by)
    return patient_ids[-1]


def _patients(db: Db, after: int, through: date) -> list[int]:
    return list(
        db.scalars(
            select(ClinicSession.patient_id)
            .join(Claim, Claim.session_id == ClinicSession.id)
            .where(*_is_rejected(through), ClinicSession.patient_id > after)
            .group_by(ClinicSession.patient_id)
            .order_by(ClinicSession.patient_id)
            .limit(PATIENTS_AT_ONCE)
        )
    )


def _is_rejected(through: date) -> list[ColumnElement[bool]]:
    """Conditions on claims and their sessions: those of ours that no payer took, of what may be billed."""
    return [
        Claim.state == ClaimState.REJECTED,
        Claim.file_id.is_not(None),
        ClinicSession.state == SessionState.SIGNED,
        ClinicSession.service_on <= through,
    ]


def _set_aside(db: Db, claim_ids: Sequence[int], why: str, by: str) -> None:
    move(db, claim_ids, ClaimState.REJECTED, ClaimEvent.REPLACED, by=by, why=why, at=clock.now())


def _is_corrected(claim: Claim, filed: FiledClaim, known: OnFile, schedule: FeeSchedule) -> bool:
    """Whether a claim in its place would differ from what was ``filed``.

    Of a session's first claim that is also so when it could not be filed at all any more: it is then held, and says
    why. A later payer's claim is only replaced by one that can be made.
    """
    visit, is_first = known.visit(claim), claim.responsibility is Responsibility.PRIMARY
    if is_first and not _is_charged_as_charted(visit, known.charges[claim.session_id], schedule):
        return True
    if is_first and visit.session.bill_to is not BillTo.INSURANCE:
        return True
    if _turn_problems(claim, known):
        return False
    try:
        today = composed(claim, known)
    except ValueError:
        return is_first
    if not is_first and claim.policy_id != _policy_in_turn(claim, known):
        return True
    number = _authorisation(claim, filed, today, known)
    return _comparable(filed, filed.claim.prior_authorisation) != _comparable(today, number)


def _turn_problems(claim: Claim, known: OnFile) -> list[Problem]:
    """Why it would not be a later payer's turn now; a first payer's it always is."""
    if claim.responsibility is Responsibility.PRIMARY:
        return []
    visit, earlier = known.visit(claim), known.earlier(claim)
    policy = next_policy(visit, earlier)
    return turn_problems(visit, claim.responsibility, earlier, policy, known.charges[claim.session_id])


def _policy_in_turn(claim: Claim, known: OnFile) -> int | None:
    policy = next_policy(known.visit(claim), known.earlier(claim))
    return policy.id if policy else None


def _is_charged_as_charted(visit: Visit, charges: Sequence[Charge], schedule: FeeSchedule) -> bool:
    on = visit.session.service_on
    charted = [
        (on, line.code, list(line.modifiers), line.units, line.units * (schedule.price(line.code, on) or 0))
        for line in visit.coded.lines
    ]
    return charted == [(one.service_on, one.code, list(one.modifiers), one.units, one.cents) for one in charges]


def _comparable(one: FiledClaim, authorisation: str) -> bytes:
    """A claim under that authorisation, without what changes by itself: money that the patient has paid since."""
    content = replace(one.claim, patient_paid_cents=0, prior_authorisation=authorisation)
    return SNAPSHOT.dump_json(replace(one, claim=content))


def _authorisation(claim: Claim, filed: FiledClaim, today: FiledClaim, known: OnFile) -> str:
    """The number it would carry today; the one it was filed under while that covers the visit.

    For of several that cover it, the one that is left to it changes with every visit that is filed.
    """
    session, before = known.visit(claim).session, filed.claim.prior_authorisation
    given = known.facts.authorisations.get((session.patient_id, claim.payer_id or 0), [])
    covering = [one.number for one in given if one.valid_from <= session.service_on <= one.valid_to]
    return before if before in map(plain_text, covering) else today.claim.prior_authorisation
