"""The licences page: every credential with its standing, what lapses, and what is held because of it.

A fixed number of queries, however many credentials and sessions there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import ColumnElement, func, or_, select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimProblem
from billing.clinic.country import is_american
from billing.clinic.models import Clinic, PlaceOfWork, Room
from billing.clinic.places import Workplace, places, workplace
from billing.database import Db
from billing.documents.models import Document
from billing.errors import Severity, blocking
from billing.payers.models import Payer
from billing.practitioners.evidence import OWNER
from billing.practitioners.lapsing import Held, Standing, held, same_words
from billing.practitioners.licensing import Clinician, practice_problems
from billing.practitioners.models import Credential, CredentialKind, Enrolment, Practitioner
from billing.practitioners.queries import (
    all_credentials,
    all_education,
    all_enrolments,
    all_practitioners,
    by_practitioner,
    full_name,
)
from billing.reports.licence_duties import (
    Besides,
    Education,
    Recredentialing,
    goes_by_rules,
    lacking_besides,
    recredentialings,
    shortages,
)
from billing.reports.licence_picture import Window, window
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

_OVER = (Standing.LAPSED, Standing.SUSPENDED, Standing.REVOKED, Standing.RESTRICTED, Standing.END_UNKNOWN)
HELD_BY = ("licence.", "exclusion.", "supervision.")
"""Families of rules about who may treat that stop a claim."""


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
    holder: Practitioner | None
    """Nobody of a certificate of premises."""
    place: str
    """The place of work it is for; empty when it is for all of them."""
    standing: Standing
    until: date
    days_left: int
    """Days after today on which it is still in force; below zero when it is over."""
    is_current: bool
    """Whether it counts: its holder still works here, and no other took its place."""

    @property
    def name(self) -> str:
        """Whose it is."""
        return full_name(self.holder) if self.holder else self.place


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that wants doing: a credential that is over or soon will be, or a licence that is not on file."""

    holder: Practitioner | None
    line: Line | None
    """Empty when there is no licence of the clinic's state at all."""
    booked: Booked | None
    """Sessions that are booked on days without a licence."""

    @property
    def name(self) -> str:
        """Whose it is."""
        return full_name(self.holder) if self.holder else self.line.name if self.line else ""

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
    short: Sequence[Education]
    """Education that is missing for terms that end soon."""
    lacking: Sequence[Besides]
    """What else is missing for renewals that are due soon, such as a CPR card."""
    recredentialing: Sequence[Recredentialing]
    people: Sequence[tuple[Practitioner, Sequence[Line]]]
    premises: Sequence[Line]
    """Certificates of places of work."""
    evidenced: frozenset[int]
    """Entries of which a document is kept."""
    enrolled: Mapping[int, Sequence[tuple[str, Sequence[Enrolment]]]]
    """For each practitioner the payers they are or were enrolled with, by name, and how."""
    picture: Window
    state: str
    """Whose licences count; empty where no state's licence is asked for."""


def licences_page(db: Db, clinic: Clinic, today: date) -> LicencesPage:
    """What the page shows on a day; ten queries."""
    practitioners, credentials, known = all_practitioners(db), all_credentials(db), places(db)
    lines = {one.id: lines_of(one, credentials, today, known) for one in practitioners}
    here = [one for one in practitioners if one.left_on is None or today < one.left_on]
    home = workplace(clinic)
    state = clinic.state if is_american(clinic) else ""
    booked = _booked(db, clinic, here, credentials, known, today)
    concerns = [concern for one in here for concern in _concerns(one, lines[one.id], booked.get(one.id), state)]
    premises = premises_lines(clinic, credentials, known, today)
    concerns += [Concern(None, one, None) for one in premises if _wants_doing(one)]
    claims, cents = _held_together(db)
    enrolments = all_enrolments(db)
    people = {one.id: one for one in here}
    theirs = [
        one
        for one in held(each for each in credentials if each.practitioner_id in people)
        if goes_by_rules(one, people[one.practitioner_id or 0])
    ]
    return LicencesPage(
        sorted(concerns, key=lambda each: each.order), held_by_rule(db), claims, cents,
        shortages(theirs, all_education(db), home, today), lacking_besides(theirs, credentials, home, today),
        recredentialings(enrolments, here, today),
        [(one, lines[one.id]) for one in practitioners], premises, _evidenced(db), _enrolled(enrolments),
        window(today), state,
    )  # fmt: skip


