"""One patient's sessions and papers, page by page."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select, tuple_

from billing.charges.models import Charge
from billing.claims.lifecycle import SET_ASIDE, ClaimState
from billing.claims.models import Claim
from billing.database import Db
from billing.errors import NotFound
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.ledger.accounts import owed_by_insurance, owed_by_patient
from billing.ledger.queries import balances_by_subject
from billing.payers.models import Payer
from billing.payments.account import parted
from billing.practitioners.models import Practitioner
from billing.sessions.models import ClinicSession
from billing.treatment.models import Measure, OutcomeScore

ROWS = 50


@dataclass(frozen=True, slots=True)
class ClaimOfSession:
    """A claim of a session that stands, and whom it goes to."""

    id: int
    control_number: str
    state: ClaimState
    payer: str


@dataclass(frozen=True, slots=True)
class NamedPaper:
    """An issued paper."""

    id: int
    name: str
    """Its number as printed."""
    kind: PaperKind


@dataclass(slots=True)
class SessionRow:
    """A session as the patient's record lists it. Amounts are cents."""

    session: ClinicSession
    practitioner: str
    charges: list[Charge] = field(default_factory=list)
    """Those that stand, in order."""
    pain: int | None = None
    claims: list[ClaimOfSession] = field(default_factory=list)
    papers: list[NamedPaper] = field(default_factory=list)
    left: int = 0
    """What the patient has still to pay of it."""
    kept: int = 0
    """The patient's money that waits with it."""
    waiting: int = 0
    """What insurers are still to decide; never the patient's debt."""


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """A page of a patient's sessions, the newest first."""

    rows: list[SessionRow]
    older: int | None
    """The session behind which the next page begins."""


def sessions_page(db: Db, patient_id: int, before: int | None = None) -> SessionsPage:
    """A patient's sessions, those before another session of the patient; a fixed number of queries.

    Raises :class:`NotFound` when ``before`` is no session of the patient.
    """
    order = (ClinicSession.service_on, ClinicSession.starts_at, ClinicSession.id)
    asked = (
        select(ClinicSession, Practitioner)
        .join(Practitioner, Practitioner.id == ClinicSession.practitioner_id)
        .where(ClinicSession.patient_id == patient_id)
        .order_by(*(column.desc() for column in order))
        .limit(ROWS + 1)
    )
    if before is not None:
        known = db.get(ClinicSession, before)
        if known is None or known.patient_id != patient_id:
            raise NotFound(f"This patient has no session {before}.")
        asked = asked.where(tuple_(*order) < tuple_(known.service_on, known.starts_at, known.id))
    found = db.execute(asked).all()
    rows = {session.id: SessionRow(session, name_of(practitioner)) for session, practitioner in found[:ROWS]}
    _add_what_was_done(db, rows)
    _add_claims(db, rows)
    _add_money(db, patient_id, rows)
    return SessionsPage(list(rows.values()), found[ROWS - 1][0].id if len(found) > ROWS else None)


def name_of(practitioner: Practitioner) -> str:
    """A practitioner's name with the letters after it."""
    letters = f", {practitioner.credentials}" if practitioner.credentials else ""
    return f"{practitioner.first_name} {practitioner.last_name}{letters}"


def _add_what_was_done(db: Db, rows: dict[int, SessionRow]) -> None:
    of_them = Charge.session_id.in_(rows), Charge.reversed_at.is_(None)
    for charge in db.scalars(select(Charge).where(*of_them).order_by(Charge.session_id, Charge.position)):
        rows[charge.session_id].charges.append(charge)
    sources = {f"session:{one}": one for one in rows}
    scores = select(OutcomeScore.source, OutcomeScore.value).where(
        OutcomeScore.source.in_(sources), OutcomeScore.measure == Measure.NRS_PAIN
    )
    for source, value in db.execute(scores):
        rows[sources[source]].pain = value


def _add_claims(db: Db, rows: dict[int, SessionRow]) -> None:
    """The claims in the order in which payers decide, and the papers that bill a session."""
    claims = (
        select(Claim.session_id, Claim.id, Claim.control_number, Claim.state, Payer.name)
        .outerjoin(Payer, Payer.id == Claim.payer_id)
        .where(Claim.session_id.in_(rows), Claim.state.not_in(SET_ASIDE))
        .order_by(Claim.session_id, Claim.responsibility)
    )
    for session_id, number, control_number, state, payer in db.execute(claims):
        rows[session_id].claims.append(ClaimOfSession(number, control_number, state, payer or ""))
    for paper in db.scalars(select(Paper).where(Paper.session_id.in_(rows)).order_by(Paper.id)):
        if paper.session_id is not None:
            named = NamedPaper(paper.id, paper_name(paper.kind, paper.number), paper.kind)
            rows[paper.session_id].papers.append(named)


def _add_money(db: Db, patient_id: int, rows: dict[int, SessionRow]) -> None:
    own, insurers = owed_by_patient(patient_id), owed_by_insurance(patient_id)
    session_of = {charge.id: charge.session_id for row in rows.values() for charge in row.charges}
    for one in balances_by_subject(db, [own, insurers]):
        kind, number = parted(one.about)
        row = rows.get(session_of.get(number, 0) if kind == "charge" else number if kind == "session" else 0)
        if row is None:
            continue
        cents = one.cents + one.allocated_cents
        if one.account == insurers:
            row.waiting += cents
        elif cents > 0:
            row.left += cents
        else:
            row.kept -= cents
