"""The overview: who one is, and how the clinic's work stands."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response

from billing import clock
from billing.access.permissions import Permission
from billing.claims.lifecycle import ClaimState
from billing.claims.queries import counts_by_state
from billing.reports import standing
from billing.sessions.lifecycle import SessionState
from billing.web.endpoint import SIGNED_IN, Call, endpoint
from billing.web.rendering import UTC_ZONE, clinic_if_any, page

pages = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Figure:
    """A count with its name and what it means for the day."""

    name: str
    count: int
    meaning: str


@dataclass(frozen=True, slots=True)
class ClaimGroup:
    """Claims that ask for the same attitude, state by state."""

    name: str
    shape: str
    """Told apart by shape as well as by colour."""
    states: list[tuple[ClaimState, int]]


_S = ClaimState
GROUPS = (
    ("Waiting for you", "diamond", (_S.HELD, _S.REJECTED, _S.DENIED, _S.UNKNOWN)),
    ("On the way", "ring", (_S.DRAFT, _S.READY, _S.SENDING, _S.SENT, _S.ACCEPTED)),
    ("Done", "disc", (_S.PAID, _S.CLOSED, _S.REPLACED, _S.VOIDED)),
)


@endpoint(pages, "/", may=SIGNED_IN, audit=None)
def home(call: Call) -> Response:
    """The counts that the person's role may see."""
    clinic = clinic_if_any(call)
    counts = counts_by_state(call.db) if call.may(Permission.SEE_CLAIMS) else {}
    return page(
        call,
        "home.html",
        today=clock.today(clinic.time_zone if clinic else UTC_ZONE),
        figures=_figures(call),
        sees_claims=call.may(Permission.SEE_CLAIMS),
        claim_count=sum(counts.values()),
        groups=claim_groups(counts),
    )


def claim_groups(counts: dict[ClaimState, int]) -> list[ClaimGroup]:
    """The counts in groups, every state in exactly one."""
    return [ClaimGroup(name, shape, [(one, counts.get(one, 0)) for one in states]) for name, shape, states in GROUPS]


def _figures(call: Call) -> list[Figure]:
    figures = []
    if call.may(Permission.SEE_PATIENTS):
        figures.append(Figure("Patients", standing.patients(call.db), "on the clinic's books"))
    if call.may(Permission.SEE_DAY):
        unsigned = standing.sessions_in(call.db, SessionState.ARRIVED)
        figures.append(Figure("Notes to sign", unsigned, "sessions whose patient came, not signed yet"))
    if call.may(Permission.SEE_CLAIMS):
        unbilled = standing.unbilled_sessions(call.db)
        figures.append(Figure("Unbilled sessions", unbilled, "signed, with no claim, superbill or invoice"))
    return figures
