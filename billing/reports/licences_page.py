"""The licences page: every credential with its standing, what lapses, and what is held because of it.

A fixed number of queries, however many credentials and sessions there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import ColumnElement, func, select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimProblem
from billing.clinic.country import is_american
from billing.clinic.models import Clinic
from billing.database import Db
from billing.errors import Severity
from billing.practitioners.lapsing import Held, Standing, held
from billing.practitioners.licensing import licence_problems
from billing.practitioners.models import Credential, CredentialKind, Enrolment, Practitioner
from billing.practitioners.queries import all_credentials, all_enrolments, all_practitioners, full_name
from billing.reports.licence_picture import Window, window
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession

_OVER = (Standing.LAPSED, Standing.SUSPENDED, Standing.REVOKED)
_DOLLARS = "USD"
"""Where the clinic's books are in dollars a session is not signed without a licence, whoever pays for it."""


@dataclass(frozen=True, slots=True)
class HeldByRule:
    """The claims that one rule about licences stops."""

    rule: str
    claims: int
    cents: int


@dataclass(frozen=True, slots=True)
class Booked:
    """Sessions to come on days for which no licence is on file."""

    count: int
    first: date


@dataclass(frozen=True, slots=True)
class Line:
    """One credential of somebody, as it stands today."""

    held: Held
    holder: Practitioner
    standing: Standing
    until: date
    days_left: int
    """Days after today on which it is still in force; below zero when it is over."""
    is_current: bool
    """Whether it counts: its holder still works here, and no other took its place."""

    @property
    def name(self) -> str:
        """Whose it is."""
        return full_name(self.holder)


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that wants doing: a credential that is over or soon will be, or a licence that is not on file."""

    holder: Practitioner
    line: Line | None
    """Empty when there is no licence of the clinic's state at all."""
    booked: Booked | None
    """Sessions that are booked on days without a licence."""

    @property
    def name(self) -> str:
        """Whose it is."""
        return full_name(self.holder)

    @property
    def order(self) -> tuple[bool, date, str]:
        """What is over stands first, then what ends first."""
        if self.line is None:
            return False, date.min, self.name
        return self.line.standing is Standing.LAPSES_SOON, self.line.until, self.name


@dataclass(frozen=True, slots=True)
class LicencesPage:
    """Everything on the page."""

    concerns: Sequence[Concern]
    held: Sequence[HeldByRule]
    held_claims: int
    """Each claim once, though several rules may stop it."""
    held_cents: int
    people: Sequence[tuple[Practitioner, Sequence[Line]]]
    enrolled: Mapping[int, Sequence[tuple[str, Sequence[Enrolment]]]]
    """For each practitioner the payers they are or were enrolled with, by name, and how."""
    picture: Window
    state: str
    """Whose licences count; empty where no state's licence is asked for."""


def licences_page(db: Db, clinic: Clinic, today: date) -> LicencesPage:
    """What the page shows on a day; seven queries."""
    practitioners, credentials = all_practitioners(db), all_credentials(db)
    lines = {one.id: _lines(one, credentials, today) for one in practitioners}
    here = [one for one in practitioners if one.left_on is None or today < one.left_on]
    state = clinic.state if is_american(clinic) else ""
    booked = _booked(db, clinic, here, credentials, today)
    concerns = [concern for one in here for concern in _concerns(one, lines[one.id], booked.get(one.id), state)]
    claims, cents = _held_together(db)
    return LicencesPage(
        sorted(concerns, key=lambda each: each.order), held_by_rule(db), claims, cents,
        [(one, lines[one.id]) for one in practitioners], _enrolled(db), window(today), state,
    )  # fmt: skip


def _enrolled(db: Db) -> dict[int, list[tuple[str, list[Enrolment]]]]:
    found: dict[int, list[tuple[str, list[Enrolment]]]] = defaultdict(list)
    for (practitioner_id, _), rows in groupby(
        all_enrolments(db), key=lambda row: (row[0].practitioner_id, row[0].payer_id)
    ):
        theirs = list(rows)
        found[practitioner_id].append((theirs[0][1].name, [enrolment for enrolment, _ in theirs]))
    return found


