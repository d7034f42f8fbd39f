"""Who pays for a session, and what a claim must know about why: changed as long as nothing was billed with it.

Law: what was billed says what the session said then, so the session keeps saying it. Only a claim that came back
rejected lets its session be put right; the next billing run then files it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, select

from billing.clinic.addresses import STATES
from billing.clinic.country import is_american
from billing.clinic.queries import the_clinic
from billing.codes.places import is_place_of_service
from billing.database import Db
from billing.edi.text import characters_not_allowed, characters_replaced
from billing.errors import Problem, Refused, block
from billing.identifiers import is_npi
from billing.practitioners.models import Practitioner
from billing.practitioners.queries import full_name
from billing.sessions.booking import OFFICE
from billing.sessions.facts import NOTHING_FILED
from billing.sessions.models import AccidentKind, BillTo, ClinicSession
from billing.sessions.moving import the_session

LONGEST_CLAIM_NUMBER, LONGEST_NAME = 50, 60
"""Characters that a claim has room for (X12 005010X222A1, REF02 and NM103)."""
_KEPT_EMPTY = ("accident_state", "claim_number", "referring_npi", "referring_name")
"""Texts that are kept as nothing at all when they are empty."""


@dataclass(frozen=True, slots=True)
class BillingDetails:
    """What a session says about who pays and why; an empty text is not known."""

    bill_to: BillTo
    place_of_service: str = OFFICE
    supervising_id: int | None = None
    onset_on: date | None = None
    """With an accident, its day."""
    accident: AccidentKind | None = None
    accident_state: str = ""
    """Two letters, of an auto accident."""
    claim_number: str = ""
    """The injury's, at the insurer who pays for it."""
    referring_npi: str = ""
    referring_name: str = ""


def billing_details_of(session: ClinicSession) -> BillingDetails:
    """What a session says now."""
    return BillingDetails(
        session.bill_to,
        session.place_of_service,
        session.supervising_id,
        session.onset_on,
        session.accident,
        session.accident_state or "",
        session.claim_number or "",
        session.referring_npi or "",
        session.referring_name or "",
    )


def set_billing_details(
    db: Db,
    session_id: int,
    details: BillingDetails,
    *,
    is_filed: ColumnElement[bool] = NOTHING_FILED,
    has_paper: ColumnElement[bool] = NOTHING_FILED,
) -> list[str]:
    """Have the session say this; returns the names of what is different now.

    ``is_filed`` and ``has_paper`` are the conditions, on sessions, under which a claim or a paper has fixed what it
    says; the rooms of claims and papers know them. What was wrong before and is left as it is, as an import may
    have brought it, is not judged again. Raises :class:`NotFound`, and :class:`Refused` with every problem at its
    field.
    """
    session = the_session(db, session_id)
    filed, issued = db.execute(select(is_filed, has_paper).where(ClinicSession.id == session_id)).one()
    fixed = fixed_problems(bool(filed), bool(issued))
    before, wanted = billing_details_of(session), _tidy(details)
    american = is_american(the_clinic(db))
    stood = set(_problems(db, session, before, american))
    problems = [*fixed, *(one for one in _problems(db, session, wanted, american) if one not in stood)]
    if problems:
        raise Refused(" ".join(one.why for one in problems), problems)
    was = asdict(before)
    changed = {name: value for name, value in asdict(wanted).items() if value != was[name]}
    for name, value in changed.items():
        setattr(session, name, None if name in _KEPT_EMPTY and not value else value)
    db.flush()
    return list(changed)


def fixed_problems(is_filed: bool, has_paper: bool) -> list[Problem]:
    """Why what a session says about who pays cannot be changed any more."""
    problems = []
    if is_filed:
        why = "A claim of this session has been filed, and says what the session said then."
        fix = "Should the insurer reject it, put it right here then, and it is filed anew."
        problems.append(block("billing.filed", why, fix))
    if has_paper:
        why = "An invoice or superbill of this session was issued, and stays as it is."
        fix = "Settle the difference with a payment or refund on the patient's account."
        problems.append(block("billing.issued", why, fix))
    return problems


def _tidy(details: BillingDetails) -> BillingDetails:
    return replace(
        details,
        place_of_service=details.place_of_service.strip(),
        accident_state=details.accident_state.strip().upper(),
        claim_number=" ".join(details.claim_number.split()),
        referring_npi=details.referring_npi.strip(),
        referring_name=" ".join(details.referring_name.split()),
    )


def _problems(db: Db, session: ClinicSession, details: BillingDetails, american: bool) -> list[Problem]:
    on = session.service_on
    problems = list(_injury_problems(details, on, american))
    if not is_place_of_service(details.place_of_service, on):
        why, fix = "This is no place of service that day.", "Choose one of the list: 11 is the office."
        problems.append(_at("place_of_service", why, fix))
    if details.supervising_id is not None:
        problems += _supervisor_problems(db, details.supervising_id, session)
    return [*problems, *_referrer_problems(details)]


def _injury_problems(details: BillingDetails, on: date, american: bool) -> Iterator[Problem]:
    is_auto, state = details.accident is AccidentKind.AUTO, details.accident_state
    if details.onset_on is not None and details.onset_on > on:
        why = f"The condition began on {details.onset_on}, after the session of {on}."
        yield _at("onset_on", why, "Correct the day; check the year.")
    if american and is_auto and state not in STATES:
        why = "An auto accident needs the state in which it happened."
        yield _at("accident_state", why, "Write its two letters, such as OR.")
    if state and not is_auto:
        why = "Only of an auto accident the state is told."
        yield _at("accident_state", why, "Leave it empty, or choose the auto accident.")
    if characters_not_allowed(details.claim_number) or characters_replaced(details.claim_number):
        why = "The claim number has characters that no claim may carry."
        yield _at("claim_number", why, "Write it in digits and Latin letters, as the insurer does.")


def _supervisor_problems(db: Db, supervising_id: int, session: ClinicSession) -> Iterator[Problem]:
    supervisor = db.get(Practitioner, supervising_id)
    fix = "Choose who supervised, or nobody."
    if supervisor is None:
        yield _at("supervising_id", "There is no such practitioner.", fix)
    elif supervising_id == session.practitioner_id:
        yield _at("supervising_id", f"{full_name(supervisor)} treats in this session.", fix)
    elif supervisor.left_on is not None and session.service_on >= supervisor.left_on:
        why = f"{full_name(supervisor)} has left the clinic on {supervisor.left_on}."
        yield _at("supervising_id", why, fix)


def _referrer_problems(details: BillingDetails) -> Iterator[Problem]:
    if details.referring_npi and not is_npi(details.referring_npi):
        yield _at("referring_npi", "This is not an NPI: its last digit checks the others.", "Copy its ten digits anew.")
    if details.referring_npi and not details.referring_name:
        yield _at("referring_name", "A claim carries an NPI only with its name.", "Write the referrer's name too.")
    if characters_not_allowed(details.referring_name):
        why = "The referrer's name has characters that no claim may carry."
        yield _at("referring_name", why, "Write it in Latin letters.")


def _at(field: str, why: str, fix: str) -> Problem:
    return block(f"billing.{field}", why, fix, f"field:{field}")