def _evidenced(db: Db) -> frozenset[int]:
    return frozenset(db.scalars(select(Document.owner_id).where(Document.owner_kind == OWNER).distinct()))


def _enrolled(enrolments: Iterable[tuple[Enrolment, Payer]]) -> dict[int, list[tuple[str, list[Enrolment]]]]:
    found: dict[int, list[tuple[str, list[Enrolment]]]] = defaultdict(list)
    for (practitioner_id, _), rows in groupby(enrolments, key=lambda row: (row[0].practitioner_id, row[0].payer_id)):
        theirs = list(rows)
        found[practitioner_id].append((theirs[0][1].name, [enrolment for enrolment, _ in theirs]))
    return found


def line_of(
    credential: Credential,
    holder: Practitioner | None,
    credentials: Iterable[Credential],
    today: date,
    clinic: Clinic,
    known: Sequence[PlaceOfWork] = (),
) -> Line:
    """The credential to which an entry of somebody, or of a place, belongs."""
    if holder is None:
        lines = premises_lines(clinic, credentials, known, today)
    else:
        lines = lines_of(holder, credentials, today, known)
    return next(line for line in lines if credential in line.held.entries)


def lines_of(
    holder: Practitioner, credentials: Iterable[Credential], today: date, known: Sequence[PlaceOfWork] = ()
) -> list[Line]:
    """Somebody's credentials as they stand on a day."""
    has_left = holder.left_on is not None and holder.left_on <= today
    names = {one.id: one.name for one in known}
    theirs = held(one for one in credentials if one.practitioner_id == holder.id)
    return [_line(each, holder, names.get(each.entries[-1].place_id or 0, ""), today, has_left) for each in theirs]


def premises_lines(
    clinic: Clinic, credentials: Iterable[Credential], known: Sequence[PlaceOfWork], today: date
) -> list[Line]:
    """Certificates of the places of work as they stand on a day."""
    names = {one.id: one.name for one in known}
    of_places = held(one for one in credentials if one.practitioner_id is None)
    return [_line(each, None, names.get(each.entries[-1].place_id or 0, clinic.name), today) for each in of_places]


def _line(each: Held, holder: Practitioner | None, place: str, today: date, has_left: bool = False) -> Line:
    until = each.until(today)
    is_current = not has_left and not each.is_replaced(today)
    return Line(each, holder, place, each.standing(today), until, (until - today).days, is_current)


def _concerns(holder: Practitioner, lines: Sequence[Line], booked: Booked | None, state: str) -> Iterable[Concern]:
    licences = [one for one in lines if one.held.kind is CredentialKind.LICENCE and _counts(one, state)]
    if state and not licences:
        yield Concern(holder, None, booked)
    for line in lines:
        if _wants_doing(line):
            yield Concern(holder, line, booked if line in licences else None)


def _wants_doing(line: Line) -> bool:
    return line.is_current and (line.standing in _OVER or line.standing is Standing.LAPSES_SOON)


def _counts(line: Line, state: str) -> bool:
    return same_words(line.held.issuer) == same_words(state)


def _booked(
    db: Db,
    clinic: Clinic,
    here: Iterable[Practitioner],
    credentials: Iterable[Credential],
    known: Iterable[PlaceOfWork],
    today: date,
) -> Mapping[int, Booked]:
    """For each practitioner the sessions to come on days for which the gate finds no licence of the session's state."""
    rows = db.execute(
        select(ClinicSession.practitioner_id, ClinicSession.service_on, Room.place_id, func.count())
        .outerjoin(Room, Room.id == ClinicSession.room_id)
        .where(ClinicSession.state.in_((SessionState.BOOKED, SessionState.ARRIVED)), ClinicSession.service_on >= today)
        .group_by(ClinicSession.practitioner_id, ClinicSession.service_on, Room.place_id)
    )
    of = by_practitioner(credentials)
    people = {one.id: Clinician(one, of.get(one.id, ())) for one in here}
    home = workplace(clinic)
    there: dict[int, Workplace] = {one.id: workplace(clinic, one) for one in known}
    days: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for practitioner_id, on, place_id, count in rows:
        person = people.get(practitioner_id)
        if person is not None and blocking(practice_problems(person, there.get(place_id or 0, home), on)):
            days[practitioner_id][on] += count
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
        or_(*(ClaimProblem.rule.startswith(family) for family in HELD_BY)),
    )