def line_of(credential: Credential, holder: Practitioner, credentials: Iterable[Credential], today: date) -> Line:
    """The credential to which an entry of somebody belongs."""
    return next(line for line in _lines(holder, credentials, today) if credential in line.held.entries)


def lines_of(holder: Practitioner, credentials: Iterable[Credential], today: date) -> list[Line]:
    """Somebody's credentials as they stand on a day."""
    return _lines(holder, credentials, today)


def _lines(holder: Practitioner, credentials: Iterable[Credential], today: date) -> list[Line]:
    has_left = holder.left_on is not None and holder.left_on <= today
    theirs = held(one for one in credentials if one.practitioner_id == holder.id)
    return [
        Line(
            each, holder, each.standing(today), each.until(today), (each.until(today) - today).days,
            is_current=not has_left and not each.is_replaced(today),
        )
        for each in theirs
    ]  # fmt: skip


def _concerns(holder: Practitioner, lines: Sequence[Line], booked: Booked | None, state: str) -> Iterable[Concern]:
    licences = [one for one in lines if one.held.kind is CredentialKind.LICENCE and _counts(one, state)]
    if state and not licences:
        yield Concern(holder, None, booked)
    for line in lines:
        if line.is_current and (line.standing in _OVER or line.standing is Standing.LAPSES_SOON):
            yield Concern(holder, line, booked if line in licences else None)


def _counts(line: Line, state: str) -> bool:
    return line.held.issuer.strip().upper() == state.strip().upper()


def _booked(
    db: Db, clinic: Clinic, here: Iterable[Practitioner], credentials: Iterable[Credential], today: date
) -> Mapping[int, Booked]:
    """For each practitioner the sessions to come on days for which the gate finds no licence."""
    asked = select(ClinicSession.practitioner_id, ClinicSession.service_on, func.count()).where(
        ClinicSession.state.in_((SessionState.BOOKED, SessionState.ARRIVED)), ClinicSession.service_on >= today
    )
    if clinic.currency != _DOLLARS:
        asked = asked.where(ClinicSession.bill_to == BillTo.INSURANCE)
    rows = db.execute(asked.group_by(ClinicSession.practitioner_id, ClinicSession.service_on))
    of: dict[int, list[Credential]] = defaultdict(list)
    for one in credentials:
        of[one.practitioner_id].append(one)
    people = {one.id: one for one in here}
    days: dict[int, dict[date, int]] = defaultdict(dict)
    for practitioner_id, on, count in rows:
        person = people.get(practitioner_id)
        if person is not None and licence_problems(person, of[practitioner_id], clinic.state, on):
            days[practitioner_id][on] = count
    return {one: Booked(sum(found.values()), min(found)) for one, found in days.items()}


def held_by_rule(db: Db) -> list[HeldByRule]:
    """How many claims each rule about licences stops, and what they demand together."""
    rows = db.execute(
        select(ClaimProblem.rule, func.count(Claim.id), func.sum(Claim.total_cents))
        .join(Claim, Claim.id == ClaimProblem.claim_id)
        .where(*_stopped())
        .group_by(ClaimProblem.rule)
        .order_by(ClaimProblem.rule)
    )
    return [HeldByRule(rule, claims, int(cents)) for rule, claims, cents in rows]


def _held_together(db: Db) -> tuple[int, int]:
    stopped = select(ClaimProblem.claim_id).join(Claim, Claim.id == ClaimProblem.claim_id).where(*_stopped())
    number, cents = db.execute(select(func.count(), func.sum(Claim.total_cents)).where(Claim.id.in_(stopped))).one()
    return number, int(cents or 0)


def _stopped() -> tuple[ColumnElement[bool], ...]:
    return (
        Claim.state == ClaimState.HELD,
        ClaimProblem.severity == Severity.BLOCK,
        ClaimProblem.rule.startswith("licence."),
    )
